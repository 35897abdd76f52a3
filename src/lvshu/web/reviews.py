"""Decisions on names of the ledger: what waits, what was said, and how it is written back for the next run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lvshu.core.errors import InputError, Problem
from lvshu.finance.match_desk.review import ACCEPT, NONE, OTHER
from lvshu.finance.match_desk.taking import SETTLING, write_mirror
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.records import Actor, MatchAnswer
from lvshu.publish.reader import Reader
from lvshu.store.book import Book, equals
from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text
from lvshu.web.workbench import Workbench

QUEUE = "match"
SKIP = "skip"
WORKBENCH_FILE = "workbench"


@dataclass(frozen=True)
class Waiting:
    """A name that waits for a person: its subject, why, and the candidates, most probable first."""

    subject: dict[str, Any]
    match: dict[str, Any]
    candidates: list[dict[str, Any]]

    @property
    def key(self) -> str:
        """Return the subject's key."""
        return str(self.subject["subject_key"])


def waiting(reader: Reader) -> list[Waiting]:
    """Return the names of a book that wait for a person, the largest balances first."""
    book = reader.book
    if not book.has("subject_match"):
        return []
    matches = {
        row["subject_key"]: row for row in book.read("subject_match", where="status = 'review'").to_pylist()
    }
    if not matches:
        return []
    subjects = {
        row["subject_key"]: row
        for row in book.read("match_subject").to_pylist()
        if row["subject_key"] in matches
    }
    candidates: dict[str, list[dict[str, Any]]] = {}
    for row in book.read("match_candidate", order=["subject_key", "candidate_rank"]).to_pylist():
        if row["subject_key"] in matches:
            candidates.setdefault(row["subject_key"], []).append(row)
    found = [
        Waiting(subjects[key], match, candidates.get(key, []))
        for key, match in matches.items()
        if key in subjects
    ]
    return sorted(found, key=lambda one: (-(one.subject["outstanding_amount"] or 0), one.key))


def settled(workbench: Workbench) -> dict[str, MatchAnswer]:
    """Return the latest settling answer about each name, whoever gave it and however it came."""
    if not (workbench.workspace.folder / "desk" / "desk.sqlite").is_file():
        return {}
    with open_desk(workbench.workspace) as desk:
        return {one.subject_key: one for one in desk.repository.match_answers() if one.decision in SETTLING}


def skipped(database: Database, run_id: str) -> set[str]:
    """Return the names of a run that were put off."""
    table = tables.decision
    query = select(table.c.subject).where(
        table.c.queue == QUEUE, table.c.decision == SKIP, table.c.run_id == run_id
    )
    return {row["subject"] for row in database.rows(query)}


def decide(
    workbench: Workbench, run_id: str, *, subject: str, decision: str, company: str, note: str, by: str
) -> None:
    """Keep a decision on a name; a settling one is written back, so that the next run uses it.

    Raises:
        InputError: the name does not wait in that run, or the company is no candidate, or unknown.
        StoreError: the desk or the database refused.
    """
    with workbench.shelf.reading(run_id) as reader:
        known = {one.key: one for one in waiting(reader)}
        if subject not in known:
            raise InputError(
                Problem(
                    "web.no_such_thing",
                    values={"kind": {"zh": "待复核的名称", "en": "waiting name"}, "name": subject[:80]},
                )
            )
        _check(reader.book, known[subject], decision, company)  # type: ignore[arg-type]
    row = {
        "queue": QUEUE,
        "subject": subject,
        "decision": decision,
        "chosen": company,
        "run_id": run_id,
        "note": note,
        "user_name": by,
        "at": now_text(),
    }
    if decision != SKIP:
        _write_back(workbench, row)
    workbench.database.add(tables.decision, row)


def _check(book: Book, one: Waiting, decision: str, company: str) -> None:
    names = [candidate["entity_id"] for candidate in one.candidates]
    if decision == ACCEPT and company not in names:
        values = {"company": company[:60], "name": one.subject["name"], "known": names or "–"}
        raise InputError(Problem("finance.review_not_a_candidate", values=values))
    if decision == OTHER and not (
        company and book.has("company_code") and book.count("company_code", equals("code", company))
    ):
        raise InputError(Problem("finance.review_unknown_company", values={"company": company[:60] or "–"}))


def _write_back(workbench: Workbench, row: dict[str, Any]) -> None:
    moment = row["at"]
    digest = hashlib.sha256("|".join(str(value) for value in row.values()).encode()).hexdigest()
    answer = MatchAnswer(
        answer_id=0,
        file=WORKBENCH_FILE,
        sha256=digest,
        run_id=row["run_id"],
        subject_key=row["subject"],
        company_id=row["chosen"] if row["decision"] == ACCEPT else "",
        decision=row["decision"],
        other_company_id=row["chosen"] if row["decision"] == OTHER else "",
        reviewer=row["user_name"],
        reviewed_on=moment[:10],
        note=row["note"],
        taken_at=moment,
    )
    with open_desk(workbench.workspace, Actor(row["user_name"], "", "")) as desk:
        with desk.repository.transaction():
            desk.repository.add_match_answer(answer)
        write_mirror(desk)


__all__ = ["ACCEPT", "NONE", "OTHER", "SKIP", "Waiting", "decide", "settled", "skipped", "waiting"]
