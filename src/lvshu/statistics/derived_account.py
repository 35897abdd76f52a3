"""Value added, revenue, employees and units by the classes of any derived classification, with their errors.

One engine for all: a classification is data. The moments of the survey's cells are those of the digital desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics import derived_public
from lvshu.statistics.derived_table import NO_TABLE, Derived, classifications
from lvshu.statistics.digital_coding import AssignedCodes, assigned_codes
from lvshu.statistics.digital_domain import Moments, moments_from
from lvshu.statistics.keys import MILLION, TOTAL
from lvshu.statistics.waiting import waiting_rows

Array = NDArray[np.float64]

TABLE = "derived_account"
MONEY, COUNTS = ("value_added", "revenue"), ("units", "employees")
ESTIMATED, PARTLY_OBSERVED, NONE_WHOLE = "estimated", "partly_observed", "none_whole"
NOT_OBSERVED, NOT_ESTABLISHED = "not_observed", "not_established"
_ORDER = ("measure", "stratum", "take_all", "class_code", "district_code")
_SUMS = (
    "units",
    "answered",
    "negative",
    "weight",
    "weight_answered",
    "weighted_value_added",
    "weighted_square",
)


@dataclass(frozen=True)
class Cells:
    """A measure's moments by stratum and class, the same by district as well, and the district of each such cell."""

    area: Moments
    by_district: Moments
    district: NDArray[np.object_]


def make(context: StepContext) -> None:
    """Fill `derived_account` and its public twin, and tell what has no table or no coefficient."""
    found = classifications(context)
    measures = measured(context)
    assigned = assigned_codes(context, measures["value_added"].area)
    rows: list[dict[str, Any]] = []
    for one in found:
        if one.basis == NO_TABLE:
            rows += [_empty(one, code, TOTAL, measure) for code in one.nodes for measure in (*MONEY, *COUNTS)]
            continue
        for measure, cells in measures.items():
            rows += _of_area(one, measure, cells, assigned if measure == "value_added" else None)
            rows += _of_districts(one, measure, cells)
        _tell(context, one, measures["value_added"].area)
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    derived_public.make(context, found, measures["value_added"].area, rows)


def measured(context: StepContext) -> dict[str, Cells]:
    """Return the survey's cells by measure: value_added, revenue (CNY), units and employees (counts)."""
    grouped: dict[str, list[dict[str, Any]]] = {one: [] for one in (*MONEY, *COUNTS)}
    for row in context.read("derived_cell", order=_ORDER).to_pylist():
        row["weighted_value_added"] = row.pop("weighted_amount")
        grouped[row["measure"]].append(row)
    found = {}
    waiting = waiting_rows(context, "business_survey")
    for measure, rows in grouped.items():
        scale = MILLION if measure in MONEY else 1.0
        area, _ = moments_from(_over_districts(rows), scale=scale, waiting=waiting)
        fine, _ = moments_from(rows, scale=scale, waiting=waiting)
        found[measure] = Cells(area, fine, np.array([row["district_code"] for row in rows], dtype=object))
    return found


def _over_districts(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells added up over districts, exactly, so that errors are those of the digital desk."""
    sums: dict[tuple[str, bool, str], list[Any]] = {}
    for row in rows:
        own = sums.setdefault((row["stratum"], row["take_all"], row["class_code"]), [Decimal(0)] * len(_SUMS))
        for place, name in enumerate(_SUMS):
            own[place] += row[name]
    return [
        {"stratum": key[0], "take_all": key[1], "class_code": key[2], **dict(zip(_SUMS, own, strict=True))}
        for key, own in sorted(sums.items())
    ]


@dataclass(frozen=True)
class Parts:
    """With what part cells count in a derived class, shape (cells,): whole classes, at least, at most."""

    full: Array
    least: Array
    most: Array

    @classmethod
    def of(cls, one: Derived, code: str, industries: list[str]) -> Parts:
        """Return the parts of a derived class in cells of these industry classes."""
        known = [each for each in dict.fromkeys(industries) if each in one.whole or each in one.partial]
        place = {industry: number for number, industry in enumerate(known)}
        at = np.array([place.get(industry, len(known)) for industry in industries], dtype=np.int64)
        full, least, most = (
            np.append(part(known, code), 0.0) for part in (one.full, one.least, one.most)
        )  # the last: not listed
        return cls(full[at], (full + least)[at], (full + most)[at])

    def only(self, kept: NDArray[np.bool_]) -> Parts:
        """Return the parts of some cells."""
        return Parts(self.full[kept], self.least[kept], self.most[kept])


def _of_area(
    one: Derived, measure: str, cells: Cells, assigned: AssignedCodes | None
) -> list[dict[str, Any]]:
    rows = []
    for code in one.nodes:
        row = _row(one, code, TOTAL, measure, cells.area, Parts.of(one, code, cells.area.codes))
        if assigned is not None and row["least_value"] is not None:
            row |= _coded(one, code, assigned, cells.area)
        rows.append(row)
    return rows


def _coded(one: Derived, code: str, assigned: AssignedCodes, moments: Moments) -> dict[str, Any]:
    """Return the error of codes, and the total error and the interval with it."""
    least = assigned.error(lambda industries: Parts.of(one, code, industries).least)
    most = assigned.error(lambda industries: Parts.of(one, code, industries).most)
    parts = Parts.of(one, code, moments.codes)
    least_total, most_total = moments.total(parts.least), moments.total(parts.most)
    low, high = least.ends(least_total)
    low_most, high_most = most.ends(most_total)
    return {
        "coding_correction": least.correction,
        "coding_standard_error": least.both if least.both > 0 else None,
        "total_standard_error": least.spread(least_total.standard_error),
        "low": min(low, low_most), "high": max(high, high_most),
    }  # fmt: skip


def _of_districts(one: Derived, measure: str, cells: Cells) -> list[dict[str, Any]]:
    """Return the rows by district; a class without a unit in a district has none there."""
    rows = []
    for code in one.nodes:
        parts = Parts.of(one, code, cells.by_district.codes)
        counts = (parts.most > 0) & (cells.by_district.units > 0)
        moments, parts, district = cells.by_district.only(counts), parts.only(counts), cells.district[counts]
        # as the digital desk does: a district is a part of all units, a class in it a part of the class
        within = None if code == TOTAL else moments.units_of(np.ones(counts.sum(), dtype=bool))
        for name in sorted(set(district.tolist())):
            inside = district == name
            rows.append(_row(one, code, name, measure, moments.only(inside), parts.only(inside), within))
    return rows


def _row(
    one: Derived,
    code: str,
    district: str,
    measure: str,
    moments: Moments,
    parts: Parts,
    within: Array | None = None,
) -> dict[str, Any]:
    """Return a class of the account; within: units by stratum of what it is a part of, None: all.

    Whole classes of which none was sampled have no figure, which is not zero; where all classes are starred there is no
    figure of whole ones.
    """
    row = _empty(one, code, district, measure)
    has_whole = any(one.inside(at, code) for at in one.whole.values())
    has_partial = any(one.inside(each.class_code, code) for some in one.partial.values() for each in some)
    if not has_whole and not has_partial:
        return row
    row["sampled_units"] = int(moments.units[parts.most > 0].sum())
    whole_seen = has_whole and moments.seen(parts.full)
    partial_seen = has_partial and moments.seen(parts.most - parts.full)
    if not whole_seen and not partial_seen:
        return row | {"status": NOT_OBSERVED}
    status = ESTIMATED if whole_seen and (partial_seen or not has_partial) else PARTLY_OBSERVED
    found = (moments.total(part, within=within) for part in (parts.full, parts.least, parts.most))
    whole, low, high = found
    return row | {
        "status": status if has_whole else NONE_WHOLE,
        "full_value": whole.value if whole_seen else None,
        "full_standard_error": whole.standard_error if whole_seen else None,
        "least_value": low.value, "least_standard_error": low.standard_error,
        "most_value": high.value, "most_standard_error": high.standard_error,
        "total_standard_error": low.standard_error, "low": min(low.low, high.low), "high": max(low.high, high.high),
    }  # fmt: skip


def _empty(one: Derived, code: str, district: str, measure: str) -> dict[str, Any]:
    node = one.nodes[code]
    return {
        "classification": one.code, "class_code": code, "district_code": district, "measure": measure,
        "parent_code": node.parent, "depth": one.depth(code), "name_zh": node.name_zh, "name_en": node.name_en,
        "basis": one.basis, "complete": one.is_established(code), "status": NOT_ESTABLISHED, "sampled_units": 0,
        "full_value": None, "full_standard_error": None, "least_value": None, "least_standard_error": None,
        "most_value": None, "most_standard_error": None, "coding_correction": None, "coding_standard_error": None,
        "total_standard_error": None, "low": None, "high": None,
    }  # fmt: skip


def _tell(context: StepContext, one: Derived, moments: Moments) -> None:
    """Tell which partial classes observed have no coefficient."""
    open_ = one.open(moments.codes, TOTAL)
    names = sorted({code for code, is_open in zip(moments.codes, open_, strict=True) if is_open})
    if names:
        values = {"name": one.code, "count": len(names), "classes": ", ".join(names)}
        # no amount: it may be a single enterprise's
        context.find(
            Problem("derived.partial_open", values=values, severity="notice"), table=TABLE, key=one.code
        )
    missing = sorted(code for code, node in one.nodes.items() if not node.is_established)
    if missing:
        values = {"name": one.code, "count": len(missing), "classes": ", ".join(missing)}
        context.find(
            Problem("derived.class_open", values=values, severity="notice"), table=TABLE, key=one.code
        )
