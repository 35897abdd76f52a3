"""A total adjusted directly and through its parts, side by side, and the parts made to add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, Problem
from lvshu.statistics.series.time_series import TimeSeries, label_of

Array = NDArray[np.float64]

TOLERANCE = 1e-6  # of a total: parts in floating point add up within this


class HasAdjusted(Protocol):
    """What has a raw series and its adjusted values."""

    @property
    def raw(self) -> TimeSeries:
        """Return the raw series."""

    @property
    def adjusted(self) -> Array:
        """Return the adjusted values, shape (periods,)."""


@dataclass(frozen=True)
class Adjusted:
    """A raw series and its adjusted values, shape (periods,)."""

    raw: TimeSeries
    adjusted: Array


@dataclass(frozen=True)
class Comparison:
    """Direct against indirect adjustment of a total.

    indirect: sum of the adjusted parts, shape (periods,). difference: direct less indirect in percent of direct,
    shape (periods,). roughness: mean squared change from period to period of each, in the same order (direct,
    indirect), relative to the squared mean level; qs: seasonality left in each, statistic and p-value. smoother:
    which is less rough.
    """

    indirect: Array
    difference: Array
    roughness: tuple[float, float]
    qs: tuple[tuple[float, float], tuple[float, float]]

    @property
    def smoother(self) -> str:
        """Return "direct" or "indirect"."""
        return "direct" if self.roughness[0] <= self.roughness[1] else "indirect"


def seasonality_test(values: Array, per_year: int, *, differences: int = 2) -> tuple[float, float]:
    """Return Maravall's QS of a series and its p-value: whether the seasonal autocorrelations are positive.

    Args:
        values: shape (periods,).
        per_year: 12 or 4.
        differences: how often the series is differenced first; the program takes two.

    Returns:
        QS = n(n+2) Σ_{k=1,2} max(0, ρ_{sk})² / (n−sk) of the differenced series, 0 where ρ_s ≤ 0; chi-square, 2
        degrees of freedom. (0, 1) where the series is too short.

    Source: Maravall (2012), Update of Seasonality Tests and Automatic Model Identification in TRAMO-SEATS.
    """
    from scipy.stats import chi2

    change = np.diff(np.asarray(values, dtype=float), differences)
    change = change - change.mean()
    n = len(change)
    if n <= 2 * per_year or not np.any(change):
        return 0.0, 1.0
    total = float(change @ change)
    rho = [float(change[per_year * k :] @ change[: -per_year * k]) / total for k in (1, 2)]
    if rho[0] <= 0:
        return 0.0, 1.0
    qs = n * (n + 2) * sum(max(0.0, each) ** 2 / (n - per_year * (k + 1)) for k, each in enumerate(rho))
    return qs, float(chi2.sf(qs, 2))


def check_parts(total: TimeSeries, parts: Sequence[TimeSeries]) -> None:
    """Refuse parts that do not add up to the total, or do not cover the same periods.

    Raises:
        InputError: statistics.parts_periods, statistics.parts_differ (with the largest difference); all at once.
    """
    problems = [
        Problem("statistics.parts_periods", values={"series": one.name, "total": total.name})
        for one in parts
        if (one.kind, one.first, len(one.values)) != (total.kind, total.first, len(total.values))
    ]
    if not problems:
        gap = np.sum([one.values for one in parts], axis=0) - total.values
        worst = int(np.abs(gap).argmax())
        if abs(gap[worst]) > TOLERANCE * max(abs(total.values[worst]), 1e-12):
            problems.append(
                Problem("statistics.parts_differ",
                        values={"total": total.name, "period": label_of(total.kind, total.first + worst),
                                "difference": f"{abs(gap[worst]):.6g}",
                                "side": {"zh": "多", "en": "more"} if gap[worst] > 0 else {"zh": "少", "en": "less"}})
            )  # fmt: skip
    if problems:
        raise InputError(*problems)


def compare(direct: HasAdjusted, parts: Sequence[HasAdjusted]) -> Comparison:
    """Return direct and indirect adjustment side by side.

    Args:
        direct: of the total.
        parts: of the parts, which add up to the total.

    Raises:
        InputError: as `check_parts`.

    Source: ESS Guidelines on Seasonal Adjustment (Eurostat, 2024), direct and indirect approaches; X-13ARIMA-SEATS
        Reference Manual, roughness measures R1 of the spec composite.
    """
    check_parts(direct.raw, [one.raw for one in parts])
    indirect = np.sum([one.adjusted for one in parts], axis=0)
    own = direct.adjusted
    rough = [float(np.mean(np.diff(one) ** 2) / np.mean(one) ** 2) for one in (own, indirect)]
    per_year = direct.raw.per_year
    tests = [seasonality_test(one, per_year) for one in (own, indirect)]
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = 100.0 * (own - indirect) / own
    return Comparison(indirect, difference, (rough[0], rough[1]), (tests[0], tests[1]))


def consistent(direct: HasAdjusted, parts: Sequence[HasAdjusted]) -> Array:
    """Return the adjusted parts made to add up to the directly adjusted total, shape (parts, periods).

    The difference is shared by the size of the parts, which is the least sum of squared relative changes.

    Source: ESS Guidelines on Seasonal Adjustment (2024), time consistency of aggregates; Stone, Champernowne and
        Meade (1942) with variances proportional to the parts' absolute size.
    """
    table = np.array([one.adjusted for one in parts])
    size = np.abs(table)
    total = size.sum(axis=0)
    share = np.divide(size, total, out=np.full_like(size, 1.0 / len(parts)), where=total > 0)
    return np.asarray(table + share * (direct.adjusted - table.sum(axis=0)))
