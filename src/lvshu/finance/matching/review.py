"""The review file: candidates out for a person to judge, the answers back in. csv or xlsx."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.tidy import Field, read_tidy

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("subject_key", "对象键（勿改）", "Subject (leave as it is)"),
    ("name", "台账名称", "Name in the ledger"),
    ("code", "台账代码", "Code in the ledger"),
    ("loans", "笔数", "Loans"),
    ("outstanding_amount", "年末余额（元）", "Year-end balance (CNY)"),
    ("company_id", "候选企业", "Candidate"),
    ("candidate_name", "候选名称", "Name of the candidate"),
    ("probability", "概率", "Probability"),
    ("reason", "待复核原因", "Why it waits"),
    ("decision", "意见：accept / reject / other", "Decision: accept / reject / other"),
    ("other_company_id", "另指企业", "Other company"),
    ("reviewer", "复核人", "Reviewer"),
    ("reviewed_on", "复核日期", "Reviewed on"),
    ("note", "备注", "Note"),
)
ANSWERED = ("subject_key", "company_id", "decision", "other_company_id", "reviewer", "reviewed_on", "note")
DECISIONS = ("accept", "reject", "other")
_CHINESE = {"接受": "accept", "否决": "reject", "另指": "other"}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def review_rows(
    subjects: Sequence[Mapping[str, Any]],
    matches: Sequence[Mapping[str, Any]],
    candidates: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return the rows of the review file: every candidate of what waits, the largest balances first.

    Args:
        subjects: rows of match_subject.
        matches: rows of subject_match.
        candidates: rows of match_candidate.
    """
    waiting = {row["subject_key"]: row for row in matches if row["status"] == "review"}
    known = {row["subject_key"]: row for row in subjects}
    rows = []
    for one in candidates:
        key = one["subject_key"]
        if key not in waiting:
            continue
        subject = known[key]
        rows.append(
            {
                "subject_key": key, "name": subject["name"], "code": subject["code"], "loans": subject["loans"],
                "outstanding_amount": subject["outstanding_amount"], "company_id": one["entity_id"],
                "candidate_name": one["candidate_name"], "probability": round(float(one["probability"]), 3),
                "reason": waiting[key]["reason"], "rank": one["candidate_rank"],
            }
        )  # fmt: skip
    rows.sort(key=lambda row: (-row["outstanding_amount"], row["subject_key"], row["rank"]))
    return rows


def write_review(path: Path, rows: Sequence[Mapping[str, Any]], *, language: str = "zh") -> int:
    """Write the review file and return its number of rows. The ending of the path decides: .csv or .xlsx.

    Texts that a spreadsheet would take for a formula are written so that it does not.

    Raises:
        InputError: another ending.
    """
    heading = [zh if language == "zh" else en for _, zh, en in COLUMNS]
    names = [name for name, _, _ in COLUMNS]
    ending = path.suffix.lower()
    if ending == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(heading)
            writer.writerows([_harmless(row.get(name)) for name in names] for row in rows)
    elif ending == ".xlsx":
        _write_sheet(path, heading, names, rows)
    else:
        raise InputError(Problem("finance.review_file", Where(file=path.name), {"ending": ending or "-"}))
    return len(rows)


def read_review(path: Path) -> list[dict[str, Any]]:
    """Return the answers of a review file, as rows of match_review; rows without a decision are left out.

    Raises:
        InputError: no such file or column, a decision that is none, no reviewer or date, other without a company; all.
    """
    fields = [
        Field(name, (zh, en), optional=name not in ("subject_key", "company_id")) for name, zh, en in COLUMNS
    ]
    table = read_tidy(path, fields)
    problems: list[Problem] = []
    answers = []
    for record, row in zip(table.records, table.rows, strict=True):
        given = str(record["decision"] or "").strip().lower()
        if not given:
            continue
        where = Where(file=path.name, row=row)
        answer = {name: record[name] for name in ANSWERED}
        answer["subject_key"] = str(answer["subject_key"]).removeprefix("'")
        answer["decision"] = _CHINESE.get(given, given)
        answer["reviewed_on"] = _day(record["reviewed_on"])
        faults = _faults(answer)
        if faults:
            problems += [Problem(code, where, {"found": given}) for code in faults]
        else:
            answers.append(answer)
    if problems:
        raise InputError(*problems)
    return answers


def _faults(answer: Mapping[str, Any]) -> list[str]:
    faults = []
    if answer["decision"] not in DECISIONS:
        faults.append("finance.review_decision")
    if answer["decision"] == "other" and not answer["other_company_id"]:
        faults.append("finance.review_other")
    if not answer["reviewer"] or answer["reviewed_on"] is None:
        faults.append("finance.review_unsigned")
    return faults


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text or "")[:10].replace("/", "-"))
    except ValueError:
        return None


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else "" if cell is None else cell


def _write_sheet(
    path: Path, heading: Sequence[str], names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet("review")
    bold, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    page.write_row(0, 0, heading, bold)
    page.freeze_panes(1, 2)
    for number, row in enumerate(rows, start=1):
        for column, name in enumerate(names):
            cell = row.get(name)
            if isinstance(cell, str) or cell is None:
                page.write_string(number, column, cell or "", plain)
            else:
                page.write_number(number, column, float(cell))
    if rows:
        place = names.index("decision")
        page.data_validation(1, place, len(rows), place, {"validate": "list", "source": list(DECISIONS)})
    book.close()


def bring_in(path: Path, inputs: Path) -> tuple[Path, int]:
    """Put the answers of a review file into the inputs of a workspace; return the file written and its rows.

    Args:
        path: the answered review file.
        inputs: folder of inputs; the file there is called match_review_<name>.csv.

    Raises:
        InputError: as `read_review`.
    """
    answers = read_review(path)
    target = inputs / f"match_review_{path.stem}.csv"
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(ANSWERED)
        writer.writerows(
            ["" if answer[name] is None else answer[name] for name in ANSWERED] for answer in answers
        )
    return target, len(answers)
