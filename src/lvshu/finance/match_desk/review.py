"""The review file: candidates out for a person to judge, the answers back in. csv or xlsx."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.period import day_of
from lvshu.core.spreadsheet import harmless, restored
from lvshu.intake.tidy import Field, read_tidy

WAITING, ACCEPTED, UNFOUND = KINDS = ("waiting", "accepted", "unfound")
COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("name", "台账名称", "Name in the ledger"),
    ("code", "台账代码", "Code in the ledger"),
    ("loans", "笔数", "Loans"),
    ("outstanding_amount", "年末余额（元）", "Year-end balance (CNY)"),
    ("company_id", "候选企业", "Candidate"),
    ("candidate_name", "候选名称", "Name of the candidate"),
    ("probability", "概率", "Probability"),
    ("reason", "待复核原因", "Why it waits"),
    ("decision", "意见：accept / reject / other / none", "Decision: accept / reject / other / none"),
    ("other_company_id", "另指企业", "Other company"),
    ("reviewer", "复核人", "Reviewer"),
    ("reviewed_on", "复核日期", "Reviewed on"),
    ("note", "备注", "Note"),
    ("kind", "行类（勿改）", "Kind of row (leave as it is)"),
    ("subject_key", "对象键（勿改）", "Subject (leave as it is)"),
    ("run_id", "运行（勿改）", "Run (leave as it is)"),
)
WRITTEN = (
    "name",
    "code",
    "loans",
    "outstanding_amount",
    "company_id",
    "candidate_name",
    "probability",
    "kind",
)
"""Cells that the program wrote and that must come back as they went, beside the subject and the run."""
OPEN = ("decision", "other_company_id", "reviewer", "reviewed_on", "note")
ANSWERED = ("subject_key", "company_id", "decision", "other_company_id", "reviewer", "reviewed_on", "note")
ACCEPT, REJECT, OTHER, NONE = DECISIONS = ("accept", "reject", "other", "none")
_CHINESE = {"接受": ACCEPT, "否决": REJECT, "另指": OTHER, "查无": NONE}
_PLACES = {"outstanding_amount": 2, "probability": 3, "loans": 0}
_WIDTHS = {"subject_key": 30, "name": 34, "code": 22, "loans": 7, "outstanding_amount": 20, "company_id": 22,
           "candidate_name": 34, "probability": 9, "reason": 16, "decision": 14, "other_company_id": 22, "reviewer": 12,
           "reviewed_on": 13, "note": 24, "kind": 12, "run_id": 26}  # fmt: skip
GUIDE = (
    ("每行是台账中的一个名称与一个候选企业。只填黄色的五列，其余请勿改动，也不要单独给某几列排序。",
     "A row is a name of the ledger and one candidate. Fill in the five yellow columns only; leave the rest as it is, "
     "and do not sort some columns without the others."),
    ("意见：accept（接受）候选就是该借款人；reject（否决）不是这个候选；other（另指）是另一个企业，写在“另指企业”列；"
     "none（查无）名录与 company 中没有这家企业。同一名称只需一个 accept、other 或 none。",
     "Decision: accept, the candidate is the borrower; reject, it is not this candidate; other, it is another company, "
     "named in its column; none, no table of companies has it. One accept, other or none settles a name."),
    ("每条意见须写复核人与日期（如 2026-01-05）。没有意见的行照旧等待。",
     "Each decision needs a reviewer and a date such as 2026-01-05. Rows without a decision go on waiting."),
    ("行类：waiting 等待复核；accepted 抽查已自动接受的；unfound 抽查没有找到的。后两类用来估计查准率与查全率。",
     "Kind of row: waiting for review; accepted: a sample of what was taken without a look; unfound: a sample of what "
     "was not found. The last two tell precision and recall."),
    ("填好后：lvshu match take 文件名。错处会一次说完。",
     "When done: lvshu match take FILE. All that is wrong is told at once."),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """A row of a review file that has a decision: its place, and its cells by column; the decision in English."""

    where: Where
    cells: Mapping[str, Any]

    def at(self, column: str) -> Where:
        """Return the place of one of its cells."""
        return Where(file=self.where.file, row=self.where.row, column=column)


def row_of(
    subject: Mapping[str, Any],
    match: Mapping[str, Any],
    candidate: Mapping[str, Any] | None,
    kind: str,
    run_id: str,
) -> dict[str, Any]:
    """Return one row of the review file; without a candidate it asks whether there is a company at all.

    Args:
        subject: row of match_subject.
        match: its row of subject_match.
        candidate: a row of match_candidate, or None.
        kind: waiting, accepted or unfound.
        run_id: the run that it is taken from.
    """
    probability = None if candidate is None else round(float(candidate["probability"]), 3)
    return {
        "subject_key": subject["subject_key"], "name": subject["name"], "code": subject["code"],
        "loans": subject["loans"], "outstanding_amount": subject["outstanding_amount"],
        "company_id": candidate["entity_id"] if candidate else None,
        "candidate_name": candidate["candidate_name"] if candidate else None, "probability": probability,
        "reason": match["reason"], "rank": candidate["candidate_rank"] if candidate else 0, "kind": kind,
        "run_id": run_id,
    }  # fmt: skip


def review_rows(
    subjects: Sequence[Mapping[str, Any]],
    matches: Sequence[Mapping[str, Any]],
    candidates: Sequence[Mapping[str, Any]],
    *,
    kinds: Mapping[str, str] | None = None,
    run_id: str = "",
) -> list[dict[str, Any]]:
    """Return the rows of the review file: every candidate of the names asked for, the largest balances first.

    Args:
        subjects: rows of match_subject.
        matches: rows of subject_match.
        candidates: rows of match_candidate.
        kinds: kind of row by subject; all that wait for review when left out.
        run_id: the run that they are taken from.
    """
    known = {row["subject_key"]: row for row in subjects}
    found = {row["subject_key"]: row for row in matches}
    if kinds is None:
        kinds = {key: WAITING for key, row in found.items() if row["status"] == "review"}
    listed: dict[str, list[Mapping[str, Any] | None]] = {key: [] for key in kinds}
    for one in candidates:
        if one["subject_key"] in listed:
            listed[one["subject_key"]].append(one)
    rows = [
        row_of(known[key], found[key], one, kinds[key], run_id)
        for key, own in listed.items()
        for one in (own or [None])
    ]
    rows.sort(
        key=lambda row: (
            KINDS.index(row["kind"]),
            -row["outstanding_amount"],
            row["subject_key"],
            row["rank"],
        )
    )
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


def read_answers(path: Path) -> tuple[list[Answer], list[Problem]]:
    """Return the rows of a review file that have a decision, and what is wrong with them as they stand.

    Raises:
        InputError: no such file or column.
    """
    fields = [Field(name, (zh, en), optional=name != "subject_key") for name, zh, en in COLUMNS]
    table = read_tidy(path, fields)
    problems: list[Problem] = []
    answers = []
    for record, row in zip(table.records, table.rows, strict=True):
        given = str(record["decision"] or "").strip().lower()
        if not given:
            continue
        answer = Answer(Where(file=path.name, row=row), {
            **record, "subject_key": restored(str(record["subject_key"])),
            "decision": _CHINESE.get(given, given), "reviewed_on": day_of(record["reviewed_on"]),
        })  # fmt: skip
        problems += [Problem(code, answer.at("decision"), {"found": given}) for code in _faults(answer.cells)]
        answers.append(answer)
    return answers, problems


def read_review(path: Path) -> list[dict[str, Any]]:
    """Return the answers of a review file, as rows of match_review; rows without a decision are left out.

    Raises:
        InputError: no such file or column, a decision that is none, no reviewer or date, other without a company; all.
    """
    answers, problems = read_answers(path)
    if problems:
        raise InputError(*problems)
    return [{name: answer.cells[name] for name in ANSWERED} for answer in answers]


def differing_cells(answer: Answer, written: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give the cells that are no longer as they were written: column, as written, as it came back."""
    for name in WRITTEN:
        mine, theirs = written.get(name), answer.cells.get(name)
        before, after = _plain(mine, name), _plain(theirs, name)
        if before != after:
            yield name, before, after


def _plain(cell: object, name: str) -> str:
    text = "" if cell is None else str(cell).strip()
    if name in _PLACES and text:
        try:
            return f"{Decimal(text.replace(',', '')):.{_PLACES[name]}f}"
        except InvalidOperation:
            return text
    return restored(text)


def _faults(cells: Mapping[str, Any]) -> list[str]:
    faults = []
    if cells["decision"] not in DECISIONS:
        faults.append("finance.review_decision")
    if cells["decision"] == OTHER and not cells["other_company_id"]:
        faults.append("finance.review_other")
    if cells["decision"] in (ACCEPT, REJECT) and not cells["company_id"]:
        faults.append("finance.review_no_candidate")
    if not cells["reviewer"] or cells["reviewed_on"] is None:
        faults.append("finance.review_unsigned")
    return faults


def _harmless(cell: object) -> object:
    return harmless(cell) if isinstance(cell, str) else "" if cell is None else cell


def _write_sheet(
    path: Path, heading: Sequence[str], names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> None:
    with xlsxwriter.Workbook(
        str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        page, guide = book.add_worksheet("复核 review"), book.add_worksheet("说明 guide")
        head = book.add_format({"bold": True, "bg_color": "#DCE9E1", "text_wrap": True, "valign": "top"})
        text, money = book.add_format({"num_format": "@"}), book.add_format({"num_format": "#,##0.00"})
        number, open_cell = book.add_format({"num_format": "0.###"}), book.add_format(
            {"num_format": "@", "bg_color": "#FFFBE6", "border": 1, "border_color": "#D8D2B8", "locked": False}
        )  # fmt: skip
        page.write_row(0, 0, heading, head)
        page.set_row(0, 46)
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        for column, name in enumerate(names):
            page.set_column(column, column, _WIDTHS[name])
        for place, row in enumerate(rows, start=1):
            for column, name in enumerate(names):
                cell = row.get(name)
                if name in OPEN:
                    page.write_string(place, column, cell, open_cell) if cell else page.write_blank(
                        place, column, None, open_cell
                    )
                elif isinstance(cell, str) or cell is None:
                    page.write_string(place, column, cell or "", text)
                else:
                    page.write_number(
                        place, column, float(cell), money if name == "outstanding_amount" else number
                    )
        if rows:
            column = names.index("decision")
            page.data_validation(
                1, column, len(rows), column, {"validate": "list", "source": list(DECISIONS)}
            )
            page.autofilter(0, 0, len(rows), len(names) - 1)
        page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        guide.set_column(0, 0, 110)
        for place, (zh, en) in enumerate(GUIDE):
            guide.write_string(2 * place, 0, f"{place + 1}. {zh}", wrap)
            guide.write_string(2 * place + 1, 0, f"   {en}", wrap)
