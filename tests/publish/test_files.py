"""The workbook, CSV and JSON: units under the names, typed figures, origin, nothing confidential unasked."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from lvshu.publish import write_csv, write_json, write_workbook
from lvshu.publish.reader import Reader, is_confidential
from lvshu.publish.workbook import publishable
from lvshu.store.book import Book


def _text(workbook: CalamineWorkbook) -> str:
    rows = [row for name in workbook.sheet_names for row in workbook.get_sheet_by_name(name).to_python()]
    return "\n".join(str(cell) for row in rows for cell in row)


@pytest.mark.parametrize(
    ("language", "cover", "sheet", "unit"),
    [("zh", "封面", "分部门账户", "元"), ("en", "Cover", "Sector accounts", "CNY")],
)
def test_the_workbook_reads_back(
    book: Book, tmp_path: Path, language: str, cover: str, sheet: str, unit: str
) -> None:
    path = write_workbook(book, tmp_path / "book.xlsx", language=language)
    workbook = CalamineWorkbook.from_path(str(path))
    assert workbook.sheet_names[0] == cover
    rows = workbook.get_sheet_by_name(sheet).to_python()
    names, units, first = rows[0], rows[1], rows[2]
    place = names.index("总产出" if language == "zh" else "Output")
    assert units[place] == unit
    assert first[place] == 30_000_000_000
    assert isinstance(first[place], float)
    assert len(rows) == 2 + book.count("sector_account")
    assert len(set(workbook.sheet_names)) == len(workbook.sheet_names)
    assert all(len(name) <= 31 for name in workbook.sheet_names)


def test_the_workbook_carries_its_origin_and_its_warning(book: Book, tmp_path: Path) -> None:
    text = _text(CalamineWorkbook.from_path(str(write_workbook(book, tmp_path / "book.xlsx"))))
    assert "合成数据" in text
    assert "20261124-023000-7f3a" in text
    assert f"{7919:064x}" in text, "input files with their whole hash"
    assert "指南原文未取得" in text, "packs with what they lack"
    assert "accounts.sectoral_inventory" in text


def test_confidential_tables_are_left_out_unless_named(book: Book, tmp_path: Path) -> None:
    text = _text(CalamineWorkbook.from_path(str(write_workbook(book, tmp_path / "all.xlsx"))))
    assert "SECRET" not in text
    assert re.search("未导出：[^。]*隔离区", text)
    assert not [table for table in publishable(Reader(book)) if is_confidential(table)]
    named = CalamineWorkbook.from_path(
        str(write_workbook(book, tmp_path / "one.xlsx", tables=["quarantine"]))
    )
    assert "SECRET" in _text(named)
    assert "点名导出的保密表：隔离区" in _text(named)
    assert "隔离区" in named.sheet_names


def test_an_empty_book_makes_a_workbook(bare_book: Book, tmp_path: Path) -> None:
    workbook = CalamineWorkbook.from_path(str(write_workbook(bare_book, tmp_path / "empty.xlsx")))
    assert workbook.sheet_names[:2] == ["封面", "要目"]


def test_csv_has_a_unit_row_and_a_citation(book: Book, tmp_path: Path) -> None:
    path = write_csv(book, "sector_account", tmp_path / "a.csv", language="en")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    place = rows[0].index("Output")
    assert rows[1][place] == "CNY"
    assert Decimal(rows[2][place]) == Decimal("30000000000")
    assert "".join(rows[-1]).startswith("# Sector accounts (sector_account) · The green book of Shanghai")
    assert len(rows) == 3 + book.count("sector_account")


def test_json_keeps_every_digit_and_says_what_columns_mean(book: Book, tmp_path: Path) -> None:
    content = json.loads(write_json(book, "sector_account", tmp_path / "a.json").read_text(encoding="utf-8"))
    assert content["rows"][0]["output"] == "30000000000.000000"
    output = next(column for column in content["columns"] if column["name"] == "output")
    assert (output["unit"], output["zh"], output["en"]) == ("CNY", "总产出", "Output")
    assert content["citation"]["en"].startswith("The green book of Shanghai, 2023")
