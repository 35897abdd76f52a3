"""What is suspicious in platform returns though no rule is broken: for people to check, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.detectors import (
    benford,
    copied_records,
    copied_series,
    implausible_totals,
    shared_amounts,
)
from lvshu.statistics.editing.outliers import FAR_OFF, hidiroglou_berthelot, unit_errors
from lvshu.statistics.editing.selective import Selection, select
from lvshu.statistics.returns_edit import TOTAL_CELL, Cells, Record

Array = NDArray[np.float64]
Row = dict[str, Any]
THRESHOLD = 0.01
"""Share of the total that selective editing may leave unlooked at (lvshu's convention)."""
COPIED = 4
NONCONFORMING = 0.015
FILED_IN = (1e8, 1e6, 1e4, 1e3)
"""Units of money of the registry in which forms are filed, in yuan, the largest first: 亿元, 百万元, 万元, 千元."""
LEAST_MONTHS = 2
"""Months from which the unit that a platform files in is told: one round return alone is what is looked for."""
REASONS = {
    "equal_parts": "各部分都相同 / all parts are equal",
    "round_parts": "各部分与合计都以零结尾 / all parts and the total end in zeros",
    "total_below_part": "有一部分大于合计 / a part is above the total",
}
TABLE = "platform_return"


def series_of(records: Mapping[Record, Cells], months: Sequence[str]) -> tuple[list[str], Array]:
    """Return the platforms and their U201 totals, shape (platforms, months), in yuan; NaN where not stated."""
    platforms = sorted({platform for platform, _ in records})
    found = np.full((len(platforms), len(months)), np.nan)
    for row, platform in enumerate(platforms):
        for column, month in enumerate(months):
            found[row, column] = records.get((platform, month), {}).get(TOTAL_CELL, np.nan)
    return platforms, found


def suspicions(records: Mapping[Record, Cells], months: Sequence[str]) -> list[Row]:
    """Return the rows of edit_suspicion about platform returns of some months.

    Args:
        records: cells of each platform and month, in yuan.
        months: of the year, in order.
    """
    platforms, totals = series_of(records, months)
    found = [
        *_ratios(platforms, totals, months),
        *_units(platforms, totals, months),
        *_copies(platforms, totals, months),
        *_repeated(records, months),
        *_implausible(records, months),
        *_digits(records, months),
    ]
    unique = {(row["record_key"], row["variable"], row["detector"]): row for row in reversed(found)}
    return [unique[key] for key in sorted(unique)]


def _row(key: str, variable: str, detector: str, score: float, **more: Any) -> Row:
    return {
        "table_name": TABLE, "record_key": key, "variable": variable, "detector": detector,
        "value": more.get("value"), "expected": more.get("expected"), "unit": more.get("unit", "CNY"),
        "score": score, "detail": more.get("detail"),
    }  # fmt: skip


def _ratios(platforms: Sequence[str], totals: Array, months: Sequence[str]) -> Iterator[Row]:
    for column in range(1, len(months)):
        found = hidiroglou_berthelot(totals[:, column], totals[:, column - 1])
        for row in np.flatnonzero(found.outlier).tolist():
            yield _row(
                f"{platforms[row]}|{months[column]}", TOTAL_CELL, "hidiroglou_berthelot", float(found.score[row]),
                value=float(totals[row, column]), expected=float(found.expected[row]), detail=months[column - 1],
            )  # fmt: skip


def _units(platforms: Sequence[str], totals: Array, months: Sequence[str]) -> Iterator[Row]:
    for column, month in enumerate(months):
        others = np.delete(totals, column, axis=1)
        known = ~np.isnan(others).all(axis=1)
        reference = np.full(len(platforms), np.nan)
        if known.any():
            reference[known] = np.nanmedian(others[known], axis=1)
        found = unit_errors(totals[:, column], reference)
        for row in np.flatnonzero(found.factor != 1).tolist():
            yield _row(
                f"{platforms[row]}|{month}", TOTAL_CELL, "unit_error", 1 + float(0.3 - found.distance[row]),
                value=float(totals[row, column]), expected=float(totals[row, column] * found.factor[row]),
                detail=f"× {found.factor[row]:g}",
            )  # fmt: skip
        for row in np.flatnonzero((found.factor == 1) & (found.distance >= FAR_OFF)).tolist():
            yield _row(
                f"{platforms[row]}|{month}", TOTAL_CELL, "far_off", float(found.distance[row]),
                value=float(totals[row, column]), expected=float(reference[row]),
                detail=f"10^{found.distance[row]:.1f}",
            )  # fmt: skip


def _copies(platforms: Sequence[str], totals: Array, months: Sequence[str]) -> Iterator[Row]:
    for copy in copied_series(totals, least=COPIED):
        first, last = months[copy.start], months[copy.start + copy.length - 1]
        yield _row(
            f"{platforms[copy.series]}|{first}", TOTAL_CELL, "copied_series", float(copy.length),
            value=float(totals[copy.series, copy.start]),
            expected=float(totals[copy.other, copy.other_start] * copy.factor),
            detail=f"{first}–{last} = {platforms[copy.other]} {months[copy.other_start]} × {copy.factor:.6g}",
        )  # fmt: skip


def _repeated(records: Mapping[Record, Cells], months: Sequence[str]) -> Iterator[Row]:
    """Tell returns that state an earlier return's amounts of U201, the platform's own or another's."""
    listed = sorted((record for record in records if record[1] in months), key=lambda one: (one[1], one[0]))
    cells = sorted({cell for record in listed for cell in records[record] if cell.startswith("U201|")})
    values = np.array(
        [[records[record].get(cell, np.nan) for cell in cells] for record in listed], dtype=float
    )
    for copy in copied_records(values.reshape(len(listed), len(cells)), [record[0] for record in listed]):
        record, other = listed[copy.row], listed[copy.other]
        mine, theirs = records[record].get(TOTAL_CELL), records[other].get(TOTAL_CELL)
        yield _row(
            "|".join(record), TOTAL_CELL, "copied_return", copy.cells / copy.of, value=mine,
            expected=None if theirs is None else theirs * copy.factor,
            detail=f"{copy.cells}/{copy.of} = {other[0]} {other[1]} × {copy.factor:g}",
        )  # fmt: skip


def _implausible(records: Mapping[Record, Cells], months: Sequence[str]) -> Iterator[Row]:
    filed = _units_filed(records)
    for record, cells in sorted(records.items()):
        if record[1] not in months:
            continue
        unit = filed[record[0]]
        parts = [value for cell, value in cells.items() if _is_region(cell)]
        total = cells.get(TOTAL_CELL, np.nan)
        for one in implausible_totals(np.array([parts], dtype=float) / unit, np.array([total]) / unit):
            yield _row(
                "|".join(record), TOTAL_CELL, "implausible_total", 1.0,
                value=None if np.isnan(total) else float(total), detail=REASONS[one.reason],
            )  # fmt: skip


def _units_filed(records: Mapping[Record, Cells]) -> dict[str, float]:
    """Return the unit in which each platform files, in yuan: the largest of which all its figures are whole multiples.

    Zeros at the end of a figure in yuan that was filed in whole 万元 are no sign of a guess. A platform that rounds
    every figure of every month is not told from one that files in a larger unit.
    """
    months: dict[str, set[str]] = {}
    figures: dict[str, list[float]] = {}
    for (platform, month), cells in records.items():
        months.setdefault(platform, set()).add(month)
        figures.setdefault(platform, []).extend(cells.values())
    return {
        platform: next(
            (unit for unit in FILED_IN if len(months[platform]) >= LEAST_MONTHS and _whole(values, unit)), 1.0
        )
        for platform, values in figures.items()
    }


def _whole(values: Sequence[float], unit: float) -> bool:
    known = np.array(values, dtype=float)
    known = known[np.isfinite(known)]
    return bool(len(known) and (np.mod(known, unit) == 0).all())


def _is_region(cell: str) -> bool:
    form, item, region, category, kind = cell.split("|")
    return (form, item, category, kind) == ("U201", "transactions", "total", "total") and region != "total"


def _digits(records: Mapping[Record, Cells], months: Sequence[str]) -> Iterator[Row]:
    amounts = [
        value
        for record, cells in sorted(records.items())
        for cell, value in sorted(cells.items())
        if record[1] in months and cell == TOTAL_CELL
    ]
    found = benford(np.array(amounts, dtype=float))
    if found.verdict == "nonconforming":
        yield _row(
            "*", TOTAL_CELL, "benford", found.mean_deviation / NONCONFORMING, value=float(found.counts.sum()),
            unit="1", detail=f"χ² = {found.chi_square:.1f}, p = {found.p_value:.3g}, MAD = {found.mean_deviation:.4f}",
        )  # fmt: skip


def selection(records: Mapping[Record, Cells], months: Sequence[str]) -> tuple[list[Row], Selection | None]:
    """Return the rows of edit_selection and what the threshold leaves; None where no month has one before it.

    A return is expected at the platform's last month times the median growth of all; it is the more suspected the
    farther its growth lies out (Hidiroglou-Berthelot score s: s / (1 + s)).
    """
    platforms, totals = series_of(records, months)
    keys, values, expected, doubt = [], [], [], []
    for column in range(1, len(months)):
        found = hidiroglou_berthelot(totals[:, column], totals[:, column - 1])
        for row in np.flatnonzero(~np.isnan(found.score)).tolist():
            keys.append(f"{platforms[row]}|{months[column]}")
            values.append(totals[row, column])
            expected.append(found.expected[row])
            doubt.append(found.score[row] / (1 + found.score[row]))
    if not keys:
        return [], None
    chosen = select(np.array(values), np.array(expected), suspicion=np.array(doubt), threshold=THRESHOLD)
    rows = [
        {
            "table_name": TABLE, "record_key": key, "value": float(values[n]), "expected": float(expected[n]),
            "score": float(chosen.score[n]), "rank": int(chosen.rank[n]), "selected": bool(chosen.selected[n]),
            "left_share": float(chosen.left[n]),
        }
        for n, key in enumerate(keys)
    ]  # fmt: skip
    return rows, chosen


def shared(records: Mapping[Record, Cells], months: Sequence[str]) -> list[Row]:
    """Return the rows of platform_shared_amount: pairs of platforms that state the same amounts in a month."""
    found: list[Row] = []
    for month in months:
        here = sorted(record for record in records if record[1] == month)
        cells = sorted({cell for record in here for cell in records[record] if cell.startswith("U201|")})
        matrix = np.array([[records[record].get(cell, np.nan) for cell in cells] for record in here])
        if len(here) < 2:
            continue
        for one, other, places in shared_amounts(matrix, [record[0] for record in here]):
            found.append(
                {"month": month, "platform_uscc": here[one][0], "other_uscc": here[other][0], "cells": len(places),
                 "amount": float(max(matrix[one, place] for place in places))}
            )  # fmt: skip
    return found
