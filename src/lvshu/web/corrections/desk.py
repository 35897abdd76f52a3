"""Corrections of the bank's desk: of locked lists, and of figures that clients had handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.publish.reader import Reader
from lvshu.publish.texts import value_label
from lvshu.web.context import Context
from lvshu.web.corrections.change import Change, Chosen, Tally, by_person, counted, shortened
from lvshu.web.corrections.edits import moment_text
from lvshu.web.words import word

TABLE = "correction"


@dataclass(frozen=True)
class Desk:
    """What the desk corrected, each with its reason."""

    kind: str = "desk"
    of_book: bool = True

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many corrections there are, by kind."""
        if not reader.book.has(TABLE):
            return []
        return counted(
            reader,
            self.kind,
            f"SELECT '{TABLE}', kind, count(*) FROM {TABLE} GROUP BY 1, 2 ORDER BY 2",
            TABLE,
        )

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return some of the corrections, in their order."""
        where = chosen.conditions(rule="kind")
        rows = reader.book.read(
            TABLE, where=where, order=["correction_id"], limit=limit, offset=offset
        ).to_pylist()
        return [_change(row) for row in rows]


def _change(row: Mapping[str, Any]) -> Change:
    return Change(
        kind="desk",
        table=TABLE,
        rule=row["kind"],
        key=shortened("|".join(str(row[name]) for name in ("list_id", "uscc", "project_id") if row[name])),
        column=value_label(TABLE, "kind", row["kind"]),
        before=shortened(row["before"]) if row["before"] else None,
        after=shortened(row["after"]) if row["after"] else None,
        who=by_person(row["user"]),
        when=moment_text(row["at"]),
        note=shortened(row["reason"] or ""),
        back=word("corrections.back.desk"),
    )
