"""Runs tasks one after the other, each in a transaction of its own, taking over what is already known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvshu.contract import all_contracts, load
from lvshu.core.errors import EngineError, LvshuError, Problem
from lvshu.engine.duckdb import DuckDB, quote, text_literal
from lvshu.pipeline.plan import SHARED
from lvshu.pipeline.progress import Cancellation, Clock, Listener, Progress
from lvshu.pipeline.task import BY_TABLE, Task

EARLIER = "earlier"
OWN_ROOMS = ("run", "intake")


@dataclass(frozen=True)
class Done:
    """How one task ended. status: made, taken_over, skipped, or kept (finished before the run was killed)."""

    task: Task
    status: str
    rows: int
    seconds: float
    reason: Problem | None = None


class Executor:
    """Fills one book, which no one else sees yet."""

    def __init__(
        self,
        engine: DuckDB,
        tasks: Sequence[Task],
        *,
        earlier: Path | None = None,
        listener: Listener | None = None,
        cancellation: Cancellation | None = None,
        extra: int = 0,
    ) -> None:
        self.engine = engine
        self.tasks = tuple(tasks)
        self._total = len(self.tasks) + extra
        self._listener = listener
        self._cancellation = cancellation or Cancellation()
        self._clock = Clock()
        self._makers = {table: task for task in tasks for table in task.makes}
        self._earlier_path = earlier
        self._earlier: dict[str, str] = {}
        self._earlier_settings: dict[str, str | None] = {}
        self._counts: dict[str, int] = {}
        self._earlier_tables: set[str] = set()

    def run(self) -> tuple[Done, ...]:
        """Return how each task ended.

        Raises:
            LvshuError: a task failed; those before it are kept in the book.
            Cancelled: the user stopped the run.
        """
        for contract in all_contracts().values():
            if contract.room in OWN_ROOMS:
                self.engine.create(contract)
        kept = self._clear_what_is_stale()
        self._attach_earlier()
        try:
            return tuple(self._one(task, position, kept) for position, task in enumerate(self.tasks, 1))
        finally:
            self._detach_earlier()

    # -- what is known already -------------------------------------------------------------------

    def _clear_what_is_stale(self) -> set[str]:
        """Remove what a killed run left behind that does not fit any more. Returns the tasks that still do.

        A task's tables, its rows in shared tables and its row in `step_run` were committed together, so what is not
        in `step_run` is not there at all. What was skipped is asked again: it is cheap, and the reason is needed.
        """
        known = {task.name: task for task in self.tasks}
        rows = self.engine.execute("SELECT step, content_id, status FROM step_run")
        kept = {
            name for name, content_id, status in rows
            if status != "skipped" and name in known and known[name].content_id == content_id
        }  # fmt: skip
        made = {table for name in kept for table in known[name].makes}
        shared = {table for task in self.tasks for table in task.owned}
        own = {contract.name for contract in all_contracts().values() if contract.room in OWN_ROOMS}
        with self.engine.transaction():
            for table in self.engine.tables():
                if table not in made | shared | own and not table.startswith("pack_"):
                    self.engine.drop(table)
            for name in {row[0] for row in rows} - kept:
                self._forget(name, known.get(name))
            for table in ("run", "headline", "pack_used"):
                self.engine.execute(f"DELETE FROM {quote(table)}")
        for table in sorted(made):
            self._counts[table] = self.engine.count(table)
        return kept

    def _forget(self, name: str, task: Task | None) -> None:
        """Remove what a step wrote to shared tables. Of a step that is no more, only its own name is known."""
        by_name = {table: f"step = {text_literal(name)}" for table in ("step_run", *SHARED)}
        by_table = f"table_name = {text_literal(name.removeprefix('intake.'))}"
        owned = task.owned if task is not None else dict.fromkeys(BY_TABLE, by_table)
        for table, condition in {**owned, **by_name}.items():
            if self.engine.has(table):
                self.engine.execute(f"DELETE FROM {quote(table)} WHERE {condition}", table=table)

    def _attach_earlier(self) -> None:
        if self._earlier_path is None:
            return
        self.engine.execute(f"ATTACH {text_literal(str(self._earlier_path))} AS {EARLIER} (READ_ONLY)")
        rows = self.engine.execute(
            f"SELECT step, content_id FROM {EARLIER}.step_run WHERE status IN ('made', 'taken_over')"
        )
        self._earlier = dict(rows)
        if "settings" in self._earlier_columns("step_run"):
            known = self.engine.execute(f"SELECT step, settings FROM {EARLIER}.step_run")
            self._earlier_settings = dict(known)
        found = self.engine.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = ?", [EARLIER]
        )
        self._earlier_tables = {row[0] for row in found}

    def _earlier_columns(self, table: str) -> set[str]:
        rows = self.engine.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_catalog = ? AND table_name = ?",
            [EARLIER, table],
        )
        return {row[0] for row in rows}

    def _detach_earlier(self) -> None:
        if self._earlier_path is not None:
            self.engine.execute(f"DETACH {EARLIER}")

    # -- one task --------------------------------------------------------------------------------

    def _one(self, task: Task, position: int, kept: set[str]) -> Done:
        self._cancellation.heed()
        self._tell(task, position, "started")
        clock = Clock()
        if task.name in kept:
            self.engine.execute("UPDATE step_run SET position = ? WHERE step = ?", [position, task.name])
            done = Done(task, "kept", self._rows(task), 0.0)
        else:
            done = self._within_transaction(task, position, clock)
        self._tell(task, position, done.status, done.rows, done.seconds)
        return done

    def _within_transaction(self, task: Task, position: int, clock: Clock) -> Done:
        try:
            with self.engine.transaction():
                reason = self._reason_to_skip(task)
                if reason is not None:
                    status = "skipped"
                elif self._can_take_over(task):
                    self._take_over(task)
                    status = "taken_over"
                else:
                    task.action(self.engine)
                    status = "made"
                for table in task.makes:
                    self.engine.create(load(table))
                    self._counts[table] = self.engine.count(table)
                done = Done(task, status, self._rows(task), clock.seconds, reason)
                self._record(done, position)
        except EngineError as error:
            self._cancellation.heed()
            raise _at(task, error) from error
        except LvshuError as error:
            raise _at(task, error) from error
        return done

    def _reason_to_skip(self, task: Task) -> Problem | None:
        """Return why a task has nothing to work on: the missing inputs at the root, or tables that came out empty."""
        empty = [table for table in task.demands if self._is_empty(table)]
        if not empty:
            return None
        roots = list(dict.fromkeys(root for table in empty for root in self._roots(table)))
        inputs = [table for table in roots if self._is_input(table)]
        given = {row[0] for row in self.engine.execute("SELECT DISTINCT table_name FROM input_file")}
        missing = [table for table in inputs if table not in given]
        if missing:
            return Problem("pipeline.skipped", values={"inputs": _named(missing)}, severity="notice")
        if inputs:
            return Problem("pipeline.skipped_unusable", values={"inputs": _named(inputs)}, severity="notice")
        return Problem("pipeline.skipped_empty", values={"tables": _named(roots)}, severity="notice")

    def _roots(self, table: str) -> list[str]:
        """Return the tables whose emptiness makes a table empty: those that no skipped task could have filled."""
        maker = self._makers.get(table)
        demanded = [one for one in maker.demands if self._is_empty(one)] if maker is not None else []
        return [root for one in demanded for root in self._roots(one)] or [table]

    def _is_empty(self, table: str) -> bool:
        return not self._counts.get(table)

    def _is_input(self, table: str) -> bool:
        contracts = all_contracts()
        return table in contracts and contracts[table].kind == "input"

    def _can_take_over(self, task: Task) -> bool:
        same = self._earlier.get(task.name) == task.content_id
        return same and set(task.makes) <= self._earlier_tables

    def _take_over(self, task: Task) -> None:
        for table in task.makes:
            self.engine.execute(f"CREATE TABLE {quote(table)} AS FROM {EARLIER}.{quote(table)}", table=table)
        for table, condition in task.owned.items():
            if table in self._earlier_tables:
                if not self.engine.has(
                    table
                ):  # nothing that was made anew in this book has written to it yet
                    self.engine.create(load(table))
                self.engine.execute(
                    f"INSERT INTO {quote(table)} BY NAME FROM {EARLIER}.{quote(table)} WHERE {condition}",
                    table=table,
                )

    def _rows(self, task: Task) -> int:
        return sum(self._counts[table] for table in task.makes)

    def _record(self, done: Done, position: int) -> None:
        task = done.task
        row: dict[str, Any] = {
            "position": position,
            "step": task.name,
            "status": done.status,
            "reason_zh": done.reason.what("zh") if done.reason else None,
            "reason_en": done.reason.what("en") if done.reason else None,
            "content_id": task.content_id,
            "makes": json.dumps({table: self._counts[table] for table in task.makes}),
            "reads": json.dumps({table: self._counts.get(table) for table in task.reads}),
            "method": task.method or None,
            "packs": json.dumps(list(task.packs)),
            "settings": self._settings_read(done),
            "sql": task.code or None,
            "seconds": done.seconds,
        }
        self.engine.append(load("step_run"), {name: [value] for name, value in row.items()})

    def _settings_read(self, done: Done) -> str | None:
        """Return the settings that a task read (JSON); of one taken over those that it read when it was made."""
        if done.status == "taken_over":
            return self._earlier_settings.get(done.task.name)
        return json.dumps(sorted(done.task.settings_read))

    def _tell(self, task: Task, position: int, status: str, rows: int = 0, seconds: float = 0.0) -> None:
        if self._listener is not None:
            self._listener(
                Progress(
                    step=task.name,
                    label_zh=task.label("zh"),
                    label_en=task.label("en"),
                    position=position,
                    total=self._total,
                    status=status,
                    rows=rows,
                    seconds=seconds,
                    elapsed=self._clock.seconds,
                )
            )


def _named(tables: Sequence[str]) -> list[dict[str, str]]:
    contracts = all_contracts()
    return [
        {"zh": f"{contracts[table].zh}（{table}）", "en": f"{contracts[table].en} ({table})"}
        if table in contracts
        else {"zh": table, "en": table}
        for table in tables
    ]


def _at(task: Task, error: LvshuError) -> LvshuError:
    """Return the error with a notice of the step in which it came up."""
    values = {"step": task.name, "label": {"zh": task.label("zh"), "en": task.label("en")}}
    return type(error)(*error.problems, Problem("pipeline.stopped", values=values, severity="notice"))
