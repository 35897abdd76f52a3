"""The register for people: the queue of pairs to judge, answers taken back, the error rates, the register as at a day.

Plain functions on a workspace or a book; the command line and a web page call them alike. Answers live in
`inputs/link_review.desk.csv` of the workspace, which is only added to; the next run uses them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.engine.duckdb import text_literal
from lvshu.statistics.register.keys import ENTERPRISE, KINDS, PERSON, REGISTER, SCOPES, record_key
from lvshu.statistics.register.returned import (
    DECISIONS,
    KEPT,
    WAITING,
    against_each_other,
    of_other_pairs,
    read_answers,
)
from lvshu.statistics.register.sheet import write_sheet
from lvshu.statistics.register.whole import counts_of, withheld
from lvshu.store.book import Book, equals
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

MIRROR = "link_review.desk.csv"
SHOWN_OF_PERSONS = ("birth_month", "sex", "district_code")
SHOWN = ("name", "uscc", "address", "district_code", "industry_code", "registered_on")


@dataclass(frozen=True)
class Taken:
    """What became of review files: answers by decision; answers that change an earlier one; the file they are in;
    answers said to be of a sample that the book's sample does not hold: they count as answers, not for error rates."""

    answers: Mapping[str, int]
    changed: int
    file: str
    undrawn: int = 0


def queue_rows(
    book: Book, *, kind: str = "", sample: bool = True, most: int | None = None
) -> list[dict[str, Any]]:
    """Return the pairs that people should judge, those answered before left out.

    First the pairs that wait (the least certain first), then the sample that error rates are estimated from, in an
    order that tells nothing. Of the sample neither probability nor grounds are shown, so that they do not lead; a pair
    that waits and is in the sample is asked once, as one of the sample, and is left out where the sample is not asked
    for: its probability is shown to nobody.

    Args:
        book: a book with the register.
        kind: enterprise or person; both when left out.
        sample: whether the sample is asked for too.
        most: at most so many pairs that wait.
    """
    answered = {
        (row["kind"], row["left_key"], row["right_key"], row["draw"] or "")
        for row in book.rows("link_review")
    }
    where = equals("kind", kind) if kind else None
    sampled = book.rows("link_sample", where=where)
    drawn = [
        {**row, "probability": None, "grounds": None}
        for row in (sampled if sample else [])
        if (row["kind"], row["left_key"], row["right_key"], row["draw"]) not in answered
    ]
    blind = {(row["kind"], row["left_key"], row["right_key"]) for row in sampled}
    waiting = [
        {**row, "draw": WAITING}
        for row in book.rows("link_pair", where=f"in_review AND {where}" if where else "in_review")
        if (row["kind"], row["left_key"], row["right_key"], "") not in answered
        and (row["kind"], row["left_key"], row["right_key"]) not in blind
    ]
    waiting.sort(
        key=lambda row: (
            KINDS.index(row["kind"]),
            abs(row["probability"] - 0.5),
            row["left_key"],
            row["right_key"],
        )
    )
    rows = waiting[:most] + drawn
    seen = _records_seen(book, {row[side] for row in rows for side in ("left_key", "right_key")})
    return [_row(row, seen) for row in rows]


def _row(row: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {
        name: row.get(name) for name in ("kind", "left_key", "right_key", "draw", "probability", "grounds")
    }
    left, right = seen.get(row["left_key"], {}), seen.get(row["right_key"], {})
    shown = SHOWN if row["kind"] == ENTERPRISE else SHOWN_OF_PERSONS
    made |= {f"left_{name}": left.get(name) for name in shown}
    made |= {f"right_{name}": right.get(name) for name in shown}
    if row["kind"] == ENTERPRISE:
        told = [name for name in ("representative_hash", "phone_hash") if left.get(name) and right.get(name)]
    else:
        told = [name for name in ("identifier_hash", "name_hash", "phone_hash", "birth_month", "sex", "district_code")
                if left.get(name) and right.get(name)]  # fmt: skip
    made["agrees"] = ", ".join(name for name in told if left[name] == right[name])
    made["differs"] = ", ".join(name for name in told if left[name] != right[name])
    return made


def _records_seen(book: Book, keys: set[str]) -> dict[str, dict[str, Any]]:
    """Return the records of keys as they were delivered last."""
    found: dict[str, dict[str, Any]] = {}
    ids = ", ".join(text_literal(one) for one in sorted({key.partition("|")[2] for key in keys})) or "''"
    for row in book.rows("enterprise", where=f"uscc IN ({ids})"):
        key = record_key(REGISTER, row["uscc"])
        if key in keys:
            found[key] = row
    for table in ("enterprise_extract", "person_extract"):
        for row in book.rows(table, where=f"record_id IN ({ids})"):
            key = record_key(row["source"], row["record_id"])
            if key in keys and (key not in found or row["delivered_on"] > found[key]["delivered_on"]):
                found[key] = row
    return found


def _borne(book: Book, keys: set[str]) -> dict[str, dict[str, set[object]]]:
    """Return the names, codes and addresses of enterprises of keys, by column and key, in whatever delivery."""
    ids = ", ".join(text_literal(one) for one in sorted({key.partition("|")[2] for key in keys})) or "''"
    records = [
        (record_key(REGISTER, row["uscc"]), row) for row in book.rows("enterprise", where=f"uscc IN ({ids})")
    ]
    records += [
        (record_key(row["source"], row["record_id"]), row)
        for row in book.rows("enterprise_extract", where=f"record_id IN ({ids})")
    ]
    found: dict[str, dict[str, set[object]]] = {"name": {}, "uscc": {}, "address": {}}
    for key, row in records:
        for column, bearers in found.items():
            if key in keys and row.get(column):
                bearers.setdefault(key, set()).add(row[column])
    return found


def write_queue(
    workspace: Workspace, path: Path, *, kind: str = "", sample: bool = True, language: str = "zh"
) -> dict[str, int]:
    """Write the review file (csv or xlsx) and return how many pairs of each draw it asks about.

    Raises:
        InputError: statistics.review_no_register (no run with extracts yet), statistics.review_nothing (all is
            answered), statistics.review_file_there, statistics.review_ending.
    """
    if path.exists():
        raise InputError(Problem("statistics.review_file_there", Where(file=str(path))))
    with workspace.book() as book:
        if not book.count("register_member"):
            raise InputError(Problem("statistics.review_no_register"))
        rows = queue_rows(book, kind=kind, sample=sample)
    if not rows:
        raise InputError(Problem("statistics.review_nothing"))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sheet(path, rows, language=language)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["draw"]] = counts.get(row["draw"], 0) + 1
    return counts


def take(workspace: Workspace, paths: Sequence[Path], *, today: date) -> Taken:
    """Take review files back: their answers are kept whole, or not at all.

    Args:
        workspace: the workspace.
        paths: files that came back.
        today: no answer may be of a later day.

    Raises:
        InputError: everything that is wrong with any of them: a column that is missing, an answer without its pair, a
            record that the register does not have, no decision of the three, no reviewer or date, a date that cannot
            be read or is to come, two answers on one pair that differ, a row that shows another pair's names, codes
            or addresses, no answer at all.
    """
    with workspace.book() as book:
        known = {
            (row["kind"], row["record_key"])
            for row in book.rows("register_member", columns=["kind", "record_key"])
        }
        drawn = {
            (row["kind"], row["left_key"], row["right_key"], row["draw"]) for row in book.rows("link_sample")
        }
        problems: list[Problem] = []
        rows: list[dict[str, str]] = []
        for path in paths:
            rows += read_answers(path, known, drawn, today=today, problems=problems)
        waiting = book.rows("link_pair", columns=["left_key", "right_key"], where="in_review")
        keys = {row[side] for row in (*rows, *waiting) for side in ("left_key", "right_key")}
        keys |= {key for _, *pair, _ in drawn for key in pair}
        of_other_pairs(rows, _borne(book, keys), problems)
    undrawn = 0
    for row in rows:
        if row["draw"] and (row["kind"], row["left_key"], row["right_key"], row["draw"]) not in drawn:
            row["draw"], undrawn = "", undrawn + 1
    against_each_other(rows, problems)
    if not rows and not problems:
        problems.append(Problem("statistics.review_no_answers"))
    if problems:
        raise InputError(*problems)
    with workspace.lock():
        changed = _add(workspace.inputs / MIRROR, rows)
    return Taken(
        {name: sum(row["decision"] == name for row in rows) for name in DECISIONS}, changed, MIRROR, undrawn
    )


def _add(path: Path, rows: Sequence[Mapping[str, str]]) -> int:
    """Add answers to the file of the workspace. Returns how many change an earlier one."""
    before: list[dict[str, str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as handle:
            before = list(csv.DictReader(handle))
    said = {(row["kind"], row["left_key"], row["right_key"]): row["decision"] for row in before}
    changed = sum(
        said.get((row["kind"], row["left_key"], row["right_key"]), row["decision"]) != row["decision"]
        for row in rows
    )
    keyed: dict[tuple[str, ...], dict[str, str]] = {}
    for row in (*before, *rows):
        key = tuple(row[name] for name in (*KEPT[:3], "reviewer", "reviewed_on"))
        drawn = row["draw"] or keyed.get(key, {}).get("draw", "")  # a pair once drawn stays one of the sample
        keyed[key] = {**row, "draw": drawn}
    stream = io.StringIO()
    writer = csv.DictWriter(stream, KEPT, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(keyed.values())
    write_durably(path, stream.getvalue())
    return changed


def answers(workspace: Workspace) -> list[dict[str, str]]:
    """Return the answers on pairs that the next run will use, by the columns of `KEPT`."""
    path = workspace.inputs / MIRROR
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def judge(
    workspace: Workspace,
    *,
    kind: str,
    left_key: str,
    right_key: str,
    draw: str,
    decision: str,
    reviewer: str,
    reviewed_on: date,
    note: str = "",
) -> str:
    """Return the input file that one answer was added to.

    Args:
        workspace: whose next run uses the answer.
        kind: enterprise or person.
        left_key: of a pair that waits or was drawn in the last run (the caller has looked).
        right_key: of the same pair.
        draw: waiting, pair or record, as `queue_rows` gives it.
        decision: same, apart or unsure.
        reviewer: who judged.
        reviewed_on: when.
        note: what is to be remembered.

    Raises:
        InputError: statistics.review_decision, statistics.review_unsigned.
    """
    if decision not in DECISIONS:
        raise InputError(Problem("statistics.review_decision", values={"found": decision}))
    if not reviewer:
        raise InputError(Problem("statistics.review_unsigned"))
    row = {
        "kind": kind, "left_key": left_key, "right_key": right_key, "decision": decision, "reviewer": reviewer,
        "reviewed_on": reviewed_on.isoformat(), "draw": "" if draw == WAITING else draw, "note": note,
    }  # fmt: skip
    workspace.inputs.mkdir(parents=True, exist_ok=True)
    _add(workspace.inputs / MIRROR, [row])
    return MIRROR


def summary(book: Book) -> list[dict[str, Any]]:
    """Return for each kind how many records, units, pairs to review there are, and records by what linked them."""
    found = []
    for kind in KINDS:
        where = equals("kind", kind)
        members = book.rows("register_member", columns=["linked_by"], where=where)
        if members:
            by = [row["linked_by"] for row in members]
            found.append({
                "kind": kind, "records": len(by), "units": book.count("register_unit", where),
                "to_review": book.count("link_pair", f"{where} AND in_review"),
                **{name: by.count(name) for name in ("code", "name", "probability", "review", "previous", "alone")},
            })  # fmt: skip
    return found


def rates(book: Book, *, kind: str = "") -> list[dict[str, Any]]:
    """Return the rows of link_quality: those judged by people first, the totals before the sources."""
    rows = book.rows("link_quality", where=equals("kind", kind) if kind else None)
    return sorted(
        rows,
        key=lambda row: (
            KINDS.index(row["kind"]),
            row["basis"],
            row["source"] != "total",
            row["source"],
            SCOPES.index(row["scope"]),
            row["measure"],
        ),
    )


def whole_withheld(book: Book, *, kind: str = "") -> dict[str, dict[str, Any]]:
    """Return for which kinds no rates of the whole register are told, and of how many pairs nobody judged a link.

    Args:
        book: a book with the register.
        kind: enterprise or person; both when left out.

    Returns:
        by kind, as `withheld` in `lvshu.statistics.register.whole` tells it.
    """
    if not book.has("link_error_cell"):
        return {}
    rows = book.rows("link_error_cell", where=equals("kind", kind) if kind else None)
    found = {one: withheld([counts_of(row) for row in rows if row["kind"] == one]) for one in KINDS}
    return {one: told for one, told in found.items() if told is not None}


def as_at(
    book: Book, day: date, *, kind: str = ENTERPRISE, known_on: date | None = None
) -> list[dict[str, Any]]:
    """Return the units that lived on a day, as rows of register_unit.

    Args:
        book: a book with the register.
        day: born on or before it, not ended on or before it.
        kind: enterprise or person.
        known_on: only what the register could know by this day: units first seen later are left out, and ends
            that came later are not yet there.
    """
    at = f"DATE '{day.isoformat()}'"
    where = f"{equals('kind', kind)} AND born_on <= {at}"
    if known_on is None:
        where += f" AND (ended_on IS NULL OR ended_on > {at})"
    else:
        known = f"DATE '{known_on.isoformat()}'"
        where += f" AND first_seen_on <= {known}"
        where += f" AND (ended_on IS NULL OR ended_on > {at} OR end_known_on > {known})"
    return book.rows("register_unit", where=where, order=["unit_id"])


__all__ = [
    "PERSON",
    "Taken",
    "answers",
    "as_at",
    "judge",
    "queue_rows",
    "rates",
    "summary",
    "take",
    "whole_withheld",
    "write_queue",
]
