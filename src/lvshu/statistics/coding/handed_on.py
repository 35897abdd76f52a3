"""Industry codes handed on with their error: draws of what the true class of a machine-coded unit is, from the audit.

Whoever estimates with machine codes draws a unit's class from `industry_code_replicate`, replicate by replicate. Units
whose class is that of a linked record rest on no machine code: they tell nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lvshu.engine.step import StepContext
from lvshu.statistics.coding.audit import Draw, draw_for, stored_draws
from lvshu.statistics.coding.coder import ABSTAINED, BACKED_OFF, CODED
from lvshu.statistics.coding.methods.handed_on import AuditedCodes, draw_true_codes

DECISIONS = (CODED, BACKED_OFF, ABSTAINED)
AS_CODED = "as_coded"


def make(context: StepContext) -> None:
    """Fill `industry_code_replicate`: replicate 0 is the audit itself, the others are draws from its posterior."""
    chosen = draw_for(stored_draws(context), f"{context.settings.year}-12")
    if chosen is None:
        return
    decided = {row["uscc"]: row["decision"] for row in context.read("activity_code").to_pylist()}
    audit, classes = _audit(chosen, decided)
    if audit is None:
        return
    shares = draw_true_codes(audit, context.settings.replicates, context.generator("industry_code"))
    count = len(shares)
    for place, decision in enumerate(DECISIONS):
        for number, code in enumerate((AS_CODED, *classes)):
            context.write("industry_code_replicate", {
                "replicate": list(range(count)), "decision": [decision] * count, "true_code": [code] * count,
                "share": shares[:, place, number].tolist(),
            })  # fmt: skip


def _audit(chosen: Draw, decided: dict[str, str]) -> tuple[AuditedCodes | None, Sequence[str]]:
    rows: list[Any] = [
        row for row in chosen.rows if row["code_known"] and row["coded_code"] and row["linked_code"] is None
    ]
    if not rows:
        return None, ()
    wrong = np.array([row["coded_code"] != row["true_code"] for row in rows])
    donors = [row["true_code"] for row in rows] if not wrong.any() else None
    found = [row["true_code"] for row, is_wrong in zip(rows, wrong, strict=True) if is_wrong]
    classes = sorted(set(donors if donors is not None else found))
    place = {code: number for number, code in enumerate(classes)}
    number = {decision: group for group, decision in enumerate(DECISIONS)}
    audit = AuditedCodes(
        group=np.array([number.get(decided.get(row["uscc"], ""), -1) for row in rows], dtype=np.int64),
        wrong=wrong,
        true_class=np.array([place.get(row["true_code"], -1) for row in rows], dtype=np.int64),
        weight=np.array([float(row["weight"]) for row in rows]),
        groups=len(DECISIONS),
        classes=len(classes),
    )
    return audit, classes
