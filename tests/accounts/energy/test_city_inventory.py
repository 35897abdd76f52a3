"""Inflows by origin, direct and indirect emissions, methane and nitrous oxide, the GPC table: by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lvshu.accounts.ask.inventory import gpc_result, inventory_result
from lvshu.accounts.book.energy import build_balance
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from tests.accounts.book import Columns, accounts_book
from tests.accounts.test_small_city import energy_cells

PACKS = PackLibrary.load()
CELLS = (
    ("thermal_power", "raw_coal", -1000.0, "t"), ("heat_supply", "raw_coal", -100.0, "t"),
    ("heat_supply", "heat", 1500.0, "GJ"), ("industry", "raw_coal", 200.0, "t"),
    ("households_urban", "natural_gas", 10_000.0, "m3"), ("transport", "diesel", 50.0, "t"),
    ("transport", "kerosene", 30.0, "t"), ("transport", "fuel_oil", 40.0, "t"),
    ("bunker_own_abroad", "fuel_oil", 15.0, "t"), ("inflow", "electricity", 1_000_000.0, "kWh"),
    ("outflow", "electricity", -100_000.0, "kWh"), ("loss", "electricity", 60_000.0, "kWh"),
    ("industry", "electricity", 500_000.0, "kWh"), ("households_urban", "electricity", 300_000.0, "kWh"),
    ("transport", "electricity", 200_000.0, "kWh"), ("trade_catering", "heat", 1000.0, "GJ"),
)  # fmt: skip
COAL, DIESEL, KEROSENE, FUEL_OIL = 1.9003, 3.0959, 3.0179, 3.1705
SHANGHAI, EAST = 0.5849, 0.5617


def origins(*rows: tuple[str, str, float, str, float | None, str | None]) -> dict[str, Columns]:
    n = len(rows)
    return {"energy_inflow": {
        "year": [2022] * n, "area_code": ["310000"] * n, "carrier": [row[0] for row in rows],
        "origin_code": [row[1] for row in rows], "quantity": [row[2] for row in rows],
        "unit": [row[3] for row in rows], "factor": [row[4] for row in rows],
        "factor_unit": [row[5] for row in rows], "factor_source": ["test" if row[4] else None for row in rows],
    }}  # fmt: skip


def run(
    *tables: dict[str, Columns], cells: tuple[Any, ...] = CELLS, year: int = 2022
) -> dict[str, list[dict[str, Any]]]:
    given = {"energy_balance_cell": energy_cells(*cells, year=year)}
    for table in tables:
        given |= table
    names = (
        "energy_inflow_emission",
        "city_emission",
        "gpc_inventory",
        "combustion_gas",
        "finding",
        "uncertainty",
    )
    with accounts_book("310000", year, given) as engine:
        return {name: engine.fetch(f"SELECT * FROM {name}").to_pylist() for name in names}


def test_electricity_by_origin() -> None:
    """Sichuan 0.1404, Anhui 0.6782 (2022), a stated factor, the rest at the average of East China 0.5617."""
    found = run(origins(("electricity", "510000", 40.0, "1e4 kWh", None, None),
                        ("electricity", "340000", 300.0, "MWh", None, None),
                        ("electricity", "330000", 100_000.0, "kWh", 0.03, "tCO2/MWh")))  # fmt: skip
    rows = {row["origin_code"]: row for row in found["energy_inflow_emission"]}
    assert float(rows["510000"]["emission"]) == pytest.approx(400 * 0.1404)
    assert float(rows["340000"]["emission"]) == pytest.approx(300 * 0.6782)
    assert float(rows["330000"]["emission"]) == pytest.approx(100 * 0.03)
    assert float(rows["rest"]["quantity"]) == pytest.approx(100_000)
    assert float(rows["rest"]["emission"]) == pytest.approx(100 * EAST)
    assert "accounts.inflow_without_origin" in {row["code"] for row in found["finding"]}
    city = {row["line_code"]: row for row in found["city_emission"]}
    indirect = 400 * 0.1404 + 300 * 0.6782 + 3 + 100 * EAST
    assert float(city["indirect_electricity"]["emission"]) == pytest.approx(indirect)
    direct = sum(float(row["emission"]) for row in found["city_emission"] if row["kind"] == "direct")
    assert float(city["direct_and_indirect"]["emission"]) == pytest.approx(direct + indirect)
    interval = next(row for row in found["uncertainty"] if row["indicator"] == "co2_direct_and_indirect")
    assert interval["low"] < direct + indirect < interval["high"]


def test_heat_from_outside_needs_a_factor() -> None:
    cells = (*CELLS, ("inflow", "heat", 500.0, "GJ"))
    found = run(cells=cells)
    city = {row["line_code"]: row for row in found["city_emission"]}
    assert city["indirect_heat"]["emission"] is None
    assert city["direct_and_indirect"]["emission"] is None
    assert "accounts.inflow_without_factor" in {row["code"] for row in found["finding"]}
    given = run(origins(("heat", "320000", 500.0, "GJ", 0.06, "tCO2/GJ")), cells=cells)
    city = {row["line_code"]: row for row in given["city_emission"]}
    assert float(city["indirect_heat"]["emission"]) == pytest.approx(30.0)


def test_no_factor_is_borrowed_from_later_years() -> None:
    found = run(year=2007)
    city = {row["line_code"]: row for row in found["city_emission"]}
    assert city["indirect_electricity"]["emission"] is None
    gpc = {row["gpc_ref"]: row for row in found["gpc_inventory"]}
    assert (gpc["I.3.2"]["emission"], gpc["I.3.2"]["notation_key"]) == (None, "NE")
    assert "accounts.gpc_carrier_left_out" in {row["code"] for row in found["finding"]}


def test_gpc_table_by_hand() -> None:
    found = run()
    gpc = {row["gpc_ref"]: row for row in found["gpc_inventory"]}
    assert len(gpc) == 52
    co2 = {ref: float(row["co2"]) for ref, row in gpc.items() if row["co2"] is not None}
    lost = {ref: use * 0.06 * SHANGHAI for ref, use in (("I.1", 300), ("I.3", 500), ("II.1", 200))}
    assert co2 == pytest.approx({
        "I.1.1": 2.1622 * 10, "I.3.1": 200 * COAL, "I.4.4": 1100 * COAL, "II.1.1": 50 * DIESEL,
        "II.3.3": 25 * FUEL_OIL, "II.4.3": 30 * KEROSENE, "I.1.2": 300 * SHANGHAI, "I.3.2": 500 * SHANGHAI,
        "II.1.2": 200 * SHANGHAI, "I.2.2": 1000 * 100 * COAL / 1500, "I.1.3": lost["I.1"], "I.3.3": lost["I.3"],
        "II.1.3": lost["II.1"],
    }, rel=1e-4)  # fmt: skip
    keys = {ref: row["notation_key"] for ref, row in gpc.items() if row["emission"] is None}
    assert keys["I.4.1"] == keys["II.2.1"] == keys["II.4.1"] == "IE"
    assert keys["III.1.1"] == keys["IV.1"] == keys["V.2"] == keys["I.8.1"] == "NE"
    assert all(row["notation_key"] is None for row in gpc.values() if row["emission"] is not None)
    assert all(row["note_zh"] != "–" for row in gpc.values())
    groups = {
        "gpc_basic": lambda row: row["level"] == "BASIC",
        "gpc_basic_plus": lambda row: row["level"] != "territorial",
        "gpc_territorial": lambda row: row["scope"] == 1,
    }
    intervals = {row["indicator"]: row for row in found["uncertainty"]}
    for indicator, members in groups.items():
        stated = sum(float(row["emission"] or 0) for row in gpc.values() if members(row))
        assert intervals[indicator]["value"] == pytest.approx(stated)
        assert intervals[indicator]["low"] < stated < intervals[indicator]["high"]


def source(*rows: tuple[str, str, float | None, str | None, str | None]) -> dict[str, Columns]:
    n = len(rows)
    return {"city_source_emission": {
        "year": [2022] * n, "area_code": ["310000"] * n, "gpc_ref": [row[0] for row in rows],
        "gas": [row[1] for row in rows], "emission": [row[2] for row in rows], "unit": [row[3] for row in rows],
        "notation_key": [row[4] for row in rows], "source": ["test"] * n,
    }}  # fmt: skip


def test_sources_that_the_user_gives() -> None:
    found = run(source(("III.1.1", "CH4_non_fossil", 10.0, "t", None), ("III.4.1", "CO2e", 70.0, "tCO2e", None),
                       ("I.7.1", "CH4", None, None, "NO"), ("II.1.1", "CO2", 90.0, "t", None),
                       ("IX.9", "CO2", 1.0, "t", None), ("IV.2", "XYZ", 1.0, "t", None)))  # fmt: skip
    gpc = {row["gpc_ref"]: row for row in found["gpc_inventory"]}
    assert float(gpc["III.1.1"]["emission"]) == pytest.approx(280.0)  # AR5: 28
    assert float(gpc["III.4.1"]["emission"]) == pytest.approx(70.0)
    assert gpc["I.7.1"]["notation_key"] == "NO"
    assert float(gpc["II.1.1"]["emission"]) == pytest.approx(90.0)
    codes = {row["code"] for row in found["finding"]}
    assert {"accounts.gpc_unknown", "accounts.gpc_replaced", "accounts.gpc_gas_unknown",
            "accounts.gpc_not_estimated"} <= codes  # fmt: skip


def test_methane_and_nitrous_oxide_by_hand() -> None:
    """1,000 t of coal in power: 20.908 TJ x 1 kg CH4 and x 1.5 kg N2O; 28 and 265 by AR5; road diesel 3.9."""
    rows = {(row["item_code"], row["fuel_code"], row["gas"]): row for row in run()["combustion_gas"]}
    coal = rows[("thermal_power", "raw_coal", "CH4")]
    assert float(coal["energy"]) == pytest.approx(20.908)
    assert float(coal["emission"]) == pytest.approx(0.020908)
    assert float(coal["equivalent"]) == pytest.approx(0.020908 * 28, abs=1e-6)
    assert float(rows[("thermal_power", "raw_coal", "N2O")]["equivalent"]) == pytest.approx(
        20.908 * 1.5 / 1000 * 265, abs=1e-6
    )
    assert float(rows[("industry", "raw_coal", "CH4")]["factor"]) == 10.0
    diesel = rows[("transport", "diesel", "N2O")]
    assert float(diesel["emission"]) == pytest.approx(50 * 42.652 * 3.9 / 1e6, abs=1e-6)
    assert (
        float(rows[("bunker_own_abroad", "fuel_oil", "CH4")]["emission"]) < 0.0
    )  # refuelled abroad, not burned here


def test_results_without_a_run() -> None:
    cells = energy_cells(*CELLS)
    records = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    balance, fuels = build_balance(records, PACKS, "fuel_factors_p")
    result = inventory_result(balance, fuels, PACKS)
    assert result.units == ("tCO2",)
    expected = 1300 * COAL + 21.622 + 50 * DIESEL + 30 * KEROSENE + 25 * FUEL_OIL
    assert result.values.sum() == pytest.approx(expected, rel=1e-4)
    with_bunkers = inventory_result(balance, fuels, PACKS, bunkers="with")
    assert with_bunkers.values.sum() - result.values.sum() == pytest.approx(15 * FUEL_OIL, rel=1e-4)
    table = gpc_result(balance, fuels, PACKS, area="310000", year=2022)
    refs = table.rows.level("ref")
    found = {(row["gpc_ref"]): row for row in run()["gpc_inventory"]}
    for i, ref in enumerate(refs):
        stated = found[ref]["emission"]
        if stated is None:
            assert np.isnan(table.values[i]).all()
        else:
            assert table.values[i, 3] == pytest.approx(float(stated), abs=1e-5)
            assert table.values[i, :3].sum() == pytest.approx(table.values[i, 3])
    assert table.to_arrow().num_rows == 52 * 4
    with pytest.raises(MethodError, match="no method"):
        inventory_result(balance, fuels, PACKS, method="other")
