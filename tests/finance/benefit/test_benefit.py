"""The calculator: worked figures of the guide and of press reports, units, refusals, uncertainty, attribution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.benefit import FORMULAS, calculate
from lvshu.finance.benefit_factors import FactorBook
from lvshu.finance.benefit_project import Benefit, Quantity, indicators_of, read_project
from lvshu.finance.benefit_steps import BENEFIT_STEPS
from lvshu.finance.claims import refuse_over_attribution
from lvshu.finance.methods import benefit as method
from tests.finance.book import LIBRARY, LOAN, SETTINGS, YEAR, months, rows, run

NAMES = ("finance.loan_average_balance", *(step.name for step in BENEFIT_STEPS))


def parameter(
    name: str, value: float | str, unit: str, *, item: str = "all", project: str = "P1", stage: str = "ex_ante",
    error: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {"project_id": project, "year": YEAR, "stage": stage, "parameter": name, "item": item,
            "value": Decimal(str(value)), "unit": unit, "relative_standard_error": error}  # fmt: skip


def benefits(kind: str, *parameters: dict[str, Any], replicates: int = 50) -> dict[str, Benefit]:
    book = FactorBook(LIBRARY, replace(SETTINGS, replicates=replicates))
    given = [
        Quantity(row["parameter"], row["item"], row["value"], row["unit"], row["relative_standard_error"])
        for row in parameters
    ]
    project, problems = read_project(kind, YEAR, given, book, np.random.default_rng(1))
    if problems:
        raise MethodError(*problems)
    row = LIBRARY["benefit_methods"].one(code=kind)
    wanted = indicators_of(project, str(row["indicators"] or "greenhouse_gas").split("|"))
    return {one.indicator: one for one in calculate(project, str(row["formula"]), wanted)}


def point(found: Benefit) -> float:
    return float(found.values[0])


def test_distributed_solar_of_one_megawatt_saves_462_tonnes() -> None:
    found = benefits(
        "distributed_solar",
        parameter("electricity_supplied", 110, "1e4 kWh"), parameter("baseline_factor", "0.42", "kgCO2/kWh"),
    )["greenhouse_gas"]  # fmt: skip
    assert point(found) == pytest.approx(462.0, abs=1e-9)
    assert found.interval is None
    # 462 t at 66.57 yuan a tonne are 30,755.34 yuan, published as 3.08 (ten thousand yuan)
    assert round(Decimal(point(found)).quantize(Decimal(1)) * Decimal("66.57") / 10_000, 2) == Decimal("3.08")


def test_distributed_solar_in_shanghai_takes_the_factor_of_its_scheme_and_elsewhere_the_settings() -> None:
    found = benefits("distributed_solar", parameter("electricity_supplied", 110, "1e4 kWh"))["greenhouse_gas"]
    assert point(found) == pytest.approx(462.0, abs=1e-9)
    assert found.power is not None
    assert (found.power.purpose, found.basis) == (
        "carbon_inclusion", ("benefit_factors carbon_inclusion_power_310000 (secondary)",),
    )  # fmt: skip
    wind = benefits("wind_power", parameter("electricity_supplied", 110, "1e4 kWh"))["greenhouse_gas"]
    assert wind.power is not None and wind.power.purpose != "carbon_inclusion"


def test_power_saves_coal_at_the_rate_of_the_year_before() -> None:
    found = benefits(
        "wind_power",
        parameter("electricity_supplied", 100_000, "MWh"), parameter("thermal_supply_rate", 326, "gce/kWh"),
        parameter("baseline_factor", "0.7", "tCO2/MWh"),
    )  # fmt: skip
    assert point(found["coal_saved"]) == pytest.approx(32_600.0)
    assert point(found["greenhouse_gas"]) == pytest.approx(70_000.0)


def test_without_a_rate_coal_is_not_invented_and_the_factor_taken_names_its_purpose() -> None:
    found = benefits("wind_power", parameter("electricity_supplied", 1000, "MWh"))
    assert not found["coal_saved"].known
    assert found["coal_saved"].missing == ("thermal_supply_rate",)
    assert point(found["greenhouse_gas"]) == pytest.approx(690.825)
    assert "combined_margin" in found["greenhouse_gas"].basis[0]


def test_the_rate_of_the_guide_serves_the_year_after_it() -> None:
    book = FactorBook(LIBRARY, SETTINGS)
    assert book.supply_rate(2014) is None
    rate = book.supply_rate(2013)
    assert rate is not None
    assert rate.value == 326


def test_natural_gas_is_compared_with_coal_of_equal_heat() -> None:
    found = benefits("natural_gas_use", parameter("natural_gas", 100, "1e4 m3"))
    assert list(found) == ["greenhouse_gas"]
    assert point(found["greenhouse_gas"]) == pytest.approx(38_931 * 1.9003 / 20.908 - 2_162.19)


def test_retrofits_count_by_unit_use_and_by_efficiency() -> None:
    found = benefits(
        "process_retrofit",
        parameter("unit_energy_before", "0.62", "kgce/kg"), parameter("unit_energy_after", "0.5", "kgce/kg"),
        parameter("output", 2, "1e4 t"), parameter("emission_per_tce", "2.6", "tCO2/tce"),
    )  # fmt: skip
    assert point(found["coal_saved"]) == pytest.approx(2_400.0)
    assert point(found["greenhouse_gas"]) == pytest.approx(6_240.0)
    found = benefits(
        "equipment_upgrade",
        parameter("energy_before", 1000, "t", item="raw_coal"),
        parameter("efficiency_before", "60", "%"), parameter("efficiency_after", "80", "%"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(475.075)
    assert point(found["coal_saved"]) == pytest.approx(178.575)


@pytest.mark.parametrize(("kind", "expected"), [("landfill_gas", 28_000), ("coal_mine_methane", 25_250)])
def test_methane_counts_at_its_warming_potential_less_the_burning_of_fossil_methane(
    kind: str, expected: int
) -> None:
    found = benefits(kind, parameter("methane_destroyed", 1000, "t"))
    assert point(found["greenhouse_gas"]) == pytest.approx(expected)
    found = benefits(kind, parameter("methane_destroyed", "1395089.285714", "m3"))
    assert point(found["greenhouse_gas"]) == pytest.approx(expected, rel=1e-9)


def test_water_and_flue_gas_count_what_is_removed() -> None:
    water = benefits(
        "municipal_wastewater", parameter("volume", 3650, "1e4 m3"),
        parameter("concentration_in", 300, "mg/L", item="cod"),
        parameter("concentration_out", 50, "mg/L", item="cod"),
        parameter("concentration_in", 30, "mg/L", item="ammonia_nitrogen"),
        parameter("concentration_out", 5, "mg/L", item="ammonia_nitrogen"),
    )  # fmt: skip
    assert list(water) == ["cod", "ammonia_nitrogen"]
    assert point(water["cod"]) == pytest.approx(9_125.0)
    assert point(water["ammonia_nitrogen"]) == pytest.approx(912.5)
    gas = benefits(
        "desulphurisation", parameter("volume", 80, "1e8 m3"),
        parameter("concentration_in", 2000, "mg/m3", item="sulphur_dioxide"),
        parameter("concentration_out", 35, "mg/m3", item="sulphur_dioxide"),
    )  # fmt: skip
    assert point(gas["sulphur_dioxide"]) == pytest.approx(15_720.0)


def test_vehicles_and_buildings_count_what_each_carrier_saves() -> None:
    found = benefits(
        "electric_vehicle", parameter("energy_before", 1000, "t", item="diesel"),
        parameter("energy_after", 3000, "MWh", item="electricity"), parameter("baseline_factor", "0.5", "tCO2/MWh"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(1_595.9)
    found = benefits(
        "building_retrofit", parameter("energy_before", 500, "MWh", item="electricity"),
        parameter("energy_after", 400, "MWh", item="electricity"), parameter("energy_before", 900, "GJ", item="heat"),
        parameter("energy_after", 400, "GJ", item="heat"), parameter("heat_factor", "0.06", "tCO2/GJ"),
        parameter("baseline_factor", "0.42", "kgCO2/kWh"), parameter("thermal_supply_rate", 300, "gce/kWh"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(72.0)
    assert point(found["coal_saved"]) == pytest.approx(100 * 0.3 + 500 * 0.03412)


def test_recycling_and_freight_take_their_packs() -> None:
    found = benefits("recycled_material", parameter("recycled", 10, "t", item="aluminium"))
    assert point(found["greenhouse_gas"]) == pytest.approx(10 * (9.11590131 - 0.9950779))
    assert point(found["solid_waste_used"]) == 10
    found = benefits(
        "freight_to_rail_or_water", parameter("freight_from", 1, "1e8 tonne-km", item="road/heavy_truck"),
        parameter("freight_to", 1, "1e8 tonne-km", item="rail/freight_train"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(1e5 * (0.10012 - 0.02749))


@pytest.mark.parametrize(("kind", "before", "after"), [
    ("electric_vehicle", parameter("energy_before", 100, "t", item="diesel"), "energy_after"),
    ("freight_to_rail_or_water", parameter("freight_from", 1, "1e8 tonne-km", item="road/heavy_truck"), "freight_to"),
])  # fmt: skip
def test_what_is_used_afterwards_is_missing_not_zero(kind: str, before: dict[str, Any], after: str) -> None:
    found = benefits(kind, before)["greenhouse_gas"]
    assert not found.known
    assert any(after in one for one in found.missing)


def test_a_type_that_is_not_established_is_refused_in_words() -> None:
    with pytest.raises(MethodError, match="carbon_sink has no established method"):
        benefits("carbon_sink", parameter("waste_used", 1000, "t"))


@pytest.mark.parametrize(("name", "unit", "item"), [
    ("electricity_supplied", "t", "all"), ("energy_before", "t", "moonshine"), ("concentration_in", "kWh", "cod"),
])  # fmt: skip
def test_a_unit_of_another_dimension_is_refused(name: str, unit: str, item: str) -> None:
    with pytest.raises(MethodError, match="cannot be converted"):
        benefits("wind_power", parameter(name, 1000, unit, item=item))


def test_an_unknown_parameter_is_told() -> None:
    with pytest.raises(MethodError, match="wind_speed is not in the pack"):
        benefits("wind_power", parameter("wind_speed", 7, "1"))


def test_stated_errors_are_carried_to_the_benefit() -> None:
    found = benefits(
        "solar_power", parameter("electricity_supplied", 1000, "MWh", error=0.1),
        parameter("baseline_factor", 1, "tCO2/MWh", error=0.05), replicates=4000,
    )["greenhouse_gas"]  # fmt: skip
    half = 1.96 * np.sqrt(0.1**2 + 0.05**2)
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(1000 * np.exp(-half), rel=0.02)
    assert found.interval[1] == pytest.approx(1000 * np.exp(half), rel=0.02)


BALANCES = {
    "P1": ({"A": 300.0, "B": 200.0}, 1000), "P2": ({"A": 700.0, "B": 400.0}, 1000), "P3": ({"A": 700.0}, None),
    "P4": ({"A": 500.0}, 1000),
}  # fmt: skip


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDB]:
    """Return a book of four projects: financed in part, beyond its cost, of unknown cost, beyond it with a bond."""
    loans, balances, projects, parameters = [], [], [], []
    for project, (banks, investment) in BALANCES.items():
        cost = None if investment is None else Decimal(investment)
        projects.append({"project_id": project, "total_investment": cost})
        for stage, water in (("ex_ante", 1000), ("ex_post", 800)):
            parameters.append(parameter("water_reused", water, "m3", project=project, stage=stage))
        for bank, amount in banks.items():
            name = f"{project}{bank}"
            loans.append(LOAN | {"loan_id": name, "institution_id": bank, "business_type": "project",
                                 "project_id": project})  # fmt: skip
            balances += months(name, amount)
    bond = {
        "bond_id": "G1",
        "name": "绿债",
        "issuer": "甲",
        "issued_on": date(YEAR, 1, 1),
        "proceeds": Decimal(600),
    }
    tables: dict[str, Any] = {
        "loan": loans, "loan_balance": balances, "project": projects, "green_project_parameter": parameters,
        "green_project": [{"project_id": name, "project_type": "reclaimed_water"} for name in BALANCES],
        "green_bond": [bond],
        "green_bond_use": [{"bond_id": "G1", "project_id": "P4", "year": YEAR, "amount": Decimal(600)}],
    }  # fmt: skip
    with DuckDB(scratch=tmp_path_factory.mktemp("shares")) as engine:
        yield run(engine, tables, only=NAMES)


def _told(engine: DuckDB, code: str) -> dict[str, dict[str, Any]]:
    return {row["record_key"]: row for row in rows(engine, "finding") if row["code"] == code}


def test_each_bank_carries_its_share_of_the_investment(shares: DuckDB) -> None:
    table = rows(shares, "benefit_share", "project_id = 'P1'")
    found = {(row["institution_id"], row["stage"]): row for row in table}
    assert {key: row["quantity"] for key, row in found.items()} == {
        ("A", "ex_ante"): Decimal(300), ("B", "ex_ante"): Decimal(200),
        ("A", "ex_post"): Decimal(240), ("B", "ex_post"): Decimal(160),
    }  # fmt: skip
    assert {row["status"] for row in found.values()} == {"attributed"}


def test_more_than_the_whole_across_banks_is_refused(shares: DuckDB) -> None:
    found = rows(shares, "benefit_share", "project_id = 'P2'")
    assert {(row["status"], row["quantity"]) for row in found} == {("over_investment", None)}
    told = _told(shares, "finance.benefit_over_attributed")["P2"]
    assert told["severity"] == "error"
    assert "110.00" in told["what_zh"]
    assert "A 70.00 %" in told["what_en"]


def test_bonds_and_loans_together_beyond_the_cost_are_refused(shares: DuckDB) -> None:
    told = _told(shares, "finance.benefit_over_attributed")["P4"]
    assert "110.00 %" in told["what_en"]
    assert "G1 60.00 %" in told["what_en"]
    assert {row["quantity"] for row in rows(shares, "green_bond_indicator")} == {None}


def test_without_an_investment_nothing_is_attributed(shares: DuckDB) -> None:
    assert {row["status"] for row in rows(shares, "benefit_share", "project_id = 'P3'")} == {"no_investment"}
    assert set(_told(shares, "finance.benefit_no_investment")) == {"P3"}


def test_over_attribution_names_the_project_and_the_claims() -> None:
    fine = [{"project_id": "P1", "institution_id": "A", "share": "0.6"},
            {"project_id": "P1", "institution_id": "B", "share": "0.4"}]  # fmt: skip
    refuse_over_attribution(fine)
    with pytest.raises(MethodError, match=r"P1.*100\.01 %.*A 60\.00 %") as error:
        refuse_over_attribution([*fine, {"project_id": "P1", "claim_id": "C9", "share": "0.0001"}])
    assert len(error.value.problems) == 1


def test_a_share_without_an_investment_is_not_a_number() -> None:
    got = method.financed_share(np.array([5.0, 5.0, 5.0]), np.array([10.0, 0.0, np.nan]))
    assert got[0] == 0.5
    assert np.isnan(got[1:]).all()


def test_every_type_of_the_pack_has_its_formula_its_inputs_and_its_source() -> None:
    parameters = set(LIBRARY["benefit_parameters"].column("code"))
    indicators = set(LIBRARY["benefit_indicators"].column("code"))
    methods = LIBRARY["benefit_methods"].rows
    assert len([row for row in methods if row["status"] != "placeholder"]) >= 20
    for row in methods:
        assert (row["formula"] in FORMULAS) == (row["status"] != "placeholder"), row["code"]
        named = [
            one
            for column in ("inputs", "optional_inputs")
            for one in str(row[column] or "").split("|")
            if one
        ]
        assert set(named) <= parameters, row["code"]
        assert {one for one in str(row["indicators"] or "").split("|") if one} <= indicators, row["code"]


def test_waste_storage_capture_and_hydrogen_count_only_what_their_users_state() -> None:
    waste = (parameter("electricity_supplied", 1000, "MWh"), parameter("methane_avoided", 100, "t"),
             parameter("baseline_factor", "0.5", "tCO2/MWh"))  # fmt: skip
    found = benefits("waste_incineration", *waste, parameter("fossil_carbon_dioxide", 900, "tCO2"))
    assert point(found["greenhouse_gas"]) == pytest.approx(1000 * 0.5 + 100 * 28 - 900)
    lacking = benefits("waste_incineration", *waste)["greenhouse_gas"]
    assert (lacking.known, lacking.missing) == (False, ("fossil_carbon_dioxide",))
    found = benefits(
        "energy_storage", parameter("electricity_discharged", 850, "MWh"),
        parameter("electricity_charged", 1000, "MWh"),
        parameter("discharge_factor", "0.8", "tCO2/MWh"), parameter("charge_factor", "0.1", "kgCO2/kWh"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(850 * 0.8 - 1000 * 0.1)
    found = benefits(
        "carbon_capture", parameter("carbon_dioxide_stored", 5, "1e4 tCO2"), parameter("project_emission", 8000, "tCO2")
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(42_000)
    found = benefits(
        "green_hydrogen", parameter("hydrogen_output", 100, "t"), parameter("hydrogen_baseline_factor", 20, "tCO2/t"),
        parameter("project_emission", 150, "tCO2"),
    )  # fmt: skip
    assert point(found["greenhouse_gas"]) == pytest.approx(1_850)


@pytest.mark.parametrize("kind", ["urban_rail", "charging_facility", "shore_power"])
def test_transport_counts_the_fuel_displaced_less_the_power_used(kind: str) -> None:
    found = benefits(
        kind, parameter("energy_before", 100, "t", item="diesel"),
        parameter("energy_after", 200, "MWh", item="electricity"),
    )  # fmt: skip
    grid = 0.5 * 0.7921 + 0.5 * 0.3870
    assert point(found["greenhouse_gas"]) == pytest.approx(100 * 3.0959 - 200 * grid)
    assert found["greenhouse_gas"].power is not None
