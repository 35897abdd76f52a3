"""Detectors of reports that are too good or too odd: first digits, copied series, totals that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array

FIRST_DIGITS = np.log10(1 + 1 / np.arange(1, 10))
LEAST_DIGITS = 110
"""Values from which the chi-square may be used: the digit 9 is then expected five times (Cochran 1954)."""
CHANCE = 0.01
"""Chance of the chi-square below which a deviation is more than chance: our convention."""
LEAST_SPREAD = 2.0


@dataclass(frozen=True)
class Benford:
    """First digits against Benford's law.

    Attributes:
        counts: shape (9,), how many values begin with 1 to 9.
        chi_square: against the law, 8 degrees of freedom. Dimensionless.
        p_value: of it. Dimensionless.
        mean_deviation: mean absolute deviation of the nine shares. Dimensionless.
        verdict: close, acceptable, marginal or nonconforming by Nigrini's limits; within_chance where the deviation
            is beyond them but no larger than chance makes it in so few values; not_applicable where the values are
            too few or span too few powers of ten for the law to be expected at all.
        spread: powers of ten between the 5th and the 95th percentile.
    """

    counts: NDArray[np.int64]
    chi_square: float
    p_value: float
    mean_deviation: float
    verdict: str
    spread: float


def benford(values: Array) -> Benford:
    """Return how the first digits of values compare with Benford's law.

    The law is expected of sums of many parts over several powers of ten. It is no proof of anything: honest figures
    of one size, with floors or ceilings, or rounded, break it; invented ones may keep it. With many values the chi
    square rejects deviations that mean nothing, hence the mean deviation beside it. Its limits know nothing of the
    number of values: under the law itself the mean deviation is about 0.23 / √n, above 0.015 for n below 250, so
    nothing is called nonconforming that the chi-square at one per cent does not reject too.

    Args:
        values: shape (values,), in any unit; zero and NaN are left out, the sign is ignored.

    Returns:
        Benford: dimensionless.

    Source: Benford (1938), Proceedings of the American Philosophical Society 78; limits of the mean absolute
        deviation of first digits 0.006, 0.012, 0.015: Nigrini (2012), Benford's Law; that they mislead in small
        samples: Barney, Schulzke (2016), Journal of Forensic Accounting Research 1; least expected count of the
        chi-square: Cochran (1954), Biometrics 10.
    """
    from scipy.stats import chi2

    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if not len(sizes):
        return Benford(np.zeros(9, dtype=np.int64), np.nan, np.nan, np.nan, "not_applicable", 0.0)
    exponent = np.floor(np.log10(sizes))
    digits = np.clip(np.floor(sizes / 10.0**exponent + 1e-12), 1, 9).astype(int)
    counts = np.bincount(digits, minlength=10)[1:10]
    expected = FIRST_DIGITS * len(sizes)
    chi = float(((counts - expected) ** 2 / expected).sum())
    chance = float(chi2.sf(chi, 8))
    deviation = float(np.abs(counts / len(sizes) - FIRST_DIGITS).mean())
    ends = np.quantile(np.log10(sizes), [0.05, 0.95])
    spread = float(ends[1] - ends[0])
    if len(sizes) < LEAST_DIGITS or spread < LEAST_SPREAD:
        verdict = "not_applicable"
    else:
        limits = ((0.006, "close"), (0.012, "acceptable"), (0.015, "marginal"))
        beyond = "nonconforming" if chance < CHANCE else "within_chance"
        verdict = next((name for limit, name in limits if deviation <= limit), beyond)
    return Benford(counts.astype(np.int64), chi, chance, deviation, verdict, spread)


@dataclass(frozen=True)
class Copy:
    """A stretch of one series that repeats another, or itself.

    Attributes:
        series, other: their rows.
        start, other_start: first period of either.
        length: periods, a count.
        factor: by which the other was multiplied. Dimensionless.
    """

    series: int
    other: int
    start: int
    other_start: int
    length: int
    factor: float


def copied_series(values: Array, *, least: int = 4, digits: int = 9, telling: int = 4) -> list[Copy]:
    """Return stretches in which a series repeats another's or its own earlier figures, or a fixed multiple of them.

    Compared are the ratios of neighbouring periods. A series that repeats one figure is carried forward, with the
    figure before as what it copies; round figures are no evidence of that, as many would state them again, and
    repeated figures are not compared between series.

    Args:
        values: shape (series, periods), in one unit; zero, negative and NaN break a stretch.
        least: of the stretch, periods.
        digits: to which ratios must agree.
        telling: significant digits, zeros at the end apart, from which a repeated figure is evidence.

    Returns:
        list: the longest stretch of each pair, longest first; periods are counts.

    Source: detection of copied and carried-forward returns: Handbook on Methodology of Modern Business Statistics
        (Memobust, 2014), module Statistical Data Editing, curbstoning checks; the comparison of ratios is lvshu's.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where((values[:, 1:] > 0) & (values[:, :-1] > 0), values[:, 1:] / values[:, :-1], np.nan)
    seen: dict[tuple[float, ...], list[tuple[int, int]]] = {}
    steps = least - 1
    best: dict[tuple[int, int], Copy] = {}
    for row in range(len(values)):
        for start in range(growth.shape[1] - steps + 1):
            window = growth[row, start : start + steps]
            if np.isnan(window).any() or np.ptp(window) < 1e-9:
                continue
            key = tuple(float(f"{value:.{digits}g}") for value in window)
            for other, other_start in seen.get(key, ()):
                if other == row and start - other_start < least:
                    continue
                length = _extent(growth, row, start, other, other_start, digits)
                factor = float(values[row, start] / values[other, other_start])
                if (row, other) not in best or length > best[(row, other)].length:
                    best[(row, other)] = Copy(row, other, start, other_start, length, factor)
            seen.setdefault(key, []).append((row, start))
        carried = _carried(values[row], least, telling)
        if carried is not None and ((row, row) not in best or carried[1] - 1 > best[(row, row)].length):
            best[(row, row)] = Copy(row, row, carried[0] + 1, carried[0], carried[1] - 1, 1.0)
    return sorted(best.values(), key=lambda one: (-one.length, one.series, one.other))


def _carried(series: Array, least: int, telling: int) -> tuple[int, int] | None:
    """Return first period and length of the longest stretch in which one telling figure stands; None without one."""
    best: tuple[int, int] | None = None
    start = 0
    for place in range(1, len(series) + 1):
        if place < len(series) and series[place] == series[start]:
            continue
        length, value = place - start, series[start]
        if (
            length >= least
            and value > 0
            and len(_figure(value)[0]) >= telling
            and (best is None or length > best[1])
        ):
            best = (start, length)
        start = place
    return best


def _extent(growth: Array, row: int, start: int, other: int, other_start: int, digits: int) -> int:
    steps = 0
    while (
        start + steps < growth.shape[1]
        and other_start + steps < growth.shape[1]
        and (row != other or other_start + steps < start)
        and abs(growth[row, start + steps] - growth[other, other_start + steps])
        <= 10.0 ** (1 - digits) * abs(growth[row, start + steps])
    ):
        steps += 1
    return steps + 1


@dataclass(frozen=True)
class CopiedRecord:
    """A record that states the figures of an earlier one.

    Attributes:
        row, other: positions.
        cells, of: telling cells that agree, and telling cells of the record; counts.
        factor: power of ten by which the other was multiplied. Dimensionless.
    """

    row: int
    other: int
    cells: int
    of: int
    factor: float


def copied_records(
    values: Array,
    owners: Sequence[str],
    *,
    telling: int = 4,
    least: int = 9,
    multiples: int = 12,
    share: float = 0.5,
) -> list[CopiedRecord]:
    """Return records that repeat, cell by cell, an earlier record of any owner, or a power of ten of it.

    What counts are the significant digits of the different figures that agree: nine digits agree by chance once in a
    thousand million pairs. More are asked for of multiples between owners, as those pairs are many.

    Args:
        values: shape (records, cells), in one unit, the earliest first; zero, negative and NaN are no evidence.
        owners: shape (records,).
        telling: significant digits, zeros at the end apart, from which a figure is evidence.
        least: significant digits that must agree.
        multiples: where another owner's figures were multiplied.
        share: of the record's telling cells that must agree.

    Returns:
        list: for each record that is suspected the earlier one with which most digits agree; positions and counts.

    Source: duplicated and carried-forward returns: Memobust Handbook (2014), Statistical Data Editing; the count of
        digits is lvshu's.
    """
    seen: dict[tuple[int, str], list[tuple[int, int]]] = {}
    found = []
    for row, cells in enumerate(values):
        figures = {
            cell: parts for cell in np.flatnonzero(np.isfinite(cells) & (cells > 0)).tolist()
            if len((parts := _figure(cells[cell]))[0]) >= telling
        }  # fmt: skip
        agree: dict[tuple[int, int], list[int]] = {}
        for cell, (digits, power) in figures.items():
            listed = seen.setdefault((cell, digits), [])
            for other, other_power in listed:
                agree.setdefault((other, power - other_power), []).append(cell)
            if len(listed) < MOST_ALIKE:
                listed.append((row, power))
        best, most = None, 0
        for (other, power), alike in agree.items():
            count = sum(map(len, {figures[cell][0] for cell in alike}))
            needed = multiples if power and owners[other] != owners[row] else least
            if count >= needed and len(alike) >= share * len(figures) and count >= most:
                best, most = CopiedRecord(row, other, len(alike), len(figures), 10.0**power), count
        if best is not None:
            found.append(best)
    return found


MOST_ALIKE = 50
"""Earlier records with one figure in one cell that are compared: a figure that so many state is no evidence."""


def _figure(value: float) -> tuple[str, int]:
    """Return the significant digits of a positive figure without zeros at the end, and its power of ten."""
    digits, _, power = f"{value:.12e}".partition("e")
    return digits.replace(".", "").rstrip("0"), int(power)


@dataclass(frozen=True)
class ImplausibleTotal:
    """Parts that sum to a total in a way that reports seldom do.

    Attributes:
        row: of the record.
        reason: equal_parts, round_parts, one_part or total_below_part.
        value: what it rests on: the common value, the number of zeros at the end, the part. Unit of the parts, or a
            count of zeros.
    """

    row: int
    reason: str
    value: float


def implausible_totals(parts: Array, totals: Array, *, zeros: int = 4) -> list[ImplausibleTotal]:
    """Return records whose parts look invented or whose total cannot be.

    equal_parts: three or more parts, all the same. round_parts: three or more parts and the total all end in at
    least `zeros` zeros. total_below_part: a part exceeds the total though none is negative.

    Args:
        parts: shape (records, parts), in one unit; NaN where not stated.
        totals: shape (records,), in the same unit.
        zeros: at the end of round figures.

    Returns:
        list: suspicions, in the order of records; unit as stated by `ImplausibleTotal`.

    Source: heaping and identical answers as signs of estimated reports: Memobust Handbook (2014), Statistical Data
        Editing, main module.
    """
    found = []
    base = 10.0**zeros
    for row, (own, total) in enumerate(zip(parts, totals, strict=True)):
        known = own[np.isfinite(own)]
        given = known[known != 0]
        if len(given) >= 3 and np.ptp(given) == 0:
            found.append(ImplausibleTotal(row, "equal_parts", float(given[0])))
        elif len(given) >= 3 and np.isfinite(total) and (np.mod(np.append(given, total), base) == 0).all():
            found.append(ImplausibleTotal(row, "round_parts", float(zeros)))
        if np.isfinite(total) and len(known) and (known >= 0).all() and known.max() > total * (1 + 1e-9):
            found.append(ImplausibleTotal(row, "total_below_part", float(known.max())))
    return found


def shared_amounts(
    values: Array, owners: Sequence[str], *, least: int = 2, zeros: int = 3
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return pairs of rows that state the same amounts in the same cells: one order counted by two platforms.

    Args:
        values: shape (rows, cells), in one unit; zero, NaN and amounts that end in `zeros` zeros are no evidence.
        owners: shape (rows,), rows of one owner are not compared.
        least: cells that must agree.
        zeros: at the end of amounts that many would state.

    Returns:
        list: (row, other row, cells that agree); positions.

    Source: the same order routed over several platforms is counted on each (互联网经济统计报表制度, 平台交易额);
        equality of amounts is lvshu's test of it.
    """
    telling = np.isfinite(values) & (values != 0) & (np.mod(np.nan_to_num(values), 10.0**zeros) != 0)
    agree: dict[tuple[int, int], list[int]] = {}
    for cell in range(values.shape[1]):
        by_amount: dict[float, list[int]] = {}
        for row in np.flatnonzero(telling[:, cell]):
            by_amount.setdefault(float(values[row, cell]), []).append(int(row))
        for rows in by_amount.values():
            for place, first in enumerate(rows[:50]):
                for second in rows[place + 1 : 50]:
                    if owners[first] != owners[second]:
                        agree.setdefault((first, second), []).append(cell)
    return [(one, two, tuple(cells)) for (one, two), cells in sorted(agree.items()) if len(cells) >= least]
