"""Tables of a book as files: CSV with a row of units and a line on how to cite, JSON with its columns' meaning."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.contract import TableContract
from lvshu.core.spreadsheet import harmless
from lvshu.publish.origins import citation
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.texts import contract_of, table_label, unit_label

BATCH = 50_000


@dataclass(frozen=True)
class Heading:
    """One column of an exported table: its name, what people call it, and its unit."""

    name: str
    label: str
    unit: str
    unit_symbol: str
    meaning: str
    type: str


def headings(book: BookLike, table: str, language: str) -> list[Heading]:
    """Return the columns of a table as they are exported; a column that is in no contract keeps its name."""
    contract = contract_of(table)
    return [_heading(contract, name, language) for name in book.columns(table)]


def _heading(contract: TableContract | None, name: str, language: str) -> Heading:
    if contract is None or name not in contract.column_names:
        return Heading(name, name, "", "", "", "")
    one = contract.column(name)
    symbol = one.unit
    if symbol.startswith("column:"):
        named = contract.column(symbol.removeprefix("column:")).label(language)
        shown = f"见“{named}”" if language == "zh" else f"see “{named}”"
    else:
        shown = unit_label(symbol).of(language)
    return Heading(name, one.label(language), shown, symbol, one.meaning(language), one.type)


def batches(book: BookLike, table: str) -> Iterator[list[dict[str, Any]]]:
    """Return the rows of a table, a batch at a time, in a total order."""
    offset = 0
    while True:
        rows = book.read(table, limit=BATCH, offset=offset).to_pylist()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        offset += BATCH


def write_csv(book: BookLike, table: str, path: Path, *, language: str = "zh") -> Path:
    """Write a table as CSV (UTF-8 with a mark that spreadsheets know) and return the path.

    First row names, second row units, last line `# citation`. A missing value is empty; figures are exact.

    Raises:
        StoreError: there is no such table.
        OSError: the file cannot be written.
    """
    columns = headings(book, table, language)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([harmless(column.label) for column in columns])
        writer.writerow([column.unit for column in columns])
        for rows in batches(book, table):
            writer.writerows([plain(row[column.name]) for column in columns] for row in rows)
        stream.write(
            f"# {table_label(table).of(language)} ({table}) · {citation(Reader(book)).of(language)}\r\n"
        )
    return path


def write_json(book: BookLike, table: str, path: Path) -> Path:
    """Write a table as JSON with its columns (names and units in both languages) and return the path.

    Decimals are written as texts, so that no digit is lost.

    Raises:
        StoreError: there is no such table.
        OSError: the file cannot be written.
    """
    both = {language: headings(book, table, language) for language in ("zh", "en")}
    cite, label = citation(Reader(book)), table_label(table)
    head = {
        "table": table,
        "label": {"zh": label.zh, "en": label.en},
        "citation": {"zh": cite.zh, "en": cite.en},
        "columns": [
            {
                "name": zh.name,
                "type": zh.type,
                "unit": zh.unit_symbol,
                "zh": zh.label,
                "en": en.label,
                "meaning_zh": zh.meaning,
                "meaning_en": en.meaning,
            }
            for zh, en in zip(both["zh"], both["en"], strict=True)
        ],
    }
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": [')
        first = True
        for rows in batches(book, table):
            for row in rows:
                stream.write(("\n" if first else ",\n") + json.dumps(row, ensure_ascii=False, default=plain))
                first = False
        stream.write("\n]}\n")
    return path


def plain(value: object) -> object:
    """Return a value as it stands in a text file: exact, dates in ISO form, no spreadsheet formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return harmless(value) if isinstance(value, str) else value


def sort_tables(tables: Sequence[str]) -> list[str]:
    """Return tables in the order of a workbook: accounts, finance, statistics, then how the book was made."""
    order = {"accounts": 0, "finance": 1, "statistics": 2, "intake": 4, "run": 3}
    rooms = {table: contract_of(table) for table in tables}

    def place(table: str) -> tuple[int, str]:
        contract = rooms[table]
        return (order.get(contract.room, 5) if contract is not None else 6, table)

    return sorted(tables, key=place)
