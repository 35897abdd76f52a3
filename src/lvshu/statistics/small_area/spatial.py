"""Fay and Herriot with effects that neighbours share (simultaneous autoregression)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.fay_herriot import area_variance, checked

Array = NDArray[np.float64]

METHODS = ("reml", "ml")


@dataclass(frozen=True)
class SpatialFayHerriot:
    """A fitted spatial model of m areas.

    Attributes:
        estimates: shape (m,), EBLUP, in the unit of the direct estimates.
        mse: shape (m,), by parametric bootstrap, or g1 + g2 without one (too small), in that unit squared.
        variance: of the innovations, in that unit squared.
        correlation: of neighbours, dimensionless, between -1 and 1.
        coefficients: shape (p,), of the regression.
        log_likelihood: at the estimates, the full one for REML too, as in `FayHerriot`.
        method: "reml" or "ml".

    Source: Petrucci & Salvati (2006), Journal of Agricultural, Biological and Environmental Statistics 11.
    """

    estimates: Array
    mse: Array
    variance: float
    correlation: float
    coefficients: Array
    log_likelihood: float
    method: str


def spatial_fay_herriot(
    direct: Any,
    variances: Any,
    covariates: Any,
    neighbours: Any,
    *,
    method: str = "reml",
    replicates: int = 0,
    generator: np.random.Generator | None = None,
) -> SpatialFayHerriot:
    """Return the fitted spatial model, effects v = ρ W v + u.

    Args:
        direct: shape (m,), in one unit.
        variances: shape (m,), in that unit squared.
        covariates: shape (m, p).
        neighbours: shape (m, m), how near areas are; rows are made to sum to one, an area without neighbours stays
            alone.
        method: "reml" or "ml".
        replicates: bootstrap replicates of the mean squared error, count.
        generator: source of the draws.

    Raises:
        MethodError: as `checked`; neighbours that are none; an unknown method.

    Source: Pratesi & Salvati (2008), Statistical Methods and Applications 17; bootstrap, Molina, Salvati & Pratesi
    (2009), Computational Statistics 24.
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    y, psi, x = checked(direct, variances, covariates)
    near = np.asarray(neighbours, dtype=float)
    if near.shape != (y.size, y.size) or np.any(near < 0) or np.any(np.diag(near) != 0):
        raise MethodError(Problem("small_area.bad_neighbours", values={"areas": y.size}))
    rows = near.sum(axis=1, keepdims=True)
    proximity = np.divide(near, rows, out=np.zeros_like(near), where=rows > 0)
    fitted = _fit(y, psi, x, proximity, method)
    estimates, parts, effect, correlation, slopes, likelihood = fitted
    mse = parts
    if replicates and generator is not None:
        root = np.linalg.inv(np.eye(y.size) - correlation * proximity) * np.sqrt(effect)
        errors = np.zeros(y.size)
        for _ in range(replicates):
            truth = x @ slopes + root @ generator.standard_normal(y.size)
            drawn = truth + np.sqrt(psi) * generator.standard_normal(y.size)
            errors += (_fit(drawn, psi, x, proximity, method)[0] - truth) ** 2
        mse = errors / replicates
    return SpatialFayHerriot(estimates, mse, effect, correlation, slopes, likelihood, method)


def _fit(
    y: Array, psi: Array, x: Array, proximity: Array, method: str
) -> tuple[Array, Array, float, float, Array, float]:
    start = max(area_variance(y, psi, x, "reml"), 0.05 * float(np.median(psi)))

    def loss(point: Array) -> float:
        return -_likelihood(y, psi, x, proximity, float(np.exp(point[0])), float(np.tanh(point[1])), method)

    best = min(
        (
            minimize(
                loss, np.array([np.log(start), slope]), method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000},
            )
            for slope in (0.0, 1.0)
        ),
        key=lambda found: float(found.fun),
    )  # fmt: skip
    effect, correlation = float(np.exp(best.x[0])), float(np.tanh(best.x[1]))
    spread = _effects(proximity, effect, correlation)
    inverse = np.linalg.inv(spread + np.diag(psi))
    bread = np.linalg.inv(x.T @ inverse @ x)
    slopes = bread @ (x.T @ inverse @ y)
    pull = spread @ inverse
    estimates = x @ slopes + pull @ (y - x @ slopes)
    rest = x - pull @ x
    parts = np.diag(spread - pull @ spread) + np.einsum("ij,jk,ik->i", rest, bread, rest)
    whole = _likelihood(y, psi, x, proximity, effect, correlation, "ml") - 0.5 * y.size * float(
        np.log(2 * np.pi)
    )
    return estimates, parts, effect, correlation, slopes, whole


def _effects(proximity: Array, effect: float, correlation: float) -> Array:
    inner = np.eye(proximity.shape[0]) - correlation * proximity
    return np.asarray(effect * np.linalg.inv(inner.T @ inner))


def _likelihood(
    y: Array, psi: Array, x: Array, proximity: Array, effect: float, correlation: float, method: str
) -> float:
    total = _effects(proximity, effect, correlation) + np.diag(psi)
    inverse = np.linalg.inv(total)
    inner = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(inner, x.T @ inverse @ y)
    value = np.linalg.slogdet(total)[1] + left @ inverse @ left
    if method == "reml":
        value += np.linalg.slogdet(inner)[1]
    return -0.5 * float(value)
