"""Step of the targets of total and intensity (双控): ledger of deductions and scorecard, city and districts alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods.energy import dual_control as method
from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import factor as unit_factor
from lvshu.core.units import unit
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

LEDGERS = ("energy_total", "energy_intensity", "fossil_intensity")
PER_OUTPUT = {
    "energy_intensity": "tce/1e4 CNY",
    "fossil_intensity": "tce/1e4 CNY",
    "co2_intensity": "tCO2/1e4 CNY",
}
TOTALS = {"energy_total": "tce", "co2_total": "tCO2"}
NAMES = {
    "energy_intensity": ("单位GDP能耗", "energy per unit of output"),
    "fossil_intensity": ("单位GDP化石燃料能耗", "fossil energy per unit of output"),
    "energy_total": ("能源消费总量", "total energy"),
    "co2_intensity": ("单位GDP二氧化碳排放", "CO2 per unit of output"),
    "co2_total": ("二氧化碳排放总量", "total CO2"),
}
FOURTEENTH_PLAN_BASE = 2020  # 发改运行〔2022〕1258号: base year of new renewable electricity
FIELDS = {"feedstock": "feedstock", "new_renewable": "renewable_electricity", "major_projects": "major_projects",
          "non_fossil": "non_fossil"}  # fmt: skip


@dataclass(frozen=True)
class AreaYears:
    """The yearly data of one area as arrays, t years in order; NaN where a figure is not given."""

    area: str
    name: str
    name_en: str
    years: tuple[int, ...]
    columns: Mapping[str, Array]

    @property
    def words(self) -> dict[str, str]:
        """Return the name in both languages, for messages."""
        return {"zh": self.name, "en": self.name_en or self.name}


def make_scorecard(context: StepContext) -> None:
    """Make dual_control_ledger and dual_control_scorecard from the yearly data and the targets."""
    areas = load_areas(context.read("dual_control_year", order=["area_code", "year"]).to_pylist(), context)
    _tell_districts(context, areas)
    _tell_absent(context, areas)
    _compare(context, areas)
    targets = context.read("dual_control_target", order=["area_code", "indicator", "target_year"]).to_pylist()
    ledger: dict[str, list[Any]] = {name: [] for name in (
        "area_code", "indicator", "year", "position", "line_code", "line_zh", "line_en", "energy", "rule")}  # fmt: skip
    levels: dict[tuple[str, str], Array] = {}
    for one in areas:
        _check_prices(context, one)
        for indicator in LEDGERS:
            levels[(one.area, indicator)] = _add_ledger(context, ledger, one, indicator)
        levels[(one.area, "co2_total")] = one.columns["co2"]
    context.write("dual_control_ledger", ledger)
    _write_scorecard(context, {one.area: one for one in areas}, levels, targets)


def load_areas(rows: list[dict[str, Any]], context: StepContext) -> list[AreaYears]:
    """Return the yearly data area by area; rows have to be in order of area and year."""
    names = _area_names(context)
    found = []
    for area in dict.fromkeys(row["area_code"] for row in rows):
        mine = [row for row in rows if row["area_code"] == area]
        columns = {
            name: np.array([np.nan if row[name] is None else float(row[name]) for row in mine])
            for name in ("gdp", "price_year", "energy", *FIELDS.values(), "co2")
        }
        years = tuple(row["year"] for row in mine)
        name_zh, name_en = names.get(area, (area, ""))
        found.append(AreaYears(area, name_zh, name_en, years, columns))
    return found


def _area_names(context: StepContext) -> dict[str, tuple[str, str]]:
    """Return the names of areas; of a made-up city's districts by their codes, unless the user's own table has them."""
    settings, pack = context.settings, context.packs["areas"]
    known = {str(row["area_code"]): (str(row["name_zh"]), str(row["name_en"] or "")) for row in pack.rows}
    city = pack.find(area_code=settings.area)
    is_renamed = bool(city) and settings.area_zh not in (
        settings.area,
        city[0]["name_zh"],
        city[0]["short_zh"],
    )
    if is_renamed and pack.origin != "user":
        for row in pack.find(parent=settings.area):
            known[str(row["area_code"])] = (f"辖区 {row['area_code']}", f"District {row['area_code']}")
    return known | {settings.area: (settings.area_zh, settings.area_en)}


def _tell_districts(context: StepContext, areas: list[AreaYears]) -> None:
    """Tell which present districts of the city have no yearly data, where some have."""
    city = context.settings.area
    names = _area_names(context)
    districts = {
        str(row["area_code"]): names[str(row["area_code"])]
        for row in context.packs["areas"].find(parent=city, status="current")
        if row["level"] == "district"
    }
    given = {one.area for one in areas} & set(districts)
    absent = sorted(set(districts) - given)
    if given and absent:
        told = [{"zh": zh, "en": en or zh} for zh, en in (districts[area] for area in absent)]
        values = {"given": len(given), "count": len(districts), "areas": told}
        context.find(Problem("accounts.districts_absent", values=values, severity="notice"),
                     table="dual_control_year")  # fmt: skip


def _compare(context: StepContext, areas: list[AreaYears]) -> None:
    """Tell how the city's figures stand beside the book's own and beside the sum of its districts."""
    city = next((one for one in areas if one.area == context.settings.area), None)
    year = context.settings.year
    if city is None or year not in city.years:
        return
    t = city.years.index(year)
    own = {
        "energy": context.read("energy_use", columns=["energy_tce"]).column(0).to_pylist(),
        "co2": context.read("carbon_inventory", columns=["emission"],
                            where="method = 'sectoral' AND bunkers = 'without'").column(0).to_pylist(),
    }  # fmt: skip
    for name, figures in own.items():
        stated, found = float(city.columns[name][t]), float(sum(value or 0 for value in figures))
        if figures and np.isfinite(stated):
            _tell_beside(context, "accounts.scorecard_beside_book", name, stated, found)
    districts = [one for one in areas if one is not city and year in one.years]
    present = context.packs["areas"].find(parent=city.area, status="current")
    if len(districts) < sum(row["level"] == "district" for row in present):
        return
    for name in ("gdp", "energy", "co2"):
        parts = np.array([one.columns[name][one.years.index(year)] for one in districts])
        if np.isfinite(parts).all() and np.isfinite(city.columns[name][t]) and parts.size:
            _tell_beside(context, "accounts.districts_beside_city", name, float(city.columns[name][t]),
                         float(parts.sum()))  # fmt: skip


FIGURES = {"gdp": ("地区生产总值", "output", "CNY"), "energy": ("能源消费总量", "energy consumption", "tce"),
           "co2": ("二氧化碳排放", "CO2", "tCO2")}  # fmt: skip


def _tell_beside(context: StepContext, code: str, name: str, stated: float, found: float) -> None:
    """Nothing is told where the two agree to a millionth."""
    if abs(found - stated) <= 1e-6 * max(abs(stated), abs(found)):
        return
    zh, en, symbol = FIGURES[name]
    values = {"name": {"zh": zh, "en": en}, "stated": plain(stated), "found": plain(found), "unit": symbol,
              "percent": round(100.0 * (found - stated) / stated, 2) if stated else "–"}  # fmt: skip
    context.find(Problem(code, values=values, severity="notice"), table="dual_control_year", key=name,
                 amount=found - stated, unit=symbol)  # fmt: skip


def _check_prices(context: StepContext, one: AreaYears) -> None:
    bases = sorted({int(year) for year in one.columns["price_year"]})
    if len(bases) > 1:
        raise MethodError(Problem("accounts.prices_differ", values={"area": one.words, "bases": bases}))


def _add_ledger(context: StepContext, ledger: dict[str, list[Any]], one: AreaYears, indicator: str) -> Array:
    """Add the lines of one measure. Returns the energy assessed, shape (t,), tce."""
    rules = context.packs["dual_control_rules"].find(indicator=indicator)
    recorded = one.columns["energy"]
    deductions: dict[str, Array] = {}
    lines: list[tuple[str, str, str, Array, str]] = []
    for rule in rules:
        code, words = str(rule["line_code"]), (str(rule["line_zh"]), str(rule["line_en"]))
        if rule["role"] == "start":
            lines.append((code, *words, recorded, str(rule["rule"])))
            continue
        amount = one.columns[FIELDS[code]]
        if rule["role"] == "deduct_increment":
            amount = method.increment_since(amount, one.years, FOURTEENTH_PLAN_BASE)
        deductions[code] = np.nan_to_num(amount)
        lines.append((code, *words, -amount, str(rule["rule"])))
        _tell_partly(context, one, indicator, rule, amount)
    left = method.assessed(recorded, deductions)
    lines.append(("assessed", "考核口径", "As assessed", left, "以上各行之和 / sum of the lines above"))
    for t, year in enumerate(one.years):
        for position, (code, zh, en, amount, rule_text) in enumerate(lines, start=1):
            value = None if np.isnan(amount[t]) else float(amount[t])
            record = (one.area, indicator, year, position, code, zh, en, value, rule_text)
            for column, part in zip(ledger.values(), record, strict=True):
                column.append(part)
    return left


def _tell_absent(context: StepContext, areas: list[AreaYears]) -> None:
    """Tell, once for each deduction, which areas never state it."""
    for rule in context.packs["dual_control_rules"].rows:
        if rule["role"] == "start":
            continue
        absent = [one.words for one in areas if np.isnan(one.columns[FIELDS[str(rule["line_code"])]]).all()]
        if absent:
            values = {"areas": absent, "line": {"zh": str(rule["line_zh"]), "en": str(rule["line_en"])}}
            context.find(Problem("accounts.deduction_not_given", values=values, severity="notice"),
                         table="dual_control_ledger", key=f"{rule['indicator']}/{rule['line_code']}")  # fmt: skip


def _tell_partly(
    context: StepContext, one: AreaYears, indicator: str, rule: Mapping[str, Any], amount: Array
) -> None:
    """A deduction given in some years only would bend the decline: base and target year must match."""
    absent = [year for year, value in zip(one.years, amount, strict=True) if np.isnan(value)]
    if absent and len(absent) < len(one.years):
        values = {
            "area": one.words,
            "line": {"zh": str(rule["line_zh"]), "en": str(rule["line_en"])},
            "years": absent,
        }
        context.find(Problem("accounts.deduction_in_some_years", values=values, severity="warning"),
                     table="dual_control_ledger", key=f"{one.area}/{indicator}/{rule['line_code']}")  # fmt: skip


def _write_scorecard(
    context: StepContext, areas: Mapping[str, AreaYears], levels: Mapping[tuple[str, str], Array],
    targets: list[dict[str, Any]],
) -> None:  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in (
        "area_code", "area_zh", "indicator", "year", "base_year", "target_year", "level", "base_level", "unit",
        "annual_reduction", "reduction", "target", "linear_path", "annualised_path", "share_of_target", "gap",
        "gap_amount", "amount_unit", "needed_rate", "forecast", "forecast_low", "forecast_high", "light")}  # fmt: skip
    for row in targets:
        one = areas.get(row["area_code"])
        if one is None or row["base_year"] not in one.years:
            values = {
                "area": row["area_code"],
                "indicator": _words(row["indicator"]),
                "base_year": row["base_year"],
            }
            context.find(Problem("accounts.target_without_base", values=values, severity="warning"),
                         table="dual_control_target", key=f"{row['area_code']}/{row['indicator']}")  # fmt: skip
            continue
        level, symbol = level_of(one, levels, row["indicator"])
        _add_target(context, columns, one, row, level, symbol)
    context.write("dual_control_scorecard", columns)


def level_of(one: AreaYears, levels: Mapping[tuple[str, str], Array], indicator: str) -> tuple[Array, str]:
    """Return the level of an indicator, shape (t,), and its unit."""
    if indicator in TOTALS:
        return levels[(one.area, indicator)], TOTALS[indicator]
    amount = one.columns["co2"] if indicator == "co2_intensity" else levels[(one.area, indicator)]
    return method.intensity(amount, one.columns["gdp"]) * 1e4, PER_OUTPUT[indicator]


def target_reduction(row: Mapping[str, Any], base_level: float, symbol: str) -> float:
    """Return a target as a decline on the base year, without unit.

    Raises:
        MethodError: accounts.target_unit, when its unit measures something else.
    """
    wanted = "%" if row["form"] == "reduction" else symbol
    if unit(row["unit"]).dimension != unit(wanted).dimension:
        values = {
            "area": row["area_code"],
            "indicator": row["indicator"],
            "unit": row["unit"],
            "wanted": wanted,
        }
        raise MethodError(Problem("accounts.target_unit", values=values))
    if row["form"] == "reduction":
        return float(row["value"]) * float(unit_factor(row["unit"], "1"))
    return 1.0 - float(row["value"]) * float(unit_factor(row["unit"], symbol)) / base_level


def _add_target(
    context: StepContext, columns: dict[str, list[Any]], one: AreaYears, row: Mapping[str, Any], level: Array,
    symbol: str,
) -> None:  # fmt: skip
    base, end, indicator = row["base_year"], row["target_year"], row["indicator"]
    start = one.years.index(base)
    usable = [t for t in range(start, len(one.years)) if np.isfinite(level[t])]
    if not usable or usable[0] != start:
        values = {"area": one.words, "indicator": _words(indicator), "base_year": base}
        context.find(Problem("accounts.target_without_base", values=values, severity="warning"),
                     table="dual_control_target", key=f"{one.area}/{indicator}")  # fmt: skip
        return
    target = target_reduction(row, float(level[start]), symbol)
    rates = method.annual_reductions(level[usable])
    amount_unit = TOTALS.get(indicator, symbol.split("/")[0])
    for place, t in enumerate(usable):
        found = method.progress(float(level[t]), float(level[start]), target, base, end, one.years[t])
        by_product = method.cumulative_reduction(rates[:place])
        if abs(by_product - found.reduction) > 1e-9:
            values = {"product": by_product, "quotient": found.reduction}
            raise MethodError(Problem("accounts.reductions_differ", values=values))
        low, high = _interval(one, level, usable[: place + 1], end)
        scale = 1.0 if indicator in TOTALS else float(one.columns["gdp"][t]) / 1e4
        gap_amount = (float(level[t]) - float(level[start]) * (1.0 - found.annualised)) * scale
        record = (one.area, one.name, indicator, one.years[t], base, end, float(level[t]), float(level[start]), symbol,
                  float(rates[place - 1]) if place else None, found.reduction, target, found.linear,
                  found.annualised, _known(found.share), found.gap, gap_amount, amount_unit,
                  _known(found.needed_rate), _known(found.forecast), _known(low), _known(high),
                  found.light)  # fmt: skip
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)
        if t == usable[-1] and found.light == "behind":
            _tell_behind(context, one, row, one.years[t], found, gap_amount, amount_unit)


def _interval(one: AreaYears, level: Array, usable: list[int], end: int) -> tuple[float, float]:
    """Interval of the decline at the target year; only where the years up to now follow each other."""
    years = [one.years[t] for t in usable]
    if years != list(range(years[0], years[0] + len(years))):
        return float("nan"), float("nan")
    return method.forecast_interval(level[usable], float(level[usable[0]]), end - years[-1])


def _words(indicator: str) -> dict[str, str]:
    return {"zh": NAMES[indicator][0], "en": NAMES[indicator][1]}


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _tell_behind(
    context: StepContext, one: AreaYears, row: Mapping[str, Any], year: int, found: method.Progress, amount: float,
    symbol: str,
) -> None:  # fmt: skip
    values = {"area": one.words, "indicator": _words(row["indicator"]), "year": year,
              "reduction": round(100 * found.reduction, 2), "due": round(100 * found.annualised, 2),
              "amount": plain(amount), "unit": symbol,
              "rate": round(100 * found.needed_rate, 2) if np.isfinite(found.needed_rate) else "–",
              "target_year": row["target_year"]}  # fmt: skip
    context.find(Problem("accounts.behind_target", values=values, severity="notice"), table="dual_control_scorecard",
                 key=f"{one.area}/{row['indicator']}/{year}", amount=amount, unit=symbol)  # fmt: skip
