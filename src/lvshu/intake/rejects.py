"""The rejects file: what a person has to correct, with reason and remedy beside each row, ready to be fed back.

`rejects/<table>.csv` (UTF-8 with byte order mark, so that spreadsheets show Chinese) has four columns of its
own and then the original headings. Correct the rows, save the file into inputs as `<table>.corrected.csv`
(or .xlsx): each row replaces the one it came from; the refused one stays in quarantine as replaced.
Rows replaced by a correction and identical copies need no correction and are left out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lvshu.engine.duckdb import DuckDB
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.intake.text import literal

HEADINGS = ("来源文件 source_file", "来源行号 source_row", "原因 reason", "办法 remedy")


def write_rejects(
    engine: DuckDB, folder: Path, tables: Iterable[str], *, language: str = "zh"
) -> tuple[Path, ...]:
    """Return the rejects files that were written: one for each table with rows to correct.

    A file left from an earlier run for a table without such rows is removed.

    Args:
        engine: the book with its quarantine.
        folder: where the files go; made when absent.
        tables: names of the input tables.
        language: of reasons and remedies, "zh" or "en".

    Raises:
        OSError: a file cannot be written.
    """
    written = []
    for table in sorted(tables):
        path = folder / f"{table}.csv"
        headings = _headings(engine, table) if engine.has("quarantine") else []
        if not headings:
            path.unlink(missing_ok=True)
            continue
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([*HEADINGS, *headings])
            for place, told, record in _rows(engine, table, language):
                writer.writerow([*place, *told, *(record.get(name, "") for name in headings)])
        written.append(path)
    return tuple(written)


def _condition(table: str) -> str:
    resolved = ", ".join(literal(code) for code in sorted(UNRESOLVED_EXCEPT))
    return f"table_name = {literal(table)} AND code NOT IN ({resolved})"


def _headings(engine: DuckDB, table: str) -> list[str]:
    rows = engine.execute(
        "SELECT raw_record, min(file), min(row_number) FROM (SELECT arg_min(raw_record, row_number) AS raw_record, "
        f"file, min(row_number) AS row_number FROM quarantine WHERE {_condition(table)} GROUP BY file, sheet) "
        "GROUP BY 1 ORDER BY 2, 3"
    )
    found: dict[str, None] = {}
    for record, *_ in rows:
        found.update(dict.fromkeys(json.loads(record)))
    for own in HEADINGS:
        found.pop(own, None)
    return list(found)


def _rows(
    engine: DuckDB, table: str, language: str
) -> Iterator[tuple[tuple[str, int], tuple[str, str], Mapping[str, str]]]:
    """Yield (file and row, reasons and remedies, record) of each row to correct, in reading order."""
    rows = engine.execute(
        f"SELECT file, coalesce(sheet, ''), row_number, raw_record, "
        f"string_agg(DISTINCT reason_{language}, ' | ' ORDER BY reason_{language}), "
        f"string_agg(DISTINCT remedy_{language}, ' | ' ORDER BY remedy_{language}) "
        f"FROM quarantine WHERE {_condition(table)} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3"
    )
    for file, sheet, row, record, reasons, remedies in rows:
        label = f"{file}#{sheet}" if sheet else str(file)
        yield (label, int(row)), (str(reasons), str(remedies)), json.loads(record)
