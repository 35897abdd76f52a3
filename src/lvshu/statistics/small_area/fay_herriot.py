"""Fay and Herriot's model of areas: direct estimates drawn towards a regression, by REML, ML or moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

METHODS = ("reml", "ml", "moments")


@dataclass(frozen=True)
class FayHerriot:
    """A fitted model of m areas.

    Attributes:
        estimates: shape (m,), EBLUP, in the unit of the direct estimates.
        mse: shape (m,), its mean squared error, in that unit squared.
        variance: of the areas' effects A, in that unit squared.
        coefficients: shape (p,), of the regression.
        coefficient_errors: shape (p,), their standard errors.
        shrinkage: shape (m,), weight γ of the direct estimate, dimensionless.
        parts: shape (3, m), g1, g2 and g3 of the mean squared error.
        log_likelihood: at the estimates.
        method: "reml", "ml" or "moments".
        coefficient_covariance: shape (p, p), of the coefficients.
        effect_bias: bias of the estimated variance A, in the unit squared; 0 for REML.
        fitted_to: direct estimates (m,), their variances (m,) and the columns (m, p), as they were given.

    Source: Fay & Herriot (1979), JASA 74; Rao & Molina (2015), chapter 6.
    """

    estimates: Array
    mse: Array
    variance: float
    coefficients: Array
    coefficient_errors: Array
    shrinkage: Array
    parts: Array
    log_likelihood: float
    method: str
    coefficient_covariance: Array
    effect_bias: float
    fitted_to: tuple[Array, Array, Array]

    @property
    def aic(self) -> float:
        """Return Akaike's criterion."""
        return 2.0 * (self.coefficients.size + 1) - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Return the Bayesian criterion."""
        count = self.coefficients.size + 1
        return float(np.log(self.estimates.size)) * count - 2.0 * self.log_likelihood


def checked(direct: Any, variances: Any, covariates: Any) -> tuple[Array, Array, Array]:
    """Return direct estimates, their variances and the model's columns, as they are used.

    Args:
        direct: shape (m,), in one unit.
        variances: shape (m,), of the direct estimates, in that unit squared.
        covariates: shape (m, p), a column of ones among them.

    Raises:
        MethodError: lengths differ, values missing, variances not positive, columns that depend on each other, too
            few areas; all at once.

    Source: Rao & Molina (2015), section 4.2.
    """
    y, psi = np.asarray(direct, dtype=float).reshape(-1), np.asarray(variances, dtype=float).reshape(-1)
    x = np.asarray(covariates, dtype=float)
    x = x.reshape(-1, 1) if x.ndim == 1 else x
    problems = []
    if not y.size == psi.size == x.shape[0]:
        values = {"given": min(psi.size, x.shape[0]), "wanted": y.size}
        raise MethodError(Problem("survey.length_differs", values=values))
    for name, bad in (
        ("direct", ~np.isfinite(y)),
        ("variance", ~(np.isfinite(psi) & (psi > 0))),
        ("covariate", ~np.isfinite(x).all(axis=1)),
    ):
        if bad.any():
            values = {"what": name, "count": int(bad.sum()), "first": int(np.flatnonzero(bad)[0]) + 1}
            problems.append(Problem("small_area.bad_values", values=values))
    if not problems and y.size <= x.shape[1] + 1:
        problems.append(Problem("small_area.few_areas", values={"areas": y.size, "columns": x.shape[1]}))
    if not problems and np.linalg.matrix_rank(x) < x.shape[1]:
        problems.append(Problem("survey.dependent_terms"))
    if problems:
        raise MethodError(*problems)
    return y, psi, x


def fay_herriot(direct: Any, variances: Any, covariates: Any, *, method: str = "reml") -> FayHerriot:
    """Return the fitted model and its estimates with their mean squared errors.

    Args:
        direct: shape (m,), in one unit.
        variances: shape (m,), of the direct estimates, in that unit squared, taken as known.
        covariates: shape (m, p), a column of ones among them.
        method: "reml", "ml" or "moments" (Fay and Herriot's own).

    Raises:
        MethodError: as `checked`; an unknown method.

    Source: Rao & Molina (2015), sections 6.1.2 (variance) and 6.2.1 (mean squared error): g1 + g2 + 2 g3, less the
    bias of A for ML (Datta & Lahiri 2000) and for moments (Datta, Rao & Smith 2005).
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    y, psi, x = checked(direct, variances, covariates)
    effect = area_variance(y, psi, x, method)
    total = effect + psi
    bread: Array = np.asarray(np.linalg.inv(x.T @ (x / total[:, None])))
    slopes = bread @ (x.T @ (y / total))
    fitted = x @ slopes
    share = effect / total
    g1 = share * psi
    g2 = (1.0 - share) ** 2 * np.einsum("ij,jk,ik->i", x, bread, x)
    spread = _variance_of_effect(total, method)
    g3 = psi**2 / total**3 * spread
    bias = _bias_of_effect(total, x, bread, method)
    mse = g1 + g2 + 2.0 * g3 - bias * (1.0 - share) ** 2
    likelihood = -0.5 * float((np.log(2.0 * np.pi * total) + (y - fitted) ** 2 / total).sum())
    return FayHerriot(
        fitted + share * (y - fitted), mse, effect, slopes, np.sqrt(np.diag(bread)), share, np.stack([g1, g2, g3]),
        likelihood, method, bread, bias, (y, psi, x),
    )  # fmt: skip


def predict_area_level(model: FayHerriot, covariates: Any) -> tuple[Array, Array]:
    """Return the regression's estimates of areas without a sample, with their mean squared errors.

    Args:
        model: fitted to the areas with one.
        covariates: shape (k, p), as in the model, a column of ones among them.

    Returns:
        Estimates x'β in the unit of the direct ones, and mean squared errors A + x'V(β)x less the bias of A, in that
        unit squared, shape (k,) each.

    Raises:
        MethodError: another number of columns, values missing.

    Source: Rao & Molina (2015), section 6.2.1, the limit of a direct estimate without information (ψ to infinity).
    """
    x = np.asarray(covariates, dtype=float).reshape(-1, model.coefficients.size)
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if bad.size:
        values = {"what": "covariate", "count": int(bad.size), "first": int(bad[0]) + 1}
        raise MethodError(Problem("small_area.bad_values", values=values))
    fit = np.einsum("ij,jk,ik->i", x, model.coefficient_covariance, x)
    return np.asarray(x @ model.coefficients), np.asarray(model.variance + fit - model.effect_bias)


def area_variance(y: Array, psi: Array, x: Array, method: str) -> float:
    """Return the variance A of the areas' effects, at the root of its score; zero where the score is negative there.

    Args:
        y: shape (m,), direct estimates, in one unit.
        psi: shape (m,), their variances, in that unit squared.
        x: shape (m, p), columns of the model.
        method: one of `METHODS`.

    Source: Rao & Molina (2015), section 6.1.2.
    """

    def residual(effect: float) -> tuple[Array, Array, Array]:
        total = effect + psi
        bread: Array = np.asarray(np.linalg.inv(x.T @ (x / total[:, None])))
        return total, y - x @ (bread @ (x.T @ (y / total))), bread

    def score(effect: float) -> float:
        total, left, bread = residual(effect)
        if method == "moments":
            return float((left**2 / total).sum()) - float(y.size - x.shape[1])
        trace = float((1.0 / total).sum())
        if method == "reml":
            trace -= float(np.trace(bread @ (x.T @ (x / total[:, None] ** 2))))
        return float((left**2 / total**2).sum()) - trace

    return _root(score, psi, y)


def _root(score: Callable[[float], float], psi: Array, y: Array) -> float:
    """Return the largest root of a score on a grid of brackets, refined to rounding; 0 without one."""
    top = 10.0 * float(np.var(y)) + float(psi.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-10 * top, top, 60)])
    signs = np.array([score(float(effect)) for effect in grid])
    while signs[-1] > 0:
        top *= 10.0
        grid, signs = np.append(grid, top), np.append(signs, score(top))
    crossing = np.flatnonzero((signs[:-1] > 0) & (signs[1:] <= 0))
    if not crossing.size:
        return 0.0
    low, high = float(grid[crossing[-1]]), float(grid[crossing[-1] + 1])
    return float(brentq(score, low, high, xtol=1e-16 * max(high, 1e-8), rtol=1e-14, maxiter=500))


def _variance_of_effect(total: Array, method: str) -> float:
    if method == "moments":
        return float(2.0 * total.size / (1.0 / total).sum() ** 2)
    return float(2.0 / (1.0 / total**2).sum())


def _bias_of_effect(total: Array, x: Array, bread: Array, method: str) -> float:
    if method == "reml":
        return 0.0
    one, two = float((1.0 / total).sum()), float((1.0 / total**2).sum())
    if method == "ml":
        return -float(np.trace(bread @ (x.T @ (x / total[:, None] ** 2)))) / two
    return 2.0 * (total.size * two - one**2) / one**3
