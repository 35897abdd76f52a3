"""Rows of a drawn audit whose stratum is no longer the one that it was drawn in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lvshu.core.errors import Problem, Where
from lvshu.statistics.coding.drawing import CERTAIN

Row = tuple[Where, Mapping[str, str]]


def moved_strata(rows: Sequence[Row]) -> list[Problem]:
    """Return a problem for each stratum that holds more rows than were drawn, or larger units than the next one.

    A draw parts units by size, from the smallest, with those taken for certain above all: a row that was given
    another stratum stands out by its persons, or by one row too many. Its weight would be another stratum's.

    Args:
        rows: place and cells of the rows of audits, of all files together.
    """
    groups: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for one in rows:
        draw, stratum = one[1].get("draw", ""), one[1]["stratum"]
        if draw and stratum:
            groups.setdefault((draw, stratum.partition(".")[0]), {}).setdefault(stratum, []).append(one)
    found = []
    for (draw, _), strata in sorted(groups.items()):
        for stratum, own in sorted(strata.items()):
            told = own[0][1].get("stratum_drawn", "")
            units = {cells["uscc"] for _, cells in own}
            if told.isdigit() and len(units) > int(told):
                values = {"draw": draw, "stratum": stratum, "rows": len(units), "drawn": int(told)}
                found.append(Problem("coding.queue_too_many", own[0][0], values))
        found += _out_of_order(draw, strata)
    return found


def _out_of_order(draw: str, strata: Mapping[str, Sequence[Row]]) -> list[Problem]:
    """Return a problem for each stratum of which a unit is larger than one of the next stratum."""
    found = []
    ordered = sorted((_place(stratum), stratum) for stratum in strata if _place(stratum) is not None)
    for (_, lower), (_, upper) in pairwise(ordered):
        below = [(int(size), place) for place, cells in strata[lower] if (size := _size(cells)) is not None]
        above = [(int(size), place) for place, cells in strata[upper] if (size := _size(cells)) is not None]
        if not below or not above:
            continue
        (most, place), (least, other) = max(below, key=lambda one: one[0]), min(above, key=lambda one: one[0])
        if most > least:
            values = {
                "draw": draw, "lower": lower, "upper": upper, "most": most, "least": least, "row": other.row,
            }  # fmt: skip
            found.append(Problem("coding.queue_moved", place, values))
    return found


def _place(stratum: str) -> float | None:
    """Return the place of a stratum among those of its group, from the smallest units; None for one of its own kind."""
    number = stratum.partition(".")[2]
    if number == CERTAIN:
        return float("inf")
    return float(number) if number.isdigit() else None


def _size(cells: Mapping[str, str]) -> int | None:
    told = cells.get("employee_count", "")
    return int(told) if told.isdigit() else None
