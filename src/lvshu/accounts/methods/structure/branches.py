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

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Places = NDArray[np.int64]
Matrix: TypeAlias = Array | sparse.csr_array

ROWS_AT_ONCE = 512
COLUMNS_AT_ONCE = 32
SHOWN = 5
SPARE = 0.25
_NOWHERE = np.zeros(0, dtype=np.int64)
ROUNDS_ALLOWED = 20_000
CONSISTENT = 1e-7
DIVERGES = 1e12


class Branches:
    """The columns of A, taken from the matrix when a path first leads to them; returned by `branches`.

    The inputs of all sectors read stand one after the other, those of one sector by falling bound |a_ij| b_i. Only
    inputs down to a level are kept; where a path asks for smaller ones the column is read again.

    Attributes:
        bound: b, shape (n,), unit of the intensity.
        input_sector, input_coefficient, input_bound: of the inputs kept, shape (k,): positions, CNY per CNY, unit of
            the intensity.
        start, end: where the inputs of each sector stand, shape (n,), positions.
        level: bound down to which the inputs of a sector are kept, shape (n,), unit of the intensity; infinite where
            it was not read.
        dropped: the largest bound not kept, shape (n,), unit of the intensity.

    Source: Waugh (1950), Econometrica 18 (the power series of A); the ranking is this program's.
    """

    def __init__(
        self, matrix: Matrix, output: Array | None, direct: Array, total: Array, bound: Array
    ) -> None:
        n = len(direct)
        self.matrix, self.output, self.direct, self.total, self.bound = matrix, output, direct, total, bound
        self.input_sector, self.input_coefficient, self.input_bound = _NOWHERE, np.zeros(0), np.zeros(0)
        self.start, self.end = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.dropped, self.level = np.zeros(n), np.full(n, np.inf)

    def need(self, sectors: Places, target: Array) -> None:
        """Read what is wanted of the columns of sectors. Return nothing; the inputs kept grow.

        Args:
            sectors: of k nodes, positions, without unit.
            target: smallest bound wanted for each, shape (k,), unit of the intensity.

        Raises:
            MethodError: accounts.intensity_not_total, when m_j is not s_j + sum of a_ij m_i.

        Source: Miller and Blair (2009), chapter 10: m = s + m A.
        """
        wanted = np.full(len(self.level), np.inf)
        np.minimum.at(wanted, sectors, target)
        new = np.flatnonzero(wanted < self.level)
        for first in range(0, len(new), COLUMNS_AT_ONCE):
            part = new[first : first + COLUMNS_AT_ONCE]
            self._take(part, SPARE * wanted[part])

    def until(self, sectors: Places, first: Places, target: Array) -> Places:
        """Return for each of many nodes the place behind its last input of at least the target.

        Args:
            sectors: of the nodes, shape (k,), positions.
            first: place from which to look, shape (k,).
            target: bound wanted, shape (k,), unit of the intensity.

        Returns:
            Places, shape (k,), without unit, by halving the range of all nodes at once.

        Source: this program's.
        """
        low, high = first.copy(), self.end[sectors]
        while (undecided := low < high).any():
            middle = (low + high) // 2
            enough = undecided & (self.input_bound[np.minimum(middle, len(self.input_bound) - 1)] >= target)
            low = np.where(enough, middle + 1, low)
            high = np.where(undecided & ~enough, middle, high)
        return low

    def _take(self, sectors: Places, level: Array) -> None:
        user, product, coefficient, bound = (
            self._dense(sectors, level)
            if isinstance(self.matrix, np.ndarray)
            else self._sparse(sectors, level)
        )
        order = np.lexsort((-bound, user))
        ends = len(self.input_sector) + np.cumsum(np.bincount(user, minlength=len(sectors)))
        self.end[sectors] = ends
        self.start[sectors] = np.concatenate([[len(self.input_sector)], ends[:-1]])
        self.input_sector = np.concatenate([self.input_sector, product[order]])
        self.input_coefficient = np.concatenate([self.input_coefficient, coefficient[order]])
        self.input_bound = np.concatenate([self.input_bound, bound[order]])
        self.level[sectors] = level

    def _dense(self, sectors: Places, level: Array) -> tuple[Places, Places, Array, Array]:
        """Inputs down to a level of some columns: number of the column among them, row, coefficient, bound."""
        block = np.asarray(self.matrix[:, sectors], dtype=np.float64)
        if self.output is not None:
            block = block / np.where(self.output == 0.0, np.inf, self.output)[sectors]
        bound = np.abs(block)
        bound *= self.bound[:, None]
        self._check(sectors, self.total @ block, bound.sum(axis=0))
        kept = bound >= np.maximum(level, np.nextafter(0.0, 1.0))
        product, user = np.nonzero(kept)
        coefficient, found = block[kept], bound[kept]
        bound[kept] = 0.0
        self.dropped[sectors] = bound.max(axis=0, initial=0.0)
        return user, product, coefficient, found

    def _sparse(self, sectors: Places, level: Array) -> tuple[Places, Places, Array, Array]:
        """The same of a sparse matrix, held by columns."""
        columns: Any = self.matrix
        first, end = columns.indptr[sectors], columns.indptr[sectors + 1]
        user = np.repeat(np.arange(len(sectors)), end - first)
        shift = first - np.concatenate([[0], np.cumsum(end - first)[:-1]])
        places = np.arange(len(user)) + shift[user]
        product = columns.indices[places].astype(np.int64)
        coefficient = np.asarray(columns.data[places], dtype=np.float64)
        if self.output is not None:
            coefficient = coefficient / np.where(self.output == 0.0, np.inf, self.output)[sectors][user]
        bound = np.abs(coefficient) * self.bound[product]
        carried = _sums(user, coefficient * self.total[product], len(sectors))
        self._check(sectors, carried, _sums(user, bound, len(sectors)))
        kept = (bound >= level[user]) & (bound > 0.0)
        self.dropped[sectors] = 0.0
        np.maximum.at(self.dropped, sectors[user[~kept]], bound[~kept])
        return user[kept], product[kept], coefficient[kept], bound[kept]

    def _check(self, sectors: Places, indirect: Array, size: Array) -> None:
        stated, found = self.total[sectors], self.direct[sectors] + indirect
        allowed = CONSISTENT * np.maximum(np.maximum(np.abs(stated), np.abs(self.direct[sectors])), size)
        wrong = np.flatnonzero(~(np.abs(stated - found) <= allowed))
        if wrong.size:
            raise MethodError(*(
                Problem("accounts.intensity_not_total", values={
                    "sector": int(sectors[i]) + 1, "stated": float(stated[i]), "found": float(found[i])})
                for i in wrong[:SHOWN]
            ))  # fmt: skip


def branches(
    matrix: Matrix, direct_intensity: Array, total_intensity: Array, output: Array | None
) -> Branches:
    """Return the columns of an economy, ready to be walked.

    A sparse matrix is turned into columns once, at the cost of one copy of its entries. A dense or memory-mapped one
    is looked through once for negative entries, block by block; then single columns are read when a path leads to
    them. Where an entry is negative, absolute bounds are made first.

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


def _sums(group: Places, figures: Array, count: int) -> Array:
    return np.asarray(np.bincount(group, figures, count), dtype=np.float64)
