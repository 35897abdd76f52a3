"""Whether an economy is productive: the spectral radius of A is tested, not its column sums.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY
    v  a positive row, (n,), without unit
    rho(A)  the largest absolute eigenvalue
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

MOST_PASSES = 60


def radius_bounds(
    left: Callable[[Array], Array], count: int, column_sums: Array | None = None
) -> tuple[float, float]:
    """Return a lower and an upper bound of the spectral radius of a matrix without negative cells.

    For any positive v, min (vA/v) <= rho(A) <= max (vA/v). The first v is all ones, whose upper bound is the
    largest column sum; where that is not below 1, v is improved until the upper bound is below 1, the lower one is
    not, or the passes are used up.

    Args:
        left: gives rows times A, shape (1, n) to (1, n), without unit.
        count: number of sectors n.
        column_sums: of A, shape (n,), where they are known already: the first product is then not made.

    Returns:
        Two numbers without unit.

    Source: Collatz (1942), Mathematische Zeitschrift 48; Wielandt (1950), Mathematische Zeitschrift 52.
    """
    row = np.ones((1, count))
    low, high = 0.0, np.inf
    for step in range(MOST_PASSES):
        following = left(row) if step or column_sums is None else column_sums[None, :]
        ratio = following / row
        low, high = max(low, float(ratio.min(initial=np.inf))), min(high, float(ratio.max(initial=0.0)))
        if high < 1.0 or low >= 1.0:
            break
        row = row + following
        row /= row.max()
        row = np.maximum(row, 1e-300)
    return (0.0 if count == 0 else low), high


def spectral_radius_of(left: Callable[[Array], Array], count: int) -> float:
    """Return the largest absolute eigenvalue, from products with the matrix alone.

    Args:
        left: gives rows times A, shape (k, n) to (k, n), without unit.
        count: number of sectors n.

    Returns:
        A number without unit.

    Source: Lehoucq, Sorensen and Yang (1998), ARPACK Users' Guide.
    """
    if count <= 300:
        return float(np.abs(np.linalg.eigvals(left(np.eye(count)))).max(initial=0.0))
    operator = LinearOperator((count, count), matvec=lambda v: left(v.reshape(1, -1))[0], dtype=np.float64)
    try:
        found = eigs(operator, k=1, v0=np.ones(count), return_eigenvectors=False, maxiter=2000)
    except ArpackNoConvergence as unfinished:
        found = unfinished.eigenvalues
    return float(np.abs(found).max(initial=np.nan))


def check_productive(
    left: Callable[[Array], Array],
    count: int,
    *,
    is_nonnegative: bool,
    solve: Callable[[Array], Array],
    column_sums: Array | None = None,
) -> None:
    """Return nothing where every final demand can be met; raise where it cannot.

    Without negative coefficients: bounds first; where they leave it open (a table in parts that do not trade), the
    economy is productive exactly when the solution for a row of ones is positive. With negative ones (a sector with
    negative output, a by-product) the spectral radius is asked.

    Args:
        left: gives rows times A, shape (k, n) to (k, n), without unit.
        count: number of sectors n.
        is_nonnegative: whether no coefficient is negative.
        solve: gives the solution v of v (I - A) = ones, shape (1, n) to (1, n).
        column_sums: of A, shape (n,), where they are known already.

    Raises:
        MethodError: accounts.not_productive, with the spectral radius.

    Source: Hawkins and Simon (1949), Econometrica 17; Miller and Blair (2009), section 2.4.
    """
    is_answer = False
    if is_nonnegative:
        low, high = radius_bounds(left, count, column_sums)
        if high < 1.0:
            return
        if low < 1.0:
            needed = solve(np.ones((1, count)))
            is_answer = bool(np.isfinite(needed).all())
            if is_answer and needed.min(initial=1.0) > 0.0:
                return
    radius = spectral_radius_of(left, count)
    if is_answer or not radius < 1.0:
        raise MethodError(Problem("accounts.not_productive", values={"radius": round(radius, 6)}))
