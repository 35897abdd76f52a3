"""Weekly and daily series: seasonal-trend decomposition by loess, with one or several seasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.time_series import TimeSeries, label_of, listed

Array = NDArray[np.float64]

PERIODS = {"day": (7, 365), "week": (52,), "month": (12,), "quarter": (4,)}
"""Lengths of the seasons, in periods. Years of 365.25 days and 52.18 weeks are not whole: their season may drift."""


_ROUNDS = 12
_STILL = 1e-3  # of the largest coefficient
SEASONAL_WINDOW = 7  # periods of the smoother of one season
MSTL_ROUNDS = 2
JUMPS = 10  # places of a span at which the smoothers of trend and low-pass are fitted


@dataclass(frozen=True)
class Decomposition:
    """A series with its parts, each of shape (periods,); factors near 1 where logarithms were taken.

    calendar: effect of the calendar's regressors, taken out of `adjusted` too; coefficients: of each of them.

    seasonal: by the length of the season. strength: of each season and of the trend, 0 to 1: one less the share of the
    remainder's variance.
    """

    raw: TimeSeries
    multiplicative: bool
    adjusted: Array
    trend: Array
    seasonal: Mapping[int, Array]
    remainder: Array
    strength: Mapping[str, float]
    calendar: Array
    coefficients: Mapping[str, float]


def decompose(
    series: TimeSeries,
    *,
    periods: Sequence[int] = (),
    log: bool | None = None,
    robust: bool = True,
    calendar: Mapping[str, Array] | None = None,
) -> Decomposition:
    """Return a series with its seasons taken out, and the effects of the calendar where regressors are given.

    Args:
        series: raw, without gaps, at least two whole seasons of every length that is asked for.
        periods: lengths of seasons; those of its kind if none are given, without those it is too short for.
        log: whether logarithms are taken; where every value is positive if not given.
        robust: whether outliers are given less weight.
        calendar: regressors by name, shape (periods,) each; their effects and the decomposition are found in turn,
            until the coefficients stand still.

    Raises:
        InputError: statistics.series_gap, series_too_short, series_not_positive, series_constant.
        MethodError: statistics.stl_period; statistics.regressors_collinear.

    Source: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6; Bandara, Hyndman and
        Bergmeir (2021), MSTL; Wang, Smith and Hyndman (2006) for the strengths; by statsmodels. Calendar effects by
        backfitting, Hastie and Tibshirani (1990), Generalized Additive Models, chapter 4.
    """
    chosen = _periods(series, periods)
    _check(series, chosen, log)
    logs = bool((series.values > 0).all()) if log is None else log
    values = np.log(series.values) if logs else series.values
    names, x = _regressors(calendar or {}, len(values))
    beta = np.zeros(len(names))
    beta = _effects(values, x, chosen, robust) if names else beta
    effect = x @ beta
    trend, seasons = _smoothed(values - effect, chosen, robust)
    adjusted = values - effect - np.sum(list(seasons.values()), axis=0)
    rest = adjusted - trend
    strength = {str(one): _strength(rest, part) for one, part in seasons.items()}
    strength["trend"] = _strength(rest, trend)
    form = np.exp if logs else np.asarray
    return Decomposition(
        series, logs, form(adjusted), form(trend), {one: form(part) for one, part in seasons.items()}, form(rest),
        strength, form(effect), dict(zip(names, beta.tolist(), strict=True)),
    )  # fmt: skip


def _effects(values: Array, x: Array, periods: Sequence[int], robust: bool) -> Array:
    """Return the calendar's coefficients, shape (regressors,): by turns of smoothing and least squares.

    The turns smooth quickly (`JUMPS`); what is published is smoothed at every place once they are known.
    """
    beta = np.zeros(x.shape[1])
    trend, seasons = _smoothed(values, periods, robust, quick=True)
    for _ in range(_ROUNDS):
        before = beta
        free = values - trend - np.sum(list(seasons.values()), axis=0)
        beta = np.linalg.lstsq(x, free - free.mean(), rcond=None)[0]
        if np.abs(beta - before).max() <= _STILL * (np.abs(beta).max() + 1e-12):
            break
        trend, seasons = _smoothed(values - x @ beta, periods, robust, quick=True)
    return beta


def _regressors(calendar: Mapping[str, Array], length: int) -> tuple[list[str], Array]:
    """Return names and columns, each less its mean so that the level stays with the trend."""
    names = list(calendar)
    if not names:
        return [], np.zeros((length, 0))
    x = np.column_stack([calendar[name] for name in names])
    x = x - x.mean(axis=0)
    if np.linalg.matrix_rank(x) < len(names):
        told = {"regressors": ", ".join(names)}
        raise MethodError(Problem("statistics.regressors_collinear", values=told))
    return names, x


def _smoothed(
    values: Array, periods: Sequence[int], robust: bool, *, quick: bool = False
) -> tuple[Array, dict[int, Array]]:
    """Return trend and seasons by loess: STL for one season, in turn for several (MSTL).

    Args:
        values: shape (periods,).
        periods: lengths of the seasons, rising.
        robust: whether outliers are given less weight.
        quick: whether the smoothers of trend and low-pass are fitted at every tenth of their span and interpolated
            between, as R's `stl` does by default: a season of 365 days takes a thirtieth of the time.

    Source: Cleveland and others (1990); R, stats::stl, t.jump and l.jump; Bandara, Hyndman and Bergmeir (2021) for two
        rounds and the windows of several seasons.
    """
    several = len(periods) > 1
    seasons = {period: np.zeros(len(values)) for period in periods}
    rest, trend = values, values
    for _ in range(MSTL_ROUNDS if several else 1):
        for place, period in enumerate(periods):
            rest = rest + seasons[period]
            window = SEASONAL_WINDOW + (4 * (place + 1) if several else 0)
            found = _stl(rest, period, window, robust, quick)
            seasons[period] = np.asarray(found.seasonal)
            rest, trend = rest - seasons[period], np.asarray(found.trend)
    return trend, seasons


def _stl(values: Array, period: int, window: int, robust: bool, quick: bool) -> Any:
    """Return the decomposition by one season; spans of trend and low-pass are those of the source for the window."""
    tools = import_module("statsmodels.tsa.seasonal")
    trend, low_pass = _odd(1.5 * period / (1 - 1.5 / window)), _odd(period + 1)
    jumps = [math.ceil(span / JUMPS) if quick else 1 for span in (trend, low_pass)]
    return tools.STL(
        values, period=period, seasonal=window, trend=trend, low_pass=low_pass, robust=robust,
        trend_jump=jumps[0], low_pass_jump=jumps[1],
    ).fit()  # fmt: skip


def _odd(span: float) -> int:
    """Return the smallest odd number that is not below."""
    whole = math.ceil(span)
    return whole + 1 - whole % 2


def _strength(rest: Array, part: Array) -> float:
    whole = float(np.var(rest + part))
    return max(0.0, 1.0 - float(np.var(rest)) / whole) if whole > 0 else 0.0


def _periods(series: TimeSeries, asked: Sequence[int]) -> tuple[int, ...]:
    if any(one < 2 for one in asked) or len(set(asked)) < len(asked):
        told = {"periods": ", ".join(map(str, asked))}
        raise MethodError(Problem("statistics.stl_period", values=told))
    if asked:
        return tuple(sorted(asked))
    usual = PERIODS.get(series.kind, ())
    if not usual:
        raise InputError(
            Problem("statistics.series_kind", values={"series": series.name, "kind": series.kind})
        )
    fitting = tuple(one for one in usual if len(series.values) >= 2 * one)
    return fitting or usual[:1]


def _check(series: TimeSeries, periods: Sequence[int], log: bool | None) -> None:
    problems = []
    values, name = series.values, series.name
    missing = np.flatnonzero(~np.isfinite(values))
    if missing.size:
        told = listed([label_of(series.kind, series.first + int(at)) for at in missing])
        problems.append(
            Problem(
                "statistics.series_gap", values={"series": name, "count": int(missing.size), "periods": told}
            )
        )
    if len(values) < 2 * max(periods):
        detail = f"{len(values)} < {2 * max(periods)}"
        problems.append(Problem("statistics.series_too_short", values={"series": name, "detail": detail}))
    if log and (values <= 0).any():
        count = int((values <= 0).sum())
        problems.append(
            Problem("statistics.series_not_positive", values={"series": name, "detail": str(count)})
        )
    if not missing.size and len(values) and np.ptp(values) == 0:
        problems.append(Problem("statistics.series_constant", values={"series": name, "detail": "–"}))
    if problems:
        raise InputError(*problems)
