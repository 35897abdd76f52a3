"""Steps from the energy balance to CO2: its checks, the inventory by two methods, their gap, purchased electricity."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.energy import FuelSet, balance_rows, item_name, load_balance
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.book.standard_quantity import physical_rows
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.inventory import EnergyBalance, Lines
from lvshu.accounts.methods.uncertainty import two_sided_draws
from lvshu.catalog.factors import province_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError, Problem
from lvshu.engine.query import query
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

NATION = "100000"
BUNKERS = (("with", True), ("without", False))
GAP_ALLOWED = 1e-6
MEMO_LINES = ("industry_feedstock", "recovered_gas", "bunker_own_abroad", "bunker_foreign_here")
SCOPE_ZH = (
    "含排放因子与活动数据的95%区间（2006年IPCC指南第2卷表1.4、表2.15）；"
    "不含平衡表本身的缺漏、品种归类与原料用途未填报。"
)
SCOPE_EN = (
    "Covers the 95 % ranges of emission factors and activity data (2006 IPCC Guidelines, vol. 2, tables 1.4 and 2.15); "
    "not gaps in the balance itself, fuel classes, or feedstock use that was not reported."
)


def check_balance(context: StepContext) -> None:
    """Make energy_balance_check, and a finding for each total that its parts do not make."""
    given, year = balance_rows(context)
    for problem in physical_rows(given, context.packs)[1]:
        context.find(problem, table="energy_balance_cell")
    if year != context.settings.year:
        years = {"table_year": year, "year": context.settings.year}
        context.find(Problem("accounts.balance_of_other_year", values=years, severity="warning"))
    _tell_negative_use(context)
    context.make(query("lvshu.accounts", "energy_balance_check"), year=year, area=context.settings.area)
    rows = context.read("energy_balance_check", order=["check_code", "item_code", "fuel_code"]).to_pylist()
    for row in rows:
        size = max(abs(row["stated"]), abs(row["computed"]), Decimal(1))
        if abs(row["difference"]) <= size * Decimal("0.000001"):
            continue
        zh, en = item_name(row["item_code"], context.packs)
        values = {"item": {"zh": zh, "en": en}, "fuel": _fuel_name(row["fuel_code"], context.packs),
                  "stated": plain(row["stated"]), "computed": plain(row["computed"]),
                  "difference": plain(row["difference"]),
                  "unit": row["unit"]}  # fmt: skip
        context.find(Problem(f"accounts.energy_{row['check_code']}", values=values, severity="warning"),
                     table="energy_balance_check", key=f"{row['item_code']}/{row['fuel_code']}",
                     amount=float(row["difference"]), unit=row["unit"])  # fmt: skip


def _tell_negative_use(context: StepContext) -> None:
    """A finding for each fuel whose final use is negative: it is counted as it is and lessens the totals."""
    balance, fuels, _ = load_balance(context)
    for item, line in inventory.final_use(balance).items():
        zh, en = item_name(item, context.packs)
        for k in np.flatnonzero(line < 0.0):
            values = {"item": {"zh": zh, "en": en}, "fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]},
                      "quantity": plain(float(line[k])), "unit": fuels.units[k]}  # fmt: skip
            context.find(Problem("accounts.energy_negative_final_counted", values=values, severity="warning"),
                         table="energy_balance_cell", key=f"{item}/{balance.fuels[k]}", amount=float(line[k]),
                         unit=fuels.units[k])  # fmt: skip


def _fuel_name(code: str, packs: PackLibrary) -> dict[str, str]:
    for row in packs["energy_fuels"].rows:
        if row["fuel_code"] == code:
            return {"zh": str(row["name_zh"]), "en": str(row["name_en"])}
    return {"zh": code, "en": code}


def make_inventory(context: StepContext) -> None:
    """Make carbon_inventory, its replicates and the gap between the two methods."""
    balance, fuels, _ = load_balance(context)
    columns = _columns()
    partial = _tell_gaps(context, balance, fuels)
    for bunkers, kept in BUNKERS:
        lines = {"sectoral": inventory.sectoral_use(balance, own_bunkers=kept),
                 "reference": inventory.reference_use(balance, own_bunkers=kept)}  # fmt: skip
        drawn = {}
        for method, found in lines.items():
            _add_lines(columns, method, bunkers, found, balance, fuels, context.packs)
            drawn[method] = _total_replicates(context, method, found, balance, fuels)
        values = {method: _total(found, fuels) for method, found in lines.items()}
        _write_gap(context, bunkers, lines, balance, fuels)
        _write_intervals(context, bunkers, values, drawn, partial)
    context.write("carbon_inventory", columns)
    _write_replicates(context, balance, fuels)


def _columns() -> dict[str, list[Any]]:
    return {name: [] for name in (
        "method", "bunkers", "item_code", "item_zh", "item_en", "fuel_code", "fuel_zh", "fuel_en", "quantity", "unit",
        "emission_factor", "factor_unit", "emission", "has_factor")}  # fmt: skip


def _add_lines(
    columns: dict[str, list[Any]], method: str, bunkers: str, lines: Lines, balance: EnergyBalance, fuels: FuelSet,
    packs: PackLibrary,
) -> None:  # fmt: skip
    emissions = inventory.emission(lines, fuels.factor)
    for item, quantity in lines.items():
        zh, en = item_name(item, packs)
        for k in np.flatnonzero((quantity != 0.0) & fuels.burns):
            emission = float(emissions[item][k])
            known = bool(np.isfinite(emission))
            record = (method, bunkers, item, zh, en, balance.fuels[k], *fuels.names[k], float(quantity[k]),
                      fuels.units[k], fuels.stated_factor[k], fuels.factor_unit[k], emission if known else None,
                      known)  # fmt: skip
            for column, value in zip(columns.values(), record, strict=True):
                column.append(value)


def _tell_gaps(context: StepContext, balance: EnergyBalance, fuels: FuelSet) -> bool:
    """Findings on what the totals miss. Returns whether a burning fuel has no factor."""
    used = np.sum(
        [np.abs(line) for line in inventory.sectoral_use(balance, own_bunkers=True).values()], axis=0
    )
    partial = False
    for k in np.flatnonzero(used > 0.0):
        name = {"zh": fuels.names[k][0], "en": fuels.names[k][1]}
        values = {"fuel": name, "quantity": plain(float(used[k])), "unit": fuels.units[k]}
        key, amount = balance.fuels[k], float(used[k])
        if fuels.burns[k] and np.isnan(fuels.factor[k]):
            partial = True
            context.find(Problem("accounts.no_factor", values=values, severity="warning"), table="carbon_inventory",
                         key=key, amount=amount, unit=fuels.units[k])  # fmt: skip
        elif not fuels.burns[k] and key not in ("heat", "electricity"):
            context.find(Problem("accounts.not_counted", values=values, severity="notice"), table="carbon_inventory",
                         key=key, amount=amount, unit=fuels.units[k])  # fmt: skip
    _tell_feedstock(context, balance, fuels)
    recovered = balance.row("recovery") + balance.row("recovery_conversion")
    other = recovered * fuels.burns * (inventory.recovered_gas(balance) == 0.0)
    for k in np.flatnonzero(other > 0.0):
        values = {"fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]}, "quantity": plain(float(other[k])),
                  "unit": fuels.units[k]}  # fmt: skip
        context.find(Problem("accounts.recovered_fuel", values=values, severity="warning"), key=balance.fuels[k],
                     table="carbon_inventory", amount=float(other[k]), unit=fuels.units[k])  # fmt: skip
    return partial


def _tell_feedstock(context: StepContext, balance: EnergyBalance, fuels: FuelSet) -> None:
    """An empty 用作原料、材料 row is not a zero: products that are mostly raw material are then counted as burned."""
    if (balance.row("industry_feedstock") != 0.0).any():
        return
    for fuel in ("other_petroleum", "other_coking"):
        if fuel not in balance.fuels:
            continue
        k = balance.fuels.index(fuel)
        quantity = float(balance.row("industry")[k])
        emission = quantity * float(fuels.factor[k])
        if quantity > 0.0 and np.isfinite(emission):
            values = {"fuel": {"zh": fuels.names[k][0], "en": fuels.names[k][1]}, "quantity": plain(quantity),
                      "unit": fuels.units[k], "emission": plain(emission)}  # fmt: skip
            context.find(Problem("accounts.feedstock_not_stated", values=values, severity="warning"),
                         table="carbon_inventory", key=fuel, amount=emission, unit="tCO2")  # fmt: skip


def _write_gap(
    context: StepContext, bunkers: str, lines: Mapping[str, Lines], balance: EnergyBalance, fuels: FuelSet
) -> None:
    """Write the gap's lines, after checking that they add up to it."""
    found = {name: line * fuels.burns for name, line in inventory.gap_lines(balance).items()}
    memo = {name: balance.row(name) * fuels.burns for name in MEMO_LINES if name != "recovered_gas"}
    memo["recovered_gas"] = inventory.recovered_gas(balance)
    memo |= {name: line * fuels.burns for name, line in inventory.not_itemised(balance).items()}
    totals = {name: _total(line, fuels) for name, line in lines.items()}
    gap, explained = totals["reference"] - totals["sectoral"], _total(found, fuels)
    size = max(abs(totals["reference"]), abs(totals["sectoral"]), 1.0)
    if abs(gap - explained) > GAP_ALLOWED * size:
        raise MethodError(Problem("accounts.gap_not_explained", values={"gap": gap, "explained": explained}))
    columns: dict[str, list[Any]] = {name: [] for name in (
        "bunkers", "line_code", "line_zh", "line_en", "role", "fuel_code", "quantity", "unit", "emission")}  # fmt: skip
    for role, group in (("gap", found), ("memo", memo)):
        emissions = inventory.emission(group, fuels.factor)
        places = {line: np.flatnonzero(quantity != 0.0) for line, quantity in group.items()}
        if role == "gap" and not any(found.size for found in places.values()):
            places[next(iter(group))] = np.array([0])  # methods that agree: a gap of zero, not an unknown one
        for line, quantity in group.items():
            zh, en = item_name(line, context.packs)
            for k in places[line]:
                emission = float(emissions[line][k])
                record = (bunkers, f"memo_{line}" if role == "memo" else line, zh, en, role, balance.fuels[k],
                          float(quantity[k]), fuels.units[k], emission if np.isfinite(emission) else None)  # fmt: skip
                for column, value in zip(columns.values(), record, strict=True):
                    column.append(value)
    context.write("carbon_gap", columns)


def _total(lines: Lines, fuels: FuelSet) -> float:
    return float(np.nansum([line * fuels.burns * np.nan_to_num(fuels.factor) for line in lines.values()]))


ACTIVITY_OF = {
    "households_urban": "households", "households_rural": "households", "households_unsplit": "households",
    "industry_feedstock": "industry", "recovered_gas": "transformation", "bunker_own_abroad": "transport",
    "bunker_own_abroad_deducted": "transport", "supply_not_itemised": "supply",
}  # fmt: skip


def activity_range(item: str, packs: PackLibrary) -> tuple[float, float]:
    """Return the 95 % range of a line's quantity relative to it, without unit."""
    rows = {str(row["code"]): row for row in packs["ipcc_uncertainty"].rows if row["kind"] == "activity"}
    code = ACTIVITY_OF.get(item, "supply" if item in inventory.SUPPLY_ITEMS else item)
    row = rows.get(code, rows["default"])
    return 1.0 + float(str(row["low_percent"])) / 100.0, 1.0 + float(str(row["high_percent"])) / 100.0


def replicate_lines(
    context: StepContext, lines: Lines, balance: EnergyBalance, fuels: FuelSet, name: str
) -> dict[tuple[str, str], Array]:
    """Return replicates of each emission of the lines: (line, fuel) -> shape (r,), tCO2.

    A fuel's factor moves alike in all lines of a replicate; quantities move independently of each other.
    """
    count = context.settings.replicates
    factors = two_sided_draws(fuels.low, fuels.high, count, context.generator("emission_factor"))
    generator = context.generator(name)
    emissions = inventory.emission(lines, fuels.factor)
    found: dict[tuple[str, str], Array] = {}
    for item in sorted(emissions):
        low, high = (np.full(len(balance.fuels), bound) for bound in activity_range(item, context.packs))
        activity = two_sided_draws(low, high, count, generator)
        for k in np.flatnonzero(np.nan_to_num(emissions[item]) * fuels.burns):
            found[(item, balance.fuels[k])] = emissions[item][k] * factors[k] * activity[k]
    return found


def _total_replicates(
    context: StepContext, method: str, lines: Lines, balance: EnergyBalance, fuels: FuelSet
) -> Array:
    drawn = replicate_lines(context, lines, balance, fuels, f"activity_{method}")
    return np.asarray(
        np.sum(list(drawn.values()), axis=0) if drawn else np.zeros(context.settings.replicates)
    )


def _write_intervals(
    context: StepContext, bunkers: str, values: Mapping[str, float], drawn: Mapping[str, Array], partial: bool
) -> None:
    suffix = "" if bunkers == "without" else "_with_bunkers"
    missing = (
        ("；有燃料没有因子，总量是部分的。", "; partial: a fuel has no factor.") if partial else ("", "")
    )
    intervals = {f"co2_{method}{suffix}": (value, drawn[method]) for method, value in values.items()}
    gap = (values["reference"] - values["sectoral"], drawn["reference"] - drawn["sectoral"])
    intervals[f"co2_gap{suffix}"] = gap
    for indicator, (value, replicates) in intervals.items():
        context.write_uncertainty(
            indicator, value=value, unit="tCO2", replicates=replicates, method="monte_carlo",
            scope_zh=SCOPE_ZH + missing[0], scope_en=SCOPE_EN + missing[1],
        )  # fmt: skip


def _write_replicates(context: StepContext, balance: EnergyBalance, fuels: FuelSet) -> None:
    lines = inventory.sectoral_use(balance, own_bunkers=True)
    drawn = replicate_lines(context, lines, balance, fuels, "activity_sectoral")
    count = context.settings.replicates
    columns: dict[str, list[Any]] = {"item_code": [], "fuel_code": [], "replicate": [], "emission": []}
    for (item, fuel), values in drawn.items():
        columns["item_code"] += [item] * count
        columns["fuel_code"] += [fuel] * count
        columns["replicate"] += list(range(1, count + 1))
        columns["emission"] += values.tolist()
    context.write("carbon_inventory_replicate", columns)


def buy_electricity(context: StepContext) -> None:
    """Make purchased_electricity: net inflow times the grid factor of the year, where one was published."""
    balance, _, year = load_balance(context)
    quantity = 0.0
    if "electricity" in balance.fuels:
        k = balance.fuels.index("electricity")
        quantity = float(sum(balance.row(item)[k] for item in ("inflow", "import", "outflow", "export")))
    factor = grid_factor(context.packs, context.settings.area, year, regional=True)
    if factor is None:
        values = {"year": year, "quantity": plain(quantity)}
        context.find(Problem("accounts.no_grid_factor", values=values, severity="warning"),
                     table="purchased_electricity", amount=quantity, unit="kWh")  # fmt: skip
        basis = (f"没有公布{year}年及以前的电网因子，不借用别的年份。",
                 f"No grid factor was published for {year} or before; no other year is borrowed.")  # fmt: skip
    else:
        basis = basis_of(factor)
        tell_other_year(context, factor, year)
    value = None if factor is None else float(factor["factor_kilogram_per_kilowatt_hour"])
    context.write("purchased_electricity", {
        "year": [year], "quantity": [quantity], "factor": [value],
        "factor_area": [None if factor is None else factor["area_zh"]],
        "emission": [None if value is None else quantity * value / 1000.0],
        "basis_zh": [basis[0]], "basis_en": [basis[1]],
    })  # fmt: skip


def tell_other_year(context: StepContext, factor: Mapping[str, Any], year: int) -> None:
    """Tell, as a finding, that the grid factor in use is of an earlier year."""
    if factor["year"] != year:
        area = {"zh": factor["area_zh"], "en": factor.get("area_en") or factor["area_zh"]}
        values = {"year": year, "factor_year": factor["year"], "area": area}
        context.find(Problem("accounts.grid_factor_of_earlier_year", values=values, severity="warning"))


def basis_of(factor: Mapping[str, Any]) -> tuple[str, str]:
    """Return of which place and year a row of grid_factors is, and its document, in Chinese and in English."""
    area = factor.get("area_en") or factor["area_zh"]  # a pack of one's own need not have the English columns
    document = factor.get("document_en") or factor["document_number"]
    return (
        f"{factor['area_zh']}{factor['year']}年平均因子，{factor['document_number']}",
        f"Average factor of {area}, {factor['year']}; {document}",
    )


def grid_factor(packs: PackLibrary, area: str, year: int, *, regional: bool) -> Mapping[str, Any] | None:
    """Return the latest average grid factor published for the year or before, or None.

    Args:
        packs: needs grid_factors and areas.
        area: six-digit area code.
        year: year of the electricity.
        regional: the regional grid (where bought electricity comes from), else the province that the area is or lies
            in, since factors are published by province; for the nation the national average either way.
    """
    province = province_of(area)
    if area == NATION:
        purpose, column, value = "national_average", "area_code", NATION
    elif regional:
        purpose, column, value = "region_average", "area_zh", _grid_region(packs, area)
    else:
        purpose, column, value = "province_average", "area_code", province
    rows = [row for row in packs["grid_factors"].find(purpose=purpose) if row["status"] != "unverified"]
    fitting = [row for row in rows if row[column] == value and int(str(row["year"])) <= year]
    return max(fitting, key=lambda row: int(str(row["year"])), default=None)


def _grid_region(packs: PackLibrary, area: str) -> str:
    """Return the regional grid of an area, of the prefecture or province around it where it has none of its own."""
    around = (area, f"{area[:4]}00", province_of(area))
    known = {
        row["area_code"]: row["grid_region"] for row in packs["areas"].rows if row["area_code"] in around
    }
    return next((str(known[code]) for code in around if known.get(code)), "")
