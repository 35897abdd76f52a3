"""Fay and Herriot on the logarithm and on the arcsine of a share, with the bias of going back taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.bootstrap import bootstrap_area_level
from lvshu.statistics.small_area.fay_herriot import FayHerriot, fay_herriot, predict_area_level
from lvshu.statistics.small_area.intervals import area_intervals, predicted_intervals

Array = NDArray[np.float64]

SCALES = ("none", "log", "arcsin")


@dataclass(frozen=True)
class Transformed:
    """Estimates on the scale of the variable, from a model on another scale.

    Attributes:
        estimates: shape (m,), in the variable's unit.
        mse: shape (m,), in that unit squared.
        low: shape (m,), lower ends of the intervals (`area_intervals`), moved back from the model's scale.
        high: shape (m,), upper ends.
        model: on the transformed scale.

    Source: as the function that made it.
    """

    estimates: Array
    mse: Array
    low: Array
    high: Array
    model: FayHerriot


def log_fay_herriot(
    direct: Any,
    variances: Any,
    covariates: Any,
    *,
    method: str = "reml",
    replicates: int = 0,
    generator: np.random.Generator | None = None,
    level: float = 0.95,
) -> Transformed:
    """Return estimates of positive quantities by a model of their logarithm.

    Args:
        direct: shape (m,), positive, in one unit.
        variances: shape (m,), in that unit squared.
        covariates: shape (m, p).
        method: of the variance of the areas' effects.
        replicates: bootstrap replicates of the mean squared error, count; 0 for exp(2θ̂ + γψ)(exp(m) - 1), the variance
            of a lognormal quantity with the mean squared error m of the model's scale.
        generator: source of the draws.
        level: of the intervals, dimensionless.

    Raises:
        MethodError: a direct estimate that is not positive; as `fay_herriot`.

    Source: Slud & Maiti (2006), Journal of the Royal Statistical Society B 68: exp(θ̂ + A(1 - γ)/2); their mean squared
    error is averaged over y and has further terms, the one here is given y. Variances of the logarithm by the delta
    method, ψ/y².
    """
    y, psi = np.asarray(direct, dtype=float), np.asarray(variances, dtype=float)
    _inside(y > 0, "log")
    scaled = psi / y**2
    model = fay_herriot(np.log(y), scaled, covariates, method=method)

    def back(fitted: FayHerriot) -> Array:
        return np.asarray(np.exp(fitted.estimates + fitted.variance * (1.0 - fitted.shrinkage) / 2.0))

    found = back(model)
    if replicates and generator is not None:
        mse = bootstrap_area_level(
            model, scaled, covariates, replicates, generator,
            refit=lambda drawn: back(fay_herriot(drawn, scaled, covariates, method=method)), back=np.exp,
        )  # fmt: skip
    else:
        mse = found**2 * np.expm1(model.mse)
    low, high = area_intervals(model, level=level)
    return Transformed(found, mse, np.exp(low), np.exp(high), model)


def arcsin_fay_herriot(
    shares: Any,
    effective: Any,
    covariates: Any,
    *,
    method: str = "reml",
    replicates: int = 0,
    generator: np.random.Generator | None = None,
    level: float = 0.95,
) -> Transformed:
    """Return estimates of shares by a model of the arcsine of their root.

    Args:
        shares: shape (m,), between 0 and 1, dimensionless.
        effective: shape (m,), effective sample sizes, count.
        covariates: shape (m, p).
        method: of the variance of the areas' effects.
        replicates: bootstrap replicates of the mean squared error, count; 0 for the delta method.
        generator: source of the draws.
        level: of the intervals, dimensionless.

    Raises:
        MethodError: a share that is none; as `fay_herriot`.

    Source: Casas-Cordero, Encina & Lahiri (2016), in Analysis of Poverty Data by Small Area Estimation; variances
    1/(4 n); going back by E sin²(Z) = (1 - e^(-2v) cos 2μ)/2 for a normal Z, as the unbiased transformation of Hadam,
    Würz & Kreutzmann (2020).
    """
    p, n = np.asarray(shares, dtype=float), np.asarray(effective, dtype=float)
    _inside((p >= 0) & (p <= 1), "arcsin")
    _inside(n > 0, "arcsin")
    scaled = 0.25 / n
    model = fay_herriot(np.arcsin(np.sqrt(p)), scaled, covariates, method=method)

    def back(fitted: FayHerriot) -> Array:
        spread = fitted.variance * (1.0 - fitted.shrinkage)
        return np.asarray((1.0 - np.exp(-2.0 * spread) * np.cos(2.0 * fitted.estimates)) / 2.0)

    found = back(model)
    if replicates and generator is not None:
        mse = bootstrap_area_level(
            model, scaled, covariates, replicates, generator,
            refit=lambda drawn: back(fay_herriot(drawn, scaled, covariates, method=method)),
            back=lambda truth: np.sin(truth) ** 2,
        )  # fmt: skip
    else:
        mse = np.sin(2.0 * model.estimates) ** 2 * model.mse
    low, high = (_share(end) for end in area_intervals(model, level=level))
    return Transformed(found, mse, low, high, model)


def predict_transformed(
    model: FayHerriot, covariates: Any, scale: str, *, level: float = 0.95
) -> tuple[Array, Array, Array, Array]:
    """Return estimates of areas without a sample on the scale of the variable: values, errors squared, intervals.

    Args:
        model: on the transformed scale.
        covariates: shape (k, p), as in the model.
        scale: "none", "log" or "arcsin".
        level: of the intervals, dimensionless.

    Returns:
        Estimates, mean squared errors, lower and upper ends, shape (k,) each, in the variable's unit or its square.

    Raises:
        MethodError: as `predict_area_level`; an unknown scale.

    Source: as `log_fay_herriot` and `arcsin_fay_herriot` with the weight γ of a direct estimate at zero; mean squared
    errors without a bootstrap, as there; intervals of `predicted_intervals`.
    """
    if scale not in SCALES:
        raise MethodError(
            Problem("survey.unknown_choice", values={"given": scale, "known": ", ".join(SCALES)})
        )
    centre, mse = predict_area_level(model, covariates)
    low, high = predicted_intervals(model, covariates, level=level)
    if scale == "log":
        found = np.exp(centre + model.variance / 2.0)
        return found, found**2 * np.expm1(mse), np.exp(low), np.exp(high)
    if scale == "arcsin":
        found = (1.0 - np.exp(-2.0 * model.variance) * np.cos(2.0 * centre)) / 2.0
        return found, np.sin(2.0 * centre) ** 2 * mse, _share(low), _share(high)
    return centre, mse, low, high


def _share(angle: Array) -> Array:
    return np.asarray(np.sin(np.clip(angle, 0.0, np.pi / 2)) ** 2)


def _inside(fits: NDArray[np.bool_], scale: str) -> None:
    bad = np.flatnonzero(~fits)
    if bad.size:
        values = {"scale": scale, "count": int(bad.size), "first": int(bad[0]) + 1}
        raise MethodError(Problem("small_area.outside_scale", values=values))
