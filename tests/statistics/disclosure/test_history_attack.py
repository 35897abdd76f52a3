"""Two releases of random tables: a reader written apart from the program bounds no unsafe cell that was let through."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lvshu.core.errors import MethodError
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.disclosure.structure import Dimension
from lvshu.statistics.disclosure.table import SafeTable, from_cells, protect

ROWS, COLUMNS = "abc", "xyz"
LEAVES = list(itertools.product(ROWS, COLUMNS))
DIMENSIONS = [Dimension.flat("row", ROWS), Dimension.flat("column", COLUMNS)]
RULES = Rules(minimum_count=3, range_percent=15)


def release(values: np.ndarray, counts: np.ndarray, **more: object) -> SafeTable:
    codes = {"row": [row for row, _ in LEAVES], "column": [column for _, column in LEAVES]}
    return protect(from_cells(DIMENSIONS, codes, values, [int(one) for one in counts]), RULES, **more)  # type: ignore[arg-type]


def sums(safe: SafeTable) -> list[tuple[np.ndarray, float, bool]]:
    """Return every cell as a sum of leaves, its value, and whether it is shown."""
    found = []
    for number, key in enumerate(safe.draft.structure.keys):
        own = dict(key)
        inside = [
            own.get("row", row) == row and own.get("column", column) == column for row, column in LEAVES
        ]
        found.append(
            (np.array(inside, dtype=float), safe.draft.cells.value[number], not safe.pattern.hidden[number])
        )
    return found


def ranges(
    now: SafeTable, then: SafeTable, bound: float, only: np.ndarray, cell: int
) -> tuple[float, float] | None:
    """Return the range of a cell for who takes no hidden leaf of `only` as revised by more, and no other at all."""
    size, equal, right, above, limit = len(LEAVES), [], [], [], []
    for at, safe in enumerate((now, then)):
        for vector, value, is_shown in sums(safe):
            if is_shown:
                equal.append(np.concatenate([vector, 0 * vector] if at == 0 else [0 * vector, vector]))
                right.append(value)
    shown = [
        [
            next(known for vector, _, known in sums(safe) if vector.sum() == 1 and vector[leaf])
            for leaf in range(size)
        ]
        for safe in (now, then)
    ]
    for leaf in range(size):
        if shown[0][leaf] and shown[1][leaf]:
            continue
        own = bound if only[leaf] else 0.0
        for sign in (1.0, -1.0):
            row = np.zeros(2 * size)
            row[leaf], row[size + leaf] = sign, -sign
            known = next((k for k in (1, 0) if shown[k][leaf]), None)
            if known is None:
                row[size + leaf] -= own
            above.append(row)
            value = 0.0 if known is None else (now, then)[known].draft.cells.value[_leaf(now, leaf)]
            limit.append(own * value + 1e-7)
    target = np.concatenate([sums(now)[cell][0], np.zeros(size)])
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * target,
            A_eq=np.array(equal),
            b_eq=np.array(right),
            A_ub=np.array(above),
            b_ub=np.array(limit),
        )
        if found.status not in (0, 3):
            return None
        ends.append(-np.inf if found.status == 3 else found.fun)
    return ends[0], -ends[1]


def _leaf(safe: SafeTable, leaf: int) -> int:
    row, column = LEAVES[leaf]
    return safe.draft.structure.place[("column", column), ("row", row)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_reader_of_two_releases_bounds_no_unsafe_cell_that_was_let_through(seed: int) -> None:
    random = np.random.default_rng(seed)
    before = random.integers(10, 400, len(LEAVES)).astype(float)
    counts = random.integers(3, 20, len(LEAVES))
    counts[random.integers(len(LEAVES))] = 1
    after = before.copy()
    for leaf in random.choice(len(LEAVES), size=int(random.integers(0, 3)), replace=False):
        after[leaf] = np.round(after[leaf] * random.uniform(0.7, 1.5))
    later = counts.copy()
    if random.random() < 0.3:
        later[random.integers(len(LEAVES))] = 2  # another unsafe cell: the pattern changes
    try:
        then = release(before, counts)
        now = release(after, later, earlier=[then.release("May")])
    except MethodError:
        return  # refused: nothing is published
    both = [(b, a) for (_, b, s), (_, a, t) in zip(sums(then), sums(now), strict=True) if s and t]
    seen = [abs(a - b) / b for b, a in both if b != a]
    revised = [s and t and a != b for (_, b, s), (_, a, t) in zip(sums(then), sums(now), strict=True)]
    near = np.zeros(len(LEAVES), dtype=bool)
    for (vector, _, _), is_revised in zip(sums(now), revised, strict=True):
        if is_revised and vector.sum() <= len(ROWS):
            near |= np.array([_in_one_sum(vector, leaf) for leaf in range(len(LEAVES))])
    bounds = sorted({0.0, *(np.quantile(seen, (0.25, 0.5, 0.75, 1.0)) if seen else ())})
    for cell in np.flatnonzero(now.unsafe.flag):
        value = now.draft.cells.value[cell]
        under, over = value - now.unsafe.lower[cell], value + now.unsafe.upper[cell]
        for only in (near, np.ones(len(LEAVES), dtype=bool)):
            for bound in bounds:
                found = ranges(now, then, bound, only, int(cell))
                if found is None:
                    continue
                slack = 1e-4 * value + 1e-3
                covers = found[0] <= under + slack and found[1] >= over - slack
                is_misled = found[1] < under + slack or found[0] > over - slack
                assert covers or is_misled, (bound, found, value)
                if covers:
                    break


def _in_one_sum(vector: np.ndarray, leaf: int) -> bool:
    """Return whether a leaf stands in a sum with a cell that is itself, its sister, or its row or column."""
    row, column = LEAVES[leaf]
    members = {LEAVES[one] for one in np.flatnonzero(vector)}
    rows, columns = {one[0] for one in members}, {one[1] for one in members}
    if len(members) == 1:
        return row in rows or column in columns
    return (len(rows) == 1 and row in rows) or (len(columns) == 1 and column in columns)
