"""The kernel: one economy, solved lazily by the route that its questions call for.

Letters of the textbook, used in this file only:
    Z  intermediate use, (n, n), CNY; row = product, column = using sector
    x  total output, (n,), CNY
    A  input coefficients Z x^-1, (n, n), CNY per CNY; never stored
    L  Leontief inverse (I - A)^-1, (n, n); made only by `inverse`
    G  Ghosh inverse (I - x^-1 Z)^-1 = x^-1 L x, (n, n); never made
    S  direct intensity, (m, n), e.g. tCO2 per CNY
    y  final demand, (n, c), CNY
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.direct import Factors, factorise
from lvshu.accounts.methods.kernel.iterative import (
    DiagonalBlocks,
    gauss_seidel_columns,
    gauss_seidel_rows,
)
from lvshu.accounts.methods.kernel.krylov import gmres_columns, gmres_rows
from lvshu.accounts.methods.kernel.productive import check_productive
from lvshu.accounts.methods.kernel.residual import column_residual, row_residual
from lvshu.accounts.methods.kernel.routes import Route, Solved, Way, choose, memory_available, notice
from lvshu.accounts.methods.kernel.storage import Coefficients, coefficients_of, spans
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

RESIDUAL_ALLOWED = 1e-12
SETTLED_BELOW = 1e-14
BATCH = 256


class Economy(ABC):
    """What can be asked of an economy of n sectors, however it is solved. Returned as `Kernel` and its changes.

    Every array is C-ordered, shape as stated with each question; a one-dimensional row or column may be given and
    comes back one-dimensional.

    Attributes:
        count: sectors n, a count.
        record: what was solved so far, oldest first.

    Source: Miller and Blair (2009), Input-Output Analysis, 2nd edition, chapters 2, 10 and 12.
    """

    count: int
    record: list[Solved]

    @abstractmethod
    def left(self, rows: Array) -> Array:
        """Return rows times A, shape (k, n), in the unit of the rows."""

    @abstractmethod
    def right(self, columns: Array) -> Array:
        """Return A times columns, shape (n, c), in the unit of the columns."""

    @abstractmethod
    def _solve_rows(self, rows: Array) -> Array: ...

    @abstractmethod
    def _solve_columns(self, columns: Array) -> Array: ...

    @property
    def last(self) -> Solved | None:
        """Return the record of the last solution, or None."""
        return self.record[-1] if self.record else None

    def multipliers(self, intensity: Array) -> Array:
        """Return total intensities S L, shape (m, n), in the unit of the direct ones S, shape (m, n)."""
        rows, is_flat = _as_rows(intensity, self.count)
        found = self._solve_rows(rows)
        return found[0] if is_flat else found

    def required_output(self, demand: Array) -> Array:
        """Return the output L y that a final demand y, shape (n, c), needs; same shape, unit CNY."""
        columns, is_flat = _as_columns(demand, self.count)
        found = self._solve_columns(columns)
        return found[:, 0] if is_flat else found

    def inverse(self) -> Array:
        """Return the Leontief inverse L, shape (n, n), unit CNY per CNY; nothing else needs it."""
        return self.multipliers(np.eye(self.count))

    def keep(self, route: Route, rows: int, iterations: int, residual: float) -> None:
        """Keep the record of a solution found outside. Returns nothing; counts, and a residual without unit.

        Raises:
            MethodError: accounts.kernel_residual.
        """
        self._keep(route, rows, iterations, (residual, False))

    def _residual_of_rows(self, rows: Array, found: Array) -> tuple[float, bool]:
        return row_residual(self.left, self.right, rows, found)

    def _residual_of_columns(self, columns: Array, found: Array) -> tuple[float, bool]:
        return column_residual(self.left, self.right, columns, found)

    def _keep(self, route: Route, rows: int, iterations: int, residual: tuple[float, bool],
              left: tuple[Way, ...] = ()) -> None:  # fmt: skip
        """Keep the record of a solution; raise where it does not solve its system."""
        solved = Solved(route, rows, iterations, residual[0], residual[1], left)
        if not residual[0] <= RESIDUAL_ALLOWED:
            raise MethodError(Problem("accounts.kernel_residual", values={
                "residual": residual[0], "allowed": RESIDUAL_ALLOWED, "way": route.way, "rows": rows}))  # fmt: skip
        self.record.append(solved)


class Kernel(Economy):
    """An input-output economy that is never copied and never inverted unless asked. Returned by its constructor.

    Attributes:
        coefficients: A as the table and the outputs it is read from, shape (n, n), unit CNY per CNY.
        output: x, shape (n,), unit CNY.
        blocks: region of each sector, shape (n,), or None.

    Source: Miller and Blair (2009), eqs 2.4, 2.10, 2.11, chapter 12 (Ghosh) and chapter 10 (extensions).
    """

    def __init__(
        self,
        intermediate_use: Any,
        output: Array,
        blocks: Any = None,
        *,
        memory_allowed: int | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        """Take Z, shape (n, n), x, shape (n,), region codes, shape (n,), and names of sectors for messages.

        Raises:
            MethodError: accounts.kernel_shape, accounts.kernel_not_finite, accounts.use_without_output.
        """
        self.coefficients: Coefficients = coefficients_of(intermediate_use, output)
        self.output: Array = self.coefficients.output
        self.count = self.coefficients.count
        self.blocks: NDArray[np.int64] | None = None if blocks is None else np.asarray(blocks, dtype=np.int64)
        if self.blocks is not None and self.blocks.shape != (self.count,):
            raise MethodError(Problem("accounts.kernel_shape", values={
                "name": "blocks", "shape": str(self.blocks.shape), "wanted": str((self.count,))}))  # fmt: skip
        self.coefficients.names = names
        self.record = []
        self._memory_allowed = memory_allowed
        self._factors: Factors | None = None
        self._diagonal: DiagonalBlocks | None = None
        self._is_checked = False

    def left(self, rows: Array) -> Array:
        """Return rows times A, shape (k, n), in the unit of the rows."""
        return self.coefficients.left(rows)

    def right(self, columns: Array) -> Array:
        """Return A times columns, shape (n, c), in the unit of the columns."""
        return self.coefficients.right(columns)

    def route(self, rows: int) -> Route:
        """Return how a number of right sides, a count, would be solved now, and why."""
        asked = sum(solved.rows for solved in self.record)
        allowed = memory_available() if self._memory_allowed is None else self._memory_allowed
        has_factors = self._factors is not None
        return choose(count=self.count, rows=rows, asked=asked, has_factors=has_factors, allowed=allowed)

    def downstream(self, primary: Array) -> Array:
        """Return the output p G that primary inputs p, shape (k, n), drive downstream; same shape, unit CNY."""
        rows, is_flat = _as_rows(primary, self.count)
        found = self._solve_rows(rows * self.coefficients.reciprocal) * self.output
        return found[0] if is_flat else found

    def supply_multipliers(self, intensity: Array) -> Array:
        """Return S G', shape (m, n): what one unit of primary input of each sector enables, unit of S."""
        rows, is_flat = _as_rows(intensity, self.count)
        found = (
            np.ascontiguousarray((self._solve_columns((rows * self.output).T)).T)
            * self.coefficients.reciprocal
        )
        idle = self.output == 0.0
        found[:, idle] = rows[:, idle]
        return found[0] if is_flat else found

    def changed(self, columns: NDArray[np.intp], new_coefficients: Array) -> Economy:
        """Return the economy with c columns of A changed to new ones, shape (n, c), unit CNY per CNY; see `changed`."""
        from lvshu.accounts.methods.kernel.changed import ChangedKernel

        return ChangedKernel(self, columns, new_coefficients)

    def inverse(self) -> Array:
        """Return the Leontief inverse L, shape (n, n), unit CNY per CNY; nothing else needs it.

        Raises:
            MethodError: accounts.not_productive, accounts.kernel_residual.
        """
        self.check_productive()
        route = self.route(self.count)
        if route.way != "lu":
            return super().inverse()
        found = self._direct().inverse()
        unit = np.zeros((1, self.count))
        unit[0, :1] = 1.0
        exact = self._residual_of_rows(unit, found[:1]) if self.count else (0.0, False)
        probes = np.where(np.random.default_rng(20210913).random((16, self.count)) < 0.5, -1.0, 1.0)
        summed = self._residual_of_rows(probes, probes @ found)
        self._keep(route, self.count, 0, (max(exact[0], summed[0]), True))
        return found

    def forget(self) -> None:
        """Let go of the factorisation; what is asked next makes it again if needed. Returns nothing; no unit."""
        self._factors = None

    def factorise(self) -> None:
        """Make the factorisation now, so that later questions find it ready. Returns nothing; no unit."""
        self._direct()

    def _direct(self) -> Factors:
        if self._factors is None:
            self._factors = factorise(self.coefficients)
        return self._factors

    def _blocks(self) -> DiagonalBlocks:
        if self._diagonal is None:
            self._diagonal = DiagonalBlocks(self.coefficients, spans(self.count, self.blocks))
        return self._diagonal

    def check_productive(self) -> None:
        """Return nothing where every final demand can be met; no unit. Asked once, before the first solution.

        Raises:
            MethodError: accounts.not_productive.
        """
        if self._is_checked:
            return
        is_nonnegative = self.coefficients.least() >= 0.0
        self._is_checked = True  # the test itself asks for a solution
        try:
            check_productive(
                self.left,
                self.count,
                is_nonnegative=is_nonnegative,
                solve=self._positive_solution,
                column_sums=self.coefficients.column_sums,
            )
        except MethodError:
            self._is_checked = False
            raise

    def _positive_solution(self, ones: Array) -> Array:
        """The solution for a row of ones, not a number where there is none; for the test of productivity alone."""
        route = self.route(1)
        if route.way != "lu":
            patient = route.reason.code == "accounts.kernel_route_memory"
            found = gauss_seidel_rows(self.coefficients, self._blocks(), ones, patient=patient).solution
            if self._residual_of_rows(ones, found)[0] <= RESIDUAL_ALLOWED:
                return found
            if patient:
                return np.full_like(ones, np.nan)
        factors = self._direct()
        return np.full_like(ones, np.nan) if factors.is_singular else factors.solve_rows(ones)

    def _solve_rows(self, rows: Array) -> Array:
        return self._solve(rows, is_rows=True)

    def _solve_columns(self, columns: Array) -> Array:
        return self._solve(columns, is_rows=False)

    def _solve(self, given: Array, *, is_rows: bool) -> Array:
        """Go the chosen way; where an iteration does not settle, go on to the next, and keep that in the record."""
        self.check_productive()
        count = len(given) if is_rows else given.shape[1]
        route = self.route(count)
        residual_of = self._residual_of_rows if is_rows else self._residual_of_columns
        left: tuple[Way, ...] = ()
        while route.way != "lu":
            is_forced = route.reason.code == "accounts.kernel_route_memory"
            is_last_resort = is_forced and route.way == "gauss_seidel"
            found, iterations = self._iterate(route.way, given, is_rows=is_rows, patient=is_last_resort)
            residual = residual_of(given, found)
            if residual[0] <= SETTLED_BELOW or is_last_resort:
                self._keep(route, count, iterations, residual, left)
                return found
            left = (*left, route.way)
            after = notice("accounts.kernel_route_unsettled", way=route.way, residual=residual[0], rows=count)
            route = Route("gauss_seidel", route.reason) if is_forced else Route("lu", after)
        factors = self._direct()
        solve = factors.solve_rows if is_rows else factors.solve_columns
        solution = solve(given)
        residual = residual_of(given, solution)
        if RESIDUAL_ALLOWED < residual[0] < np.inf:  # one step of refinement, with the same factors
            missing = given - solution + (self.left(solution) if is_rows else self.right(solution))
            solution = solution + solve(missing)
            residual = residual_of(given, solution)
        self._keep(route, count, 0, residual, left)
        return solution

    def _iterate(self, way: Way, given: Array, *, is_rows: bool, patient: bool) -> tuple[Array, int]:
        """Solve by iteration, in batches that keep the work arrays small."""
        blocks, iterations = self._blocks(), 0
        solution = np.empty(given.shape)
        for start in range(0, len(given) if is_rows else given.shape[1], BATCH):
            part = (slice(start, start + BATCH),) if is_rows else (slice(None), slice(start, start + BATCH))
            batch = np.ascontiguousarray(given[part])
            if way == "gmres":
                found = (gmres_rows if is_rows else gmres_columns)(self.coefficients, blocks, batch)
            else:
                sweep = gauss_seidel_rows if is_rows else gauss_seidel_columns
                found = sweep(self.coefficients, blocks, batch, patient=patient)
            solution[part] = found.solution
            iterations = max(iterations, found.iterations)
        return solution, iterations


def _as_rows(given: Array, count: int) -> tuple[Array, bool]:
    rows = np.ascontiguousarray(given, dtype=np.float64)
    is_flat = rows.ndim == 1
    rows = rows.reshape(1, -1) if is_flat else rows
    if rows.ndim != 2 or rows.shape[1] != count:
        raise MethodError(Problem("accounts.kernel_shape", values={
            "name": "rows", "shape": str(np.shape(given)), "wanted": f"(m, {count})"}))  # fmt: skip
    return rows, is_flat


def _as_columns(given: Array, count: int) -> tuple[Array, bool]:
    columns = np.asarray(given, dtype=np.float64)
    is_flat = columns.ndim == 1
    columns = columns.reshape(-1, 1) if is_flat else columns
    if columns.ndim != 2 or columns.shape[0] != count:
        raise MethodError(Problem("accounts.kernel_shape", values={
            "name": "columns", "shape": str(np.shape(given)), "wanted": f"({count}, c)"}))  # fmt: skip
    return columns, is_flat
