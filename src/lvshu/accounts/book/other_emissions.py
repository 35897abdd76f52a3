"""Step from the energy balance to methane and nitrous oxide of combustion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.energy import FuelSet, item_name, load_balance, named_in
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.energy import combustion_gases as method
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import factor as unit_factor
from lvshu.core.units import unit
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

GASES = ("CH4", "N2O")
SECTOR_OF = {
    "thermal_power": "energy_industries", "heat_supply": "energy_industries", "industry": "manufacturing",
    "industry_feedstock": "manufacturing", "construction": "manufacturing", "trade_catering": "commercial",
    "other": "commercial", "households": "residential", "households_urban": "residential",
    "households_rural": "residential", "households_unsplit": "residential", "agriculture": "residential",
    "transport": "transport", "bunker_own_abroad": "transport",
}  # fmt: skip
LEFT_OUT = ("recovered_gas",)  # its carbon is counted in coke, but the gas is burned all the same


@dataclass(frozen=True)
class GasLine:
    """One gas of one fuel in one line of the inventory; factor and emission None where there is no default."""

    item: str
    fuel: str
    gas: str
    energy: float | None
    factor: float | None
    emission: float | None
    equivalent: float | None
    status: str


def make_gases(context: StepContext) -> None:
    """Make combustion_gas, with a finding for the energy that has no default factor."""
    balance, fuels, _ = load_balance(context)
    settings = context.settings
    lines = gas_lines(balance, fuels, context.packs, factor_set=settings.fuel_factors, report=settings.gwp)
    context.write("combustion_gas", {
        "item_code": [line.item for line in lines], "fuel_code": [line.fuel for line in lines],
        "gas": [line.gas for line in lines], "energy": [line.energy for line in lines],
        "factor": [line.factor for line in lines], "emission": [line.emission for line in lines],
        "equivalent": [line.equivalent for line in lines], "status": [line.status for line in lines],
    })  # fmt: skip
    _tell(context, lines)
    _write_interval(context, lines)


def calorific_values(fuels: FuelSet, codes: tuple[str, ...], packs: PackLibrary, factor_set: str) -> Array:
    """Return the net calorific value of each fuel of a balance, shape (k,), GJ per unit; NaN without one."""
    known = {str(row["fuel_code"]): row for row in packs["energy_fuels"].rows}
    factors = {str(row["fuel_code"]): row for row in packs[factor_set].rows}
    found = np.full(len(codes), np.nan)
    for k, code in enumerate(codes):
        source = str(known[code]["factor_fuel"] or code) if code in known else code
        row = factors.get(source)
        if row is None or row["net_calorific_value"] is None:
            continue
        measured = str(row["quantity_unit"])
        if unit(measured).dimension == unit(fuels.units[k]).dimension:
            found[k] = float(str(row["net_calorific_value"])) * float(unit_factor(fuels.units[k], measured))
    return found


def potential(packs: PackLibrary, gas: str, report: str) -> float:
    """Return the global warming potential of a gas in a report, without unit.

    Raises:
        MethodError: accounts.no_potential.
    """
    rows = packs["gwp"].find(gas=gas, report=report)
    if not rows:
        raise MethodError(Problem("accounts.no_potential", values={"gas": gas, "report": report}))
    return float(str(rows[0]["value"]))


def gas_lines(
    balance: EnergyBalance, fuels: FuelSet, packs: PackLibrary, *, factor_set: str, report: str
) -> list[GasLine]:
    """Return methane and nitrous oxide of every line and fuel that burns, without refuelling abroad."""
    lines = inventory.sectoral_use(balance, own_bunkers=False)
    items = [item for item in lines if item not in LEFT_OUT]
    quantity = np.array([lines[item] * fuels.burns for item in items])
    energy = method.energy_burned(quantity, calorific_values(fuels, balance.fuels, packs, factor_set))
    found = []
    for gas in GASES:
        factors, status = _factors(packs, items, balance.fuels, gas)
        emission = method.gas_emission(energy, factors)
        equivalent = method.equivalent(emission, potential(packs, gas, report))
        for i, k in zip(*np.nonzero(quantity), strict=True):
            found.append(
                GasLine(items[i], balance.fuels[k], gas, _known(energy[i, k]), _known(factors[i, k]),
                        _known(emission[i, k]), _known(equivalent[i, k]), status[i][k])
            )  # fmt: skip
    return found


def _factors(
    packs: PackLibrary, items: list[str], fuels: tuple[str, ...], gas: str
) -> tuple[Array, list[list[str]]]:
    rows: Mapping[tuple[Any, ...], Any] = {
        (row["sector"], row["fuel_code"], row["gas"]): row for row in packs["ipcc_combustion_gases"].rows
    }
    factors = np.full((len(items), len(fuels)), np.nan)
    status = [["none"] * len(fuels) for _ in items]
    for i, item in enumerate(items):
        for k, fuel in enumerate(fuels):
            row = rows.get((SECTOR_OF.get(item), fuel, gas))
            if row is not None:
                factors[i, k], status[i][k] = float(str(row["factor"])), str(row["status"])
    return factors, status


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def without_factor(lines: list[GasLine], packs: PackLibrary) -> tuple[Problem, float] | None:
    """Return what has no default factor, as a warning with its energy in TJ; None where everything has.

    packs: name the lines of the balance and the fuels; what they do not name is told by its code.
    """
    absent = [line for line in lines if line.emission is None]
    if not absent:
        return None
    energy = sum(line.energy or 0.0 for line in absent if line.gas == GASES[0])
    fuel_names = {row["fuel_code"]: row for row in packs["energy_fuels"].rows}
    items = [
        dict(zip(("zh", "en"), item_name(one, packs), strict=True))
        for one in sorted({one.item for one in absent})
    ]
    fuels = [named_in(fuel_names.get(one), one) for one in sorted({one.fuel for one in absent})]
    values = {"lines": items, "fuels": fuels, "energy": plain(energy)}
    return Problem("accounts.gas_without_factor", values=values, severity="warning"), energy


def _tell(context: StepContext, lines: list[GasLine]) -> None:
    missing = without_factor(lines, context.packs)
    if missing is not None:
        context.find(missing[0], table="combustion_gas", amount=missing[1], unit="TJ")
    unchecked = sum(abs(line.equivalent or 0.0) for line in lines if line.status == "proxy")
    whole = sum(abs(line.equivalent or 0.0) for line in lines)
    if unchecked:
        told = {"percent": round(100.0 * unchecked / whole, 1)}
        context.find(Problem("accounts.gas_factor_proxy", values=told, severity="notice"),
                     table="combustion_gas", amount=unchecked, unit="tCO2e")  # fmt: skip


def _write_interval(context: StepContext, lines: list[GasLine]) -> None:
    """No interval is computed: the limits of the defaults were not obtained. The figure says so."""
    context.write_uncertainty(
        "combustion_gases", value=sum(line.equivalent or 0.0 for line in lines), unit="tCO2e", method="none",
        scope_zh="没有计算区间：IPCC缺省因子的上下限未取得；移动源因子随车型而变，只是缺省值。",
        scope_en="No interval: the limits of the IPCC defaults were not obtained; mobile sources are mere defaults.",
    )  # fmt: skip
