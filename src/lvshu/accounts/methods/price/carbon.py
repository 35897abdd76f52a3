"""A carbon price: what it costs each sector, what it does to prices, what it raises and who bears it.

Quantities stay as they are: this is the first-round burden, before anybody saves energy or buys elsewhere.

Letters of the textbook, used in this file only:
    A  input coefficients of local products, (n, n), CNY per CNY;  L = (I - A)^-1
    M  imported inputs per unit of output, (n, n), CNY per CNY: product i from abroad used by sector j
    s  direct intensity, (n,), tCO2 per CNY; s_m that of imported products
    c  cost of the carbon price per unit of output, (n,), CNY per CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, required_output, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


def span(share: Array | float) -> dict[str, str]:
    """Return the lowest and highest of shares as text for a message; one figure where they are alike.

    Args:
        share: scalar or any shape, without unit.

    Returns:
        Text in Chinese and in English.

    Source: none; wording of a message.
    """
    lowest, highest = f"{float(np.min(share)):g}", f"{float(np.max(share)):g}"
    if lowest == highest:
        return {"zh": lowest, "en": lowest}
    return {"zh": f"{lowest} 至 {highest}", "en": f"{lowest} to {highest}"}


@dataclass(frozen=True)
class CarbonPrice:
    """The rules of a carbon price.

    Attributes:
        price: CNY per tCO2.
        exempt: share of each sector's emissions that is free of charge, shape (n,), 0 to 1; None: nothing is.
        pass_through: share of its cost that each sector puts into its price, shape (n,), 0 to 1; None: all.
        import_coefficients: M, shape (n, n), unit CNY per CNY; given with `import_intensity` imports pay at the border.
        import_intensity: carbon of imported products, shape (n,), unit tCO2 per CNY, whatever the rule counts.
        export_rebate: whether exporters get the carbon cost in their price back.

    Source: the rules are the user's; none is built in.
    """

    price: float
    exempt: Array | None = None
    pass_through: Array | None = None
    import_coefficients: Array | None = None
    import_intensity: Array | None = None
    export_rebate: bool = False


@dataclass(frozen=True)
class CarbonCost:
    """What a carbon price does to costs and prices. Returned by `carbon_cost`.

    Attributes:
        own: cost of own emissions per unit of output, shape (n,), unit CNY per CNY.
        border: cost of imported inputs at the border per unit of output, shape (n,), unit CNY per CNY.
        passed: part of own + border that goes into the price, shape (n,), unit CNY per CNY.
        price_change: of local products, shape (n,), without unit (0.02 = 2 %).
        import_price_change: of imported products at the border, shape (n,), without unit.

    Source: Miller and Blair (2009), section 2.6.
    """

    own: Array
    border: Array
    passed: Array
    price_change: Array
    import_price_change: Array


@dataclass(frozen=True)
class CarbonBurden:
    """Who bears a carbon price. Returned by `carbon_burden`; every figure in CNY.

    Attributes:
        revenue_own: paid by each sector on its own emissions, shape (n,).
        revenue_border: paid at the border on each imported product, shape (n,): for production and final use.
        rebate: given back to exporters, by product, shape (n,).
        profits: borne by each sector's surplus, shape (n,).
        buyers: borne by each category of final use through prices, shape (c,); 0 for exports with a rebate.

    Revenue - rebate = profits + buyers.

    Source: the identity dp' y = passed' x of the price and quantity models, Miller and Blair (2009), section 2.6.
    """

    revenue_own: Array
    revenue_border: Array
    rebate: Array
    profits: Array
    buyers: Array

    @property
    def net_revenue(self) -> float:
        """Return the revenue after rebates, CNY.

        Source: sum of the parts.
        """
        return float(self.revenue_own.sum() + self.revenue_border.sum() - self.rebate.sum())


def carbon_cost(model: LeontiefModel, intensity: Array, rules: CarbonPrice) -> CarbonCost:
    """Return costs and price changes: dp' = theta (tau s (1 - phi) + tau s_m' M) L.

    Each sector puts the share theta of its own carbon cost (and that of its imported inputs at the border) into its
    price; dearer local inputs are passed on in full.

    Args:
        model: the factorised economy of n sectors; its coefficients hold local products where imports are treated
            apart.
        intensity: s, direct emissions per output, shape (n,), unit tCO2 per CNY.
        rules: of n sectors.

    Returns:
        Costs and price changes, shape (n,) each.

    Raises:
        MethodError: accounts.price_shapes, accounts.carbon_price_negative, accounts.carbon_share,
            accounts.carbon_border_half, accounts.residual.

    Source: Miller and Blair (2009), section 2.6.3 (cost push), with a carbon cost as the primary input: e.g. Grainger
        and Kolstad (2010), Environmental and Resource Economics 46(3); border adjustment as in Fullerton, Baylis and
        others is the same cost on imported inputs.
    """
    n = len(model.coefficients)
    _check(n, intensity, rules)
    charged = intensity if rules.exempt is None else intensity * (1.0 - rules.exempt)
    own = rules.price * charged
    at_border = np.zeros(n) if rules.import_intensity is None else rules.price * rules.import_intensity
    border = np.zeros(n) if rules.import_coefficients is None else at_border @ rules.import_coefficients
    passed = own + border if rules.pass_through is None else rules.pass_through * (own + border)
    return CarbonCost(np.asarray(own), np.asarray(border), np.asarray(passed), total_intensity(model, passed),
                      at_border)  # fmt: skip


def carbon_burden(
    model: LeontiefModel,
    cost: CarbonCost,
    final_demand: Array,
    *,
    imported_final: Array | None = None,
    exports: NDArray[np.bool_] | None = None,
    rules: CarbonPrice,
) -> CarbonBurden:
    """Return revenue and who bears it: sectors' surplus, or the buyers of final products.

    Args:
        model: the factorised economy of n sectors.
        cost: made by `carbon_cost` with the same rules.
        final_demand: of local products, shape (n, c), unit CNY; output is what it needs.
        imported_final: final use of imported products, shape (n, c), unit CNY; None: none.
        exports: which of the c categories leave the territory, shape (c,); needed for a rebate.
        rules: those of `cost`.

    Returns:
        Revenue and burden, unit CNY.

    Raises:
        MethodError: accounts.price_shapes, accounts.carbon_no_exports.

    Source: Miller and Blair (2009), section 2.6: dp' y = dp' (I - A) x = passed' x.
    """
    n = len(model.coefficients)
    demand = np.asarray(final_demand, np.float64)
    if (
        demand.ndim != 2
        or len(demand) != n
        or (imported_final is not None and imported_final.shape != demand.shape)
    ):
        raise MethodError(Problem("accounts.price_shapes", values={
            "name": "final_demand", "shape": str(demand.shape), "sectors": n}))  # fmt: skip
    if rules.export_rebate and exports is None:
        raise MethodError(Problem("accounts.carbon_no_exports"))
    imported = np.zeros_like(demand) if imported_final is None else imported_final
    output = required_output(model, demand.sum(axis=1))
    inputs = np.zeros(n)
    if rules.import_coefficients is not None:
        inputs = rules.import_coefficients @ output
    buyers = cost.price_change @ demand + cost.import_price_change @ imported
    rebate = np.zeros(n)
    if rules.export_rebate and exports is not None:
        rebate = (cost.price_change * demand[:, exports].sum(axis=1)
                  + cost.import_price_change * imported[:, exports].sum(axis=1))  # fmt: skip
        buyers = np.where(exports, 0.0, buyers)
    return CarbonBurden(
        revenue_own=np.asarray(cost.own * output),
        revenue_border=np.asarray(cost.import_price_change * (inputs + imported.sum(axis=1))),
        rebate=rebate,
        profits=np.asarray((cost.own + cost.border - cost.passed) * output),
        buyers=np.asarray(buyers),
    )


def _check(n: int, intensity: Array, rules: CarbonPrice) -> None:
    wrong = []
    given = {"intensity": (intensity, (n,)), "exempt": (rules.exempt, (n,)),
             "pass_through": (rules.pass_through, (n,)), "import_intensity": (rules.import_intensity, (n,)),
             "import_coefficients": (rules.import_coefficients, (n, n))}  # fmt: skip
    for name, (array, shape) in given.items():
        if array is not None and np.shape(array) != shape:
            wrong.append(Problem("accounts.price_shapes", values={
                "name": name, "shape": str(np.shape(array)), "sectors": n}))  # fmt: skip
    for name in ("exempt", "pass_through"):
        share = given[name][0]
        if share is not None and not np.all((share >= 0.0) & (share <= 1.0)):
            wrong.append(Problem("accounts.carbon_share", values={
                "name": name, "found": span(share)}))  # fmt: skip
    if not rules.price >= 0.0:
        wrong.append(Problem("accounts.carbon_price_negative", values={"price": rules.price}))
    if (rules.import_coefficients is None) != (rules.import_intensity is None):
        there = "import_intensity" if rules.import_coefficients is None else "import_coefficients"
        wrong.append(Problem("accounts.carbon_border_half", values={"given": there}))
    if wrong:
        raise MethodError(*wrong)
