"""Steps of the city's own view: what came in by origin, direct, indirect and induced emissions, and the GPC table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.carbon import SCOPE_EN, SCOPE_ZH, basis_of, grid_factor, replicate_lines
from lvshu.accounts.book.energy import FuelSet, item_name, load_balance
from lvshu.accounts.book.gpc import CARRIERS, GpcInputs, GpcLine, gpc_lines
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.book.other_emissions import gas_lines
from lvshu.accounts.methods import inventory
from lvshu.accounts.methods.energy.carriers import inflow_emission, unallocated
from lvshu.accounts.methods.inventory import EnergyBalance
from lvshu.core.errors import Problem
from lvshu.core.units import factor as unit_factor
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

TOTALS: dict[str, Callable[[GpcLine], bool]] = {
    "gpc_basic": lambda line: line.level == "BASIC",
    "gpc_basic_plus": lambda line: line.level in ("BASIC", "BASIC+"),
    "gpc_territorial": lambda line: line.scope == 1,
}
FACTOR_UNITS = {"electricity": "kgCO2/kWh", "heat": "kgCO2/GJ"}
REST = "rest"
ITEMS_OF_TRADE = ("inflow", "import", "outflow", "export")
INDUCED = {
    "brought_in_rest_of_country": ("诱发：国内其他地区（调入产品）",
                                   "Induced in the rest of the country (products brought in)"),
    "brought_in_abroad": ("诱发：国外（进口产品）", "Induced abroad (imports)"),
}  # fmt: skip
NOTE_INDUCED = (
    "按本地技术假设；含调入产品用的电，与间接排放重叠，不可再加",
    "By the domestic-technology assumption; holds the electricity of products brought in, overlaps with indirect "
    "emissions and must not be added to them",
)
NO_ELECTRICITY_RANGE_ZH = "电网因子没有公布区间，按已知计。"
NO_ELECTRICITY_RANGE_EN = "Grid factors are published without an interval and taken as known."


@dataclass(frozen=True)
class Inflow:
    """Net inflow of a carrier from one origin; factor None where there is none."""

    carrier: str
    origin: str
    names: tuple[str, str]
    quantity: float
    factor: float | None
    basis: tuple[str, str]

    @property
    def emission(self) -> float | None:
        """Return the emission behind it, tCO2; None where there is no factor."""
        factor = np.nan if self.factor is None else self.factor
        found = float(inflow_emission(np.array([self.quantity]), np.array([factor]))[0])
        return found if np.isfinite(found) else None


def trace_inflows(context: StepContext) -> None:
    """Make energy_inflow_emission and city_emission."""
    balance, fuels, year = load_balance(context)
    given = context.read("energy_inflow", where=f"year = {year} AND area_code = '{context.settings.area}'",
                         order=["carrier", "origin_code"]).to_pylist()  # fmt: skip
    inflows = [one for carrier in CARRIERS for one in _inflows(context, balance, carrier, given, year)]
    context.write("energy_inflow_emission", {
        "carrier": [one.carrier for one in inflows], "origin_code": [one.origin for one in inflows],
        "origin_zh": [one.names[0] for one in inflows], "origin_en": [one.names[1] for one in inflows],
        "quantity": [one.quantity for one in inflows], "unit": [CARRIERS[one.carrier] for one in inflows],
        "factor": [one.factor for one in inflows], "factor_unit": [FACTOR_UNITS[one.carrier] for one in inflows],
        "emission": [one.emission for one in inflows], "basis_zh": [one.basis[0] for one in inflows],
        "basis_en": [one.basis[1] for one in inflows],
    })  # fmt: skip
    _write_city(context, balance, fuels, inflows)


def _inflows(
    context: StepContext, balance: EnergyBalance, carrier: str, given: list[dict[str, Any]], year: int
) -> list[Inflow]:
    mine = [row for row in given if row["carrier"] == carrier]
    found = [_stated(context, row, year) for row in mine]
    net = 0.0
    if carrier in balance.fuels:
        k = balance.fuels.index(carrier)
        net = float(sum(balance.row(item)[k] for item in ITEMS_OF_TRADE))
    rest = unallocated(net, np.array([one.quantity for one in found]))
    if abs(rest) > 1e-6 * max(abs(net), 1.0):
        if mine:
            values = {"carrier": carrier, "net": plain(net), "origins": plain(net - rest), "rest": plain(rest),
                      "unit": CARRIERS[carrier]}  # fmt: skip
            context.find(Problem("accounts.inflow_without_origin", values=values, severity="warning"),
                         table="energy_inflow_emission", key=carrier, amount=rest, unit=CARRIERS[carrier])  # fmt: skip
        found.append(_rest(context, carrier, rest, year))
    for one in found:
        if one.emission is None:
            told = {"origin": {"zh": one.names[0], "en": one.names[1]}, "carrier": carrier,
                      "quantity": plain(one.quantity), "unit": CARRIERS[carrier]}  # fmt: skip
            context.find(Problem("accounts.inflow_without_factor", values=told, severity="warning"),
                         table="energy_inflow_emission", key=f"{carrier}/{one.origin}", amount=one.quantity,
                         unit=CARRIERS[carrier])  # fmt: skip
    return found


def _names(context: StepContext, code: str) -> tuple[str, str]:
    rows = context.packs["areas"].find(area_code=code)
    if not rows:
        return code, code
    return str(rows[0]["name_zh"]), str(rows[0]["name_en"] or rows[0]["name_zh"])


def _stated(context: StepContext, row: Mapping[str, Any], year: int) -> Inflow:
    carrier, origin = row["carrier"], row["origin_code"]
    quantity = float(row["quantity"]) * float(unit_factor(row["unit"], CARRIERS[carrier]))
    names = _names(context, origin)
    if row["factor"] is not None:
        value = float(row["factor"]) * float(unit_factor(row["factor_unit"], FACTOR_UNITS[carrier]))
        return Inflow(carrier, origin, names, quantity, value, (row["factor_source"], row["factor_source"]))
    factor = grid_factor(context.packs, origin, year, regional=False) if carrier == "electricity" else None
    return Inflow(carrier, origin, names, quantity, *published(factor, year))


def _rest(context: StepContext, carrier: str, quantity: float, year: int) -> Inflow:
    names = ("没有来源的部分", "No origin stated")
    factor = None
    if carrier == "electricity":
        factor = grid_factor(context.packs, context.settings.area, year, regional=True)
    return Inflow(carrier, REST, names, quantity, *published(factor, year))


def published(factor: Mapping[str, Any] | None, year: int) -> tuple[float | None, tuple[str, str]]:
    """Return a row of grid_factors as a factor in kgCO2/kWh, None without one, and where it comes from."""
    if factor is None:
        zh = f"没有公布{year}年及以前的因子，也没有给出；不借用别的年份"
        return None, (zh, f"None published for {year} or before, none given; no other year is borrowed")
    seen = factor["status"] == "established"
    zh, en = basis_of(factor)
    zh += "" if seen else "，据转述"
    en += "" if seen else ", as restated elsewhere"
    return float(factor["factor_kilogram_per_kilowatt_hour"]), (zh, en)


def _write_city(context: StepContext, balance: EnergyBalance, fuels: FuelSet, inflows: list[Inflow]) -> None:
    lines = inventory.sectoral_use(balance, own_bunkers=False)
    emissions = inventory.emission(lines, fuels.factor)
    rows: list[tuple[str, str, tuple[str, str], float | None, tuple[str, str]]] = []
    direct = 0.0
    for item, emission in emissions.items():
        value = float(np.nansum(emission * fuels.burns))
        if value:
            direct += value
            note = ("部门法，不含我轮、机在外国加油", "Sectoral method, without refuelling abroad")
            rows.append((f"direct_{item}", "direct", item_name(item, context.packs), value, note))
    indirect = {
        carrier: _sum([one.emission for one in inflows if one.carrier == carrier]) for carrier in CARRIERS
    }
    titles = {"electricity": ("间接：净调入电力", "Indirect: electricity brought in, net"),
              "heat": ("间接：净调入热力", "Indirect: heat brought in, net")}  # fmt: skip
    for carrier, behind in indirect.items():
        note = ("按来源地因子", "By the factor of the origin") if behind is not None else (
            "有来源没有因子，不计算", "An origin has no factor, so it is not computed")  # fmt: skip
        rows.append((f"indirect_{carrier}", "indirect", titles[carrier], behind, note))
    both = _sum([direct, *indirect.values()])
    note = ("直接加间接", "Direct plus indirect") if both is not None else (
        "间接部分不能计算，不给合计", "Indirect emissions cannot be computed, so no total is given")  # fmt: skip
    rows.append(("direct_and_indirect", "total", ("直接与间接合计", "Direct and indirect"), both, note))
    for row in context.read("carbon_account", order=["position"]).to_pylist():
        if row["line_code"] in INDUCED:
            name = INDUCED[row["line_code"]]
            rows.append((row["line_code"], "induced", name, float(row["emission"]), NOTE_INDUCED))
    context.write("city_emission", {
        "line_code": [row[0] for row in rows], "position": list(range(1, len(rows) + 1)),
        "kind": [row[1] for row in rows], "line_zh": [row[2][0] for row in rows],
        "line_en": [row[2][1] for row in rows], "emission": [row[3] for row in rows],
        "note_zh": [row[4][0] for row in rows], "note_en": [row[4][1] for row in rows],
    })  # fmt: skip
    if both is not None:
        drawn = replicate_lines(context, lines, balance, fuels, "activity_city")
        spread = np.sum(list(drawn.values()), axis=0) + (both - direct)
        context.write_uncertainty("co2_direct_and_indirect", value=both, unit="tCO2", replicates=spread,
                                  method="monte_carlo", scope_zh=SCOPE_ZH + NO_ELECTRICITY_RANGE_ZH,
                                  scope_en=f"{SCOPE_EN} {NO_ELECTRICITY_RANGE_EN}")  # fmt: skip


def _sum(values: list[float | None]) -> float | None:
    return None if any(value is None for value in values) else float(sum(value or 0.0 for value in values))


def make_gpc(context: StepContext) -> None:
    """Make gpc_inventory, the intervals of its totals, and findings for what it leaves out."""
    balance, fuels, year = load_balance(context)
    settings = context.settings
    factor = grid_factor(context.packs, settings.area, year, regional=False)
    value, words = published(factor, year)
    sources = context.read("city_source_emission", where=f"year = {year} AND area_code = '{settings.area}'",
                           order=["gpc_ref", "gas"]).to_pylist()  # fmt: skip
    gases = gas_lines(balance, fuels, context.packs, factor_set=settings.fuel_factors, report=settings.gwp)
    given = GpcInputs(tuple(gases), value, words, tuple(sources), settings.gwp)
    lines, problems = gpc_lines(balance, fuels, context.packs, given)
    for problem in problems:
        context.find(problem, table="gpc_inventory")
    context.write("gpc_inventory", gpc_columns(lines))
    absent = [line.ref for line in lines if line.notation_key == "NE" and line.level == "BASIC"]
    if absent:
        context.find(Problem("accounts.gpc_not_estimated", values={"refs": absent}, severity="warning"),
                     table="gpc_inventory")  # fmt: skip
    _write_totals(context, balance, fuels, lines, absent)


def gpc_columns(lines: list[GpcLine]) -> dict[str, list[Any]]:
    """Return the table's lines as columns of gpc_inventory."""
    return {
        "gpc_ref": [line.ref for line in lines], "position": [line.position for line in lines],
        "sector": [line.sector for line in lines], "name_zh": [line.name[0] for line in lines],
        "name_en": [line.name[1] for line in lines], "scope": [line.scope for line in lines],
        "level": [line.level for line in lines], "co2": [line.co2 for line in lines],
        "ch4": [line.ch4 for line in lines], "n2o": [line.n2o for line in lines],
        "emission": [line.emission for line in lines], "notation_key": [line.notation_key for line in lines],
        "gases": [", ".join(line.gases) or "–" for line in lines],
        "note_zh": ["；".join(zh for zh, _ in line.notes) or "–" for line in lines],
        "note_en": ["; ".join(en for _, en in line.notes) or "–" for line in lines],
    }  # fmt: skip


def _write_totals(
    context: StepContext, balance: EnergyBalance, fuels: FuelSet, lines: list[GpcLine], absent: list[str]
) -> None:
    """Write the intervals of the three totals. Only the CO2 of fuels moves; everything else stays as it is."""
    used = inventory.sectoral_use(balance, own_bunkers=False)
    drawn = replicate_lines(context, used, balance, fuels, "activity_gpc")
    emissions = inventory.emission(used, fuels.factor)
    missing = ("、".join(absent), ", ".join(absent))
    for indicator, members in TOTALS.items():
        chosen = [line for line in lines if members(line)]
        value = sum(line.emission or 0.0 for line in chosen)
        moving = np.zeros(context.settings.replicates)
        for item, fuel in (cell for line in chosen for cell in line.cells):
            moving = moving + drawn[(item, fuel)] - float(emissions[item][balance.fuels.index(fuel)])
        context.write_uncertainty(
            indicator, value=value, unit="tCO2e", replicates=value + moving, method="monte_carlo",
            scope_zh=f"{SCOPE_ZH}{NO_ELECTRICITY_RANGE_ZH}甲烷、氧化亚氮与使用者给出的源没有区间；"
            f"BASIC 中未估算：{missing[0] or '无'}。",
            scope_en=f"{SCOPE_EN} {NO_ELECTRICITY_RANGE_EN} CH4, N2O and sources given by the user have no interval; "
            f"not estimated in BASIC: {missing[1] or 'none'}.",
        )  # fmt: skip
