"""Intervals of area-level models that know that the variance between areas is estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.fay_herriot import FayHerriot

Array = NDArray[np.float64]

_Rows = tuple[Array, Array, Array]
_Mixture = tuple[Array, Array, Array]

POINTS = 600
NARROWEST, WIDEST = 1e-6, 1e8
HALVINGS = 60


@dataclass(frozen=True)
class _Posterior:
    """What the areas say of the variance A between them, on a grid of it: shape (g,) of A, and by its points.

    likelihood: restricted, scaled to at most 1; widths: of the grid's cells; information: of A, Σ 1/(A + ψ)²;
    coefficients: (g, p); covariance: (g, p, p).
    """

    variance: Array
    likelihood: Array
    widths: Array
    information: Array
    coefficients: Array
    covariance: Array

    def weights(self, *, is_flat: bool) -> Array:
        """Return probabilities of the points under the flat prior of A or under Jeffreys'."""
        prior = 1.0 if is_flat else np.sqrt(self.information)
        made = self.likelihood * prior * self.widths
        return np.asarray(made / made.sum())


@dataclass(frozen=True)
class AreaPosterior:
    """Estimates of areas with errors and intervals of one distribution, the variance between areas averaged over.

    Attributes:
        estimates: shape (m,), means, in the unit of the direct estimates.
        mse: shape (m,), variances, in that unit squared.
        weight: shape (m,), mean weight of the own direct estimate, dimensionless; 0 for areas without a sample.

    Source: as `area_posterior`.
    """

    estimates: Array
    mse: Array
    weight: Array


def area_posterior(
    direct: Array, variances: Array, columns: Array, covariates: Any | None = None
) -> AreaPosterior:
    """Return the posterior of areas of which `area_intervals` and `predicted_intervals` give the quantiles.

    The estimate of Fay and Herriot takes one value of the variance A between areas; where that is zero it is the
    regression, however far a well known area lies from it, and stands at the edge of an interval that knows of other
    values. The mean here is of the interval's own distribution.

    Args:
        direct: shape (m,), in one unit, as `fay_herriot` takes them.
        variances: shape (m,), in that unit squared.
        columns: shape (m, p), of the regression.
        covariates: shape (k, p), of areas without a sample; None for those with the direct estimates.

    Source: Rao & Molina (2015), section 10.3 (hierarchical Bayes estimates, numerical integration over A).
    """
    rows = direct, variances, columns
    if covariates is None:
        (means, spreads, weights), posterior = _own(rows)
        share = posterior.variance[:, None] / (posterior.variance[:, None] + variances)
        own = np.asarray(weights @ share)
    else:
        means, spreads, weights = _others(rows, covariates)
        own = np.zeros(means.shape[1])
    centre = np.asarray(weights @ means)
    return AreaPosterior(centre, np.asarray(weights @ (spreads**2 + (means - centre) ** 2)), own)


def area_intervals(model: FayHerriot, *, level: float = 0.95) -> tuple[Array, Array]:
    """Return intervals of the areas that a model was fitted to.

    An interval of √MSE around the estimate takes the estimated variance A as nearly right. Here A, and with it how far
    an area is drawn to the regression, is averaged over all values that the areas allow: the interval is that of the
    posterior under flat priors of the coefficients and of A, by numerical integration.

    Args:
        model: fitted.
        level: of the intervals, dimensionless.

    Returns:
        Lower and upper ends, shape (m,) each, in the unit of the direct estimates.

    Raises:
        MethodError: a level outside 0 to 1.

    Source: Rao & Molina (2015), section 10.3 (flat priors, numerical integration over A); with two areas more than
    columns the flat prior of A has no posterior, and Jeffreys' (root of Σ 1/(A + ψ)²) is taken.
    """
    return _ends(*_own(model.fitted_to)[0], level)


def predicted_intervals(model: FayHerriot, covariates: Any, *, level: float = 0.95) -> tuple[Array, Array]:
    """Return intervals of areas without a sample.

    Args:
        model: fitted to the areas with one.
        covariates: shape (k, p), as in the model.
        level: of the intervals, dimensionless.

    Returns:
        Lower and upper ends, shape (k,) each, in the unit of the direct estimates.

    Raises:
        MethodError: a level outside 0 to 1.

    Source: as `area_intervals`, under Jeffreys' prior of A: where no direct estimate tells of an area its variance is
    A itself, and the flat prior gives intervals that cover too much.
    """
    return _ends(*_others(model.fitted_to, covariates), level)


def area_errors(model: FayHerriot, covariates: Any | None = None) -> Array:
    """Return mean squared errors of areas that know how little few areas tell of the variance between them.

    The analytic ones (`FayHerriot.mse`) are approximations for many areas; of ten or twenty with unequal samples their
    part g3 grows far beyond the error of the direct estimate.

    Args:
        model: fitted.
        covariates: shape (k, p), of areas without a sample; None for those that the model was fitted to.

    Returns:
        Expected squares of what the areas are off the estimates, shape (m,) or (k,), in the unit squared.

    Source: as `area_intervals` and `predicted_intervals`. That a posterior variance estimates the mean squared error
    is Datta, Rao & Smith (2005), Biometrika 92, for a prior of each area, (A + ψ)² Σ 1/(A + ψ)², which is the flat one
    where all sampling variances ψ are equal; with unequal ones the flat prior is an approximation, tried by simulation.
    """
    if covariates is None:
        value, (means, spreads, weights) = model.estimates, _own(model.fitted_to)[0]
    else:
        x = np.asarray(covariates, dtype=float).reshape(-1, model.coefficients.size)
        value, (means, spreads, weights) = x @ model.coefficients, _others(model.fitted_to, x)
    return np.asarray(weights @ (spreads**2 + (means - value) ** 2))


def moved_intervals(
    low: Array, high: Array, estimates: Array, errors: Array, moved: Array, moved_errors: Array
) -> tuple[Array, Array]:
    """Return intervals of estimates that were made to add up: as before, about the new value, by the new error.

    Args:
        low: shape (m,), lower ends before, in one unit.
        high: shape (m,), upper ends before, in that unit.
        estimates: shape (m,), before, in that unit.
        errors: shape (m,), roots of their mean squared errors, in that unit.
        moved: shape (m,), after, in that unit.
        moved_errors: shape (m,), roots of their mean squared errors (`bootstrap_benchmarked`), in that unit.

    Returns:
        Lower and upper ends, shape (m,) each, in that unit.

    Source: as `area_intervals`; benchmarking moves an area by an order less than its error (Steorts & Ghosh 2013,
    Statistica Sinica 23), so the shape of the posterior is kept.
    """
    scale = moved_errors / errors
    return moved - (estimates - low) * scale, moved + (high - estimates) * scale


def _own(rows: _Rows) -> tuple[_Mixture, _Posterior]:
    """Return means and spreads by point of the grid and area, shape (g, m), weights of the points; the posterior."""
    y, psi, x = rows
    found = _posterior(y, psi, x)
    share = found.variance[:, None] / (found.variance[:, None] + psi)
    fitted = found.coefficients @ x.T
    spread = share * psi + (1.0 - share) ** 2 * _of_fit(x, found.covariance)
    weights = found.weights(is_flat=y.size > x.shape[1] + 2)
    return (fitted + share * (y - fitted), np.sqrt(spread), weights), found


def _others(rows: _Rows, covariates: Any) -> _Mixture:
    y, psi, x = rows
    other = np.asarray(covariates, dtype=float).reshape(-1, x.shape[1])
    found = _posterior(y, psi, x)
    spread = found.variance[:, None] + _of_fit(other, found.covariance)
    return found.coefficients @ other.T, np.sqrt(spread), found.weights(is_flat=False)


def _posterior(y: Array, psi: Array, x: Array) -> _Posterior:
    scale = max(float(psi.mean()), float(np.var(y)))
    grid = np.concatenate([[0.0], scale * np.geomspace(NARROWEST, WIDEST, POINTS)])
    total = grid[:, None] + psi
    bread = np.linalg.inv(np.einsum("ip,gi,iq->gpq", x, 1.0 / total, x))
    slopes = np.einsum("gpq,iq,gi->gp", bread, x, y / total)
    left = y - slopes @ x.T
    _, size = np.linalg.slogdet(bread)
    log = 0.5 * (size - np.log(total).sum(axis=1) - (left**2 / total).sum(axis=1))
    steps = np.diff(grid)
    widths = np.append(steps, 0.0) / 2.0 + np.insert(steps, 0, 0.0) / 2.0
    return _Posterior(
        grid, np.exp(log - log.max()), widths, (1.0 / total**2).sum(axis=1), slopes, np.asarray(bread)
    )


def _of_fit(x: Array, covariance: Array) -> Array:
    """Return the variance of the regression's value by point of the grid and area, shape (g, m)."""
    return np.asarray(np.einsum("ip,gpq,iq->gi", x, covariance, x))


def _ends(means: Array, spreads: Array, weights: Array, level: float) -> tuple[Array, Array]:
    """Return quantiles of mixtures of normal distributions, by halving; means, spreads: shape (g, m)."""
    if not 0.0 < level < 1.0:
        raise MethodError(Problem("survey.bad_share", values={"given": level}))
    known = weights > 0
    means, spreads, weights = means[known], np.maximum(spreads[known], 1e-300), weights[known]
    ends = []
    for chance in ((1.0 - level) / 2.0, (1.0 + level) / 2.0):
        low, high = (means - 40.0 * spreads).min(axis=0), (means + 40.0 * spreads).max(axis=0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            below = weights @ ndtr((middle - means) / spreads) < chance
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append((low + high) / 2.0)
    return ends[0], ends[1]
