"""The factor of power that a project displaces: which basis, of which place and year, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.benefit_factors import Factor, FactorBook
from lvshu.finance.benefit_project import Quantity, read_project
from tests.finance.book import LIBRARY, SETTINGS, YEAR, rows, run

GIVEN = [Quantity("electricity_supplied", "all", Decimal(1000), "MWh")]


def taken(choice: str, kind: str, area: str, year: int = YEAR) -> Factor | None:
    book = FactorBook(LIBRARY, replace(SETTINGS, avoided_power=choice))
    project, _ = read_project(kind, year, GIVEN, book, np.random.default_rng(1), area)
    value = project.baseline()[0]
    assert project.power is None or value == project.power.value
    return project.power


@pytest.mark.parametrize(("choice", "kind", "area", "year", "value", "purpose", "edition"), [
    ("combined_margin", "wind_power", "310000", YEAR, 0.75 * 0.7921 + 0.25 * 0.3870, "combined_margin", 2019),
    ("combined_margin", "hydro_power", "310000", YEAR, 0.5 * 0.7921 + 0.5 * 0.3870, "combined_margin", 2019),
    ("combined_margin", "electricity_saving", "440000", YEAR, 0.5 * 0.8042 + 0.5 * 0.2135, "combined_margin", 2019),
    ("combined_margin", "wind_power", "540000", YEAR, 0.8273, "national_fossil", 2023),  # no margin for Tibet
    ("operating_margin", "wind_power", "320500", YEAR, 0.7921, "operating_margin", 2019),  # Suzhou: its province
    ("operating_margin", "wind_power", "310000", YEAR, 0.7921, "operating_margin", 2019),
    ("fossil_mix", "wind_power", "310000", 2021, 0.8426, "national_fossil", 2021),
    ("average", "wind_power", "310000", 2021, 0.5834, "province_average", 2021),
    ("average", "wind_power", "110000", YEAR, 0.5580, "province_average", 2022),
])  # fmt: skip
def test_the_factor_follows_the_choice_the_project_its_place_and_its_year(
    choice: str, kind: str, area: str, year: int, value: float, purpose: str, edition: int
) -> None:
    found = taken(choice, kind, area, year)
    assert found is not None
    assert (found.value, found.purpose, found.year) == (pytest.approx(value), purpose, edition)


def test_a_year_before_every_edition_has_no_factor() -> None:
    assert taken("combined_margin", "wind_power", "310000", 2015) is None
    assert taken("average", "wind_power", "540000") is None  # none is published for Tibet


def test_every_province_lies_in_one_region_and_the_margins_outweigh_the_average() -> None:
    places = [
        place for row in LIBRARY["grid_baseline_factors"].rows for place in str(row["area_codes"]).split("|")
    ]
    assert len(places) == len(set(places)) == 30  # of 31: Tibet is in none
    averages = {str(row["area_code"]) for row in LIBRARY["grid_factors"].find(purpose="province_average")}
    assert averages == set(places)


def test_the_purpose_stands_on_each_row_and_stand_ins_are_told(engine: DuckDB) -> None:
    def project(name: str, *more: tuple[str, str, str], area: str | None = None) -> dict[str, Any]:
        given = [("electricity_supplied", "1000", "MWh"), *more]
        return {
            "green_project": [{"project_id": name, "project_type": "wind_power", "area_code": area}],
            "green_project_parameter": [
                {"project_id": name, "year": YEAR, "stage": "ex_ante", "parameter": one, "item": "all",
                 "value": Decimal(value), "unit": unit} for one, value, unit in given
            ],
        }  # fmt: skip

    made = [
        project("P1"), project("P2", ("baseline_factor", "0.42", "kgCO2/kWh")), project("P3", area="540000"),
    ]  # fmt: skip
    tables = {name: [row for one in made for row in one[name]] for name in made[0]}
    run(engine, tables, only=("finance.project_benefit",))
    table = {
        row["project_id"]: row for row in rows(engine, "project_benefit", "indicator = 'greenhouse_gas'")
    }
    assert {
        name: (row["power_factor_purpose"], float(row["power_factor"]), float(row["quantity"]))
        for name, row in table.items()
    } == {
        "P1": ("combined_margin", 0.690825, pytest.approx(690.825)),
        "P2": ("given", 0.42, pytest.approx(420.0)),
        "P3": ("national_fossil", 0.8273, pytest.approx(827.3)),
    }
    told = {row["code"]: row["severity"] for row in rows(engine, "finding")}
    assert told["finance.benefit_power_stand_in"] == "warning"
    assert told["finance.benefit_power_year"] == "notice"
    coal = rows(engine, "project_benefit", "indicator = 'coal_saved'")
    assert {row["power_factor_purpose"] for row in coal} == {None}
