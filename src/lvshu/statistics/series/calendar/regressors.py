"""Calendar regressors for Chinese series: Spring Festival windows and working days with official holidays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.calendar.lunar import FIRST, LAST, spring_festival
from lvshu.statistics.series.time_series import PER_YEAR, days_of

Array = NDArray[np.float64]

WINDOWS = {"before": 14, "during": 7, "after": 14}
"""Days of the windows where none are asked for; `during` begins on the day of the festival."""
WEEKEND = (5, 6)


@dataclass(frozen=True)
class Schedule:
    """The official arrangement of holidays: days off, weekend days worked, and the years it is known for."""

    off: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]

    def works(self, day: date) -> bool:
        """Return whether people work on a day: weekdays but for days off, and weekend days made up."""
        if day in self.off:
            return False
        return day in self.worked or day.weekday() not in WEEKEND


def schedule_of(rows: Iterable[Mapping[str, object]]) -> Schedule:
    """Return the schedule in the rows of the pack `public_holidays` (day, schedule_year, kind)."""
    kinds: dict[str, set[date]] = {"holiday": set(), "working": set()}
    years = set()
    for row in rows:
        kinds[str(row["kind"])].add(row["day"])  # type: ignore[arg-type]
        years.add(int(str(row["schedule_year"])))
    return Schedule(frozenset(kinds["holiday"]), frozenset(kinds["working"]), frozenset(years))


def spring_festival_regressors(
    kind: str, first: int, length: int, *, windows: Mapping[str, int] | None = None, centred: bool = True
) -> dict[str, Array]:
    """Return how much of each window around Spring Festival falls in each period.

    Args:
        kind: month or quarter.
        first: place of the first period, as in `TimeSeries`.
        length: periods, those of the forecasts included.
        windows: days of `before` (ending the day before the festival), `during` (from the day itself) and `after`;
            one of 0 days is left out.
        centred: whether the mean of the same month over 1949 to 2100 is taken off, so that the seasonal component
            keeps the mean effect.

    Returns:
        By window, shares of its days, shape (length,); without centring they sum to 1 over the festival's window.

    Raises:
        MethodError: statistics.festival_years outside 1949 to 2100, statistics.festival_window.

    Source: X-13ARIMA-SEATS Reference Manual, genhol; Lin and Liu (2003), Modeling Lunar Calendar Holiday Effects in
        Taiwan (U.S. Census Bureau); GB/T 33661-2017.
    """
    chosen = {name: days for name, days in (windows or WINDOWS).items() if days}
    faulty = [name for name, days in chosen.items() if name not in WINDOWS or not 0 < days <= 60]
    if faulty or kind not in ("month", "quarter"):
        told = {"windows": ", ".join(faulty) or kind}
        raise MethodError(Problem("statistics.festival_window", values=told))
    per_year = PER_YEAR[kind]
    if first // per_year < FIRST or (first + length - 1) // per_year > LAST:
        values = {
            "first": first // per_year,
            "last": (first + length - 1) // per_year,
            "from": FIRST,
            "to": LAST,
        }
        raise MethodError(Problem("statistics.festival_years", values=values))
    made = {}
    for name, days in chosen.items():
        begin = {"before": -days, "during": 0, "after": chosen.get("during", 0)}[name]
        whole = _shares(kind, days, begin)
        at = first - FIRST * per_year
        part = np.array(whole[at : at + length])
        if centred:
            means = whole.reshape(-1, per_year).mean(axis=0)
            part = part - means[(first + np.arange(length)) % per_year]
        made[name] = part
    return made


@cache
def _shares(kind: str, days: int, begin: int) -> Array:
    """Return the share of a window, which begins so many days after the festival, in each period of 1949 to 2100."""
    per_year = PER_YEAR[kind]
    months = 12 // per_year
    found = np.zeros((LAST - FIRST + 1) * per_year)
    for year in range(FIRST, LAST + 1):
        festival = spring_festival(year)
        for number in range(begin, begin + days):
            day = festival + timedelta(days=number)
            place = (day.year - FIRST) * per_year + (day.month - 1) // months
            if 0 <= place < len(found):
                found[place] += 1.0 / days
    found.setflags(write=False)
    return found


@dataclass(frozen=True)
class WorkingDays:
    """Working days by period: their number, the regressor, and which periods rest on an official schedule.

    days, regressor: shape (periods,), in days. established: shape (periods,); elsewhere weekdays alone are counted.
    """

    days: Array
    regressor: Array
    established: NDArray[np.bool_]


def working_days(kind: str, first: int, length: int, schedule: Schedule) -> WorkingDays:
    """Return working days by period and their departure from what is usual for the month.

    Args:
        kind: month, quarter, half or year.
        first: place of the first period.
        length: periods.
        schedule: the official arrangement of holidays.

    Returns:
        Days worked (weekdays only where no schedule is known) and the regressor: the departure of weekdays from the
        28-year mean of the month (400 years repeat; 28 do within 1901 to 2099), plus the departure of holidays from
        their mean in the month over the years with a schedule; the second is 0 for other years.

    Raises:
        MethodError: statistics.calendar_kind for weeks and days.

    Source: ESS Guidelines on Seasonal Adjustment (Eurostat, 2024), calendar adjustment with national holidays and
        removal of the long-term average; notices of the General Office of the State Council (pack public_holidays).
    """
    if kind not in PER_YEAR:
        raise MethodError(Problem("statistics.calendar_kind", values={"kind": kind}))
    per_year = PER_YEAR[kind]
    usual = _weekdays_usual(kind)
    lost_by_place = {
        place: _lost(kind, place, schedule)
        for year in sorted(schedule.years)
        for place in range(year * per_year, (year + 1) * per_year)
    }
    lost_usual = np.zeros(per_year)
    for number in range(per_year):
        own = [lost for place, lost in lost_by_place.items() if place % per_year == number]
        lost_usual[number] = float(np.mean(own)) if own else 0.0
    days, regressor = np.zeros(length), np.zeros(length)
    established = np.zeros(length, dtype=bool)
    for at in range(length):
        place = first + at
        number = place % per_year
        weekdays = _weekdays(kind, place)
        days[at] = weekdays
        regressor[at] = weekdays - usual[number]
        if place in lost_by_place:
            established[at] = True
            days[at] -= lost_by_place[place]
            regressor[at] -= lost_by_place[place] - lost_usual[number]
    return WorkingDays(days, regressor, established)


def spans_of(years: Iterable[int]) -> str:
    """Return years as text, those that follow one another as a span: 2004–2006, 2027."""
    spans: list[list[int]] = []
    for year in sorted(set(years)):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def _weekdays(kind: str, place: int) -> int:
    return sum(day.weekday() not in WEEKEND for day in days_of(kind, place))


def _lost(kind: str, place: int, schedule: Schedule) -> float:
    """Return weekdays off less weekend days worked in a period."""
    days = days_of(kind, place)
    return float(sum((day.weekday() not in WEEKEND) - schedule.works(day) for day in days))


@cache
def _weekdays_usual(kind: str) -> tuple[float, ...]:
    per_year = PER_YEAR[kind]
    return tuple(
        float(np.mean([_weekdays(kind, year * per_year + number) for year in range(2001, 2029)]))
        for number in range(per_year)
    )
