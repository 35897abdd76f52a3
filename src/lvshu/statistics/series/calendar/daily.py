"""Calendar regressors of weeks and days: windows around Spring Festival, days off, weekend days made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.calendar.lunar import FIRST, LAST, spring_festival
from lvshu.statistics.series.calendar.regressors import WEEKEND, WINDOWS, Schedule
from lvshu.statistics.series.time_series import days_of

Array = NDArray[np.float64]


def daily_regressors(
    kind: str,
    first: int,
    length: int,
    *,
    windows: Mapping[str, int] | None = None,
    schedule: Schedule | None = None,
) -> dict[str, Array]:
    """Return regressors of a daily or weekly series; those that never move are left out.

    Args:
        kind: day or week.
        first: place of the first period, as in `TimeSeries`.
        length: periods.
        windows: days of before, during and after Spring Festival; none of them if empty, the usual ones if not given.
        schedule: the official holidays; without it days off and days made up are not told apart.

    Returns:
        By name, shape (length,), share of the period's days: `before`, `during`, `after` the festival; `day_off`, a
        weekday off outside these windows; `made_up`, a weekend day worked.

    Raises:
        MethodError: statistics.calendar_kind for other kinds, statistics.festival_years outside 1949 to 2100.

    Source: GB/T 33661-2017; notices of the General Office of the State Council (pack public_holidays).
    """
    if kind not in ("day", "week"):
        raise MethodError(Problem("statistics.calendar_kind", values={"kind": kind}))
    chosen = WINDOWS if windows is None else windows
    found = {name: np.zeros(length) for name in (*chosen, "day_off", "made_up")}
    for at in range(length):
        days = days_of(kind, first + at)
        for day in days:
            name = _window(day, chosen) or _arranged(day, schedule)
            if name:
                found[name][at] += 1.0 / len(days)
    return {name: values for name, values in found.items() if np.ptp(values) > 0}


def _window(day: date, windows: Mapping[str, int]) -> str:
    """Return the window around Spring Festival in which a day falls, or an empty text."""
    if not windows:
        return ""
    if not FIRST <= day.year <= LAST:
        told = {"first": day.year, "last": day.year, "from": FIRST, "to": LAST}
        raise MethodError(Problem("statistics.festival_years", values=told))
    apart = (day - spring_festival(day.year)).days
    during = windows.get("during", 0)
    if -windows.get("before", 0) <= apart < 0:
        return "before"
    if 0 <= apart < during:
        return "during"
    return "after" if during <= apart < during + windows.get("after", 0) else ""


def _arranged(day: date, schedule: Schedule | None) -> str:
    if schedule is None:
        return ""
    if day in schedule.off and day.weekday() not in WEEKEND:
        return "day_off"
    return "made_up" if day in schedule.worked else ""
