"""What a book knows of its own making: which step made a table, from which tables, packs and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lvshu.contract import all_contracts
from lvshu.pipeline.plan import upstream
from lvshu.store.book import Book


@dataclass(frozen=True)
class StepRecord:
    """One row of the table `step_run`, its lists read. settings: those it read; None where the book does not tell."""

    name: str
    position: int
    status: str
    reason_zh: str | None
    reason_en: str | None
    content_id: str
    makes: dict[str, int]
    reads: dict[str, int | None]
    method: str | None
    packs: tuple[str, ...]
    settings: frozenset[str] | None
    code: str | None
    seconds: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> StepRecord:
        """Return the record that a row of `step_run` states."""
        return cls(
            name=row["step"],
            position=row["position"],
            status=row["status"],
            reason_zh=row["reason_zh"],
            reason_en=row["reason_en"],
            content_id=row["content_id"],
            makes=json.loads(row["makes"] or "{}"),
            reads=json.loads(row["reads"] or "{}"),
            method=row["method"],
            packs=tuple(json.loads(row["packs"] or "[]")),
            settings=None if row.get("settings") is None else frozenset(json.loads(row["settings"])),
            code=row["sql"],
            seconds=row["seconds"] or 0.0,
        )


class Lineage:
    """The steps of a book and how they hang together."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @cached_property
    def steps(self) -> dict[str, StepRecord]:
        """Return the steps by name, in order."""
        rows = self.book.rows("step_run", order=["position"])
        return {row["step"]: StepRecord.of(row) for row in rows}

    @cached_property
    def maker(self) -> dict[str, StepRecord]:
        """Return which step made each table."""
        return {table: step for step in self.steps.values() for table in step.makes}

    def upstream(self, table: str) -> tuple[str, ...]:
        """Return the tables that a table rests on, itself first."""
        return upstream([table], {name: tuple(step.reads) for name, step in self.maker.items()})

    def steps_behind(self, table: str) -> tuple[StepRecord, ...]:
        """Return the steps behind a table, its own first."""
        found: dict[str, StepRecord] = {}
        for name in self.upstream(table):
            step = self.maker.get(name)
            if step is not None:
                found.setdefault(step.name, step)
        return tuple(found.values())

    def inputs_behind(self, table: str) -> tuple[str, ...]:
        """Return the input tables behind a table that have rows."""
        contracts = all_contracts()
        return tuple(
            name
            for name in self.upstream(table)
            if name in contracts and contracts[name].kind == "input" and self.book.count(name)
        )
