"""Columns that no contract knows ride along: their cells go to `input_extra`, with the key of their record."""

from __future__ import annotations

from lvshu.contract import TableContract, load
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.reading import Reading, unknown_headings
from lvshu.intake.text import literal, quoted

TABLE = "input_extra"
ASIDE = "intake_extra_aside"


def set_aside_extras(engine: DuckDB, staging: str, reading: Reading, contract: TableContract) -> None:
    """Keep the cells of columns that nobody knows while their rows are judged. Published layouts have none.

    Of a table that holds hashes in place of identifiers nothing unknown is kept: it may be an identifier in clear.

    Args:
        engine: the book being written.
        staging: the file as read, row_number and one column for each heading.
        reading: the file with its headings.
        contract: of the table that the file belongs to.
    """
    engine.execute(
        f"CREATE TABLE IF NOT EXISTS {ASIDE} "
        "(source_file INTEGER, source_row BIGINT, column_name VARCHAR, value VARCHAR)"
    )
    if reading.layout or contract.hashed:
        return
    for heading in unknown_headings(reading.match, contract):
        cell = quoted(f"h{heading.index}")
        engine.execute(
            f"INSERT INTO {ASIDE} SELECT {reading.number}, row_number, {literal(heading.text)}, {cell} "
            f"FROM {quoted(staging)} WHERE {cell} IS NOT NULL AND {cell} <> ''"
        )


def keep_extras(engine: DuckDB, contract: TableContract) -> None:
    """Write the cells of the rows that were kept to `input_extra`, and forget the others."""
    if not engine.has(ASIDE):
        return
    names = ", ".join(f"CAST(kept.{quoted(name)} AS VARCHAR)" for name in contract.key)
    key = f"concat_ws('|', {names})" if names else "CAST(NULL AS VARCHAR)"
    listed = ", ".join(quoted(name) for name in load(TABLE).column_names)
    engine.execute(
        f"INSERT INTO {TABLE} ({listed}) SELECT {literal(contract.name)}, {key}, aside.column_name, aside.value, "
        f"aside.source_file, aside.source_row FROM {ASIDE} AS aside JOIN {quoted(contract.name)} AS kept "
        "ON kept.source_file = aside.source_file AND kept.source_row = aside.source_row"
    )
    engine.drop(ASIDE)
