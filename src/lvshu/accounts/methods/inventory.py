"""From an energy balance to CO2: what was burned, what was supplied, and why the two differ.

All quantities stand in an `EnergyBalance`: items by fuels, each fuel in its own unit (t, m3, kWh, GJ, tce), with the
signs of the published balance (outflow, export, closing stock and conversion input negative).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUPPLY_ITEMS = (
    "opening_stock", "primary_production", "recovery", "inflow", "import", "bunker_own_abroad", "outflow", "export",
    "bunker_foreign_here", "stock_change", "closing_stock",
)  # fmt: skip
HEAT_AND_POWER = ("thermal_power", "heat_supply")
CONVERSION_ITEMS = (
    "coal_washing", "coking", "refining", "oil_reinput", "gas_making", "coke_reinput", "lng_liquefaction",
    "coal_products", "recovery_conversion",
)  # fmt: skip
FINAL_ITEMS = (
    "agriculture", "industry", "construction", "transport", "trade_catering", "other", "households_urban",
    "households_rural",
)  # fmt: skip
BY_PRODUCT_GASES = ("other_gas", "coke_oven_gas", "blast_furnace_gas", "converter_gas")

Lines = dict[str, Array]


@dataclass(frozen=True)
class EnergyBalance:
    """An energy balance as arrays.

    Attributes:
        items: m item codes.
        fuels: k fuel codes.
        quantity: shape (m, k), each column in the unit of its fuel; NaN where the table has no cell.
    """

    items: tuple[str, ...]
    fuels: tuple[str, ...]
    quantity: Array

    def row(self, item: str) -> Array:
        """Return one item, shape (k,), absent cells as 0."""
        if item not in self.items:
            return np.zeros(len(self.fuels))
        return np.asarray(np.nan_to_num(self.quantity[self.items.index(item)]))

    def stated(self, item: str) -> NDArray[np.bool_]:
        """Return where the table states the item, shape (k,)."""
        if item not in self.items:
            return np.zeros(len(self.fuels), dtype=bool)
        return np.asarray(~np.isnan(self.quantity[self.items.index(item)]))


def final_use(balance: EnergyBalance) -> Lines:
    """Return final consumption by consumer, industry with its feedstock.

    Where a balance gives households only as a whole, they stand as `households`. An amount that a balance gives
    for households beyond urban and rural ones is kept as `households_unsplit`.

    Args:
        balance: shape (m, k), each fuel in its unit.

    Returns:
        Consumer -> quantity, shape (k,), each fuel in its unit.

    Source: China Energy Statistical Yearbook, regional energy balance, section 四 终端消费量.
    """
    lines = {item: balance.row(item) for item in FINAL_ITEMS}
    split = balance.stated("households_urban") | balance.stated("households_rural")
    lines["households_unsplit"] = np.where(split, 0.0, balance.row("households"))
    return lines


def recovered_gas(balance: EnergyBalance) -> Array:
    """Return the by-product gas that was recovered, whose carbon is counted in the fuel it came from.

    Blast-furnace and converter gas is made of coke that the balance shows as final consumption of industry.
    Counting both the coke and the gas would count one carbon twice.

    Args:
        balance: shape (m, k), gases in m3.

    Returns:
        Quantity, shape (k,), each fuel in its unit; 0 for all but by-product gases.

    Source: IPCC 2006 Guidelines, volume 3, chapter 4 (iron and steel: the carbon of by-product gases must not be
        counted again where the coke and coal they come from are counted).
    """
    gases = np.array([fuel in BY_PRODUCT_GASES for fuel in balance.fuels])
    recovered = balance.row("recovery") + balance.row("recovery_conversion")
    return np.asarray(np.where(gases, np.maximum(recovered, 0.0), 0.0))


def sectoral_use(balance: EnergyBalance, *, own_bunkers: bool) -> Lines:
    """Return what was burned, line by line: the sectoral method.

    Fuel for heat and power and final consumption, less what industry used as raw material (用作原料、材料), less
    the by-product gas whose carbon is already counted. Losses and other conversion are not burned here.

    Args:
        balance: shape (m, k), each fuel in its unit.
        own_bunkers: whether fuel that the region's own ships and aircraft took abroad stays in.

    Returns:
        Line -> quantity, shape (k,), each fuel in its unit; deductions are negative lines of their own.

    Source: 省级温室气体清单编制指南(试行), NDRC 2011, chapter 1 (sectoral method); IPCC 2006, volume 2, chapter 2,
        eq. 2.1.
    """
    lines: Lines = {item: np.maximum(-balance.row(item), 0.0) for item in HEAT_AND_POWER}
    lines |= final_use(balance)
    lines["industry_feedstock"] = -balance.row("industry_feedstock")
    lines["recovered_gas"] = -recovered_gas(balance)
    if not own_bunkers:
        lines["bunker_own_abroad"] = -balance.row("bunker_own_abroad")
    return lines


def reference_use(balance: EnergyBalance, *, own_bunkers: bool) -> Lines:
    """Return apparent consumption, line by line: the reference method.

    Production, what came in and what went out, stocks; less the carbon stored in raw material and less recovered
    gas. Where the balance states its total supply (可供本地区消费的能源量) and its lines do not add up to it, the
    rest stands as `supply_not_itemised`: nothing is lost and nothing repaired in silence.

    Args:
        balance: shape (m, k), each fuel in its unit.
        own_bunkers: whether fuel that the region's own ships and aircraft took abroad stays in.

    Returns:
        Line -> quantity, shape (k,), each fuel in its unit.

    Source: IPCC 2006, volume 2, chapter 6, eq. 6.1 to 6.4; 省级温室气体清单编制指南(试行) 2011, chapter 1 (reference
        method).
    """
    lines: Lines = {item: balance.row(item) for item in SUPPLY_ITEMS}
    lines["supply_not_itemised"] = not_itemised(balance)["supply_not_itemised"]
    lines["industry_feedstock"] = -balance.row("industry_feedstock")
    gas_in_supply = np.minimum(recovered_gas(balance), np.maximum(balance.row("recovery"), 0.0))
    lines["recovered_gas"] = -gas_in_supply
    if not own_bunkers:
        lines["bunker_own_abroad_deducted"] = -balance.row("bunker_own_abroad")
    return lines


def gap_lines(balance: EnergyBalance) -> Lines:
    """Return why the reference method differs from the sectoral one, line by line.

    Each line is computed from its own cells; their sum is the gap (a test and the step itself check it). Carbon
    that enters a conversion process and does not leave it in a product is a positive line of that process.

    Args:
        balance: shape (m, k), each fuel in its unit.

    Returns:
        Line -> quantity, shape (k,), each fuel in its unit: losses, conversion by process, statistical difference.

    Source: IPCC 2006, volume 2, chapter 6, section 6.8 (reasons for differences); identity of the yearbook's
        balance: 可供量 + 加工转换 - 损失 - 终端消费 = 平衡差额.
    """
    lines: Lines = {"loss": balance.row("loss")}
    recovered = recovered_gas(balance)
    in_conversion = np.minimum(np.maximum(balance.row("recovery_conversion"), 0.0), recovered)
    for item in CONVERSION_ITEMS:
        kept = in_conversion if item == "recovery_conversion" else 0.0
        lines[item] = -(balance.row(item) - kept)
    for item in HEAT_AND_POWER:
        lines[f"{item}_output"] = -np.maximum(balance.row(item), 0.0)
    lines["statistical_difference"] = statistical_difference(balance)
    return lines


def statistical_difference(balance: EnergyBalance) -> Array:
    """Return supply plus conversion less losses less final consumption, from the lines.

    Args:
        balance: shape (m, k), each fuel in its unit.

    Returns:
        Quantity, shape (k,), each fuel in its unit; the table's own 平衡差额 may differ by its rounding.

    Source: China Energy Statistical Yearbook, regional energy balance, line 五 平衡差额.
    """
    supply = np.sum([balance.row(item) for item in SUPPLY_ITEMS], axis=0)
    supply = np.where(balance.stated("available"), balance.row("available"), supply)
    converted = np.sum([balance.row(item) for item in CONVERSION_ITEMS + HEAT_AND_POWER], axis=0)
    final = np.sum(list(final_use(balance).values()), axis=0)
    return np.asarray(supply + converted - balance.row("loss") - final)


def not_itemised(balance: EnergyBalance) -> Lines:
    """Return what the stated totals of supply and of final consumption hold beyond their lines.

    Args:
        balance: shape (m, k), each fuel in its unit.

    Returns:
        `supply_not_itemised` (counted by the reference method) and `final_not_itemised` (counted by neither: the
        sectoral method follows the lines), shape (k,) each, each fuel in its unit.

    Source: China Energy Statistical Yearbook, regional energy balance, totals 一 and 四.
    """
    sums = {
        "available": np.sum([balance.row(item) for item in SUPPLY_ITEMS], axis=0),
        "final_consumption": np.sum(list(final_use(balance).values()), axis=0),
    }
    beyond = {
        item: np.where(balance.stated(item), balance.row(item) - parts, 0.0) for item, parts in sums.items()
    }
    return {"supply_not_itemised": beyond["available"], "final_not_itemised": beyond["final_consumption"]}


def emission(lines: Mapping[str, Array], factor: Array) -> dict[str, Array]:
    """Return the CO2 of each line: quantity times composite factor.

    Args:
        lines: line -> quantity, shape (k,), each fuel in its unit.
        factor: shape (k,), tCO2 per unit of the fuel, oxidation included; NaN where there is none.

    Returns:
        Line -> emission, shape (k,), unit tCO2; NaN where a quantity has no factor, 0 where there is no quantity.

    Source: IPCC 2006, volume 2, chapter 2, eq. 2.1; composite factor = NCV x CC x OF x 44/12.
    """
    return {name: np.where(quantity == 0.0, 0.0, quantity * factor) for name, quantity in lines.items()}
