"""The names that a review file asks about: all that wait, and samples of those taken without a look and not found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.contract import load
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import sha256_of_text
from lvshu.finance.match_desk.review import ACCEPTED, KINDS, UNFOUND, WAITING, review_rows, write_review
from lvshu.finance.workflow.desk import Desk
from lvshu.store.book import Book

SUBJECTS, MATCHES, CANDIDATES = "match_subject", "subject_match", "match_candidate"


@dataclass(frozen=True)
class Queue:
    """A review file that was written.

    Attributes:
        path: the file.
        rows: its rows: a name and one candidate.
        names: names of each kind in it.
        all_names: names of each kind there are in the book.
        answered: names left out because a person answered them before.
    """

    path: Path
    rows: int
    names: Mapping[str, int]
    all_names: Mapping[str, int]
    answered: int


def write_queue(desk: Desk, path: Path, *, sample: int = 0, language: str = "zh") -> Queue:
    """Return the review file that was written.

    Args:
        desk: the desk of the workspace.
        path: csv or xlsx.
        sample: how many names to draw at random of those taken without a look, and of those not found.
        language: of the headings.

    Raises:
        InputError: no run yet, nothing to be asked, the file is there already, or another ending.
    """
    if path.exists():
        raise InputError(Problem("finance.review_file_there", values={"file": str(path)}))
    with desk.book() as book:
        if book is None or not book.count(MATCHES):
            raise InputError(Problem("finance.match_no_ledger"))
        subjects = book.rows(SUBJECTS, order=["subject_key"])
        matches = book.rows(MATCHES, order=["subject_key"])
        candidates = book.rows(CANDIDATES, order=["subject_key", "candidate_rank"])
        seed = book.settings.seed
    answered = {one.subject_key for one in desk.repository.match_answers()}
    every = {row["subject_key"]: kind for row in matches if (kind := kind_of_match(row))}
    chosen = {key: kind for key, kind in every.items() if kind == WAITING and key not in answered}
    for kind in (ACCEPTED, UNFOUND):
        left = sorted(key for key, own in every.items() if own == kind and key not in answered)
        digest = sha256_of_text(str(seed), "match.review", kind, desk.run_id)
        drawn = np.random.default_rng(int(digest[:32], 16)).permutation(len(left))[:sample]
        chosen |= {left[place]: kind for place in sorted(drawn.tolist())}
    if not chosen:
        raise InputError(Problem("finance.review_nothing", values={"answered": len(answered & every.keys())}))
    rows = review_rows(subjects, matches, candidates, kinds=chosen, run_id=desk.run_id)
    reason = load(MATCHES).column("reason")
    words = dict(
        zip(reason.allowed, reason.allowed_zh if language == "zh" else reason.allowed_en, strict=True)
    )
    rows = [{**row, "reason": words.get(row["reason"], row["reason"])} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_review(path, rows, language=language)
    return Queue(path, len(rows), _counted(chosen), _counted(every), len(answered & every.keys()))


def kind_of_match(match: Mapping[str, Any]) -> str:
    """Return the kind of row that a match asks for: what names alone decided; "" for what is settled otherwise."""
    if match["status"] == "review":
        return WAITING
    if match["status"] == "matched" and match["matched_by"] == "name":
        return ACCEPTED
    if match["status"] == "unknown" and match["matched_by"] == "none" and match["reason"] != "no_name":
        return UNFOUND
    return ""


def _counted(kinds: Mapping[str, str]) -> dict[str, int]:
    return {kind: sum(own == kind for own in kinds.values()) for kind in KINDS}


def book_rows(book: Book) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the rows that a review file is checked against: subjects, matches, candidates by subject and company."""
    candidates: dict[str, dict[str, Any]] = {}
    for row in book.rows(CANDIDATES):
        candidates.setdefault(row["subject_key"], {})[row["entity_id"]] = row
    return (
        {row["subject_key"]: row for row in book.rows(SUBJECTS)},
        {row["subject_key"]: row for row in book.rows(MATCHES)},
        candidates,
    )
