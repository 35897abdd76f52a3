"""Energy balances in standard coal (标准量) brought back to physical quantities, so that every factor fits.

A table in standard quantity was made from the physical one with coal equivalents; dividing by the same coefficients
gives the physical quantity back, and the inventory then uses its usual factors per tonne or cubic metre. The
coefficients are those of the pack coal_equivalent; a region that used measured ones differs by their ratio, and that
is told. Electricity by the coal rate of thermal power (等价值) cannot be brought back: the rate is not in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import Problem
from lvshu.core.units import factor, unit

STANDARD = "tce"
ELECTRICITY = "electricity"
CANONICAL = {"mass": "t", "volume": "m3", "electricity": "kWh", "heat": "GJ"}


def physical_rows(
    rows: list[dict[str, Any]], packs: PackLibrary
) -> tuple[list[dict[str, Any]], tuple[Problem, ...]]:
    """Return records of energy_balance_cell in physical quantities, and what has to be told of the conversion.

    Records in physical units, of totals, and of fuels that are always in standard coal stay as they are. Electricity
    in tce is left out: intake turns the one by heat (当量值) into kWh, so what still stands in tce is by the coal rate.

    Args:
        rows: records of one balance; quantity in the unit of `unit`.
        packs: needs coal_equivalent and energy_fuels.
    """
    coal = {str(row["fuel_code"]): row for row in packs["coal_equivalent"].rows}
    totals = {str(row["fuel_code"]) for row in packs["energy_fuels"].rows if row["state"] == "total"}
    kept: list[dict[str, Any]] = []
    converted: dict[str, str] = {}
    proxies: dict[str, str] = {}
    unknown: dict[str, str] = {}
    electricity = 0.0
    for row in rows:
        fuel = str(row["fuel_code"])
        known = coal.get(fuel)
        own = known is not None and unit(str(known["quantity_unit"])).dimension == "coal_equivalent"
        if row["unit"] != STANDARD or fuel in totals or own:
            kept.append(row)
        elif fuel == ELECTRICITY:
            if row["item_code"] == "final_consumption":
                electricity = float(row["quantity"])
            unknown.setdefault(ELECTRICITY, str(row["fuel_name"]))
        elif known is None:
            kept.append(row)
            unknown.setdefault(fuel, str(row["fuel_name"]))
        else:
            kept.append(_physical(row, known))
            converted.setdefault(fuel, str(row["fuel_name"]))
            if known["status"] == "proxy":
                proxies.setdefault(fuel, str(row["fuel_name"]))
    left_out = unknown.pop(ELECTRICITY, None)
    return kept, _problems(converted, proxies, unknown, electricity if left_out else None)


def _physical(row: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    stated = str(known["quantity_unit"])
    target = CANONICAL[unit(stated).dimension]
    quantity = float(row["quantity"]) / float(known["coefficient"]) * float(factor(stated, target))
    return {**row, "quantity": quantity, "unit": target}


def _problems(
    converted: Mapping[str, str], proxies: Mapping[str, str], unknown: Mapping[str, str], electricity: float | None
) -> tuple[Problem, ...]:  # fmt: skip
    told = []
    if converted:
        values = {"fuels": list(converted.values()), "count": len(converted)}
        told.append(Problem("accounts.energy_standard_converted", values=values, severity="notice"))
    if proxies:
        told.append(
            Problem(
                "accounts.energy_standard_proxy", values={"fuels": list(proxies.values())}, severity="warning"
            )
        )
    if unknown:
        told.append(
            Problem(
                "accounts.energy_standard_no_coefficient",
                values={"fuels": list(unknown.values())},
                severity="warning",
            )
        )
    if electricity is not None:
        values = {"final": round(electricity, 2)}
        told.append(Problem("accounts.energy_electricity_coal_rate", values=values, severity="warning"))
    return tuple(told)
