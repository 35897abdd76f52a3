"""The energy balance of a run as arrays, with the factors that its fuels carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.files_read import files_of
from lvshu.accounts.book.standard_quantity import physical_rows
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import factor as unit_factor
from lvshu.core.units import unit
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

ITEM_NAMES = {
    "opening_stock": ("年初库存量", "Opening stock"),
    "closing_stock": ("年末库存量", "Closing stock"),
    "recovery_conversion": ("回收能（加工转换）", "Recovered energy (conversion)"),
    "recovered_gas": (
        "扣除：回收煤气（其碳已计入焦炭等）",
        "Less: recovered gas (its carbon is in coke and so on)",
    ),
    "households_unsplit": ("生活消费（未分城乡）", "Households (urban and rural not told apart)"),
    "supply_not_itemised": ("可供量中未列明的部分", "Supply not itemised in the balance"),
    "final_not_itemised": ("终端消费合计中未列明的部分", "Final consumption not itemised in the balance"),
    "bunker_own_abroad_deducted": (
        "扣除：我轮、机在外国加油量",
        "Less: refuelling abroad of own ships and aircraft",
    ),
    "statistical_difference": ("平衡差额", "Statistical difference"),
    "thermal_power_output": ("火力发电产出的燃料", "Fuel put out by thermal power"),
    "heat_supply_output": ("供热产出的燃料", "Fuel put out by heat supply"),
}


@dataclass(frozen=True)
class FuelSet:
    """What is known of the fuels of a balance, k fuels.

    Attributes:
        names: (zh, en) of each fuel.
        units: unit of each fuel's quantity in the book.
        burns: whether the fuel has combustion emissions of its own.
        factor: composite factor in tCO2 per unit of the book, shape (k,); NaN where there is none.
        stated_factor, factor_unit: the same as published, e.g. per 1e4 m3.
        low, high: 95 % bounds relative to the factor, shape (k,).
        coal_equivalent: tce per unit of the book, shape (k,); NaN where there is none.
    """

    names: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    burns: NDArray[np.bool_]
    factor: Array
    stated_factor: tuple[float | None, ...]
    factor_unit: tuple[str | None, ...]
    low: Array
    high: Array
    coal_equivalent: Array


def load_balance(context: StepContext) -> tuple[EnergyBalance, FuelSet, int]:
    """Return the run's energy balance without its total columns, its fuels, and its year.

    A balance in standard coal is brought back to physical quantities (see standard_quantity).

    Raises:
        MethodError: accounts.no_balance_for_area.
    """
    rows, year = balance_rows(context)
    return (*build_balance(rows, context.packs, context.settings.fuel_factors), year)


def balance_rows(context: StepContext) -> tuple[list[dict[str, Any]], int]:
    """Return the records of the run's energy balance as they were given, and its year.

    Raises:
        MethodError: accounts.no_balance_for_area.
    """
    settings = context.settings
    cells = context.read("energy_balance_cell", where=f"area_code = '{settings.area}'").to_pylist()
    years = sorted({row["year"] for row in cells if row["year"] <= settings.year})
    if not years:
        values = {
            "area": settings.area,
            "year": settings.year,
            "files": files_of(context, "energy_balance_cell"),
        }
        raise MethodError(Problem("accounts.no_balance_for_area", values=values))
    return [row for row in cells if row["year"] == years[-1]], years[-1]


def build_balance(
    rows: list[dict[str, Any]], packs: PackLibrary, factor_set: str
) -> tuple[EnergyBalance, FuelSet]:
    """Return the balance that a list of energy_balance_cell records makes, and its fuels.

    Raises:
        MethodError: a factor's unit does not fit the fuel's quantity.
    """
    totals = {str(row["fuel_code"]) for row in packs["energy_fuels"].rows if row["state"] == "total"}
    kept = [row for row in physical_rows(rows, packs)[0] if row["fuel_code"] not in totals]
    items = tuple(dict.fromkeys(row["item_code"] for row in kept))
    fuels = tuple(sorted({row["fuel_code"] for row in kept}))
    units = {row["fuel_code"]: row["unit"] for row in kept}
    quantity = np.full((len(items), len(fuels)), np.nan)
    for row in kept:
        quantity[items.index(row["item_code"]), fuels.index(row["fuel_code"])] = float(row["quantity"])
    return EnergyBalance(items, fuels, quantity), fuel_set(fuels, units, packs, factor_set)


def fuel_set(
    fuels: tuple[str, ...], units: Mapping[str, str], packs: PackLibrary, factor_set: str
) -> FuelSet:
    """Return names, units, factors and coal equivalents of fuels."""
    known = {str(row["fuel_code"]): row for row in packs["energy_fuels"].rows}
    factors = {str(row["fuel_code"]): row for row in packs[factor_set].rows}
    coal = {str(row["fuel_code"]): row for row in packs["coal_equivalent"].rows}
    values, stated, factor_units, low, high, tce = [], [], [], [], [], []
    for fuel in fuels:
        burns = bool(known[fuel]["burns"]) if fuel in known else True
        code = str(known[fuel]["factor_fuel"] or fuel) if fuel in known else fuel
        row = factors.get(code)
        factor = row["emission_factor"] if row is not None and burns else None
        ratio = (
            _per_unit(units[fuel], str(row["quantity_unit"]))
            if row is not None and factor is not None
            else None
        )
        usable = factor is not None and ratio is not None
        values.append(float(factor) * ratio if usable else np.nan)  # type: ignore[arg-type, operator]
        stated.append(float(factor) if usable else None)  # type: ignore[arg-type]
        factor_units.append(str(row["emission_factor_unit"]) if usable and row is not None else None)
        low.append(_bound(row, "low", factor))
        high.append(_bound(row, "high", factor))
        tce.append(_coal_equivalent(coal.get(fuel), units[fuel]))
    names = tuple(
        (str(known[fuel]["name_zh"]), str(known[fuel]["name_en"])) if fuel in known else (fuel, fuel)
        for fuel in fuels
    )
    burning = np.array([bool(known[fuel]["burns"]) if fuel in known else True for fuel in fuels])
    return FuelSet(names, tuple(units[fuel] for fuel in fuels), burning, np.array(values), tuple(stated),
                   tuple(factor_units), np.array(low), np.array(high), np.array(tce))  # fmt: skip


def _per_unit(book_unit: str, factor_unit: str) -> float | None:
    """Factor per published unit -> per unit of the book; None when the two do not measure the same."""
    if unit(book_unit).dimension != unit(factor_unit).dimension:
        return None
    return float(unit_factor(book_unit, factor_unit))


def _bound(row: Mapping[str, Any] | None, name: str, factor: object) -> float:
    if row is None or not isinstance(factor, Decimal) or not isinstance(row[name], Decimal) or factor == 0:
        return 1.0
    return float(row[name] / factor)


def _coal_equivalent(row: Mapping[str, Any] | None, book_unit: str) -> float:
    if row is None:
        return float("nan")
    ratio = _per_unit(book_unit, str(row["quantity_unit"]))
    return float("nan") if ratio is None else float(row["coefficient"]) * ratio


def named_in(row: Mapping[str, Any] | None, code: str) -> dict[str, str]:
    """Return what a row of a pack calls a code, in both languages; the code itself where no row names it."""
    zh, en = (str((row or {}).get(f"name_{language}") or "") for language in ("zh", "en"))
    return {"zh": zh or code, "en": en or zh or code}


def item_name(item: str, packs: PackLibrary) -> tuple[str, str]:
    """Return the Chinese and English name of a line of the inventory."""
    if item in ITEM_NAMES:
        return ITEM_NAMES[item]
    for row in packs["energy_balance_items"].rows:
        if row["item_code"] == item:
            return str(row["name_zh"]), str(row["name_en"])
    return item, item
