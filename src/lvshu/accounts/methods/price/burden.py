"""What a change of prices costs households, who is hit hardest, and what giving the revenue back does.

Letters of the textbook, used in this file only:
    b  spending of a household group on n products, (g, n), CNY per head and year
    T  accumulated share of burden, Y of income, N of persons, groups ordered from poor to rich
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.price.carbon import span
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HouseholdBurden:
    """What groups of households pay. Returned by `household_burden`.

    Attributes:
        per_head: shape (g,), unit CNY per head.
        total: of the group, shape (g,), unit CNY.
        share_of_income: shape (g,), without unit (0.02 = 2 %).
        share_of_spending: shape (g,), without unit.
        by_product: shape (g, n), unit CNY per head.
        suits, kakwani: progressivity, without unit: negative = regressive (the poor pay more of their income);
            NaN where nobody pays anything.

    Source: Suits (1977), American Economic Review 67(4); Kakwani (1977), Economic Journal 87.
    """

    per_head: Array
    total: Array
    share_of_income: Array
    share_of_spending: Array
    by_product: Array
    suits: float
    kakwani: float


def household_burden(price_change: Array, spending: Array, persons: Array, income: Array) -> HouseholdBurden:
    """Return the burden of each group at unchanged purchases: dp' b.

    Args:
        price_change: of n products, shape (n,), without unit (0.02 = 2 %).
        spending: b, shape (g, n), unit CNY per head and year, at the prices before the change; consumer spending has
            to stand in the products of the prices (trade and transport margins with trade and transport).
        persons: of each group, shape (g,), a count.
        income: disposable income, shape (g,), unit CNY per head and year, or total spending where the burden is to be
            judged against that.

    Returns:
        The burden by group, shape (g,).

    Raises:
        MethodError: accounts.burden_shapes, accounts.burden_income.

    Source: first-order (Laspeyres) burden, as in Grainger and Kolstad (2010), Environmental and Resource Economics
        46(3).
    """
    g = len(persons)
    if np.shape(spending) != (g, len(price_change)) or np.shape(income) != (g,):
        raise MethodError(Problem("accounts.burden_shapes", values={
            "spending": str(np.shape(spending)), "groups": g, "products": len(price_change),
            "income": str(np.shape(income))}))  # fmt: skip
    _check_groups(persons, income)
    by_product = spending * price_change
    per_head = by_product.sum(axis=1)
    spent = spending.sum(axis=1)
    return HouseholdBurden(
        per_head=per_head,
        total=per_head * persons,
        share_of_income=per_head / income,
        share_of_spending=np.divide(per_head, spent, out=np.zeros(g), where=spent != 0.0),
        by_product=by_product,
        suits=suits_index(per_head * persons, income * persons, persons),
        kakwani=kakwani_index(per_head * persons, income * persons, persons),
    )


def consumer_price_change(local: Array, imported: Array, import_share: Array) -> Array:
    """Return price changes as consumers see them: of what is made here and what comes from abroad together.

    Args:
        local: price changes of local products, shape (n,), without unit.
        imported: price changes of imported products, shape (n,), without unit (0 without a border adjustment).
        import_share: share of imports in final consumption of each product, shape (n,), 0 to 1.

    Returns:
        Price changes, shape (n,), without unit.

    Raises:
        MethodError: accounts.carbon_share, where a share is outside 0 to 1.

    Source: a consumer price index of two sources with base-period weights (Laspeyres).
    """
    if not np.all((import_share >= 0.0) & (import_share <= 1.0)):
        raise MethodError(Problem("accounts.carbon_share", values={
            "name": "import_share", "found": span(import_share)}))  # fmt: skip
    return np.asarray(local * (1.0 - import_share) + imported * import_share)


def recycled_equally(burden: HouseholdBurden, persons: Array, revenue: float) -> Array:
    """Return what each group pays after the revenue has been given back in equal parts per head.

    Args:
        burden: of g groups.
        persons: of each group, shape (g,), a count.
        revenue: to give back, CNY.

    Returns:
        Net burden, shape (g,), unit CNY per head; negative = the group gains.

    Raises:
        MethodError: accounts.burden_income, where nobody lives in the groups.

    Source: lump-sum recycling ("carbon dividend"), as in Grainger and Kolstad (2010).
    """
    people = float(np.sum(persons))
    if not people > 0.0:
        raise MethodError(Problem("accounts.burden_income", values={"groups": [], "persons": people}))
    return np.asarray(burden.per_head - revenue / people)


def gini_index(income: Array, persons: Array) -> float:
    """Return the Gini index of income over groups (within a group all are taken as equal).

    Args:
        income: of each group in all, shape (g,), unit CNY.
        persons: shape (g,), a count.

    Returns:
        0 (equal) to 1, without unit.

    Raises:
        MethodError: accounts.burden_income.

    Source: Kakwani (1977), Economic Journal 87; trapezoids of the Lorenz curve.
    """
    _check_groups(persons, income)
    return _concentration(income, income, persons)


def kakwani_index(burden: Array, income: Array, persons: Array) -> float:
    """Return the Kakwani index: concentration of the burden less the Gini index of income.

    Args:
        burden: of each group in all, shape (g,), unit CNY.
        income: of each group in all, shape (g,), unit CNY.
        persons: shape (g,), a count.

    Returns:
        Without unit; negative = regressive, 0 = proportional, positive = progressive; NaN where the burden sums to 0.

    Raises:
        MethodError: accounts.burden_income.

    Source: Kakwani (1977), Economic Journal 87, 71-80.
    """
    _check_groups(persons, income)
    if np.sum(burden) == 0.0:
        return float("nan")
    return _concentration(burden, income, persons) - _concentration(income, income, persons)


def suits_index(burden: Array, income: Array, persons: Array) -> float:
    """Return the Suits index: 1 - the area under the curve of accumulated burden over accumulated income, doubled.

    Args:
        burden: of each group in all, shape (g,), unit CNY.
        income: of each group in all, shape (g,), unit CNY.
        persons: shape (g,), a count; orders the groups by income per head.

    Returns:
        -1 to 1, without unit; negative = regressive; NaN where the burden sums to 0.

    Raises:
        MethodError: accounts.burden_income.

    Source: Suits (1977), American Economic Review 67(4), 747-752.
    """
    _check_groups(persons, income)
    if np.sum(burden) == 0.0:
        return float("nan")
    order = np.argsort(income / persons, kind="stable")
    return 1.0 - 2.0 * _area(burden[order], income[order])


def _concentration(amount: Array, income: Array, persons: Array) -> float:
    order = np.argsort(income / persons, kind="stable")
    return 1.0 - 2.0 * _area(amount[order], persons[order])


def _area(above: Array, along: Array) -> float:
    """Area under the accumulated share of one over the accumulated share of the other, both from 0 to 1."""
    heights = np.concatenate([[0.0], np.cumsum(above) / np.sum(above)])
    return float(np.sum((heights[1:] + heights[:-1]) / 2.0 * along) / np.sum(along))


def _check_groups(persons: Array, income: Array) -> None:
    wrong = np.flatnonzero(~((np.asarray(persons) > 0.0) & (np.asarray(income) > 0.0)))
    if wrong.size:
        raise MethodError(Problem("accounts.burden_income", values={
            "groups": [int(i) + 1 for i in wrong], "persons": float(np.sum(persons))}))  # fmt: skip
