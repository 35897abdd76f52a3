"""Replicates in batch: many versions of a table, of factors or of demand for the price of one factorisation.

Letters of the textbook, used in this file only:
    A  input coefficients of the unchanged economy, (n, n), CNY per CNY; L = (I - A)^-1
    A_b  those of replicate b, near to A
    S  direct intensity, (m, n), e.g. tCO2 per CNY
    q  output L y, (n, c), CNY
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.model import RESIDUAL_ALLOWED, Kernel
from lvshu.accounts.methods.kernel.routes import Route, notice
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

CORRECTIONS = 60
SETTLED = 2e-15


def footprint_replicates(kernel: Kernel, intensities: Array, demand: Array) -> Array:
    """Return the footprint of every replicate of the intensities, from one solution for the demand.

    Args:
        kernel: the economy of n sectors.
        intensities: replicates of S, shape (b, n) for one stressor or (b, m, n), e.g. tCO2 per CNY.
        demand: y, shape (n, c), unit CNY.

    Returns:
        Footprints, shape (b, c) or (b, m, c), e.g. tCO2.

    Raises:
        MethodError: accounts.kernel_shape, accounts.kernel_residual, accounts.not_productive.

    Source: Miller and Blair (2009), chapter 10: s L y is linear in s, so that q = L y is solved once.
    """
    return np.asarray(intensities @ kernel.required_output(demand))


def scaled_multipliers(kernel: Kernel, intensity: Array, row_factors: Array, column_factors: Array) -> Array:
    """Return the multipliers of many scaled economies at once, each exact, with one factorisation.

    A replicate of a table that keeps its pattern (its margins drawn anew) is A_b = diag(r_b) A diag(c_b). All are
    iterated together, M <- M + (S - M + M A_b) L; a replicate that does not settle is solved on its own.

    Args:
        kernel: the unchanged economy of n sectors.
        intensity: S, shape (m, n), the same for all, or (b, m, n), any unit.
        row_factors: shape (b, n), without unit; 1 = unchanged.
        column_factors: shape (b, n), without unit; 1 = unchanged.

    Returns:
        Multipliers, shape (b, m, n), unit of S.

    Raises:
        MethodError: accounts.kernel_shape, accounts.kernel_residual, accounts.not_productive.

    Source: Golub and Van Loan (2013), section 11.5 (preconditioned iteration); replicates: Bullard and Sebald (1988),
        Review of Economics and Statistics 70.
    """
    draws, count = len(row_factors), kernel.count
    if row_factors.shape != (draws, count) or column_factors.shape != (draws, count):
        values = {"name": "row and column factors", "shape": f"{row_factors.shape}, {column_factors.shape}",
                  "wanted": f"({draws}, {count})"}  # fmt: skip
        raise MethodError(Problem("accounts.kernel_shape", values=values))
    given = np.asarray(intensity, dtype=np.float64)
    stacked = np.ascontiguousarray(np.broadcast_to(given, (draws, *given.shape[-2:])))
    lines = stacked.shape[1]
    before, after = np.repeat(row_factors, lines, axis=0), np.repeat(column_factors, lines, axis=0)
    _check_scaled(kernel, row_factors, column_factors)
    rows = stacked.reshape(-1, count)
    solution, residual, steps = _iterate(
        kernel, rows, lambda part: kernel.left(part * before) * after, kernel.multipliers(rows)
    )
    result = solution.reshape(draws, lines, count)
    settled = residual.reshape(draws, lines).max(axis=1, initial=0.0) <= RESIDUAL_ALLOWED
    _keep(kernel, int(settled.sum()) * lines, steps, residual.reshape(draws, lines)[settled])
    for draw in np.flatnonzero(~settled):
        own = _scaled_kernel(kernel, row_factors[draw], column_factors[draw])
        result[draw] = own.multipliers(stacked[draw])
    return result


def replicate_multipliers(kernel: Kernel, intensity: Array, coefficients: Sequence[Array]) -> Array:
    """Return the multipliers of economies given by whole tables of coefficients, with one factorisation for all.

    Args:
        kernel: the unchanged economy of n sectors, near to all of them.
        intensity: S, shape (m, n), any unit.
        coefficients: one A_b of shape (n, n), unit CNY per CNY, for each replicate.

    Returns:
        Multipliers, shape (b, m, n), unit of S; each solves its own system to rounding.

    Raises:
        MethodError: accounts.kernel_residual, accounts.not_productive.

    Source: as `scaled_multipliers`.
    """
    rows = np.ascontiguousarray(np.atleast_2d(intensity), dtype=np.float64)
    found = np.empty((len(coefficients), *rows.shape))
    start = kernel.multipliers(rows)
    for number, table in enumerate(coefficients):
        own = Kernel(table, np.ones(kernel.count), kernel.blocks)
        own.check_productive()
        solution, residual, steps = _iterate(kernel, rows, own.left, start)
        if residual.max(initial=0.0) <= RESIDUAL_ALLOWED:
            _keep(kernel, len(rows), steps, residual)
            found[number] = solution
        else:
            found[number] = own.multipliers(rows)
    return found


def _iterate(
    kernel: Kernel, rows: Array, left: Callable[[Array], Array], start: Array
) -> tuple[Array, Array, int]:
    """Correct a start by the unchanged economy's solutions until every row fits; the residual of each row too."""
    solution, steps = start, 0
    last = np.full(len(rows), np.inf)
    with np.errstate(all="ignore"):
        while True:
            missing = rows - solution + left(solution)
            size = np.linalg.norm(rows, axis=1) + np.linalg.norm(solution, axis=1)
            now = np.linalg.norm(missing, axis=1) / np.where(size > 0.0, size, 1.0)
            now = np.where(np.isfinite(now), now, np.inf)
            open_rows = now > SETTLED
            going = open_rows & (now <= 0.9 * last) if steps else open_rows
            if not going.any() or steps >= CORRECTIONS:
                return solution, now, steps
            solution = solution.copy()
            solution[going] += kernel.multipliers(missing[going])
            last, steps = np.where(going, now, 0.0), steps + 1


def _keep(kernel: Kernel, rows: int, steps: int, residual: Array) -> None:
    route = Route("preconditioned", notice("accounts.kernel_route_preconditioned", rows=rows))
    kernel.keep(route, rows, steps, float(residual.max(initial=0.0)))


def _scaled_kernel(kernel: Kernel, row_factors: Array, column_factors: Array) -> Kernel:
    table = np.empty((kernel.count, kernel.count))
    for span in kernel.coefficients.chunks():
        rows = table[span.part]
        kernel.coefficients.dense_rows(span, rows)
        rows *= row_factors[span.part][:, None] * column_factors
    return Kernel(table, np.ones(kernel.count), kernel.blocks)


def _check_scaled(kernel: Kernel, row_factors: Array, column_factors: Array) -> None:
    """Column sums of all replicates in one product; only those that leave the question open are asked on their own."""
    is_nonnegative = kernel.coefficients.least() >= 0.0
    size = np.full((len(row_factors), 1), np.inf)
    if is_nonnegative:
        size = kernel.left(np.abs(row_factors)) * np.abs(column_factors)
    for draw in np.flatnonzero(size.max(axis=1, initial=0.0) >= 1.0):
        _scaled_kernel(kernel, row_factors[draw], column_factors[draw]).check_productive()
