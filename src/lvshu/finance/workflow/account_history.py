"""An enterprise's carbon account over the years, and the versions that runs gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lvshu.core.errors import EngineError, StoreError
from lvshu.finance.workflow.desk import Desk
from lvshu.store.book import Book, equals

TABLE = "enterprise_carbon_account"
FIGURES = (
    "calculation_method", "quality_score", "scope1", "scope2", "scope3", "emission", "removals", "credits_retired",
    "outstanding_amount", "financed_emission", "desk_state",
)  # fmt: skip
MOST = 50
"""Runs that are looked through for versions, the newest first."""


def accounts_of(book: Book | None, uscc: str) -> list[dict[str, Any]]:
    """Return the account's rows of a book, by year."""
    if book is None:
        return []
    return book.rows(TABLE, where=equals("uscc", uscc), order=["year"])


def versions_of(desk: Desk, uscc: str) -> list[dict[str, Any]]:
    """Return the versions of the account, oldest first: each run whose figures differ from the run of that year before.

    A row has the run, when it was finished, the year, the figures, and which of them changed.
    """
    found: list[dict[str, Any]] = []
    last: dict[int, Mapping[str, Any]] = {}
    for run_id in desk.workspace.runs.ids()[-MOST:]:
        for row, finished in _of_run(desk, run_id, uscc):
            year = int(row["year"])
            figures = {name: row.get(name) for name in FIGURES}
            before = last.get(year)
            changed = [name for name in FIGURES if before is not None and before[name] != figures[name]]
            if before is None or changed:
                found.append(
                    {"run": run_id, "finished_at": finished, "year": year, **figures, "changed": changed}
                )
            last[year] = figures
    return found


def _of_run(desk: Desk, run_id: str, uscc: str) -> Sequence[tuple[dict[str, Any], str]]:
    """Return the account's row of the run's own year; none of a book that cannot be read or has no accounts."""
    try:
        with desk.workspace.book(run_id) as book:
            where = f"{equals('uscc', uscc)} AND {equals('year', book.settings.year)}"
            return [(row, str(book.run.get("finished_at") or "")) for row in book.rows(TABLE, where=where)]
    except (StoreError, EngineError):
        return []
