"""Block Gauss-Seidel over regions: the route for what does not fit into memory, and the blocks it works with.

The blocks on the diagonal (one region's own table) are factorised once; everything else is passes over the table,
by rows, so that a mapped file is read from front to back and a sparse table without search.

Letters of the textbook, used in this file only:
    Z  intermediate use, (n, n), CNY
    A  input coefficients Z x^-1, (n, n), CNY per CNY
    S  direct intensity, (k, n); M = S + M A the total intensity, same unit
    y  final demand, (n, c), CNY; q = y + A q the output needed
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgetrf, dgetrs

from lvshu.accounts.methods.kernel.storage import Coefficients, Span, add_product
from lvshu.accounts.methods.leontief import one_blas_thread

Array = NDArray[np.float64]

STOP = 3e-15
MOST_SWEEPS = 80
PATIENT_SWEEPS = 3000
SLOWEST = 0.9


@dataclass(frozen=True)
class Iterated:
    """What an iteration found; not yet checked. Returned by the functions of this file.

    Attributes:
        solution: shape as the right side, in its unit.
        iterations: sweeps over the table, a count.
        settled: whether the residual reached the size of rounding.

    Source: Saad (2003), Iterative Methods for Sparse Linear Systems, 2nd edition.
    """

    solution: Array
    iterations: int
    settled: bool


class DiagonalBlocks:
    """The regions' own tables I - A_rr, factorised: one small LU each, shape (b, b), without unit.

    Returned by its own constructor.

    Attributes:
        spans: the runs of sectors, in order.
        is_singular: whether one of them has no inverse.

    Source: Saad (2003), section 4.1.1 (block relaxation schemes).
    """

    def __init__(self, coefficients: Coefficients, spans: tuple[Span, ...]) -> None:
        self.spans = spans
        self.is_singular = False
        self._factors: list[tuple[Array, NDArray[np.int32]]] = []
        with one_blas_thread():
            for span in spans:
                block = coefficients.square(span)
                np.negative(block, out=block)
                block.reshape(-1)[:: len(block) + 1] += 1.0
                factors, pivots, info = dgetrf(block.T, overwrite_a=1)
                self.is_singular |= info > 0
                self._factors.append((factors, pivots))
                if coefficients.is_mapped:
                    coefficients.let_go()

    def rows(self, number: int, rows: Array) -> Array:
        """Return rows (I - A_rr)^-1, shape (k, b), C-ordered."""
        factors, pivots = self._factors[number]
        solved, _ = dgetrs(factors, pivots, np.array(rows, order="C").T, trans=0, overwrite_b=1)
        return np.asarray(solved.T)

    def columns(self, number: int, columns: Array) -> Array:
        """Return (I - A_rr)^-1 columns, shape (b, c)."""
        factors, pivots = self._factors[number]
        solved, _ = dgetrs(factors, pivots, np.array(columns, order="F"), trans=1, overwrite_b=1)
        return np.asarray(solved)


def gauss_seidel_rows(
    coefficients: Coefficients, blocks: DiagonalBlocks, rows: Array, *, patient: bool = False
) -> Iterated:
    """Return M = S + M A by block Gauss-Seidel, pushing each block's change to all later ones.

    The product M Z is kept up to date as blocks change, so a sweep reads each row of the table once and the
    residual is known without another pass.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        blocks: the factorised blocks on the diagonal.
        rows: S, shape (k, n), any unit.
        patient: go on for long where progress is slow, because nothing else fits into memory.

    Returns:
        The solution, shape (k, n), same unit, with the count of sweeps.

    Source: Saad (2003), section 4.1; convergence for A >= 0 with spectral radius below 1: Varga (1962), Matrix
        Iterative Analysis, chapter 3 (regular splittings).
    """
    solution, pushed = np.zeros(rows.shape), np.zeros(rows.shape)
    reciprocal = coefficients.reciprocal
    before = np.inf
    if blocks.is_singular:
        return Iterated(solution, 0, False)
    for sweep in range(1, (PATIENT_SWEEPS if patient else MOST_SWEEPS) + 1):
        with one_blas_thread(), np.errstate(all="ignore"):
            for number, span in enumerate(blocks.spans):
                part = span.part
                missing = rows[:, part] + pushed[:, part] * reciprocal[part] - solution[:, part]
                change = blocks.rows(number, missing)
                solution[:, part] += change
                add_product(pushed, change, coefficients.stripe(span))
                coefficients.let_go()
            worst = _relative(rows + pushed * reciprocal - solution, rows, solution, axis=1)
        if worst <= STOP:
            return Iterated(solution, sweep, True)
        if _has_stalled(worst, before, sweep, patient):
            return Iterated(solution, sweep, False)
        before = worst
    return Iterated(solution, MOST_SWEEPS, False)


def gauss_seidel_columns(
    coefficients: Coefficients, blocks: DiagonalBlocks, columns: Array, *, patient: bool = False
) -> Iterated:
    """Return q = y + A q by block Gauss-Seidel, pulling the latest values of all blocks.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        blocks: the factorised blocks on the diagonal.
        columns: y, shape (n, c), any unit.
        patient: go on for long where progress is slow, because nothing else fits into memory.

    Returns:
        The solution, shape (n, c), same unit, with the count of sweeps.

    Source: Saad (2003), section 4.1.
    """
    solution, scaled = np.zeros(columns.shape), np.zeros(columns.shape)
    reciprocal = coefficients.reciprocal
    missing = np.empty(columns.shape)
    before = np.inf
    if blocks.is_singular:
        return Iterated(solution, 0, False)
    for sweep in range(1, (PATIENT_SWEEPS if patient else MOST_SWEEPS) + 1):
        with one_blas_thread(), np.errstate(all="ignore"):
            for number, span in enumerate(blocks.spans):
                part = span.part
                missing[part] = columns[part] + coefficients.stripe(span) @ scaled - solution[part]
                solution[part] += blocks.columns(number, missing[part])
                scaled[part] = solution[part] * reciprocal[part][:, None]
                coefficients.let_go()
            worst = _relative(missing, columns, solution, axis=0)
        if worst <= STOP:
            return Iterated(solution, sweep, True)
        if _has_stalled(worst, before, sweep, patient):
            return Iterated(solution, sweep, False)
        before = worst
    return Iterated(solution, MOST_SWEEPS, False)


def _relative(residual: Array, given: Array, solution: Array, axis: int) -> float:
    size = np.linalg.norm(given, axis=axis) + np.linalg.norm(solution, axis=axis)
    found = np.linalg.norm(residual, axis=axis) / np.where(size > 0.0, size, 1.0)
    return float(found.max(initial=0.0)) if np.isfinite(found).all() else np.inf


def _has_stalled(worst: float, before: float, sweep: int, patient: bool) -> bool:
    """Rounding has been reached, or the iteration grows, or it would take too long."""
    slowest = 1.0 if patient and worst > 1e-13 else SLOWEST
    return not np.isfinite(worst) or (sweep > 6 and worst > slowest * before)
