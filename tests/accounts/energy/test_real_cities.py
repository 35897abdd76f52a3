"""Four real balances of 2007: every fuel of the allocation adds up to the inventory, the GPC table to its fuels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from tests.accounts.book import accounts_book, energy_columns, io_columns

pytestmark = pytest.mark.real_data

CITIES = {"Shanghai": ("310000", "09_Shanghai"), "Jiangsu": ("320000", "10_Jiangsu"),
          "Zhejiang": ("330000", "11_Zhejiang"), "Anhui": ("340000", "12_Anhui")}  # fmt: skip


@pytest.fixture(scope="module", params=CITIES)
def city(request: pytest.FixtureRequest, shared_data: Path) -> Iterator[DuckDB]:
    area, file = CITIES[request.param]
    tables = {
        "io_cell": io_columns(shared_data / "china_io" / f"io2007_{request.param}.csv", year=2007, area=area),
        "energy_balance_cell": energy_columns(shared_data / "china_energy" / f"ebt2007_{file}.csv", year=2007,
                                              area=area),
    }  # fmt: skip
    with accounts_book(area, 2007, tables, replicates=5) as engine:
        yield engine


def by_fuel(engine: DuckDB, sql: str) -> dict[str, float]:
    return {
        row["fuel_code"]: float(row["emission"]) for row in engine.fetch(sql).to_pylist() if row["emission"]
    }


def test_every_fuel_of_the_allocation_adds_up_to_the_inventory(city: DuckDB) -> None:
    allocated = by_fuel(
        city, "SELECT fuel_code, sum(emission) AS emission FROM emission_allocation GROUP BY fuel_code"
    )
    inventory = by_fuel(city, "SELECT fuel_code, sum(emission) AS emission FROM carbon_inventory "
                              "WHERE method = 'sectoral' AND bunkers = 'with' GROUP BY fuel_code")  # fmt: skip
    assert allocated == pytest.approx(inventory, rel=1e-9, abs=1e-3)  # the book keeps six decimal places
    assert len(allocated) > 10


def test_every_fuel_is_quantity_times_its_composite_factor(city: DuckDB) -> None:
    """Job 4: 1.9003, 2.8604, 3.0202, 2.9251, 3.0959 and 21.622 per 1e4 m3 to the last digit published."""
    published = {"raw_coal": 1.9003, "coke": 2.8604, "crude_oil": 3.0202, "gasoline": 2.9251, "diesel": 3.0959,
                 "natural_gas": 21.622}  # fmt: skip
    rows = city.fetch("SELECT DISTINCT fuel_code, emission_factor FROM carbon_inventory").to_pylist()
    used = {row["fuel_code"]: float(row["emission_factor"]) for row in rows if row["emission_factor"]}
    for fuel, factor in published.items():
        if fuel in used:
            digits = len(str(factor).split(".")[1])
            assert round(used[fuel] + 1e-12, digits) == factor
    sums = city.fetch("SELECT fuel_code, unit, sum(quantity) AS quantity, sum(emission) AS emission, "
                      "max(emission_factor) AS factor FROM carbon_inventory WHERE method = 'sectoral' "
                      "AND bunkers = 'with' GROUP BY fuel_code, unit").to_pylist()  # fmt: skip
    for row in sums:
        scale = 1e-4 if row["unit"] == "m3" else 1.0
        assert float(row["emission"]) == pytest.approx(
            float(row["quantity"]) * float(row["factor"]) * scale, rel=1e-9
        )


def test_gpc_table_holds_all_that_was_burned(city: DuckDB) -> None:
    """No grid factor of 2007: what stands there besides is heat made in the city."""
    burned = city.fetch("SELECT sum(emission) AS e FROM carbon_inventory WHERE method = 'sectoral' "
                        "AND bunkers = 'without'").to_pylist()[0]["e"]  # fmt: skip
    sources = [str(row["gpc_ref"]) for row in PackLibrary.load()["gpc_reference"].rows if row["scope"] == 2]
    rows = city.fetch("SELECT gpc_ref, co2 FROM gpc_inventory").to_pylist()
    losses = {
        "I.1.3",
        "I.2.3",
        "I.3.3",
        "I.5.3",
        "II.1.3",
    }  # heat lost on the way; fuel stands in none of them
    fuel = sum(
        float(row["co2"])
        for row in rows
        if row["co2"] is not None and row["gpc_ref"] not in losses and row["gpc_ref"] not in sources
    )
    assert fuel == pytest.approx(float(burned), rel=1e-6)


def test_direct_lines_are_the_inventory_and_no_total_is_made_up(city: DuckDB) -> None:
    burned = city.fetch("SELECT sum(emission) AS e FROM carbon_inventory WHERE method = 'sectoral' "
                        "AND bunkers = 'without'").to_pylist()[0]["e"]  # fmt: skip
    rows = city.fetch("SELECT * FROM city_emission").to_pylist()
    assert sum(float(row["emission"]) for row in rows if row["kind"] == "direct") == pytest.approx(
        float(burned)
    )
    total = next(row for row in rows if row["kind"] == "total")
    electricity = next(row for row in rows if row["line_code"] == "indirect_electricity")
    assert electricity["emission"] is None
    assert total["emission"] is None
    assert {row["line_code"] for row in rows} >= {"brought_in_rest_of_country", "brought_in_abroad"}


def test_methane_and_nitrous_oxide_stay_small_beside_carbon_dioxide(city: DuckDB) -> None:
    gases = city.fetch("SELECT sum(equivalent) AS e FROM combustion_gas").to_pylist()[0]["e"]
    carbon = city.fetch("SELECT sum(emission) AS e FROM carbon_inventory WHERE method = 'sectoral' "
                        "AND bunkers = 'without'").to_pylist()[0]["e"]  # fmt: skip
    assert 0.002 < float(gases) / float(carbon) < 0.02
