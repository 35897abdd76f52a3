"""Why a nowcast changed between two vintages: revisions of what was known, and news in what was released."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.series.nowcast.panel import Panel, month_label
from lvshu.statistics.series.nowcast.state_space import LinearModel, smooth

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Release:
    """One figure that was released: what was expected, what came, its weight, and what it moved the nowcast by."""

    series: str
    month: str
    expected: float
    actual: float
    weight: float

    @property
    def news(self) -> float:
        """Return the surprise, in the unit of the series."""
        return self.actual - self.expected

    @property
    def impact(self) -> float:
        """Return what the surprise moved the nowcast by, in the unit of the target."""
        return self.weight * self.news


@dataclass(frozen=True)
class Change:
    """A nowcast in two vintages: before + revisions + Σ impacts = after. In the unit of the target."""

    before: float
    revisions: float
    after: float
    releases: tuple[Release, ...]

    @property
    def news(self) -> float:
        """Return what all releases together moved the nowcast by."""
        return self.after - self.before - self.revisions


def explain(model: LinearModel, old: Panel, new: Panel, target: str, month: int) -> Change:
    """Return why the nowcast of a target changed.

    Args:
        model: with its parameters held.
        old: earlier vintage.
        new: later vintage, of the same series.
        target: name of the series.
        month: place of the month; the third one for a quarterly series.

    Returns:
        Revisions: the nowcast with the later figures of what was already known. News: one release at a time, its weight
        the derivative of the nowcast by that figure, which is exact since the nowcast is linear in the data.

    Raises:
        MethodError: statistics.nowcast_no_series.

    Source: Bańbura and Modugno (2014), Journal of Applied Econometrics 29, section 2.3, with revisions as a step of
        their own as in Bok and others (2018).
    """
    first, last = min(old.first, new.first), max(old.last, new.last, month)
    before, after = old.over(first, last), new.over(first, last)
    column, row = after.column(target), month - first
    known = np.isfinite(before.values)
    revised = np.where(known, after.values, np.nan)
    told_before = smooth(model, before.values, variances=False).values
    told_revised = smooth(model, revised, variances=False).values
    told_after = smooth(model, after.values, variances=False).values
    releases = []
    for at, one in np.argwhere(np.isfinite(after.values) & ~known):
        moved = after.values.copy()
        moved[at, one] += model.scale[one]
        weight = smooth(model, moved, variances=False).values[row, column] - told_after[row, column]
        releases.append(
            Release(after.names[one], month_label(first + int(at)), float(told_revised[at, one]),
                    float(after.values[at, one]), float(weight / model.scale[one]))
        )  # fmt: skip
    start, middle, end = (float(told[row, column]) for told in (told_before, told_revised, told_after))
    return Change(start, middle - start, end, tuple(releases))
