"""Fields of influence: which single input coefficient moves the whole economy most.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  L = (I - A)^-1, (n, n)
    x  total output, (n,), CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.structure.inverse import InverseSummary
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TopCoefficients:
    """The coefficients of the largest influence; returned by `most_influential`.

    Attributes:
        product: k row positions, falling influence.
        user: k column positions.
        influence: squared norm of the field of influence, shape (k,), without unit.

    Source: Sonis and Hewings (1992), Economic Systems Research 4.
    """

    product: NDArray[np.int64]
    user: NDArray[np.int64]
    influence: Array


def influence(summary: InverseSummary) -> Array:
    """Return the influence of every coefficient: the squared norm of its first-order field L_.i L_j. .

    A small change e of a_ij changes L by e L_.i L_j. : rank one, so its squared norm is the product of two norms.

    Args:
        summary: of the Leontief inverse, n sectors, unit CNY per CNY.

    Returns:
        Influence, shape (n, n), without unit; row = product, column = user.

    Source: Sonis and Hewings (1989, 1992), Economic Systems Research 4: fields of influence; Miller and Blair (2009),
        section 12.3.
    """
    return np.asarray(np.outer(summary.column_square, summary.row_square))


def most_influential(
    summary: InverseSummary, count: int, coefficients: Array | None = None
) -> TopCoefficients:
    """Return the coefficients of the largest influence without making the whole matrix, row by row.

    Args:
        summary: of the Leontief inverse, n sectors, unit CNY per CNY.
        count: how many, without unit.
        coefficients: A, shape (n, n), unit CNY per CNY: only coefficients that are not 0 are taken; None for all.

    Returns:
        The `count` largest, k positions each; ties by position.

    Source: Sonis and Hewings (1992), Economic Systems Research 4.
    """
    n = len(summary.diagonal)
    best = np.zeros(0)
    places = np.zeros(0, dtype=np.int64)
    for product in range(n):
        row = summary.column_square[product] * summary.row_square
        users = np.arange(n) if coefficients is None else np.flatnonzero(coefficients[product])
        floor = best[count - 1] if len(best) >= count else -np.inf
        users = users[row[users] > floor]
        if not users.size:
            continue
        best = np.concatenate([best, row[users]])
        places = np.concatenate([places, product * n + users])
        kept = np.argsort(-best, kind="stable")[:count]
        best, places = best[kept], places[kept]
    return TopCoefficients(places // n, places % n, best)


def changed_inverse(inverse: Array, product: int, user: int, change: float) -> Array:
    """Return the Leontief inverse after one coefficient has changed, exactly.

    Args:
        inverse: L, shape (n, n), unit CNY per CNY.
        product: row of the coefficient, a position.
        user: column of the coefficient, a position.
        change: e, unit CNY per CNY.

    Returns:
        L + e L_.i L_j. / (1 - e l_ji), shape (n, n), unit CNY per CNY.

    Raises:
        MethodError: accounts.change_too_large, when 1 - e l_ji is not positive.

    Source: Sherman and Morrison (1950), Annals of Mathematical Statistics 21; Miller and Blair (2009), section 12.3.
    """
    left = 1.0 - change * float(inverse[user, product])
    if left <= 0.0:
        values = {"product": product + 1, "user": user + 1, "change": change, "left": left}
        raise MethodError(Problem("accounts.change_too_large", values=values))
    return np.asarray(inverse + np.outer(inverse[:, product], inverse[user]) * (change / left))


def tolerable_change(coefficients: Array, inverse: Array, output: Array, limit: float) -> Array:
    """Return the relative change of each coefficient that moves no sector's output by more than a limit.

    Small figures mark the important coefficients. For a rise e of a_ij the output of k moves by
    e l_ki x_j / (1 - e l_ji), final demand unchanged.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY, none negative.
        inverse: L, shape (n, n), unit CNY per CNY.
        output: x, shape (n,), unit CNY; sectors without output are left aside.
        limit: relative change of output that is tolerated, e.g. 0.01, without unit.

    Returns:
        limit / (a_ij (l_ji limit + x_j max_k l_ki / x_k)), shape (n, n), without unit; infinite for a_ij = 0.

    Source: Schintke and Staeglin (1988), Important input coefficients in market transaction tables and production
        flow tables; Miller and Blair (2009), section 12.3.
    """
    running = np.flatnonzero(output > 0.0)
    sensitive = (inverse[running] / output[running, None]).max(axis=0, initial=0.0)
    moved = coefficients * (inverse.T * limit + np.outer(sensitive, output))
    return np.asarray(np.divide(limit, moved, out=np.full(moved.shape, np.inf), where=moved > 0.0))
