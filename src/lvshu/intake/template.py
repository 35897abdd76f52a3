"""Template workbooks: an empty table that explains itself, in either language, and reads back as it is.

The first sheet has the heading, then rows marked in column A as names, units, notes and an example; a row
without a mark is a record. The second sheet describes the columns; the third lists allowed values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.contract import Column, TableContract
from lvshu.core.units import registry
from lvshu.intake.text import fold

MARK = "标记 mark"
NAME_MARK, UNIT_MARK, NOTE_MARK, EXAMPLE_MARK = "列名 name", "单位 unit", "说明 note", "示例 example"
GUIDE_SHEET, VALUES_SHEET = "说明 Guide", "取值 Values"
_FIRST_ROW = 5
_LAST_ROW = 1_000_000
_KINDS = {
    "text": ("文本", "text", "示例文本"),
    "code": ("代码", "code", "A001"),
    "date": ("日期，如 2025-01-31", "date, such as 2025-01-31", "2025-01-31"),
    "month": ("月份，如 2025-01", "month, such as 2025-01", "2025-01"),
    "year": ("年份，如 2025", "year, such as 2025", "2025"),
    "integer": ("整数", "whole number", "10"),
    "money": ("金额，两位小数", "amount, two decimals", "1000000.00"),
    "quantity": ("数量，至多六位小数", "quantity, up to six decimals", "12.5"),
    "ratio": ("比率", "ratio", "0.25"),
    "boolean": ("是 / 否", "yes / no", "否"),
}
_CHECKED = {
    "uscc": "91310000MA1FL00030",
    "resident_id": "",
    "hash64": "0" * 64,
    "hash128": "0" * 128,
    "unit": "t",
    "impersonal": "",
}


def example_of(contract: TableContract) -> dict[str, str]:
    """Return the example row of a contract's template, as text by column."""
    return {column.name: _example(column) for column in contract.columns}


def _example(column: Column) -> str:
    if column.example:
        return column.example
    if column.allowed:
        return column.allowed[0]
    if column.check:
        return _CHECKED[column.check]
    if column.codes or not column.required:
        return ""
    return _KINDS[column.type][2]


def _unit_text(column: Column, language: str) -> str:
    if column.unit.startswith("column:"):
        return f"见“{column.unit[7:]}”" if language == "zh" else f"see “{column.unit[7:]}”"
    return registry()[column.unit].name(language) if column.unit else ""


def _note(column: Column, contract: TableContract, language: str) -> str:
    chinese = language == "zh"
    needed = ("必填", "required") if column.required else ("可空", "optional")
    if column.required_column and not column.required:
        needed = ("须有此列，值可空", "keep the column, values may be blank")
    parts = [needed[0 if chinese else 1], _KINDS[column.type][0 if chinese else 1]]
    if column.name in contract.key:
        parts.append("主键" if chinese else "key")
    if column.codes:
        parts.append(("代码表 " if chinese else "codes of ") + column.codes)
    if column.foreign_key:
        parts.append(("见表 " if chinese else "refers to ") + column.foreign_key)
    if column.minimum:
        parts.append(f"≥ {column.minimum}")
    if column.maximum:
        parts.append(f"≤ {column.maximum}")
    return ("；" if chinese else "; ").join(parts)


def _sheet_name(title: str) -> str:
    """Return a title without the signs that a spreadsheet refuses in the name of a sheet, cut to its 31."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31].strip()


def write_template(contract: TableContract, path: Path, *, language: str = "zh") -> Path:
    """Return the path of the written template workbook of one table.

    Args:
        contract: the table's contract.
        path: the .xlsx file to write.
        language: "zh" or "en", of the heading and the notes; the names of both languages are there.

    Raises:
        OSError: the file cannot be written.
    """
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        formats = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#1f6f54", "font_color": "#ffffff", "border": 1, "text_wrap": True}
            ),
            "note": book.add_format(
                {"font_color": "#6b7280", "bg_color": "#f3f4f6", "text_wrap": True, "valign": "top"}
            ),
            "example": book.add_format({"italic": True, "font_color": "#9a6700", "bg_color": "#fff8e1"}),
            "text": book.add_format({"num_format": "@"}),
        }
        sheet = book.add_worksheet(_sheet_name(contract.label(language)))
        values = _values_sheet_rows(contract)
        _write_records(sheet, contract, language, formats)
        _write_guide(book.add_worksheet(GUIDE_SHEET), contract, formats)
        if values:
            _write_values(book.add_worksheet(VALUES_SHEET), values, formats)
        _write_choices(sheet, contract, values)
    return path


def _write_records(sheet: Any, contract: TableContract, language: str, formats: dict[str, Any]) -> None:
    rows = (MARK, NAME_MARK, UNIT_MARK, NOTE_MARK, EXAMPLE_MARK)
    for row, mark in enumerate(rows):
        style = "head" if row == 0 else "example" if mark == EXAMPLE_MARK else "note"
        sheet.write_string(row, 0, mark, formats[style])
        for index, column in enumerate(contract.columns, start=1):
            unit = _unit_text(column, language)
            heading = column.label(language) + (
                f" ({unit})" if unit and not column.unit.startswith("column:") else ""
            )
            text = {
                MARK: heading,
                NAME_MARK: column.name,
                UNIT_MARK: unit,
                NOTE_MARK: _note(column, contract, language),
                EXAMPLE_MARK: _example(column),
            }[mark]
            sheet.write_string(row, index, text, formats[style])
    for index, column in enumerate(contract.columns, start=1):
        kept_as_text = column.type in ("text", "code", "month", "date")
        sheet.set_column(
            index,
            index,
            max(14, min(40, len(column.label(language)) * 2)),
            formats["text"] if kept_as_text else None,
        )
    sheet.set_column(0, 0, 14)
    sheet.freeze_panes(_FIRST_ROW, 1)


def _write_guide(sheet: Any, contract: TableContract, formats: dict[str, Any]) -> None:
    sheet.write_string(0, 0, f"{contract.zh} {contract.en} ({contract.name})", formats["head"])
    sheet.write_string(1, 0, contract.meaning_zh)
    sheet.write_string(2, 0, contract.meaning_en)
    sheet.write_string(3, 0, "A列有“标记”的行不会读入；请从第6行起填写。改写示例行时请删去其标记。")
    sheet.write_string(
        4,
        0,
        "Rows with a mark in column A are not read; fill in from row 6. If you reuse the example row, delete its mark.",
    )
    headings = (
        "列 column",
        "中文",
        "English",
        "类型 type",
        "单位 unit",
        "要求",
        "Requirement",
        "含义",
        "Meaning",
        "也认作 aliases",
    )
    for index, text in enumerate(headings):
        sheet.write_string(6, index, text, formats["head"])
    for row, column in enumerate(contract.columns, start=7):
        cells = (
            column.name, column.zh, column.en, column.type, _unit_text(column, "zh"), _note(column, contract, "zh"),
            _note(column, contract, "en"), column.meaning_zh, column.meaning_en, "、".join(column.other_headings),
        )  # fmt: skip
        for index, text in enumerate(cells):
            sheet.write_string(row, index, text)
    sheet.set_column(0, len(headings) - 1, 24)


def _values_sheet_rows(contract: TableContract) -> dict[str, list[tuple[str, str, str]]]:
    found = {}
    for column in contract.columns:
        if column.allowed:
            zh = column.allowed_zh or column.allowed
            en = column.allowed_en or column.allowed
            found[column.name] = list(zip(column.allowed, zh, en, strict=False))
    return found


def _write_values(sheet: Any, values: dict[str, list[tuple[str, str, str]]], formats: dict[str, Any]) -> None:
    for index, (name, rows) in enumerate(values.items()):
        left = index * 4
        for offset, text in enumerate((name, "中文", "English")):
            sheet.write_string(0, left + offset, text, formats["head"])
        for row, cells in enumerate(rows, start=1):
            for offset, text in enumerate(cells):
                sheet.write_string(row, left + offset, fold(text))
    sheet.set_column(0, max(0, len(values) * 4 - 1), 20)


def _write_choices(
    sheet: Any, contract: TableContract, values: dict[str, list[tuple[str, str, str]]]
) -> None:
    places = {name: index * 4 for index, name in enumerate(values)}
    for index, column in enumerate(contract.columns, start=1):
        area = (_FIRST_ROW, index, _LAST_ROW, index)
        if column.name in places:
            cells = xlsxwriter.utility.xl_range_abs(
                1, places[column.name], len(column.allowed), places[column.name]
            )
            sheet.data_validation(
                *area, {"validate": "list", "source": f"='{VALUES_SHEET}'!{cells}", "error_type": "warning"}
            )
        elif column.type == "boolean":
            sheet.data_validation(
                *area, {"validate": "list", "source": ["是", "否"], "error_type": "warning"}
            )
