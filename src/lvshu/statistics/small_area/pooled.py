"""Areas of which some have no direct estimate of their own, only one together: it enters the model as one area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.small_area.benchmarking import benchmark
from lvshu.statistics.small_area.fay_herriot import FayHerriot, fay_herriot
from lvshu.statistics.small_area.intervals import area_intervals, area_posterior, predicted_intervals

Array = NDArray[np.float64]
_Rows = tuple[Array, Array, Array]


@dataclass(frozen=True)
class PooledAreas:
    """Estimates of m areas from the direct estimates of some and the one of all others together.

    Attributes:
        estimates: shape (m,), posterior means, in the unit of the direct estimates.
        mse: shape (m,), posterior variances, in that unit squared.
        shrinkage: shape (m,), mean weight of the own direct estimate, dimensionless; 0 for areas without one.
        model: fitted to the known areas, and last to the others as one.

    Source: as `pooled_fay_herriot`.
    """

    estimates: Array
    mse: Array
    shrinkage: Array
    model: FayHerriot


def pooled_fay_herriot(
    direct: Any, variances: Any, covariates: Any, sizes: Any, known: Any, *, method: str = "reml"
) -> PooledAreas:
    """Return estimates of all areas by a model of the known ones and of the mean of the others.

    Estimates and errors are means and variances of the distribution of which `pooled_intervals` gives the quantiles:
    the variance between areas is averaged over. `model` has the one value of it that fits best.

    Areas that are not known one by one are estimated by the regression. Their mean by size is one more observation of
    it, so that areas that are not known since they are small (or small since few were found) do not make the
    regression too high. Of single unknown areas nothing but that mean is used.

    Args:
        direct: shape (m,), direct means or shares, in one unit; of the areas not known only the mean by size counts.
        variances: shape (m,), of the direct estimates, in that unit squared.
        covariates: shape (m, p), a column of ones among them.
        sizes: shape (m,), of the areas, in one unit.
        known: shape (m,), whether an area's direct estimate is known.
        method: as in `fay_herriot`.

    Raises:
        MethodError: as `fay_herriot`.

    Source: Fay & Herriot (1979), JASA 74; `area_posterior`; the mean of areas with shares a has the variance
    A Σa² + Σa²ψ, and is divided by √Σa² so that its effect has the variance A.
    """
    rows = _rows(direct, variances, covariates, sizes, known)
    model = fay_herriot(*rows, method=method)
    return PooledAreas(*_posterior(rows, covariates, known), model)


def _posterior(rows: _Rows, covariates: Any, known: Any) -> tuple[Array, Array, Array]:
    """Return posterior means, variances and weights of the direct estimates of all areas, shape (m,) each."""
    x, there = np.asarray(covariates, dtype=float), np.asarray(known, dtype=bool)
    made = np.empty((3, there.size))
    parts = [(there, area_posterior(*rows))]
    if not there.all():
        parts.append((~there, area_posterior(*rows, x[~there])))
    for inside, found in parts:
        made[:, inside] = np.stack([found.estimates, found.mse, found.weight])[:, : int(inside.sum())]
    return made[0], made[1], made[2]


def pooled_intervals(
    found: PooledAreas, covariates: Any, known: Any, *, level: float = 0.95
) -> tuple[Array, Array]:
    """Return intervals of all areas, before they are made to add up.

    Args:
        found: fitted.
        covariates: shape (m, p).
        known: shape (m,), whether an area's direct estimate is known.
        level: of the intervals, dimensionless.

    Returns:
        Lower and upper ends, shape (m,) each, in the unit of the direct estimates.

    Raises:
        MethodError: a level outside 0 to 1.

    Source: `area_intervals` and `predicted_intervals`.
    """
    x, there = np.asarray(covariates, dtype=float), np.asarray(known, dtype=bool)
    ends = np.empty((2, there.size))
    ends[:, there] = np.stack(area_intervals(found.model, level=level))[:, : int(there.sum())]
    if not there.all():
        ends[:, ~there] = predicted_intervals(found.model, x[~there], level=level)
    return ends[0], ends[1]


def bootstrap_pooled(
    found: PooledAreas,
    variances: Any,
    candidates: tuple[Any, ...],
    chosen: int,
    sizes: Any,
    known: Any,
    replicates: int,
    generator: np.random.Generator,
) -> Array:
    """Return mean squared errors of areas made to add up to the sum of the direct estimates of all areas.

    Args:
        found: fitted with the chosen columns.
        variances: shape (m,), of the direct estimates, in the unit squared.
        candidates: of columns, as in `pooled_choice`, which is repeated in each replicate.
        chosen: place of the columns that `found` has among them, a count from 0.
        sizes: shape (m,), of the areas, in one unit.
        known: shape (m,), whether an area's direct estimate is known.
        replicates: how many, count.
        generator: source of the draws.

    Returns:
        Mean squared errors, shape (m,), in the unit squared.

    Source: as `bootstrap_benchmarked`: the errors of the model (`PooledAreas.mse`) and what the choice and the
    benchmark add to them in replicates; the published sum has the errors of the direct estimates, of which it is made.
    """
    columns, psi = np.asarray(candidates[chosen], dtype=float), np.asarray(variances, dtype=float)
    size = np.asarray(sizes, dtype=float)
    fitted, spread = columns @ found.model.coefficients, np.sqrt(found.model.variance)
    change = np.zeros(size.size)
    for _ in range(replicates):
        truth = fitted + spread * generator.standard_normal(size.size)
        drawn = truth + np.sqrt(psi) * generator.standard_normal(size.size)
        place = pooled_choice(drawn, psi, candidates, size, known) if len(candidates) > 1 else chosen
        fits = {
            one: _posterior(_rows(drawn, psi, candidates[one], size, known), candidates[one], known)[0]
            for one in {chosen, place}
        }
        plain, taken = fits[chosen], fits[place]
        change += (benchmark(taken, size, float(size @ drawn)) - truth) ** 2 - (plain - truth) ** 2
    made = found.mse + change / replicates
    return np.where(made > 0.0, made, found.mse)


def pooled_choice(direct: Any, variances: Any, candidates: tuple[Any, ...], sizes: Any, known: Any) -> int:
    """Return which columns describe the areas best, by Akaike's criterion at the maximum of the likelihood.

    Args:
        direct: shape (m,), as in `pooled_fay_herriot`.
        variances: shape (m,), in the unit squared.
        candidates: of columns, each of shape (m, p), a column of ones among them.
        sizes: shape (m,), in one unit.
        known: shape (m,), whether an area's direct estimate is known.

    Returns:
        The place of the best among the candidates, a count from 0.

    Raises:
        MethodError: as `fay_herriot`.

    Source: Akaike (1974), IEEE Transactions on Automatic Control 19; Rao & Molina (2015), section 5.4.1. REML's
    likelihoods of different columns cannot be compared.
    """
    scores = [
        fay_herriot(*_rows(direct, variances, columns, sizes, known), method="ml").aic
        for columns in candidates
    ]
    return int(np.argmin(scores))


def _rows(direct: Any, variances: Any, covariates: Any, sizes: Any, known: Any) -> _Rows:
    """Return what the model is fitted to: the known areas, and the others as one whose effect has the variance A."""
    y, psi, x, size = (np.asarray(one, dtype=float) for one in (direct, variances, covariates, sizes))
    there = np.asarray(known, dtype=bool)
    if there.all():
        return y, psi, x
    part = size[~there] / size[~there].sum()
    scale = float(np.sqrt((part**2).sum()))
    return (
        np.append(y[there], part @ y[~there] / scale),
        np.append(psi[there], part**2 @ psi[~there] / scale**2),
        np.vstack([x[there], part @ x[~there] / scale]),
    )
