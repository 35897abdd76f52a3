"""Writes the SDMX files of a table: structure, data as CSV and data as XML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.core.errors import ConfigError, InputError, Problem, Where
from lvshu.publish.origins import citation
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.sdmx.structure import IDENTIFIER, TIME, WHOLE, Part, TableStructure, structure_of
from lvshu.publish.tables import batches
from lvshu.publish.texts import contract_of

VERSION = "1.0"
AGENCY = "LVSHU"


def write_sdmx_table(
    book: BookLike, table: str, folder: Path, *, agency: str = AGENCY, language: str = "en"
) -> list[Path]:
    """Write a table as `<table>.structure.xml`, `<table>.sdmx.csv` and `<table>.sdmx.xml`; return their paths.

    Decimals are written as they stand in the book, digit by digit. A missing value has no figure.

    Args:
        book: the book.
        table: a table that has a contract and a key.
        folder: where to write.
        agency: id of the agency that maintains the structure.
        language: of the citation.

    Raises:
        ConfigError: sdmx.extra_missing; sdmx.bad_agency.
        InputError: sdmx.no_structure: the table has no contract, no key or no figure.
        OSError: a file cannot be written.

    Source: SDMX 3.0: SDMX-ML structure and structure-specific data; SDMX-CSV 2.0 field guide.
    """
    library = _library()
    if not IDENTIFIER.fullmatch(agency.replace(".", "")):
        raise ConfigError(Problem("sdmx.bad_agency", values={"agency": agency}))
    contract = contract_of(table)
    rows = [row for batch in batches(book, table) for row in batch]
    columns = list(book.columns(table))
    if contract is None or not contract.key or not set(contract.key) <= set(columns):
        raise InputError(Problem("sdmx.no_structure", Where(file=table), {"table": table}))
    structure = structure_of(contract, columns, {name: [row[name] for row in rows] for name in columns})
    if not any(part.role == "measure" for part in structure.parts):
        raise InputError(Problem("sdmx.no_structure", Where(file=table), {"table": table}))
    reader = Reader(book)
    shared = {
        "BOOK_SOURCE": citation(reader).of(language),
        "BOOK_RUN": str(book.run["run_id"]),
        "BOOK_FICTIVE": "true" if reader.settings.synthetic else "false",
    }
    written = [folder / f"{table}.structure.xml", folder / f"{table}.sdmx.csv", folder / f"{table}.sdmx.xml"]
    written[0].write_text(library.structure_message(structure, agency), encoding="utf-8")
    frame = data_of(structure, rows, int(reader.settings.year))
    for path, message in ((written[1], library.csv_message), (written[2], library.xml_message)):
        path.write_text(message(structure, agency, frame, shared), encoding="utf-8", newline="\n")
    return written


def _library() -> Any:
    try:
        from lvshu.publish.sdmx import messages
    except ImportError as error:
        raise ConfigError(Problem("sdmx.extra_missing", values={"reason": str(error)})) from error
    return messages


def data_of(
    structure: TableStructure, rows: Sequence[dict[str, Any]], year: int
) -> dict[str, list[str | None]]:
    """Return the data column by column, as texts; the book's year where the table has no time of its own."""
    own = [part for part in structure.parts if part.id not in WHOLE]
    return {part.id: [_text(part, row, year) for row in rows] for part in own}


def _text(part: Part, row: dict[str, Any], year: int) -> str | None:
    value = row[part.column] if part.column else year
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return None if value != value else repr(value)
    text = str(value)
    return _period(text) if part.id == TIME else text


def _period(text: str) -> str:
    """Return a quarter as SDMX writes it (2025-Q1); months, days and years are written alike."""
    head, sign, tail = text.upper().replace("Q", "-Q").replace("--", "-").partition("-Q")
    return f"{head}-Q{tail}" if sign else text
