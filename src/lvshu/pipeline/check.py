"""Check a workspace without a run: settings, packs, files, every record against its contract."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lvshu.contract import all_contracts
from lvshu.core.errors import LvshuError, Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.intake.rejects import rejects_by_table
from lvshu.intake.text import literal
from lvshu.pipeline.execute import Executor
from lvshu.pipeline.inputs import find_inputs, input_tasks
from lvshu.pipeline.packs import date_warnings
from lvshu.pipeline.progress import Cancellation, Cancelled, Listener
from lvshu.store.book import Book
from lvshu.store.disk import told_when_full
from lvshu.store.workspace import Workspace

SEVERITIES = ("error", "warning", "notice")


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    tables: [{table, zh, en, files, rows_read, rows_kept, rows_quarantined, rows_set_aside}] of the input tables that
    have files; read = kept + quarantined + set aside. rows_quarantined: those that wait for a correction;
    rows_set_aside: those that need none, since another row stands for them or they are totals. problems: of settings,
    packs and whole files. quarantine: rows of that table that wait; findings: rows of that table.
    """

    tables: list[dict[str, Any]]
    problems: tuple[Problem, ...]
    quarantine: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    rows_quarantined: int
    rows_set_aside: int = 0

    @property
    def ok(self) -> bool:
        """Return whether no error was found; warnings and notices are no errors."""
        severe = any(problem.severity == "error" for problem in self.problems)
        return not (
            severe or self.rows_quarantined or any(row["severity"] == "error" for row in self.findings)
        )


def check(
    workspace: Workspace,
    *,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
    rows: int = 1000,
) -> CheckReport:
    """Return what is wrong with a workspace's inputs and packs. No run is made and nothing is written there.

    Args:
        workspace: an open workspace.
        listener: told of each table.
        cancellation: through which the user may stop.
        rows: at most so many quarantined rows and findings are listed (all are counted).

    Raises:
        ConfigError: wrong settings.
    """
    problems = workspace.library.check()
    inputs = find_inputs(workspace.inputs)
    problems += inputs.problems
    own = [pack_id for pack_id, place in workspace.library.places.items() if place.origin == "user"]
    problems += date_warnings(workspace.library, own, date(workspace.settings.year, 12, 31))
    with tempfile.TemporaryDirectory(prefix="lvshu-check-") as folder, told_when_full(Path(folder)):
        path = Path(folder) / "check.duckdb"
        choice = workspace.config.engine
        try:
            tasks = input_tasks(inputs, settings=workspace.settings, library=workspace.library, profiles={})
            with DuckDB(
                path, threads=choice.threads, memory_limit=choice.memory, scratch=Path(folder) / "scratch"
            ) as engine:
                stop = cancellation or Cancellation()
                stop.watch(engine)
                try:
                    Executor(engine, tasks, listener=listener, cancellation=stop).run()
                finally:
                    stop.watch(None)
                engine.checkpoint()
        except LvshuError as error:
            if isinstance(error, Cancelled):
                raise
            return CheckReport([], (*problems, *error.problems), [], [], 0)
        with Book.open(path) as book:
            return _report(book, problems, rows)


def _report(book: Book, problems: list[Problem], rows: int) -> CheckReport:
    contracts = all_contracts()
    tables: dict[str, dict[str, Any]] = {}
    for row in book.rows("input_file", order=["table_name", "file"]):
        name = row["table_name"]
        entry = tables.setdefault(
            name,
            {
                "table": name,
                "zh": contracts[name].zh,
                "en": contracts[name].en,
                "files": [],
                "rows_read": 0,
                "rows_kept": 0,
                "rows_quarantined": 0,
                "rows_set_aside": 0,
            },
        )
        entry["files"].append(row["file"])
        for count in ("rows_read", "rows_kept", "rows_quarantined"):
            entry[count] += row[count] or 0
    waiting = rejects_by_table(book.engine)
    for name, entry in tables.items():
        entry["rows_set_aside"] = entry["rows_quarantined"] - waiting.get(name, 0)
        entry["rows_quarantined"] = waiting.get(name, 0)
    resolved = ", ".join(literal(code) for code in sorted(UNRESOLVED_EXCEPT))
    return CheckReport(
        tables=list(tables.values()),
        problems=tuple(problems),
        quarantine=book.rows(
            "quarantine",
            where=f"code NOT IN ({resolved})",
            order=["table_name", "file", "row_number"],
            limit=rows,
        ),
        findings=sorted(
            book.rows("finding", order=["severity", "step"], limit=rows),
            key=lambda row: SEVERITIES.index(row["severity"]),
        ),
        rows_quarantined=sum(entry["rows_quarantined"] for entry in tables.values()),
        rows_set_aside=sum(entry["rows_set_aside"] for entry in tables.values()),
    )
