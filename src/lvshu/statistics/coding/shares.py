"""The main activity of units whose activities state what each earns: the largest one, or from the top down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lvshu.statistics.coding.coder import Coder, answer
from lvshu.statistics.coding.methods.levels import main_activity, main_activity_top_down

MEASURES = {"value_added": "value_added", "revenue": "revenue", "employee_count": "persons"}
"""Columns in the order of GB/T 4754-2017, section 2 (主要活动), and the rule that each stands for."""
TOP_DOWN = "isic_top_down"


def by_shares(
    coder: Coder, rows: Sequence[Mapping[str, Any]], *, rule: str = "largest"
) -> dict[str, tuple[str, str, int]]:
    """Return unit -> words of its main activity, the rule that decided, and how many activities it has.

    The first measure that all activities of the unit state, and that is not zero for all, decides; a unit without
    one is left out.

    Args:
        coder: of the classification.
        rows: of `unit_activity`, in the order of units and numbers.
        rule: "largest", the single largest activity (GB/T 4754), or "isic_top_down".
    """
    units: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        units.setdefault(str(row["uscc"]), []).append(row)
    texts = list(dict.fromkeys(str(row["activity_text"]) for row in rows))
    best = dict(zip(texts, answer(coder, texts).best.tolist(), strict=True))
    found = {}
    for key, own in units.items():
        known = [row for row in own if best[str(row["activity_text"])] >= 0]
        measure = next((name for name in MEASURES if known == own and _stated(own, name)), None)
        if measure is None:
            continue
        paths = [_path(coder, best[str(row["activity_text"])]) for row in own]
        values = np.array([float(row[measure]) for row in own])
        if rule == TOP_DOWN:
            main = main_activity_top_down(values, paths)
        else:
            main = main_activity(values, [path[-1] for path in paths])
        found[key] = str(own[main]["activity_text"]), MEASURES[measure], len(own)
    return found


def _stated(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return all(row[name] is not None for row in rows) and any(float(row[name]) > 0 for row in rows)


def _path(coder: Coder, number: int) -> list[str]:
    """Return codes of a class from the top level to the finest."""
    levels = zip(coder.hierarchy.codes, coder.hierarchy.above, strict=True)
    return [codes[int(above[number])] for codes, above in levels][::-1]
