"""A book read for publication: its rows, where its tables come from, and why one of them is empty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Protocol

import pyarrow as pa

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.text import read_catalogue
from lvshu.engine.settings import Settings
from lvshu.publish.texts import (
    Text,
    contract_of,
    has_layout,
    input_file,
    input_label,
    joined,
    table_label,
    ui,
)


class BookLike(Protocol):
    """What a publication needs of a book; lvshu.store.book.Book has it."""

    @property
    def run(self) -> dict[str, Any]:
        """Return the row of the table `run`."""

    @property
    def settings(self) -> Settings:
        """Return the settings of the run."""

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""

    def has(self, table: str) -> bool:
        """Return whether the table is there."""

    def columns(self, table: str) -> tuple[str, ...]:
        """Return a table's columns."""

    def count(self, table: str, where: str | None = None) -> int:
        """Return how many rows a table has; 0 for an absent one."""

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> pa.Table:
        """Return rows of a table in a total order."""


@dataclass(frozen=True)
class StepRecord:
    """One step of the run: what it made from what."""

    name: str
    position: int
    status: str
    reason: Text
    makes: Mapping[str, int]
    reads: Mapping[str, int | None]
    method: str
    packs: tuple[str, ...]
    seconds: float


class Reader:
    """A book with what a publication asks of it, each table read once."""

    def __init__(self, book: BookLike) -> None:
        self.book = book
        self._kept: dict[str, list[dict[str, Any]]] = {}

    def rows(self, table: str, **equal: object) -> list[dict[str, Any]]:
        """Return the rows of a small table whose columns have the given values; none of an absent table."""
        if table not in self._kept:
            self._kept[table] = self.book.read(table).to_pylist() if self.book.has(table) else []
        kept = self._kept[table]
        return [row for row in kept if all(row.get(name) == value for name, value in equal.items())]

    def pack_rows(self, pack: str, **equal: object) -> list[Mapping[str, Any]]:
        """Return rows of a pack as the run used it; of the packaged pack where the run did not keep it."""
        if self.book.has(f"pack_{pack}"):
            return list(self.rows(f"pack_{pack}", **equal))
        library = packaged()
        return list(library[pack].find(**equal)) if pack in library else []  # type: ignore[arg-type]

    def count(self, table: str) -> int:
        """Return how many rows a table has; 0 for an absent one."""
        return self.book.count(table)

    @cached_property
    def run(self) -> dict[str, Any]:
        """Return the row of the table `run`."""
        return self.book.run

    @cached_property
    def settings(self) -> Settings:
        """Return the settings of the run."""
        return self.book.settings

    @property
    def area(self) -> Text:
        """Return the area's name."""
        return Text(self.settings.area_zh, self.settings.area_en)

    @cached_property
    def steps(self) -> dict[str, StepRecord]:
        """Return the steps of the run by name, in order."""
        rows = sorted(self.rows("step_run"), key=lambda row: row["position"])
        return {row["step"]: _step(row) for row in rows}

    @cached_property
    def maker(self) -> dict[str, StepRecord]:
        """Return the step that made each table."""
        return {table: step for step in self.steps.values() for table in step.makes}

    def method_of(self, table: str) -> str:
        """Return the id of the method card of the step that made a table; empty where it has none."""
        step = self.maker.get(table)
        return step.method if step is not None else ""

    @cached_property
    def packs(self) -> dict[str, dict[str, Any]]:
        """Return the packs of the run by id."""
        return {row["pack"]: row for row in self.rows("pack_used")}

    def behind(self, table: str) -> tuple[str, ...]:
        """Return the tables that a table rests on, itself first, nearest first."""
        found = [table]
        for name in found:
            step = self.maker.get(name)
            found += [read for read in (step.reads if step else ()) if read not in found and read != name]
        return tuple(dict.fromkeys(found))

    def packs_behind(self, table: str) -> tuple[str, ...]:
        """Return the packs that a table rests on, sorted."""
        made = (self.maker.get(name) for name in self.behind(table))
        return tuple(sorted({pack for step in made if step is not None for pack in step.packs}))

    def files_behind(self, table: str) -> list[dict[str, Any]]:
        """Return the input files that a table rests on."""
        names = set(self.behind(table))
        return [row for row in self.rows("input_file") if row["table_name"] in names]

    def _told_of(self, table: str) -> Text | None:
        """Return what the run told of a table that may be shown, as a whole; None where nothing."""
        contract = contract_of(table)
        if contract is None or contract.confidential:
            return None
        own = (row for row in self.rows("finding", table_name=table) if not row["record_key"])
        row = next(own, None)
        return Text(row["what_zh"] or "", row["what_en"] or "") if row else None

    def missing(self, needs: Sequence[str]) -> tuple[str, ...]:
        """Return those input tables that have no row."""
        return tuple(name for name in needs if not self.count(name))

    def why_empty(self, table: str, needs: Sequence[str], subject: Text) -> Text:
        """Return why a table has no rows and what to do: the inputs that are not there, or its step's reason."""
        missing = self.missing(needs)
        if missing:
            return why_missing(missing, subject)
        step = self.maker.get(table)
        if step is not None and step.reason:
            return ui("empty.reason", subject=subject, reason=step.reason)
        told = self._told_of(table)
        if told is not None:
            return ui("empty.told", subject=subject, what=told)
        if step is not None:
            return ui("empty.no_rows", subject=subject, step=step.name, table=table_label(table))
        return ui("empty.not_in_run", subject=subject, table=table_label(table))


def why_missing(missing: Sequence[str], subject: Text) -> Text:
    """Return that inputs are missing, what they would show, and where to put them."""
    labels = [input_label(name) for name in missing]
    names = Text(
        "、".join(one.zh for one in labels), "; ".join(one.en for one in labels)
    )  # some have a comma
    files = joined([input_file(name) for name in missing])
    records = [name for name in missing if not has_layout(name)]
    hint = ui("empty.template", first=records[0]) if records else Text("", "")
    return ui("empty.no_input", inputs=names, subject=subject, files=files, hint=hint)


def _step(row: Mapping[str, Any]) -> StepRecord:
    return StepRecord(
        name=row["step"],
        position=row["position"],
        status=row["status"],
        reason=Text(row["reason_zh"] or "", row["reason_en"] or ""),
        makes=json.loads(row["makes"] or "{}"),
        reads=json.loads(row["reads"] or "{}"),
        method=row["method"] or "",
        packs=tuple(json.loads(row["packs"] or "[]")),
        seconds=row["seconds"] or 0.0,
    )


@cache
def packaged() -> PackLibrary:
    """Return the packs that come with the program."""
    return PackLibrary.load(None)


def is_confidential(table: str) -> bool:
    """Return whether a table holds records that must not be published."""
    contract = contract_of(table)
    return names_records(table) or (contract is not None and contract.kind == "input")


def names_records(table: str) -> bool:
    """Return whether a table's rows are about single persons, enterprises, loans or projects."""
    contract = contract_of(table)
    if contract is None:
        return False
    return contract.confidential or bool(_IDENTIFYING & set(contract.column_names))


_IDENTIFYING = frozenset(
    {"uscc", "loan_id", "project_id", "person_hash", "worker_hash", "platform_uscc", "subject_id"}
)


@cache
def method_cards() -> dict[str, dict[str, Any]]:
    """Return every method card by its id."""
    found: dict[str, dict[str, Any]] = {}
    for content in read_catalogue("methods").values():
        found.update(content)
    return found
