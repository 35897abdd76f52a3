"""Weekly and daily series: seasonal-trend decomposition by loess, with one or several seasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.time_series import MOST_NAMED, TimeSeries, label_of

Array = NDArray[np.float64]

PERIODS = {"day": (7, 365), "week": (52,), "month": (12,), "quarter": (4,)}
"""Lengths of the seasons, in periods. Years of 365.25 days and 52.18 weeks are not whole: their season may drift."""


@dataclass(frozen=True)
class Decomposition:
    """A series with its parts, each of shape (periods,); factors near 1 where logarithms were taken.

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


def decompose(
    series: TimeSeries, *, periods: Sequence[int] = (), log: bool | None = None, robust: bool = True
) -> Decomposition:
    """Return a series with its seasons taken out.

    Args:
        series: raw, without gaps, at least two whole seasons of every length that is asked for.
        periods: lengths of seasons; those of its kind if none are given, without those it is too short for.
        log: whether logarithms are taken; where every value is positive if not given.
        robust: whether outliers are given less weight.

    Raises:
        InputError: statistics.series_gap, series_too_short, series_not_positive, series_constant.
        MethodError: statistics.stl_period.

    Source: Cleveland, Cleveland, McRae and Terpenning (1990), Journal of Official Statistics 6; Bandara, Hyndman and
        Bergmeir (2021), MSTL; Wang, Smith and Hyndman (2006) for the strengths; by statsmodels.
    """
    chosen = _periods(series, periods)
    _check(series, chosen, log)
    logs = bool((series.values > 0).all()) if log is None else log
    values = np.log(series.values) if logs else series.values
    tools = import_module("statsmodels.tsa.seasonal")
    if len(chosen) == 1:
        found = tools.STL(values, period=chosen[0], robust=robust).fit()
        seasons = {chosen[0]: np.asarray(found.seasonal)}
    else:
        found = tools.MSTL(values, periods=chosen, stl_kwargs={"robust": robust}).fit()
        table = np.asarray(found.seasonal)
        seasons = {one: table[:, place] for place, one in enumerate(chosen)}
    trend, rest = np.asarray(found.trend), np.asarray(found.resid)
    strength = {str(one): _strength(rest, part) for one, part in seasons.items()}
    strength["trend"] = _strength(rest, trend)
    adjusted = values - np.sum(list(seasons.values()), axis=0)
    form = np.exp if logs else np.asarray
    return Decomposition(
        series, logs, form(adjusted), form(trend), {one: form(part) for one, part in seasons.items()}, form(rest),
        strength,
    )  # fmt: skip


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
        told = ", ".join(label_of(series.kind, series.first + int(at)) for at in missing[:MOST_NAMED])
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
