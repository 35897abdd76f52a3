"""Data: what came in, what was quarantined and why, findings, packs; tables of the book, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import Field

from lvshu.contract import all_contracts
from lvshu.core.errors import InputError, Problem, StoreError
from lvshu.pipeline.explain import described
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Column, Panel, Section, TableView, number_column
from lvshu.publish.panels.making import findings_section
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, contract_of, same, table_label
from lvshu.web.context import MOST_ROWS, Context, PageQuery, RowsQuery
from lvshu.web.pages.chapters import chapter
from lvshu.web.pages.explain import record_table, word_of_right
from lvshu.web.pages.page import Page
from lvshu.web.security.cells import is_closed
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

ROWS = 100
Made = TypeVar("Made")
TOLD_FIRST = (
    "table_name", "column_name", "value", "reason_zh", "reason_en", "remedy_zh", "remedy_en",
    "file", "sheet", "row_number",
)  # fmt: skip
"""Columns of kept-out rows as a page shows them first; the raw record stands last."""
NAME = r"^[a-z0-9_]*$"


def tabs(current: str) -> tuple[Link, ...]:
    """Return the sister pages of data."""
    places = (
        ("/data", "data.inputs"),
        ("/data/quarantine", "data.quarantine"),
        ("/data/corrections", "corrections.title"),
        ("/data/packs", "data.packs"),
        ("/data/tables", "data.tables"),
        ("/data/upload", "upload.title"),
        ("/runs", "runs.title"),
    )
    return tuple(Link(word(key), path, current=path == current) for path, key in places)


def inputs(context: Context, query: PageQuery) -> PageView:
    """Return the page on what came in and what was found in it."""
    section = chapter(context, "data")
    shown = (
        *(panel for panel in section.panels if panel.id == "inputs"),
        *_findings(context).panels,
    )
    return PageView("data", word("nav.data"), section.lead, shown, tabs=tabs("/data"))


def _findings(context: Context) -> Section:
    """Return the findings: with their values for who may see records, else kind by kind."""
    if not context.person.sees_records:
        return chapter(context, "findings")
    return context.made(("findings", "whole"), lambda reader: findings_section(reader, whole=True))


class QuarantineQuery(RowsQuery):
    """Which quarantined rows."""

    table: str = Field(default="", max_length=64, pattern=NAME, description="only rows of this table")
    code: str = Field(
        default="", max_length=80, pattern=r"^[a-z0-9_.]*$", description="only rows kept out for this reason"
    )


def rows_of(context: Context, query: RowsQuery, key: object, make: Callable[[Reader], Made]) -> Made:
    """Return what is made of rows: kept for a page of them, made anew where all are asked for."""
    if not query.all:
        return context.made(key, make)
    with context.workbench.shelf.reading(context.run or None) as reader:
        return make(reader)


def window(query: RowsQuery, count: int) -> tuple[int, int]:
    """Return how many rows are read, and how many are left out before them.

    Raises:
        InputError: all are asked for, and they are more than one download may hold.
    """
    if not query.all:
        return ROWS, ROWS * (query.page - 1)
    if count > MOST_ROWS:
        values = {"rows": f"{count:,}", "most": f"{MOST_ROWS:,}"}
        raise InputError(Problem("web.too_many_rows", values=values))
    return MOST_ROWS, 0


def quarantine(context: Context, query: QuarantineQuery) -> PageView:
    """Return the page on the rows that were kept out, and why."""
    kinds = tuple(panel for panel in chapter(context, "data").panels if panel.id == "quarantine")
    key = ("quarantine", query.table, query.code, query.page)
    rows = rows_of(context, query, key, lambda reader: _kept_out(reader, query))
    shown = (
        rows
        if context.person.sees_records
        else Panel("rows", word("data.rows"), empty=word("empty.records", right=word("right.records")))
    )
    return PageView(
        "quarantine",
        word("data.quarantine"),
        chapter(context, "data").lead,
        (*kinds, shown),
        crumbs=(Link(word("nav.data"), "/data"),),
        tabs=tabs("/data/quarantine"),
        data={"has_all": True},
        state=(
            *(((word("column.table"), table_label(query.table)),) if query.table else ()),
            *(((word("column.code"), same(query.code)),) if query.code else ()),
        ),
    )


def _kept_out(reader: Reader, query: QuarantineQuery) -> Panel:
    parts = []
    if query.table:
        parts.append(f"table_name = '{query.table}'")
    if query.code:
        parts.append(f"code = '{query.code}'")
    where = " AND ".join(parts) or None
    count = reader.book.count("quarantine", where)
    title = word("data.rows_of", rows=f"{count:,}")
    if not count and where and reader.book.count("quarantine"):
        return Panel(
            "rows", title, empty=word("empty.quarantine_of", rows=f"{reader.book.count('quarantine'):,}")
        )
    if not count:
        return Panel("rows", title, empty=word("empty.quarantine"))
    limit, offset = window(query, count)
    if offset >= count:
        return Panel("rows", title, empty=word("page.beyond", pages=-(-count // ROWS)))
    found = reader.book.read(
        "quarantine", where=where, order=["table_name", "file", "row_number"], limit=limit, offset=offset
    ).to_pylist()
    contract = contract_of("quarantine")
    names = [
        one for one in reader.book.columns("quarantine") if contract is None or one in contract.column_names
    ]
    shown = described(contract, names) if contract is not None else []
    shown = sorted(shown, key=lambda one: kept_out_place(one["name"]))
    columns, rows = record_table("quarantine", shown, found)
    return Panel(
        "rows", title, table=TableView(columns, rows, ("quarantine",), left_out=max(0, count - len(rows)))
    )


def kept_out_place(column: str) -> int:
    """Return where a column of kept-out rows stands: what is wrong and what to do come before where it stood."""
    if column == "raw_record":
        return len(TOLD_FIRST) + 1
    return TOLD_FIRST.index(column) if column in TOLD_FIRST else len(TOLD_FIRST)


def packs(context: Context, query: PageQuery) -> PageView:
    """Return the page on the packs and how complete they are."""
    section = chapter(context, "packs")
    return PageView(
        "packs",
        section.title,
        section.lead,
        section.panels,
        crumbs=(Link(word("nav.data"), "/data"),),
        tabs=tabs("/data/packs"),
    )


def tables(context: Context, query: PageQuery) -> PageView:
    """Return the page that lists the tables of the book."""

    def made(reader: Reader) -> Panel:
        rows: list[dict[str, Cell]] = []
        for name in reader.book.tables():
            contract = contract_of(name)
            if contract is not None:
                kind = word("data.records" if is_closed(name) else "data.aggregates")
                rows.append(
                    {
                        "table": table_label(name),
                        "name": name,
                        "rows": reader.count(name),
                        "kind": kind,
                        "what": Text(contract.meaning_zh, contract.meaning_en),
                    }
                )
        columns = (
            Column("table", word("column.table")),
            Column("name", word("column.code"), code=True),
            number_column("rows", word("column.rows"), "1", decimals=0),
            Column("kind", word("column.kind")),
            Column("what", word("column.what")),
        )
        return Panel("tables", word("data.tables"), table=TableView(columns, tuple(rows), ("step_run",)))

    panel = context.made("tables", made)
    return PageView(
        "tables",
        word("data.tables"),
        word("data.tables_lead"),
        (panel,),
        crumbs=(Link(word("nav.data"), "/data"),),
        tabs=tabs("/data/tables"),
        data={"linked": {"name": "/data/table"}},
    )


class TableQuery(RowsQuery):
    """Which table, and which of its rows."""

    name: str = Field(min_length=1, max_length=64, pattern=NAME, description="name of a table of the book")
    column: str = Field(default="", max_length=64, pattern=NAME, description="column to choose rows by")
    value: str = Field(default="", max_length=200, description="its value")
    order: str = Field(
        default="", max_length=65, pattern=r"^-?[a-z0-9_]*$", description="column to sort by; - downwards"
    )


def table(context: Context, query: TableQuery) -> PageView:
    """Return the page with rows of one table.

    Raises:
        StoreError: there is no such table or column.
        InputError: its rows are records, and whoever asks may not see those.
    """
    if is_closed(query.name) and not context.person.sees_records:
        raise InputError(Problem("web.may_not", values={"right": word_of_right("records")}))
    key = ("table", query.name, query.column, query.value, query.order, query.page)
    panel = rows_of(context, query, key, lambda reader: _rows(reader, query))
    contract = all_contracts()[query.name]
    return PageView(
        f"table-{query.name}",
        Text(contract.zh, contract.en),
        Text(contract.meaning_zh, contract.meaning_en),
        (panel,),
        crumbs=(Link(word("nav.data"), "/data"), Link(word("data.tables"), "/data/tables")),
        template="table.html.j2",
        data={
            "has_all": True,
            "page_number": query.page,
            "has_more": bool(panel.table and panel.table.left_out > ROWS * (query.page - 1)),
            "columns": [(one.name, Text(one.zh, one.en)) for one in contract.columns],
        },
        state=_filter(query),
    )


def _filter(query: TableQuery) -> tuple[tuple[Text, Text], ...]:
    """Return which rows were asked for, and in which order, in words."""
    told: list[tuple[Text, Text]] = []
    if query.column:
        told.append((column_label(query.name, query.column), same(query.value or Absence.MISSING.value)))
    if query.order:
        column = column_label(query.name, query.order.removeprefix("-"))
        told.append((word("data.order"), column + same(" ↓" if query.order.startswith("-") else " ↑")))
    return tuple(told)


def _rows(reader: Reader, query: TableQuery) -> Panel:
    contract = contract_of(query.name)
    if contract is None or not reader.book.has(query.name):
        known = [name for name in reader.book.tables() if contract_of(name)]
        raise StoreError(Problem("store.no_table", values={"table": query.name, "known": known[:20]}))
    names = list(reader.book.columns(query.name))
    for wanted in (query.column, query.order.removeprefix("-")):
        if wanted and wanted not in names:
            values = {"table": query.name, "columns": [wanted], "known": names}
            raise StoreError(Problem("store.no_column", values=values))
    where = f'CAST("{query.column}" AS VARCHAR) = {_literal(query.value)}' if query.column else None
    count = reader.book.count(query.name, where)
    title = word("data.rows_of", rows=f"{count:,}")
    if not count and where and (whole := reader.book.count(query.name)):
        return Panel("rows", title, empty=word("empty.rows_of", rows=f"{whole:,}"))
    if not count:
        return Panel("rows", title, empty=reader.why_empty(query.name, (), table_label(query.name)))
    order = [query.order] if query.order else [name for name in contract.key if name in names]
    limit, offset = window(query, count)
    if offset >= count:
        return Panel("rows", title, empty=word("page.beyond", pages=-(-count // ROWS)))
    found = reader.book.read(query.name, where=where, order=order, limit=limit, offset=offset).to_pylist()
    columns, rows = record_table(query.name, described(contract, names), found)
    return Panel(
        "rows", title, table=TableView(columns, rows, (query.name,), left_out=max(0, count - len(rows)))
    )


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


PAGES = (
    Page("/data", "data", inputs),
    Page("/data/quarantine", "quarantine", quarantine, QuarantineQuery),
    Page("/data/packs", "packs", packs),
    Page("/data/tables", "tables", tables),
    Page("/data/table", "table", table, TableQuery),
)
