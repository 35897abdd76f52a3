"""How well a solution fits its system, for every right side.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY
    S  direct intensity, (m, n); M = S + M A total intensity, same unit
    y  final demand, (n, c), CNY; q = y + A q output, CNY
    V  probes, random signs, (n, p), without unit
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Product = Callable[[Array], Array]

PROBES = 16
EXACT_UP_TO = 64
SEED = 20210913


def row_residual(left: Product, right: Product, rows: Array, solution: Array) -> tuple[float, bool]:
    """Return the largest relative residual of M (I - A) = S, over the rows.

    Up to 64 rows the residual itself is made. Above, each row's residual r is met with 16 random sign vectors v:
    the mean of (r v)^2 is the squared norm of r, so that the check costs 16 columns and not another solution.

    Args:
        left: rows times A, shape (m, n) to (m, n).
        right: A times columns, shape (n, p) to (n, p).
        rows: S, shape (m, n), any unit.
        solution: M, shape (m, n), same unit.

    Returns:
        |r| / (|s| + |m|) in the Euclidean norm, without unit, and whether it was estimated.

    Source: Freivalds (1977), Information Processing 77; Johnson and Lindenstrauss (1984); Higham (2002), section 7.1.
    """
    estimated = len(rows) > EXACT_UP_TO
    if estimated:
        probes = _signs(solution.shape[1], PROBES)
        found = np.linalg.norm(solution @ (probes - right(probes)) - rows @ probes, axis=1) / np.sqrt(PROBES)
    else:
        found = np.linalg.norm(solution - left(solution) - rows, axis=1)
    return _largest(found, np.linalg.norm(rows, axis=1) + np.linalg.norm(solution, axis=1)), estimated


def column_residual(left: Product, right: Product, columns: Array, solution: Array) -> tuple[float, bool]:
    """Return the largest relative residual of (I - A) q = y, over the columns.

    Args:
        left: rows times A, shape (p, n) to (p, n).
        right: A times columns, shape (n, c) to (n, c).
        columns: y, shape (n, c), any unit.
        solution: q, shape (n, c), same unit.

    Returns:
        |r| / (|y| + |q|) in the Euclidean norm, without unit, and whether it was estimated by 16 probes.

    Source: as `row_residual`.
    """
    estimated = columns.shape[1] > EXACT_UP_TO
    if estimated:
        probes = np.ascontiguousarray(_signs(len(columns), PROBES).T)
        found = np.linalg.norm((probes - left(probes)) @ solution - probes @ columns, axis=0) / np.sqrt(
            PROBES
        )
    else:
        found = np.linalg.norm(solution - right(solution) - columns, axis=0)
    return _largest(found, np.linalg.norm(columns, axis=0) + np.linalg.norm(solution, axis=0)), estimated


def _signs(count: int, probes: int) -> Array:
    return np.random.default_rng(SEED).integers(0, 2, (count, probes)).astype(np.float64) * 2.0 - 1.0


def _largest(residual: Array, size: Array) -> float:
    if not (np.isfinite(residual).all() and np.isfinite(size).all()):
        return float("inf")
    return float((residual / np.where(size > 0.0, size, 1.0)).max(initial=0.0))
