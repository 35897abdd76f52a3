"""A panel of monthly and quarterly series on months: transformations, and quarterly values in their last month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.time_series import MOST_NAMED, TimeSeries, label_of

Array = NDArray[np.float64]

TRANSFORMATIONS = ("lin", "chg", "ch1", "pch", "pc1", "pca", "cch", "cca", "log")
"""lin: as it is. chg: change on the period before. ch1: on the year before. pch: percent on the period before. pc1: on
the year before. pca: percent, at an annual rate. cch: 100 times the change of logarithms. cca: that at an annual rate.
log: logarithm."""
QUARTER = 3


@dataclass(frozen=True)
class Panel:
    """Series on months from `first` (counted from year 0), shape (months, series); quarterly ones in third months."""

    names: tuple[str, ...]
    first: int
    values: Array
    quarterly: NDArray[np.bool_]

    @property
    def last(self) -> int:
        """Return the place of the last month."""
        return self.first + len(self.values) - 1

    def column(self, name: str) -> int:
        """Return the position of a series.

        Raises:
            MethodError: statistics.nowcast_no_series.
        """
        if name not in self.names:
            values = {"series": name[:60], "known": ", ".join(self.names[:30])}
            raise MethodError(Problem("statistics.nowcast_no_series", values=values))
        return self.names.index(name)

    def over(self, first: int, last: int) -> Panel:
        """Return the panel over other months; what lies outside is missing."""
        made = np.full((last - first + 1, len(self.names)), np.nan)
        begin, end = max(first, self.first), min(last, self.last)
        if begin <= end:
            made[begin - first : end - first + 1] = self.values[begin - self.first : end - self.first + 1]
        return replace(self, first=first, values=made)


def place_month(text: str) -> int:
    """Return the month's place of 2016-12, or the last month's of 2016Q4.

    Raises:
        InputError: statistics.series_period_unreadable.
    """
    from lvshu.statistics.series.time_series import place_of

    found = place_of(text)
    if found and found[0] == "month":
        return found[1]
    if found and found[0] == "quarter":
        return found[1] * QUARTER + QUARTER - 1
    raise InputError(
        Problem("statistics.series_period_unreadable", values={"label": text[:40], "series": "–"})
    )


def transformed(values: Array, how: str, step: int) -> Array:
    """Return a series in the form in which it enters the model.

    Args:
        values: levels on months, shape (months,); quarterly ones every third month, else missing.
        how: one of `TRANSFORMATIONS`.
        step: 1 for monthly, 3 for quarterly series.

    Returns:
        Shape (months,), the first periods missing where a change needs them.

    Raises:
        MethodError: statistics.nowcast_transformation.

    Source: Bok, Caratelli, Giannone, Sbordone and Tambalotti (2018), Macroeconomic Nowcasting and Forecasting with Big
        Data, Annual Review of Economics 10, with the transformations of its published code.
    """
    if how not in TRANSFORMATIONS:
        told = {"how": how[:40], "known": ", ".join(TRANSFORMATIONS)}
        raise MethodError(Problem("statistics.nowcast_transformation", values=told))
    back = 12 if how in ("ch1", "pc1") else step
    before = np.full(len(values), np.nan)
    before[back:] = values[:-back] if back < len(values) else np.empty(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        made = _formed(values, before, how, step)
    return np.where(np.isfinite(made), made, np.nan)


def _undefined(values: Array, made: Array, how: str, step: int) -> NDArray[np.int64]:
    """Return the places where a form is not defined for figures that are there: zeros and negative ones."""
    needed = np.isfinite(values)
    if how not in ("lin", "log"):
        back = 12 if how in ("ch1", "pc1") else step
        needed[back:] &= np.isfinite(values[:-back])
        needed[:back] = False
    return np.flatnonzero(needed & ~np.isfinite(made))


def _formed(values: Array, before: Array, how: str, step: int) -> Array:
    """Return values in a form, given those of the period before or the year before."""
    if how == "lin":
        return values.astype(float)
    if how in ("chg", "ch1"):
        return values - before
    if how in ("pch", "pc1"):
        return 100 * (values / before - 1)
    if how == "pca":
        return np.asarray(100 * ((values / before) ** (12 / step) - 1))
    if how == "log":
        return np.asarray(np.log(values))
    yearly = 12 / step if how == "cca" else 1.0
    return np.asarray(100 * yearly * (np.log(values) - np.log(before)))


def panel_of(series: Sequence[TimeSeries], transformations: Sequence[str] = ()) -> Panel:
    """Return a panel of monthly and quarterly series.

    Args:
        series: months and quarters; missing values are allowed.
        transformations: one for each; as they are if none are given.

    Raises:
        InputError: statistics.nowcast_kind for other kinds, statistics.nowcast_names for names that come twice,
            statistics.nowcast_form_undefined for zeros and negative figures under a form that has none.
    """
    problems = [
        Problem("statistics.nowcast_kind", values={"series": one.name, "kind": one.kind})
        for one in series
        if one.kind not in ("month", "quarter")
    ]
    names = [one.name for one in series]
    if len(set(names)) < len(names) or not names:
        problems.append(Problem("statistics.nowcast_names", values={"names": ", ".join(names[:20])}))
    if problems:
        raise InputError(*problems)
    spans = []
    for one in series:
        step = QUARTER if one.kind == "quarter" else 1
        spans.append((one.first * step + step - 1, one.last * step + step - 1, step))
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    values = np.full((last - first + 1, len(series)), np.nan)
    for place, (one, (begin, end, step)) in enumerate(zip(series, spans, strict=True)):
        values[begin - first : end - first + 1 : step, place] = one.values
        how = transformations[place] if transformations else "lin"
        made = transformed(values[:, place], how, step)
        if (bad := _undefined(values[:, place], made, how, step)).size:
            told = ", ".join(month_label(first + int(at)) for at in bad[:MOST_NAMED])
            problems.append(
                Problem(
                    "statistics.nowcast_form_undefined",
                    values={"series": one.name, "form": how, "periods": told, "count": int(bad.size)},
                )
            )
        values[:, place] = made
    if problems:
        raise InputError(*problems)
    return Panel(tuple(names), first, values, np.array([step == QUARTER for _, _, step in spans]))


def month_label(place: int) -> str:
    """Return a month as text by its place."""
    return label_of("month", place)
