"""Standard errors of footprints: in closed form for factors, demand and table, and from replicates.

First order (delta method): de = ds q + m dy + m dA q, with q = L y and m = s L. The part of the factors is exact
(a footprint is linear in them); those of demand and table hold for small errors, and replicates check them.

Letters of the textbook, used in this file only:
    F  stressors of sectors, (m, n), e.g. tCO2; S = F x^-1 intensities
    x  output, (n,), CNY
    A  input coefficients, (n, n), CNY per CNY
    M  total intensities S L, (m, n); q output needed L y, (n, c), CNY
    y  final demand, (n, c), CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.kernel.model import Economy, Kernel
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

BATCH = 512


@dataclass(frozen=True)
class FootprintError:
    """Standard errors of footprints and the parts they come from, unit of the stressor. Returned by `footprint_error`.

    Parts are taken as independent of one another; a part that was not asked for is zero and stands in `left_out`.

    Attributes:
        footprint: s q, shape (m, c).
        total: standard error, the square root of the sum of squared parts, shape (m, c).
        factors: part of the stressors F, shape (m, c).
        demand: part of final demand y, shape (m, c).
        table: part of the intermediate use Z, shape (m, c).
        left_out: the parts that are not covered.

    Source: Bullard and Sebald (1977), Review of Economics and Statistics 59; Lenzen, Wood and Wiedmann (2010), Economic
        Systems Research 22.
    """

    footprint: Array
    total: Array
    factors: Array
    demand: Array
    table: Array
    left_out: tuple[str, ...]


def footprint_error(
    kernel: Kernel,
    stressors: Array,
    demand: Array,
    *,
    stressor_error: Array | None = None,
    demand_error: Array | None = None,
    table_error: float | Array | None = None,
) -> FootprintError:
    """Return standard errors of all footprints in closed form, for independent errors of cells.

    Args:
        kernel: the economy of n sectors.
        stressors: F, shape (m, n), e.g. tCO2.
        demand: y, shape (n, c), unit CNY.
        stressor_error: standard errors of F, shape (m, n), e.g. tCO2; or None.
        demand_error: standard errors of y, shape (n, c), unit CNY; or None.
        table_error: relative standard error of the cells of Z, one number or shape (n, n), without unit; or None.

    Returns:
        Footprints with their standard errors, shape (m, c), e.g. tCO2.

    Raises:
        MethodError: accounts.kernel_error, where a standard error is negative or of another shape; and those of the
            kernel.

    Source: var(s q) = sum_i q_i^2 var(s_i); var(m y) = sum_j m_j^2 var(y_j);
        var(m dA q) = sum_ij m_i^2 var(a_ij) q_j^2: Bullard and Sebald (1977); Lenzen, Wood and Wiedmann (2010).
    """
    reciprocal = kernel.coefficients.reciprocal
    needed = kernel.required_output(demand)
    intensity = stressors * reciprocal
    shape = (len(stressors), demand.shape[1])
    parts = {"factors": np.zeros(shape), "demand": np.zeros(shape), "table": np.zeros(shape)}
    left_out = tuple(name for name, given in zip(parts, (stressor_error, demand_error, table_error), strict=True)
                     if given is None)  # fmt: skip
    if stressor_error is not None:
        _check_error("stressors", stressor_error, stressors.shape)
        parts["factors"] = (stressor_error * reciprocal) ** 2 @ needed**2
    if demand_error is not None or table_error is not None:
        multipliers = kernel.multipliers(intensity)
        if demand_error is not None:
            _check_error("final demand", demand_error, demand.shape)
            parts["demand"] = multipliers**2 @ demand_error**2
        if table_error is not None:
            parts["table"] = _table_part(
                kernel, multipliers, needed, np.asarray(table_error, dtype=np.float64)
            )
    return FootprintError(
        footprint=intensity @ needed,
        total=np.sqrt(parts["factors"] + parts["demand"] + parts["table"]),
        factors=np.sqrt(parts["factors"]),
        demand=np.sqrt(parts["demand"]),
        table=np.sqrt(parts["table"]),
        left_out=left_out,
    )


def footprint_covariance(kernel: Kernel, covariance: Array, demand: Array) -> Array:
    """Return the covariance of the footprints of one stressor, from that of the sectors' emissions; exact.

    Args:
        kernel: the economy of n sectors.
        covariance: of the stressor's row of F, shape (n, n), e.g. tCO2 squared.
        demand: y, shape (n, c), unit CNY.

    Returns:
        Shape (c, c), e.g. tCO2 squared; standard errors are the square roots of its diagonal.

    Raises:
        MethodError: accounts.kernel_error, accounts.kernel_residual.

    Source: var(w' f) = w' var(f) w with w = x^-1 L y: Bullard and Sebald (1977).
    """
    if covariance.shape != (kernel.count, kernel.count) or covariance.diagonal().min(initial=0.0) < 0.0:
        raise MethodError(Problem("accounts.kernel_error", values={"name": "covariance"}))
    weight = kernel.required_output(demand) * kernel.coefficients.reciprocal[:, None]
    return np.asarray(weight.T @ covariance @ weight)


def margin_error(
    kernel: Kernel, intensity: Array, demand: Array, *, row_error: Array, column_error: Array
) -> Array:
    """Return the standard error of footprints from errors of the table's margins, to first order.

    A' = diag(1 + r) A diag(1 + c) with independent r and c: de = sum_i r_i m_i (A q)_i + sum_j c_j (m A)_j q_j.

    Args:
        kernel: the economy of n sectors.
        intensity: S, shape (m, n), e.g. tCO2 per CNY.
        demand: y, shape (n, c), unit CNY.
        row_error: relative standard error of each row, shape (n,), without unit.
        column_error: relative standard error of each column, shape (n,), without unit.

    Returns:
        Shape (m, c), e.g. tCO2.

    Raises:
        MethodError: accounts.kernel_error, and those of the kernel.

    Source: dL = L dA L: Miller and Blair (2009), chapter 12; delta method: Bullard and Sebald (1977).
    """
    _check_error("rows", row_error, (kernel.count,))
    _check_error("columns", column_error, (kernel.count,))
    multipliers, needed = kernel.multipliers(intensity), kernel.required_output(demand)
    used, passed = kernel.right(needed), kernel.left(multipliers)
    variance = (multipliers * row_error) ** 2 @ used**2 + (passed * column_error) ** 2 @ needed**2
    return np.asarray(np.sqrt(variance))


def multiplier_error(kernel: Economy, intensity_error: Array) -> Array:
    """Return standard errors of all multipliers from independent errors of the intensities; exact.

    The squares of L are needed; its rows are solved and used in batches and never held together.

    Args:
        kernel: the economy of n sectors.
        intensity_error: standard errors of S, shape (m, n), e.g. tCO2 per CNY.

    Returns:
        Shape (m, n), same unit.

    Raises:
        MethodError: accounts.kernel_error, and those of the kernel.

    Source: var(m_j) = sum_i var(s_i) l_ij^2: Bullard and Sebald (1977).
    """
    _check_error("intensities", intensity_error, (len(intensity_error), kernel.count))
    variance = np.zeros(intensity_error.shape)
    for start in range(0, kernel.count, BATCH):
        stop = min(start + BATCH, kernel.count)
        unit = np.zeros((stop - start, kernel.count))
        unit[np.arange(stop - start), np.arange(start, stop)] = 1.0
        variance += intensity_error[:, start:stop] ** 2 @ kernel.multipliers(unit) ** 2
    return np.asarray(np.sqrt(variance))


def replicate_error(replicates: Array) -> Array:
    """Return standard errors from replicates.

    Args:
        replicates: shape (b, ...), any unit.

    Returns:
        The standard deviation over b with divisor b - 1, shape (...), same unit.

    Raises:
        MethodError: accounts.kernel_replicates, with fewer than two.

    Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.2 (approach 2, Monte Carlo).
    """
    if len(replicates) < 2:
        raise MethodError(Problem("accounts.kernel_replicates", values={"count": len(replicates)}))
    return np.asarray(np.std(replicates, axis=0, ddof=1))


def _table_part(kernel: Kernel, multipliers: Array, needed: Array, error: Array) -> Array:
    """sum_ij m_i^2 (error_ij a_ij)^2 q_j^2, one pass over the table in stripes."""
    given = kernel.coefficients
    if error.ndim and error.shape != (given.count, given.count):
        raise MethodError(Problem("accounts.kernel_error", values={"name": "intermediate use"}))
    if error.min(initial=0.0) < 0.0 or not np.isfinite(error).all():
        raise MethodError(Problem("accounts.kernel_error", values={"name": "intermediate use"}))
    weights, squares = multipliers**2, needed**2
    found = np.zeros((len(multipliers), needed.shape[1]))
    for span in given.chunks():
        rows = np.empty((span.stop - span.start, given.count))
        given.dense_rows(span, rows)
        rows *= error if not error.ndim else error[span.part]
        found += weights[:, span.part] @ (rows**2 @ squares)
    return found


def _check_error(name: str, error: Array, shape: tuple[int, ...]) -> None:
    if np.shape(error) != shape or not np.isfinite(error).all() or error.min(initial=0.0) < 0.0:
        raise MethodError(Problem("accounts.kernel_error", values={"name": name}))
