"""Rows of an input that wait in quarantine: what they hold is not in the book, and is not nothing."""

from __future__ import annotations

from lvshu.engine.step import StepContext
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT


def waiting_rows(context: StepContext, table: str) -> int:
    """Return how many rows of a table wait in quarantine, a count; copies and totals that others stand for do not."""
    rows = context.read("quarantine", columns=("code",), where=f"table_name = '{table}'").to_pylist()
    return sum(row["code"] not in UNRESOLVED_EXCEPT for row in rows)
