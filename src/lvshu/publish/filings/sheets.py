"""The tables of a filing as a workbook: one sheet a table, a row of units, figures with intervals, gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lvshu.publish.display import Absence, exact
from lvshu.publish.filings.model import Filing, FilingTable
from lvshu.publish.filings.words import word
from lvshu.publish.texts import Text, unit_label

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}

YES_NO = {True: Text("是", "yes"), False: Text("否", "no")}


def write_sheets(filing: Filing, path: Path, language: str) -> Path:
    """Write figures, tables and gaps of a filing as a workbook and return its path.

    Raises:
        OSError: the file cannot be written.
    """
    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    font = {"font_name": "SimSun", "font_size": 10, "valign": "top", "text_wrap": True}
    formats = {
        "head": book.add_format({**font, "bold": True, "bottom": 1}),
        "plain": book.add_format(font),
        "number": book.add_format({**font, "num_format": "#,##0.######"}),
        "warning": book.add_format({**font, "bold": True, "font_color": "#B00020"}),
    }
    try:
        _figures(book, filing, language, formats)
        for number, table in enumerate(filing.tables, start=1):
            _table(book, number, table, filing, language, formats)
        _gaps(book, filing, language, formats)
    finally:
        book.close()
    return path


def _sheet(
    book: xlsxwriter.Workbook, name: str, filing: Filing, language: str, formats: dict[str, Format]
) -> tuple[Worksheet, int]:
    """Return a new sheet and its first free row: below the mark of synthetic data, where there is one."""
    clean = "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31]
    sheet = book.add_worksheet(clean)
    sheet.set_column(0, 30, 18)
    if not filing.synthetic:
        return sheet, 0
    mark = word("synthetic").of(language)
    sheet.write_string(0, 0, mark, formats["warning"])
    sheet.set_header(f"&R{mark}")
    return sheet, 1


def _figures(book: xlsxwriter.Workbook, filing: Filing, language: str, formats: dict[str, Format]) -> None:
    sheet, row = _sheet(book, word("figure").of(language), filing, language, formats)
    heads = [
        word(key).of(language) for key in ("item", "figure", "value", "unit", "interval", "method", "trace")
    ]
    for column, head in enumerate(heads):
        sheet.write_string(row, column, head, formats["head"])
    for section in filing.sections:
        for line in section.figures:
            row += 1
            texts = {
                0: section.number, 1: line.name.of(language), 3: unit_label(line.unit).of(language),
                4: line.interval.of(language), 5: line.method, 6: line.explain,
            }  # fmt: skip
            for column, text in texts.items():
                sheet.write_string(row, column, text, formats["plain"])
            if line.value is not None:
                sheet.write_number(row, 2, float(line.value), formats["number"])


def _table(
    book: xlsxwriter.Workbook,
    number: int,
    table: FilingTable,
    filing: Filing,
    language: str,
    formats: dict[str, Format],
) -> None:
    sheet, row = _sheet(book, f"{number} {table.title.of(language)}", filing, language, formats)
    for column, one in enumerate(table.table.columns):
        sheet.write_string(row, column, one.label.of(language), formats["head"])
        sheet.write_string(row + 1, column, one.unit_text.of(language), formats["plain"])
    row += 1
    for record in table.table.rows:
        row += 1
        for column, one in enumerate(table.table.columns):
            _cell(sheet, row, column, record.get(one.key), language, formats)
    if table.table.note:
        sheet.write_string(row + 2, 0, table.table.note.of(language), formats["plain"])


def _cell(
    sheet: Worksheet, row: int, column: int, value: Any, language: str, formats: dict[str, Format]
) -> None:
    if isinstance(value, Text):
        sheet.write_string(row, column, value.of(language), formats["plain"])
    elif value is None or isinstance(value, Absence):
        shown = Absence.MISSING.value if value is None else value.value
        sheet.write_string(row, column, shown, formats["plain"])
    elif isinstance(value, bool):
        sheet.write_string(row, column, YES_NO[value].of(language), formats["plain"])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, formats["plain"])
    else:
        sheet.write_number(row, column, float(exact(value)), formats["number"])


def _gaps(book: xlsxwriter.Workbook, filing: Filing, language: str, formats: dict[str, Format]) -> None:
    sheet, row = _sheet(book, word("gaps").of(language), filing, language, formats)
    heads = ("item", "missing", "requirement", "why", "provide")
    for column, head in enumerate(heads):
        sheet.write_string(row, column, word(head).of(language), formats["head"])
    for gap in filing.gaps:
        row += 1
        texts = (gap.item, gap.name.of(language), gap.requirement.of(language), gap.why.of(language),
                 gap.provide.of(language))  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, formats["plain"])
