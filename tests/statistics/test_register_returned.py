"""Review files of links as spreadsheets and people give them back: understood, or told row by row and all at once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from lvshu.core.errors import Problem
from lvshu.statistics.register.returned import KEPT, against_each_other, read_answers
from lvshu.statistics.register.sheet import COLUMNS, write_sheet

KNOWN = {("enterprise", f"tax|T{n}") for n in range(6)} | {("person", "bank|P0"), ("person", "bank|P1")}
DRAWN = {("enterprise", "tax|T0", "tax|T1", "pair"), ("enterprise", "tax|T2", "tax|T3", "record")}
TODAY = date(2025, 6, 1)
PLACE = {name: at for at, (name, _, _) in enumerate(COLUMNS)}
Cells = list[list[str]]


def _row(
    left: str, right: str, decision: str = "same", on: str = "2025-01-03", **more: str
) -> dict[str, str]:
    return {"kind": "enterprise", "left_key": left, "right_key": right, "draw": "pair", "decision": decision,
            "reviewer": "甲", "reviewed_on": on, **more}  # fmt: skip


TWO = (_row("tax|T0", "tax|T1"), _row("tax|T2", "tax|T3", "apart", draw="record"))


def _cells(rows: Sequence[dict[str, str]], language: str = "en") -> Cells:
    heading = [zh if language == "zh" else en for _, zh, en in COLUMNS]
    return [heading, *([row.get(name, "") for name, _, _ in COLUMNS] for row in rows)]


def _write(path: Path, cells: Cells, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle, delimiter=delimiter).writerows(cells)
    return path


def _read(path: Path) -> tuple[list[dict[str, str]], list[Problem]]:
    problems: list[Problem] = []
    rows = read_answers(path, KNOWN, DRAWN, today=TODAY, problems=problems)
    against_each_other(rows, problems)
    return rows, problems


def _with(column: str, *values: str) -> Cells:
    cells = _cells(TWO)
    for row, value in zip(cells[1:], values, strict=True):
        row[PLACE[column]] = value
    return cells


def _headed(**words: str) -> Cells:
    cells = _cells(TWO, "zh")
    for name, word in words.items():
        cells[0][PLACE[name]] = word
    return cells


def _without(column: str) -> Cells:
    return [[cell for at, cell in enumerate(row) if at != PLACE[column]] for row in _cells(TWO)]


UNDERSTOOD: dict[str, Callable[[], Cells]] = {
    "marked decisions": lambda: _with("decision", "'same", "’apart"),
    "marked dates": lambda: _with("reviewed_on", "'2025-01-03", "’2025/1/3"),
    "Chinese dates": lambda: _with("reviewed_on", "2025年1月3日", "2025年01月03号"),
    "full-width and packed dates": lambda: _with("reviewed_on", "２０２５－０１－０３", "20250103"),
    "dates with a time": lambda: _with("reviewed_on", "2025-01-03 00:00:00", "2025.1.3 08:30"),
    "Chinese decisions": lambda: _with("decision", "同一个单位。", " 不是同一单位 "),
    "English decisions": lambda: _with("decision", "SAME.", "Different"),
    "full-width decisions": lambda: _with("decision", "ｓａｍｅ", "ＡＰＡＲＴ"),
    "marked keys": lambda: _with("left_key", "'tax|T0", "' tax|T2"),
    "Chinese headings": lambda: _cells(TWO, "zh"),
    "short headings": lambda: _headed(decision="意见", left_key="左记录", right_key="右记录", draw="抽取方式"),
    "a draw left blank": lambda: _with("draw", "", ""),
    "no column of draws": lambda: _without("draw"),
    "no column of kinds": lambda: _without("kind"),
    "other columns first": lambda: [row[::-1] for row in _cells(TWO)],
    "another order": lambda: [_cells(TWO)[0], *_cells(TWO)[:0:-1]],
    "blank rows": lambda: [*_cells(TWO)[:2], [""] * len(COLUMNS), [" "], *_cells(TWO)[2:], [""], [""]],
    "a title above": lambda: [["链接复核表"], [""], *_cells(TWO)],
    "rows not answered, keys lost": lambda: [*_cells(TWO), *_cells([_row("", "", "")])[1:]],
    "left and right changed over": lambda: _cells([
        _row("tax|T1", "tax|T0"), _row("tax|T3", "tax|T2", "apart", draw="record")]),
}  # fmt: skip


@pytest.mark.parametrize("name", list(UNDERSTOOD))
def test_what_came_back_changed_says_the_same(name: str, tmp_path: Path) -> None:
    rows, problems = _read(_write(tmp_path / "back.csv", UNDERSTOOD[name]()))
    assert not problems
    found = sorted([{key: row[key] for key in KEPT} for row in rows], key=lambda row: row["left_key"])
    assert found == [{**row, "note": ""} for row in TWO]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("gb18030", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-8", "\t")]
)
def test_encodings_and_separators_that_spreadsheets_write(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    cells = _cells([{**row, "left_name": "上海样千丽恩国际贸易有限公司"} for row in TWO], "zh")
    rows, problems = _read(_write(tmp_path / "back.csv", cells, encoding=encoding, delimiter=delimiter))
    assert not problems
    assert [row["decision"] for row in rows] == ["same", "apart"]


def test_a_workbook_with_days_as_dates_and_rows_left_empty(tmp_path: Path) -> None:
    path = tmp_path / "back.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("back")
        for at, row in enumerate(_cells(TWO, "zh")):
            page.write_row(3 * at, 0, row)
        day = book.add_format({"num_format": "yyyy/m/d"})
        for at in (3, 6):
            page.write_datetime(at, PLACE["reviewed_on"], datetime(2025, 1, 3), day)
        page.write_blank(40, 2, None, day)
    rows, problems = _read(path)
    assert not problems
    assert [(row["decision"], row["reviewed_on"]) for row in rows] == [
        ("same", "2025-01-03"), ("apart", "2025-01-03"),
    ]  # fmt: skip


def test_the_queue_as_it_is_written_has_no_answer_and_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "queue.xlsx"
    write_sheet(path, [{**row, "decision": "", "reviewer": "", "reviewed_on": ""} for row in TWO])
    assert _read(path) == ([], [])


def test_each_fault_is_told_at_its_row_and_none_hides_another(tmp_path: Path) -> None:
    rows = [
        _row("", "tax|T1"), _row("tax|T0", ""), _row("tax|T0", "tax|T9"), _row("tax|T0", "tax|T1", "'accept"),
        _row("tax|T0", "tax|T2", on="1/3/2025"), _row("tax|T0", "tax|T3", on=""),
        _row("tax|T0", "tax|T4", on="'2025-07-01"), _row("tax|T0", "tax|T5", reviewer=""),
        _row("tax|T2", "tax|T4", "#N/A", on="45660"), _row("tax|T3", "tax|T4"), _row("tax|T4", "tax|T3", "apart"),
        _row("tax|T1", "tax|T1"), _row("tax|T1", "bank|P0"),
    ]  # fmt: skip
    _, problems = _read(_write(tmp_path / "back.csv", _cells(rows)))
    told = [(one.code.removeprefix("statistics.review_"), one.where.row) for one in problems if one.where]
    assert told == [
        ("no_key", 2), ("no_key", 3), ("unknown_pair", 4), ("decision", 5), ("day", 6), ("unsigned", 7),
        ("future", 8), ("unsigned", 9), ("decision", 10), ("day", 10), ("unknown_pair", 13), ("unknown_pair", 14),
        ("two_answers", 12),
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["decision", "left_key", "right_key"])
def test_a_column_that_is_missing_is_told_by_its_name(column: str, tmp_path: Path) -> None:
    rows, problems = _read(_write(tmp_path / "back.csv", _without(column)))
    assert not rows
    [problem] = problems
    assert problem.code == "intake.tidy_no_column"
    assert column in problem.text("en") and column in problem.text("zh")
