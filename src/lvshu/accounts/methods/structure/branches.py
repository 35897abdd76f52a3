"""The inputs of a sector, ranked by what hangs on them: how a supply-chain tree is walked without its small branches.

Letters of the textbook, used in this file only:
    Z  intermediate use, (n, n), CNY; or A itself where no output is given
    x  total output, (n,), CNY
    A  input coefficients Z x^-1, (n, n), CNY per CNY; row = product, column = user
    s  direct intensity, (n,), e.g. tCO2 per CNY
    m  total intensity s (I - A)^-1, (n,), same unit as s
    b  bound: |s| (I - |A|)^-1 or above, (n,), same unit; equal to m where nothing is negative
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Matrix: TypeAlias = Array | sparse.csr_array

ROWS_AT_ONCE = 512
ROUNDS_ALLOWED = 20_000
CONSISTENT = 1e-7
DIVERGES = 1e12


@dataclass(frozen=True)
class Inputs:
    """The inputs of one sector in the order of their bounds; returned by `Branches.inputs`, units as in the header.

    Attributes:
        sector: k positions of the products bought.
        coefficient: A of each, shape (k,), unit CNY per CNY.
        bound: |A| b of each, falling, shape (k,), unit of the intensity.
        summed: total of A m over the first 0, 1, ... k inputs, shape (k + 1,), unit of the intensity.

    Source: Waugh (1950), Econometrica 18 (the power series of A); the ranking is this program's.
    """

    sector: NDArray[np.int64]
    coefficient: Array
    bound: Array
    summed: Array


@dataclass
class Branches:
    """The columns of A, taken from the matrix when first asked for; returned by `branches`, shapes as in the header.

    Source: Miller and Blair (2009), section 2.4 (the power series of A).
    """

    matrix: Matrix
    output: Array | None
    direct: Array
    total: Array
    bound: Array
    kept: dict[int, Inputs] = field(default_factory=dict)

    def inputs(self, sector: int) -> Inputs:
        """Return the inputs of a sector, without those that carry nothing.

        Args:
            sector: position of the user, without unit.

        Returns:
            Inputs by falling bound, shape (k,), unit of the intensity.

        Raises:
            MethodError: accounts.intensity_not_total, when m_j is not s_j + sum of a_ij m_i.

        Source: Miller and Blair (2009), chapter 10: m = s + m A.
        """
        if sector not in self.kept:
            products, coefficient = self._column(sector)
            bound = np.abs(coefficient) * self.bound[products]
            there = np.flatnonzero(bound > 0.0)
            order = there[np.argsort(-bound[there], kind="stable")]
            carried = coefficient[order] * self.total[products[order]]
            summed = np.concatenate([np.zeros(1), np.cumsum(carried)])
            self._check(sector, float(summed[-1]), float(bound.sum()))
            self.kept[sector] = Inputs(products[order], coefficient[order], bound[order], summed)
        return self.kept[sector]

    def _column(self, sector: int) -> tuple[NDArray[np.int64], Array]:
        if not isinstance(self.matrix, np.ndarray):
            start, end = self.matrix.indptr[sector], self.matrix.indptr[sector + 1]
            products = self.matrix.indices[start:end].astype(np.int64)
            values = np.asarray(self.matrix.data[start:end], dtype=np.float64)
        else:
            column = np.asarray(self.matrix[:, sector], dtype=np.float64)
            products = np.flatnonzero(column).astype(np.int64)
            values = column[products]
        if self.output is None:
            return products, values
        divisor = self.output[sector]
        if divisor == 0.0:
            return products[:0], values[:0]
        return products, values / divisor

    def _check(self, sector: int, indirect: float, size: float) -> None:
        stated = float(self.total[sector])
        gap = abs(stated - float(self.direct[sector]) - indirect)
        if gap > CONSISTENT * max(abs(stated), abs(float(self.direct[sector])), size):
            values = {"sector": sector + 1, "stated": stated, "found": float(self.direct[sector]) + indirect}
            raise MethodError(Problem("accounts.intensity_not_total", values=values))


def branches(
    matrix: Matrix, direct_intensity: Array, total_intensity: Array, output: Array | None
) -> Branches:
    """Return the columns of an economy, ready to be walked.

    A sparse matrix is turned into columns once, at the cost of one copy of its entries. Of a dense or memory-mapped
    one single columns are read when a path leads to them; where an entry is negative, absolute bounds are made first.

    Args:
        matrix: A, or Z where the output is given, shape (n, n), dense, memory-mapped or CSR; unit CNY per CNY, or CNY.
        direct_intensity: s, shape (n,), unit e.g. tCO2 per CNY.
        total_intensity: m, shape (n,), same unit.
        output: x, shape (n,), unit CNY, or None.

    Returns:
        The columns with their bounds; units as in the header.

    Raises:
        MethodError: accounts.paths_without_bound, when with negative entries no bound exists.

    Source: Miller and Blair (2009), section 2.4; bounds by absolute values are this program's.
    """
    columns = matrix if isinstance(matrix, np.ndarray) else sparse.csc_array(matrix)
    mixed = bool((direct_intensity < 0.0).any()) or _has_negative(columns)
    mixed = mixed or (output is not None and bool((output < 0.0).any()))
    bound = absolute_bound(columns, np.abs(direct_intensity), output) if mixed else total_intensity
    return Branches(columns, output, direct_intensity, total_intensity, bound)


def absolute_bound(matrix: Matrix, intensity: Array, output: Array | None) -> Array:
    """Return an intensity that no path with its signs left out can exceed: at least |s| (I - |A|)^-1.

    The series is summed until it stands still; what may be missing is then added by a vector that is proven to cover
    it (b >= |s| + b |A| holds for the result).

    Args:
        matrix: A, or Z where the output is given, shape (n, n), unit CNY per CNY, or CNY.
        intensity: |s|, shape (n,), unit e.g. tCO2 per CNY.
        output: x, shape (n,), unit CNY, or None.

    Returns:
        The bound, shape (n,), same unit as the intensity.

    Raises:
        MethodError: accounts.paths_without_bound, when the series of |A| does not end.

    Source: Berman and Plemmons (1994), Nonnegative Matrices in the Mathematical Sciences, chapter 6 (I - |A| is an
        M-matrix exactly when a positive v with v > v |A| exists).
    """
    start = np.stack([intensity, np.ones(len(intensity))])
    total = start.copy()
    for _ in range(ROUNDS_ALLOWED):
        following = start + _absolute_product(matrix, total, output)
        missing = following - total
        if missing[1].max(initial=0.0) <= 0.5 and missing[0].max(initial=0.0) <= 1e-13 * total[0].max(
            initial=0.0
        ):
            return np.asarray(total[0] + 2.0 * max(float(missing[0].max(initial=0.0)), 0.0) * total[1])
        total = following
        if total[1].max(initial=0.0) > DIVERGES:
            break
    raise MethodError(Problem("accounts.paths_without_bound", values={"sectors": len(intensity)}))


def _absolute_product(matrix: Matrix, vectors: Array, output: Array | None) -> Array:
    """Rows of `vectors` (k, n) times |A|, (k, n)."""
    if not isinstance(matrix, np.ndarray):
        product = np.asarray((abs(matrix).T @ vectors.T).T)
    else:
        product = np.zeros(vectors.shape)
        for start in range(0, matrix.shape[0], ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            product += vectors[:, rows] @ np.abs(matrix[rows])
    if output is None:
        return product
    return np.asarray(product / np.where(output == 0.0, np.inf, np.abs(output)))


def _has_negative(matrix: Matrix) -> bool:
    if not isinstance(matrix, np.ndarray):
        return bool((np.asarray(matrix.data) < 0.0).any())
    return any(
        bool((np.asarray(matrix[start : start + ROWS_AT_ONCE]) < 0.0).any())
        for start in range(0, matrix.shape[0], ROWS_AT_ONCE)
    )
