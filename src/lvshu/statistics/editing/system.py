"""Linear systems of a rule set: projection by elimination (implied edits) and feasibility by linear programming."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, linprog, milp

Array = NDArray[np.float64]
MOST_ROWS = 3000
MOST_NODES = 300
TINY = 1e-11


class TooManyRowsError(ArithmeticError):
    """Elimination would make more rows than are worth it; solve record by record instead."""


@dataclass(frozen=True)
class System:
    """Rows A x ≤ b (or = b), each with the tolerance it may be missed by.

    Attributes:
        matrix: shape (rows, variables).
        bound: shape (rows,).
        slack: shape (rows,), tolerances carried through elimination.
        equal: shape (rows,), whether the row is an equality.
    """

    matrix: Array
    bound: Array
    slack: Array
    equal: NDArray[np.bool_]

    def holds(self, records: Array) -> NDArray[np.bool_]:
        """Return which records obey all rows, shape (records,).

        Args:
            records: shape (records, variables); NaN is read as zero, where all coefficients are zero.
        """
        if not len(self.bound):
            return np.ones(len(records), dtype=bool)
        known = np.nan_to_num(records, nan=0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            gap = known @ self.matrix.T - self.bound
            reach = np.abs(known).max(axis=1, initial=0.0)[:, None] * np.abs(self.matrix).sum(axis=1)
        allowed = self.slack + np.where(np.isfinite(reach), 1e-10 * (reach + np.abs(self.bound)), 0.0)
        return np.asarray(np.where(self.equal, np.abs(gap) <= allowed, gap <= allowed).all(axis=1))


def eliminate(system: System, columns: Sequence[int]) -> System:
    """Return the implied rows on the other variables: there is an x in `columns` that obeys all rows iff they hold.

    Args:
        system: the rows.
        columns: variables to eliminate.

    Raises:
        TooManyRowsError: Fourier-Motzkin elimination grew beyond MOST_ROWS.

    Source: Fourier-Motzkin elimination with equalities substituted first: de Waal, Pannekoek, Scholtus, Handbook of
        Statistical Data Editing and Imputation (2011); the rows are the implied edits of Fellegi and
        Holt (1976), JASA 71.
    """
    table = np.column_stack([system.matrix, system.bound, system.slack])
    equal = system.equal.copy()
    waiting = list(columns)
    while waiting:
        column = _next(table, equal, waiting)
        waiting.remove(column)
        used = np.abs(table[:, column]) > TINY
        pivots = np.flatnonzero(used & equal)
        if len(pivots):
            table, equal = _substitute(table, equal, column, int(pivots[np.argmin(table[pivots, -1])]))
        else:
            table, equal = _combine(table, equal, column, used)
        table, equal = _tidied(table, equal)
    return System(table[:, :-2], table[:, -2], table[:, -1], equal)


def _next(table: Array, equal: NDArray[np.bool_], waiting: list[int]) -> int:
    """The variable whose elimination makes fewest rows."""

    def cost(column: int) -> int:
        part = table[:, column]
        if bool((equal & (np.abs(part) > TINY)).any()):
            return -1
        return int((part > TINY).sum() * (part < -TINY).sum())

    return min(waiting, key=lambda column: (cost(column), column))


def _substitute(
    table: Array, equal: NDArray[np.bool_], column: int, pivot: int
) -> tuple[Array, NDArray[np.bool_]]:
    row = table[pivot]
    factor = table[:, column] / row[column]
    slack = table[:, -1] + np.abs(factor) * row[-1]
    table = table - np.outer(factor, row)
    table[:, -1] = slack
    table[:, column] = 0.0
    keep = np.arange(len(table)) != pivot
    return table[keep], equal[keep]


def _combine(
    table: Array, equal: NDArray[np.bool_], column: int, used: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.bool_]]:
    above = table[used & (table[:, column] > 0)]
    below = table[used & (table[:, column] < 0)]
    rest = table[~used]
    if len(rest) + len(above) * len(below) > MOST_ROWS:
        raise TooManyRowsError
    above = above / above[:, [column]]
    below = below / -below[:, [column]]
    made = (above[:, None, :] + below[None, :, :]).reshape(-1, table.shape[1])
    made[:, column] = 0.0
    return np.vstack([rest, made]), np.concatenate([equal[~used], np.zeros(len(made), dtype=bool)])


def _tidied(table: Array, equal: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """Scale rows, drop those that always hold and those that another row of the same direction makes needless."""
    if not len(table):
        return table, equal
    matrix = table[:, :-2]
    matrix[np.abs(matrix) < TINY] = 0.0
    size = np.abs(matrix).max(axis=1)
    empty = size == 0
    slackness = table[:, -2] + table[:, -1]
    needless = empty & np.where(equal, np.abs(table[:, -2]) <= table[:, -1] + 1e-9, slackness >= -1e-9)
    table, equal, size = table[~needless], equal[~needless], size[~needless]
    table = table / np.where(size == 0, 1.0, size)[:, None]
    key = np.column_stack([np.round(table[:, :-2], 9), equal])
    order = np.lexsort((table[:, -2] + table[:, -1], *key.T[::-1]))
    first = np.ones(len(order), dtype=bool)
    if len(order) > 1:
        same = (np.abs(np.diff(key[order], axis=0)) < 1e-9).all(axis=1)
        first[1:] = ~(same & ~equal[order][1:])
    kept = np.sort(order[first])
    return table[kept], equal[kept]


def feasible_point(
    system: System, fixed: Array, free: Sequence[int], *, cost: Array | None = None
) -> Array | None:
    """Return values of the free variables that obey all rows, or None; those nearest to `cost` if it is given.

    Args:
        system: the rows.
        fixed: shape (variables,), the record; its entries in `free` are ignored.
        free: which variables may take any value.
        cost: shape (variables, 2): wanted value and cost of a unit of distance from it, for the free variables.

    Returns:
        Array: shape (len(free),); None where there is none.

    Source: least weighted absolute change as a linear programme; de Waal, Pannekoek, Scholtus (2011).
    """
    chosen = list(free)
    rest = np.nan_to_num(fixed, nan=0.0).copy()
    rest[chosen] = 0.0
    room = system.bound - system.matrix @ rest
    part = system.matrix[:, chosen]
    touched = np.abs(part).max(axis=1, initial=0.0) > TINY if len(chosen) else np.zeros(len(room), dtype=bool)
    reach = np.abs(rest).max(initial=0.0) * np.abs(system.matrix).sum(axis=1) + np.abs(system.bound)
    allowed = system.slack + 1e-10 * reach
    idle = ~touched
    if (np.where(system.equal, np.abs(room), -room)[idle] > allowed[idle]).any():
        return None
    if not len(chosen):
        return np.zeros(0)
    rows, limits = part[touched], room[touched]
    slack, equal = allowed[touched], system.equal[touched]
    wanted = np.zeros(len(chosen)) if cost is None else cost[chosen, 0]
    price = np.zeros(len(chosen)) if cost is None else cost[chosen, 1]
    sizes = np.abs(limits[~equal])
    sizes = sizes[sizes > 0]
    # the solver's tolerance is absolute: what is far from binding must not coarsen what is near
    scale = max(
        1.0, float(np.abs(limits[equal]).max(initial=0.0)), float(np.abs(wanted).max(initial=0.0)),
        float(sizes.min()) if len(sizes) else 1.0,
    )  # fmt: skip
    # distances up and down from the wanted value: x = wanted + up - down
    shifted = (limits - rows @ wanted) / scale
    both = np.hstack([rows, -rows])
    upper = np.vstack([both[~equal], both[equal & (slack > 0)], -both[equal & (slack > 0)]])
    tight = equal & (slack > 0)
    limit = np.concatenate(
        [shifted[~equal], shifted[tight] + slack[tight] / scale, -shifted[tight] + slack[tight] / scale]
    )
    exact = equal & ~tight
    found = linprog(
        np.concatenate([price, price]) + 1e-9,
        A_ub=upper if len(upper) else None, b_ub=limit if len(upper) else None,
        A_eq=both[exact] if exact.any() else None, b_eq=shifted[exact] if exact.any() else None,
        bounds=(0, None), method="highs",
    )  # fmt: skip
    if not found.success:
        return None
    point = wanted + (found.x[: len(chosen)] - found.x[len(chosen) :]) * scale
    return _polished(point, rows, limits, equal & (slack == 0))


def _polished(point: Array, rows: Array, limits: Array, exact: NDArray[np.bool_]) -> Array:
    """The solver's point moved onto the rows that it touches, beyond the solver's own tolerance."""
    for _ in range(2):
        gap = limits - rows @ point
        reach = np.abs(limits) + np.abs(rows) @ np.abs(point)
        touched = exact | (np.abs(gap) <= 1e-7 * (1.0 + reach))
        if touched.any():
            point = point + np.linalg.lstsq(rows[touched], gap[touched], rcond=1e-12)[0]
    return np.asarray(point)


def lightest_cover(covers: Array, weights: Array, cuts: Array) -> NDArray[np.bool_] | None:
    """Return the lightest set that meets every cover and every cut, or None where there is none.

    Args:
        covers: shape (covers, items), 1 where an item meets the cover.
        weights: shape (items,), positive; inf: never taken.
        cuts: shape (cuts, items), 1 where an item meets the cut.

    Returns:
        NDArray: shape (items,), bool.

    Source: the set-covering form of error localisation: Fellegi and Holt (1976), JASA 71; the hitting-set
        tree, lightest first (Reiter, 1987, Artificial Intelligence 32), and beyond MOST_NODES of it HiGHS.
    """
    rows = np.vstack([covers, cuts])
    may = np.isfinite(weights)
    if not may.any():
        return None if len(rows) else np.zeros(len(weights), dtype=bool)
    if not len(rows):
        return np.zeros(len(weights), dtype=bool)
    if (rows[:, may].sum(axis=1) == 0).any():
        return None
    found_soon = _search(rows > 0, weights)
    if found_soon is not None:
        return found_soon
    # ties go to the variable that stands first, whatever the solver's path
    nudge = 1e-7 * np.arange(int(may.sum())) / max(1, int(may.sum()))
    found = milp(
        weights[may] + nudge * weights[may].min(),
        constraints=LinearConstraint(rows[:, may], 1, np.inf),
        integrality=np.ones(int(may.sum())),
        bounds=(0, 1),
    )
    if found.x is None:
        return None
    chosen = np.zeros(len(weights), dtype=bool)
    chosen[may] = found.x > 0.5
    return chosen


def _search(rows: NDArray[np.bool_], weights: Array) -> NDArray[np.bool_] | None:
    """The lightest set by a tree whose nodes are opened in the order of their weight; None where it grows too large."""
    may = np.flatnonzero(np.isfinite(weights)).tolist()
    price = {item: float(weights[item]) for item in may}
    meets = sorted({sum(1 << item for item in may if row[item]) for row in rows}, key=int.bit_count)
    waiting: list[tuple[float, tuple[int, ...], int]] = [(0.0, (), 0)]
    seen = {0}
    for _ in range(MOST_NODES):
        weight, items, mask = heapq.heappop(waiting)
        unmet = next((row for row in meets if not row & mask), 0)
        if not unmet:
            chosen = np.zeros(len(weights), dtype=bool)
            chosen[list(items)] = True
            return chosen
        for item in may:
            grown = mask | 1 << item
            if unmet >> item & 1 and grown not in seen:
                seen.add(grown)
                heapq.heappush(waiting, (weight + price[item], tuple(sorted((*items, item))), grown))
    return None
