"""How periods of a short kind make periods of a long one: which belong together, and the matrix that adds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.time_series import PER_YEAR, TimeSeries, label_of

Array = NDArray[np.float64]

CONVERSIONS = ("sum", "average", "first", "last")


@dataclass(frozen=True)
class Alignment:
    """A long-period series over short periods.

    ratio: short periods in a long one. before, after: short periods outside the known long ones. length: short
    periods in all. first: place of the first short period.
    """

    kind: str
    first: int
    length: int
    ratio: int
    before: int
    after: int

    def matrix(self, conversion: str) -> sparse.csr_matrix:
        """Return C, shape (long periods, short periods), such that C y is the long series.

        Raises:
            MethodError: statistics.conversion_unknown.
        """
        if conversion not in CONVERSIONS:
            values = {"conversion": conversion[:40], "known": ", ".join(CONVERSIONS)}
            raise MethodError(Problem("statistics.conversion_unknown", values=values))
        weights = np.zeros(self.ratio)
        if conversion == "sum":
            weights[:] = 1.0
        elif conversion == "average":
            weights[:] = 1.0 / self.ratio
        else:
            weights[0 if conversion == "first" else -1] = 1.0
        count = (self.length - self.before - self.after) // self.ratio
        inner = sparse.kron(sparse.identity(count), weights[None, :])
        outer = [sparse.csr_matrix((count, self.before)), inner, sparse.csr_matrix((count, self.after))]
        return sparse.csr_matrix(sparse.hstack(outer))


def align(low: TimeSeries, kind: str, indicator: TimeSeries | None) -> Alignment:
    """Return how a long series lies over the periods of its indicator, or over its own where there is none.

    Args:
        low: the series of long periods, without gaps.
        kind: of the short periods.
        indicator: a series of short periods that covers the long ones, and may go beyond them.

    Raises:
        InputError: statistics.frequency_order where the short periods do not divide the long ones;
            statistics.indicator_short where the indicator does not cover them.
    """
    if (
        low.per_year == 0
        or kind not in PER_YEAR
        or PER_YEAR[kind] % low.per_year
        or (PER_YEAR[kind] == low.per_year)
    ):
        values = {"series": low.name, "low": low.kind, "high": kind}
        raise InputError(Problem("statistics.frequency_order", values=values))
    ratio = PER_YEAR[kind] // low.per_year
    first, last = low.first * ratio, (low.last + 1) * ratio - 1
    if indicator is None:
        return Alignment(kind, first, last - first + 1, ratio, 0, 0)
    if indicator.kind != kind or indicator.first > first or indicator.last < last:
        values = {
            "series": indicator.name, "from": label_of(kind, first), "to": label_of(kind, last),
            "has_from": label_of(indicator.kind, indicator.first), "has_to": label_of(indicator.kind, indicator.last),
        }  # fmt: skip
        raise InputError(Problem("statistics.indicator_short", values=values))
    return Alignment(
        kind, indicator.first, len(indicator.values), ratio, first - indicator.first, indicator.last - last
    )
