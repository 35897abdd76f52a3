"""Packs in a book: as tables that queries read, and as the list of what was used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from lvshu.catalog.pack_library import Pack, PackLibrary
from lvshu.contract import load
from lvshu.core.errors import PackError, Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.identity import pack_hash

_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "unit": pa.string(),
    "date": pa.date32(),
    "year": pa.int32(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(38, 12),
    "boolean": pa.bool_(),
}


def pack_table(pack: Pack) -> pa.Table:
    """Return a pack's rows as an Arrow table, in the file's order; decimals as DECIMAL(38,12)."""
    columns = {
        column.name: pa.array([row[column.name] for row in pack.rows], type=_TYPES[column.type])
        for column in pack.card.columns
    }
    return pa.table(columns)


def load_packs(engine: DuckDB, library: PackLibrary, ids: Iterable[str]) -> None:
    """Put packs into the book as tables `pack_<id>`.

    Raises:
        PackError: packs are unknown or broken (all of them).
    """
    problems: list[Problem] = []
    for pack_id in sorted(set(ids)):
        try:
            engine.load_rows(f"pack_{pack_id}", pack_table(library[pack_id]))
        except PackError as error:
            problems.extend(error.problems)
    if problems:
        raise PackError(*problems)


EDITIONS = "green_catalogue"


def date_warnings(library: PackLibrary, ids: Iterable[str], day: date) -> list[Problem]:
    """Return a warning for each pack that is not in force on a day.

    Editions of green catalogues are read side by side, each for the loans of its own time: they are not warned of.
    """
    asked = (library[pack_id] for pack_id in sorted(set(ids)))
    warnings = (pack.on(day) for pack in asked if pack.card.kind != EDITIONS)
    return [warning for warning in warnings if warning is not None]


def record_packs(engine: DuckDB, library: PackLibrary, ids: Iterable[str]) -> None:
    """Write the packs of a run to the table `pack_used`."""
    contract = load("pack_used")
    for pack_id in sorted(set(ids)):
        pack = library[pack_id]
        card = pack.card
        row = {
            "pack": pack_id,
            "zh": card.zh,
            "en": card.en,
            "issuer": card.issuer,
            "document_number": card.document_number,
            "clause": card.clause,
            "effective_from": card.effective_from and card.effective_from.isoformat(),
            "effective_to": card.effective_to and card.effective_to.isoformat(),
            "licence": card.licence,
            "source": card.source,
            "completeness": card.completeness,
            "note_zh": card.completeness_note_zh,
            "note_en": card.completeness_note_en,
            "sha256": pack_hash(library, pack_id),
            "user_supplied": pack.origin == "user",
        }
        engine.append(contract, {name: [value] for name, value in row.items()})
