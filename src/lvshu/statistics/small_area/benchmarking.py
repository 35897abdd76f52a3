"""Areas made to add up to what is published for the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.fay_herriot import FayHerriot, checked

Array = NDArray[np.float64]

METHODS = ("ratio", "difference", "mse")


def benchmark(
    estimates: Any, shares: Any, published: float, *, method: str = "ratio", mse: Any = None
) -> Array:
    """Return estimates with Σ share · estimate = published.

    Args:
        estimates: shape (m,), in one unit.
        shares: shape (m,), of the areas in the whole (for means their shares of units, for totals ones),
            dimensionless.
        published: figure of the whole, in that unit.
        method: "ratio"; "difference", the same amount for all; "mse", more where the mean squared error is larger.
        mse: shape (m,), in the unit squared; for "mse".

    Raises:
        MethodError: an unknown method; a sum of zero for "ratio".

    Source: Rao & Molina (2015), section 6.4.6; Wang, Fuller & Qu (2008), Survey Methodology 34 (loss weighted by
    the mean squared error).
    """
    value, weight = np.asarray(estimates, dtype=float), np.asarray(shares, dtype=float)
    if method not in METHODS or (method == "mse" and mse is None):
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    now = float(weight @ value)
    if method == "ratio":
        if now == 0.0:
            raise MethodError(Problem("survey.zero_denominator"))
        return value * (published / now)
    by = np.ones(value.size) if method == "difference" else weight * np.asarray(mse, dtype=float)
    return np.asarray(value + by * (published - now) / float(weight @ by))


def self_benchmarked(model: FayHerriot, direct: Any, variances: Any, covariates: Any, shares: Any) -> Array:
    """Return estimates whose weighted sum is that of the direct estimates, by another regression (You and Rao).

    Args:
        model: fitted.
        direct: shape (m,), in one unit.
        variances: shape (m,), in that unit squared.
        covariates: shape (m, p), a column of ones among them.
        shares: shape (m,), of the areas in the whole, dimensionless.

    Raises:
        MethodError: as `checked`.

    Source: You & Rao (2002), Canadian Journal of Statistics 30; for areas, Wang, Fuller & Qu (2008): β from Σ w (1 -
    γ) x (y - x'β) = 0.
    """
    y, _, x = checked(direct, variances, covariates)
    weight = np.asarray(shares, dtype=float) * (1.0 - model.shrinkage)
    slopes = np.linalg.solve(x.T @ (weight[:, None] * x), x.T @ (weight * y))
    return np.asarray(x @ slopes + model.shrinkage * (y - x @ slopes))
