"""Delimited text (csv, tsv): finding the delimiter, looking at the first records, streaming all of them.

A row number counts records as a spreadsheet does: the first record of the file is row 1, a quoted line
break does not start a new row, an empty line does.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.grid import Grid
from lvshu.intake.text import NOTE_START, fold
from lvshu.intake.total_words import says_total

DELIMITERS = (",", "\t", ";", "|")
ENDINGS = frozenset({".csv", ".tsv", ".txt"})
SAMPLE_RECORDS = 60
LONGEST_CELL = 131_072
"""Characters of the longest cell that is read, four times what a spreadsheet can hold (32,767)."""
_BLOCK = 8 << 20
_WINDOW = _BLOCK // 4
_LARGEST_BLOCK = 1 << 30
_CELL_LIMIT = 64 << 20
"""Characters at which a cell is no longer looked at: a quotation mark that is not closed."""
_SHOWN = 200


@dataclass(frozen=True)
class Ragged:
    """A record that is not read: its number of cells differs from the heading's, or a cell of it is too long.

    place, length: of the cell that is too long, its zero-based column and its characters; length 0 where none is.
    """

    row: int
    cells: int
    expected: int
    text: str
    place: int = 0
    length: int = 0


@dataclass(frozen=True)
class Sample:
    """The first records of a file, and the line on which each of them ends (1 = first line)."""

    records: tuple[tuple[str, ...], ...]
    last_lines: tuple[int, ...]
    delimiter: str


def _reader(lines: Iterable[str], delimiter: str) -> Any:
    """Return the records of a csv; cells may be longer than the 131,072 characters that Python allows of itself."""
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_LIMIT))
    return csv.reader(lines, delimiter=delimiter)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[tuple[str, ...], int]]:
    with path.open("r", encoding=encoding, newline="") as stream:
        reader = _reader(stream, delimiter)
        for number, record in enumerate(itertools.islice(reader, SAMPLE_RECORDS), start=1):
            for cell in record:
                if len(cell) > LONGEST_CELL and "\n" in cell:
                    raise InputError(_unclosed(path, number, len(cell)))
            yield tuple(record), reader.line_num


def _consistency(records: Sequence[tuple[str, ...]]) -> tuple[int, int]:
    """Return how well a delimiter fits: number of records with the commonest width above 1, that width."""
    widths = [len(record) for record in records if len(record) > 1]
    if not widths:
        return 0, 1
    common = max(set(widths), key=lambda width: (widths.count(width), width))
    return widths.count(common), common


def read_sample(
    path: Path,
    *,
    encoding: str,
    delimiter: str | None = None,
    judge: Callable[[Sequence[Sequence[str]]], int] | None = None,
) -> Sample:
    """Return the first records under a delimiter, or under the one that fits best.

    Args:
        path: the file.
        encoding: its Python codec.
        delimiter: the delimiter, where it is known.
        judge: says how good the records look under a delimiter; ties go to the one that gives the
            most records of one width.

    Raises:
        InputError: a record is larger than any table's (an unclosed quotation mark).
    """
    best: Sample | None = None
    best_score = (-1, -1, -1)
    for candidate in (delimiter,) if delimiter else DELIMITERS:
        try:
            pairs = list(_records(path, encoding, candidate))
        except csv.Error as error:
            raise InputError(_broken(path, str(error))) from error
        sample = Sample(tuple(record for record, _ in pairs), tuple(line for _, line in pairs), candidate)
        score = (judge(sample.records) if judge else 0, *_consistency(sample.records))
        if score > best_score:
            best, best_score = sample, score
    return best if best is not None else Sample((), (), ",")


def _broken(path: Path, reason: str) -> Problem:
    return Problem("intake.csv_broken", Where(file=path.name), {"reason": reason})


def _unclosed(path: Path, row: int, length: int) -> Problem:
    reason = {
        "zh": f"一个单元格有 {length} 个字符，其中有换行",
        "en": f"a cell of {length} characters with line breaks in it",
    }
    return Problem("intake.csv_broken", Where(file=path.name, row=row), {"reason": reason})


def stream_records(
    path: Path,
    *,
    encoding: str,
    delimiter: str,
    skip_lines: int,
    first_row: int,
    width: int,
    on_ragged: Callable[[Ragged], None],
) -> Iterator[pa.Table]:
    """Return the records below the heading in batches, all cells as text.

    Args:
        path: the file.
        encoding: its Python codec.
        delimiter: one character.
        skip_lines: lines of text up to and including the heading.
        first_row, width: row number of the first record after them; number of columns.
        on_ragged: called for each record of another width, unless the cells that are too many are empty, and for
            each with a cell of more than LONGEST_CELL characters.

    Returns:
        Tables with columns `row_number` (int64) and h0, h1, … (string, "" when empty).

    Raises:
        InputError: the text is not well-formed csv.
    """
    names = [f"h{index}" for index in range(width)]
    ragged: deque[Ragged] = deque()

    def keep(record: arrow_csv.InvalidRow) -> str:
        row = first_row + record.number - skip_lines - 1
        ragged.append(Ragged(row, record.actual_columns, record.expected_columns, record.text))
        return "skip"

    try:
        reader = _open(path, encoding, delimiter, skip_lines, names, keep)
        numbers = _Numbers(first_row)
        for batch in reader:
            found = _drained(ragged)
            numbered = numbers.number(pa.Table.from_batches([batch]), [one.row for one in found])
            yield _without_long(numbered, names, on_ragged)
            yield from _salvaged(found, names, delimiter, on_ragged)
        yield from _salvaged(_drained(ragged), names, delimiter, on_ragged)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise InputError(_broken(path, str(error))) from error


def _open(
    path: Path,
    encoding: str,
    delimiter: str,
    skip_lines: int,
    names: Sequence[str],
    keep: Callable[[arrow_csv.InvalidRow], str],
) -> arrow_csv.CSVStreamingReader:
    """Open a csv below its heading, every column as text, empty lines kept so that rows can be counted."""
    return arrow_csv.open_csv(
        str(path),
        read_options=arrow_csv.ReadOptions(
            use_threads=False,
            block_size=_block_size(path),
            skip_rows=skip_lines,
            column_names=list(names),
            encoding="utf8" if encoding.startswith("utf-8") else encoding,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )


def _block_size(path: Path) -> int:
    """Return the bytes read at once: a record must fit in, so that one of 10 MB does not keep the file out."""
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        for start in range(0, end - _WINDOW, _WINDOW):
            stream.seek(start)
            # nearly always the first few bytes hold a line break, and the rest is not read here
            if b"\n" not in stream.read(1 << 16) and b"\n" not in stream.read(_WINDOW):
                return min(2 * _longest_line(path), _LARGEST_BLOCK)
    return _BLOCK


def _longest_line(path: Path) -> int:
    longest, length = _BLOCK, 0
    with path.open("rb") as stream:
        while piece := stream.read(_BLOCK):
            first, *others = piece.split(b"\n")
            length += len(first)
            longest = max(longest, length, *map(len, others))
            length = len(others[-1]) if others else length
    return longest


def _without_long(table: pa.Table, names: Sequence[str], on_ragged: Callable[[Ragged], None]) -> pa.Table:
    """Return a batch without the records that have a cell longer than any is; these are reported."""
    if table.nbytes <= LONGEST_CELL:
        return table
    rows: set[int] = set()
    for place, name in enumerate(names):
        lengths = pc.utf8_length(table[name])
        if (pc.max(lengths).as_py() or 0) <= LONGEST_CELL:
            continue
        for at in pc.indices_nonzero(pc.greater(lengths, LONGEST_CELL)).to_pylist():
            if at not in rows:
                rows.add(at)
                on_ragged(_too_long(table.slice(at, 1), place, lengths[at].as_py()))
    if not rows:
        return table
    return table.filter(pa.array([at not in rows for at in range(table.num_rows)]))


def _too_long(record: pa.Table, place: int, length: int) -> Ragged:
    row, *cells = (column[0].as_py() for column in record.columns)
    text = ",".join(cell if len(cell) <= _SHOWN else cell[:_SHOWN] + "…" for cell in cells)
    return Ragged(row, len(cells), len(cells), text, place, length)


def _drained(ragged: deque[Ragged]) -> list[Ragged]:
    found = []
    while ragged:
        found.append(ragged.popleft())
    return found


@dataclass
class _Numbers:
    """Row numbers of the well-formed records, which leave out those of the ragged ones."""

    next_row: int
    _ahead: tuple[int, ...] = ()

    def number(self, table: pa.Table, ragged_rows: Sequence[int]) -> pa.Table:
        skipped = sorted({*self._ahead, *ragged_rows})
        rows: list[pa.Array] = []
        remaining = table.num_rows
        while remaining:
            gap = skipped[0] if skipped else self.next_row + remaining
            take = min(remaining, gap - self.next_row)
            rows.append(pa.array(np.arange(self.next_row, self.next_row + take, dtype=np.int64)))
            remaining -= take
            self.next_row += take
            while skipped and skipped[0] == self.next_row:
                skipped.pop(0)
                self.next_row += 1
        self._ahead = tuple(skipped)
        column = pa.chunked_array(rows, type=pa.int64())
        return table.add_column(0, "row_number", column.combine_chunks() if rows else column)


def _salvaged(
    ragged: Sequence[Ragged], names: Sequence[str], delimiter: str, on_ragged: Callable[[Ragged], None]
) -> Iterator[pa.Table]:
    """Yield the notes, rows of totals and records that are only too wide by empty cells; report the others."""
    good: list[tuple[int, list[str]]] = []
    for one in ragged:
        cells: list[str] = next(_reader([one.text], delimiter), [])
        if len(cells) > len(names) and not any(cell.strip() for cell in cells[len(names) :]):
            good.append((one.row, cells[: len(names)]))
        elif len(cells) < len(names) and re.match(NOTE_START, fold(one.text.lstrip('"')).lower()):
            good.append((one.row, [one.text.strip().strip('"'), *([""] * (len(names) - 1))]))
        elif len(cells) < len(names) and says_total(next((cell for cell in cells if cell.strip()), "")):
            good.append((one.row, [*cells, *([""] * (len(names) - len(cells)))]))  # a row of totals cut short
        else:
            on_ragged(one)
    if good:
        columns = {"row_number": pa.array([row for row, _ in good], pa.int64())}
        for index, name in enumerate(names):
            columns[name] = pa.array([cells[index] for _, cells in good], pa.string())
        yield pa.table(columns)


def read_grid(path: Path, *, encoding: str, delimiter: str) -> Grid:
    """Return a whole text file as a grid; empty cells are None (for layouts, which are small).

    Raises:
        InputError: the text is not well-formed csv.
    """
    try:
        with path.open("r", encoding=encoding, newline="") as stream:
            rows = [[cell if cell.strip() else None for cell in row] for row in _reader(stream, delimiter)]
    except csv.Error as error:
        raise InputError(_broken(path, str(error))) from error
    return Grid.of(rows, file=path.name, encoding=encoding)
