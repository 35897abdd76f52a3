"""The steps of the account alone, and of them only those that the tables asked for need: small books, made quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.steps import STEPS

from ..book import run

TOLD = ("finance.findings", "finance.account_findings")


def needed(tables: Sequence[str], steps: Sequence[str] = ()) -> list[str]:
    """Return the names of the steps behind some tables and some steps, these included."""
    maker = {table: step for step in STEPS for table in step.makes}
    found: dict[str, None] = {}
    waiting = [maker[table] for table in tables] + [step for step in STEPS if step.name in steps]
    while waiting:
        step = waiting.pop()
        if step.name not in found:
            found[step.name] = None
            waiting += [maker[table] for table in (*step.reads, *step.reads_if_there) if table in maker]
    return list(found)


def account(
    engine: DuckDB,
    tables: Mapping[str, Sequence[Any]],
    *makes: str,
    told: bool = False,
    also: Sequence[str] = (),
    without: Sequence[str] = (),
    **changed: Any,
) -> DuckDB:
    """Make the tables asked for (and, if told, the findings; and other steps by name) of a book; return the engine.

    Tables of steps that are left out (without) must be there.
    """
    steps = needed(makes, (*(TOLD if told else ()), *also))
    return run(engine, tables, only=[name for name in steps if name not in without], **changed)
