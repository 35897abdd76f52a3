"""Answers given on the workbench, with what each changed where the next run reads it, and withdrawals of answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lvshu.core.city_time import city_moment
from lvshu.publish.model import Cell
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, same
from lvshu.web.context import Context
from lvshu.web.corrections.change import Change, Chosen, Tally, by_person, shortened
from lvshu.web.queues import SKIP, WITHDRAW
from lvshu.web.state import tables as kept
from lvshu.web.state.database import Database
from lvshu.web.words import word

TABLE_OF = {
    "names": "match_review",
    "links": "link_review",
    "sample": "link_review",
    "codes": "coding_review",
    "labels": "label_decision",
}
"""The input table into which the answers of a queue are written."""
QUEUES_OF: dict[str, tuple[str, ...]] = {
    table: tuple(queue for queue, one in TABLE_OF.items() if one == table)
    for table in dict.fromkeys(TABLE_OF.values())
}


@dataclass(frozen=True)
class Answers:
    """The decisions of people, withdrawals among them, the newest first; cases put off change nothing."""

    kind: str = "answer"
    of_book: bool = False

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many decisions there are, by table and decision."""
        table = kept.decision
        query = (
            select(table.c.queue, table.c.decision, func.count().label("changes"))
            .where(table.c.decision != SKIP)
            .group_by(table.c.queue, table.c.decision)
        )
        found: dict[tuple[str, str], int] = {}
        for row in context.workbench.database.rows(query):
            place = (TABLE_OF.get(row["queue"], row["queue"]), row["decision"])
            found[place] = found.get(place, 0) + int(row["changes"])
        return [Tally(self.kind, name, rule, count) for (name, rule), count in sorted(found.items())]

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return some of the decisions, the newest first."""
        table, trace = kept.decision, kept.decision_trace
        query = (
            select(table, trace.c.changed)
            .outerjoin(trace, trace.c.decision_id == table.c.decision_id)
            .where(table.c.decision != SKIP)
        )
        if chosen.table:
            query = query.where(table.c.queue.in_(QUEUES_OF.get(chosen.table, (chosen.table,))))
        if chosen.rule:
            query = query.where(table.c.decision == chosen.rule)
        database = context.workbench.database
        rows = database.rows(query.order_by(table.c.decision_id.desc()).limit(limit).offset(offset))
        gone, last = _standing(database, rows)
        return [_change(row, gone, last) for row in rows]


def _standing(
    database: Database, rows: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Mapping[str, Any]], dict[tuple[str, str], int]]:
    """Return the withdrawals of decisions by their number, and the last decision that stands about each case."""
    table = kept.decision
    subjects = sorted({row["subject"] for row in rows})
    found = database.rows(select(table).where(table.c.subject.in_(subjects)).order_by(table.c.decision_id))
    gone: dict[str, Mapping[str, Any]] = {row["chosen"]: row for row in found if row["decision"] == WITHDRAW}
    last = {
        (row["queue"], row["subject"]): int(row["decision_id"])
        for row in found
        if row["decision"] not in (SKIP, WITHDRAW) and str(row["decision_id"]) not in gone
    }
    return gone, last


def _change(
    row: Mapping[str, Any], gone: Mapping[str, Mapping[str, Any]], last: Mapping[tuple[str, str], int]
) -> Change:
    number, queue = int(row["decision_id"]), row["queue"]
    before, after = _sides(row)
    if row["decision"] == WITHDRAW:
        back = word("corrections.back.answered_again")
    elif str(number) in gone:
        one = gone[str(number)]
        back = word("reviews.withdrawn", by=one["user_name"], at=city_moment(one["at"]))
    elif last.get((queue, row["subject"])) != number:
        back = word("corrections.later_counts")
    else:
        back = word("corrections.back.answer")
    return Change(
        kind="answer",
        table=TABLE_OF.get(queue, queue),
        rule=row["decision"],
        key=shortened(row["subject"]),
        column=word(f"reviews.queue.{queue}") if queue in TABLE_OF else same(queue),
        before=before,
        after=after,
        who=by_person(row["user_name"]),
        when=city_moment(row["at"]),
        note=shortened(row["note"] or ""),
        back=back,
        place=("/reviews", {"queue": queue, "subject": row["subject"]}) if queue in TABLE_OF else None,
    )


def _sides(row: Mapping[str, Any]) -> tuple[Cell, Cell]:
    """Return what the next run would have read, and what it reads now; the answer alone where no trace was kept."""
    if row["changed"] is None:
        return word("corrections.not_told"), same(f"{row['decision']} {row['chosen']}".strip())
    changed: dict[str, list[Mapping[str, str] | None]] = json.loads(row["changed"])
    sides = [[one[side] for one in changed.values()] for side in (0, 1)]
    return _told(sides[0]), _told(sides[1])


def _told(rows: Sequence[Mapping[str, str] | None]) -> Text:
    parts = ["; ".join(f"{name}={value}" for name, value in row.items() if value) for row in rows if row]
    listed = [part for part in parts if part]
    return same(shortened(" / ".join(listed))) if listed else word("corrections.no_row")
