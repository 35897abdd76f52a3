"""From investment to stocks, from stocks to scrap, from scrap to what it replaces in production.

Letters of the textbook, used in this file only; n products, k kinds of assets, m materials, T years:
    K  investment matrix, (n, k), CNY per unit of inflow of an asset; column = what one unit of the asset is made of
    A  input coefficients, (n, n), CNY per CNY
    x  output, (n,), CNY
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.circulation.stocks import StockAccount
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CapitalFormation:
    """Demand for products by investment. Returned by `capital_formation`.

    Attributes:
        expansion: for the change of stocks, shape (T, n), unit CNY; below 0 where stocks fall.
        replacement: for what has been retired, shape (T, n), unit CNY.

    Source: Pauliuk, Wood and Hertwich (2015), J. Industrial Ecology 19, 104-116.
    """

    expansion: Array
    replacement: Array

    @property
    def total(self) -> Array:
        """Return gross fixed capital formation by product, shape (T, n), unit CNY."""
        return np.asarray(self.expansion + self.replacement)


def capital_formation(investment: Array, account: StockAccount) -> CapitalFormation:
    """Return gross fixed capital formation as K (change of stock + replacement).

    Args:
        investment: K, shape (n, k), unit CNY per unit of the asset.
        account: flows and stocks of k assets over T years, in units of each asset.

    Returns:
        Expansion and replacement, shape (T, n) each, unit CNY; their sum is K times the inflow.

    Raises:
        MethodError: accounts.link_shapes.

    Source: Pauliuk, Wood and Hertwich (2015), J. Industrial Ecology 19, 104-116.
    """
    _fit({"investment": investment.shape[1], "assets": account.inflow.shape[1]})
    return CapitalFormation(account.change @ investment.T, account.outflow @ investment.T)


@dataclass(frozen=True)
class Scrap:
    """What becomes of the materials in retired assets. Returned by `scrap`.

    Attributes:
        end_of_life: in what is retired, shape (T, m), unit t.
        uncollected: not collected, shape (T, m), unit t.
        lost: collected and lost in recycling, shape (T, m), unit t.
        secondary: secondary material made, shape (T, m), unit t.

    Source: end-of-life collection rate and recycling process efficiency of Graedel et al. (2011), J. Industrial
        Ecology 15, 355-366.
    """

    end_of_life: Array
    uncollected: Array
    lost: Array
    secondary: Array


def scrap(outflow: Array, content: Array, collected: Array, efficiency: Array) -> Scrap:
    """Return the secondary material that comes out of retired assets.

    Args:
        outflow: shape (T, k), unit of each asset.
        content: shape (k, m), unit t of material per unit of the asset.
        collected: share collected, shape (k, m) or one that broadcasts to it, without unit.
        efficiency: secondary material per material collected, shape (m,), without unit.

    Returns:
        Four arrays of shape (T, m), unit t; end of life = uncollected + lost + secondary.

    Raises:
        MethodError: accounts.link_shapes; accounts.link_share, when a share is not between 0 and 1.

    Source: Graedel et al. (2011), J. Industrial Ecology 15, 355-366.
    """
    _fit({"outflow": outflow.shape[1], "content": content.shape[0]})
    _shares({"collected": collected, "efficiency": efficiency})
    whole = outflow @ content
    gathered = outflow @ (content * collected)
    secondary = gathered * efficiency
    return Scrap(whole, whole - gathered, gathered - secondary, secondary)


@dataclass(frozen=True)
class Substitution:
    """How a secondary material takes the place of a primary one. Not returned: it is given to `displace`.

    Attributes:
        primary: position of the primary product, a count from 0.
        secondary: position of the product that delivers the secondary material, a count from 0.
        primary_price, secondary_price: unit CNY per t.
        displacement: primary material saved per secondary material used, without unit; 1 where it replaces it fully.
        users: positions of the sectors that can use either; None for all.

    Source: displacement rate, Zink, Geyer and Startz (2016), J. Industrial Ecology 20, 719-729.
    """

    primary: int
    secondary: int
    primary_price: float
    secondary_price: float
    displacement: float = 1.0
    users: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Displacement:
    """Production with more (or less) secondary material. Returned by `displace`.

    Attributes:
        coefficients: the changed A, shape (n, n), unit CNY per CNY.
        used: secondary material used in addition, shape (m,), unit t; below 0 where there is less of it.
        unused: offered and not usable, shape (m,), unit t; below 0 where less was to be used than is.
        saved: primary material saved, shape (m,), unit t.
        cost_change: change of intermediate inputs of each sector, shape (n,), unit CNY per CNY of output.

    Source: Zink, Geyer and Startz (2016), J. Industrial Ecology 20, 719-729.
    """

    coefficients: Array
    used: Array
    unused: Array
    saved: Array
    cost_change: Array


def displace(
    coefficients: Array, output: Array, additional: Array, substitutions: Sequence[Substitution]
) -> Displacement:
    """Return input coefficients in which secondary material replaces primary material, as far as it can.

    All users give up the same share of their primary input. Nothing is displaced that is not used; the rest is told as
    unused. Value added takes up the change of cost: prices stay.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY.
        output: x, shape (n,), unit CNY, of the year whose scrap it is.
        additional: secondary material beyond that already in A, shape (m,), unit t; may be negative.
        substitutions: m of them, one for each material.

    Returns:
        The changed coefficients, shape (n, n), unit CNY per CNY, and what was used, left over and saved, unit t.

    Raises:
        MethodError: accounts.link_shapes; accounts.link_price, when a price or displacement is not positive.

    Source: hybrid change of coefficients as in Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63;
        displacement rate of Zink, Geyer and Startz (2016), J. Industrial Ecology 20, 719-729.
    """
    _fit({"additional": len(additional), "substitutions": len(substitutions)})
    changed = coefficients.astype(np.float64)
    used = np.zeros(len(additional))
    for place, one in enumerate(substitutions):
        if not min(one.primary_price, one.secondary_price, one.displacement) > 0.0:
            values = {"material": place + 1, "primary": one.primary_price, "secondary": one.secondary_price,
                      "displacement": one.displacement}  # fmt: skip
            raise MethodError(Problem("accounts.link_price", values=values))
        users = np.arange(len(output)) if one.users is None else np.array(one.users, dtype=np.int64)
        primary_money = one.displacement * one.primary_price  # per tonne of secondary material
        if additional[place] >= 0.0:
            used[place] = _moved(changed, output, users, (one.primary, one.secondary),
                                 (primary_money, one.secondary_price), float(additional[place]))  # fmt: skip
        else:
            used[place] = -_moved(changed, output, users, (one.secondary, one.primary),
                                  (one.secondary_price, primary_money), -float(additional[place]))  # fmt: skip
    saved = used * np.array([one.displacement for one in substitutions])
    return Displacement(changed, used, additional - used, saved, (changed - coefficients).sum(axis=0))


def _moved(
    changed: Array, output: Array, users: NDArray[np.int64], rows: tuple[int, int], prices: tuple[float, float],
    tonnes: float,
) -> float:  # fmt: skip
    """Move purchases of the users from one row to another, in place; return the tonnes that could be moved."""
    (source, target), (source_price, target_price) = rows, prices
    spent = changed[source, users] * output[users]
    available = float(np.maximum(spent, 0.0).sum()) / source_price
    if available <= 0.0:
        return 0.0
    moved = min(tonnes, available)
    leaving = np.maximum(changed[source, users], 0.0) * (moved / available)
    changed[source, users] -= leaving
    changed[target, users] += leaving * (target_price / source_price)
    return moved


def coefficients_over_time(
    coefficients: Array, outputs: Array, additional: Array, substitutions: Sequence[Substitution]
) -> tuple[Displacement, ...]:
    """Return the changed coefficients A(t) of each year, each from the same base table.

    Args:
        coefficients: A of the base year, shape (n, n), unit CNY per CNY.
        outputs: shape (T, n), unit CNY.
        additional: secondary material beyond that of the base year, shape (T, m), unit t.
        substitutions: m of them.

    Returns:
        T displacements, coefficients of shape (n, n), unit CNY per CNY.

    Raises:
        MethodError: as `displace`.

    Source: as `displace`.
    """
    _fit({"outputs": len(outputs), "additional": len(additional)})
    return tuple(
        displace(coefficients, output, more, substitutions)
        for output, more in zip(outputs, additional, strict=True)
    )


def _fit(sizes: dict[str, int]) -> None:
    if len(set(sizes.values())) > 1:
        raise MethodError(Problem("accounts.link_shapes", values={"sizes": sizes}))


def _shares(shares: dict[str, Array]) -> None:
    problems = [
        Problem(
            "accounts.link_share",
            values={"name": name, "count": int(wrong.sum()), "value": float(one[wrong][0])},
        )
        for name, one in shares.items()
        if (wrong := ~((one >= 0.0) & (one <= 1.0))).any()
    ]
    if problems:
        raise MethodError(*problems)
