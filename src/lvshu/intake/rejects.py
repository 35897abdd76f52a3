"""The rejects files: what a person has to correct, with reason and remedy beside each row, ready to be fed back.

`rejects/<table>.csv` (UTF-8 with byte order mark, so that spreadsheets show Chinese) has four columns of its
own and then the original headings. Where source files name one column differently (合同金额（万元） here,
合同金额（元） there) their rows cannot share a heading: the others go to `<table>.2.csv`, `<table>.3.csv` and so on.
Correct the rows, save each file into inputs as `<table>.corrected.csv`, `<table>.2.corrected.csv` (or .xlsx): each
row replaces the one it came from; the refused one stays in quarantine as replaced.
Rows replaced by a correction and identical copies need no correction and are left out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.contract import TableContract
from lvshu.core.spreadsheet import harmless
from lvshu.core.units import parse_header_unit
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.heading import heading_keys, names_of
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.intake.text import fold, literal

HEADINGS = ("来源文件 source_file", "来源行号 source_row", "原因 reason", "办法 remedy")
RAGGED = "intake.ragged_row"
Source = tuple[str, str]
"""File and sheet."""


@dataclass
class _Group:
    """Source files whose rows can stand under one line of headings, and these headings in order."""

    sources: set[Source] = field(default_factory=set)
    headings: dict[str, None] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def takes(self, columns: Mapping[str, str]) -> bool:
        return all(self.columns.get(column, heading) == heading for column, heading in columns.items())


def write_rejects(
    engine: DuckDB, folder: Path, contracts: Mapping[str, TableContract], *, language: str = "zh"
) -> tuple[Path, ...]:
    """Return the rejects files that were written: for each table with rows to correct, one for each set of headings.

    Files left from an earlier run that are not written again are removed.

    Args:
        engine: the book with its quarantine.
        folder: where the files go; made when absent.
        contracts: the input tables, by name.
        language: of reasons and remedies, "zh" or "en".

    Raises:
        OSError: a file cannot be written.
    """
    written: list[Path] = []
    for table in sorted(contracts):
        groups = _groups(engine, contracts[table]) if engine.has("quarantine") else []
        for number, group in enumerate(groups, start=1):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / (f"{table}.csv" if number == 1 else f"{table}.{number}.csv")
            with path.open("w", encoding="utf-8-sig", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow([*HEADINGS, *map(harmless, group.headings)])
                for source, place, told, record in _rows(engine, table, language):
                    if source in group.sources:
                        cells = (harmless(record.get(name, "")) for name in group.headings)
                        writer.writerow([*place, *told, *cells])
            written.append(path)
        for path in (folder / f"{table}.csv", *folder.glob(f"{table}.*.csv")):
            number_text = path.name.removeprefix(f"{table}.").removesuffix("csv").removesuffix(".")
            if path not in written and (number_text == "" or number_text.isdecimal()):
                path.unlink(missing_ok=True)
    return tuple(written)


def count_rejects(engine: DuckDB) -> int:
    """Return how many records of all tables wait for a correction: those that the rejects files hold."""
    if not engine.has("quarantine"):
        return 0
    rows = engine.execute(
        "SELECT count(*) FROM (SELECT DISTINCT table_name, file, sheet, row_number FROM quarantine "
        f"WHERE {_UNRESOLVED})"
    )
    return int(rows[0][0])


def rejects_by_table(engine: DuckDB) -> dict[str, int]:
    """Return how many records of each table wait for a correction; a table without any is not there."""
    rows = engine.execute(
        "SELECT table_name, count(*) FROM (SELECT DISTINCT table_name, file, sheet, row_number FROM quarantine "
        f"WHERE {_UNRESOLVED}) AS waiting GROUP BY table_name ORDER BY table_name"
    )
    return {str(table): int(count) for table, count in rows}


_UNRESOLVED = f"code NOT IN ({', '.join(literal(code) for code in sorted(UNRESOLVED_EXCEPT))})"


def _condition(table: str) -> str:
    return f"table_name = {literal(table)} AND {_UNRESOLVED}"


def _groups(engine: DuckDB, contract: TableContract) -> list[_Group]:
    """Return the sets of headings of a table's rejects files, in reading order; every source file is in one.

    A record of the wrong number of cells has no headings of its own and goes with the other rows of its file.
    """
    rows = engine.execute(
        f"SELECT file, coalesce(sheet, ''), code = {literal(RAGGED)}, arg_min(raw_record, row_number) "
        f"FROM quarantine WHERE {_condition(contract.name)} GROUP BY 1, 2, 3 ORDER BY 3, 1, 2"
    )
    known = names_of(contract)
    groups: list[_Group] = []
    for file, sheet, _, raw in rows:
        source = (str(file), str(sheet))
        headings = [name for name in json.loads(raw) if name not in HEADINGS]
        mapped = _mapped(engine, contract.name, source)
        columns = {column: name for name in headings if (column := _column_of(name, mapped, known))}
        columns |= {column: text for text, column in mapped.items() if text.startswith("= ")}
        group = next((one for one in groups if source in one.sources), None)
        group = group or next((one for one in groups if one.takes(columns)), None)
        if group is None:
            group = _Group()
            groups.append(group)
        group.sources.add(source)
        group.headings.update(dict.fromkeys(headings))
        group.columns.update(columns)
    return groups


def _mapped(engine: DuckDB, table: str, source: Source) -> dict[str, str]:
    """Return the columns that a file's headings were read as, by heading; a constant as “= value”."""
    rows = engine.execute(
        "SELECT header, column_name FROM input_column WHERE column_name IS NOT NULL "
        f"AND table_name = {literal(table)} AND file = {literal(source[0])} "
        f"AND coalesce(sheet, '') = {literal(source[1])}"
    )
    return {str(heading): str(column) for heading, column in rows}


def _column_of(name: str, mapped: Mapping[str, str], known: Mapping[str, str]) -> str | None:
    """Return the column of a heading of a rejects file: as its source was read, else by its name."""
    bare = parse_header_unit(name)[0]
    for heading, column in mapped.items():
        if heading == name or fold(heading) == bare:
            return column
    return next((known[key] for key in heading_keys(name) if key in known), None)


def _rows(
    engine: DuckDB, table: str, language: str
) -> Iterator[tuple[Source, tuple[str, int], tuple[str, str], Mapping[str, str]]]:
    """Yield (source, file and row, reasons and remedies, record) of each row to correct, in reading order."""
    rows = engine.execute(
        f"SELECT file, coalesce(sheet, ''), row_number, raw_record, "
        f"list(DISTINCT struct_pack(reason := reason_{language}, remedy := remedy_{language})) "
        f"FROM quarantine WHERE {_condition(table)} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3"
    )
    for file, sheet, row, record, told in rows:
        label = f"{file}#{sheet}" if sheet else str(file)
        yield (str(file), str(sheet)), (label, int(row)), _told(told), json.loads(record)


def _told(pairs: Iterable[Mapping[str, str | None]]) -> tuple[str, str]:
    """Return reasons and remedies of a row, each remedy at its reason's place; numbered where there are several."""
    listed = sorted((str(one["reason"]), str(one["remedy"] or "")) for one in pairs)
    if len(listed) == 1:
        return listed[0]
    signed = [
        (f"{at}) {reason}", f"{at}) {remedy}" if remedy else "")
        for at, (reason, remedy) in enumerate(listed, 1)
    ]
    return " | ".join(reason for reason, _ in signed), " | ".join(remedy for _, remedy in signed if remedy)
