"""The book as a workbook: cover, headlines, one sheet per table with a row of units, and the origin of it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lvshu.core.city_time import city_day
from lvshu.publish.headlines import HeadlineLine, headline_lines, mark_label
from lvshu.publish.model import Panel
from lvshu.publish.origins import citation
from lvshu.publish.panels import making
from lvshu.publish.reader import BookLike, Reader, is_confidential
from lvshu.publish.sheet_origin import origin_blocks
from lvshu.publish.tables import Heading, batches, headings, sort_tables
from lvshu.publish.texts import Text, code_label, contract_of, joined, table_label, ui, unit_label

SHEET_ROWS = 1_048_576
_HEAD_ROWS = 2
_LONGEST_CELL = 32_000
_ACCENT, _PALE, _WARN = "#1B5E46", "#E4EEE8", "#8A5A00"
_WIDEST = 46
ROWS_UNASKED = 10_000
_OWN_SHEETS = frozenset({"run", "headline", "step_run", "pack_used", "input_file", "quarantine", "finding"})


def write_workbook(
    book: BookLike, path: Path, tables: Sequence[str] | None = None, language: str = "zh"
) -> Path:
    """Write tables of a book as a workbook and return its path.

    Args:
        book: an open book.
        path: the .xlsx file to write.
        tables: exactly these tables; when None, all that name no single person, firm, loan or platform,
            are no replicates and have at most 10,000 rows (the cover names those left out).
        language: zh or en.

    Raises:
        StoreError: a table that was asked for is not there.
        OSError: the file cannot be written.
    """
    reader = Reader(book)
    fit = [] if tables is not None else [one for one in publishable(reader) if not is_long(reader, one)]
    chosen = sort_tables(fit) if tables is None else list(tables)
    options = {
        "constant_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    workbook = xlsxwriter.Workbook(str(path), options)
    try:
        _Sheets(workbook, reader, language).write(chosen, asked=tables is not None)
    finally:
        workbook.close()
    return path


def publishable(reader: Reader) -> list[str]:
    """Return the tables that go into a workbook unasked: of the book, public, with rows, no replicates."""
    return [
        table
        for table in reader.book.tables()
        if contract_of(table) is not None
        and table not in _OWN_SHEETS
        and not is_confidential(table)
        and not is_internal(reader, table)
        and reader.count(table)
    ]


def is_internal(reader: Reader, table: str) -> bool:
    """Return whether a table holds replicates: means to an interval, not figures to read."""
    return "replicate" in reader.book.columns(table)


def is_long(reader: Reader, table: str) -> bool:
    """Return whether a table is too long to be read as a sheet; it is written when it is asked for."""
    return reader.count(table) > ROWS_UNASKED


class _Sheets:
    """The sheets of one workbook, written one after another."""

    def __init__(self, workbook: xlsxwriter.Workbook, reader: Reader, language: str) -> None:
        self.workbook = workbook
        self.reader = reader
        self.language = language
        self.names: dict[str, str] = {}
        self.formats = _formats(workbook)
        run = reader.run
        workbook.set_properties(
            {
                "title": self._title(),
                "author": f"lvshu {run.get('version') or ''}".strip(),
                "comments": citation(reader).of(language),
            }
        )

    def _title(self) -> str:
        return self._word("title", area=self.reader.area, year=self.reader.settings.year)

    def _word(self, key: str, **values: object) -> str:
        return ui(key, **values).of(self.language)

    def write(self, tables: Sequence[str], *, asked: bool) -> None:
        cover = self._sheet("cover", self._word("sheet.cover"))
        headlines = self._sheet("headlines", self._word("sheet.headlines"))
        sheets = {table: self._sheet(table, table_label(table).of(self.language)) for table in tables}
        views = {} if asked else {panel.id: panel for panel in self._made_panels()}
        told = {key: self._sheet(key, panel.title.of(self.language)) for key, panel in views.items()}
        origin = self._sheet("origin", self._word("sheet.origin"))
        self._headlines(headlines)
        for key, sheet in told.items():
            self._view(sheet, views[key])
        notes = self._notes(tables, asked=asked)
        for table, sheet in sheets.items():
            notes += self._table(sheet, table)
        self._cover(cover, [*tables, *views], notes)
        self._origin(origin)

    def _sheet(self, key: str, wanted: str) -> Worksheet:
        """Return a new sheet; its name is cut to what a spreadsheet allows and told apart from others."""
        name = "".join(sign for sign in wanted if sign not in "[]:*?/\\'")[:31] or key[:31]
        taken = {one.lower() for one in self.names.values()}
        number = 2
        base = name
        while name.lower() in taken:
            tail = f" {number}"
            name, number = base[: 31 - len(tail)] + tail, number + 1
        self.names[key] = name
        sheet: Worksheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        mark = self._word("sheet.watermark") if self.reader.settings.synthetic else ""
        sheet.set_header(f'&L{_escaped(self._title())}&R&"-,Bold"{mark}')
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def _notes(self, tables: Sequence[str], *, asked: bool) -> list[str]:
        if asked:
            named = [table for table in tables if is_confidential(table)]
            return [self._word("workbook.asked", tables=_names(named))] if named else []
        all_tables = [table for table in self.reader.book.tables() if self.reader.count(table)]
        withheld = [table for table in all_tables if is_confidential(table) and contract_of(table)]
        internal = [
            table for table in all_tables if not is_confidential(table) and is_internal(self.reader, table)
        ]
        long = [table for table in publishable(self.reader) if is_long(self.reader, table)]
        told = (("workbook.confidential", withheld), ("workbook.internal", internal), ("workbook.long", long))
        return [self._word(key, tables=_names(named)) for key, named in told if named]

    def _cover(self, sheet: Worksheet, tables: Sequence[str], notes: list[str]) -> None:
        text, run = self.formats, self.reader.run
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 16)
        sheet.set_column(2, 2, 80)
        sheet.write_string(0, 0, self._title(), text["title"])
        row = 1
        if self.reader.settings.synthetic:
            sheet.merge_range(row, 0, row, 2, self._word("synthetic"), text["warning"])
            sheet.set_row(row, 34)
            row += 1
        facts = [
            ("run", run.get("run_id")),
            ("made_on", city_day(run.get("finished_at") or run.get("started_at"))),
            ("version", f"lvshu {run.get('version') or ''}"),
            ("cite", citation(self.reader).of(self.language)),
            ("licence", self._word("licence_text")),
        ]
        for key, value in facts:
            row += 1
            sheet.write_string(row, 0, self._word(key), text["soft"])
            sheet.merge_range(row, 1, row, 2, str(value or "…"), text["plain"])
        for note in notes:
            row += 1
            sheet.merge_range(row, 0, row, 2, note, text["note"])
            sheet.set_row(row, 15 * (1 + len(note) // 70))
        row += 2
        for column, word in enumerate(("workbook.tables", "workbook.rows", "column.what")):
            sheet.write_string(row, column, self._word(word), text["head"])
        for key in ("headlines", *tables, "origin"):
            row += 1
            sheet.write_url(row, 0, f"internal:'{self.names[key]}'!A1", text["link"], self.names[key])
            contract = contract_of(key)
            if contract is not None:
                sheet.write_number(row, 1, self.reader.count(key), text["integer"])
                sheet.write_string(row, 2, contract.meaning(self.language), text["plain"])

    def _headlines(self, sheet: Worksheet) -> None:
        rows = {row["code"]: row for row in self.reader.rows("headline")}
        heads = (
            "column.headline",
            "column.value",
            "column.unit",
            "column.low",
            "column.high",
            "column.standard_error",
            "column.state",
            "mark",
            "column.table",
            "method",
            "column.what",
            "column.code",
        )
        for column, word in enumerate(heads):
            sheet.write_string(0, column, self._word(word), self.formats["head"])
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 9, 18)
        sheet.set_column(10, 10, 90)
        sheet.set_column(11, 11, 30)
        for place, line in enumerate(headline_lines(self.reader.book, self.language), start=1):
            self._headline(sheet, place, line, rows[line.code])

    def _headline(self, sheet: Worksheet, place: int, line: HeadlineLine, row: Mapping[str, Any]) -> None:
        for column, key in ((1, "value"), (3, "low"), (4, "high"), (5, "standard_error")):
            self._cell(sheet, place, column, row[key], "quantity")
        words = {
            0: line.label,
            2: unit_label(row["unit"]).of(self.language),
            6: code_label("status", line.status).of(self.language),
            7: mark_label(line.mark).of(self.language),
            8: table_label(row["table_name"]).of(self.language),
            9: row["method"] or "",
            10: line.sentence + line.interval_text,
            11: line.code,
        }
        for column, word in words.items():
            sheet.write_string(place, column, word, self.formats["plain"])

    def _table(self, sheet: Worksheet, table: str) -> list[str]:
        """Write one table; returns what the cover must say of it."""
        columns = headings(self.reader.book, table, self.language)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.label, self.formats["head"])
            sheet.write_string(1, place, column.unit, self.formats["unit"])
            if column.meaning:
                sheet.write_comment(0, place, f"{column.name}\n{column.meaning}", {"x_scale": 1.6})
            sheet.set_column(place, place, min(_WIDEST, max(11, 2 * len(column.label) + 2)))
        sheet.freeze_panes(_HEAD_ROWS, 1)
        count = self.reader.count(table)
        if not count:
            sheet.write_string(_HEAD_ROWS, 0, self._word("workbook.empty"), self.formats["soft"])
            return []
        written = self._rows(sheet, table, columns)
        sheet.autofilter(1, 0, _HEAD_ROWS + written - 1, max(0, len(columns) - 1))
        if written < count:
            return [
                self._word(
                    "workbook.too_long", table=table_label(table), rows=f"{count:,}", kept=f"{written:,}"
                )
            ]
        return []

    def _made_panels(self) -> list[Panel]:
        """Return what the report tells in tables: findings and what is not covered, without single records."""
        sections = (making.findings_section(self.reader), making.coverage_section(self.reader, ()))
        return [panel for section in sections for panel in section.panels if panel.table is not None]

    def _view(self, sheet: Worksheet, panel: Panel) -> None:
        view = panel.table
        if view is None:
            return
        for place, column in enumerate(view.columns):
            sheet.write_string(0, place, column.label.of(self.language), self.formats["head"])
            sheet.write_string(1, place, column.unit_text.of(self.language), self.formats["unit"])
            sheet.set_column(place, place, 12 if column.kind != "text" or column.code else 40)
        sheet.freeze_panes(_HEAD_ROWS, 1)
        for place, row in enumerate(view.rows, start=_HEAD_ROWS):
            for number, column in enumerate(view.columns):
                cell = row.get(column.key)
                shown = cell.of(self.language) if isinstance(cell, Text) else cell
                self._cell(sheet, place, number, shown, "integer")

    def _rows(self, sheet: Worksheet, table: str, columns: Sequence[Heading]) -> int:
        place = _HEAD_ROWS
        for rows in batches(self.reader.book, table):
            for row in rows:
                if place >= SHEET_ROWS:
                    return place - _HEAD_ROWS
                for column, heading in enumerate(columns):
                    self._cell(sheet, place, column, row[heading.name], heading.type)
                place += 1
        return place - _HEAD_ROWS

    def _cell(self, sheet: Worksheet, row: int, column: int, value: object, kind: str) -> None:
        if value is None:
            sheet.write_blank(row, column, None, self.formats["plain"])
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, self.formats["plain"])
        elif isinstance(value, (Decimal, float, int)):
            name = (
                "year"
                if kind == "year"
                else "integer"
                if isinstance(value, int)
                else kind
                if kind in self.formats
                else "ratio"
            )
            sheet.write_number(
                row, column, float(value) if not isinstance(value, int) else value, self.formats[name]
            )
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.formats["date"])
        else:
            sheet.write_string(row, column, str(value)[:_LONGEST_CELL], self.formats["plain"])

    def _origin(self, sheet: Worksheet) -> None:
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 7, 28)
        row = 0
        for block in origin_blocks(self.reader, self.language):
            sheet.write_string(row, 0, block.title, self.formats["title"])
            row += 1
            for column, head in enumerate(block.heads):
                sheet.write_string(row, column, head, self.formats["head"])
            for values in block.rows:
                row += 1
                for column, value in enumerate(values):
                    self._cell(sheet, row, column, value, "integer")
            row += 3


def _names(tables: Sequence[str]) -> Text:
    return joined([table_label(table) for table in tables])


def _escaped(text: str) -> str:
    return text.replace("&", "&&")


def _formats(workbook: xlsxwriter.Workbook) -> dict[str, Format]:
    top = {"valign": "top", "font_name": "Microsoft YaHei", "font_size": 10}
    numbers = {
        "integer": "#,##0",
        "year": "0",
        "money": "#,##0.00",
        "quantity": "#,##0.00####",
        "ratio": "#,##0.0#####",
        "date": "yyyy-mm-dd",
    }
    found = {name: workbook.add_format({**top, "num_format": pattern}) for name, pattern in numbers.items()}
    found |= {
        "plain": workbook.add_format({**top}),
        "soft": workbook.add_format({**top, "font_color": "#5B6761"}),
        "note": workbook.add_format({**top, "text_wrap": True, "font_color": "#5B6761"}),
        "title": workbook.add_format({**top, "bold": True, "font_size": 16, "font_color": _ACCENT}),
        "warning": workbook.add_format(
            {**top, "bold": True, "text_wrap": True, "font_color": _WARN, "bg_color": "#FBF1DA"}
        ),
        "head": workbook.add_format(
            {**top, "bold": True, "text_wrap": True, "bg_color": _PALE, "bottom": 1, "bottom_color": _ACCENT}
        ),
        "unit": workbook.add_format(
            {**top, "italic": True, "font_color": "#5B6761", "bottom": 1, "bottom_color": "#B9BEB6"}
        ),
        "link": workbook.add_format({**top, "font_color": _ACCENT, "underline": 1}),
    }
    return found
