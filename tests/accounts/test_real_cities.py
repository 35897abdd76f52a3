"""The whole wing on the official tables: what is published is reproduced, and every identity holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.book.economy import load_economy
from lvshu.accounts.steps import STEPS
from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from tests.accounts.book import Columns, accounts_book, energy_columns, io_columns, value

pytestmark = pytest.mark.real_data

CITIES = {"Shanghai": ("310000", "09_Shanghai"), "Jiangsu": ("320000", "10_Jiangsu"),
          "Zhejiang": ("330000", "11_Zhejiang"), "Anhui": ("340000", "12_Anhui")}  # fmt: skip
# value added and output that the published tables state, 万元
STATED = {"Shanghai": (121_888_500.0, 432_837_008.56), "Jiangsu": (265_083_605.19, 835_496_909.51),
          "Zhejiang": (188_388_920.0, 622_388_838.0), "Anhui": (73_347_480.34, 188_935_825.28)}  # fmt: skip
NATIONAL = {"china_2017_42": 8_232_157_064.396, "china_2018_42": 9_220_571_722.085,
            "china_2020_42": 10_164_220_012.649, "china_2020_153": 10_164_220_012.649}  # fmt: skip


def inputs(city: str, shared_data: Path) -> dict[str, Columns]:
    area, file = CITIES[city]
    return {
        "io_cell": io_columns(shared_data / "china_io" / f"io2007_{city}.csv", year=2007, area=area),
        "energy_balance_cell": energy_columns(
            shared_data / "china_energy" / f"ebt2007_{file}.csv", year=2007, area=area
        ),
    }


@pytest.fixture(scope="module", params=CITIES)
def city(request: pytest.FixtureRequest, shared_data: Path) -> Iterator[tuple[str, DuckDB]]:
    area = CITIES[request.param][0]
    with accounts_book(area, 2007, inputs(request.param, shared_data)) as engine:
        yield request.param, engine


@pytest.fixture(scope="module")
def shanghai(shared_data: Path) -> Iterator[DuckDB]:
    tables = inputs("Shanghai", shared_data)
    tables["published_total"] = {
        "code": ["gross_domestic_product", "co2_energy"], "year": [2007, 2008], "value": [12188.85, 1.0],
        "unit": ["1e8 CNY", "1e4 tCO2"], "source": ["上海统计年鉴2008", "test"],
    }  # fmt: skip
    with accounts_book("310000", 2007, tables) as engine:
        yield engine


def total(engine: DuckDB, table: str, column: str, where: str = "TRUE") -> float:
    return float(value(engine, f"SELECT coalesce(sum({column}), 0) FROM {table} WHERE {where}"))


def test_value_added_and_output_are_the_published_ones(city: tuple[str, DuckDB]) -> None:
    name, engine = city
    value_added, output = STATED[name]
    assert total(engine, "sector_account", "value_added") / 1e4 == pytest.approx(value_added, abs=0.01)
    assert total(engine, "sector_account", "output") / 1e4 == pytest.approx(output, abs=0.01)


def test_uses_add_up_to_output(city: tuple[str, DuckDB]) -> None:
    name, engine = city
    assert total(engine, "use_by_origin", "value", "origin = 'local'") / 1e4 == pytest.approx(
        STATED[name][1], abs=0.01
    )


def test_table_closes_as_published(city: tuple[str, DuckDB]) -> None:
    """Columns close to the fen, rows to 0.2 万元, as the bureaus printed them."""
    _, engine = city
    worst = "SELECT max(abs(difference)) / 10000 FROM io_balance_check WHERE check_code = '{}'"
    assert value(engine, worst.format("column_balance")) < 0.02
    assert value(engine, worst.format("row_balance")) < 0.2


def test_footprints_add_up_to_direct_emissions(city: tuple[str, DuckDB]) -> None:
    _, engine = city
    direct = total(engine, "sector_account", "direct_emission")
    assert total(engine, "footprint", "emission", "emission_origin = 'local'") == pytest.approx(
        direct, rel=1e-9
    )
    assert total(engine, "emission_flow", "emission") == pytest.approx(direct, rel=1e-9)


def test_sectors_and_households_add_up_to_the_inventory(city: tuple[str, DuckDB]) -> None:
    _, engine = city
    inventory = total(engine, "carbon_inventory", "emission", "method = 'sectoral' AND bunkers = 'with'")
    assert total(engine, "emission_allocation", "emission") == pytest.approx(inventory, rel=1e-9)
    produced = float(
        value(engine, "SELECT emission FROM carbon_account WHERE line_code = 'production_based'")
    )
    assert produced == pytest.approx(inventory, rel=1e-9)
    spheres = total(engine, "sphere_account", "value", "measure = 'direct_emission'")
    assert spheres == pytest.approx(inventory, rel=1e-9)


@pytest.mark.parametrize("bunkers", ["with", "without"])
def test_gap_is_explained(city: tuple[str, DuckDB], bunkers: str) -> None:
    _, engine = city
    reference = total(
        engine, "carbon_inventory", "emission", f"method = 'reference' AND bunkers = '{bunkers}'"
    )
    sectoral = total(engine, "carbon_inventory", "emission", f"method = 'sectoral' AND bunkers = '{bunkers}'")
    explained = total(engine, "carbon_gap", "emission", f"role = 'gap' AND bunkers = '{bunkers}'")
    assert explained == pytest.approx(reference - sectoral, abs=1e-2)
    assert abs(reference / sectoral - 1.0) < 0.06


def test_account_lines_reconcile(city: tuple[str, DuckDB]) -> None:
    _, engine = city
    rows = engine.fetch("SELECT line_code, emission FROM carbon_account").to_pylist()
    line = {row["line_code"]: float(row["emission"]) for row in rows}
    out = (
        line["sent_out_export"]
        + line["sent_out_outflow"]
        + line["balancing_item"]
        + line["own_final_use_local"]
    )
    assert line["direct_sectors"] == pytest.approx(out, rel=1e-9)
    consumed = line["own_final_use_local"] + line["direct_households"]
    consumed += line["brought_in_rest_of_country"] + line["brought_in_abroad"]
    assert line["consumption_based"] == pytest.approx(consumed, rel=1e-9)


def test_energy_adds_up_to_supply_less_difference(city: tuple[str, DuckDB]) -> None:
    _, engine = city
    spheres = total(engine, "sphere_account", "value", "measure = 'energy'")
    assert spheres == pytest.approx(total(engine, "energy_use", "energy_tce"), rel=1e-9)


def test_intervals_hold_the_headlines(city: tuple[str, DuckDB]) -> None:
    _, engine = city
    rows = engine.fetch("SELECT indicator, value, low, high, standard_error FROM uncertainty").to_pylist()
    by_code = {row["indicator"]: row for row in rows}
    for code in ("co2_sectoral", "co2_reference", "co2_gap", "co2_production_based", "co2_consumption_based"):
        row = by_code[code]
        assert row["low"] < row["value"] < row["high"]
    assert 0.005 < by_code["co2_sectoral"]["standard_error"] / by_code["co2_sectoral"]["value"] < 0.05


def test_brute_force_inverse(city: tuple[str, DuckDB]) -> None:
    """The same footprints by an explicit inverse of the coefficients, from the tables of the book."""
    name, engine = city
    settings = Settings(CITIES[name][0], name, name, 2007)
    economy = load_economy(StepContext(STEPS[0], settings, PackLibrary.load(), engine))
    output = economy.table.output
    safe = np.where(output == 0, 1.0, output)
    inverse = np.linalg.inv(np.eye(len(output)) - economy.intermediate_use["local"] / safe)
    rows = engine.fetch("SELECT sector_code, direct_emission FROM sector_account").to_pylist()
    emission = {row["sector_code"]: float(row["direct_emission"]) for row in rows}
    intensity = np.array([emission[code] for code in economy.table.codes]) / safe
    wanted = intensity @ inverse @ economy.final_use["local"]
    for kind, expected in zip(economy.final_kinds, wanted, strict=True):
        found = total(engine, "footprint", "emission",
                      f"emission_origin = 'local' AND final_demand_category = '{kind}'")  # fmt: skip
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-3)


def test_shanghai_figures(shanghai: DuckDB) -> None:
    """Figures looked at once, kept so that a change of method is seen: 10⁴ t of CO2."""
    sectoral = "method = 'sectoral' AND bunkers = '{}'"
    assert total(shanghai, "carbon_inventory", "emission", sectoral.format("without")) / 1e4 == pytest.approx(
        17647.5, abs=0.1
    )
    assert total(shanghai, "carbon_inventory", "emission", sectoral.format("with")) / 1e4 == pytest.approx(
        19656.5, abs=0.1
    )
    assert total(
        shanghai, "carbon_gap", "emission", "role = 'gap' AND bunkers = 'with'"
    ) / 1e4 == pytest.approx(-72.8, abs=0.1)
    bunker = "item_code = 'bunker_own_abroad' AND bunkers = 'without' AND method = 'sectoral'"
    assert total(shanghai, "carbon_inventory", "quantity", bunker) / 1e4 == pytest.approx(
        -(37.87 + 9.59 + 588.23)
    )


def test_shanghai_findings(shanghai: DuckDB) -> None:
    codes = set(shanghai.fetch("SELECT code FROM finding").column(0).to_pylist())
    assert {
        "accounts.zero_output", "accounts.transit", "accounts.no_grid_factor", "accounts.no_scope_two",
        "accounts.feedstock_not_stated", "accounts.energy_section_total", "accounts.not_counted",
        "accounts.product_not_made_here",
    } <= codes  # fmt: skip
    assert value(shanghai, "SELECT emission FROM purchased_electricity") is None
    assert value(shanghai, "SELECT count(*) FROM sector_intensity WHERE scope = 'scope1_2'") == 0
    assert total(shanghai, "purchased_electricity", "quantity") == pytest.approx((346.76 - 16.23) * 1e8)


def test_published_gdp_is_met(shanghai: DuckDB) -> None:
    rows = shanghai.fetch("SELECT * FROM published_comparison ORDER BY code").to_pylist()
    assert rows[0]["computed"] is None
    assert abs(float(rows[1]["difference"])) < 0.005


def test_lost_digit_of_zhejiang_is_named(shared_data: Path) -> None:
    """The printed supply of coal, 1 024.12, should be 13 024.12 (10⁴ t): named, and harmless."""
    with accounts_book("330000", 2007, inputs("Zhejiang", shared_data), replicates=2) as engine:
        found = value(
            engine, "SELECT difference FROM energy_balance_check WHERE check_code = 'fuel_total' "
            "AND item_code = 'available' AND fuel_code = 'coal_total'"
        )  # fmt: skip
        assert float(found) == pytest.approx(-12_000 * 1e4, rel=1e-4)
        assert total(engine, "carbon_gap", "emission", "role = 'gap' AND line_code = 'statistical_difference'"
                     " AND bunkers = 'with' AND fuel_code = 'raw_coal'") < 1e4  # fmt: skip


@pytest.mark.parametrize("table", NATIONAL)
def test_national_tables(table: str, shared_data: Path) -> None:
    year = int(table[6:10])
    cells = io_columns(shared_data / "china_io" / f"{table}.csv", year=year, area="100000")
    with accounts_book("100000", year, {"io_cell": cells}, replicates=2) as engine:
        assert total(engine, "sector_account", "value_added") / 1e4 == pytest.approx(
            NATIONAL[table], abs=0.01
        )
        output = total(engine, "sector_account", "output")
        assert total(engine, "use_by_origin", "value", "origin = 'local'") == pytest.approx(output, rel=1e-12)
        origins = set(engine.fetch("SELECT DISTINCT origin FROM use_by_origin").column(0).to_pylist())
        assert origins == {"local", "abroad"}
        assert not engine.count("footprint")
        assert value(engine, "SELECT count(*) FROM sector_account WHERE sphere IS NULL") == 0
        spheres = total(engine, "sphere_account", "value", "measure = 'value_added'")
        assert spheres == pytest.approx(total(engine, "sector_account", "value_added"))
        assert value(engine, "SELECT count(*) FROM finding WHERE code = 'accounts.io_imbalance'") == 0
        assert value(engine, "SELECT min(output_multiplier) FROM sector_multiplier") > 1.0


def test_same_book_twice(shared_data: Path) -> None:
    def digest() -> list[dict[str, object]]:
        with accounts_book("340000", 2007, inputs("Anhui", shared_data), replicates=5) as engine:
            return engine.fetch("SELECT * FROM carbon_account ORDER BY position").to_pylist()

    assert digest() == digest()
