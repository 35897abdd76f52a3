"""Reading one input file as batches of text cells, whatever its format.

Every batch has the columns `row_number` (int64, the row as the user sees it) and h0, h1, … (string):
the cells in NFKC form, trimmed, "" when empty. `raw_batches` gives the same cells as they stand.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake import delimited, workbook
from lvshu.intake.delimited import Ragged
from lvshu.intake.grid import Grid

PARQUET_ENDINGS = frozenset({".parquet", ".pq"})
ENDINGS = delimited.ENDINGS | workbook.ENDINGS | PARQUET_ENDINGS
HEAD_ROWS = 40
_APART = r"\p{M}|[\x{1100}-\x{11FF}]"
"""Marks that follow their letter, and parts of Korean syllables."""
_CONTROL = r"[\x{00}-\x{08}\x{0e}-\x{1f}\x{7f}-\x{84}\x{86}-\x{9f}]"
"""Control characters, as `text.CONTROLS`, in the spelling of RE2."""
_GRID_BATCH = 50_000


@dataclass
class Source:
    """One file or sheet that can be looked at (its head) and read (its batches)."""

    path: Path
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    _grid: Grid | None = field(default=None, repr=False)
    _sample: delimited.Sample | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """Return "text", "workbook" or "parquet"."""
        ending = self.path.suffix.lower()
        if ending in PARQUET_ENDINGS:
            return "parquet"
        return "workbook" if ending in workbook.ENDINGS else "text"

    def head(self) -> Grid:
        """Return the first rows as a grid; of a parquet file its column names.

        Raises:
            InputError: the file cannot be read.
        """
        if self.kind == "workbook":
            grid = self.grid()
            return Grid(grid.file, grid.sheet, grid.rows[:HEAD_ROWS], grid.encoding)
        if self.kind == "parquet":
            return Grid.of([_parquet(self.path).schema_arrow.names], file=self.path.name)
        sample = self.sample()
        return Grid.of(sample.records[:HEAD_ROWS], file=self.path.name, encoding=self.encoding)

    def width(self, row: int) -> int:
        """Return how many cells a row of the head has (in a text file rows can differ)."""
        return len(self.sample().records[row]) if self.kind == "text" else self.head().width

    def sample(self) -> delimited.Sample:
        """Return the first records of a text file."""
        if self._sample is None:
            self._sample = delimited.read_sample(
                self.path, encoding=self.encoding, delimiter=self.delimiter or None
            )
        return self._sample

    def grid(self) -> Grid:
        """Return the whole sheet or text file as a grid (for layouts and workbooks).

        Raises:
            InputError: the file cannot be read.
        """
        if self._grid is None:
            if self.kind == "workbook":
                self._grid = workbook.read_grid(self.path, self.sheet)
            elif self.kind == "text":
                self._grid = delimited.read_grid(
                    self.path, encoding=self.encoding, delimiter=self.sample().delimiter
                )
            else:
                table = _parquet(self.path).read()
                rows = [
                    list(table.column_names),
                    *zip(*(column.to_pylist() for column in table.columns), strict=True),
                ]
                self._grid = Grid.of(rows, file=self.path.name)
        return self._grid

    def raw_batches(self, heading_row: int, width: int, ragged: list[Ragged]) -> Iterator[pa.Table]:
        """Return the records below the heading, cells as they stand.

        Args:
            heading_row: zero-based row of the heading.
            width: number of columns of the heading.
            ragged: filled with the records of another width (text files only).

        Raises:
            InputError: the file cannot be read.
        """
        if self.kind == "workbook":
            yield from _grid_batches(self.grid(), heading_row + 1, width)
        elif self.kind == "parquet":
            yield from _parquet_batches(self.path)
        else:
            sample = self.sample()
            yield from delimited.stream_records(
                self.path,
                encoding=self.encoding,
                delimiter=sample.delimiter,
                skip_lines=sample.last_lines[heading_row],
                first_row=heading_row + 2,
                width=width,
                on_ragged=ragged.append,
            )

    def batches(self, heading_row: int, width: int, ragged: list[Ragged]) -> Iterator[pa.Table]:
        """Return the records below the heading, cells cleaned; arguments as for `raw_batches`."""
        for table in self.raw_batches(heading_row, width, ragged):
            yield cleaned(table)


def cleaned(table: pa.Table) -> pa.Table:
    """Return a batch with its text cells in NFKC form, trimmed, runs of spaces made one."""
    arrays = [
        column if name == "row_number" else _clean(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return pa.table(dict(zip(table.column_names, arrays, strict=True)))


def _clean(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pc.all(pc.string_is_ascii(column), min_count=0).as_py() is False:
        column = _composed(pc.utf8_normalize(column, form="NFKC"))
        column = pc.replace_substring_regex(column, "[\u200b\u200c\u200d\u2060\ufeff]", "")
    if pc.any(pc.match_substring_regex(column, _CONTROL), min_count=0).as_py():
        column = pc.replace_substring_regex(column, _CONTROL, "")
    column = pc.utf8_trim_whitespace(column)
    if pc.any(pc.match_substring_regex(column, r"\s\s|[\t\r\n]"), min_count=0).as_py():
        column = pc.replace_substring_regex(column, r"\s+", " ")
    return column


def _composed(column: pa.ChunkedArray) -> pa.Array:
    """Return texts with their marks put together again: pyarrow 25 takes letters apart and leaves them so."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    apart = pc.match_substring_regex(column, _APART)
    if not pc.any(apart, min_count=0).as_py():
        return column
    mended = [unicodedata.normalize("NFKC", text) for text in column.filter(apart).to_pylist()]
    return pc.replace_with_mask(column, pc.fill_null(apart, False), pa.array(mended, column.type))


def _grid_batches(grid: Grid, first: int, width: int) -> Iterator[pa.Table]:
    for start in range(first, grid.height, _GRID_BATCH):
        rows = grid.rows[start : start + _GRID_BATCH]
        columns = {"row_number": pa.array(range(start + 1, start + 1 + len(rows)), pa.int64())}
        for index in range(width):
            columns[f"h{index}"] = pa.array([workbook.cell_text(row[index]) for row in rows], pa.string())
        yield pa.table(columns)


def _parquet(path: Path) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(path)
    except (pa.ArrowInvalid, pa.ArrowException) as error:
        raise InputError(
            Problem("intake.parquet_broken", Where(file=path.name), {"reason": str(error)})
        ) from error


def _parquet_batches(path: Path) -> Iterator[pa.Table]:
    first = 1
    for batch in _parquet(path).iter_batches(batch_size=_GRID_BATCH * 4):
        columns = {"row_number": pa.array(range(first, first + batch.num_rows), pa.int64())}
        for index, column in enumerate(batch.columns):
            columns[f"h{index}"] = _as_text(path, batch.schema.names[index], column)
        first += batch.num_rows
        yield pa.table(columns)


def _as_text(path: Path, name: str, column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        text = pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        where = Where(file=path.name, column=name)
        raise InputError(Problem("intake.parquet_type", where, {"type": str(column.type)})) from error
    if pa.types.is_timestamp(column.type):
        text = pc.replace_substring_regex(text, r" 00:00:00(\.0+)?(Z|[+-]00:?00)?$", "")
    if pa.types.is_floating(column.type):
        text = pc.replace_substring_regex(pc.if_else(pc.is_nan(column), "", text), r"\.0$", "")
    return pc.fill_null(text, "")
