"""The Leontief price model: what a change of costs does to every price when costs are passed on.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  L = (I - A)^-1
    v  primary input (value added, and imports where A holds local products only) per unit of output, (n,), CNY per CNY
    p  prices relative to those of the table, (n,), without unit: 1 = the price of the table's year
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, leontief_model, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


def price_level(model: LeontiefModel, primary_input: Array) -> Array:
    """Return the prices that cover all costs: p' = v' L.

    With the table's own primary input every price is 1 (a sector without output and without primary input has 0).

    Args:
        model: the factorised economy of n sectors.
        primary_input: v, shape (n,) or (n, r) for r cases, unit CNY per CNY of output.

    Returns:
        Prices, same shape, without unit (1 = the table's price).

    Raises:
        MethodError: accounts.residual; accounts.price_shapes.

    Source: Miller and Blair (2009), section 2.6, eq. 2.33 (Leontief price model).
    """
    _check(model, primary_input, "primary_input")
    return total_intensity(model, primary_input)


def price_change(model: LeontiefModel, cost_change: Array) -> Array:
    """Return how prices change when sectors pass a change of their costs on in full: dp' = dc' L.

    Args:
        model: the factorised economy of n sectors.
        cost_change: change of cost per unit of output, shape (n,) or (n, r), unit CNY per CNY (wages, taxes,
            imported inputs).

    Returns:
        Price changes, same shape, without unit (0.02 = 2 %).

    Raises:
        MethodError: accounts.residual; accounts.price_shapes.

    Source: Miller and Blair (2009), section 2.6.3; the same numbers as relative output changes of the Ghosh model
        (Dietzenbacher 1997, Journal of Regional Science 37(4)).
    """
    _check(model, cost_change, "cost_change")
    return total_intensity(model, cost_change)


def price_change_with_regulated(
    coefficients: Array, cost_change: Array, regulated: Sequence[int], regulated_change: Array
) -> Array:
    """Return price changes where some prices are set by others (regulated electricity, world-market oil).

    dp_F' = (dc_F' + dp_R' A_RF) (I - A_FF)^-1 for the free sectors F; the regulated sectors R keep what was given, and
    bear (or keep) the rest of their cost change in their own surplus.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        cost_change: shape (n,), unit CNY per CNY of output.
        regulated: k places of the regulated sectors, counted from 0.
        regulated_change: their price changes, shape (k,), without unit.

    Returns:
        Price changes, shape (n,), without unit.

    Raises:
        MethodError: accounts.price_shapes, accounts.not_productive.

    Source: Miller and Blair (2009), section 13.2 (mixed models, with exogenous values), applied to prices; e.g.
        Llop (2008), Economic Systems Research 20(2).
    """
    n = len(coefficients)
    if np.shape(cost_change) != (n,) or np.shape(regulated_change) != (len(regulated),):
        raise MethodError(Problem("accounts.price_shapes", values={
            "name": "cost_change", "shape": str(np.shape(cost_change)), "sectors": n}))  # fmt: skip
    held = np.asarray(regulated, dtype=np.int64)
    free = np.setdiff1d(np.arange(n), held)
    change = np.zeros(n)
    change[held] = regulated_change
    pushed = cost_change[free] + np.asarray(regulated_change) @ coefficients[np.ix_(held, free)]
    change[free] = total_intensity(leontief_model(coefficients[np.ix_(free, free)]), pushed)
    return change


def surplus_change(coefficients: Array, cost_change: Array, price: Array) -> Array:
    """Return what each sector keeps of its own surplus per unit of output after prices have changed.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        cost_change: change of cost per unit of output, shape (n,), unit CNY per CNY.
        price: changes of all prices, shape (n,), without unit.

    Returns:
        dp_j - sum_i dp_i a_ij - dc_j, shape (n,), unit CNY per CNY of output; 0 where the cost is passed on in full,
        negative where the sector bears it.

    Source: the accounting identity of the price model, Miller and Blair (2009), eq. 2.32.
    """
    return np.asarray(price - price @ coefficients - cost_change)


def _check(model: LeontiefModel, given: Array, name: str) -> None:
    n = len(model.coefficients)
    if np.ndim(given) not in (1, 2) or len(given) != n:
        raise MethodError(
            Problem(
                "accounts.price_shapes", values={"name": name, "shape": str(np.shape(given)), "sectors": n}
            )
        )
