"""Columns of a user's table by the headings that the user names: numbers with gaps, or labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file
from lvshu.intake.columns_fast import whole_columns
from lvshu.intake.grid import Grid
from lvshu.intake.layouts.published import is_absent
from lvshu.intake.text import heading_key
from lvshu.intake.tidy import grids_of, heading_of, no_column

NUMBER, LABEL, TEXT = "number", "label", "text"


@dataclass(frozen=True)
class ColumnTable:
    """Columns of a table.

    Attributes:
        numbers: by heading, one value a record; NaN where the cell is empty.
        labels: by heading, one text a record; "" where an empty cell is allowed ("text").
        rows: row of each record as its user counts, from 1.
        headings: all headings of the table, in order.
        origin: the file with its hash.
    """

    numbers: Mapping[str, list[float]]
    labels: Mapping[str, list[str]]
    rows: tuple[int, ...]
    headings: tuple[str, ...]
    origin: Origin


def read_columns(
    path: Path, wanted: Mapping[str, str], *, sheet: str = "",
    also: Callable[[ColumnTable], list[Problem]] | None = None,
) -> ColumnTable:  # fmt: skip
    """Return the columns wanted of the first sheet that has them, or of the sheet named.

    Args:
        path: csv, xlsx or parquet; titles may stand above the heading.
        wanted: heading to kind: "number", "label" (never empty) or "text" (may be empty); a heading may be asked for as
            a number under `heading` and as a label under `heading` with a leading "=".
        sheet: name of a sheet; "" for the first one with the headings.
        also: what else is wrong with a table of which some cells are no numbers (zeros stand in for these).

    Raises:
        InputError: no file, no such sheet, headings that are missing (with those near), cells that are no numbers,
            labels that are empty; all at once.
    """
    plain = None if sheet else whole_columns(path, wanted)
    if plain is not None:
        numbers, labels, headings = plain
        count = max([len(one) for one in numbers.values()] + [len(one) for one in labels.values()])
        origin = Origin(file=path.name, sha256=sha256_of_file(path))
        return ColumnTable(numbers, labels, tuple(range(2, count + 2)), headings, origin)
    first: list[Problem] | None = None
    seen: list[str] = []
    for grid in grids_of(path):
        seen.append(grid.sheet or "")
        if sheet and grid.sheet != sheet:
            continue
        heading = heading_of(grid, partial(_places, grid, wanted=wanted))
        if heading is None:
            continue
        found = _places(grid, heading, wanted)
        if not found.problems:
            return _read(path, grid, heading, found.columns, wanted, also)
        first = first or found.problems
    if first is None and sheet and seen:
        known = ", ".join(name for name in seen if name) or "–"
        raise InputError(
            Problem("estimate.no_sheet", Where(file=path.name), {"sheet": sheet, "known": known})
        )
    raise InputError(*(first or [Problem("intake.empty_file", Where(file=path.name))]))


@dataclass(frozen=True)
class _Places:
    """The column of each heading wanted, and the problems of those that a row does not have."""

    columns: dict[str, int]
    problems: list[Problem]


def _places(grid: Grid, heading: int, wanted: Mapping[str, str]) -> _Places:
    """Return the column of each heading wanted: the very text first, else the same but for spaces and case."""
    texts = {grid.text(heading, column): column for column in range(grid.width - 1, -1, -1)}
    keys = {heading_key(text): column for text, column in reversed(texts.items())}
    found = {}
    for name in wanted:
        column = texts.get(name.lstrip("="), keys.get(heading_key(name.lstrip("="))))
        if column is not None:
            found[name] = column
    lacking = dict.fromkeys(name.lstrip("=") for name in wanted if name not in found)
    return _Places(found, [no_column(grid, heading, name) for name in lacking])


def _read(
    path: Path, grid: Grid, heading: int, places: Mapping[str, int], wanted: Mapping[str, str],
    also: Callable[[ColumnTable], list[Problem]] | None,
) -> ColumnTable:  # fmt: skip
    rows = [row for row in range(heading + 1, grid.height) if any(grid.row_texts(row))]
    problems: list[Problem] = []
    numbers: dict[str, list[float]] = {}
    labels: dict[str, list[str]] = {}
    if not rows:
        problems.append(Problem("intake.tidy_no_records", grid.where(heading)))
    for name, column in places.items():
        if wanted[name] != NUMBER:
            texts = [grid.text(row, column) for row in rows]
            labels[name.lstrip("=")] = texts
            problems += [
                Problem("intake.tidy_empty", grid.where(row, column), {"column": name.lstrip("=")})
                for row, text in zip(rows, texts, strict=True)
                if not text and wanted[name] == LABEL
            ]
            continue
        values: list[float] = []
        for row in rows:
            text = grid.text(row, column)
            if is_absent(text):
                values.append(float("nan"))
                continue
            number = grid.number(row, column)
            if number is None or not number.is_finite():
                told = {"column": name, "text": text[:60]}
                problems.append(Problem("intake.tidy_no_number", grid.where(row, column), told))
                number = None
            values.append(0.0 if number is None else float(number))
        numbers[name] = values
    headings = tuple(text for text in grid.row_texts(heading) if text)
    origin = Origin(file=path.name, sha256=sha256_of_file(path))
    table = ColumnTable(numbers, labels, tuple(row + 1 for row in rows), headings, origin)
    if problems:
        raise InputError(*problems, *(also(table) if also is not None else ()))
    return table
