"""The sample city's energy targets, monthly energy, electricity by origin and other sources: invented.

Totals follow the city's own balance and the published total of energy; how they divide over districts, months and
origins is drawn. The targets of districts are made up; the city's own is the published 14 % of its carbon plan.
"""

from __future__ import annotations

import numpy as np

from lvshu.sample.context import AREA, City
from lvshu.sample.files import write_rows

SOURCE = "样本市合成数据 / synthetic"
YEARS = 4  # the base year 2020 and the three after it
# tce per unit of the balance: 1e4 t of coal and oil, 1e8 m3 of gas (coefficients of the yearbook)
GROUPS = (
    ("coal", "coal_total", 0.7143e4),
    ("oil", "petroleum_total", 1.4286e4),
    ("gas", "natural_gas", 1.33e5),
)
SEASON = (1.12, 0.95, 1.0, 0.95, 0.95, 1.0, 1.1, 1.1, 0.97, 0.93, 0.95, 0.98)
ORIGINS = (
    ("510000", 0.42),
    ("340000", 0.28),
    ("320000", 0.1),
    ("330000", 0.06),
)  # the rest is left without origin
# GPC number, gas, tonnes (tCO2e for CO2e), notation key
SOURCES = (
    ("I.7.1", "CH4", None, "NO"), ("I.8.1", "CH4_fossil", 9_500, None), ("III.1.1", "CH4_non_fossil", 41_000, None),
    ("III.2.1", "CH4_non_fossil", 1_900, None), ("III.2.1", "N2O", 110, None), ("III.3.1", "CO2", 2_350_000, None),
    ("III.4.1", "CH4_non_fossil", 16_000, None), ("III.4.1", "N2O", 900, None), ("III.1.2", "CH4", None, "NO"),
    ("III.2.2", "CH4", None, "NO"), ("III.3.2", "CO2", None, "NO"), ("IV.1", "CO2", 8_700_000, None),
    ("V.1", "CH4_non_fossil", 6_800, None),
)  # fmt: skip


def write_energy_tables(city: City) -> None:
    """Write dual_control_year, dual_control_target, energy_month, energy_inflow and city_source_emission."""
    _write_years(city)
    _write_targets(city)
    _write_months(city)
    _write_inflows(city)
    _write_sources(city)


def _districts(city: City) -> dict[str, float]:
    found = {
        code.removeprefix("residents_2020_"): value
        for code, value in city.anchors.items()
        if code.startswith("residents_2020_")
    }
    total = sum(found.values())
    return {code: value / total for code, value in sorted(found.items())}


def _write_years(city: City) -> None:
    random = city.streams.generator("dual_control.year")
    shares = _districts(city)
    names = ("gdp", "energy", "feedstock", "renewable_electricity", "non_fossil", "major_projects", "co2")
    gdp, energy = city.anchors[f"gdp_{city.year}"] * 1e8, city.anchors["energy_2020"] * 1e8
    last = (gdp, energy, 700e4, 1250e4, 2250e4, 0.0, 1.95e8)
    growth = (1.045, 1.011, 1.0, 1.09, 1.06, 1.0, 1.006)
    weight = np.array(list(shares.values()))
    drawn = weight[:, None] * random.uniform(0.6, 1.6, (len(weight), len(names)))
    drawn /= drawn.sum(axis=0)
    pace = 1.0 + random.normal(0.0, 0.012, (len(weight), len(names)))
    rows: list[list[object]] = []
    for back in range(YEARS - 1, -1, -1):
        level = np.array(last) / np.array(growth) ** back
        parts = drawn * level / pace**back
        for code, part in [(AREA, parts.sum(axis=0)), *zip(shares, parts, strict=True)]:
            values = [f"{value:.2f}" for value in part]
            values[5] = ""  # no major project is listed apart
            rows.append([code, city.year - back, values[0], city.year - YEARS + 1, *values[1:], SOURCE])
    header = ("area_code", "year", "gdp", "price_year", *names[1:], "source")
    city.wrote("dual_control_year", write_rows(city.inputs / "dual_control_year.csv", header, rows))


def _write_targets(city: City) -> None:
    random = city.streams.generator("dual_control.target")
    base = city.year - YEARS + 1
    rows: list[list[object]] = [
        [
            AREA,
            "energy_intensity",
            base,
            base + 5,
            "reduction",
            "14",
            "%",
            "上海市碳达峰实施方案 沪府发〔2022〕7号",
        ],
        [AREA, "co2_intensity", base, base + 5, "reduction", "18", "%", SOURCE],
    ]
    for code in _districts(city):
        target = f"{random.uniform(12.0, 16.0):.1f}"
        rows.append([code, "energy_intensity", base, base + 5, "reduction", target, "%", SOURCE])
    header = ("area_code", "indicator", "base_year", "target_year", "form", "value", "unit", "source")
    city.wrote("dual_control_target", write_rows(city.inputs / "dual_control_target.csv", header, rows))


def _write_months(city: City) -> None:
    random = city.streams.generator("energy.month")
    supply = dict(city.macro.energy_items)["一.可供本地区消费的能源量"]
    season = np.array(SEASON) / sum(SEASON)
    rows: list[list[object]] = []
    for year, scale in ((city.year - 1, 0.97), (city.year, 1.0)):
        for group, fuel, factor in GROUPS:
            monthly = float(supply[fuel]) * factor * scale * season * random.normal(1.0, 0.015, 12)
            rows += [
                [AREA, f"{year}-{month:02d}", group, f"{value:.1f}", SOURCE]
                for month, value in enumerate(monthly, start=1)
            ]
    header = ("area_code", "month", "fuel_group", "energy", "source")
    city.wrote("energy_month", write_rows(city.inputs / "energy_month.csv", header, rows))


def _write_inflows(city: City) -> None:
    items = dict(city.macro.energy_items)
    net = sum(
        float(items[name]["electricity"] or 0) for name in ("3.外省(区、市)调入量", "6.本省(区、市)调出量(-)")
    )
    rows = [
        [city.year, AREA, "electricity", code, f"{net * share:.3f}", "1e8 kWh", SOURCE]
        for code, share in ORIGINS
    ]
    header = ("year", "area_code", "carrier", "origin_code", "quantity", "unit", "factor_source")
    city.wrote("energy_inflow", write_rows(city.inputs / "energy_inflow.csv", header, rows))


def _write_sources(city: City) -> None:
    rows = [[city.year, AREA, ref, gas, "" if amount is None else amount, "t", key or "", SOURCE]
            for ref, gas, amount, key in SOURCES]  # fmt: skip
    header = ("year", "area_code", "gpc_ref", "gas", "emission", "unit", "notation_key", "source")
    city.wrote("city_source_emission", write_rows(city.inputs / "city_source_emission.csv", header, rows))
