"""Small tables of records that a question is asked with: read whole, every fault told at once.

Unlike the tables of a book they have no contract: the caller says which columns it wants. Headings are matched in
Chinese and English; a unit may stand in the heading, 数量(万吨), or in a column of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pyarrow.parquet as pq

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.core.units import factor, find_unit, meant, parse_header_unit, unit
from lvshu.intake.delimited import read_grid as read_text_grid
from lvshu.intake.encoding import scan_text
from lvshu.intake.grid import Grid
from lvshu.intake.heading_guess import ROWS, likely_heading
from lvshu.intake.layouts.published import is_absent
from lvshu.intake.text import heading_key, nearest
from lvshu.intake.workbook import ENDINGS, read_grid, visible_sheets

TEXT, NUMBER, YEAR = "text", "number", "year"
SHOWN = 20
"""Headings that a message shows."""


class _Matched(Protocol):
    """What a row taken for the heading finds."""

    @property
    def columns(self) -> Mapping[str, int]: ...

    @property
    def problems(self) -> Sequence[Problem]: ...


@dataclass(frozen=True)
class Field:
    """A column that is wanted.

    Attributes:
        name: its name in the records.
        words: headings that mean it, besides the name itself.
        kind: "text", "number" or "year".
        optional: whether the table may do without it; a record then has None.
        unit: symbol in which numbers are wanted, "" where they have none. The unit in the heading, or in the record's
            own column `unit`, is converted; another dimension is refused.
        blank: whether a cell of a column that is needed may be empty all the same; a record then has None.
    """

    name: str
    words: tuple[str, ...] = ()
    kind: str = TEXT
    optional: bool = False
    unit: str = ""
    blank: bool = False


@dataclass(frozen=True)
class TidyTable:
    """Records, each with its row in the file.

    Attributes:
        records: by field name; numbers as Decimal, absent ones None.
        rows: row of each record as its user counts, from 1.
        other: headings that no field means, in order; their cells stand in the records under the heading.
        origin: the file with its hash.
    """

    records: tuple[Mapping[str, Any], ...]
    rows: tuple[int, ...]
    other: tuple[str, ...]
    origin: Origin


@dataclass
class _Reading:
    grid: Grid
    columns: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def grids_of(path: Path) -> Iterator[Grid]:
    """Return the sheets of a csv, xlsx or parquet file as grids, one after another.

    Raises:
        InputError: the file is not there or cannot be read.
    """
    if not path.is_file():
        raise InputError(Problem("intake.tidy_not_found", Where(file=str(path))))
    ending = path.suffix.lower()
    if ending in ENDINGS:
        for sheet in visible_sheets(path):
            yield read_grid(path, sheet)
    elif ending in (".parquet", ".pq"):
        table = pq.read_table(path)
        rows = [list(table.column_names), *([*row.values()] for row in table.to_pylist())]
        yield Grid.of(rows, file=path.name)
    else:
        encoding = scan_text(path).encoding
        with path.open("r", encoding=encoding) as stream:
            first = stream.readline()
        delimiter = max(",;\t", key=first.count)
        yield read_text_grid(path, encoding=encoding, delimiter=delimiter)


def read_tidy(path: Path, fields: Sequence[Field]) -> TidyTable:
    """Return the records of a small table: its first sheet that has a heading row with the fields that are needed.

    Args:
        path: csv, xlsx or parquet; titles may stand above the heading.
        fields: the columns wanted.

    Raises:
        InputError: columns that are missing (with those near), cells that are no numbers, units of another dimension,
            units that are unknown; all at once.
    """
    first: _Reading | None = None
    for grid in grids_of(path):
        heading = heading_of(grid, partial(_matched, grid, fields=fields))
        if heading is None:
            continue
        reading = _matched(grid, heading, fields)
        if not reading.problems:
            return _records(path, reading, heading, fields)
        first = first or reading
    if first is None:
        raise InputError(Problem("intake.empty_file", Where(file=path.name)))
    raise InputError(*first.problems)


def _matched(grid: Grid, heading: int, fields: Sequence[Field]) -> _Reading:
    reading = _Reading(grid)
    known = {heading_key(word): one.name for one in fields for word in (one.name, *one.words)}
    known |= {heading_key(one.name.replace("_", " ")): one.name for one in fields}
    for column in range(grid.width):
        text = grid.text(heading, column)
        name, unit = parse_header_unit(text)
        found = known.get(heading_key(text)) or known.get(heading_key(name))
        if found and found not in reading.columns:
            reading.columns[found] = column
            if unit:
                reading.units[found] = unit
    for one in fields:
        if not one.optional and one.name not in reading.columns:
            reading.problems.append(no_column(grid, heading, one.name, one.words))
    return reading


def heading_of(grid: Grid, matched: Callable[[int], _Matched]) -> int | None:
    """Return the zero-based row of a table's heading; None for an empty sheet.

    It is the first that has all columns wanted, else the one that has most of them, else the one that looks like a
    heading, else the first that is not empty.

    Args:
        grid: a sheet.
        matched: what a row taken for the heading finds, with the problems of it.
    """
    filled = [row for row in range(min(grid.height, ROWS)) if any(grid.row_texts(row))]
    if not filled:
        return next((row for row in range(grid.height) if any(grid.row_texts(row))), None)
    found = {row: matched(row) for row in filled}
    for row, one in found.items():
        if not one.problems:
            return row
    best = max(filled, key=lambda row: (len(found[row].columns), -row))
    if found[best].columns:
        return best
    likely = likely_heading([grid.row_texts(row) for row in range(min(grid.height, ROWS))])
    return filled[0] if likely is None else likely


def no_column(grid: Grid, heading: int, name: str, words: Sequence[str] = ()) -> Problem:
    """Return the problem of a column that a table lacks, with its other names and the heading nearest to it."""
    texts = [text for text in grid.row_texts(heading) if text]
    others = [word for word in words if heading_key(word) != heading_key(name)]
    near = nearest(name, texts) or tuple(text for text in texts if _begins(text, name))[:1]
    also = (
        {"zh": f"（也可写作 {'、'.join(others)}）", "en": f" (also known as {', '.join(others)})"}
        if others
        else ""
    )
    told = {"zh": f"；最接近的是“{near[0]}”", "en": f"; nearest: “{near[0]}”"} if near else ""
    values = {"column": name, "words": also, "found": texts[:SHOWN], "near": told}
    return Problem("intake.tidy_no_column", grid.where(heading), values)


def _begins(text: str, name: str) -> bool:
    """Return whether one of two headings is the beginning of the other."""
    one, other = heading_key(text), heading_key(name)
    return min(len(one), len(other)) > 1 and (one.startswith(other) or other.startswith(one))


def _records(path: Path, reading: _Reading, heading: int, fields: Sequence[Field]) -> TidyTable:
    grid = reading.grid
    taken = set(reading.columns.values())
    others = {column: grid.text(heading, column) for column in range(grid.width)
              if column not in taken and grid.text(heading, column)}  # fmt: skip
    records, rows = [], []
    for row in range(heading + 1, grid.height):
        if not any(grid.row_texts(row)):
            continue
        record: dict[str, Any] = {name: grid.text(row, column) for column, name in others.items()}
        record |= {one.name: _cell(reading, row, one) for one in fields}
        records.append(record)
        rows.append(row + 1)
    if not records and not reading.problems:
        reading.problems.append(Problem("intake.tidy_no_records", grid.where(heading)))
    if reading.problems:
        raise InputError(*reading.problems)
    origin = Origin(file=path.name, sha256=sha256_of_file(path))
    return TidyTable(tuple(records), tuple(rows), tuple(others.values()), origin)


def _cell(reading: _Reading, row: int, one: Field) -> Any:
    grid, column = reading.grid, reading.columns.get(one.name)
    if column is None:
        return None
    text = grid.text(row, column)
    where = grid.where(row, column)
    if is_absent(text):
        if not one.optional and not one.blank:
            reading.problems.append(Problem("intake.tidy_empty", where, {"column": one.name}))
        return None
    if one.kind == TEXT:
        return text
    number = grid.number(row, column)
    if number is None or not number.is_finite():
        reading.problems.append(Problem("intake.tidy_no_number", where, {"column": one.name, "text": text}))
        return None
    if one.kind == YEAR:
        if number != number.to_integral_value():
            reading.problems.append(
                Problem("intake.tidy_no_number", where, {"column": one.name, "text": text})
            )
            return None
        return int(number)
    return _converted(reading, row, one, number)


def _converted(reading: _Reading, row: int, one: Field, number: Decimal) -> Decimal | None:
    grid = reading.grid
    own = grid.text(row, reading.columns["unit"]) if "unit" in reading.columns else ""
    stated = own or reading.units.get(one.name, "")
    if not one.unit or not stated:
        if one.unit and one.unit != "1":
            values = {"column": one.name, "unit": one.unit}
            reading.problems.append(
                Problem("intake.tidy_no_unit", grid.where(row, reading.columns[one.name]), values)
            )
        return number
    known = find_unit(stated)
    wanted = find_unit(one.unit)
    if known is not None and wanted is not None:
        known = unit(meant(known.symbol, wanted.symbol))
    if known is None or wanted is None or known.dimension != wanted.dimension:
        values = {"column": one.name, "unit": stated, "wanted": one.unit}
        reading.problems.append(Problem("intake.tidy_wrong_unit", grid.where(row), values))
        return None
    return number * factor(known.symbol, wanted.symbol)
