"""Five sectors and a small balance, where every figure can be followed by hand: findings, keys, years, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lvshu.accounts.book.carbon import grid_factor
from lvshu.accounts.book.economy import economy_of
from lvshu.accounts.book.footprints import footprint_of
from lvshu.accounts.book.table import OWN_FINAL_USE, InputOutputTable, Sector, TableChoice, balance_row
from lvshu.accounts.methods.footprint import check_identity
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.grid import Grid
from lvshu.intake.layouts.input_output import LAYOUT
from lvshu.pipeline.headlines import compute, definitions
from tests.accounts.book import Columns, accounts_book, value

NAMES = (
    "农林牧渔业",
    "煤炭开采和洗选业",
    "金属冶炼及压延加工业",
    "电力、热力的生产和供应业",
    "交通运输及仓储业",
)
USE = ((10, 0, 2, 0, 0), (0, 0, 20, 40, 0), (1, 0, 50, 5, 10), (4, 0, 30, 10, 6), (2, 0, 8, 5, 10))
FINAL = ((60, 8, 0), (2, 0, 0), (4, 90, 60), (40, 0, 0), (50, 5, 40))
IMPORTS = (0, 62, 20, 0, 0)


def io_cells(year: int = 2022, area: str = "310000", names: Sequence[str] = NAMES) -> Columns:
    rows: list[list[Any]] = [["投入产出表 单位：亿元"], ["", *names, "中间使用合计", "农村居民消费", "固定资本形成总额",
                                                   "出口", "最终使用合计", "进口", "总产出"]]  # fmt: skip
    output = []
    for i, name in enumerate(names):
        total = sum(USE[i]) + sum(FINAL[i]) - IMPORTS[i]
        output.append(total)
        rows.append([name, *USE[i], sum(USE[i]), *FINAL[i], sum(FINAL[i]), IMPORTS[i], total])
    spent = [sum(row[j] for row in USE) for j in range(5)]
    rows.append(["中间投入合计", *spent])
    rows.append(["劳动者报酬", *(x - s for x, s in zip(output, spent, strict=True))])
    rows.append(["总投入", *output])
    result = LAYOUT.read(Grid.of(rows, file="t.csv"), year=year, area_code=area, unit=None)
    assert not result.problems, [problem.text("en") for problem in result.problems]
    return {name: values for name, values in result.tables["io_cell"].items() if name != "row_number"}


def energy_cells(*records: tuple[str, str, float, str], year: int = 2022, area: str = "310000") -> Columns:
    count = len(records)
    return {
        "year": [year] * count, "area_code": [area] * count,
        "item_code": [item for item, *_ in records], "item_name": [item for item, *_ in records],
        "fuel_code": [fuel for _, fuel, *_ in records], "fuel_name": [fuel for _, fuel, *_ in records],
        "quantity": [quantity for *_, quantity, _ in records], "unit": [unit for *_, unit in records],
    }  # fmt: skip


BALANCE = (
    ("available", "raw_coal", 1000.0, "t"), ("inflow", "raw_coal", 1000.0, "t"),
    ("thermal_power", "raw_coal", -600.0, "t"), ("industry", "raw_coal", 300.0, "t"),
    ("households_rural", "raw_coal", 100.0, "t"),
    ("inflow", "electricity", 5e6, "kWh"), ("outflow", "electricity", -1e6, "kWh"),
    ("thermal_power", "electricity", 2e6, "kWh"), ("industry", "electricity", 4e6, "kWh"),
    ("transport", "electricity", 2e6, "kWh"), ("transport", "diesel", 50.0, "t"), ("inflow", "diesel", 50.0, "t"),
)  # fmt: skip


def codes(engine: DuckDB) -> set[str]:
    return set(engine.fetch("SELECT code FROM finding").column(0).to_pylist())


def emission(engine: DuckDB, sector: str) -> float:
    return float(value(engine, f"SELECT direct_emission FROM sector_account WHERE sector_code = '{sector}'"))


def test_figures_by_hand() -> None:
    with accounts_book(
        "310000", 2022, {"io_cell": io_cells(), "energy_balance_cell": energy_cells(*BALANCE)}
    ) as engine:
        coal, diesel = 1.9003, 3.0959
        total = value(
            engine,
            "SELECT sum(emission) FROM carbon_inventory WHERE method = 'sectoral' AND bunkers = 'with'",
        )
        assert float(total) == pytest.approx(1000 * coal + 50 * diesel)
        assert emission(engine, "04") == pytest.approx(600 * coal)
        assert emission(engine, "03") == pytest.approx(300 * coal)
        assert emission(engine, "05") == pytest.approx(50 * diesel)
        direct = value(engine, "SELECT emission FROM footprint WHERE emission_origin = 'direct'")
        assert float(direct) == pytest.approx(100 * coal)
        bought = engine.fetch(
            "SELECT quantity, factor, factor_area, emission FROM purchased_electricity"
        ).to_pylist()[0]
        assert float(bought["quantity"]) == 4e6
        assert bought["factor_area"] == "华东"
        assert float(bought["emission"]) == pytest.approx(4e6 * 0.5617 / 1000)
        line = "SELECT emission FROM carbon_account WHERE line_code = 'direct_and_electricity'"
        assert float(value(engine, line)) == pytest.approx(1000 * coal + 50 * diesel + 4e6 * 0.5617 / 1000)
        no_error = (
            "SELECT standard_error, low, high FROM carbon_account WHERE line_code = 'purchased_electricity'"
        )
        assert engine.execute(no_error) == [(None, None, None)]
        scopes = dict(engine.execute("SELECT indicator, scope_en FROM uncertainty"))
        assert "co2_purchased_electricity" not in scopes, "no error of it is known: none is claimed"
        assert "of the grid factor are not known" in scopes["co2_direct_and_electricity"]
        indirect = "SELECT indirect_electricity_emission FROM sector_account WHERE sector_code = '05'"
        assert float(value(engine, indirect)) == pytest.approx(2e6 * 0.5849 / 1000)
        assert value(engine, "SELECT count(DISTINCT scope) FROM sector_intensity") == 2
        spheres = (
            "SELECT value FROM sphere_account WHERE measure = 'direct_emission' AND sphere = 'circulation'"
        )
        assert float(value(engine, spheres)) == pytest.approx(50 * diesel)
        assert "accounts.no_grid_factor" not in codes(engine)


@pytest.mark.parametrize(
    ("year", "code", "absent"),
    [(2024, "accounts.grid_factor_of_earlier_year", "accounts.no_grid_factor"),
     (2007, "accounts.no_grid_factor", "accounts.grid_factor_of_earlier_year")],
)  # fmt: skip
def test_grid_factor_by_year(year: int, code: str, absent: str) -> None:
    tables = {"io_cell": io_cells(year), "energy_balance_cell": energy_cells(*BALANCE, year=year)}
    with accounts_book("310000", year, tables, replicates=3) as engine:
        assert code in codes(engine)
        assert absent not in codes(engine)
        assert (value(engine, "SELECT emission FROM purchased_electricity") is None) == (year == 2007)


@pytest.mark.parametrize(
    ("area", "province", "region"),
    [("330700", "330000", "华东"), ("330782", "330000", "华东"),
     ("150400", "150000", None), ("100000", "100000", "100000")],
)  # fmt: skip
def test_grid_factors_of_a_city_are_those_of_its_province(
    area: str, province: str, region: str | None
) -> None:
    packs = PackLibrary.load()
    own, bought = (grid_factor(packs, area, 2023, regional=which) for which in (False, True))
    assert own is not None
    assert own["area_code"] == province
    if region is None:  # two grids serve Inner Mongolia: which one, the pack does not say
        assert bought is None
    else:
        assert bought is not None
        assert region in (bought["area_zh"], bought["area_code"])


def test_a_city_below_the_province_has_intensities_with_electricity() -> None:
    tables = {
        "io_cell": io_cells(2022, "330700"),
        "energy_balance_cell": energy_cells(*BALANCE, area="330700"),
    }
    with accounts_book("330700", 2022, tables, replicates=3) as engine:
        assert "accounts.no_scope_two" not in codes(engine)
        assert value(engine, "SELECT count(DISTINCT scope) FROM sector_intensity") == 2


def test_what_reaches_no_sector_is_unknown_in_sectors_not_zero() -> None:
    own = ("茶", "瓷", "锣鼓", "灯", "船")
    tables = {"io_cell": io_cells(names=own), "energy_balance_cell": energy_cells(*BALANCE)}
    with accounts_book("310000", 2022, tables, replicates=3) as engine:
        assert "accounts.sector_not_bridged" in codes(engine)
        assert "accounts.inventory_not_allocated" in codes(engine)
        known = "count(direct_emission) + count(energy_tce) + count(electricity)"
        assert value(engine, f"SELECT {known} FROM sector_account") == 0
        assert value(engine, "SELECT count(*) FROM sector_account WHERE output > 0") == 4
        assert value(engine, "SELECT count(*) FROM emission_flow") == 0
        rows = compute(engine, definitions(), empty_because={}, placeholders={}, incomplete={})
        assert {row["value"] for row in rows if row["code"] == "co2_sent_out_export"} == {None}


def test_methods_that_agree_have_a_gap_of_zero() -> None:
    cells = energy_cells(
        ("available", "raw_coal", 70.0, "t"),
        ("inflow", "raw_coal", 70.0, "t"),
        ("industry", "raw_coal", 70.0, "t"),
    )
    with accounts_book("310000", 2022, {"energy_balance_cell": cells}, replicates=3) as engine:
        rows = compute(engine, definitions(), empty_because={}, placeholders={}, incomplete={})
        found = {row["code"]: row for row in rows}
        assert found["co2_sectoral"]["value"] == found["co2_reference"]["value"], found["co2_reference"]
        assert found["co2_sectoral"]["value"] > 0
        assert found["co2_gap"]["value"] == 0


def test_a_column_of_totals_that_the_balance_does_not_have_is_not_judged() -> None:
    coal = ("industry", "raw_coal", 70.0, "t")
    with_total = energy_cells(*BALANCE, coal, ("industry", "coal_total", 60.0, "t"))
    for cells, count in ((energy_cells(*BALANCE, coal), 0), (with_total, 1)):
        with accounts_book("310000", 2022, {"energy_balance_cell": cells}, replicates=3) as engine:
            where = "check_code = 'fuel_total' AND item_code = 'industry'"
            assert value(engine, f"SELECT count(*) FROM energy_balance_check WHERE {where}") == count
            assert ("accounts.energy_fuel_total" in codes(engine)) == bool(count)


def test_fuel_without_factor_makes_the_total_partial() -> None:
    cells = energy_cells(*BALANCE, ("industry", "coal_gangue", 70.0, "t"))
    with accounts_book("310000", 2022, {"energy_balance_cell": cells}, replicates=3) as engine:
        found = engine.fetch(
            "SELECT amount, unit, what_en FROM finding WHERE code = 'accounts.no_factor'"
        ).to_pylist()
        assert [(row["amount"], row["unit"]) for row in found] == [(70.0, "t")]
        assert "coal_gangue" in found[0]["what_en"]
        missing = (
            engine.fetch("SELECT emission FROM carbon_inventory WHERE NOT has_factor").column(0).to_pylist()
        )
        assert missing
        assert set(missing) == {None}
        scope = value(engine, "SELECT scope_en FROM uncertainty WHERE indicator = 'co2_sectoral'")
        assert "partial" in scope


def test_true_energy_of_sectors_is_used_where_given() -> None:
    tables = {
        "io_cell": io_cells(), "energy_balance_cell": energy_cells(*BALANCE),
        "sector_energy": {"year": [2022, 2022, 2022], "sector_code": ["03", "04", "99"],
                          "fuel_code": ["raw_coal"] * 3, "quantity": [1, 30_000, 5], "unit": ["1e4 t", "t", "t"]},
    }  # fmt: skip
    with accounts_book("310000", 2022, tables, replicates=3) as engine:
        assert emission(engine, "03") == pytest.approx(300 * 1.9003 / 4)
        assert emission(engine, "04") == pytest.approx((600 + 300 * 3 / 4) * 1.9003)
        assert "accounts.sector_energy_unknown" in codes(engine)
        used = "SELECT DISTINCT key_used FROM emission_allocation WHERE item_code = 'industry'"
        assert value(engine, used) == "sector_energy"


def test_imbalance_is_named_and_kept() -> None:
    cells = {name: list(values) for name, values in io_cells().items()}
    place = next(
        k for k, (row, column) in enumerate(zip(cells["row_code"], cells["column_code"], strict=True))
        if (row, column) == ("03", "FU101")
    )  # fmt: skip
    cells["value"][place] += 7 * 10**8
    with accounts_book(
        "310000", 2022, {"io_cell": cells, "energy_balance_cell": energy_cells(*BALANCE)}
    ) as engine:
        found = engine.fetch(
            "SELECT record_key, amount, what_zh FROM finding WHERE code = 'accounts.io_imbalance' ORDER BY record_key"
        ).to_pylist()
        row = next(item for item in found if item["record_key"] == "row_balance/03")
        assert row["amount"] == pytest.approx(-7e8)
        assert "金属冶炼及压延加工业" in row["what_zh"]
        kept = "SELECT sum(value) FROM use_by_origin WHERE column_kind = 'balancing_item' AND row_code = '03'"
        assert float(value(engine, kept)) < 0
        direct = float(value(engine, "SELECT sum(direct_emission) FROM sector_account"))
        local = float(value(engine, "SELECT sum(emission) FROM footprint WHERE emission_origin = 'local'"))
        assert local == pytest.approx(direct, rel=1e-9)


def test_table_of_an_earlier_year_is_told() -> None:
    with accounts_book("310000", 2024, {"io_cell": io_cells(2022)}, replicates=3) as engine:
        assert "accounts.table_of_other_year" in codes(engine)
        assert engine.count("sector_multiplier") == 5


@pytest.mark.parametrize(("year", "area"), [(2021, "310000"), (2022, "320000")])
def test_no_other_table_is_taken_instead(year: int, area: str) -> None:
    with pytest.raises(MethodError) as caught, accounts_book(area, year, {"io_cell": io_cells(2022)}):
        pass
    assert caught.value.code == "accounts.no_table_for_area"


def test_rows_of_the_balance() -> None:
    wanted = {
        "05": "agriculture", "06": "industry", "46": "industry", "47": "construction", "51": "trade_catering",
        "53": "transport", "60": "transport", "61": "trade_catering", "63": "other", "96": "other",
    }  # fmt: skip
    assert {division: balance_row(division) for division in wanted} == wanted


def random_table(seed: int, count: int, kinds: Sequence[str], idle: bool) -> InputOutputTable:
    generator = np.random.default_rng(seed)
    use = generator.random((count, count)) * (generator.random((count, count)) < 0.7)
    final = generator.random((count, len(kinds))) * count
    brought = generator.random((2, count)) * (use.sum(axis=1) + final.sum(axis=1)) * 0.3
    if idle:
        use[:, 0] = 0.0
        brought[0, 0], brought[1, 0] = use[0].sum() + final[0].sum(), 0.0
    output = use.sum(axis=1) + final.sum(axis=1) - brought.sum(axis=0)
    if idle:
        output[0] = 0.0
    use *= np.minimum(1.0, 0.8 * output / np.maximum(use.sum(axis=0), 1e-12))
    output = np.where(output == 0.0, 0.0, use.sum(axis=1) + final.sum(axis=1) - brought.sum(axis=0))
    other = generator.normal(0, 0.01, count) * (output > 0)
    sectors = tuple(Sector(f"{i:02d}", f"部门{i}", None, None, (), "") for i in range(count))
    return InputOutputTable(
        TableChoice("t", 2020, "310000"), sectors, tuple(kinds), {"total": use}, {"total": final}, brought[0],
        brought[1], other, output + other, {"VA001": output + other - use.sum(axis=0)},
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 9), st.booleans(), st.booleans())
def test_identities_on_random_economies(seed: int, count: int, idle: bool, switch: bool) -> None:
    kinds = (*OWN_FINAL_USE[:3], "export", "outflow")
    table = random_table(seed, count, kinds, idle)
    economy = economy_of(table, imports_in_exports=switch)
    local = economy.intermediate_use["local"].sum(axis=1) + economy.final_use["local"].sum(axis=1)
    np.testing.assert_allclose(local, table.output, atol=1e-9)
    emission = np.random.default_rng(seed + 1).random(count) * (table.output != 0.0)
    found = footprint_of(economy, emission)
    assert check_identity(found.local, emission) < 1e-9
    np.testing.assert_allclose(found.by_emitter.sum(axis=0), found.local.sum(axis=0), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.by_emitter.sum(axis=1), emission, rtol=1e-9, atol=1e-12)
    # what is made here and what is brought in is what the region's technology needs in all
    output = np.where(table.output == 0.0, 1.0, table.output)
    technology = np.where(table.output == 0.0, 0.0, table.intermediate_use["total"] / output)
    everything = sum(economy.final_use.values())
    intensity = emission / output
    wanted = intensity @ np.linalg.inv(np.eye(count) - technology) @ everything
    whole = (found.local + found.rest_of_country + found.abroad).sum(axis=0)
    np.testing.assert_allclose(whole, wanted, rtol=1e-8, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.integers(3, 8))
def test_aggregation_keeps_totals(seed: int, count: int) -> None:
    """Joining two sectors changes who is blamed for what, never the total."""
    table = random_table(seed, count, ("household", "export"), idle=False)
    join = np.zeros((count - 1, count))
    join[0, 0] = join[0, 1] = 1.0
    for i in range(2, count):
        join[i - 1, i] = 1.0
    joined = InputOutputTable(
        table.choice, table.sectors[1:], table.final_kinds, {"total": join @ table.intermediate_use["total"] @ join.T},
        {"total": join @ table.final_use["total"]}, join @ table.imports, join @ table.inflows, join @ table.other,
        join @ table.output, {"VA001": join @ table.primary_input["VA001"]},
    )  # fmt: skip
    # what is brought in is computed by the whole technology, which a random joined table may not have productive
    assume(np.abs(np.linalg.eigvals(joined.intermediate_use["total"] / joined.output)).max() < 1.0)
    emission = np.random.default_rng(seed).random(count)
    fine, coarse = (
        footprint_of(economy_of(table), emission),
        footprint_of(economy_of(joined), join @ emission),
    )
    assert fine.local.sum() == pytest.approx(coarse.local.sum(), rel=1e-9)
    assert coarse.by_emitter.sum(axis=1) == pytest.approx(join @ fine.by_emitter.sum(axis=1), rel=1e-9)


def test_a_figure_that_lacks_unbridged_sectors_is_partial_and_says_which_share() -> None:
    cells = io_cells()
    odd = dict(zip(NAMES[2:4], ("甲类工业", "乙类工业"), strict=True))
    cells = {
        name: [odd.get(value_, value_) for value_ in values] if name.endswith("name") else values
        for name, values in cells.items()
    }
    tables = {"io_cell": cells, "energy_balance_cell": energy_cells(*BALANCE)}
    with accounts_book("310000", 2022, tables, replicates=3) as engine:
        rows = compute(engine, definitions(), empty_because={}, placeholders={}, incomplete={})
        found = {row["code"]: row for row in rows}
        lost = value(engine, "SELECT amount FROM finding WHERE code = 'accounts.inventory_not_allocated'")
    partial = found["co2_production_based"]
    inventory = float(found["co2_sectoral_with_bunkers"]["value"])
    assert float(partial["value"]) + lost == pytest.approx(inventory)
    assert (partial["status"], found["gdp"]["status"]) == ("partial", "available")
    assert f"{100 * lost / inventory:.1f} %" in partial["reason_en"]
    assert found["co2_consumption_based"]["status"] == "partial"
    assert found["energy_use"]["status"] == "partial"
    assert "2 of 5 sectors" in found["value_added_production_share"]["reason_en"]
