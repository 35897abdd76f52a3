"""Tables of a book as parquet files that say their units and origin; and the origin as a file of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lvshu.cli.console import as_json
from lvshu.contract import TableContract, all_contracts
from lvshu.engine.duckdb import quote, text_literal
from lvshu.store.book import Book

WATERMARK = {
    "zh": "合成数据：本账本的记录均为虚构，不代表任何真实的人、企业或贷款。",
    "en": "Synthetic data: the records of this book are invented; they stand for no real person, firm or loan.",
}
_PACK_COLUMNS = ("pack", "zh", "en", "issuer", "document_number", "licence", "source", "completeness")


def origin(book: Book, tables: Sequence[str]) -> dict[str, Any]:
    """Return where exported tables come from: run, settings, inputs, packs, and the mark of synthetic data."""
    run = book.run
    return {
        "watermark": WATERMARK if run["synthetic"] else None,
        "tables": list(tables),
        "run": {name: run[name] for name in ("run_id", "finished_at", "version", "engine")},
        "settings": json.loads(run["settings"]),
        "inputs": book.rows("input_file", columns=["table_name", "file", "sheet", "sha256"]),
        "packs": book.rows("pack_used", columns=_PACK_COLUMNS),
    }


def write_origin(book: Book, tables: Sequence[str], folder: Path) -> Path:
    """Return the written file origin.json, which goes with the tables."""
    path = folder / "origin.json"
    path.write_text(as_json(origin(book, tables)) + "\n", encoding="utf-8")
    return path


def write_parquet(book: Book, table: str, path: Path) -> Path:
    """Return the written parquet file: rows in order; each field says its unit and labels, the file its origin."""
    draft = path.with_name(f".{path.name}.draft")
    order = ", ".join(quote(name) for name in book.columns(table))
    book.engine.execute(
        f"COPY (SELECT * FROM {quote(table)} ORDER BY {order}) TO {text_literal(str(draft))} (FORMAT parquet)",
        table=table,
    )
    try:
        with pq.ParquetFile(draft) as rows:
            schema = _described(all_contracts().get(table), rows.schema_arrow, as_json(origin(book, [table])))
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                for batch in rows.iter_batches():
                    writer.write_batch(batch.cast(schema))
    finally:
        draft.unlink(missing_ok=True)
    return path


def _described(contract: TableContract | None, schema: pa.Schema, about: str) -> pa.Schema:
    known = {column.name: column for column in contract.columns} if contract else {}
    fields = [
        field.with_metadata(
            {"unit": known[field.name].unit, "zh": known[field.name].zh, "en": known[field.name].en}
        )
        if field.name in known
        else field
        for field in schema
    ]
    return pa.schema(fields, metadata={"origin": about})
