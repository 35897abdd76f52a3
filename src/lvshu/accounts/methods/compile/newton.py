"""GRAS by Newton steps on its dual: for totals that scaling in turns approaches too slowly.

Letters, used in this file only:
    P, N  positive part and absolute negative part of the prior, (n, k), any unit
    u, v  row and column totals, (n,) and (k,), same unit
    a, b  logarithms of the row and column multipliers, (n,) and (k,), without unit
    W  sizes of the cells now, P e^(a + b) + N e^-(a + b), (n, k); X  the cells, with their signs
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

Array = NDArray[np.float64]
Matrix: TypeAlias = Array | sparse.csr_array

STEPS = 200
SMALLEST_STEP = 1e-6
RIDGE = 1e-13
FARTHEST = 300.0


def newton_multipliers(
    positive: Matrix,
    negative: Matrix,
    row_totals: Array,
    column_totals: Array,
    start: tuple[Array, Array],
    allowed: float,
) -> tuple[Array, Array] | None:
    """Return multipliers that meet the totals, or None where none are found.

    The objective of GRAS has a convex dual, sum W - u'a - v'b, without constraints; its gradient is the gap of the
    totals. Each step solves one system in the smaller number of totals and goes as far as the dual falls.

    Args:
        positive: P, shape (n, k), any unit.
        negative: N, shape (n, k), same unit.
        row_totals: u, shape (n,), same unit.
        column_totals: v, shape (k,), same unit.
        start: multipliers of rows, shape (n,), and columns, shape (k,), to start from, without unit.
        allowed: largest gap, unit of the cells.

    Returns:
        Row and column multipliers, shape (n,) and (k,), without unit; None after 200 steps or when they run away.

    Source: Lenzen, Wood and Gallego (2007), Economic Systems Research 19, 461-465 (the objective); Newton's method
        with backtracking as in Boyd and Vandenberghe (2004), Convex Optimization, section 9.5.
    """
    p, n = _dense(positive), _dense(negative)
    if p.shape[1] > p.shape[0]:
        turned = newton_multipliers(p.T, n.T, column_totals, row_totals, (start[1], start[0]), allowed)
        return None if turned is None else (turned[1], turned[0])
    a, b = np.log(start[0]), np.log(start[1])
    value, plus, minus = _dual(p, n, row_totals, column_totals, a, b)
    for _ in range(STEPS):
        row_gap = (plus - minus).sum(axis=1) - row_totals
        column_gap = (plus - minus).sum(axis=0) - column_totals
        if max(np.abs(row_gap).max(initial=0.0), np.abs(column_gap).max(initial=0.0)) <= allowed:
            return np.exp(a), np.exp(b)
        da, db = _step(plus + minus, row_gap, column_gap)
        slope = float(row_gap @ da + column_gap @ db)
        length = 1.0
        while length > SMALLEST_STEP:
            tried = _dual(p, n, row_totals, column_totals, a + length * da, b + length * db)
            if np.isfinite(tried[0]) and tried[0] <= value + 1e-4 * length * slope + 1e-15 * abs(value):
                break
            length *= 0.5
        else:
            return None
        a, b, (value, plus, minus) = a + length * da, b + length * db, tried
        if max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0)) > FARTHEST:
            return None
    return None


def _dual(p: Array, n: Array, u: Array, v: Array, a: Array, b: Array) -> tuple[float, Array, Array]:
    with np.errstate(over="ignore", invalid="ignore"):
        r, s = np.exp(a), np.exp(b)
        plus, minus = p * r[:, None] * s, n / (r[:, None] * s)
        return float(plus.sum() + minus.sum() - u @ a - v @ b), plus, minus


def _step(size: Array, row_gap: Array, column_gap: Array) -> tuple[Array, Array]:
    """Minus the inverse of [[diag, W], [W', diag]] times the gaps, by the Schur complement of the rows."""
    rows, columns = size.sum(axis=1), size.sum(axis=0)
    inverse = np.divide(1.0, rows, out=np.zeros_like(rows), where=rows > 0.0)
    schur = np.diag(columns) - (size.T * inverse) @ size
    right = column_gap - size.T @ (inverse * row_gap)
    schur[np.diag_indices_from(schur)] += RIDGE * max(float(columns.max(initial=0.0)), 1e-300) + (
        columns == 0.0
    )
    db = -linalg.solve(schur, right, assume_a="sym")
    return -inverse * (row_gap + size @ db), db


def _dense(matrix: Matrix) -> Array:
    return np.asarray(matrix.toarray() if isinstance(matrix, sparse.csr_array) else matrix, dtype=np.float64)
