"""Matrices in parquet as pandas writes them: labels of several parts in the names of the columns."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.text_table import Label, TextTable
from lvshu.core.errors import Problem

Array = NDArray[np.float64]


def _open(archive: Archive, name: str, problems: list[Problem]) -> pq.ParquetFile | None:
    if not archive.has(name):
        problems.append(archive.missing(name))
        return None
    try:
        source = io.BytesIO(archive.read(name)) if archive.is_zip else archive.path / name
        return pq.ParquetFile(source)
    except (pa.ArrowInvalid, OSError) as error:
        problems.append(Problem("accounts.reader_unreadable", archive.where(name), {"reason": str(error)}))
        return None


def _layout(file: pq.ParquetFile) -> tuple[list[str], list[str], list[dict[str, Any]]]:
    """Names of the index columns, of the value columns, and the parts of a column label."""
    metadata = file.schema_arrow.metadata or {}
    described = json.loads(metadata.get(b"pandas", b"{}"))
    index = [one for one in described.get("index_columns", []) if isinstance(one, str)]
    return (
        index,
        [one for one in file.schema_arrow.names if one not in index],
        list(described.get("column_indexes", [])),
    )


def read_parquet_table(archive: Archive, name: str, problems: list[Problem]) -> TextTable | None:
    """Return the matrix of a parquet member, or None where faults were added to the problems."""
    file = _open(archive, name, problems)
    if file is None:
        return None
    index, names, parts = _layout(file)
    columns = tuple(_label(one, len(parts)) for one in names)
    values = np.zeros((file.metadata.num_rows, len(names)))
    rows: list[Label] = []
    blanks = 0
    for batch in file.iter_batches(batch_size=512):
        start = len(rows)
        place = {one: number for number, one in enumerate(batch.schema.names)}
        for number, one in enumerate(names):
            column = batch.column(place[one])
            if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
                where = archive.where(name, None, " / ".join(columns[number]))
                problems.append(
                    Problem("accounts.reader_not_a_number", where, {"text": column[0], "count": 1})
                )
                return None
            if column.null_count:
                blanks += column.null_count
                column = column.fill_null(0)
            values[start : start + batch.num_rows, number] = column.to_numpy(zero_copy_only=False)
        texts = [[str(cell) for cell in batch.column(place[one]).to_pylist()] for one in index]
        rows.extend(zip(*texts, strict=True))
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        where = archive.where(name, int(bad[0][0]) + 1, " / ".join(columns[bad[0][1]]))
        problems.append(Problem("accounts.reader_not_a_number", where, {"text": "nan", "count": len(bad)}))
        return None
    column_names = tuple(str(part["name"] or "") for part in parts)
    return TextTable(
        tuple(_index_name(one) for one in index), tuple(rows), column_names, columns, values, blanks
    )


def _index_name(name: str) -> str:
    return "" if name.startswith("__index_level_") else name


def _label(name: str, parts: int) -> Label:
    return tuple(str(part) for part in ast.literal_eval(name)) if parts > 1 else (name,)


def read_parquet_words(archive: Archive, name: str, problems: list[Problem]) -> dict[Label, str]:
    """Return the last column of a small parquet member as words, by the labels of its rows."""
    file = _open(archive, name, problems)
    if file is None:
        return {}
    index, names, _ = _layout(file)
    table = file.read()
    labels = [[str(cell) for cell in table.column(one).to_pylist()] for one in index]
    words = [str(cell or "") for cell in table.column(names[-1]).to_pylist()]
    return dict(zip(zip(*labels, strict=True), words, strict=True))


def write_parquet_table(
    path: Path,
    row_names: Sequence[str],
    rows: Sequence[Label],
    column_names: Sequence[str],
    columns: Sequence[Label],
    values: Array | Sequence[Sequence[str]],
) -> None:
    """Write a matrix so that pandas reads it back with its labels on both axes.

    Args:
        path: the file.
        row_names: names of the parts of a row label.
        rows: r labels.
        column_names: names of the parts of a column label; one part gives plain columns.
        columns: k labels.
        values: shape (r, k), figures, or words for a table of units.
    """
    several = len(column_names) > 1
    names = [str(label) if several else label[0] for label in columns]
    is_number = isinstance(values, np.ndarray)
    kind: pa.DataType = pa.float64() if is_number else pa.string()
    arrays = [
        pa.array(values[:, place] if isinstance(values, np.ndarray) else [row[place] for row in values], kind)
        for place in range(len(names))
    ]
    arrays += [pa.array([label[place] for label in rows], pa.string()) for place in range(len(row_names))]
    described = {
        "index_columns": list(row_names),
        "column_indexes": [_axis(one or None) for one in column_names] if several else [_axis(None)],
        "columns": [_column(one, is_number) for one in names] + [_column(one, False) for one in row_names],
        "attributes": {}, "creator": {"library": "pyarrow", "version": pa.__version__}, "pandas_version": "2.0.0",
    }  # fmt: skip
    table = pa.table(arrays, names=[*names, *row_names])
    pq.write_table(table.replace_schema_metadata({b"pandas": json.dumps(described)}), path)


def _axis(name: str | None) -> dict[str, object]:
    return {
        "name": name, "field_name": name, "pandas_type": "unicode", "numpy_type": "object",
        "metadata": {"encoding": "UTF-8"},
    }  # fmt: skip


def _column(name: str, is_number: bool) -> dict[str, object]:
    kind = ("float64", "float64") if is_number else ("unicode", "object")
    return {"name": name, "field_name": name, "pandas_type": kind[0], "numpy_type": kind[1], "metadata": None}
