"""Records that no key looks at: which they are, what they lack, and where they come from."""

from __future__ import annotations

from collections import Counter

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.link import Links
from lvshu.statistics.register.records import Records

MANY = 0.005
"""Share of the records from which it is a warning (convention of this project)."""
SHOWN = 10
"""Records and columns that a message shows."""


def beyond_of(links: Links | None, records: Records, known: np.ndarray) -> np.ndarray:
    """Return the records that no key looks at under any of their names, shape (records,).

    Records with a valid code are linked by it, and those of an earlier register (`known`, shape (records,)) were
    compared there: neither counts. Without links nothing was looked at at all, which is told elsewhere.
    """
    if links is None:
        return np.zeros(len(records.key), dtype=bool)
    inside = np.ones(len(records.record), dtype=bool)
    inside[links.beyond] = False
    looked = np.bincount(records.record[inside], minlength=len(records.key)) > 0
    return np.asarray(~looked & (records.code < 0) & ~known)


def tell_beyond(context: StepContext, records: Records, beyond: np.ndarray, kind: dict[str, str]) -> None:
    """Tell how many records no key looks at, by source, what they have nothing in, and some of their keys.

    Args:
        context: of the step.
        records: of one kind.
        beyond: shape (records,).
        kind: the kind in either language.
    """
    if not beyond.any():
        return
    rows = np.flatnonzero(beyond)
    sources = Counter(records.source[row] for row in rows.tolist())
    of_record = np.isin(records.record, rows)
    lacking = {
        name: len(rows) - len(np.unique(records.record[of_record & ~_empty(records, name)]))
        for name in dict.fromkeys(one.column for one in records.model.comparisons)
        if name in records.variants.column_names
    }
    most = sorted(lacking.items(), key=lambda one: (-one[1], one[0]))
    values = {
        "kind": kind, "records": len(rows), "all": len(records.key),
        "sources": [f"{source} {count}" for source, count in sources.most_common(SHOWN)],
        "lacking": [f"{name} {count}" for name, count in most if count][:SHOWN],
        "some": [records.key[row] for row in rows[:SHOWN]],
    }  # fmt: skip
    severity = "warning" if len(rows) >= MANY * len(records.key) else "notice"
    problem = Problem("statistics.register_beyond_keys", values=values, severity=severity)
    context.find(problem, table="register_member", amount=float(len(rows)), unit="1")


def _empty(records: Records, name: str) -> np.ndarray:
    return np.asarray(records.variants[name].is_null().to_numpy(zero_copy_only=False), dtype=bool)
