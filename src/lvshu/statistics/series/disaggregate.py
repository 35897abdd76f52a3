"""Temporal disaggregation by regression: Chow and Lin, Fernández, Litterman, ordinary least squares.

Letters: C aggregation matrix (long periods, short periods); X indicators (short periods, regressors); V covariance of
the short-period residual up to its variance (short periods, short periods); y the short-period series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.aggregation import align
from lvshu.statistics.series.time_series import TimeSeries

Array = NDArray[np.float64]

METHODS = (
    "chow-lin-maxlog", "chow-lin-minrss-quilis", "chow-lin-minrss-ecotrim", "chow-lin-fixed", "fernandez",
    "litterman-maxlog", "litterman-minrss", "litterman-fixed", "ols",
)  # fmt: skip
BOUND = 0.999
"""Largest absolute autoregressive parameter that is searched."""
_GRID = 41  # starting points of the search: the objectives have several extrema
_TOLERANCE = 1e-12
_STEP = 1e-3  # of the slope, by five points


@dataclass(frozen=True)
class Disaggregation:
    """A series of short periods that adds up to the long ones.

    values, standard_errors: shape (short periods,), unit of the series; before and after are periods outside the long
    series (back- and forecasts). coefficients with their standard errors: shape (regressors,), the intercept first.
    variance: of the residual. r_squared: adjusted for nothing, of the long-period regression.
    """

    series: TimeSeries
    standard_errors: Array
    method: str
    rho: float
    names: tuple[str, ...]
    coefficients: Array
    coefficient_errors: Array
    log_likelihood: float
    variance: float
    rss: float
    before: int
    after: int
    conversion: str

    @property
    def values(self) -> Array:
        """Return the short-period values."""
        return self.series.values


def autoregressive(rho: float, length: int) -> Array:
    """Return V of a stationary first-order autoregression with unit innovation variance, shape (length, length).

    Source: Chow and Lin (1971), Review of Economics and Statistics 53; Bournay and Laroque (1979).
    """
    return np.asarray(linalg.toeplitz(rho ** np.arange(length)) / (1.0 - rho**2))


def random_walk_markov(rho: float, length: int) -> Array:
    """Return V of a random walk whose steps follow a first-order autoregression; a random walk for rho = 0.

    Source: Litterman (1983), Journal of Business & Economic Statistics 1; Fernández (1981), same as rho = 0.
    """
    lower = np.eye(length) - rho * np.eye(length, k=-1)
    step = np.eye(length) - np.eye(length, k=-1)
    root = linalg.solve_triangular(lower @ step, np.eye(length), lower=True)
    return np.asarray(root @ root.T)


@dataclass(frozen=True)
class _Fit:
    beta: Array
    beta_shape: Array
    rss: float
    log_likelihood: float
    inverse: Array
    residual: Array


def _fit(y: Array, x: Array, covariance: Array) -> _Fit:
    """Return generalised least squares of the long-period regression."""
    n = len(y)
    factor = linalg.cho_factor(covariance, lower=True)
    inverse = linalg.cho_solve(factor, np.eye(n))
    shape = linalg.inv(x.T @ inverse @ x)
    beta = shape @ (x.T @ inverse @ y)
    residual = y - x @ beta
    rss = float(residual @ inverse @ residual)
    log_determinant = 2.0 * float(np.log(np.diag(factor[0])).sum())
    likelihood = -n / 2 - n * math.log(2 * math.pi) / 2 - n * math.log(rss / n) / 2 - log_determinant / 2
    return _Fit(beta, shape, rss, likelihood, inverse, residual)


def disaggregate(
    low: TimeSeries,
    indicators: Sequence[TimeSeries],
    *,
    kind: str = "",
    method: str = "chow-lin-maxlog",
    conversion: str = "sum",
    intercept: bool = True,
    rho: float = 0.5,
    truncate: bool = False,
) -> Disaggregation:
    """Return a series of short periods from one of long periods and indicators.

    Args:
        low: series of long periods, without gaps.
        indicators: series of short periods over the same span or beyond it; all over one span.
        kind: of the short periods; that of the indicators where there are any.
        method: one of `METHODS`.
        conversion: sum, average, first or last.
        intercept: whether a constant is among the regressors.
        rho: of the fixed methods.
        truncate: whether a negative estimate is set to 0 (a negative one makes the path jagged).

    Raises:
        InputError: statistics.frequency_order, statistics.indicator_short, statistics.indicators_differ,
            statistics.series_gap.
        MethodError: statistics.disaggregation_method, statistics.no_regressors, statistics.regressors_collinear,
            statistics.too_few_long, statistics.rho_outside.

    Source: Chow and Lin (1971); Fernández (1981); Litterman (1983); Quilis (2018), Temporal disaggregation of economic
        time series, and Barcellan and Buono (2002), ECOTRIM, for the two forms of minimum RSS; Sax and Steiner (2013),
        R Journal 5(2), for the objectives and the search range.
    """
    _check(low, indicators, method, rho)
    place = align(low, indicators[0].kind if indicators else kind, indicators[0] if indicators else None)
    c = place.matrix(conversion)
    columns = [np.ones(place.length)] if intercept else []
    columns += [one.values for one in indicators]
    names = (("intercept",) if intercept else ()) + tuple(one.name for one in indicators)
    if not columns:
        raise MethodError(Problem("statistics.no_regressors"))
    x = np.column_stack(columns)
    y, cx = low.values, np.asarray(c @ x)
    if len(y) <= x.shape[1]:
        told = {"long": len(y), "regressors": x.shape[1]}
        raise MethodError(Problem("statistics.too_few_long", values=told))
    scale = np.abs(cx).max(axis=0)
    if np.linalg.matrix_rank(cx / np.where(scale > 0, scale, 1.0)) < x.shape[1]:
        raise MethodError(Problem("statistics.regressors_collinear", values={"regressors": ", ".join(names)}))
    found = _rho(y, cx, c, place.length, method, rho)
    if truncate and found < 0:
        found = 0.0
    v = _covariance(method)(found, place.length)
    cv = np.asarray(c @ v)
    fit = _fit(y, cx, np.asarray(c @ cv.T))
    spread = cv.T @ fit.inverse  # distributes the long residuals over short periods
    values = x @ fit.beta + spread @ fit.residual
    variance = fit.rss / (len(y) - x.shape[1])
    open_part = x - spread @ cx
    shape = v - spread @ cv + open_part @ fit.beta_shape @ open_part.T
    errors = np.sqrt(np.clip(np.diag(shape), 0.0, None) * variance)
    return Disaggregation(
        TimeSeries(low.name, place.kind, place.first, values), errors, method, found, names, fit.beta,
        np.sqrt(np.diag(fit.beta_shape) * variance), fit.log_likelihood, variance, fit.rss, place.before, place.after,
        conversion,
    )  # fmt: skip


def _check(low: TimeSeries, indicators: Sequence[TimeSeries], method: str, rho: float) -> None:
    problems = []
    if method not in METHODS:
        values = {"method": method[:40], "known": ", ".join(METHODS)}
        raise MethodError(Problem("statistics.disaggregation_method", values=values))
    if not -1 < rho < 1:
        raise MethodError(Problem("statistics.rho_outside", values={"rho": rho}))
    for one in (low, *indicators):
        if not np.isfinite(one.values).all():
            missing = int((~np.isfinite(one.values)).sum())
            told = {"series": one.name, "count": missing, "periods": "–"}
            problems.append(Problem("statistics.series_gap", values=told))
    spans = {(one.kind, one.first, len(one.values)) for one in indicators}
    if len(spans) > 1:
        names = ", ".join(one.name for one in indicators)
        problems.append(Problem("statistics.indicators_differ", values={"series": names}))
    if problems:
        raise InputError(*problems)


def _covariance(method: str) -> Callable[[float, int], Array]:
    return random_walk_markov if method.startswith(("fernandez", "litterman")) else autoregressive


def _rho(y: Array, cx: Array, c: Array, length: int, method: str, given: float) -> float:
    """Return the autoregressive parameter of a method: fixed, or where its objective is best."""
    if method in ("ols", "fernandez"):
        return 0.0
    if method.endswith("fixed"):
        return given
    covariance = _covariance(method)

    def objective(rho: float) -> float:
        v = covariance(rho, length)
        if method == "chow-lin-minrss-ecotrim":
            v = v * (1.0 - rho**2)  # correlations instead of covariances
        fit = _fit(y, cx, np.asarray(c @ np.asarray(c @ v).T))
        return -fit.log_likelihood if method.endswith("maxlog") else fit.rss

    grid = np.linspace(-BOUND, BOUND, _GRID)
    told = [objective(float(one)) for one in grid]
    best = int(np.argmin(told))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, _GRID - 1)]
    found = optimize.minimize_scalar(
        objective, bounds=(low, high), method="bounded", options={"xatol": _TOLERANCE}
    )
    return _refined(objective, float(min((found.fun, found.x), (told[best], grid[best]))[1]))


def _refined(objective: Callable[[float], float], near: float) -> float:
    """Return where the slope is zero: comparing values alone finds an extremum to half the digits of a double."""

    def slope(at: float) -> float:
        wide = objective(at + 2 * _STEP) - objective(at - 2 * _STEP)
        return (8 * (objective(at + _STEP) - objective(at - _STEP)) - wide) / (12 * _STEP)

    low, high = near - 10 * _STEP, near + 10 * _STEP
    if high + 2 * _STEP > BOUND or low - 2 * _STEP < -BOUND or slope(low) > 0 or slope(high) < 0:
        return near
    return float(optimize.brentq(slope, low, high, xtol=1e-13))
