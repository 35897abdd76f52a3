"""Arrow columns built from numpy arrays without a Python object per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def text_from_bytes(matrix: np.ndarray) -> pa.Array:
    """Return a string column from a matrix of ASCII codes.

    Args:
        matrix: uint8, shape (rows, width); every row is one text of that width.
    """
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(matrix, dtype=np.uint8)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def numbered(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    """Return texts made of a prefix and a number padded with zeros, e.g. L000000042."""
    rows = len(numbers)
    matrix = np.empty((rows, len(prefix) + width), dtype=np.uint8)
    matrix[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    rest = numbers.astype(np.int64)
    for position in range(len(prefix) + width - 1, len(prefix) - 1, -1):
        matrix[:, position] = rest % 10 + 48
        rest = rest // 10
    return text_from_bytes(matrix)


def choice(values: Sequence[str | None], index: np.ndarray) -> pa.Array:
    """Return values[index] as a dictionary-coded string column.

    Args:
        values: the distinct texts.
        index: integers, shape (rows,), unit 1; a negative one means missing.
    """
    codes = pa.array(index.astype(np.int32), mask=index < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(values), pa.string()))


def plain(column: pa.Array) -> pa.Array:
    """Return the column with dictionaries decoded."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def fixed_point(
    units: np.ndarray, places: int, *, precision: int, missing: np.ndarray | None = None
) -> pa.Array:
    """Return a decimal column from integers counted in the last place.

    Args:
        units: int64, shape (rows,): cents for places 2, millionths for places 6.
        places: digits after the point.
        precision: digits in all.
        missing: boolean, shape (rows,); True is missing.
    """
    rows = len(units)
    words = np.empty((rows, 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    kind = pa.decimal128(precision, places)
    valid = None if missing is None else pa.array(~missing, pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(kind, rows, [valid, pa.py_buffer(words)])


def money(yuan: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return a money column, DECIMAL(20,2), from yuan as floats (rounded half away from zero)."""
    return fixed_point(to_units(yuan, 2), 2, precision=20, missing=missing)


def quantity(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return a quantity column, DECIMAL(24,6), from floats (rounded half away from zero)."""
    return fixed_point(to_units(values, 6), 6, precision=24, missing=missing)


def to_units(values: np.ndarray, places: int) -> np.ndarray:
    """Return floats counted in the last place, as int64, rounded half away from zero."""
    filled = np.where(np.isfinite(values), values, 0.0)
    return (np.sign(filled) * np.floor(np.abs(filled) * 10.0**places + 0.5)).astype(np.int64)


def dates(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return a date column from days since 1970-01-01."""
    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())
