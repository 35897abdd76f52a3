"""Matrices in text files of any size: streamed by blocks, with every fault told by row and column.

The fast path gives the text to the csv reader of Arrow, block by block, straight from the file or the zip member.
Only where that fails is the file read again line by line, to tell all that is wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from lvshu.accounts.readers.archive import BROKEN, Archive
from lvshu.core.errors import Problem

Array = NDArray[np.float64]
Label = tuple[str, ...]
_BLOCK = 1 << 22
_TOLD = 20


@dataclass(frozen=True)
class TextTable:
    """A matrix with the labels of its rows and columns.

    Attributes:
        row_names: names of the parts of a row label, where the file gives them, else "".
        rows: r labels.
        column_names: names of the parts of a column label, where the file gives them, else "".
        columns: k labels.
        values: shape (r, k), as in the file; blank cells are zero here and counted in `blanks`.
        blanks: number of cells without anything in them.
    """

    row_names: Label
    rows: tuple[Label, ...]
    column_names: Label
    columns: tuple[Label, ...]
    values: Array
    blanks: int = 0


@dataclass(frozen=True)
class Shape:
    """How a text file is laid out: columns of labels on the left, rows of labels on top, separator."""

    index_columns: int
    header_rows: int
    separator: str = "\t"


def split_line(line: bytes, separator: str) -> list[str]:
    """Return the cells of one line, quotes taken off."""
    text = line.decode("utf-8-sig", errors="replace").rstrip("\r\n")
    return next(csv.reader([text], delimiter=separator), [])


def read_text_table(archive: Archive, name: str, shape: Shape, problems: list[Problem]) -> TextTable | None:
    """Return the matrix of a member, or None where faults were added to `problems`.

    Args:
        archive: folder or zip file.
        name: the member.
        shape: its layout; where a file has one more line of row names under its header it is found.
        problems: faults are added here: missing file, rows of another width, cells that are no number.
    """
    if not archive.has(name):
        problems.append(archive.missing(name))
        return None
    with archive.open(name) as stream:
        head = [split_line(stream.readline(), shape.separator) for _ in range(shape.header_rows + 1)]
    width = len(head[0])
    if width <= shape.index_columns or any(len(line) != width for line in head[: shape.header_rows]):
        problems.append(Problem("accounts.reader_no_header", archive.where(name, 1), {"cells": width}))
        return None
    extra = len(head[-1]) >= width and not any(head[-1][shape.index_columns :]) and any(head[-1])
    skipped = shape.header_rows + int(extra)
    columns = tuple(zip(*(line[shape.index_columns :] for line in head[: shape.header_rows]), strict=True))
    names = head[-1] if extra else head[shape.header_rows - 1]
    row_names = tuple(names[: shape.index_columns])
    if not extra and shape.header_rows > 1:
        row_names = ("",) * shape.index_columns
    column_names = tuple(line[0] for line in head[: shape.header_rows])
    if shape.header_rows == 1:
        column_names = ("",)
    try:
        rows, values, blanks = _stream(archive, name, shape, width, skipped)
    except pa.ArrowInvalid as error:
        _diagnose(archive, name, shape, (columns, width, skipped, str(error)), problems)
        return None
    if not rows:
        problems.append(Problem("accounts.reader_no_rows", archive.where(name)))
        return None
    bad = _not_finite(archive, name, values, columns, skipped, problems)
    return None if bad else TextTable(row_names, rows, column_names, columns, values, blanks)


def _not_finite(
    archive: Archive,
    name: str,
    values: Array,
    columns: Sequence[Label],
    skipped: int,
    problems: list[Problem],
) -> int:
    """Return the number of cells that hold nan or infinity; the first are told."""
    if np.isfinite(values.sum()):
        return 0
    bad = np.argwhere(~np.isfinite(values))
    for row, column in bad[:_TOLD]:
        where = archive.where(name, skipped + int(row) + 1, " / ".join(columns[column]))
        told = {"text": str(values[row, column]), "count": len(bad)}
        problems.append(Problem("accounts.reader_not_a_number", where, told))
    return len(bad)


def read_bare_table(
    archive: Archive,
    name: str,
    rows: Sequence[Label],
    columns: Sequence[Label],
    problems: list[Problem],
    separator: str = "\t",
) -> tuple[Array, int] | None:
    """Return a matrix without any labels of its own and its number of blank cells; None where faults were added.

    Args:
        archive: folder or zip file.
        name: the member.
        rows: r labels, from a file of their own.
        columns: k labels, likewise.
        problems: a missing file, another number of rows or columns, cells that are no number.
        separator: between cells.
    """
    if not archive.has(name):
        problems.append(archive.missing(name))
        return None
    shape = Shape(0, 0, separator)
    try:
        _, values, blanks = _stream(archive, name, shape, len(columns), 0)
    except pa.ArrowInvalid as error:
        _diagnose(archive, name, shape, (tuple(columns), len(columns), 0, str(error)), problems)
        return None
    if len(values) != len(rows):
        told = {"found": len(values), "expected": len(rows)}
        problems.append(Problem("accounts.reader_row_count", archive.where(name), told))
        return None
    return None if _not_finite(archive, name, values, columns, 0, problems) else (values, blanks)


def _stream(
    archive: Archive, name: str, shape: Shape, width: int, skipped: int
) -> tuple[tuple[Label, ...], Array, int]:
    labels = shape.index_columns
    names = [f"c{place}" for place in range(width)]
    types = {one: pa.string() if place < labels else pa.float64() for place, one in enumerate(names)}
    square = width - labels
    values = np.empty((square, square))
    rows: list[Label] = []
    blanks = filled = 0
    with archive.open(name) as stream:
        reader = arrow_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=skipped, block_size=max(_BLOCK, width * 6000), use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=shape.separator),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, null_values=["", " "], strings_can_be_null=False
            ),
        )
        for batch in reader:
            start, stop = filled, filled + batch.num_rows
            if stop > len(values):
                values = np.concatenate([values[:start], np.empty((max(stop - start, start), square))])
            for place in range(labels, width):
                column = batch.column(place)
                if column.null_count:
                    blanks += column.null_count
                    column = column.fill_null(0.0)
                values[start:stop, place - labels] = column.to_numpy(zero_copy_only=False)
            parts = [batch.column(place).to_pylist() for place in range(labels)]
            rows.extend(zip(*parts, strict=True))
            filled = stop
    kept = values if filled == len(values) else values[:filled].copy()
    return tuple(rows), kept, blanks


def _lines(stream: IO[bytes], separator: str) -> Iterator[list[str]]:
    with io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="") as text:
        yield from csv.reader(text, delimiter=separator)


def _diagnose(
    archive: Archive,
    name: str,
    shape: Shape,
    found: tuple[tuple[Label, ...], int, int, str],
    problems: list[Problem],
) -> None:
    """Add every fault of a file to the problems, at most twenty of a kind one by one."""
    columns, width, skipped, reason = found
    narrow: list[Problem] = []
    words: list[Problem] = []
    with archive.open(name) as stream:
        try:
            for number, cells in enumerate(_lines(stream, shape.separator), start=1):
                if number <= skipped or not cells:
                    continue
                if len(cells) != width:
                    values = {"found": len(cells), "expected": width}
                    narrow.append(Problem("accounts.reader_row_width", archive.where(name, number), values))
                    continue
                words += _words(archive, name, number, cells[shape.index_columns :], columns)
        except (*BROKEN, csv.Error) as error:
            narrow.append(
                Problem("accounts.reader_broken_archive", archive.where(name), {"reason": str(error)})
            )
    for kind in (narrow, words):
        problems += kind[:_TOLD]
        if len(kind) > _TOLD:
            problems.append(
                Problem("accounts.reader_more", archive.where(name), {"count": len(kind) - _TOLD})
            )
    if not narrow and not words:
        problems.append(Problem("accounts.reader_unreadable", archive.where(name), {"reason": reason}))


def _words(
    archive: Archive, name: str, number: int, cells: list[str], columns: tuple[Label, ...]
) -> list[Problem]:
    found = []
    for place, cell in enumerate(cells):
        if not cell.strip():
            continue
        try:
            float(cell)
        except ValueError:
            where = archive.where(name, number, " / ".join(columns[place]))
            found.append(Problem("accounts.reader_not_a_number", where, {"text": cell[:40], "count": 1}))
    return found


def read_words(archive: Archive, name: str, separator: str = "\t") -> list[list[str]]:
    """Return a small member as rows of words; empty lines are left out.

    Raises:
        InputError: accounts.reader_file_missing, accounts.reader_broken_archive.
    """
    with archive.open(name) as stream:
        return [row for row in _lines(stream, separator) if any(row)]
