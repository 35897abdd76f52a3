"""GMRES for some rows or columns at once: each has its own iteration, and they share every pass over the table.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY
    S  direct intensity, (k, n); M = S + M A the total intensity, same unit
    y  final demand, (n, c), CNY; q = y + A q the output needed
    V  the basis of each right side, (steps, k, n), without unit
    H  its Hessenberg matrix made triangular by rotations, (k, steps, steps), without unit
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.iterative import DiagonalBlocks, Iterated
from lvshu.accounts.methods.kernel.storage import Coefficients
from lvshu.accounts.methods.leontief import one_blas_thread

Array = NDArray[np.float64]
Operation = Callable[[Array], Array]

STEPS = 30
ROUNDS = 2
STOP = 1e-15


def gmres_rows(coefficients: Coefficients, blocks: DiagonalBlocks, rows: Array) -> Iterated:
    """Return M = S + M A by GMRES, with the factorised blocks on the diagonal as preconditioner.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        blocks: the factorised blocks on the diagonal.
        rows: S, shape (k, n), any unit.

    Returns:
        The solution, shape (k, n), same unit, with the count of passes over the table.

    Source: Saad and Schultz (1986), SIAM Journal on Scientific and Statistical Computing 7; Saad (2003), sections 6.5
        and 9.3 (right preconditioning).
    """

    def precondition(part: Array) -> Array:
        found = np.empty(part.shape)
        for number, span in enumerate(blocks.spans):
            found[:, span.part] = blocks.rows(number, part[:, span.part])
        return found

    return _iterate(lambda part: part - coefficients.left(part), precondition, blocks, rows)


def gmres_columns(coefficients: Coefficients, blocks: DiagonalBlocks, columns: Array) -> Iterated:
    """Return q = y + A q by GMRES, with the factorised blocks on the diagonal as preconditioner.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        blocks: the factorised blocks on the diagonal.
        columns: y, shape (n, c), any unit.

    Returns:
        The solution, shape (n, c), same unit, with the count of passes over the table.

    Source: as `gmres_rows`.
    """

    def precondition(part: Array) -> Array:
        found = np.empty(part.shape)
        for number, span in enumerate(blocks.spans):
            found[:, span.part] = blocks.columns(number, part[:, span.part].T).T
        return found

    def operate(part: Array) -> Array:
        return part - coefficients.right(part.T).T

    found = _iterate(operate, precondition, blocks, np.ascontiguousarray(columns.T))
    return Iterated(np.ascontiguousarray(found.solution.T), found.iterations, found.settled)


def _iterate(operate: Operation, precondition: Operation, blocks: DiagonalBlocks, sides: Array) -> Iterated:
    """Rounds of GMRES, the second on what the first left over; sides without content are left at zero."""
    solution, passes = np.zeros(sides.shape), 0
    going = np.flatnonzero(np.abs(sides).max(axis=1, initial=0.0) > 0.0)
    if blocks.is_singular or not np.isfinite(sides).all():
        return Iterated(solution, 0, not blocks.is_singular)
    missing = sides
    with one_blas_thread(), np.errstate(all="ignore"):
        for number in range(ROUNDS):
            if not going.size:
                break
            found, steps = _round(operate, precondition, np.ascontiguousarray(missing[going]))
            solution[going] += found
            passes += steps
            if steps < STEPS or number == ROUNDS - 1:
                break
            missing = sides - operate(solution)
            passes += 1
            size = np.linalg.norm(sides, axis=1) + np.linalg.norm(solution, axis=1)
            going = np.flatnonzero(np.linalg.norm(missing, axis=1) > STOP * size)
    settled = bool(np.isfinite(solution).all())
    return Iterated(solution if settled else np.zeros(sides.shape), passes, settled)


def _round(operate: Operation, precondition: Operation, sides: Array) -> tuple[Array, int]:
    """One round of at most STEPS steps; ends when every side's residual is of the size of rounding."""
    many = len(sides)
    start = np.linalg.norm(sides, axis=1)
    basis = [sides / start[:, None]]
    triangle = np.zeros((many, STEPS, STEPS))
    cosine, sine = np.ones((STEPS, many)), np.zeros((STEPS, many))
    right = np.zeros((STEPS + 1, many))
    right[0] = start
    done = np.zeros(many, dtype=bool)
    steps = 0
    for step in range(STEPS):
        vector = operate(precondition(basis[step]))
        before = np.linalg.norm(vector, axis=1)
        column = np.zeros((step + 1, many))
        for _ in range(2):  # orthogonalised twice: enough for rounding
            for number, earlier in enumerate(basis):
                share = np.einsum("kn,kn->k", earlier, vector)
                vector -= share[:, None] * earlier
                column[number] += share
        length = np.linalg.norm(vector, axis=1)
        for number in range(step):
            upper, lower = column[number].copy(), column[number + 1].copy()
            column[number] = cosine[number] * upper + sine[number] * lower
            column[number + 1] = cosine[number] * lower - sine[number] * upper
        size = np.hypot(column[step], length)
        ended = done | (size == 0.0)
        cosine[step] = np.where(ended, 1.0, column[step] / np.where(ended, 1.0, size))
        sine[step] = np.where(ended, 0.0, length / np.where(ended, 1.0, size))
        column[step] = np.where(ended, 1.0, size)
        column[:step, done] = 0.0
        triangle[:, : step + 1, step] = column.T
        right[step + 1] = -sine[step] * right[step]
        right[step] = np.where(ended, 0.0, cosine[step] * right[step])
        done = ended | (np.abs(right[step + 1]) <= STOP * start) | (length <= STOP * before)
        right[step + 1, done] = 0.0
        steps = step + 1
        if done.all():
            break
        basis.append(np.where(done[:, None], 0.0, vector / np.where(done, 1.0, length)[:, None]))
    weights = np.linalg.solve(triangle[:, :steps, :steps], right[:steps].T[:, :, None])[:, :, 0]
    total = np.zeros(sides.shape)
    for number in range(steps):
        total += weights[:, number, None] * basis[number]
    return precondition(total), steps
