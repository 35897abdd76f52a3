"""What every engine offers, and the small class that holds a difference between engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa


class QueryRunner(Protocol):
    """Runs one rendered SELECT over tables kept as parquet files and leaves its result as parquet files."""

    dialect: str

    def run(self, sql: str, *, tables: Mapping[str, Path], target: Path) -> None:
        """Write the result of `sql` to the folder `target`; each table is a file or folder of parquet."""
        ...

    def close(self) -> None:
        """Give back what the runner holds."""
        ...


def contract_arrow_type(sql_type: str) -> pa.DataType:
    """Return the Arrow type of a contract's SQL type.

    Raises:
        KeyError: the type is not one of contract.table.SQL_TYPES.
    """
    if sql_type.startswith("DECIMAL"):
        width, places = sql_type.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(width), int(places))
    return {
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
    }[sql_type]
