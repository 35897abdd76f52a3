"""Takes review files back: everything that is wrong is told at once; answers are kept whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.finance.match_desk.queue import book_rows
from lvshu.finance.match_desk.review import (
    ACCEPT,
    ANSWERED,
    KINDS,
    NONE,
    OTHER,
    REJECT,
    Answer,
    differing_cells,
    read_answers,
    row_of,
)
from lvshu.finance.workflow.desk import Desk
from lvshu.finance.workflow.records import MatchAnswer
from lvshu.store.book import Book
from lvshu.store.disk import write_durably

MIRROR = "match_review.desk.csv"
SETTLING = (ACCEPT, OTHER, NONE)


@dataclass(frozen=True)
class Reviews:
    """What became of review files.

    Attributes:
        answers: answers that were kept, by decision.
        names: names that are settled by them.
        same: files that were taken before.
        told: warnings: answers that differ from earlier ones, which stay in the log.
        file: the input file that the next run reads.
    """

    answers: Mapping[str, int]
    names: int
    same: tuple[str, ...]
    told: tuple[Problem, ...]
    file: str


@dataclass
class _Checked:
    """The answers of one command with all that is wrong with them."""

    desk: Desk
    problems: list[Problem] = field(default_factory=list)
    answers: list[tuple[Path, str, Answer]] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def take_reviews(desk: Desk, paths: Sequence[Path]) -> Reviews:
    """Return what became of review files. Their answers are kept in one step, or none is.

    Args:
        desk: the desk of the workspace.
        paths: files that came back.

    Raises:
        InputError: everything that is wrong with any of them.
        StoreError: another command is writing.
    """
    checked = _Checked(desk)
    before = desk.repository.match_answers()
    known = {one.sha256 for one in before}
    for path in paths:
        if not path.is_file():
            checked.problems.append(Problem("finance.desk_file_absent", Where(file=str(path))))
            continue
        digest = sha256_of_file(path)
        if digest in known:
            checked.same.append(path.name)
            continue
        answers, problems = read_answers(path)
        checked.problems += problems
        checked.answers += [(path, digest, answer) for answer in answers]
    _against_the_runs(checked)
    _against_each_other(checked)
    if checked.problems:
        raise InputError(*checked.problems)
    if not checked.answers and not checked.same:
        raise InputError(Problem("finance.review_no_answers"))
    at = desk.now()
    rows = [_kept(path, digest, answer, at) for path, digest, answer in checked.answers]
    told = _changes(before, rows)
    with desk.repository.transaction():
        for row in rows:
            desk.repository.add_match_answer(row)
    write_mirror(desk)
    counts = {
        decision: sum(row.decision == decision for row in rows) for decision in (ACCEPT, REJECT, OTHER, NONE)
    }
    names = {row.subject_key for row in rows if row.decision in SETTLING}
    return Reviews(counts, len(names), tuple(checked.same), tuple(told), MIRROR)


def _kept(path: Path, digest: str, answer: Answer, at: str) -> MatchAnswer:
    cells = answer.cells
    return MatchAnswer(
        answer_id=0, file=path.name, sha256=digest, run_id=str(cells["run_id"] or ""), subject_key=cells["subject_key"],
        company_id=cells["company_id"] or "", decision=cells["decision"],
        other_company_id=cells["other_company_id"] or "", reviewer=cells["reviewer"],
        reviewed_on=cells["reviewed_on"].isoformat(), note=cells["note"] or "", taken_at=at,
    )  # fmt: skip


def _against_the_runs(checked: _Checked) -> None:
    """Check each answer against the run that its row was written from."""
    by_run: dict[str, list[Answer]] = {}
    for _, _, answer in checked.answers:
        by_run.setdefault(str(answer.cells["run_id"] or ""), []).append(answer)
    today = checked.desk.clock().date()
    for run_id, answers in by_run.items():
        if run_id not in checked.desk.workspace.runs.ids():
            values = {"run": run_id or "–", "known": list(checked.desk.workspace.runs.ids())}
            checked.problems.append(Problem("finance.review_run_gone", answers[0].at("run_id"), values))
            continue
        with checked.desk.workspace.book(run_id) as book:
            checked.problems += _of_run(book, run_id, answers)
    for _, _, answer in checked.answers:
        day = answer.cells["reviewed_on"]
        if day is not None and day > today:
            checked.problems.append(
                Problem("finance.review_future", answer.at("reviewed_on"), {"found": day.isoformat()})
            )


def _of_run(book: Book, run_id: str, answers: Iterable[Answer]) -> list[Problem]:
    subjects, matches, candidates = book_rows(book)
    companies = {str(row["code"]) for row in book.rows("company_code", columns=["code"])}
    problems = []
    for answer in answers:
        cells = answer.cells
        key, company = cells["subject_key"], cells["company_id"]
        if key not in subjects:
            values = {"subject": key, "run": run_id}
            problems.append(Problem("finance.review_unknown_subject", answer.at("subject_key"), values))
            continue
        other = cells["other_company_id"]
        if cells["decision"] == OTHER and other and other not in companies:
            values = {"company": other}
            problems.append(Problem("finance.review_unknown_company", answer.at("other_company_id"), values))
        candidate = candidates.get(key, {}).get(company) if company else None
        if company and candidate is None:
            values = {
                "company": company,
                "name": subjects[key]["name"],
                "known": sorted(candidates.get(key, {})) or "–",
            }
            problems.append(Problem("finance.review_not_a_candidate", answer.at("company_id"), values))
            continue
        kind = cells["kind"] if cells["kind"] in KINDS else ""
        written = row_of(subjects[key], matches[key], candidate, kind, run_id)
        for column, was, found in differing_cells(answer, written):
            values = {"column": column, "was": was or "–", "found": found or "–"}
            problems.append(Problem("finance.review_changed_cell", answer.at(column), values))
    return problems


def _against_each_other(checked: _Checked) -> None:
    """Check that the answers of one command agree: one company a name, no yes and no to one pair."""
    by_name: dict[str, list[Answer]] = {}
    for _, _, answer in checked.answers:
        by_name.setdefault(str(answer.cells["subject_key"]), []).append(answer)
    for key, answers in by_name.items():
        said = {
            (_settles(one), one.cells["decision"] == NONE)
            for one in answers
            if one.cells["decision"] in SETTLING
        }
        rejected = {one.cells["company_id"] for one in answers if one.cells["decision"] == REJECT}
        values = {"name": key.partition("|")[2] or key, "answers": [_shown(one) for one in answers]}
        if len(said) > 1:
            checked.problems.append(Problem("finance.review_two_yes", answers[0].at("decision"), values))
        elif {company for company, none in said if not none} & rejected:
            checked.problems.append(Problem("finance.review_yes_and_no", answers[0].at("decision"), values))


def _shown(answer: Answer) -> str:
    company = _settles(answer) or answer.cells["company_id"] or ""
    return f"{answer.where.file}:{answer.where.row} {answer.cells['decision']} {company}".strip()


def _settles(answer: Answer) -> str:
    """Return the company that an answer says the name is; "" for none of them and for a rejection."""
    column = {ACCEPT: "company_id", OTHER: "other_company_id"}.get(answer.cells["decision"])
    return str(answer.cells[column] or "") if column else ""


def _changes(before: Sequence[MatchAnswer], rows: Sequence[MatchAnswer]) -> list[Problem]:
    """Return a warning for each name whose earlier answer was another; the latest date counts in the next run."""
    earlier: dict[str, MatchAnswer] = {one.subject_key: one for one in before if one.decision in SETTLING}
    told = {}
    for row in rows:
        old = earlier.get(row.subject_key)
        if old is None or row.decision not in SETTLING or _company(old) == _company(row):
            continue
        values = {
            "name": row.subject_key.partition("|")[2] or row.subject_key,
            "before": f"{_company(old) or NONE} ({old.reviewer} {old.reviewed_on})",
            "after": f"{_company(row) or NONE} ({row.reviewer} {row.reviewed_on})",
        }
        told[row.subject_key] = Problem(
            "finance.review_changes", Where(file=row.file), values, severity="warning"
        )
    return list(told.values())


def _company(answer: MatchAnswer) -> str:
    return {ACCEPT: answer.company_id, OTHER: answer.other_company_id}.get(answer.decision, "")


def write_mirror(desk: Desk) -> Path:
    """Return the input file that was written: rows of match_review."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(ANSWERED)
    writer.writerows([row[name] for name in ANSWERED] for row in answer_rows(desk))
    path = desk.workspace.inputs / MIRROR
    text = stream.getvalue()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        desk.workspace.inputs.mkdir(parents=True, exist_ok=True)
        write_durably(path, text)
    return path


def answer_rows(desk: Desk) -> list[dict[str, Any]]:
    """Return rows of match_review: the latest answer of each reviewer and day on each pair, in order.

    None of them is not an answer about one company: it stands as a rejection of every candidate.
    """
    latest: dict[tuple[str, str, str, str], MatchAnswer] = {}
    books: dict[str, dict[str, list[str]]] = {}
    for one in desk.repository.match_answers():
        companies = [one.company_id] if one.decision != NONE else _candidates(desk, one, books)
        for company in companies:
            decision = REJECT if one.decision == NONE else one.decision
            if decision == OTHER and not company:
                company, decision = one.other_company_id, ACCEPT
            key = (one.subject_key, company, one.reviewer, one.reviewed_on)
            latest[key] = MatchAnswer(**{**one.__dict__, "company_id": company, "decision": decision})
    return [dict(one.__dict__) for _, one in sorted(latest.items())]


def _candidates(desk: Desk, one: MatchAnswer, books: dict[str, dict[str, list[str]]]) -> list[str]:
    """Return the candidates of a name in the run that its answer is of; its own company where the run is gone."""
    if one.run_id not in books:
        found: dict[str, list[str]] = {}
        if one.run_id in desk.workspace.runs.ids():
            with desk.workspace.book(one.run_id) as book:
                for row in book.rows("match_candidate", columns=["subject_key", "entity_id"]):
                    found.setdefault(row["subject_key"], []).append(row["entity_id"])
        books[one.run_id] = found
    listed = books[one.run_id].get(one.subject_key, [])
    return listed or ([one.company_id] if one.company_id else [])
