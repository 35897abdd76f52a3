"""Review queues: what waits for a person, one case after the other; every answer is kept and written back."""

from __future__ import annotations

from sqlalchemy import insert, select

from lvshu.core.errors import InputError, Problem
from lvshu.publish.reader import Reader
from lvshu.web.queues.case import SKIP, Case, Decision, Queue, Row
from lvshu.web.queues.codes import Codes
from lvshu.web.queues.labels import Labels
from lvshu.web.queues.links import Links
from lvshu.web.queues.names import Names
from lvshu.web.queues.trace import alone, changes_of, keep_trace
from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text
from lvshu.web.words import word
from lvshu.web.workbench import Workbench

QUEUES: dict[str, Queue] = {
    one.name: one
    for one in (Names(), Links("links", sampled=False), Links("sample", sampled=True), Codes(), Labels())
}


def cases_of(workbench: Workbench, run_id: str, queue: str) -> list[Case]:
    """Return the cases of a queue that wait in a run, kept as long as its book is open."""
    return workbench.made(run_id, ("cases", queue), QUEUES[queue].cases)


def skipped(database: Database, queue: str, run_id: str) -> set[str]:
    """Return the cases of a run that were put off."""
    table = tables.decision
    gone = select(table.c.chosen).where(table.c.queue == queue, table.c.decision == WITHDRAW)
    query = select(table.c.decision_id, table.c.subject).where(
        table.c.queue == queue, table.c.decision == SKIP, table.c.run_id == run_id
    )
    withdrawn = {row["chosen"] for row in database.rows(gone)}
    return {row["subject"] for row in database.rows(query) if str(row["decision_id"]) not in withdrawn}


def decide(
    workbench: Workbench, queue: str, subject: str, decision: Decision, *, seen: str | None = None
) -> None:
    """Keep an answer; a settling one is written back, so that the next run uses it.

    Args:
        workbench: of the server.
        queue: name of the queue.
        subject: key of the case.
        decision: the answer.
        seen: mark of the answer that the page showed, NONE_SEEN where there was none; None: not told.

    Raises:
        InputError: the case does not wait in that run, the queue knows no such answer, it names what is unknown, or
            somebody else has answered since the page was shown.
        StoreError: a run goes on, or the desk or the database refused.
    """
    one = QUEUES[queue]
    known = {case.key: case for case in cases_of(workbench, decision.run_id, queue)}
    if subject not in known:
        kind = word(f"reviews.case.{queue}")
        values = {"kind": {"zh": kind.zh, "en": kind.en}, "name": subject[:80]}
        raise InputError(Problem("web.no_such_thing", values=values))
    case = known[subject]

    def checked(reader: Reader) -> None:
        answers = {option.decision for option in one.detail(reader, case).options}
        answers |= {SKIP, one.other, one.none, *_always(queue)} - {""}
        if decision.decision not in answers:
            values = {"found": decision.decision, "known": sorted(answers)}
            raise InputError(Problem("web.no_such_answer", values=values))
        if decision.decision != SKIP:
            one.check(reader, case, decision)

    with workbench.shelf.reading(decision.run_id) as reader:
        checked(reader)
    row = {
        "queue": queue,
        "subject": subject,
        "decision": decision.decision,
        "chosen": decision.chosen,
        "run_id": decision.run_id,
        "note": decision.note,
        "user_name": decision.by,
        "at": decision.at,
    }
    if decision.decision == SKIP:
        workbench.database.add(tables.decision, row)
        return
    with alone(workbench.workspace):
        given = one.given(workbench).get(subject)
        if seen is not None and seen != (given.mark if given else NONE_SEEN):
            values = {
                "by": given.by if given else {"zh": "有人（撤销了）", "en": "somebody (who withdrew it)"},
                "on": given.on if given else "–",
            }
            raise InputError(Problem("web.answered_meanwhile", values=values))
        before = one.kept(workbench)
        one.write(workbench, case, decision)
        changed = changes_of(before, one.kept(workbench))
        with workbench.database.writing() as connection:
            key = connection.execute(insert(tables.decision).values(**row)).inserted_primary_key
            keep_trace(connection, int(key[0]) if key else 0, changed)


def _always(queue: str) -> tuple[str, ...]:
    """Return the answers that are known even where a case has no candidate to show."""
    return ("accept",) if queue in ("names", "codes") else ()


NONE_SEEN = "none"
WITHDRAW = "withdraw"

__all__ = [
    "NONE_SEEN",
    "QUEUES",
    "SKIP",
    "WITHDRAW",
    "Case",
    "Decision",
    "Row",
    "cases_of",
    "decide",
    "now_text",
    "skipped",
]
