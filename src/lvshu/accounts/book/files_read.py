"""The files that an input table of the accounts was read from, for messages about it."""

from __future__ import annotations

from lvshu.engine.step import StepContext

NONE = {"zh": "无", "en": "none"}


def files_of(context: StepContext, table: str) -> list[str] | dict[str, str]:
    """Return the files that a table was read from, each with the areas and years of its rows; NONE where none is known.

    Args:
        context: of a step.
        table: an input table with the columns area_code and year.
    """
    engine = context.engine
    if not engine.has("input_file") or "source_file" not in engine.columns(table):
        return NONE
    rows = engine.fetch(
        "SELECT file.file, file.sheet, given.area_code, given.year FROM input_file AS file "
        f"JOIN {table} AS given ON given.source_file = file.file_number WHERE file.table_name = '{table}' "
        "GROUP BY file.file, file.sheet, given.area_code, given.year "
        "ORDER BY file.file, file.sheet, given.area_code, given.year"
    ).to_pylist()
    found = [
        f"{row['file']}{'#' + row['sheet'] if row['sheet'] else ''} ({row['area_code']}, {row['year']})"
        for row in rows
    ]
    return found or NONE
