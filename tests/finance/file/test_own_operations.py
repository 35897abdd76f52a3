"""Own operations: the arithmetic by hand, what is missing, staff of zero, wrong units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.own_operations import LINES
from tests.finance.book import LIBRARY, YEAR, run

STEP = ("finance.own_operation_account",)


def record(item: str, quantity: object, unit: str, site: str = "HQ", **more: object) -> dict[str, object]:
    """Return one record of own operations."""
    return {
        "institution_id": "BANK1", "site_id": site, "area_code": "310000", "year": YEAR, "item": item,
        "quantity": Decimal(str(quantity)), "unit": unit, **more,
    }  # fmt: skip


def account(
    engine: DuckDB, *rows: Mapping[str, Any], institution: str = "BANK1"
) -> dict[str, dict[str, Any]]:
    """Return the account of one institution by line."""
    run(engine, {"own_operation": rows}, only=STEP)
    found = engine.read("own_operation_account", where=f"institution_id = '{institution}'").to_pylist()
    return {row["line"]: row for row in found}


def test_the_table_has_its_lines_total_and_per_head(engine: DuckDB) -> None:
    found = account(
        engine, record("electricity", 1_000_000, "kWh"), record("staff", 200, "person"),
        record("premises_natural_gas", 30_000, "m3"),
    )  # fmt: skip
    assert len(found) == len(LIBRARY[LINES].rows) == 32
    grid = LIBRARY["grid_factors"].one(area_code="310000", year=2022, purpose="province_average")
    electricity = 1000 * grid["factor_kilogram_per_kilowatt_hour"]
    assert found["electricity"]["quantity"] == Decimal(1_000_000)
    assert found["electricity"]["per_head"] == Decimal(5000)
    assert found["scope2_electricity"]["quantity"] == pytest.approx(electricity)
    assert found["scope1_premises"]["quantity"] == pytest.approx(Decimal("21.6219") * 3)
    assert found["total"]["quantity"] == pytest.approx(electricity + Decimal("64.8657"))
    assert found["total"]["per_head"] * 200 == pytest.approx(
        found["total"]["quantity"], abs=Decimal("0.0002")
    )


def test_litres_go_through_the_density_and_its_range_is_the_interval(engine: DuckDB) -> None:
    found = account(engine, record("vehicle_gasoline", 10_000, "L"))["scope1_vehicles"]
    assert found["quantity"] == pytest.approx(Decimal("7.475") * Decimal("2.9251"))
    assert found["low"] == pytest.approx(Decimal("7.2") * Decimal("2.8491"), rel=Decimal("1e-4"))
    assert found["high"] == pytest.approx(Decimal("7.75") * Decimal("3.0813"), rel=Decimal("1e-4"))
    tonnes = account(engine, record("vehicle_gasoline", "7.475", "t"))["scope1_vehicles"]
    assert tonnes["quantity"] == found["quantity"]


def test_not_told_is_not_zero_and_zero_is_told(engine: DuckDB) -> None:
    found = account(engine, record("water", 0, "t"), record("staff", 10, "person"))
    assert (found["water"]["quantity"], found["water"]["status"]) == (Decimal(0), "available")
    assert (found["paper"]["quantity"], found["paper"]["status"]) == (None, "not_told")
    assert found["heating_coal"]["status"] == "optional"
    assert found["total"]["status"] == "partial" if found["total"]["sites"] else "not_told"


def test_staff_of_zero_and_staff_not_told_are_two_things(engine: DuckDB) -> None:
    zero = account(engine, record("electricity", 5, "MWh"), record("staff", 0, "person"))
    assert (zero["electricity"]["per_head"], zero["electricity"]["per_head_status"]) == (None, "zero_staff")
    assert engine.read("finding", where="code = 'finance.zero_staff'").num_rows == 1
    none = account(engine, record("electricity", 5, "MWh"))
    assert none["electricity"]["per_head_status"] == "no_staff"


def test_a_travel_without_factor_is_said_and_one_with_the_users_own_counts(engine: DuckDB) -> None:
    without = account(engine, record("travel_transport", 1000, "person-km"))["scope3_travel"]
    assert (without["quantity"], without["status"]) == (None, "no_factor")
    own = record(
        "travel_transport", 1000, "person-km", own_factor=Decimal("0.0001"), factor_source="own study"
    )
    found = account(engine, own, record("accommodation", 2, "tCO2e"))
    assert found["scope3_travel"]["quantity"] == Decimal("0.1")
    assert found["scope3_accommodation"]["quantity"] == Decimal(2)
    assert "own study" in found["scope3_travel"]["factor_source"]


def test_a_unit_of_another_dimension_is_found_and_not_added(engine: DuckDB) -> None:
    found = account(engine, record("electricity", 5, "t"), record("electricity", 100, "kWh", site="B2"))
    assert found["electricity"]["quantity"] == Decimal(100)
    told = engine.read("finding", where="code = 'finance.own_operation_unit'").to_pylist()
    assert len(told) == 1
    assert "kWh" in told[0]["fix_en"]


def test_sites_without_electricity_make_it_partial(engine: DuckDB) -> None:
    found = account(engine, record("electricity", 1, "MWh"), record("water", 3, "t", site="B2"))
    assert (found["electricity"]["status"], found["electricity"]["sites_without"]) == ("partial", 1)


def test_the_total_of_all_is_the_sum_over_institutions(engine: DuckDB) -> None:
    rows = [record("electricity", 7, "MWh"), {**record("electricity", 5, "MWh"), "institution_id": "BANK2"}]
    assert account(engine, *rows, institution="*")["electricity"]["quantity"] == Decimal(12_000)


def test_heat_outside_shanghai_has_no_factor(engine: DuckDB) -> None:
    at_home = account(engine, record("purchased_heat", 100, "GJ"))
    assert at_home["scope2_heat"]["quantity"] == Decimal(6)
    assert at_home["purchased_heat"]["quantity"] == pytest.approx(Decimal(100) / Decimal("29.3076"))
    away = account(engine, {**record("purchased_heat", 100, "GJ"), "area_code": "110000"})
    assert away["scope2_heat"]["status"] == "no_factor"
