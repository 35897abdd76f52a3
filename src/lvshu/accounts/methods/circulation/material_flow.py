"""Economy-wide material flows: input, consumption, trade balances, and the balance that closes.

A city trades with other countries (import, export) and with the rest of its own (inflow, outflow); both are kept
apart and both count: what comes from the next province is no domestic extraction of the city.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MaterialAccount:
    """Indicators of k materials. Returned by `material_account`. All of shape (k,) or (k, r), unit t.

    Attributes:
        direct_input: DMI, extraction + import + inflow.
        consumption: DMC, direct input - export - outflow.
        trade_balance_abroad: physical trade balance with other countries, import - export.
        trade_balance_country: the same with the rest of the country, inflow - outflow.

    Source: Eurostat (2018), Economy-wide material flow accounts handbook, derived indicators.
    """

    direct_input: Array
    consumption: Array
    trade_balance_abroad: Array
    trade_balance_country: Array

    @property
    def trade_balance(self) -> Array:
        """Return the physical trade balance with everybody, shape (k,), unit t (positive: net importer)."""
        return np.asarray(self.trade_balance_abroad + self.trade_balance_country)


def material_account(
    extraction: Array, imports: Array, exports: Array, inflow: Array, outflow: Array
) -> MaterialAccount:
    """Return the indicators of economy-wide material flow accounts for each material.

    Args:
        extraction: domestic extraction used, shape (k,) or (k, r), unit t.
        imports: from other countries, same shape, unit t.
        exports: to other countries, same shape, unit t.
        inflow: from the rest of the country (调入), same shape, unit t; zero for a nation.
        outflow: to the rest of the country (调出), same shape, unit t; zero for a nation.

    Returns:
        DMI, DMC and both trade balances, same shape, unit t; DMC = extraction + trade balance.

    Raises:
        MethodError: accounts.material_negative, when a flow is negative.

    Source: Eurostat (2018), Economy-wide material flow accounts handbook, derived indicators.
    """
    parts = {
        "domestic_extraction": extraction, "import": imports, "export": exports, "inflow": inflow,
        "outflow": outflow,
    }  # fmt: skip
    problems = [
        Problem("accounts.material_negative", values={"flow": name, "amount": float(values.min())})
        for name, values in parts.items()
        if values.size and float(values.min()) < 0.0
    ]
    if problems:
        raise MethodError(*problems)
    direct = np.asarray(extraction + imports + inflow)
    return MaterialAccount(
        direct,
        np.asarray(direct - exports - outflow),
        np.asarray(imports - exports),
        np.asarray(inflow - outflow),
    )


@dataclass(frozen=True)
class PhysicalBalance:
    """The balance of an economy in tonnes. Returned by `physical_balance`. Each scalar or of shape (r,), unit t.

    Attributes:
        inputs: direct input + balancing items on the input side.
        outputs: what is sent out + processed output + balancing items on the output side.
        net_additions: NAS, inputs - outputs.
        difference: net additions - those measured, where they are; else nan.

    Source: Eurostat (2018), Economy-wide material flow accounts handbook, balancing items.
    """

    inputs: Array
    outputs: Array
    net_additions: Array
    difference: Array


def physical_balance(
    direct_input: Array | float,
    sent_out: Array | float,
    processed_output: Array | float,
    balancing_input: Array | float,
    balancing_output: Array | float,
    *,
    measured_additions: Array | float | None = None,
) -> PhysicalBalance:
    """Return the physical balance: net additions to stock close it, and the closure is shown where they are measured.

    Args:
        direct_input: DMI of all materials, scalar or shape (r,), unit t.
        sent_out: exports and outflow, unit t.
        processed_output: DPO: emissions to air and water, dissipative use, uncontrolled waste, unit t.
        balancing_input: oxygen of combustion and respiration and the like, unit t.
        balancing_output: water vapour and gases of combustion and respiration, unit t.
        measured_additions: net additions to stock from a stock account, unit t.

    Returns:
        Inputs, outputs, net additions, and their difference to the measured ones, unit t.

    Source: Eurostat (2018), handbook, balancing items: NAS = DMI + balancing input - exports - DPO - balancing output.
    """
    inputs = np.asarray(direct_input, dtype=float) + balancing_input
    outputs = np.asarray(sent_out, dtype=float) + processed_output + balancing_output
    net = np.asarray(inputs - outputs)
    measured = np.full_like(net, np.nan) if measured_additions is None else np.asarray(measured_additions)
    return PhysicalBalance(np.asarray(inputs), np.asarray(outputs), net, np.asarray(net - measured))


def raw_material_equivalents(multipliers: Array, traded: Array) -> Array:
    """Return the raw materials extracted anywhere for products that cross a border.

    Args:
        multipliers: M = S (I - A)^-1 of the economy that made the products, shape (k, n), unit t per CNY.
        traded: products imported or exported, shape (n,) or (n, c), unit CNY.

    Returns:
        Raw material equivalents, shape (k,) or (k, c), unit t.

    Raises:
        MethodError: accounts.material_multiplier_shape, when the numbers of products differ.

    Source: Eurostat (2018), handbook, raw material equivalents; Miller and Blair (2009), chapter 10.
    """
    if multipliers.shape[1] != traded.shape[0]:
        values = {"multipliers": multipliers.shape[1], "products": traded.shape[0]}
        raise MethodError(Problem("accounts.material_multiplier_shape", values=values))
    return np.asarray(multipliers @ traded)


def raw_material_consumption(extraction: Array, import_equivalent: Array, export_equivalent: Array) -> Array:
    """Return raw material consumption, the material footprint: RMC = DE + RME of imports - RME of exports.

    Args:
        extraction: domestic extraction, shape (k,), unit t.
        import_equivalent: raw material equivalents of all that comes in, shape (k,), unit t.
        export_equivalent: raw material equivalents of all that goes out, shape (k,), unit t.

    Returns:
        RMC, shape (k,), unit t.

    Source: Eurostat (2018), handbook, raw material equivalents.
    """
    return np.asarray(extraction + import_equivalent - export_equivalent)


def productivity(value: Array | float, materials: Array | float) -> Array:
    """Return what a tonne of materials yields: GDP / DMC, or 主要资源产出率 = GDP / use of main resources.

    Args:
        value: gross domestic product, at constant prices where years are compared, scalar or shape (r,), unit CNY.
        materials: materials used, scalar or shape (r,), unit t.

    Returns:
        Productivity, scalar or shape (r,), unit CNY per t.

    Raises:
        MethodError: accounts.material_none, when nothing was used.

    Source: 循环经济发展评价指标体系（2017年版）（发改环资〔2016〕2749号）, 主要资源产出率; Eurostat (2018), handbook,
        resource productivity (GDP / DMC).
    """
    used = np.asarray(materials, dtype=float)
    if np.any(used <= 0.0):
        raise MethodError(Problem("accounts.material_none", values={"amount": float(used.min())}))
    return np.asarray(np.asarray(value, dtype=float) / used)
