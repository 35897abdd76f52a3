"""The sample city's green projects with their parameters, claims, facility loans and green bonds: all invented.

Sizes follow the project's invented investment by invented unit costs; nothing here is a statistic or a default.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from lvshu.sample.context import City
from lvshu.sample.files import write_rows
from lvshu.sample.lending import BANKS
from lvshu.sample.lending_tables import green_codes, project_ids
from lvshu.sample.report_tables import Projects
from lvshu.sample.streams import Streams

CATALOGUE = "green_bond_catalogue_2021"
SOURCE = "样本市合成数据 / synthetic"
MOST_PROJECTS = 2_000
FACILITY_PROJECTS = 200
CLAIMED_PROJECTS = 12
BONDS = 3
SIZE = 0.02  # of what the investment would buy: the sample's few borrowers carry a whole city's loans
GRID = 0.5  # tCO2/MWh, invented
SUPPLY_RATE = 300  # gce/kWh, invented
FIELDS = {
    "solar_power": "clean_energy", "wind_power": "clean_energy", "process_retrofit": "energy_saving",
    "electricity_saving": "energy_saving", "landfill_gas": "carbon_reduction_technology",
}  # fmt: skip
# type -> (parameter, item, quantity per yuan of investment, unit, relative standard error)
Recipe = tuple[tuple[str, str, float, str, float | None], ...]
POWER: Recipe = (("electricity_supplied", "all", 2.8e-4, "MWh", 0.08),)
RECIPES: dict[str, Recipe] = {
    "solar_power": POWER,
    "wind_power": (("electricity_supplied", "all", 3.3e-5, "1e4 kWh", 0.1),),
    "process_retrofit": (("output", "all", 2e-3, "t", 0.03),),
    "electricity_saving": (("energy_before", "electricity", 1e-3, "MWh", 0.05),
                           ("energy_after", "electricity", 8e-4, "MWh", 0.05)),
    "landfill_gas": (("methane_destroyed", "all", 1.2e-5, "t", 0.15),),
    "municipal_wastewater": (("volume", "all", 0.09, "m3", 0.05),),
    "desulphurisation": (("volume", "all", 30.0, "m3", 0.1),),
    "reclaimed_water": (("water_reused", "all", 0.05, "m3", 0.05),),
    "solid_waste_use": (("waste_used", "all", 1e-3, "t", None),),
    "electric_vehicle": (("energy_before", "diesel", 8e-6, "t", 0.1),
                         ("energy_after", "electricity", 3e-5, "MWh", 0.05)),
    "building_retrofit": (("energy_before", "electricity", 2e-4, "MWh", 0.05),
                          ("energy_after", "electricity", 1.4e-4, "MWh", 0.05)),
    "carbon_sink": (("output", "all", 1e-3, "t", None),),
}  # fmt: skip
CONSTANTS: dict[str, Recipe] = {
    "process_retrofit": (("unit_energy_before", "all", 0.62, "kgce/kg", 0.02),
                         ("unit_energy_after", "all", 0.55, "kgce/kg", 0.02),
                         ("emission_per_tce", "all", 2.5, "tCO2/tce", None)),
    "municipal_wastewater": (("concentration_in", "cod", 280, "mg/L", 0.05),
                             ("concentration_out", "cod", 40, "mg/L", 0.05),
                             ("concentration_in", "ammonia_nitrogen", 28, "mg/L", 0.05),
                             ("concentration_out", "ammonia_nitrogen", 3, "mg/L", 0.05)),
    "desulphurisation": (("concentration_in", "sulphur_dioxide", 1500, "mg/m3", 0.05),
                         ("concentration_out", "sulphur_dioxide", 30, "mg/m3", 0.05)),
}  # fmt: skip
GRID_TYPES = frozenset({"solar_power", "wind_power"})
CHANNELS = ("green_loan", "green_bond", "carbon_inclusion", "certificate")


def write_green_finance(city: City, projects: Projects) -> None:
    """Write green_project, green_project_parameter, benefit_claim, facility_loan, green_bond and green_bond_use."""
    chosen = np.flatnonzero(projects.green >= 0)[:MOST_PROJECTS]
    names = project_ids(projects.unit[chosen]).to_pylist()
    kinds = [list(RECIPES)[place % len(RECIPES)] for place in range(len(chosen))]
    codes = [green_codes(city)[number] for number in projects.green[chosen]]
    investment = projects.investment[chosen].tolist()
    _write(city, "green_project", ("project_id", "project_type", "name", "catalogue_code", "source"), [
        [name, kind, f"样本绿色项目{place + 1:04d}", code, SOURCE]
        for place, (name, kind, code) in enumerate(zip(names, kinds, codes, strict=True))
    ])  # fmt: skip
    header = (
        "project_id",
        "year",
        "stage",
        "parameter",
        "item",
        "value",
        "unit",
        "relative_standard_error",
        "source",
    )
    _write(city, "green_project_parameter", header, [
        row for name, kind, money in zip(names, kinds, investment, strict=True)
        for row in _parameters(city.year, name, kind, money)
    ])  # fmt: skip
    _write_claims(city, names, kinds, investment)
    _write_facility(city, names, kinds, investment)
    _write_bonds(city, names, codes, investment)


def _write(city: City, table: str, header: tuple[str, ...], rows: list[list[object]]) -> None:
    city.wrote(table, write_rows(city.inputs / f"{table}.csv", header, rows))


def _parameters(year: int, name: str, kind: str, money: float) -> list[list[object]]:
    found: list[list[object]] = []
    for parameter, item, rate, unit, error in RECIPES[kind]:
        found.append(
            [name, year, "ex_ante", parameter, item, f"{SIZE * rate * money:.3f}", unit, error, SOURCE]
        )
    for parameter, item, value, unit, error in CONSTANTS.get(kind, ()):
        found.append([name, year, "ex_ante", parameter, item, value, unit, error, SOURCE])
    if kind in GRID_TYPES:
        found.append([name, year, "ex_ante", "baseline_factor", "all", GRID, "tCO2/MWh", 0.05, SOURCE])
        found.append(
            [name, year, "ex_ante", "thermal_supply_rate", "all", SUPPLY_RATE, "gce/kWh", 0.01, SOURCE]
        )
    return found


def _write_claims(city: City, names: list[str], kinds: list[str], investment: list[float]) -> None:
    """Write claims on solar projects: half by loan, half by bond; one in the wrong unit, one claimed twice."""
    solar = [place for place, kind in enumerate(kinds) if kind == "solar_power"][:CLAIMED_PROJECTS]
    rows: list[list[object]] = []
    for number, place in enumerate(solar):
        whole = SIZE * POWER[0][2] * investment[place] * GRID
        parts: list[tuple[str, float, str]] = [
            (CHANNELS[0], 0.5 * whole, "tCO2e"), (CHANNELS[1], 0.4 * whole, "tCO2e"),
        ]  # fmt: skip
        if number == 0:
            parts.append((CHANNELS[2], whole, "1e4 tCO2e"))  # 462 t printed as 4.62 million t
        if number == 1:
            parts.append((CHANNELS[3], whole, "tCO2e"))
        for part, (channel, quantity, unit) in enumerate(parts):
            rows.append([f"C{number:03d}-{part}", names[place], city.year, "greenhouse_gas", channel,
                         BANKS[number % len(BANKS)], f"{quantity:.2f}", unit, SOURCE])  # fmt: skip
    _write(city, "benefit_claim", ("claim_id", "project_id", "year", "indicator", "channel", "claimant", "quantity",
                                   "unit", "source"), rows)  # fmt: skip
    city.truth["benefit_claims"] = {"unit_slips": int(len(solar) > 0), "claimed_twice": int(len(solar) > 1)}


def _write_facility(city: City, names: list[str], kinds: list[str], investment: list[float]) -> None:
    random = _generator(city.streams)
    first = date(city.year - 2, 11, 8)
    days = (date(city.year, 12, 31) - first).days
    rows: list[list[object]] = []
    places = [place for place, kind in enumerate(kinds) if kind in FIELDS][:FACILITY_PROJECTS]
    for number, place in enumerate(places):
        bank = int(random.integers(0, 3))
        for part in range(1 + int(random.integers(0, 2))):
            amount = round(investment[place] * float(random.uniform(0.05, 0.25)), -2)
            day = first + timedelta(days=int(random.integers(0, days)))
            rows.append([
                f"F{number:04d}-{part}", f"SB{bank + 1:02d}", BANKS[bank], names[place],
                f"样本绿色项目{place + 1:04d}", FIELDS[kinds[place]], day.isoformat(), amount,
                round(float(random.uniform(2.4, 4.3)), 2), None, SOURCE,
            ])  # fmt: skip
    header = ("facility_loan_id", "institution_id", "institution_name", "project_id", "project_name", "field",
              "disbursed_on", "amount", "rate", "annual_abatement", "source")  # fmt: skip
    _write(city, "facility_loan", header, rows)
    total: dict[str, float] = {}
    for row in rows:
        total[str(row[1])] = total.get(str(row[1]), 0.0) + float(str(row[7]))
    city.truth["facility_amounts"] = total


def _generator(streams: Streams) -> Any:
    return streams.generator("facility_loan")


def _write_bonds(city: City, names: list[str], codes: list[str], investment: list[float]) -> None:
    bonds: list[list[object]] = []
    uses: list[list[object]] = []
    for number in range(min(BONDS, len(names) // 4)):
        places = range(4 * number, 4 * number + 4)
        amounts = [round(0.2 * investment[place], -2) for place in places]
        raised = sum(amounts) if number else round(sum(amounts) * 1.25, -2)
        bonds.append([f"SG{number + 1:03d}", f"样本绿色债券{number + 1:02d}", f"样本发行人{number + 1}", None,
                      f"{city.year - 1}-0{number + 3}-15", f"{city.year + 2}-0{number + 3}-15", raised,
                      CATALOGUE])  # fmt: skip
        for part, (place, amount) in enumerate(zip(places, amounts, strict=True)):
            uses.append([f"SG{number + 1:03d}", names[place], city.year - 1 + part % 2, amount, codes[place], None,
                         SOURCE])  # fmt: skip
    _write(city, "green_bond", ("bond_id", "name", "issuer", "uscc", "issued_on", "matures_on", "proceeds",
                                "catalogue"), bonds)  # fmt: skip
    _write(city, "green_bond_use", ("bond_id", "project_id", "year", "amount", "catalogue_code", "refinancing",
                                    "source"), uses)  # fmt: skip
