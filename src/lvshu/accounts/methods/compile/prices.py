"""Price bases (purchasers', producers', basic) and constant prices (double deflation).

Letters of the manual, used in this file only; money in one unit:
    U  use at purchasers' prices, (c, k); row = product, column = industry or final use
    M  trade and transport margins in it, layers of shape (c, k); S  which product each layer is a service of, (l, c)
    T  taxes less subsidies on products in it, (c, k)
    p  price index of each product, (n,), 1 = base year, without unit
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.wording import SHOWN, figure, largest, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Names = Sequence[str] | None


@dataclass(frozen=True)
class Revalued:
    """A use table in another price basis. Returned by `without_margins` and `basic_prices`.

    Attributes:
        use: shape (c, k), money.
        taxes: taxes less subsidies on products of each column, shape (k,), money; 0 where they are still in `use`.
        problems: cells that became negative.

    Source: European system of accounts ESA 2010, 3.44 and chapter 9
    """

    use: Array
    taxes: Array
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ConstantPrices:
    """A table at the prices of the base year. Returned by `double_deflation`.

    Attributes:
        intermediate_use: shape (n, n); imported_use: shape (m, n); final_demand: shape (n, c), money of the base year.
        output: shape (n,); value_added: shape (n,), output less inputs, both deflated, money of the base year.
        value_added_index: implicit price of value added, shape (n,), without unit; NaN where there is none.
        single_deflated: value added divided by the price of output, shape (n,), for comparison.
        problems: negative value added; how far the two differ.

    Source: United Nations, Handbook on Supply and Use Tables and Input-Output Tables (2018), chapter 9.
    """

    intermediate_use: Array
    imported_use: Array
    final_demand: Array
    output: Array
    value_added: Array
    value_added_index: Array
    single_deflated: Array
    problems: tuple[Problem, ...]


def margins_by_rate(use: Array, margins_by_product: Array) -> Array:
    """Return margins cell by cell where only their total by product is known: one rate for all uses of a product.

    Args:
        use: U, shape (c, k), money at purchasers' prices.
        margins_by_product: shape (l, c), money; the column of the supply table for each layer.

    Returns:
        Margins, shape (l, c, k), money; each layer sums to its total by product.

    Raises:
        MethodError: accounts.margin_without_cells, a margin on a product that nobody uses.

    Source: Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 6 (valuation matrices).
    """
    total = use.sum(axis=1)
    silent = np.flatnonzero((total == 0.0) & (margins_by_product != 0.0).any(axis=0))
    if len(silent):
        values = {"kind": {"zh": "行", "en": "row"}, "count": len(silent),
                  "places": largest(None, silent, np.abs(margins_by_product).sum(axis=0))}  # fmt: skip
        raise MethodError(Problem("accounts.margin_without_cells", values=values))
    rate = np.divide(margins_by_product, total, out=np.zeros_like(margins_by_product), where=total != 0.0)
    return np.asarray(rate[:, :, None] * use)


def without_margins(use: Array, margins: Array, services: Array, *, products: Names = None) -> Revalued:
    """Return a use table at producers' prices: margins leave the goods and become uses of trade and transport.

    Args:
        use: U, shape (c, k), money at purchasers' prices.
        margins: M, shape (l, c, k), money, in the price of goods; the rows of margin services themselves 0.
        services: S, shape (l, c), without unit; each row sums to 1: trade margins are trade services, and so on.
        products: names of products for messages.

    Returns:
        The table at producers' prices (taxes on products still in it), shape (c, k); column sums are unchanged.

    Raises:
        MethodError: accounts.valuation_shape; accounts.margin_services, when a layer's services do not sum to 1.

    Source: ESA 2010, 3.44 (basic, producers' and purchasers' prices); Eurostat Manual (2008), chapter 6.
    """
    _check_layers(use, margins, services)
    of_services = np.einsum("lc,lk->ck", services, margins.sum(axis=1))
    found = use - margins.sum(axis=0) + of_services
    return Revalued(found, np.zeros(use.shape[1]), _turned(use, found, products))


def basic_prices(
    use: Array, margins: Array, services: Array, taxes: Array, *, products: Names = None
) -> Revalued:
    """Return a use table at basic prices: without margins and without taxes less subsidies on products.

    Args:
        use: U, shape (c, k), money at purchasers' prices.
        margins: M, shape (l, c, k), money.
        services: S, shape (l, c), without unit.
        taxes: T, shape (c, k), money; taxes less subsidies on products (non-deductible VAT included).
        products: names of products for messages.

    Returns:
        The table at basic prices, shape (c, k), and one row of taxes, shape (k,): together the column sums at
        purchasers' prices.

    Raises:
        MethodError: accounts.valuation_shape; accounts.margin_services.

    Source: ESA 2010, 3.44 and chapter 9; Eurostat Manual (2008), chapter 6.
    """
    if taxes.shape != use.shape:
        raise MethodError(_wrong_shape(use, taxes))
    priced = without_margins(use, margins, services).use - taxes
    return Revalued(priced, taxes.sum(axis=0), _turned(use, priced, products))


def purchasers_prices(use: Array, margins: Array, services: Array, taxes: Array) -> Array:
    """Return a use table at purchasers' prices from one at basic prices; the inverse of `basic_prices`.

    Args:
        use: shape (c, k), money at basic prices.
        margins: M, shape (l, c, k), money.
        services: S, shape (l, c), without unit.
        taxes: T, shape (c, k), money.

    Returns:
        The table at purchasers' prices, shape (c, k), money.

    Raises:
        MethodError: accounts.valuation_shape; accounts.margin_services.

    Source: ESA 2010, 3.44; Eurostat Manual (2008), chapter 6.
    """
    _check_layers(use, margins, services)
    of_services = np.einsum("lc,lk->ck", services, margins.sum(axis=1))
    return np.asarray(use + taxes + margins.sum(axis=0) - of_services)


def double_deflation(
    intermediate_use: Array,
    final_demand: Array,
    output: Array,
    price_index: Array,
    *,
    imported_use: Array | None = None,
    import_price_index: Array | None = None,
    names: Names = None,
) -> ConstantPrices:
    """Return the table at base-year prices: each row divided by its price; value added is what is left.

    Deflated rows still add up. Value added does not follow one price: its parts (wages, taxes, surplus) have no price
    of their own and are not deflated. With indices linked from year to year sums of parts differ from the linked
    total: deflate sums and parts alike, and tell the difference.

    Args:
        intermediate_use: Z, shape (n, n), money at current prices; domestic products, or all.
        final_demand: Y, shape (n, c), money at current prices.
        output: x, shape (n,), money at current prices.
        price_index: p, shape (n,), without unit; 1 = base year, above 0.
        imported_use: shape (m, n), money, where imports stand apart.
        import_price_index: shape (m,), without unit.
        names: names of sectors for messages.

    Returns:
        The table at prices of the base year, shapes as given, money of the base year.

    Raises:
        MethodError: accounts.price_index_wrong.

    Source: United Nations, Handbook on Supply and Use Tables and Input-Output Tables (2018), chapter 9; System of
        National Accounts 2008, chapter 15 (double deflation).
    """
    imported = np.zeros((0, len(output))) if imported_use is None else imported_use
    import_price = (
        np.zeros(0) if import_price_index is None else np.asarray(import_price_index, dtype=np.float64)
    )
    price = np.asarray(price_index, dtype=np.float64)
    _check_prices(price, len(output), names)
    _check_prices(import_price, len(imported), None)
    use, final, made = intermediate_use / price[:, None], final_demand / price[:, None], output / price
    brought = imported / import_price[:, None]
    nominal = output - intermediate_use.sum(axis=0) - imported.sum(axis=0)
    real = made - use.sum(axis=0) - brought.sum(axis=0)
    index = np.divide(
        nominal, real, out=np.full(len(real), np.nan), where=np.abs(real) > 1e-12 * np.abs(made)
    )
    single = nominal / price
    problems = []
    negative = np.flatnonzero((real < 0.0) & (nominal >= 0.0))
    if len(negative):
        values = {"count": len(negative), "places": largest(names, negative, real)}
        problems.append(Problem("accounts.real_value_added_negative", values=values, severity="warning"))
    order = np.argsort(-np.abs(real - single))[:SHOWN]
    values = {
        "double": figure(float(real.sum())), "single": figure(float(single.sum())),
        "difference": figure(float(real.sum() - single.sum())),
        "places": [f"{name_of(names, int(j))} ({figure(float(real[j] - single[j]))})" for j in order],
    }  # fmt: skip
    problems.append(Problem("accounts.deflation_difference", values=values, severity="notice"))
    return ConstantPrices(use, brought, final, made, real, index, single, tuple(problems))


def _check_layers(use: Array, margins: Array, services: Array) -> None:
    if margins.ndim != 3 or margins.shape[1:] != use.shape or services.shape != margins.shape[:2]:
        raise MethodError(_wrong_shape(use, margins))
    sums = services.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > 1e-9)
    if len(wrong):
        places = [f"{int(layer) + 1} ({sums[layer]:.6g})" for layer in wrong]
        raise MethodError(Problem("accounts.margin_services", values={"places": places}))


def _wrong_shape(use: Array, other: Array) -> Problem:
    values = {"use": " x ".join(map(str, use.shape)), "other": " x ".join(map(str, other.shape))}
    return Problem("accounts.valuation_shape", values=values)


def _turned(before: Array, after: Array, products: Names) -> tuple[Problem, ...]:
    bad = (before >= 0.0) & (after < -1e-9 * float(np.abs(before).max(initial=0.0)))
    if not bad.any():
        return ()
    rows = np.flatnonzero(bad.any(axis=1))
    amounts = np.where(bad, after, 0.0).sum(axis=1)
    values = {"count": int(bad.sum()), "places": largest(products, rows, amounts)}
    return (Problem("accounts.valuation_negative", values=values, severity="warning"),)


def _check_prices(price: Array, size: int, names: Names) -> None:
    wrong = np.flatnonzero(~(np.isfinite(price) & (price > 0.0)))
    if len(price) != size or len(wrong):
        places = [name_of(names, int(i)) for i in wrong[:SHOWN]] or ["-"]
        values = {"given": len(price), "needed": size, "places": places}
        raise MethodError(Problem("accounts.price_index_wrong", values=values))
