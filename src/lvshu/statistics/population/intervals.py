"""Intervals of a population: profile likelihood, average over models, bootstrap with the search inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.existence import design_matrix
from lvshu.statistics.population.lists import Lists
from lvshu.statistics.population.loglinear import LogLinear, poisson_fit
from lvshu.statistics.population.search import all_models, search, visited

Array = NDArray[np.float64]

FEW_LISTS = 4
FEWEST_HIDDEN = 1e-6
"""Units on no list below which an interval ends at the units seen, count."""
MOST_HIDDEN = 1e6
"""Times the units seen beyond which an interval has no upper end, dimensionless."""


@dataclass(frozen=True)
class PopulationInterval:
    """A population with an interval.

    Attributes:
        size: estimated population, count.
        standard_error: of it, count; NaN where the method gives none.
        low: lower end, count.
        high: upper end, count.
        method: how the interval was made.
        models: models behind it with their weights, dimensionless; names of the terms are list numbers.
        drawn: shape (replicates,), sizes of the replicates, count; empty without replicates.
        failed: replicates without an estimate, count.

    Source: as the function that made it.
    """

    size: float
    standard_error: float
    low: float
    high: float
    method: str
    models: tuple[tuple[LogLinear, float], ...]
    drawn: Array
    failed: int = 0


def profile_interval(lists: Lists, model: LogLinear, *, level: float = 0.95) -> PopulationInterval:
    """Return the interval of a model by its profile likelihood.

    The number on no list is taken as a further cell of the table, so that the interval holds how far the number itself
    may lie from what the model expects, and not the expectation alone.

    Args:
        lists: the counts.
        model: fitted to them.
        level: of the interval, dimensionless.

    Returns:
        The model's size with the ends of the interval; infinity where nothing bounds it from above, the units seen
        where nothing speaks against their being all.

    Source: Cormack (1992), Biometrics 48, with the multinomial likelihood; R package Rcapture, closedpCI.t.
    """
    cells = model.existence.cells
    matrix = design_matrix(lists.patterns[cells], model.existence.terms)
    matrix = np.vstack([matrix, np.eye(1, matrix.shape[1])])
    counts = lists.counts[cells]
    observed = lists.observed

    def likelihood(hidden: float) -> float:
        size = observed + hidden
        fitted = poisson_fit(matrix, np.append(counts, hidden))[2]
        return float(fitted + gammaln(size + 1.0) - size * np.log(size) + size)

    centre = float(np.exp(model.coefficients[0]))
    reach = max(float(np.sqrt(np.log1p((model.standard_error / centre) ** 2))), 0.05)
    best = minimize_scalar(
        lambda u: -likelihood(float(np.exp(u))), bounds=(np.log(centre) - 3 * reach, np.log(centre) + 3 * reach),
        method="bounded", options={"xatol": 1e-9},
    )  # fmt: skip
    top, middle = -float(best.fun), float(np.exp(best.x))
    allowed = float(stats.chi2.ppf(level, 1))

    def short(hidden: float) -> float:
        return 2.0 * (top - likelihood(hidden)) - allowed

    low, high = middle, middle
    while short(low) < 0 and low > FEWEST_HIDDEN:
        low /= 2.0
    while short(high) < 0 and high < MOST_HIDDEN * observed:
        high *= 2.0
    ends = [
        0.0 if short(low) < 0 else float(brentq(short, low, middle)),
        np.inf if short(high) < 0 else float(brentq(short, middle, high)),
    ]
    return PopulationInterval(
        model.size, model.standard_error, observed + ends[0], observed + ends[1], "profile_likelihood", ((model, 1.0),),
        np.zeros(0),
    )  # fmt: skip


def average_models(
    lists: Lists, models: Sequence[LogLinear] = (), *, criterion: str = "bic", level: float = 0.95
) -> PopulationInterval:
    """Return the average over models, weighted by exp(-criterion/2), with the spread between models in the error.

    Args:
        lists: the counts.
        models: to average; without any all hierarchical models of four lists or fewer, else those that a search by
            the criterion visits.
        criterion: "bic" or "aic".
        level: of the interval, dimensionless.

    Source: Buckland, Burnham & Augustin (1997), Biometrics 53; interval from the mixture of the models' lognormal
    distributions of the number on no list, each as in Burnham et al. (1987).
    """
    if not models:
        few = len(lists.names) <= FEW_LISTS
        models = all_models(lists) if few else visited(lists, criterion=criterion)
    scores = np.array([one.bic if criterion == "bic" else one.aic for one in models])
    weights = np.exp(-(scores - scores.min()) / 2.0)
    weights /= weights.sum()
    sizes = np.array([one.size for one in models])
    size = float(weights @ sizes)
    spread = np.array([one.standard_error**2 for one in models])
    error = float(np.sqrt(weights @ (spread + (sizes - size) ** 2)))
    centre = np.array([float(one.coefficients[0]) for one in models])
    hidden = np.exp(centre)
    width = np.sqrt([np.log1p(one.standard_error**2 / h**2) for one, h in zip(models, hidden, strict=True)])

    def end(chance: float) -> float:
        low, high = float((centre - 9 * width).min()), float((centre + 9 * width).max())
        return float(
            brentq(lambda u: float(weights @ stats.norm.cdf((u - centre) / width)) - chance, low, high)
        )

    ends = [lists.observed + float(np.exp(end(chance))) for chance in (0.5 - level / 2, 0.5 + level / 2)]
    order = np.argsort(-weights)
    kept = tuple((models[k], float(weights[k])) for k in order.tolist())
    return PopulationInterval(size, error, ends[0], ends[1], f"average_{criterion}", kept, np.zeros(0))


def bootstrap(
    lists: Lists,
    replicates: int,
    generator: np.random.Generator,
    *,
    estimator: Callable[[Lists], float] | None = None,
    criterion: str = "bic",
    level: float = 0.95,
) -> PopulationInterval:
    """Return the interval by drawing the population anew, the search for the model done each time (BCa).

    A population of the estimated size is drawn, units on no list among it, so that the number seen varies too.

    Args:
        lists: the counts.
        replicates: how many, count.
        generator: source of the draws.
        estimator: population from lists; None for the search by the criterion.
        criterion: of the search.
        level: of the interval, dimensionless.

    Raises:
        MethodError: fewer than half of the replicates have an estimate.

    Source: Buckland & Garthwaite (1991), Biometrics 47 (units on no list drawn too); Silverman, Chan & Vincent (2024),
    Statistics and Computing 34 (the search inside); Efron (1987), JASA 82 (bias-corrected and accelerated, the
    acceleration by leaving one unit out).
    """
    full = search(lists, criterion=criterion) if estimator is None else None
    find = estimator or (lambda one: search(one, criterion=criterion).size)
    size = full.size if full is not None else find(lists)
    total = max(round(size), int(lists.observed))
    chances = np.append(lists.counts, max(size - lists.observed, 0.0))
    rows = generator.multinomial(total, chances / chances.sum(), replicates)[:, :-1]
    sizes = [_tried(find, lists.with_counts(row)) for row in rows.astype(float)]
    drawn = np.array([one for one in sizes if one is not None])
    if drawn.size < replicates / 2:
        values = {"failed": replicates - drawn.size, "replicates": replicates}
        raise MethodError(Problem("population.bootstrap_failed", values=values))
    low, high = _accelerated(lists, find, size, drawn, level)
    models = ((full, 1.0),) if full is not None else ()
    spread = float(drawn.std(ddof=1))
    return PopulationInterval(
        size, spread, low, high, "bootstrap_bca", models, drawn, replicates - drawn.size
    )


def _tried(find: Callable[[Lists], float], lists: Lists) -> float | None:
    try:
        return find(lists)
    except MethodError as error:
        if error.code.startswith("population."):
            return None
        raise


def _accelerated(
    lists: Lists, find: Callable[[Lists], float], size: float, drawn: Array, level: float
) -> tuple[float, float]:
    left, times = [], []
    for cell in np.flatnonzero(lists.counts >= 1).tolist():
        fewer = lists.counts.copy()
        fewer[cell] -= 1
        value = _tried(find, lists.with_counts(fewer))
        if value is not None:
            left.append(value)
            times.append(lists.counts[cell])
    values, weights = np.array(left), np.array(times)
    apart = weights @ values / weights.sum() - values
    below = float(weights @ apart**2)
    speed = float(weights @ apart**3) / (6.0 * below**1.5) if below > 0 else 0.0
    share = (float((drawn < size).sum()) + 0.5 * float((drawn == size).sum())) / drawn.size
    shift = float(stats.norm.ppf(np.clip(share, 0.5 / drawn.size, 1 - 0.5 / drawn.size)))
    ends = []
    for chance in (0.5 - level / 2, 0.5 + level / 2):
        point = shift + float(stats.norm.ppf(chance))
        ends.append(float(np.quantile(drawn, stats.norm.cdf(shift + point / (1.0 - speed * point)))))
    return ends[0], ends[1]
