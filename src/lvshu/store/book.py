"""A book opened for reading: never waits for a writer, never writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from lvshu.core.errors import EngineError, Problem, StoreError, Where
from lvshu.engine.duckdb import DuckDB, quote, text_literal
from lvshu.engine.settings import Settings
from lvshu.store.older_columns import read_absent_as_empty


class Book:
    """The tables of one run. Use as a context manager, or close it."""

    def __init__(self, path: Path, engine: DuckDB) -> None:
        self.path = path
        self.engine = engine
        self._tables = engine.tables()

    @classmethod
    def open(cls, path: Path, *, threads: int | None = None) -> Book:
        """Return the book kept in a file.

        Raises:
            StoreError: no such file, or not a book.
        """
        if not path.is_file():
            raise StoreError(Problem("store.no_book", Where(file=str(path))))
        try:
            engine = DuckDB(path, read_only=True, threads=threads)
        except EngineError as error:
            reason = error.problems[0].values.get("reason", "")
            raise StoreError(
                Problem("store.broken_book", Where(file=str(path)), {"reason": reason})
            ) from error
        read_absent_as_empty(engine)
        return cls(path, engine)

    def close(self) -> None:
        """Close the file."""
        self.engine.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def run(self) -> dict[str, Any]:
        """Return the row of the table `run`: what made this book, and when."""
        rows = self.rows("run", limit=1)
        return rows[0] if rows else {}

    @property
    def settings(self) -> Settings:
        """Return the settings that the run had."""
        raw: dict[str, Any] = json.loads(str(self.run["settings"]))
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in raw.items()
            if name in Settings.__dataclass_fields__
        }
        return Settings(**values)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, sorted."""
        return self._tables

    def has(self, table: str) -> bool:
        """Return whether the table is there."""
        return table in self._tables

    def columns(self, table: str) -> tuple[str, ...]:
        """Return a table's column names, in order; none for an absent table."""
        return self.engine.columns(table)

    def count(self, table: str, where: str | None = None) -> int:
        """Return how many rows a table has (that meet a condition); 0 for an absent table."""
        if not self.has(table):
            return 0
        condition = f" WHERE {where}" if where else ""
        return int(self.engine.execute(f"SELECT count(*) FROM {quote(table)}{condition}", table=table)[0][0])

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order: Sequence[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> pa.Table:
        """Return rows of a table as Arrow, in a total order (by `order`, then by all columns).

        Args:
            table: name of the table.
            columns: names of the columns wanted; all when None.
            where: SQL condition on a row.
            order: column names to sort by first; a name with a leading "-" sorts downwards.
            limit: at most so many rows.
            offset: leave out so many rows first.

        Raises:
            StoreError: no such table or column.
        """
        known = self.columns(table)
        chosen = list(columns) if columns is not None else list(known)
        self._demand(table, [*chosen, *(name.removeprefix("-") for name in order or ())], known)
        keys = [_direction(name) for name in order or ()] + [quote(name) for name in chosen]
        sql = f"SELECT {', '.join(map(quote, chosen))} FROM {quote(table)}"
        sql += f" WHERE {where}" if where else ""
        sql += f" ORDER BY {', '.join(keys)}"
        sql += f" LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else f" OFFSET {int(offset)}"
        return self.engine.fetch(sql, table=table)

    def rows(self, table: str, **choice: Any) -> list[dict[str, Any]]:
        """Return rows as plain dictionaries; the arguments are those of `read`. An absent table has no rows."""
        if not self.has(table):
            return []
        found: list[dict[str, Any]] = self.read(table, **choice).to_pylist()
        return found

    def _demand(self, table: str, wanted: Sequence[str], known: Sequence[str]) -> None:
        if not self.has(table):
            values: Mapping[str, object] = {"table": table, "known": list(self._tables)}
            raise StoreError(Problem("store.no_table", Where(file=str(self.path)), values))
        missing = [name for name in wanted if name not in known]
        if missing:
            values = {"table": table, "columns": missing, "known": list(known)}
            raise StoreError(Problem("store.no_column", Where(file=str(self.path)), values))


def equals(column: str, value: object) -> str:
    """Return the SQL condition that a column has a value; None is IS NULL."""
    if value is None:
        return f"{quote(column)} IS NULL"
    if isinstance(value, str):
        return f"{quote(column)} = {text_literal(value)}"
    return f"{quote(column)} = {value}"


def _direction(name: str) -> str:
    return f"{quote(name[1:])} DESC" if name.startswith("-") else quote(name)
