"""For a record drawn apart from blocking: the records most like it among all, whatever the keys say.

Every record is compared with all others by the values that both share, rare ones weighing more; no block key is used,
so that what blocking loses can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

CHARACTERS = 4


def value_numbers(table: pa.Table, columns: Sequence[str]) -> np.ndarray:
    """Return numbers for the values of columns, -1 where missing, shape (records, columns and characters of text)."""
    made = []
    for name in columns:
        values = table[name].to_pylist()
        if any(isinstance(one, list) for one in values):
            values = ["|".join(one) if one else None for one in values]
        made.append(_numbers(values))
        if name in ("trade_name", "latin_name", "address"):
            made += [_numbers([one[place : place + 1] or None if one else None for one in values])
                     for place in range(CHARACTERS)]  # fmt: skip
    return np.stack(made, axis=1)


def _numbers(values: Sequence[object]) -> np.ndarray:
    known: dict[object, int] = {}
    return np.array(
        [-1 if one is None else known.setdefault(one, len(known)) for one in values], dtype=np.int64
    )


def nearest(
    numbers: np.ndarray, rows: np.ndarray, *, exclude: Sequence[set[int]], most: int
) -> list[list[int]]:
    """Return for each row the rows most like it, at most so many, those excluded and itself left out.

    Args:
        numbers: what `value_numbers` returns, shape (records, columns).
        rows: rows asked for, shape (rows,).
        exclude: rows that are not wanted, by row asked for.
        most: how many.
    """
    count = len(numbers)
    rarity = np.zeros_like(numbers, dtype=np.float64)
    for column in range(numbers.shape[1]):
        told = numbers[:, column] >= 0
        frequency = np.bincount(numbers[told, column], minlength=1)
        rarity[told, column] = np.log(count / frequency[numbers[told, column]])
    found = []
    for row, unwanted in zip(rows.tolist(), exclude, strict=True):
        same = (numbers == numbers[row]) & (numbers[row] >= 0)
        score = (same * rarity[row]).sum(axis=1)
        score[[row, *unwanted]] = -1.0
        order = np.lexsort((np.arange(count), -score))[:most]
        found.append([int(one) for one in order if score[one] > 0])
    return found
