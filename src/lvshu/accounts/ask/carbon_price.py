"""A carbon price on a system, with labels: what it does to prices, who pays, and what households bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.ask.brought_in import technology_coefficients
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.kernel.accounts import stressor_intensity
from lvshu.accounts.methods.leontief import (
    LeontiefModel,
    input_coefficients,
    leontief_model,
    total_intensity,
)
from lvshu.accounts.methods.price.burden import household_burden, recycled_equally
from lvshu.accounts.methods.price.carbon import CarbonCost, CarbonPrice, carbon_burden, carbon_cost
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.units import factor, find_unit, registry
from lvshu.intake.tidy import NUMBER, TEXT, Field, read_tidy

Array = NDArray[np.float64]

MASSES = ("tCO2", "tCO2e", "t")


@dataclass(frozen=True)
class PricedEconomy:
    """The part of a system that pays: n sectors of a region, or of the whole system.

    Attributes:
        index: n labels.
        places: their positions in the system, shape (n,).
        model: its own input coefficients, factorised.
        intensity: direct emission per output, shape (n,), tCO2 per base money (CNY, EUR, USD).
        border: emission embodied in what it buys from elsewhere per unit of output, shape (n,), tCO2 per base money.
        money: symbol of the base money.
    """

    index: Index
    places: NDArray[np.int64]
    model: LeontiefModel
    intensity: Array
    border: Array
    money: str


def price_effects(
    accounts: Accounts,
    price: float,
    words: Words = None,
    *,
    region: str = "",
    pass_through: float = 1.0,
    exempt: Sequence[str] = (),
    border: bool = False,
    households: Path | None = None,
) -> list[Result]:
    """Return what a carbon price does: price changes by product, revenue and who bears it, and households' burden.

    Args:
        accounts: of the system.
        price: in its base money (CNY, EUR, USD) per tCO2.
        words: the stressor that is priced, in a unit of mass (tCO2, tCO2e, kg, t).
        region: only this region's sectors pay; all where empty.
        pass_through: share of the cost that every sector puts into its price, 0 to 1.
        exempt: sectors that do not pay.
        border: charge what is bought from beyond by its embodied emission: from other regions of the system, or from
            abroad by the domestic-technology assumption where the system is one region that knows what comes in.
        households: table of household groups; see `household_results`.

    Raises:
        MethodError: accounts.no_carbon_unit, accounts.border_without_others, and those of the method.
        InputError: the households' table is wrong.
    """
    economy = priced_economy(accounts, words, region)
    if border and not economy.border.any():
        raise MethodError(Problem("accounts.border_without_others"))
    n = len(economy.places)
    free = np.zeros(n)
    for words_ in exempt:
        free[np.isin(economy.places, accounts.system.industries.find(words_))] = 1.0
    rules = CarbonPrice(
        price, exempt=free, pass_through=np.full(n, pass_through),
        import_coefficients=np.diag(economy.border) if border else None,
        import_intensity=np.ones(n) if border else None,
    )  # fmt: skip
    cost = carbon_cost(economy.model, economy.intensity, rules)
    results = [_prices(accounts, economy, cost, words), _revenue(accounts, economy, cost, rules, words)]
    if households is not None:
        results += household_results(accounts, economy, cost, households, words)
    return results


def priced_economy(accounts: Accounts, words: Words, region: str) -> PricedEconomy:
    """Return the sectors that pay, with their own model, in base money and tCO2."""
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    stated = find_unit(chosen.units[0])
    target = next(
        (mass for mass in MASSES if stated and registry()[mass].dimension == stated.dimension), None
    )
    if stated is None or target is None:
        raise MethodError(Problem("accounts.no_carbon_unit", values={"unit": chosen.units[0]}))
    system = accounts.system
    money = registry()[system.money_unit]
    base = next(
        one.symbol for one in registry().values() if one.dimension == money.dimension and one.factor == 1
    )
    scale = float(factor(stated.symbol, target)) / float(factor(money.symbol, base))
    intensity = stressor_intensity(chosen.flows, system.output, names_of(system.industries))[0] * scale
    places = system.industries.find(region) if region else np.arange(len(system.industries))
    use = system.intermediate_use
    block = use[:, places].toarray() if isinstance(use, sparse.csr_array) else np.asarray(use[:, places])
    output = system.output[places]
    coefficients = np.divide(block, output, out=np.zeros_like(block, dtype=np.float64), where=output != 0.0)
    border = np.zeros(len(places))
    if isinstance(system, RegionalSystem) and system.coming_in:
        total = total_intensity(leontief_model(technology_coefficients(system)), intensity)
        abroad = input_coefficients(system.coming_in["abroad"], system.output, names_of(system.industries))
        border = (total @ abroad)[places]
    elif len(places) < len(system.industries):
        elsewhere = np.ones(len(system.industries), dtype=bool)
        elsewhere[places] = False
        total = accounts.kernel.multipliers(intensity)
        border = total[elsewhere] @ coefficients[elsewhere]
    index = Index.of(system.industries.levels, [system.industries.labels[place] for place in places])
    return PricedEconomy(index, places, leontief_model(coefficients[places]), intensity[places], border, base)


def _prices(accounts: Accounts, economy: PricedEconomy, cost: CarbonCost, words: Words) -> Result:
    rows = Index.of(("measure",), ["price_change", "own_cost", "border_cost", "passed_on"])
    values = 100.0 * np.vstack([cost.price_change, cost.own, cost.border, cost.passed])
    title = ("碳价引起的价格变化", "Price changes by a carbon price")
    note = ("数量不变的第一轮影响：没有替代，也没有需求反应。",
            "First round at unchanged quantities: no substitution, no response of demand.")  # fmt: skip
    return Result("price_change", title, rows, economy.index, values, ("%",), "accounts.carbon_price",
                  accounts.origins(accounts.stressors(words)), notes=(note,))  # fmt: skip


def _revenue(
    accounts: Accounts, economy: PricedEconomy, cost: CarbonCost, rules: CarbonPrice, words: Words
) -> Result:
    system = accounts.system
    scale = float(factor(system.money_unit, economy.money))
    use = system.intermediate_use
    own = np.asarray(system.final_demand[economy.places], dtype=np.float64) * scale
    outside = np.setdiff1d(np.arange(len(system.industries)), economy.places)
    labels: list[tuple[str, ...]] = list(system.final.labels)
    if outside.size:
        block = (
            use[economy.places][:, outside]
            if isinstance(use, sparse.csr_array)
            else use[np.ix_(economy.places, outside)]
        )
        own = np.column_stack([own, np.asarray(block.sum(axis=1)).ravel() * scale])
        labels.append(("others", "intermediate_use"))
    burden = carbon_burden(economy.model, cost, own, rules=rules)
    rows: list[tuple[str, ...]] = [(name, "", "") for name in ("revenue_own", "revenue_border", "profits")]
    rows += [("buyers", *label) for label in labels]
    values = np.array(
        [burden.revenue_own.sum(), burden.revenue_border.sum(), burden.profits.sum(), *burden.buyers]
    )
    title = ("碳价收入与由谁负担", "Revenue of the carbon price and who bears it")
    who = Index.of(("measure", "region", "category"), rows)
    return Result("carbon_burden", title, who, Index.of(("measure",), ["value"]),
                  values[:, None], (economy.money,), "accounts.carbon_price",
                  accounts.origins(accounts.stressors(words)))  # fmt: skip


HOUSEHOLD_FIELDS = (
    Field("group", ("组", "分组", "收入组"), TEXT),
    Field("product", ("产品", "部门", "sector"), TEXT),
    Field("spending", ("人均支出", "支出", "spending per head"), NUMBER),
    Field("persons", ("人数", "人口"), NUMBER),
    Field("income", ("人均收入", "收入", "人均可支配收入", "income per head"), NUMBER),
)


def household_results(
    accounts: Accounts, economy: PricedEconomy, cost: CarbonCost, path: Path, words: Words
) -> list[Result]:
    """Return what household groups pay, and after the revenue they pay is given back in equal parts per head.

    Args:
        accounts: of the system.
        economy: the sectors that pay.
        cost: of the carbon price.
        path: group, product, spending per head, persons, income per head; money in the system's base money.
        words: the stressor.

    Raises:
        InputError: products that are not sectors of the table, persons or income that differ within a group.
    """
    table = read_tidy(path, HOUSEHOLD_FIELDS)
    groups = list(dict.fromkeys(record["group"] for record in table.records))
    spending = np.zeros((len(groups), len(economy.places)))
    persons, income = np.full(len(groups), np.nan), np.full(len(groups), np.nan)
    problems = []
    for record, row in zip(table.records, table.rows, strict=True):
        g, where = groups.index(record["group"]), Where(file=path.name, row=row)
        try:
            found = np.flatnonzero(
                np.isin(economy.places, accounts.system.industries.find(record["product"]))
            )
        except MethodError as error:
            problems += [Problem(one.code, where, one.values) for one in error.problems]
            continue
        for name, array in (("persons", persons), ("income", income)):
            stated = float(record[name])
            if not np.isnan(array[g]) and array[g] != stated:
                values = {"group": record["group"], "column": name, "first": array[g], "second": stated}
                problems.append(Problem("accounts.group_differs", where, values))
            array[g] = stated
        if found.size:
            spending[g, found] += float(record["spending"]) / found.size
    if problems:
        raise InputError(*problems)
    burden = household_burden(cost.price_change, spending, persons, income)
    back = recycled_equally(burden, persons, float(burden.total.sum()))
    rows = Index.of(("measure",), ["per_head", "share_of_income", "share_of_spending", "after_recycling"])
    figures = np.vstack(
        [burden.per_head, 100.0 * burden.share_of_income, 100.0 * burden.share_of_spending, back]
    )
    units = (economy.money, "%", "%", economy.money)
    note = (f"苏茨指数 {burden.suits:.4f}，卡克瓦尼指数 {burden.kakwani:.4f}（负值为累退）。",
            f"Suits index {burden.suits:.4f}, Kakwani index {burden.kakwani:.4f} (negative: regressive).")  # fmt: skip
    title = ("居民各组的负担", "Burden of household groups")
    origin = (*accounts.origins(accounts.stressors(words)), table.origin)
    return [Result("household_burden", title, rows, Index.of(("group",), groups), figures, units,
                   "accounts.carbon_price", origin, notes=(note,))]  # fmt: skip
