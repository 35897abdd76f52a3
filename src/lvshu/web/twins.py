"""The twins of a page: the same tables as JSON, CSV and XLSX, with units, origin and how to cite."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from lvshu.core.spreadsheet import harmless
from lvshu.core.text import LANGUAGES
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Column, Panel, TableView
from lvshu.publish.reader import Reader
from lvshu.publish.sheet_origin import Block, origin_blocks
from lvshu.publish.texts import NO_TEXT, Text, table_label
from lvshu.web.page_state import state_of, state_told
from lvshu.web.view import PageView
from lvshu.web.words import word


def both(text: Text) -> dict[str, str]:
    """Return a text as plain data."""
    return {language: text.of(language) for language in LANGUAGES}


def as_data(value: object) -> object:
    """Return a value as JSON has it: decimals as exact text, texts in both languages."""
    if isinstance(value, Text):
        return both(value)
    if isinstance(value, Absence):
        return {"absent": value.name.lower()}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): as_data(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_data(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def panel_data(panel: Panel) -> dict[str, Any]:
    """Return a panel as plain data."""
    view = filed(panel)
    return {
        "id": panel.id,
        "title": both(panel.title),
        "finding": both(panel.finding),
        "note": both(panel.note),
        "empty": None if panel.empty is None else both(panel.empty),
        "missing": list(panel.missing),
        "method": panel.method or None,
        "table": None if view is None else _table_data(view),
    }


def _table_data(view: TableView) -> dict[str, Any]:
    return {
        "source": list(view.source),
        "left_out": view.left_out,
        "totals": sorted(view.totals),
        "totals_cover": {
            key: {"rows": figures, "withheld": withheld, "of": count}
            for key, (figures, withheld, count) in view.coverage().items()
        },
        "columns": [
            {"key": one.key, "label": both(one.label), "kind": one.kind, "unit": one.unit or None}
            for one in held(view)
        ],
        "rows": [{one.key: as_data(row.get(one.key)) for one in held(view)} for row in view.rows],
    }


def filed(panel: Panel) -> TableView | None:
    """Return the table of a panel as files hold it."""
    return None if panel.table is None else panel.table.filed or panel.table


def held(view: TableView) -> tuple[Column, ...]:
    """Return the columns that a twin holds: those with values, not those with words to click on."""
    return tuple(column for column in view.columns if not column.link)


def page_json(view: PageView, run: Mapping[str, Any], citation: Text) -> dict[str, Any]:
    """Return a page as plain data."""
    return {
        "ok": True,
        "page": view.id,
        "title": both(view.title),
        "lead": both(view.lead),
        "run": run.get("run_id"),
        "synthetic": run.get("synthetic"),
        "citation": both(citation),
        "state": [{"name": both(name), "value": both(value)} for name, value in state_of(view)],
        "facts": as_data(view.facts),
        "panels": [panel_data(panel) for panel in view.panels],
    }


def page_csv(view: PageView, language: str, citation: Text, *, panel: str = "") -> bytes:
    """Return the tables of a page as CSV: names, units, rows; one after the other, each under its title.

    Under each table stand the tables of the book that it is drawn from, as `lvshu export` has them: of one table
    alone before the citation, in the same line. What was chosen on the page stands in a line before the citation.

    Args:
        view: the page.
        language: zh or en.
        citation: last line.
        panel: only this one.
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    chosen = [one for one in view.panels if one.table is not None and panel in ("", one.id)]
    for place, one in enumerate(chosen):
        stream.write(("\r\n" if place else "") + f"# {_one_line(one.title.of(language))}\r\n")
        table = filed(one)
        if table is not None:
            _write(writer, table, language)
            for told in remarks(one):
                stream.write(f"# {_one_line(told.of(language))}\r\n")
            if not panel and table.source:
                stream.write(f"# {_drawn_from(table, language)}\r\n")
    if not chosen:
        for one in view.panels:
            reason = one.empty.of(language) if one.empty is not None else ""
            stream.write(f"# {_one_line(one.title.of(language))}: {_one_line(reason)}\r\n")
    told = state_told(state_of(view))
    if told:
        stream.write(f"# {_one_line(told.of(language))}\r\n")
    alone = chosen[0].table if panel and chosen else None
    origin = f"{_drawn_from(alone, language)} · " if alone is not None and alone.source else ""
    stream.write(f"# {origin}{_one_line(citation.of(language))}\r\n")
    return stream.getvalue().encode("utf-8-sig")


def _drawn_from(view: TableView, language: str) -> str:
    """Return the tables of the book that a shown table is drawn from: their names, and what they are called in it."""
    names = [f"{table_label(one).of(language)} ({one})" for one in view.source]
    return _one_line(("、" if language == "zh" else ", ").join(names))


def remarks(panel: Panel) -> list[Text]:
    """Return what a file says beneath a table: what its totals cover, the panel's note, how many rows are left out."""
    view = filed(panel)
    if view is None:
        return []
    told = [covered] if (covered := totals_cover(view)) else []
    told += [panel.note] if panel.note else []
    return [*told, _left_out(view)] if view.left_out else told


def totals_cover(view: TableView) -> Text:
    """Return which rows the totals of a table cover, column by column; empty where they cover all."""
    covered = view.coverage()
    parts = []
    for column in view.columns:
        if column.key in covered:
            figures, withheld, count = covered[column.key]
            of = word(
                "totals.of_withheld" if withheld else "totals.of",
                figures=figures,
                withheld=withheld,
                count=count,
            )
            parts.append(column.label + Text(" ", " ") + of)
    if not parts:
        return NO_TEXT
    told = word("totals.cover") + word("colon") + parts[0]
    for part in parts[1:]:
        told = told + word("semicolon") + part
    return told + word("stop")


def _left_out(view: TableView) -> Text:
    """Return how many rows a file of a page of a table does not hold."""
    return word("left_out", rows=f"{view.left_out:,}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _write(writer: Any, view: TableView, language: str) -> None:
    writer.writerow([harmless(column.label.of(language)) for column in held(view)])
    writer.writerow([column.unit_text.of(language) for column in held(view)])
    for row in view.rows:
        writer.writerow([cell_text(row.get(column.key), language) for column in held(view)])


def cell_text(cell: Cell, language: str) -> str:
    """Return a cell as it stands in a text file: unrounded, no spreadsheet formula."""
    if cell is None:
        return Absence.MISSING.value
    if isinstance(cell, Text):
        return harmless(cell.of(language))
    if isinstance(cell, Absence):
        return cell.value
    if isinstance(cell, bool):
        return ("是" if cell else "否") if language == "zh" else ("yes" if cell else "no")
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}" if cell else "0"
    if isinstance(cell, float):
        return float_text(cell)
    return harmless(cell) if isinstance(cell, str) else str(cell)


SURE_DIGITS = 15
"""Decimal digits that a double keeps for certain (DBL_DIG of C); behind them stands the rounding of sums."""
WHOLE = 2**53
"""Up to here a double holds each whole number (IEEE 754, 53 binary digits)."""


def float_text(value: float) -> str:
    """Return a double with the digits that it keeps for certain, no exponent: 0.1 + 0.2 as 0.3; whole numbers whole."""
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) <= WHOLE:
        return str(int(value))
    return f"{Decimal(f'{value:.{SURE_DIGITS}g}').normalize():f}"


def page_workbook(view: PageView, reader: Reader, language: str, citation: Text) -> bytes:
    """Return the tables of a page as a workbook, one sheet each, with a sheet on where they come from.

    The last sheet begins with the page: its title, what was chosen on it, and how to cite it.
    """
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        unit = workbook.add_format({"italic": True, "font_color": "#5B6761"})
        taken: set[str] = set()
        for panel in view.panels:
            table = filed(panel)
            if table is not None:
                sheet = workbook.add_worksheet(_sheet_name(panel.title.of(language), taken))
                _fill(sheet, panel, table, language, bold, unit, citation)
        sheet = workbook.add_worksheet(_sheet_name(word("origin").of(language), taken))
        _origin(sheet, (_page_block(view, language, citation), *origin_blocks(reader, language)), bold)
    return stream.getvalue()


def _sheet_name(wanted: str, taken: set[str]) -> str:
    base = "".join(sign for sign in wanted if sign not in "[]:*?/\\'")[:28] or "sheet"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name.lower())
    return name


def _fill(
    sheet: Any, panel: Panel, view: TableView, language: str, bold: Any, unit: Any, citation: Text
) -> None:
    for place, column in enumerate(held(view)):
        sheet.write_string(0, place, column.label.of(language), bold)
        sheet.write_string(1, place, column.unit_text.of(language), unit)
        sheet.set_column(place, place, 14 if column.kind == "number" else 28)
    sheet.freeze_panes(2, 1)
    for number, row in enumerate(view.rows, start=2):
        for place, column in enumerate(held(view)):
            _cell(sheet, number, place, row.get(column.key), language)
    for place, told in enumerate([citation, *remarks(panel)], start=len(view.rows) + 3):
        sheet.write_string(place, 0, told.of(language))


def _cell(sheet: Any, row: int, place: int, cell: Cell, language: str) -> None:
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        sheet.write_number(row, place, float(cell))
    else:
        sheet.write_string(
            row, place, cell.of(language) if isinstance(cell, Text) else _shown(cell, language)
        )


def _shown(cell: object, language: str) -> str:
    return cell if isinstance(cell, str) else cell_text(cell, language)  # type: ignore[arg-type]


def _page_block(view: PageView, language: str, citation: Text) -> Block:
    """Return what the sheet on the origin says of the page itself."""
    pairs = ((word("state.page"), view.title), *state_of(view), (word("cite"), citation))
    heads = (word("column.what").of(language), word("column.value").of(language))
    rows = tuple((name.of(language), value.of(language)) for name, value in pairs)
    return Block(word("this_page").of(language), heads, rows)


def _origin(sheet: Any, blocks: Sequence[Block], bold: Any) -> None:
    sheet.set_column(0, 7, 30)
    row = 0
    for block in blocks:
        sheet.write_string(row, 0, block.title, bold)
        _row(sheet, row + 1, block.heads)
        for number, values in enumerate(block.rows, start=row + 2):
            _row(sheet, number, values)
        row += 3 + len(block.rows)


def _row(sheet: Any, row: int, values: Sequence[object]) -> None:
    for place, value in enumerate(values):
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            sheet.write_number(row, place, float(value))
        else:
            sheet.write_string(row, place, "" if value is None else str(value)[:30_000])
