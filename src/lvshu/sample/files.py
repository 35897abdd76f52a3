"""Writing the city's tables: CSV in UTF-8 or GB18030, Parquet for the large ones, xlsx with Chinese headers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from lvshu.sample.arrow import plain

_EPOCH = datetime(2023, 12, 31)  # a fixed time of creation: the same city has the same bytes


@dataclass
class TableWriter:
    """Writes a table part by part; the bytes do not depend on how the parts are cut."""

    path: Path
    group: int = 262_144
    rows: int = 0
    _csv: pa_csv.CSVWriter | None = None
    _parquet: pq.ParquetWriter | None = None
    _waiting: list[pa.Table] = field(default_factory=list)

    def write(self, columns: Mapping[str, pa.Array]) -> None:
        """Append rows.

        Args:
            columns: name -> Arrow column, all of one length, in the order of the file.
        """
        table = pa.table({name: plain(column) for name, column in columns.items()})
        self.rows += table.num_rows
        if self.path.suffix == ".parquet":
            self._waiting.append(table)
            self._flush(final=False)
            return
        if self._csv is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            options = pa_csv.WriteOptions(quoting_style="needed")
            self._csv = pa_csv.CSVWriter(self.path, table.schema, write_options=options)
        self._csv.write_table(table)

    def _flush(self, *, final: bool) -> None:
        waiting = sum(table.num_rows for table in self._waiting)
        if not waiting or (waiting < self.group and not final):
            return
        whole = pa.concat_tables(self._waiting, promote_options="none")
        usable = waiting if final else waiting - waiting % self.group
        if self._parquet is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._parquet = pq.ParquetWriter(self.path, whole.schema, compression="zstd")
        self._parquet.write_table(whole.slice(0, usable), row_group_size=self.group)
        rest = whole.slice(usable)
        self._waiting = [rest] if rest.num_rows else []

    def close(self) -> None:
        """Finish the file."""
        self._flush(final=True)
        if self._csv is not None:
            self._csv.close()
        if self._parquet is not None:
            self._parquet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_rows(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], *, encoding: str = "utf-8"
) -> int:
    """Write a small CSV and return the number of rows.

    Args:
        path: file to write.
        header: first line.
        rows: cells; None becomes empty.
        encoding: of the file, e.g. "gb18030".

    Raises:
        ValueError: a row has another number of cells than the header.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if len(row) != len(header):
                raise ValueError(f"{path.name}: a row of {len(row)} cells under a header of {len(header)}")
            writer.writerow(["" if cell is None else cell for cell in row])
            count += 1
    return count


def write_sheet(
    path: Path,
    sheet: str,
    rows: Iterable[Sequence[object]],
    *,
    merged: Sequence[tuple[int, int, int, int, str]] = (),
) -> int:
    """Write one worksheet from plain cells and return the number of rows.

    Args:
        path: workbook to write.
        sheet: name of the sheet.
        rows: cells, numbers or texts; None is left empty.
        merged: (first row, first column, last row, last column, text), 0-based, written over the cells.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"title": "样本市（合成数据） Sample City (synthetic)", "created": _EPOCH})
    page = book.add_worksheet(sheet)
    count = 0
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None:
                page.write(number, column, cell)
        count += 1
    for first_row, first_column, last_row, last_column, text in merged:
        page.merge_range(first_row, first_column, last_row, last_column, text)
    book.close()
    return count
