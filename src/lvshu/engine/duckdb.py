"""The embedded engine. The only module that imports duckdb; uses calls that 1.5 and 2.0 both have."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from lvshu.contract import TableContract
from lvshu.core.errors import ContractError, EngineError, Problem
from lvshu.core.money import PLACES, to_decimal
from lvshu.engine.base import QueryRunner, contract_arrow_type
from lvshu.engine.query import Query

STORAGE_VERSION = "v1.5.0"
_FULL_DISK = ("no space left", "disk quota", "could not write", "disk full")


def quote(name: str) -> str:
    """Return an identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


class DuckDB:
    """A database file (or memory) with the project's habits: contracts, exact totals, clear errors."""

    dialect = "duckdb"

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        threads: int | None = None,
        memory_limit: str | None = None,
        scratch: Path | None = None,
        runner: QueryRunner | None = None,
    ) -> None:
        self.path = path
        self._runner = runner
        self._scratch = scratch
        self._exported: dict[str, Path] = {}
        self._connection = duckdb.connect(":memory:")
        self._run("SET preserve_insertion_order = false")
        if threads is not None:
            self._run(f"SET threads = {int(threads)}")
        if memory_limit is not None:
            self._run(f"SET memory_limit = {text_literal(memory_limit)}")
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
            self._run(f"SET temp_directory = {text_literal(str(scratch))}")
        if path is not None:
            options = "READ_ONLY" if read_only else f"STORAGE_VERSION {text_literal(STORAGE_VERSION)}"
            self._run(f"ATTACH {text_literal(str(path))} AS book ({options})")
            self._run("USE book")

    # -- statements ------------------------------------------------------------------------------

    def _run(self, sql: str, parameters: Sequence[object] = (), *, table: str = "") -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise self._error(error, sql, table) from error

    def _error(self, error: duckdb.Error, sql: str, table: str) -> EngineError:
        reason = str(error)
        if any(sign in reason.lower() for sign in _FULL_DISK):
            free = shutil.disk_usage(self.path.parent).free if self.path is not None else 0
            return EngineError(
                Problem("engine.disk_full", values={"reason": reason, "needed": "1 GB", "free": free})
            )
        return EngineError(Problem("engine.failed", values={"table": table, "reason": reason, "sql": sql}))

    def execute(
        self, sql: str, parameters: Sequence[object] = (), *, table: str = ""
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a statement of DuckDB's own dialect (intake and housekeeping only).

        Raises:
            EngineError: the statement failed; the error carries it.
        """
        return self._run(sql, parameters, table=table)

    @property
    def runner(self) -> QueryRunner | None:
        """Return what runs the queries elsewhere (Spark), or nothing."""
        return self._runner

    @property
    def native(self) -> duckdb.DuckDBPyConnection:
        """Return the connection itself, for a library that writes SQL of its own (Splink)."""
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that the block writes, or nothing of it."""
        self._run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def checkpoint(self) -> None:
        """Write everything committed into the database file."""
        self._run("CHECKPOINT")

    def interrupt(self) -> None:
        """Stop the statement that runs in another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection and remove scratch files."""
        self._connection.close()
        for folder in self._exported.values():
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- tables ----------------------------------------------------------------------------------

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables there are."""
        rows = self._run(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() "
            "AND schema_name = current_schema() ORDER BY table_name"
        )
        return tuple(row[0] for row in rows)

    def has(self, table: str) -> bool:
        """Return whether the table is there."""
        return table in self.tables()

    def count(self, table: str) -> int:
        """Return how many rows a table has.

        Raises:
            EngineError: there is no such table.
        """
        return int(self._run(f"SELECT count(*) FROM {quote(table)}", table=table)[0][0])

    def columns(self, table: str) -> tuple[str, ...]:
        """Return a table's column names, in order; none of an absent table."""
        try:
            rows = self._connection.execute("SELECT name FROM pragma_table_info(?)", [table]).fetchall()
        except duckdb.CatalogException:
            return ()
        return tuple(row[0] for row in rows)

    def create(self, contract: TableContract, *, replace: bool = False) -> None:
        """Make an empty table of a contract; an existing one is kept unless replaced."""
        if replace:
            self.drop(contract.name)
        self._run(contract.create_sql(), table=contract.name)

    def drop(self, table: str) -> None:
        """Remove a table if it is there."""
        self._run(f"DROP TABLE IF EXISTS {quote(table)}", table=table)
        self._forget(table)

    def _forget(self, table: str) -> None:
        folder = self._exported.pop(table, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    # -- reading ---------------------------------------------------------------------------------

    def fetch(self, sql: str, *, table: str = "") -> pa.Table:
        """Return the result of a SELECT as an Arrow table.

        Raises:
            EngineError: the statement failed; the error carries it.
        """
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise self._error(error, sql, table) from error

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        order: Sequence[str] | None = None,
    ) -> pa.Table:
        """Return rows of a table as Arrow, in a total order (by `order`, else by all columns).

        Raises:
            EngineError: there is no such table or column.
        """
        if not self.has(table):
            raise EngineError(
                Problem("engine.no_table", values={"table": table, "tables": list(self.tables())})
            )
        chosen = list(columns) if columns is not None else list(self.columns(table))
        listed = ", ".join(quote(name) for name in chosen)
        condition = f" WHERE {where}" if where else ""
        keys = ", ".join(quote(name) for name in (order or chosen))
        return self.fetch(f"SELECT {listed} FROM {quote(table)}{condition} ORDER BY {keys}", table=table)

    # -- writing ---------------------------------------------------------------------------------

    def append(self, contract: TableContract, data: pa.Table | Mapping[str, Sequence[Any]]) -> int:
        """Add rows to a contract's table, brought to its types. Returns how many rows were added.

        Raises:
            ContractError: a column is missing, or is not in the contract.
            EngineError: a value does not fit its type.
        """
        arrow = data if isinstance(data, pa.Table) else _arrow(contract, data)
        _same_columns(contract, arrow.column_names)
        if arrow.num_rows == 0:
            return 0
        self.create(contract)
        self._connection.register("incoming_rows", arrow)
        try:
            listed = ", ".join(quote(name) for name in contract.column_names)
            self._run(
                f"INSERT INTO {quote(contract.name)} ({listed}) {contract.cast_sql('incoming_rows')}",
                table=contract.name,
            )
        finally:
            self._connection.unregister("incoming_rows")
        self._forget(contract.name)
        return int(arrow.num_rows)

    def keep(self, name: str, sql: str) -> None:
        """Keep the result of a SELECT as a table, replacing what had its name."""
        self._run(f"CREATE OR REPLACE TABLE {quote(name)} AS {sql}", table=name)
        self._forget(name)

    def load_rows(self, name: str, arrow: pa.Table) -> None:
        """Make (or replace) a table of the same columns and types as an Arrow table."""
        self._connection.register("incoming_rows", arrow)
        try:
            self._run(f"CREATE OR REPLACE TABLE {quote(name)} AS SELECT * FROM incoming_rows", table=name)
        finally:
            self._connection.unregister("incoming_rows")
        self._forget(name)

    def load_batches(
        self, name: str, reader: pa.RecordBatchReader, *, select: str = "SELECT * FROM incoming_rows"
    ) -> int:
        """Make (or replace) a table from a stream of Arrow batches, as a SELECT over `incoming_rows` sees it.

        Returns how many rows the table has.
        """
        self._connection.register("incoming_rows", reader)
        try:
            self._run(f"CREATE OR REPLACE TABLE {quote(name)} AS {select}", table=name)
        finally:
            self._connection.unregister("incoming_rows")
        self._forget(name)
        return self.count(name)

    def make(self, query: Query, parameters: Mapping[str, object], contract: TableContract) -> int:
        """Fill a contract's table with a query's result. Returns how many rows it has.

        The query runs on the runner given at construction (Spark), else here.

        Raises:
            ContractError: the result lacks a column of the contract, or has another.
            EngineError: the query failed; the error carries its SQL.
        """
        self.create(contract, replace=True)
        if self._runner is None:
            source = f"({query.rendered(parameters, 'duckdb')})"
            _same_columns(contract, query.columns_made)
            self._insert(contract, source)
        else:
            self._make_elsewhere(query, parameters, contract)
        return self.count(contract.name)

    def _insert(self, contract: TableContract, source: str) -> None:
        listed = ", ".join(quote(name) for name in contract.column_names)
        self._run(
            f"INSERT INTO {quote(contract.name)} ({listed}) {contract.cast_sql(source)}", table=contract.name
        )
        self._forget(contract.name)

    def _make_elsewhere(
        self, query: Query, parameters: Mapping[str, object], contract: TableContract
    ) -> None:
        if self._runner is None or self._scratch is None:
            raise EngineError(Problem("engine.no_table", values={"table": contract.name, "tables": []}))
        sql = query.rendered(parameters, self._runner.dialect)
        tables = {name: self._export(name) for name in query.tables_read}
        target = self._scratch / f"result-{contract.name}"
        shutil.rmtree(target, ignore_errors=True)
        self._runner.run(sql, tables=tables, target=target)
        source = f"read_parquet({text_literal(str(target / '*.parquet'))})"
        names = tuple(row[0] for row in self._run(f"DESCRIBE FROM {source}", table=contract.name))
        _same_columns(contract, names)
        self._insert(contract, source)
        shutil.rmtree(target, ignore_errors=True)

    def _export(self, table: str) -> Path:
        """Return the folder with a table as parquet, written once for as long as the table stays as it is."""
        if table not in self._exported:
            if self._scratch is None:
                raise EngineError(Problem("engine.no_table", values={"table": table, "tables": []}))
            folder = self._scratch / f"table-{table}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.export_parquet(table, folder / "rows.parquet")
            self._exported[table] = folder
        return self._exported[table]

    def export_parquet(self, table: str, path: Path) -> None:
        """Write a table to a parquet file."""
        self._run(
            f"COPY {quote(table)} TO {text_literal(str(path))} (FORMAT parquet, COMPRESSION zstd)",
            table=table,
        )

    # -- other books -----------------------------------------------------------------------------

    def take_over(self, path: Path, tables: Sequence[str]) -> None:
        """Copy whole tables from another book's file.

        Raises:
            EngineError: the file cannot be opened, or lacks a table.
        """
        self._run(f"ATTACH {text_literal(str(path))} AS earlier (READ_ONLY)")
        try:
            for table in tables:
                self._run(
                    f"CREATE OR REPLACE TABLE {quote(table)} AS FROM earlier.{quote(table)}", table=table
                )
                self._forget(table)
        finally:
            self._run("DETACH earlier")


def _same_columns(contract: TableContract, names: Sequence[str]) -> None:
    missing = [name for name in contract.column_names if name not in names]
    extra = [name for name in names if name not in contract.column_names]
    problems = []
    if missing:
        problems.append(
            Problem("contract.missing_columns", values={"table": contract.name, "columns": missing})
        )
    if extra:
        problems.append(Problem("contract.extra_columns", values={"table": contract.name, "columns": extra}))
    if problems:
        raise ContractError(*problems)


def _arrow(contract: TableContract, data: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Return columns as Arrow in the contract's types; floats become decimals, ties away from zero.

    A column that is Arrow already is cast as it is.
    """
    _same_columns(contract, list(data))
    arrays, names = [], []
    for column in contract.columns:
        kind = contract_arrow_type(column.sql_type)
        given = data[column.name]
        if isinstance(given, (pa.Array, pa.ChunkedArray)):
            arrays.append(given.cast(kind))
            names.append(column.name)
            continue
        values = [value if type(value) in PLAIN else _plain(value) for value in given]
        if column.type in PLACES:
            places = PLACES[column.type]
            values = [to_decimal(value, places) if isinstance(value, float) else value for value in values]
        arrays.append(pa.array(values, type=kind))
        names.append(column.name)
    return pa.Table.from_arrays(arrays, names=names)


PLAIN = frozenset({str, int, bool, type(None), Decimal, date})
"""Types of values that go to Arrow as they are."""


def _plain(value: Any) -> Any:
    """Return a numpy scalar as its Python value, and a NaN as missing."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and plain != plain else plain
