"""Telephones that very many units share: numbers that fill a field, of agents, of platforms."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.register.keys import ENTERPRISE
from lvshu.statistics.register.records import Records

MANY = 10
"""Different names of one number from which it is told (convention of this project)."""


def tell_shared_phones(context: StepContext, records: Records, kind: dict[str, str]) -> None:
    """Tell how many hashes of telephones are shared by many names, and the most common; nothing is taken out.

    Args:
        context: of the step.
        records: of one kind.
        kind: the kind in either language.
    """
    name = "trade_name" if records.kind == ENTERPRISE else "name_hash"
    table = records.variants.select(["phone_hash", name]).filter(pc.is_valid(records.variants["phone_hash"]))
    counted = table.group_by("phone_hash").aggregate([(name, "count_distinct")]).to_pylist()
    shared = {
        row["phone_hash"]: row[f"{name}_count_distinct"]
        for row in counted if row[f"{name}_count_distinct"] >= MANY
    }  # fmt: skip
    if not shared:
        return
    most = min(shared, key=lambda one: (-shared[one], one))
    found = pc.equal(records.variants["phone_hash"], most).fill_null(False)
    rows = np.unique(records.record[np.asarray(found)])
    values = {
        "kind": kind, "numbers": len(shared), "least": MANY, "names": shared[most], "records": len(rows),
        "record": records.key[int(rows[0])],
    }  # fmt: skip
    problem = Problem("statistics.register_shared_phone", values=values, severity="notice")
    context.find(problem, table=TOLD[records.kind], amount=float(len(rows)), unit="1")


TOLD = {ENTERPRISE: "enterprise_extract", "person": "person_extract"}
