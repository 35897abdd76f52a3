"""The direct route: one LU factorisation of (I - A)', made in place, and solves without copies.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY
    S  direct intensity, (m, n), e.g. tCO2 per CNY
    M  total intensity S (I - A)^-1, (m, n), same unit
    y  final demand, (n, c), CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgetrf, dgetri, dgetri_lwork, dgetrs

from lvshu.accounts.methods.kernel.storage import Coefficients
from lvshu.accounts.methods.leontief import blas_threads

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Factors:
    """LU factors of (I - A)' as LAPACK keeps them, shape (n, n), without unit. Returned by `factorise`.

    Because the transpose is factorised, a C-ordered block of rows S is, seen in Fortran order, the right side of
    an ordinary solve, and no transposed copy of it is made.

    Attributes:
        matrix: both factors in one array, shape (n, n), Fortran order.
        pivots: row exchanges, shape (n,).
        is_singular: whether a pivot is exactly zero.

    Source: Anderson et al. (1999), LAPACK Users' Guide, 3rd edition (dgetrf, dgetrs).
    """

    matrix: Array
    pivots: NDArray[np.int32]
    is_singular: bool

    def solve_rows(self, rows: Array) -> Array:
        """Return rows (I - A)^-1, shape (m, n); the rows given are not changed (the solver works on a copy)."""
        work = np.array(rows, dtype=np.float64, order="C")
        with blas_threads(len(self.matrix)):
            solved, _ = dgetrs(self.matrix, self.pivots, work.T, trans=0, overwrite_b=1)
        return np.asarray(solved.T)

    def solve_columns(self, columns: Array) -> Array:
        """Return (I - A)^-1 columns, shape (n, c); the columns given are not changed."""
        work = np.array(columns, dtype=np.float64, order="F")
        with blas_threads(len(self.matrix)):
            solved, _ = dgetrs(self.matrix, self.pivots, work, trans=1, overwrite_b=1)
        return np.asarray(solved)

    def inverse(self) -> Array:
        """Return (I - A)^-1, shape (n, n), C-ordered, made in place of one copy of the factors."""
        count = len(self.matrix)
        if not count:
            return np.zeros((0, 0))
        size, _ = dgetri_lwork(count)
        with blas_threads(count):
            inverted, _ = dgetri(
                np.array(self.matrix, order="F"), self.pivots, lwork=int(size), overwrite_lu=1
            )
        return np.asarray(inverted.T)


def factorise(coefficients: Coefficients) -> Factors:
    """Return the LU factors of (I - A)'; one array of n x n is made, and factorised in place.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.

    Returns:
        The factors, shape (n, n), without unit.

    Source: Golub and Van Loan (2013), Matrix Computations, 4th edition, section 3.4 (partial pivoting).
    """
    count = coefficients.count
    matrix = np.empty((count, count))
    for span in coefficients.chunks():
        rows = matrix[span.part]
        coefficients.dense_rows(span, rows, sign=-1.0)
    matrix.reshape(-1)[:: count + 1] += 1.0
    if not count:
        return Factors(matrix, np.zeros(0, dtype=np.int32), False)
    with blas_threads(count):
        factors, pivots, info = dgetrf(matrix.T, overwrite_a=1)
    return Factors(factors, pivots, info > 0)
