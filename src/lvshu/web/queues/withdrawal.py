"""Take an answer back: the log keeps both; the next run reads what stood before it, or what was answered after it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from lvshu.core.errors import InputError, Problem
from lvshu.web.queues import QUEUES, SKIP, WITHDRAW
from lvshu.web.queues.case import Row
from lvshu.web.queues.trace import alone, keep_trace, traced
from lvshu.web.state import tables
from lvshu.web.state.database import now_text
from lvshu.web.state.users import Person
from lvshu.web.workbench import Workbench


def withdraw(workbench: Workbench, decision_id: int, person: Person, note: str = "") -> dict[str, Any]:
    """Return the decision that was taken back.

    Whoever gave an answer may take it back, and an administrator; others put an answer of their own beside it. An
    answer that another has followed is marked as taken back, and the later one stays what the next run reads; when
    that one is taken back too, what stood before both comes back.

    Raises:
        InputError: there is no such decision, it is somebody else's, it has been taken back, or what it wrote was
            changed by other means since.
        StoreError: a run goes on, or the database refused.
    """
    found = _decision(workbench, decision_id)
    if person.name != found["user_name"] and not person.may_administer:
        raise InputError(Problem("web.not_yours", values={"by": found["user_name"]}))
    queue, subject = str(found["queue"]), str(found["subject"])
    with alone(workbench.workspace):
        history = traced(workbench.database, queue, subject)
        withdrawn = {one["chosen"] for one in history if one["decision"] == WITHDRAW}
        if str(decision_id) in withdrawn:
            raise InputError(Problem("web.withdrawn_already", values={"number": decision_id}))
        changed: dict[str, tuple[Row | None, Row | None]] = {}
        if found["decision"] != SKIP:
            changed = _put_back(workbench, queue, history, withdrawn | {str(decision_id)}, person.name)
        row = {
            "queue": queue,
            "subject": subject,
            "decision": WITHDRAW,
            "chosen": str(decision_id),
            "run_id": found["run_id"],
            "note": note,
            "user_name": person.name,
            "at": now_text(),
        }
        with workbench.database.writing() as connection:
            key = connection.execute(insert(tables.decision).values(**row)).inserted_primary_key
            keep_trace(connection, int(key[0]) if key else 0, changed)
    return found


def _decision(workbench: Workbench, decision_id: int) -> dict[str, Any]:
    table = tables.decision
    rows = workbench.database.rows(select(table).where(table.c.decision_id == decision_id))
    if not rows or rows[0]["decision"] == WITHDRAW:
        values = {"kind": {"zh": "意见", "en": "decision"}, "name": str(decision_id)}
        raise InputError(Problem("web.no_such_thing", values=values))
    return rows[0]


def _put_back(
    workbench: Workbench, queue: str, history: list[dict[str, Any]], withdrawn: set[str], by: str
) -> dict[str, tuple[Row | None, Row | None]]:
    """Return what changed: rows as they stood before the first answer, then as the answers that stand made them."""
    one = QUEUES[queue]
    answers = [row for row in history if row["decision"] not in (SKIP, WITHDRAW)]
    if any(row["changed"] is None for row in answers):
        raise InputError(Problem("web.no_trace"))
    last: dict[str, Row | None] = {}
    wanted: dict[str, Row | None] = {}
    for row in history:
        for key, (before, after) in (row["changed"] or {}).items():
            wanted.setdefault(key, before)
            last[key] = after
    now = one.kept(workbench)
    if any(now.get(key) != row for key, row in last.items()):
        raise InputError(Problem("web.answer_changed"))
    for row in answers:
        if str(row["decision_id"]) not in withdrawn:
            wanted |= {key: after for key, (_, after) in row["changed"].items()}
    changed = {key: (now.get(key), row) for key, row in wanted.items() if now.get(key) != row}
    if changed:
        one.put(workbench, {key: row for key, (_, row) in changed.items()}, by)
    return changed
