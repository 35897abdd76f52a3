"""Spreading the rows of an energy balance over the sectors of an input-output table.

A balance knows seven kinds of consumers; the table has tens or hundreds of sectors. Within each row, a fuel is spread
by a key: the true consumption by sector where someone has it, else what each sector bought of the product that
supplies the fuel (a proxy in money: it is blind to prices, and to fuel bought to be converted).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def shares(key: Array, members: NDArray[np.bool_], fallback: Array) -> tuple[Array, bool]:
    """Return the share of each sector in a row of the balance.

    Args:
        key: shape (n,), any unit, e.g. CNY bought; negative values count as 0.
        members: which sectors belong to the row, shape (n,).
        fallback: key used when the first is zero for all members, shape (n,), any unit, e.g. CNY of output.

    Returns:
        Shares, shape (n,), without unit, summing to 1 (all 0 when there is no member with a key), and whether the
        fallback was used.

    Source: proportional allocation of balance items to industries, United Nations SEEA-Energy (2019), compiling
        accounts from balances.
    """
    first = np.where(members, np.maximum(key, 0.0), 0.0)
    if first.sum() > 0.0:
        return np.asarray(first / first.sum()), False
    second = np.where(members, np.maximum(fallback, 0.0), 0.0)
    total = second.sum()
    return np.asarray(second / total if total > 0.0 else second), True


def mixed_emission(first: Array, second: Array, weights: Array) -> Array:
    """Return sector emissions for replicates that lie between two allocation keys.

    Args:
        first: emission by the preferred key, shape (n, r) or (n, 1), unit tCO2.
        second: emission by the alternative key, same shape, unit tCO2.
        weights: weight of the second key in each replicate, shape (r,), without unit.

    Returns:
        Emissions, shape (n, r), unit tCO2; their sum over sectors is unchanged.

    Source: lvshu's own convention: linear mixture of keys, method card accounts.sector_allocation.
    """
    return np.asarray(first * (1.0 - weights) + second * weights)
