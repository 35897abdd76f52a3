"""Columns of a user's own, which no table knows, beside the rows of tables that name the same loan, client or project.

They were kept in `input_extra` by the key of their record. Nothing is written: the tables are shadowed for the reader
of this one open book.
"""

from __future__ import annotations

from collections.abc import Iterable

from lvshu.engine.duckdb import quote, text_literal
from lvshu.store.book import Book

EXTRA = "input_extra"
KEYS = {"loan": "loan_id", "enterprise": "uscc", "project": "project_id"}
"""By input table that may have columns of its user's own: the column by which other tables name its records."""


def own_columns(book: Book) -> dict[str, tuple[str, ...]]:
    """Return by input table the headings of its user's own columns, in order; tables without any are left out."""
    if not book.count(EXTRA):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for table in KEYS:
        rows = book.engine.execute(
            f"SELECT DISTINCT column_name FROM {EXTRA} WHERE table_name = {text_literal(table)} ORDER BY 1"
        )
        if rows:
            found[table] = tuple(str(row[0]) for row in rows)
    return found


def ride_along(book: Book, tables: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return by table the columns that were added to it for the readers of this open book; empty for most tables.

    Args:
        book: an open book; its file is not changed.
        tables: tables whose rows are to carry the columns of the loan, enterprise or project that they name.

    A heading that the table has already, or that two inputs have, is followed by the input's name in brackets.
    """
    own = own_columns(book)
    added: dict[str, tuple[str, ...]] = {}
    for table in dict.fromkeys(tables):
        columns = book.columns(table)
        parts = {source: headings for source, headings in own.items() if KEYS[source] in columns}
        if not parts or table == EXTRA:
            continue
        taken = {name.casefold() for name in columns}
        names, joins, shown = [], [], []
        for source, headings in parts.items():
            pairs = []
            for heading in headings:
                name = heading if heading.casefold() not in taken else f"{heading} ({source})"
                taken.add(name.casefold())
                pairs.append((heading, name))
                shown.append(name)
            pivot = ", ".join(
                f"max(CASE WHEN column_name = {text_literal(heading)} THEN value END) AS {quote(name)}"
                for heading, name in pairs
            )
            joins.append(
                f"LEFT JOIN (SELECT record_key, {pivot} FROM {EXTRA} WHERE table_name = {text_literal(source)} "
                f"GROUP BY record_key) AS own_{source} ON own_{source}.record_key = kept.{quote(KEYS[source])}"
            )
            names += [f"own_{source}.{quote(name)}" for _, name in pairs]
        book.engine.execute(
            f"CREATE OR REPLACE TEMP VIEW {quote(table)} AS SELECT kept.*, {', '.join(names)} "
            f"FROM book.main.{quote(table)} AS kept {' '.join(joins)}",
            table=table,
        )
        added[table] = tuple(shown)
    return added
