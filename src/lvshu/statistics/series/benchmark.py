"""Benchmarking by movement preservation: Denton and Denton-Cholette, additive and proportional.

Letters: C aggregation matrix (long periods, short periods); D difference matrix; p preliminary series; x benchmarked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.statistics.series.aggregation import align
from lvshu.statistics.series.time_series import TimeSeries, label_of, listed

Array = NDArray[np.float64]

VARIANTS = ("denton-cholette", "denton")
CRITERIA = ("proportional", "additive")


@dataclass(frozen=True)
class Benchmarked:
    """A series of short periods that adds up to the benchmarks, and its correction of the preliminary one.

    ratio: benchmarked to preliminary (proportional) or their difference (additive), shape (short periods,).
    discrepancy: of the preliminary series by long period: benchmark less its own total, shape (long periods,).
    """

    series: TimeSeries
    ratio: Array
    discrepancy: Array
    before: int
    after: int

    @property
    def values(self) -> Array:
        """Return the benchmarked values."""
        return self.series.values


def difference(length: int, order: int, *, square: bool) -> sparse.csr_matrix:
    """Return the matrix of `order`-th differences; `square` keeps the first rows, as Denton's own form has them.

    Returns:
        Shape (length - order, length), or (length, length).

    Source: Denton (1971), JASA 66; Cholette (1984), Survey Methodology 10, for the form without the first condition.
    """
    step = sparse.identity(length, format="csr") - sparse.eye(length, k=-1, format="csr")
    whole = sparse.identity(length, format="csr")
    for _ in range(order):
        whole = step @ whole
    return sparse.csr_matrix(whole if square else whole[order:])


def benchmark(
    low: TimeSeries,
    preliminary: TimeSeries | None,
    *,
    kind: str = "",
    variant: str = "denton-cholette",
    criterion: str = "proportional",
    order: int = 1,
    conversion: str = "sum",
) -> Benchmarked:
    """Return the preliminary series moved to its benchmarks, its movement kept as well as can be.

    Args:
        low: benchmarks of long periods.
        preliminary: series of short periods over the same span or beyond it; None for a smooth path alone.
        kind: of the short periods where there is no preliminary series.
        variant: denton-cholette, or denton with the condition on the first period.
        criterion: proportional or additive.
        order: of the differences whose squares are least: 0, 1 or 2.
        conversion: sum, average, first or last.

    Raises:
        InputError: statistics.frequency_order, statistics.indicator_short, statistics.series_gap,
            statistics.indicator_zero for a proportional criterion.
        MethodError: statistics.benchmark_option.

    Source: Denton (1971); Cholette (1984); Dagum and Cholette (2006), Benchmarking, Temporal Distribution and
        Reconciliation Methods for Time Series, chapter 6; IMF, Quarterly National Accounts Manual (2017), chapter 6.
    """
    _check(low, preliminary, variant, criterion, order)
    place = align(low, preliminary.kind if preliminary else kind, preliminary)
    p = preliminary.values if preliminary else np.ones(place.length)
    c = place.matrix(conversion)
    d = difference(place.length, order, square=variant == "denton")
    if criterion == "proportional":
        size = float(np.abs(p).mean())
        d = sparse.csr_matrix(d @ sparse.diags(size / p))
    hessian = sparse.csr_matrix(d.T @ d)
    # Denton-Cholette's proportional criterion is zero at any multiple of p: the target is then 0, not p.
    free = variant == "denton-cholette" and criterion == "proportional" and order > 0
    target = np.zeros(place.length) if free else hessian @ p
    system = sparse.csc_matrix(sparse.bmat([[hessian, c.T], [c, None]]))
    solved = splu(system).solve(np.concatenate([target, low.values]))
    x = solved[: place.length]
    ratio = x / p if criterion == "proportional" else x - p
    discrepancy = low.values - np.asarray(c @ p)
    made = TimeSeries(low.name, place.kind, place.first, x)
    return Benchmarked(made, ratio, discrepancy, place.before, place.after)


def sign_changes(preliminary: TimeSeries) -> Problem | None:
    """Return a warning for an indicator of both signs, which has no proportional movement; None for one of one sign.

    Args:
        preliminary: series of short periods.

    Returns:
        The problem statistics.indicator_signs, with the periods below zero; a scalar.

    Source: IMF, Quarterly National Accounts Manual (2017), chapter 6, on zeroes and negative values in the
    indicator.
    """
    below = np.flatnonzero(preliminary.values < 0)
    if not below.size or not (preliminary.values > 0).any():
        return None
    values = {"series": preliminary.name, "periods": _periods(preliminary, below)}
    return Problem("statistics.indicator_signs", values=values, severity="warning")


def _periods(series: TimeSeries, places: NDArray[np.int64]) -> str:
    return listed([label_of(series.kind, series.first + int(at)) for at in places])


def _check(low: TimeSeries, preliminary: TimeSeries | None, variant: str, criterion: str, order: int) -> None:
    options = (
        ("variant", variant, VARIANTS),
        ("criterion", criterion, CRITERIA),
        ("order", str(order), "012"),
    )
    faults = [(name, value, allowed) for name, value, allowed in options if value not in allowed]
    if faults:
        raise MethodError(
            *(Problem("statistics.benchmark_option",
                      values={"option": name, "value": value[:40], "allowed": ", ".join(allowed)})
              for name, value, allowed in faults)
        )  # fmt: skip
    problems = []
    for one in (low, preliminary):
        if one is not None and not np.isfinite(one.values).all():
            values = {"series": one.name, "count": int((~np.isfinite(one.values)).sum()), "periods": "–"}
            problems.append(Problem("statistics.series_gap", values=values))
    if preliminary is not None and criterion == "proportional" and (preliminary.values == 0).any():
        zero = np.flatnonzero(preliminary.values == 0)
        values = {"series": preliminary.name, "periods": _periods(preliminary, zero)}
        problems.append(Problem("statistics.indicator_zero", values=values))
        signs = sign_changes(preliminary)
        problems += [] if signs is None else [signs]  # beside the zero, so that both are mended at once
    if problems:
        raise InputError(*problems)
