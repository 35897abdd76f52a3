"""Tables of a book as files: csv, parquet and json, each with units and with where it comes from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lvshu.cli.console import as_json, plain
from lvshu.contract import TableContract, all_contracts
from lvshu.engine.duckdb import quote
from lvshu.store.book import Book

BATCH = 100_000
WATERMARK = {
    "zh": "合成数据：本账本的记录均为虚构，不代表任何真实的人、企业或贷款。",
    "en": "Synthetic data: the records of this book are invented; they stand for no real person, firm or loan.",
}


def exportable(book: Book) -> tuple[str, ...]:
    """Return the tables of a book that are exported unless others are named: with a contract, not confidential."""
    contracts = all_contracts()
    return tuple(name for name in book.tables() if name in contracts and not contracts[name].confidential)


def origin(book: Book, tables: Sequence[str]) -> dict[str, Any]:
    """Return where exported tables come from: run, settings, inputs, packs, and the mark of synthetic data."""
    run = book.run
    return {
        "watermark": WATERMARK if run["synthetic"] else None,
        "tables": list(tables),
        "run": {name: run[name] for name in ("run_id", "finished_at", "version", "engine")},
        "settings": json.loads(run["settings"]),
        "inputs": book.rows("input_file", columns=["table_name", "file", "sheet", "sha256"]),
        "packs": book.rows(
            "pack_used",
            columns=["pack", "zh", "en", "issuer", "document_number", "licence", "source", "completeness"],
        ),
    }


def write_csv(book: Book, table: str, folder: Path) -> Path:
    """Return the written csv file: names, then labels, then units, then rows (UTF-8 with a byte order mark)."""
    contract = all_contracts()[table]
    path = folder / f"{table}.csv"
    names = contract.column_names
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        if book.run["synthetic"]:
            writer.writerow([f"# {WATERMARK['zh']} {WATERMARK['en']}"])
        writer.writerow(names)
        writer.writerow([f"{column.zh} {column.en}" for column in contract.columns])
        writer.writerow([column.unit for column in contract.columns])
        for batch in _batches(book, contract):
            for row in batch.to_pylist():
                writer.writerow([_cell(row[name]) for name in names])
    return path


def write_parquet(book: Book, table: str, folder: Path) -> Path:
    """Return the written parquet file; each field says its unit and labels, the file says its origin."""
    contract = all_contracts()[table]
    path = folder / f"{table}.parquet"
    about = {"origin": as_json(origin(book, [table]))}
    writer: pq.ParquetWriter | None = None
    for batch in _batches(book, contract):
        described = batch.cast(_described(contract, batch.schema, about))
        writer = writer or pq.ParquetWriter(path, described.schema, compression="zstd")
        writer.write_table(described)
    if writer is not None:
        writer.close()
    return path


def write_json(book: Book, table: str, folder: Path) -> Path:
    """Return the written json file: origin, columns with units, rows."""
    contract = all_contracts()[table]
    path = folder / f"{table}.json"
    content = {
        "table": table,
        "zh": contract.zh,
        "en": contract.en,
        "origin": origin(book, [table]),
        "columns": [
            {"name": column.name, "zh": column.zh, "en": column.en, "type": column.type, "unit": column.unit}
            for column in contract.columns
        ],
        "rows": [row for batch in _batches(book, contract) for row in batch.to_pylist()],
    }
    path.write_text(as_json(content) + "\n", encoding="utf-8")
    return path


def write_origin(book: Book, tables: Sequence[str], folder: Path) -> Path:
    """Return the written file origin.json, which goes with csv files."""
    path = folder / "origin.json"
    path.write_text(as_json(origin(book, tables)) + "\n", encoding="utf-8")
    return path


def _batches(book: Book, contract: TableContract) -> Iterator[pa.Table]:
    """Yield a table's rows in order; at least one batch, maybe empty."""
    names = ", ".join(quote(name) for name in contract.column_names)
    order = ", ".join(quote(name) for name in (*contract.key, *contract.column_names))
    whole = book.engine.fetch(
        f"SELECT {names} FROM {quote(contract.name)} ORDER BY {order}", table=contract.name
    )
    if whole.num_rows == 0:
        yield whole
    for start in range(0, whole.num_rows, BATCH):
        yield whole.slice(start, BATCH)


def _described(contract: TableContract, schema: pa.Schema, about: dict[str, str]) -> pa.Schema:
    fields = [
        schema.field(column.name).with_metadata({"unit": column.unit, "zh": column.zh, "en": column.en})
        for column in contract.columns
    ]
    return pa.schema(fields, metadata=about)


def _cell(value: Any) -> Any:
    return plain(value) if hasattr(value, "normalize") else value
