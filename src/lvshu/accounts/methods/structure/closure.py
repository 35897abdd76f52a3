"""Household closure: income that households earn and spend again, without forming the larger inverse.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  L = (I - A)^-1
    r  income that households earn per unit of output, (n,), CNY per CNY
    c  products that households buy per unit of their income, (n,), CNY per CNY
    h  what households buy of each other (domestic service) per unit of income, a number, CNY per CNY
    s  direct intensity, (n,) or (n, k), e.g. jobs per CNY;  m = s L
    k  income earned from one unit of income spent: r L c + h
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, required_output, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Closure:
    """An economy with its households as one more sector; returned by `closure`.

    Attributes:
        model: the open economy, n sectors, shape (n, n), unit CNY per CNY.
        income: r, shape (n,), unit CNY per CNY.
        consumption: c, shape (n,), unit CNY per CNY.
        income_multiplier: r L, shape (n,): income earned per unit of final demand, unit CNY per CNY.
        between_households: h, unit CNY per CNY.
        rounds: 1 / (1 - k), all the income that one unit of income brings in the end, unit CNY per CNY.

    Source: Miller and Blair (2009), section 2.5 and chapter 6.
    """

    model: LeontiefModel
    income: Array
    consumption: Array
    income_multiplier: Array
    between_households: float
    rounds: float


@dataclass(frozen=True)
class Multipliers:
    """Multipliers of the open and the closed economy; returned by `multipliers`, shape (n,) or (n, k).

    Attributes:
        direct: s, unit of the intensity.
        simple: s L, per unit of final demand, households outside.
        total: the same with households inside (induced effects).
        type_one: simple over direct, without unit; nan where the direct intensity is 0.
        type_two: total over direct, without unit; nan where the direct intensity is 0.

    Source: Miller and Blair (2009), section 6.2 (simple and total, type I and type II multipliers).
    """

    direct: Array
    simple: Array
    total: Array
    type_one: Array
    type_two: Array


def closure(
    model: LeontiefModel, income: Array, consumption: Array, between_households: float = 0.0
) -> Closure:
    """Return the economy closed with respect to households.

    Args:
        model: the open economy, n sectors (local products only, or income leaks abroad are overlooked), shape (n, n),
            unit CNY per CNY.
        income: r, shape (n,), unit CNY per CNY of output: compensation of employees, or another income that is spent.
        consumption: c, shape (n,), unit CNY of local products per CNY of household income (not of expenditure: what
            is saved, taxed or spent on imports is not in it).
        between_households: h, unit CNY per CNY.

    Returns:
        The closed economy; its inverse is L + L c r L / (1 - k), shape (n, n).

    Raises:
        MethodError: accounts.closed_not_productive, when a unit of income brings back a unit of income or more;
            accounts.structure_shapes.

    Source: Miller and Blair (2009), section 2.5; the formula by partitioned inversion.
    """
    n = len(model.coefficients)
    wrong = [Problem("accounts.structure_shapes", values={"name": name, "shape": list(given.shape), "sectors": n})
             for name, given in (("income", income), ("consumption", consumption)) if given.shape != (n,)]  # fmt: skip
    if wrong:
        raise MethodError(*wrong)
    earned = total_intensity(model, income)
    returned = float(earned @ consumption) + between_households
    if not returned < 1.0:
        values = {
            "returned": returned, "spent": float(consumption.sum()) + between_households,
            "largest": float(earned.max(initial=0.0)),
        }  # fmt: skip
        raise MethodError(Problem("accounts.closed_not_productive", values=values))
    return Closure(model, income, consumption, earned, between_households, 1.0 / (1.0 - returned))


def multipliers(
    closed: Closure, direct_intensity: Array | None = None, of_households: float | Array = 0.0
) -> Multipliers:
    """Return the simple and total, type I and type II multipliers of output, employment or a stressor.

    Args:
        closed: the closed economy of n sectors.
        direct_intensity: s, shape (n,) or (n, k), e.g. jobs per CNY; None for output.
        of_households: what households themselves carry per unit of income (jobs in domestic service, emissions of
            heating), a number or shape (k,), same unit; 0 gives the truncated multipliers, over the n sectors only.

    Returns:
        Multipliers, shape (n,) or (n, k), unit of the intensity.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), section 6.2.
    """
    direct = np.ones(len(closed.income)) if direct_intensity is None else direct_intensity
    simple = total_intensity(closed.model, direct)
    spent = closed.rounds * (closed.consumption @ simple + of_households)
    induced = (
        closed.income_multiplier * spent if direct.ndim == 1 else np.outer(closed.income_multiplier, spent)
    )
    total = simple + induced
    divisor = np.where(direct == 0.0, np.nan, direct)
    return Multipliers(direct, simple, total, simple / divisor, total / divisor)


def income_multipliers(closed: Closure) -> Multipliers:
    """Return the multipliers of household income, with what households earn from each other.

    Args:
        closed: the closed economy of n sectors.

    Returns:
        Multipliers, shape (n,), unit CNY per CNY; type II is type I times 1 / (1 - k) in every sector.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), section 6.2; the constant ratio: Sandoval (1967), Review of Economics and
        Statistics 49.
    """
    return multipliers(closed, closed.income, closed.between_households)


def household_output(closed: Closure, final_demand: Array) -> tuple[Array, float]:
    """Return output and household income for a final demand in which endogenous consumption is not counted.

    Args:
        closed: the closed economy of n sectors.
        final_demand: exogenous final demand, shape (n,), unit CNY.

    Returns:
        Output, shape (n,), and the income of households, both in CNY.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), section 2.5.
    """
    earned = closed.rounds * float(closed.income_multiplier @ final_demand)
    return required_output(closed.model, final_demand + closed.consumption * earned), earned
