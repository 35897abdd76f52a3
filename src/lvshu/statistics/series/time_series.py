"""A series of evenly spaced periods, and how it is made from labelled values without repairing anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.han_numerals import arabic_dates

Array = NDArray[np.float64]

PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}
"""Periods in a year; weeks and days do not divide it evenly."""
MOST_NAMED = 5
_FORMS: dict[str, re.Pattern[str]] = {
    "day": re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$"),
    "week": re.compile(r"^(\d{4})-?W(\d{2})$"),
    "month": re.compile(r"^(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})(?:月份?)?|M(\d{1,2})|(\d{2}))$"),
    "quarter": re.compile(r"^(\d{4})(?:[-/. ]?Q([1-4])|年?第?([1-4一二三四])季度?)$", re.IGNORECASE),
    "half": re.compile(r"^(\d{4})(?:-?H([12])|年?([上下])半年)$", re.IGNORECASE),
    "year": re.compile(r"^(\d{4})年?$"),
}
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}


@dataclass(frozen=True)
class TimeSeries:
    """A series: its name, kind of period, place of the first period, values (NaN: missing), shape (periods,).

    `first` counts periods from the beginning of year 0 (years, halves, quarters, months), or days by
    `date.toordinal`, or weeks (the ordinal of their Monday by seven).
    """

    name: str
    kind: str
    first: int
    values: Array

    @property
    def per_year(self) -> int:
        """Return how many periods a year has; 0 for weeks and days."""
        return PER_YEAR.get(self.kind, 0)

    @property
    def last(self) -> int:
        """Return the place of the last period."""
        return self.first + len(self.values) - 1

    @property
    def start(self) -> tuple[int, int]:
        """Return year and number within the year of the first period, from 1 (not for weeks and days)."""
        return self.first // self.per_year, self.first % self.per_year + 1

    def labels(self) -> list[str]:
        """Return the periods as texts: 2025, 2025H1, 2025Q3, 2025-07, 2025-W05, 2025-07-31."""
        return [label_of(self.kind, place) for place in range(self.first, self.last + 1)]

    def upto(self, place: int) -> TimeSeries:
        """Return the series up to and with a place."""
        return replace(self, values=self.values[: max(0, place - self.first + 1)])

    def between(self, first: int, last: int) -> TimeSeries:
        """Return the part from `first` to `last`, both included; periods outside are left out."""
        begin, end = max(first, self.first), min(last, self.last)
        return replace(self, first=begin, values=self.values[begin - self.first : end - self.first + 1])


def listed(periods: Sequence[str]) -> str:
    """Return the first of some periods in words, with … where there are more."""
    return ", ".join(periods[:MOST_NAMED]) + (", …" if len(periods) > MOST_NAMED else "")


def label_of(kind: str, place: int) -> str:
    """Return the text of a period by its place."""
    if kind == "day":
        return date.fromordinal(place).isoformat()
    if kind == "week":
        year, week, _ = date.fromordinal(place * 7 + 1).isocalendar()
        return f"{year}-W{week:02d}"
    year, number = divmod(place, PER_YEAR[kind])
    return {"year": f"{year}", "half": f"{year}H{number + 1}", "quarter": f"{year}Q{number + 1}"}.get(
        kind, f"{year}-{number + 1:02d}"
    )


def place_of(text: str) -> tuple[str, int] | None:
    """Return the kind and place of the period that a text names; None for anything else."""
    text = arabic_dates(text.strip())
    for kind, form in _FORMS.items():
        found = form.match(text)
        if found:
            parts = [part for part in found.groups() if part is not None]
            return _placed(kind, parts)
    return None


def _placed(kind: str, parts: Sequence[str]) -> tuple[str, int] | None:
    year = int(parts[0])
    try:
        if kind == "day":
            return kind, date(year, int(parts[1]), int(parts[2])).toordinal()
        if kind == "week":
            return kind, (date.fromisocalendar(year, int(parts[1]), 1).toordinal() - 1) // 7
    except ValueError:
        return None
    number = (_CHINESE.get(parts[1]) or int(parts[1])) if len(parts) > 1 else 1
    if not 1 <= number <= PER_YEAR[kind]:
        return None
    return kind, year * PER_YEAR[kind] + number - 1


def days_of(kind: str, place: int) -> list[date]:
    """Return the days of a period."""
    if kind == "day":
        return [date.fromordinal(place)]
    if kind == "week":
        monday = date.fromordinal(place * 7 + 1)
        return [monday + timedelta(days=number) for number in range(7)]
    months = 12 // PER_YEAR[kind]

    def first(at: int) -> date:
        year, number = divmod(at, PER_YEAR[kind])
        return date(year, number * months + 1, 1)

    begin, end = first(place).toordinal(), first(place + 1).toordinal()
    return [date.fromordinal(day) for day in range(begin, end)]


def series_of(
    name: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    *,
    file: str | None = None,
    rows: Sequence[int] | None = None,
    gaps_allowed: bool = False,
) -> TimeSeries:
    """Return a series from labelled values, in any order.

    Args:
        name: of the series.
        labels: the periods as texts, all of one kind.
        values: one for each label; None where nothing is known.
        file: for messages.
        rows: rows of the file, for messages.
        gaps_allowed: whether missing periods within the series become NaN instead of being refused.

    Raises:
        InputError: periods that cannot be read, are of several kinds, stand there twice, or are missing; all at once.
    """
    where: Callable[[int], Where] = lambda at: Where(file, None, rows[at] if rows else None, name)  # noqa: E731
    read = [place_of(str(label)) for label in labels]
    problems = _unread(name, [at for at, found in enumerate(read) if found is None], labels, where)
    known = [(at, found) for at, found in enumerate(read) if found is not None]
    kinds = Counter(found[0] for _, found in known)
    if len(kinds) > 1:
        told = ", ".join(f"{kind} × {count}" for kind, count in sorted(kinds.items()))
        problems.append(Problem("statistics.series_mixed_periods", where(0), {"series": name, "kinds": told}))
    if problems or not known:
        raise InputError(*(problems or [Problem("statistics.series_empty", Where(file), {"series": name})]))
    problems += _twice(name, known, labels, where)
    filled = {
        found[1]: float("nan") if (value := values[at]) is None else float(value) for at, found in known
    }
    present = sorted(place for place, value in filled.items() if not np.isnan(value))
    if not present:
        raise InputError(*problems, Problem("statistics.series_empty", Where(file), {"series": name}))
    kind, first, last = known[0][1][0], present[0], present[-1]
    missing = [place for place in range(first, last + 1) if np.isnan(filled.get(place, np.nan))]
    if missing and not gaps_allowed:
        problems.append(_gap(name, kind, missing, Where(file, None, None, name)))
    if problems:
        raise InputError(*problems)
    made = np.array([filled.get(place, np.nan) for place in range(first, last + 1)], dtype=float)
    return TimeSeries(name, kind, first, made)


def _unread(
    name: str, places: Sequence[int], labels: Sequence[str], where: Callable[[int], Where]
) -> list[Problem]:
    """Return a problem for each period that cannot be read; where they are many, one with their number."""
    told = [str(labels[at])[:40] for at in places[:MOST_NAMED]]
    if len(places) > MOST_NAMED:
        values = {"count": len(places), "labels": ", ".join(f"“{one}”" for one in told), "series": name}
        return [Problem("statistics.series_periods_unreadable", where(places[0]), values)]
    return [
        Problem("statistics.series_period_unreadable", where(at), {"label": one, "series": name})
        for at, one in zip(places, told, strict=True)
    ]


def _twice(
    name: str,
    known: Sequence[tuple[int, tuple[str, int]]],
    labels: Sequence[str],
    where: Callable[[int], Where],
) -> list[Problem]:
    seen: dict[int, int] = {}
    problems = []
    for at, (_, place) in known:
        if place in seen:
            values = {"series": name, "period": str(labels[at])}
            problems.append(Problem("statistics.series_period_twice", where(at), values))
        seen[place] = at
    return problems[:MOST_NAMED]


def _gap(name: str, kind: str, missing: Sequence[int], where: Where) -> Problem:
    named = ", ".join(label_of(kind, place) for place in missing[:MOST_NAMED])
    more = "…" if len(missing) > MOST_NAMED else ""
    return Problem(
        "statistics.series_gap", where, {"series": name, "count": len(missing), "periods": named + more}
    )
