"""A changed economy, solved from the unchanged one: some columns replaced, or rows and columns scaled.

Letters of the textbook, used in this file only:
    A  input coefficients of the unchanged economy, (n, n), CNY per CNY; L = (I - A)^-1
    E  the columns of the unit matrix that are changed, (n, c)
    U  new less old coefficients of the changed columns, (n, c); A' = A + U E'
    P  the rows E' L of the inverse, (c, n)
    S  direct intensity, (m, n), e.g. tCO2 per CNY; M = S L
    y  final demand, (n, d), CNY; q = L y
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.model import Economy, Kernel
from lvshu.accounts.methods.kernel.productive import check_productive
from lvshu.accounts.methods.kernel.routes import Route, notice
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


REFINED_ABOVE = 1e-13
REFINED_BELOW = 1e-6


class ChangedKernel(Economy):
    """An economy of which some columns (the technology of some sectors) are new. Returned by `changed`.

    Every solution is that of the unchanged economy with a correction by the Sherman-Morrison-Woodbury formula:
    M' = M + (M U)(I - P U)^-1 P and q' = q + L U (I - P U)^-1 q_c, where P are c rows of the inverse.

    Attributes:
        base: the unchanged economy, shape (n, n), unit CNY per CNY.
        columns: the changed sectors, shape (c,), counts from 0.
        new_coefficients: their new columns, shape (n, c), unit CNY per CNY.

    Source: Woodbury (1950), Inverting modified matrices; Sherman and Morrison (1950), Annals of Mathematical
        Statistics 21 (the case of one element); Golub and Van Loan (2013), section 2.1.4.
    """

    def __init__(self, base: Kernel, columns: NDArray[np.intp], new_coefficients: Array) -> None:
        """Take the base, c columns and their coefficients, shape (n, c). Returns nothing.

        Raises:
            MethodError: accounts.kernel_shape, accounts.kernel_columns, accounts.not_productive.
        """
        self.base = base
        self.count = base.count
        self.columns = np.asarray(columns, dtype=np.intp).reshape(-1)
        self.new_coefficients: Array = np.ascontiguousarray(new_coefficients, dtype=np.float64)
        self.record = []
        self._check_given()
        self._difference: Array = self.new_coefficients - base.coefficients.columns(self.columns)
        unit = np.zeros((len(self.columns), self.count))
        unit[np.arange(len(self.columns)), self.columns] = 1.0
        self._inverse_rows = base.multipliers(unit)
        self._core: Array = np.eye(len(self.columns)) - self._inverse_rows @ self._difference
        is_nonnegative = base.coefficients.least() >= 0.0 and self.new_coefficients.min(initial=0.0) >= 0.0
        check_productive(self.left, self.count, is_nonnegative=is_nonnegative, solve=self._correct)

    def _check_given(self) -> None:
        wanted, given = (self.count, len(self.columns)), self.new_coefficients.shape
        if given != wanted:
            values = {"name": "new coefficients", "shape": str(given), "wanted": str(wanted)}
            raise MethodError(Problem("accounts.kernel_shape", values=values))
        inside = (self.columns >= 0) & (self.columns < self.count)
        if len(np.unique(self.columns)) != len(self.columns) or not inside.all():
            raise MethodError(Problem("accounts.kernel_columns", values={"count": self.count}))
        wrong = self.columns[~np.isfinite(self.new_coefficients).all(axis=0)]
        if wrong.size:
            raise MethodError(
                *(Problem("accounts.kernel_not_finite", values={"sector": int(i) + 1}) for i in wrong)
            )

    def left(self, rows: Array) -> Array:
        """Return rows times A', shape (k, n), in the unit of the rows."""
        found = self.base.left(rows)
        found[:, self.columns] = rows @ self.new_coefficients
        return found

    def right(self, columns: Array) -> Array:
        """Return A' times columns, shape (n, c), in the unit of the columns."""
        return np.asarray(self.base.right(columns) + self._difference @ columns[self.columns])

    def multipliers_from(self, intensity: Array, known: Array) -> Array:
        """Return S L', shape (m, n), from the known multipliers S L of the unchanged economy, shape (m, n), unit of S.

        This is the fast way where the unchanged multipliers are at hand: no solution of m rows is needed.
        """
        rows, before = np.atleast_2d(intensity), np.atleast_2d(known)
        weight = np.linalg.solve(self._core.T, (before @ self._difference).T).T
        found = np.asarray(before + weight @ self._inverse_rows)
        residual = self._residual_of_rows(rows, found)
        if REFINED_ABOVE < residual[0] < REFINED_BELOW:
            found = found + self._correct(rows - found + self.left(found))
            residual = self._residual_of_rows(rows, found)
        self._keep(self._route(len(rows)), len(rows), 0, residual)
        return found.reshape(np.shape(intensity))

    def changed(self, columns: NDArray[np.intp], new_coefficients: Array) -> ChangedKernel:
        """Return the economy with these columns changed too, shape (n, c), unit CNY per CNY; the last change counts."""
        mine = ~np.isin(self.columns, columns)
        both = np.concatenate([self.columns[mine], np.asarray(columns, dtype=np.intp)])
        return ChangedKernel(self.base, both, np.hstack([self.new_coefficients[:, mine], new_coefficients]))

    def _correct(self, rows: Array) -> Array:
        before = self.base.multipliers(rows)
        try:
            weight = np.linalg.solve(self._core.T, (before @ self._difference).T).T
        except np.linalg.LinAlgError:
            return np.full_like(rows, np.nan)
        return np.asarray(before + weight @ self._inverse_rows)

    def _route(self, rows: int) -> Route:
        return Route(
            "woodbury", notice("accounts.kernel_route_woodbury", columns=len(self.columns), rows=rows)
        )

    def _solve_rows(self, rows: Array) -> Array:
        return self.multipliers_from(rows, self.base.multipliers(rows))

    def _solve_columns(self, columns: Array) -> Array:
        before = self.base.required_output(columns)
        weight = np.linalg.solve(self._core, before[self.columns])
        found = before + self.base.required_output(self._difference @ weight)
        self._keep(
            self._route(columns.shape[1]), columns.shape[1], 0, self._residual_of_columns(columns, found)
        )
        return np.asarray(found)


def changed(kernel: Kernel, columns: NDArray[np.intp], new_coefficients: Array) -> ChangedKernel:
    """Return the economy with the technology of some sectors changed, without factorising anew.

    Args:
        kernel: the unchanged economy of n sectors.
        columns: the changed sectors, shape (c,), counts from 0.
        new_coefficients: their new columns of A, shape (n, c), unit CNY per CNY.

    Returns:
        The changed economy; its solutions are checked like any other.

    Raises:
        MethodError: accounts.kernel_shape, accounts.kernel_columns, accounts.kernel_not_finite,
            accounts.not_productive.

    Source: Woodbury (1950); Golub and Van Loan (2013), section 2.1.4.
    """
    return ChangedKernel(kernel, columns, new_coefficients)
