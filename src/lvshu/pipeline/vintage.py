"""The earlier vintage of the monthly indicators: what the last run before they changed knew of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lvshu.contract import load
from lvshu.core.origin import sha256_of_text
from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.task import Task
from lvshu.store.book import Book

VINTAGE = "indicator_vintage"
SOURCE, ADJUSTED = "monthly_indicator", "seasonal_series"
COLUMNS = ("indicator_code", "month", "value", "unit")


def with_vintage(tasks: list[Task], book: Book) -> list[Task]:
    """Return the tasks of a run, the one that reads the earlier vintage taking it from a book.

    Where the book's indicators are today's, its own earlier vintage stays: a run of the same inputs is the same run.
    Else its seasonally adjusted figures are the earlier vintage.

    Args:
        tasks: those that read the inputs; nothing was given for the table `VINTAGE`.
        book: the current one.
    """
    ids = {row["step"]: row["content_id"] for row in book.rows("step_run", columns=["step", "content_id"])}
    now = next((task.content_id for task in tasks if task.name == f"intake.{SOURCE}"), None)
    name = f"intake.{VINTAGE}"
    before = ids.get(f"intake.{SOURCE}")
    if before == now:
        if name not in ids or not book.has(VINTAGE):
            return tasks
        content_id, rows = ids[name], book.rows(VINTAGE, columns=list(COLUMNS))
    elif now is not None and before is not None and book.has(ADJUSTED):
        content_id = sha256_of_text(name, before, ids.get("statistics.seasonal_adjustment", ""))
        rows = [
            {**row, "value": row.pop("adjusted")}
            for row in book.rows(ADJUSTED, columns=["indicator_code", "month", "adjusted", "unit"])
        ]
    else:
        return tasks
    if not rows:
        return tasks
    return [_taken(task, content_id, rows) if task.name == name else task for task in tasks]


def _taken(task: Task, content_id: str, rows: list[dict[str, Any]]) -> Task:
    def act(engine: DuckDB) -> None:
        task.action(engine)  # an empty table with its columns of origin
        engine.append(load(VINTAGE), {name: [row[name] for row in rows] for name in COLUMNS})

    code = "-- seasonally adjusted figures of the last run before the monthly indicators changed"
    return replace(task, content_id=content_id, action=act, code=code)
