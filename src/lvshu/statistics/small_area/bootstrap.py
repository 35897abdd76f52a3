"""Mean squared errors of area-level models by parametric bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.small_area.benchmarking import benchmark
from lvshu.statistics.small_area.fay_herriot import (
    FayHerriot,
    checked,
    fay_herriot,
    predict_area_level,
)

Array = NDArray[np.float64]


def bootstrap_area_level(
    model: FayHerriot,
    variances: Any,
    covariates: Any,
    replicates: int,
    generator: np.random.Generator,
    *,
    effects: Callable[[np.random.Generator], Array] | None = None,
    refit: Callable[[Array], Array] | None = None,
    back: Callable[[Array], Array] | None = None,
) -> Array:
    """Return mean squared errors of areas: the model is drawn, fitted and compared with what was drawn.

    Args:
        model: fitted.
        variances: shape (m,), of the direct estimates, in the unit squared.
        covariates: shape (m, p).
        replicates: how many, count.
        generator: source of the draws.
        effects: draws the areas' effects, shape (m,); None for independent normal ones.
        refit: from direct estimates to estimates, shape (m,); None for the same model.
        back: transforms the true value back; None for none.

    Returns:
        Mean squared errors, shape (m,), in the unit squared.

    Source: Butar & Lahiri (2003), Journal of Statistical Planning and Inference 112; Rao & Molina (2015), section
    6.2.4.
    """
    y, psi, x = checked(model.estimates, variances, covariates)
    fitted, spread = x @ model.coefficients, np.sqrt(model.variance)
    again = refit or (lambda drawn: fay_herriot(drawn, psi, x, method=model.method).estimates)
    errors = np.zeros(y.size)
    for _ in range(replicates):
        own = spread * generator.standard_normal(y.size) if effects is None else effects(generator)
        truth = fitted + own
        found = again(truth + np.sqrt(psi) * generator.standard_normal(y.size))
        errors += (found - (truth if back is None else back(truth))) ** 2
    return errors / replicates


def bootstrap_benchmarked(
    model: FayHerriot,
    variances: Any,
    covariates: Any,
    sampled: Any,
    shares: Any,
    replicates: int,
    generator: np.random.Generator,
    *,
    method: str = "ratio",
    published_error: float = 0.0,
) -> Array:
    """Return mean squared errors of areas that are made to add up to a published figure.

    In each replicate the areas are drawn, sampled and estimated as the model says, and made to add up to the whole of
    what was drawn (with the error of the published figure), as `benchmark` does with the real ones. By what that
    changes their mean squared errors, the analytic ones of the estimates before are corrected: those know that the
    variance of the areas is estimated, a plain bootstrap does not.

    Args:
        model: fitted to the k areas with a sample.
        variances: shape (k,), of their direct estimates, in the unit squared.
        covariates: shape (m, p), of all areas, a column of ones among them.
        sampled: shape (m,), whether an area has a sample.
        shares: shape (m,), of the areas in the whole, dimensionless.
        replicates: how many, count.
        generator: source of the draws.
        method: "ratio", "difference" or "mse", as in `benchmark`.
        published_error: standard error of the published figure, in the unit; 0 where it is taken as exact.

    Returns:
        Mean squared errors, shape (m,), in the unit squared.

    Raises:
        MethodError: an unknown method; a sum of zero for "ratio".

    Source: Steorts & Ghosh (2013), Statistica Sinica 23 (arXiv 1304.1600): benchmarking adds an error of order 1/m,
    found by a parametric bootstrap after Butar & Lahiri (2003); Rao & Molina (2015), section 6.4.6.
    """
    x, inside = np.asarray(covariates, dtype=float), np.asarray(sampled, dtype=bool)
    _, psi, own = checked(model.estimates, variances, x[inside])
    weight, fitted = np.asarray(shares, dtype=float), x @ model.coefficients
    before, change = np.empty(inside.size), np.zeros(inside.size)
    before[inside], before[~inside] = model.mse, predict_area_level(model, x[~inside])[1]
    for _ in range(replicates):
        truth = fitted + np.sqrt(model.variance) * generator.standard_normal(inside.size)
        whole = float(weight @ truth) + published_error * generator.standard_normal()
        drawn = truth[inside] + np.sqrt(psi) * generator.standard_normal(psi.size)
        again = fay_herriot(drawn, psi, own, method=model.method)
        found, mse = np.empty(inside.size), np.empty(inside.size)
        found[inside], mse[inside] = again.estimates, again.mse
        found[~inside], mse[~inside] = predict_area_level(again, x[~inside])
        benchmarked = benchmark(found, weight, whole, method=method, mse=mse)
        change += (benchmarked - truth) ** 2 - (found - truth) ** 2
    made = before + change / replicates
    return np.where(made > 0.0, made, before)  # noise of few replicates may not make an area certain
