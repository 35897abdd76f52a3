"""Values changed by editing: by rules, or as people decided (statistics.edit_book, statistics.edit_decisions)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.core.city_time import city_moment
from lvshu.intake.text import literal
from lvshu.publish.model import Cell
from lvshu.publish.reader import Reader
from lvshu.publish.texts import same, value_label
from lvshu.web.context import Context
from lvshu.web.corrections.change import Change, Chosen, Tally, by_person, counted, shortened, told
from lvshu.web.words import word

CHANGES, DECISIONS = "edit_change", "edit_decision"
BY_PERSON = "decided"
ORDER = ("table_name", "record_key", "variable", "change_id")


@dataclass(frozen=True)
class Edited:
    """What rules changed (applied) or propose to change; what people decided stands in its own kind."""

    kind: str
    status: str
    of_book: bool = True

    @property
    def _where(self) -> str:
        return f"status = {literal(self.status)} AND method <> {literal(BY_PERSON)}"

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many values there are, by table and rule."""
        if not reader.book.has(CHANGES):
            return []
        sql = f"SELECT table_name, rule, count(*) FROM {CHANGES} WHERE {self._where} GROUP BY 1, 2 ORDER BY 1, 2"
        return counted(reader, self.kind, sql, CHANGES)

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return some of the values."""
        where = f"{self._where} AND {chosen.conditions(table='table_name', rule='rule')}"
        rows = reader.book.read(CHANGES, where=where, order=ORDER, limit=limit, offset=offset).to_pylist()
        made_at = city_moment(str(reader.run["started_at"]))
        return [self._change(row, made_at) for row in rows]

    def _change(self, row: Mapping[str, Any], made_at: str) -> Change:
        command = _command("keep", row)
        return Change(
            kind=self.kind,
            table=row["table_name"],
            rule=row["rule"],
            key=shortened(row["record_key"]),
            column=same(shortened(row["variable"])),
            before=told(row["table_name"], row["variable"], row["filed_value"]),
            after=told(row["table_name"], row["variable"], row["edited_value"]),
            unit=row["unit"],
            who=word("corrections.by_method", method=value_label(CHANGES, "method", row["method"])),
            when=made_at,
            back=word(f"corrections.back.{self.kind}", command=command),
        )


def _command(name: str, row: Mapping[str, Any]) -> str:
    parts = (shlex.quote(str(row["record_key"])), shlex.quote(str(row["variable"])))
    return shortened(f"lvshu edit {name} {parts[0]} {parts[1]} --user …")


@dataclass(frozen=True)
class Decided:
    """What people decided about values: keep as filed, set another, withdraw; of two about a value the later counts."""

    kind: str = "decided"
    of_book: bool = True

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many decisions there are, by table and decision."""
        if not reader.book.has(DECISIONS):
            return []
        sql = f"SELECT table_name, decision, count(*) FROM {DECISIONS} GROUP BY 1, 2 ORDER BY 1, 2"
        return counted(reader, self.kind, sql, DECISIONS)

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return some of the decisions, in their order, each with whether it still counts."""
        where = chosen.conditions(table="one.table_name", rule="one.decision")
        has_changes = reader.book.has(CHANGES)
        joined = (
            f"LEFT JOIN {CHANGES} AS made ON made.table_name = one.table_name AND made.record_key = one.record_key "
            f"AND made.variable = one.variable AND made.method = {literal(BY_PERSON)}"
            if has_changes
            else ""
        )
        rows = reader.book.engine.fetch(  # type: ignore[attr-defined]
            f"SELECT one.*, {'made.filed_value' if has_changes else 'NULL'} AS filed_value, "
            f"(SELECT max(later.decision_id) FROM {DECISIONS} AS later WHERE later.table_name = one.table_name "
            "AND later.record_key = one.record_key AND later.variable = one.variable) AS last_id "
            f"FROM {DECISIONS} AS one {joined} WHERE {where} ORDER BY one.decision_id LIMIT {limit} OFFSET {offset}",
            table=DECISIONS,
        ).to_pylist()
        return [_decision(row) for row in rows]


def _decision(row: Mapping[str, Any]) -> Change:
    decision, counts = row["decision"], row["decision_id"] == row["last_id"]
    what = value_label(DECISIONS, "decision", decision)
    before: Cell = word("corrections.not_told")
    after: Cell = what
    if decision == "set" and counts:
        before = told(row["table_name"], row["variable"], row["filed_value"])
    if decision == "set":
        after = told(row["table_name"], row["variable"], row["value"])
    if not counts:
        back = word("corrections.later_counts")
    elif decision == "withdraw":
        back = word("corrections.back.withdrawal")
    else:
        back = word("corrections.back.decided", command=_command("withdraw", row))
    return Change(
        kind="decided",
        table=row["table_name"],
        rule=decision,
        key=shortened(row["record_key"]),
        column=same(shortened(row["variable"])),
        before=before,
        after=after,
        unit="CNY" if decision == "set" else "",
        who=by_person(row["decided_by"]),
        when=moment_text(row["decided_at"]),
        note=shortened(row["note"] or ""),
        back=back,
    )


def moment_text(text: str | None) -> str:
    """Return a moment as the city writes it; as it stands where it is none."""
    try:
        return city_moment(str(text)) if text else ""
    except ValueError:
        return shortened(str(text))
