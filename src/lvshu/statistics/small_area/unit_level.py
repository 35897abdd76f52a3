"""The nested-error model of units in areas (Battese, Harter, Fuller) and its estimates of area means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import codes, numbers

Array = NDArray[np.float64]
Index = NDArray[np.int64]

METHODS = ("reml", "ml")


@dataclass(frozen=True)
class UnitLevel:
    """A fitted nested-error model.

    Attributes:
        areas: labels of the areas in the sample.
        estimates: shape (areas,), EBLUP of the areas' means, in the variable's unit.
        effects: shape (areas,), predicted effects, in that unit.
        shrinkage: shape (areas,), weight γ of the area's own data, dimensionless.
        coefficients: shape (p,), of the regression.
        between: variance of the areas' effects, in the unit squared.
        within: variance of the units' errors, in the unit squared.
        log_likelihood: at the estimates (restricted for REML).
        method: "reml" or "ml".

    Source: Battese, Harter & Fuller (1988), JASA 83.
    """

    areas: tuple[str, ...]
    estimates: Array
    effects: Array
    shrinkage: Array
    coefficients: Array
    between: float
    within: float
    log_likelihood: float
    method: str


def unit_level(
    values: Any,
    covariates: Any,
    areas: Any,
    population_means: Any,
    *,
    population_sizes: Any = None,
    method: str = "reml",
) -> UnitLevel:
    """Return the fitted model and the EBLUP of the areas' means.

    Args:
        values: shape (n,), in the variable's unit.
        covariates: shape (n, p), a column of ones among them.
        areas: shape (n,), labels.
        population_means: shape (areas, p), means of the covariates in the population, by order of the labels.
        population_sizes: shape (areas,), units of the areas, count; None where the sampled share does not matter.
        method: "reml" or "ml".

    Raises:
        MethodError: an unknown method; lengths that differ; columns that depend on each other.

    Source: Rao & Molina (2015), sections 4.3 and 7.1; the likelihood profiled to the ratio of the two variances.
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    y, x = numbers(values).reshape(-1), numbers(covariates)
    known_units(y, x)
    area, names = codes(areas)
    means = np.asarray(population_means, dtype=float)
    if not (y.size == x.shape[0] == area.size and means.shape == (len(names), x.shape[1])):
        raise MethodError(Problem("survey.length_differs", values={"given": x.shape[0], "wanted": y.size}))
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise MethodError(Problem("survey.dependent_terms"))
    slopes, between, within, likelihood = fit_nested(y, x, area, method)
    count = np.bincount(area).astype(float)
    share = between / (between + within / count) if between > 0 else np.zeros(count.size)
    left = np.bincount(area, weights=y - x @ slopes) / count
    effects = share * left
    estimates = means @ slopes + effects
    if population_sizes is not None:
        size = np.asarray(population_sizes, dtype=float)
        sampled = count / size
        x_means = np.stack([np.bincount(area, weights=column) for column in x.T], axis=1) / count[:, None]
        y_means = np.bincount(area, weights=y) / count
        rest = means - sampled[:, None] * x_means
        estimates = sampled * y_means + rest @ slopes + (1.0 - sampled) * effects
    return UnitLevel(
        tuple(map(str, names)), estimates, effects, share, slopes, between, within, likelihood, method
    )


def known_units(values: Array, covariates: Array) -> None:
    """Refuse units with missing figures. Returns nothing.

    Args:
        values: shape (n,), in the variable's unit.
        covariates: shape (n, p).

    Raises:
        MethodError: values or covariates are missing; both at once.

    Source: none; checks.
    """
    problems = []
    for name, bad in (
        ("value", ~np.isfinite(values)),
        ("covariate", ~np.isfinite(covariates.reshape(values.size, -1)).all(axis=1)),
    ):
        if bad.any():
            told = {"what": name, "count": int(bad.sum()), "first": int(np.flatnonzero(bad)[0]) + 1}
            problems.append(Problem("small_area.unit_values_missing", values=told))
    if problems:
        raise MethodError(*problems)


def fit_nested(y: Array, x: Array, area: Index, method: str) -> tuple[Array, float, float, float]:
    """Return coefficients, variances between and within areas, and the profiled log-likelihood.

    Args:
        y: shape (n,), in its unit.
        x: shape (n, p), columns of the model.
        area: shape (n,), number of the area, from 0.
        method: "reml" or "ml".

    Source: Rao & Molina (2015), section 5.3, with λ = σ_v²/σ_e² profiled.
    """
    count = np.bincount(area).astype(float)
    both = np.column_stack([x, y])
    sums = np.stack([np.bincount(area, weights=column) for column in both.T], axis=1)
    inner = both.T @ both
    n, p = y.size, x.shape[1]
    free = n - p if method == "reml" else n

    def at(ratio: float) -> tuple[float, Array, float]:
        pull = ratio / (1.0 + ratio * count)
        gram = inner - (sums * pull[:, None]).T @ sums
        slopes: Array = np.asarray(np.linalg.solve(gram[:p, :p], gram[:p, p]))
        rest = float(gram[p, p] - gram[p, :p] @ slopes)
        value = free * np.log(rest / free) + float(np.log1p(ratio * count).sum())
        if method == "reml":
            value += float(np.linalg.slogdet(gram[:p, :p])[1])
        return float(-0.5 * (value + free * (1.0 + np.log(2.0 * np.pi)))), slopes, rest / free

    best = minimize_scalar(
        lambda u: -at(float(np.exp(u)))[0], bounds=(-18.0, 8.0), method="bounded", options={"xatol": 1e-10}
    )
    ratio = float(np.exp(best.x))
    if at(0.0)[0] >= at(ratio)[0]:
        ratio = 0.0
    likelihood, slopes, within = at(ratio)
    return slopes, ratio * within, within, likelihood


def unit_level_bootstrap(
    model: UnitLevel,
    covariates: Any,
    areas: Any,
    population_means: Any,
    population_sizes: Any,
    replicates: int,
    generator: np.random.Generator,
) -> Array:
    """Return mean squared errors of the areas' means by parametric bootstrap of a finite population.

    Args:
        model: fitted.
        covariates: shape (n, p), of the sample.
        areas: shape (n,), labels.
        population_means: shape (areas, p).
        population_sizes: shape (areas,), count.
        replicates: how many, count.
        generator: source of the draws.

    Returns:
        Mean squared errors, shape (areas,), in the variable's unit squared.

    Source: González-Manteiga, Lombardía, Molina, Morales & Santamaría (2008), Journal of Statistical Computation and
    Simulation 78.
    """
    x, means = np.asarray(covariates, dtype=float), np.asarray(population_means, dtype=float)
    area, _ = codes(areas)
    size = np.asarray(population_sizes, dtype=float)
    count = np.bincount(area).astype(float)
    errors = np.zeros(count.size)
    for _ in range(replicates):
        effect = np.sqrt(model.between) * generator.standard_normal(count.size)
        noise = np.sqrt(model.within) * generator.standard_normal(area.size)
        others = np.sqrt(model.within * np.maximum(size - count, 0.0)) * generator.standard_normal(count.size)
        truth = means @ model.coefficients + effect + (np.bincount(area, weights=noise) + others) / size
        drawn = x @ model.coefficients + effect[area] + noise
        found = unit_level(drawn, x, areas, means, population_sizes=size, method=model.method)
        errors += (found.estimates - truth) ** 2
    return errors / replicates
