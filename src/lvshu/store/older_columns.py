"""Columns that came to a table after a book was made and may be empty: the book is read with them, empty."""

from __future__ import annotations

from lvshu.contract import Column, TableContract, all_contracts
from lvshu.engine.duckdb import DuckDB, quote


def may_be_absent(contract: TableContract, column: Column) -> bool:
    """Return whether a book may lack a column and is read as if it were empty.

    So are columns of inputs that need not be filled, as nobody filled them; and others where their contract says it.
    """
    if column.in_every_file or column.name in contract.key:
        return False
    return contract.kind == "input" or column.may_lack


def absent_columns(engine: DuckDB) -> dict[str, list[str]]:
    """Return by table the columns that its contract has and a book has not; {} for a book of this version."""
    contracts = all_contracts()
    there: dict[str, set[str]] = {}
    for table, column in engine.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = current_schema()"
    ):
        there.setdefault(str(table), set()).add(str(column))
    found = {
        name: [column for column in contracts[name].column_names if column not in there[name]]
        for name in sorted(there)
        if name in contracts
    }
    return {table: columns for table, columns in found.items() if columns}


def read_absent_as_empty(engine: DuckDB) -> None:
    """Give the tables of a book the columns that it may lack, empty, for this reader alone; the file is not changed.

    Args:
        engine: an opened book, also one that is read only.
    """
    contracts = all_contracts()
    place: str = ""
    for table, names in absent_columns(engine).items():
        contract = contracts[table]
        columns = [contract.column(name) for name in names]
        added = [column for column in columns if may_be_absent(contract, column)]
        if not added:
            continue
        if not place:
            database, schema = engine.execute("SELECT current_database(), current_schema()")[0]
            place = f"{quote(database)}.{quote(schema)}"
        empty = ", ".join(f"CAST(NULL AS {column.sql_type}) AS {quote(column.name)}" for column in added)
        engine.execute(
            f"CREATE OR REPLACE TEMP VIEW {quote(table)} AS SELECT *, {empty} FROM {place}.{quote(table)}"
        )


__all__ = ["absent_columns", "may_be_absent", "read_absent_as_empty"]
