"""A table of several regions from a national one: own use, bilateral flows by gravity, every margin met.

Letters of the literature, used in this file only; n products, r regions, c final uses, one unit of money:
    O, D  outflows (调出) and inflows (调入) to and from other regions, (n, r)
    d  distance, (r, r), any unit; b  decay, without unit; T  flows of each product, (n, r, r), from row to column
    U  own intermediate use whatever its origin, (r, n, n); Y  own final use, (r, n, c)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.balancing import gras
from lvshu.accounts.methods.compile.wording import SHOWN, figure, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Names = Sequence[str] | None

BALANCE_ALLOWED = 1e-8
PASSES = 50


@dataclass(frozen=True)
class BilateralFlows:
    """Who sends what to whom. Returned by `bilateral_flows`.

    Attributes:
        flows: T, shape (n, r, r), money; row = sender; 0 on the diagonal.
        moved: how far the totals were from the gravity model: sum of |T - prior| / sum of T by product, shape (n,),
            without unit; prior scaled to the same total.

    Source: Wilson (1967), Transportation Research 1, 253-269 (doubly constrained gravity model).
    """

    flows: Array
    moved: Array


@dataclass(frozen=True)
class BalancedRegions:
    """Regions whose uses fit their supply. Returned by `balance_regions`.

    Attributes:
        intermediate_use: U, shape (r, n, n); final_use: Y, shape (r, n, c), money.
        moved: sum of the absolute changes over the sum of the uses, shape (r,), without unit.
        problems: what was moved, a notice for each region.

    Source: Junius and Oosterhaven (2003), Economic Systems Research 15, 87-96.
    """

    intermediate_use: Array
    final_use: Array
    moved: Array
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class MultiregionalTable:
    """A table of several regions. Returned by `multiregional_table`.

    Attributes:
        intermediate_use: shape (r n, r n), money; regions one after another, products within.
        final_demand: shape (r n, r c), money, of products of the regions; exports stand apart.
        exports: shape (r n,), money.
        output: shape (r n,), money.
        imported_use: use of imports by product, shape (n, r n), money; imported_final: shape (n, r c).

    Source: Chenery (1953) and Moses (1955), American Economic Review 45, 803-832; Miller and Blair (2009), 3.4.
    """

    intermediate_use: Array
    final_demand: Array
    exports: Array
    output: Array
    imported_use: Array
    imported_final: Array


def gravity_prior(outflows: Array, inflows: Array, distance: Array, decay: float | Array) -> Array:
    """Return the flows a gravity model expects, before they are brought to their totals: O_r D_s / d_rs^b.

    Args:
        outflows: O, shape (n, r), money.
        inflows: D, shape (n, r), money.
        distance: d, shape (r, r), any unit, above 0 off the diagonal: kilometres, hours, cost.
        decay: b, one number or one for each product, shape (n,), without unit; it has to be estimated or cited, the
            method assumes none.

    Returns:
        The prior, shape (n, r, r), 0 on the diagonal; only its proportions mean something.

    Raises:
        MethodError: accounts.distance_wrong.

    Source: Leontief and Strout (1963), Multiregional Input-Output Analysis; Wilson (1967).
    """
    away = ~np.eye(len(distance), dtype=bool)
    wrong = away & ~(np.isfinite(distance) & (distance > 0.0))
    if distance.shape != (outflows.shape[1],) * 2 or wrong.any():
        values = {"count": int(wrong.sum()), "regions": outflows.shape[1],
                  "shape": " x ".join(str(length) for length in distance.shape)}  # fmt: skip
        raise MethodError(Problem("accounts.distance_wrong", values=values))
    exponent = np.broadcast_to(np.asarray(decay, dtype=np.float64), (len(outflows),))
    mean = float(distance[away].mean()) if away.any() else 1.0
    relative = np.where(away, distance, mean) / mean
    friction = np.where(away, relative[None] ** -exponent[:, None, None], 0.0)
    return np.asarray(outflows[:, :, None] * inflows[:, None, :] * friction)


def bilateral_flows(
    outflows: Array, inflows: Array, prior: Array, *, products: Names = None, regions: Names = None
) -> BilateralFlows:
    """Return flows between regions that meet every region's outflows and inflows.

    Args:
        outflows: O, shape (n, r), money.
        inflows: D, shape (n, r), money; each product must sum to its outflows: add a region for the rest of the
            country where it does not.
        prior: shape (n, r, r), from `gravity_prior` or from a survey.
        products: names of products for messages.
        regions: names of regions for messages.

    Returns:
        The flows, shape (n, r, r), money.

    Raises:
        MethodError: accounts.flows_unequal, with every product that does not close; what `gras` raises.

    Source: Wilson (1967); Junius and Oosterhaven (2003) for the balancing.
    """
    sent, received = outflows.sum(axis=1), inflows.sum(axis=1)
    open_ones = np.flatnonzero(np.abs(sent - received) > 1e-9 * np.maximum(np.abs(sent), np.abs(received)))
    if len(open_ones):
        order = sorted(open_ones, key=lambda i: -abs(float(sent[i] - received[i])))[:SHOWN]
        places = [
            f"{name_of(products, i)}: {figure(float(sent[i]))} ≠ {figure(float(received[i]))}" for i in order
        ]
        raise MethodError(
            Problem("accounts.flows_unequal", values={"count": len(open_ones), "places": places})
        )
    flows, moved = np.zeros_like(prior), np.zeros(len(prior))
    wrong: list[Problem] = []
    for i in range(len(prior)):
        if not outflows[i].any() and not inflows[i].any():
            continue
        at = [f"{name_of(regions, place)} / {name_of(products, i)}" for place in range(len(prior[i]))]
        try:
            flows[i] = np.asarray(gras(prior[i], outflows[i], inflows[i], names=(at, at)).matrix)
        except MethodError as error:
            wrong += error.problems
            continue
        whole, expected = float(flows[i].sum()), float(prior[i].sum())
        if whole and expected:
            moved[i] = float(np.abs(flows[i] - prior[i] * (whole / expected)).sum()) / whole
    if wrong:
        raise MethodError(*wrong)
    return BilateralFlows(flows, moved)


def net_of_transit(
    output: Array, exports: Array, imports: Array, outflows: Array, inflows: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """Return exports, imports, outflows and inflows without what only passes through, and the transit itself.

    A region that sends out more than it makes must have bought the excess. It is taken, in this order, from its
    outflows and inflows alike; from its exports and imports alike; from imports and outflows (a port of entry: the
    regions that bought there import themselves, in proportion to their inflows); from inflows and exports (a port of
    exit: the regions that sold there export themselves, in proportion to their outflows). No region's trade balance
    changes, nor do national exports and imports; outflows and inflows of a product fall alike.

    Args:
        output: shape (r, n), money.
        exports: shape (r, n), money.
        imports: shape (r, n), money.
        outflows: shape (r, n), money.
        inflows: shape (r, n), money.

    Returns:
        exports, imports, outflows, inflows and transit, shape (r, n) each, money. Excess that no purchase explains
        stays.

    Source: United Nations, Handbook on Supply and Use Tables and Input-Output Tables (2018), re-exports and transit;
        the rules of proportion are assumptions of this method.
    """
    transit = np.zeros_like(output)
    for _ in range(PASSES):
        exports, imports, outflows, inflows, passed = _one_pass(output, exports, imports, outflows, inflows)
        transit = transit + passed
        if passed.max(initial=0.0) <= 1e-12 * float(np.abs(output).max(initial=1.0)):
            break
    return exports, imports, outflows, inflows, transit


def _one_pass(
    output: Array, exports: Array, imports: Array, outflows: Array, inflows: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """What passes through, in the four ways; a later way may open an earlier one to another region."""
    excess = np.maximum(outflows + exports - output, 0.0)
    inland = np.minimum(np.minimum(excess, outflows), inflows)
    outflows, inflows = outflows - inland, inflows - inland
    foreign = np.minimum(np.minimum(excess - inland, exports), imports)
    exports, imports = exports - foreign, imports - foreign
    left = excess - inland - foreign
    entered = np.minimum(np.minimum(left, imports), outflows)
    outflows, bought = outflows - entered, entered.sum(axis=0) * _shares(inflows)
    imports, inflows = imports - entered + bought, inflows - bought
    left = left - entered
    shipped = np.minimum(np.minimum(left, exports), inflows)
    inflows, sold = inflows - shipped, shipped.sum(axis=0) * _shares(outflows)
    exports, outflows = exports - shipped + sold, outflows - sold
    return exports, imports, outflows, inflows, inland + foreign + entered + shipped


def _shares(amounts: Array) -> Array:
    """Share of each region in a product, shape (r, n); 0 where there is none."""
    whole = amounts.sum(axis=0)
    return np.asarray(np.divide(amounts, whole, out=np.zeros_like(amounts), where=whole != 0.0))


def balance_regions(
    intermediate_use: Array,
    final_use: Array,
    supply_left: Array,
    input_totals: Array,
    *,
    products: Names = None,
    regions: Names = None,
) -> BalancedRegions:
    """Return the uses of each region brought to what it has: output plus what comes in minus what goes out.

    Each product's uses meet its supply; each sector's inputs meet its output less value added, which stays as it
    is; final uses move together, by one factor for each region, to close the region.

    Args:
        intermediate_use: first estimate U, shape (r, n, n), money; national coefficients times regional output.
        final_use: first estimate Y, shape (r, n, c), money; may hold negative changes of stocks.
        supply_left: output + imports + inflows - exports - outflows, shape (r, n), money.
        input_totals: output less value added, shape (r, n), money.
        products: names of products for messages.
        regions: names of regions for messages.

    Returns:
        The balanced uses, shape (r, n, n) and (r, n, c), money, and what was moved.

    Raises:
        MethodError: accounts.region_without_final_use; what `gras` raises.

    Source: Junius and Oosterhaven (2003); Temurshoev, Miller and Bouwmeester (2013).
    """
    r, n, c = final_use.shape
    use, final, moved, problems = np.zeros_like(intermediate_use), np.zeros_like(final_use), np.zeros(r), []
    wrong: list[Problem] = []
    for region in range(r):
        for_final = float(supply_left[region].sum() - input_totals[region].sum())
        columns = final_use[region].sum(axis=0)
        whole = float(columns.sum())
        if whole == 0.0 or for_final / whole < 0.0:
            values = {
                "region": name_of(regions, region),
                "left": figure(for_final),
                "estimate": figure(whole),
            }
            wrong.append(Problem("accounts.region_without_final_use", values=values))
            continue
        totals = np.concatenate([input_totals[region], columns * (for_final / whole)])
        prior = np.hstack([intermediate_use[region], final_use[region]])
        try:
            found = np.asarray(
                gras(
                    prior, supply_left[region], totals, names=_within(region, n, c, products, regions)
                ).matrix
            )
        except MethodError as error:
            wrong += error.problems
            continue
        use[region], final[region] = found[:, :n], found[:, n : n + c]
        moved[region] = float(np.abs(found - prior).sum() / np.abs(prior).sum())
        values = {"region": name_of(regions, region), "share": f"{100.0 * moved[region]:.3g}",
                  "factor": f"{for_final / whole:.6g}"}  # fmt: skip
        problems.append(Problem("accounts.region_balanced", values=values, severity="notice"))
    if wrong:
        raise MethodError(*wrong)
    return BalancedRegions(use, final, moved, tuple(problems))


def _within(region: int, n: int, c: int, products: Names, regions: Names) -> tuple[list[str], list[str]]:
    """Names of the rows and columns of a region's uses."""
    where = name_of(regions, region)
    rows = [f"{where} / {name_of(products, i)}" for i in range(n)]
    return rows, [*rows, *(f"{where} / F{number + 1}" for number in range(c))]


def multiregional_table(
    intermediate_use: Array,
    final_use: Array,
    output: Array,
    exports: Array,
    imports: Array,
    flows: Array,
    *,
    products: Names = None,
    regions: Names = None,
) -> MultiregionalTable:
    """Return the table of all regions: every use of a product in a region has the same mix of origins.

    Args:
        intermediate_use: U, shape (r, n, n), money, whatever the origin.
        final_use: Y, shape (r, n, c), money.
        output: shape (r, n), money.
        exports: shape (r, n), money, abroad.
        imports: shape (r, n), money, from abroad.
        flows: T, shape (n, r, r), money; row = sender.
        products: names of products for messages.
        regions: names of regions for messages.

    Returns:
        The table of r n sectors, money; rows add up to output, column sums of uses are unchanged.

    Raises:
        MethodError: accounts.region_unbalanced, where uses are not output plus what comes in minus what goes out;
            accounts.local_supply_negative, where a region sends out more than it makes.

    Source: Chenery (1953); Moses (1955), American Economic Review 45, 803-832; Miller and Blair (2009), section 3.4.
    """
    r, n, c = final_use.shape
    sent, received = flows.sum(axis=2).T, flows.sum(axis=1).T
    used = intermediate_use.sum(axis=2) + final_use.sum(axis=2)
    local = output - exports - sent
    scale = float(np.abs(output).max(initial=1.0))
    _check_regions(used, local + received + imports, local, scale, products, regions)
    origin = np.transpose(flows, (1, 2, 0)).copy()  # (sender, receiver, product)
    origin[np.arange(r), np.arange(r)] = np.maximum(local, 0.0)
    supplied = origin.sum(axis=0) + imports
    share = np.divide(origin, supplied, out=np.zeros_like(origin), where=supplied != 0.0)
    abroad = np.divide(imports, supplied, out=np.zeros_like(imports), where=supplied != 0.0)
    use = np.einsum("rsi,sij->risj", share, intermediate_use, optimize=True).reshape(r * n, r * n)
    final = np.einsum("rsi,sic->risc", share, final_use, optimize=True).reshape(r * n, r * c)
    imported = np.einsum("si,sij->isj", abroad, intermediate_use).reshape(n, r * n)
    imported_final = np.einsum("si,sic->isc", abroad, final_use).reshape(n, r * c)
    return MultiregionalTable(use, final, exports.ravel(), output.ravel(), imported, imported_final)


def _check_regions(
    used: Array, supplied: Array, local: Array, scale: float, products: Names, regions: Names
) -> None:
    wrong = []
    checks = (
        ("accounts.region_unbalanced", supplied - used, np.abs(supplied - used) > BALANCE_ALLOWED * scale),
        ("accounts.local_supply_negative", local, local < -BALANCE_ALLOWED * scale),
    )
    for code, amounts, bad in checks:
        found = sorted(zip(*np.nonzero(bad), strict=True), key=lambda at: -abs(float(amounts[at])))
        if found:
            places = [f"{name_of(regions, int(s))} / {name_of(products, int(i))} ({figure(float(amounts[s, i]))})"
                      for s, i in found[:SHOWN]]  # fmt: skip
            wrong.append(Problem(code, values={"count": len(found), "places": places}))
    if wrong:
        raise MethodError(*wrong)
