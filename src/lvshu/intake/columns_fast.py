"""The short way to the columns of a large and plain table: whole columns at once.

It answers only where the long way, cell by cell, would say the same: the heading is the first line and holds the very
names, numbers are plain, labels are there. Everything else, and every message, is left to the long way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lvshu.intake.encoding import scan_text
from lvshu.intake.layouts.published import is_absent
from lvshu.intake.text import fold

LEAST_BYTES = 2_000_000


def whole_columns(
    path: Path, wanted: Mapping[str, str]
) -> tuple[dict[str, list[float]], dict[str, list[str]], tuple[str, ...]] | None:
    """Return numbers, labels and headings of a large plain csv or parquet file; None where the long way is needed.

    Args:
        path: of the file.
        wanted: heading to kind, as `read_columns` takes them.
    """
    if not path.is_file() or path.stat().st_size < LEAST_BYTES:
        return None
    names = list(dict.fromkeys(name.lstrip("=") for name in wanted))
    try:
        table, headings = _parquet(path, names) if path.suffix.lower() == ".parquet" else _csv(path, names)
        if table is None:
            return None
        numbers: dict[str, list[float]] = {}
        labels: dict[str, list[str]] = {}
        for name, kind in wanted.items():
            column = table[name.lstrip("=")].combine_chunks()
            if kind == "number":
                numbers[name] = _numbers(column)
            else:
                labels[name.lstrip("=")] = _labels(column, allowed=kind == "text")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
        return None
    return numbers, labels, headings


def _csv(path: Path, names: list[str]) -> tuple[pa.Table | None, tuple[str, ...]]:
    encoding = scan_text(path).encoding
    if encoding.replace("-", "").lower() not in ("utf8", "utf8sig", "ascii") or path.suffix.lower() != ".csv":
        return None, ()
    with path.open("r", encoding="utf-8-sig") as stream:
        first = stream.readline().rstrip("\r\n")
    delimiter = max(",;\t", key=first.count)
    headings = tuple(fold(part.strip('"')) for part in first.split(delimiter))
    if len(set(headings)) < len(headings) or not set(names) <= set(headings):
        return None, ()
    table = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(column_names=list(headings), skip_rows=1),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return table, headings


def _parquet(path: Path, names: list[str]) -> tuple[pa.Table | None, tuple[str, ...]]:
    headings = tuple(pq.read_schema(path).names)
    if len(set(headings)) < len(headings) or not set(names) <= set(headings):
        return None, ()
    return pq.read_table(path, columns=names), headings


def _numbers(column: pa.Array) -> list[float]:
    """Return numbers, NaN for empty cells.

    Raises:
        ValueError: a cell is neither.
    """
    if pa.types.is_string(column.type):
        column = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise ValueError(str(column.type))
    if column.null_count == len(column):
        raise ValueError("empty")
    values = column.cast(pa.float64())
    found = np.asarray(values.to_numpy(zero_copy_only=False), dtype=float)
    if not np.isfinite(found[np.asarray(values.is_valid())]).all():
        raise ValueError("not finite")
    return list(found.tolist())


def _labels(column: pa.Array, *, allowed: bool) -> list[str]:
    """Return labels as the long way cleans them.

    Raises:
        ValueError: a cell that is empty, where that is not allowed, or of a kind that is no label.
    """
    if not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
        raise ValueError(str(column.type))
    coded = column.cast(pa.string()).fill_null("").dictionary_encode()
    known = [fold(text) for text in coded.dictionary.to_pylist()]
    if not allowed and any(not text or is_absent(text) for text in known):
        raise ValueError("empty")
    return [str(text) for text in np.array(known, dtype=object)[coded.indices.to_numpy()].tolist()]
