"""Lists of the same population that overlap: how many are on each combination of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_LISTS = 10


@dataclass(frozen=True)
class Lists:
    """Counts of every combination of lists but the one of none.

    Attributes:
        names: of the K lists.
        patterns: shape (2^K - 1, K), whether a combination is on each list; row r is the binary number r + 1.
        counts: shape (2^K - 1,), units seen on exactly these lists, count; zero where none was seen.

    Source: Bishop, Fienberg & Holland, Discrete Multivariate Analysis (1975), chapter 6.
    """

    names: tuple[str, ...]
    patterns: Flags
    counts: Array

    @property
    def observed(self) -> float:
        """Return how many units are on any list, count."""
        return float(self.counts.sum())

    def with_counts(self, counts: Array) -> Lists:
        """Return the lists with other counts, shape (2^K - 1,)."""
        return Lists(self.names, self.patterns, counts)

    def overlap(self, first: int, second: int) -> float:
        """Return how many units are on both of two lists, count."""
        return float(self.counts[self.patterns[:, first] & self.patterns[:, second]].sum())

    def listed(self, which: int) -> float:
        """Return how many units are on a list, count."""
        return float(self.counts[self.patterns[:, which]].sum())


def all_patterns(size: int) -> Flags:
    """Return all combinations of lists but that of none, shape (2^K - 1, K).

    Args:
        size: lists K, count.

    Source: none; bookkeeping.
    """
    numbers = np.arange(1, 1 << size)
    return np.asarray((numbers[:, None] >> np.arange(size)) & 1, dtype=bool)


def lists_from_counts(names: Sequence[str], patterns: Any, counts: Any) -> Lists:
    """Return lists from the combinations that were counted; those left out were not seen.

    Args:
        names: of the K lists.
        patterns: shape (rows, K), 0 or 1.
        counts: shape (rows,), count; rows of one combination are added.

    Raises:
        MethodError: fewer than two lists or more than 10, cells that are not 0 or 1, counts that are negative or
            missing, a count on no list, lists nobody is on, lists that do not overlap at all.

    Source: as `Lists`.
    """
    given, values = np.asarray(patterns, dtype=float), np.asarray(counts, dtype=float)
    size = len(names)
    problems = []
    if not 2 <= size <= MOST_LISTS:
        problems.append(Problem("population.number_of_lists", values={"lists": size, "most": MOST_LISTS}))
    if given.shape != (values.size, size) or not np.isin(given, (0, 1)).all():
        problems.append(Problem("population.bad_pattern", values={"lists": size}))
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if bad.size:
        problems.append(
            Problem("population.bad_count", values={"count": int(bad.size), "first": int(bad[0]) + 1})
        )
    if problems:
        raise MethodError(*problems)
    numbers = (given @ (1 << np.arange(size))).astype(np.int64)
    if values[numbers == 0].sum() > 0:
        raise MethodError(
            Problem("population.on_no_list", values={"count": float(values[numbers == 0].sum())})
        )
    gathered = np.bincount(numbers, weights=values, minlength=1 << size)[1:].astype(float)
    made = Lists(tuple(map(str, names)), all_patterns(size), gathered)
    _check(made)
    return made


def lists_from_records(unit: Any, source: Any) -> Lists:
    """Return lists from one record for each unit and list it is on; repeated records count once.

    Args:
        unit: shape (records,), identifiers of the units after linkage.
        source: shape (records,), labels of the lists.

    Raises:
        MethodError: as `lists_from_counts`.

    Source: as `Lists`.
    """
    names, place = np.unique(np.asarray(source).astype(str), return_inverse=True)
    _, person = np.unique(np.asarray(unit).astype(str), return_inverse=True)
    if not 2 <= names.size <= MOST_LISTS:
        values = {"lists": int(names.size), "most": MOST_LISTS}
        raise MethodError(Problem("population.number_of_lists", values=values))
    on = np.zeros((int(person.max()) + 1, names.size), dtype=bool)
    on[person.reshape(-1), place.reshape(-1)] = True
    numbers = on @ (1 << np.arange(names.size))
    counts = np.bincount(numbers, minlength=1 << names.size)[1:].astype(float)
    made = Lists(tuple(names.tolist()), all_patterns(names.size), counts)
    _check(made)
    return made


def _check(lists: Lists) -> None:
    size = len(lists.names)
    empty = [name for k, name in enumerate(lists.names) if lists.listed(k) == 0]
    problems = [Problem("population.empty_list", values={"lists": ", ".join(empty)})] if empty else []
    alone = [
        name
        for k, name in enumerate(lists.names)
        if name not in empty and not any(lists.overlap(k, other) for other in range(size) if other != k)
    ]
    if alone:
        problems.append(Problem("population.list_without_overlap", values={"lists": ", ".join(alone)}))
    if problems:
        raise MethodError(*problems)
