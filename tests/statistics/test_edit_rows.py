"""`lvshu edit`: blank rows, notes and rows of totals are no records; error values of spreadsheets are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from lvshu.intake.workbook import read_grid
from lvshu.statistics.edit_files import edit_file

RULES = """
[variables]
a = { minimum = 0 }
b = { minimum = 0 }
c = {}
kind = { values = ["x", "total"] }
[[rule]]
name = "balance"
check = "a + b = c"
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


def _csv(folder: Path, *lines: str) -> Path:
    path = folder / "data.csv"
    path.write_text("\n".join(["id,a,b,c,kind", *lines]) + "\n", encoding="utf-8")
    return path


def test_blank_rows_notes_and_totals_are_no_records(tmp_path: Path, rules: Path) -> None:
    lines = [
        "A,1,2,3,x",
        ",,,,",
        "B,5,6,11,x",
        "小计,6,8,14,",
        "C,1,1,,x",
        "",
        "合计,4,9,99,",
        "注：初步数,,,,",
    ]
    made = edit_file(_csv(tmp_path, *lines), rules, key="id")
    assert [(one["record"], one["variable"], one["new"]) for one in made.log] == [("C", "c", "2")]
    assert [",".join(row) for row in made.table.rows] == [
        "A,1,2,3,x", ",,,,", "B,5,6,11,x", "小计,6,8,14,", "C,1,1,2,x", ",,,,", "合计,4,9,99,", "注：初步数,,,,",
    ]  # fmt: skip
    assert made.rules["balance"][0] == 3, "records tested"
    told = {problem.code: problem for problem in made.told}
    assert told["editing.rows_blank"].values["rows"] == "3, 7"
    assert told["editing.rows_notes"].where.row == 9
    assert told["editing.total_agrees"].where.row == 5, "the subtotal of the rows above it"
    wrong = told["editing.total_differs"]
    assert (wrong.where.row, wrong.where.column, wrong.severity) == (8, "a", "warning")
    assert wrong.values["wrong"] == 2, "a and c are wrong, b is the sum"
    assert (wrong.values["stated"], wrong.values["filed"]) == ("4", "7")


def test_without_a_key_the_first_filled_cell_says_total(tmp_path: Path, rules: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("kind,a,b,c\nx,1,2,3\ntotal,1,2,4\nTotal,2,4,6\n", encoding="utf-8")
    made = edit_file(path, rules)
    assert {one["record"] for one in made.log} == {"3"}, "total is a kind of the rules, Total is none"
    assert [problem.where.row for problem in made.told if "total" in problem.code] == [4]


def _workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("first")
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, ["id", "a", "b", "c", "kind"])
        for row, name in enumerate("ABCD", start=1):
            sheet.write_row(row, 0, [name, row, 2, row + 2, "x"])
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 4, "=VLOOKUP(1,A1:B2,2)", None, "#N/A")
        book.worksheets_objs[0].hide()
        sheet.activate()
    return path


def test_error_values_of_a_workbook_are_no_empty_cells(tmp_path: Path, rules: Path) -> None:
    path = _workbook(tmp_path / "data.xlsx")
    grid = read_grid(path, "数据")
    assert (grid.cell(1, 1), grid.cell(2, 4), grid.cell(3, 1)) == ("#DIV/0!", "#N/A", 3.0)
    made = edit_file(path, rules, key="id")
    told = {(one.where.row, one.where.column): one for one in made.told if one.code == "editing.cell_error"}
    assert set(told) == {(2, "a"), (3, "kind")}
    assert told[2, "a"].values["value"] == "#DIV/0!"
    assert ("A", "a", "#DIV/0!", "1") in {
        (one["record"], one["variable"], one["old"], one["new"]) for one in made.log
    }


def test_error_values_of_a_csv_are_told_as_such(tmp_path: Path, rules: Path) -> None:
    made = edit_file(_csv(tmp_path, "A,#REF!,2,3,x", "B,1,2,3,x"), rules, key="id")
    assert [(one.code, one.where.row, one.where.column) for one in made.told] == [
        ("editing.cell_error", 2, "a")
    ]
