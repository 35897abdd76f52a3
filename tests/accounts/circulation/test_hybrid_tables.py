"""The hybrid tables of Taiwan: printed totals met, faults of the publication found, footprints with a table of use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.methods.leontief import input_coefficients, leontief_model, required_output
from lvshu.accounts.readers.waste_input_output import (
    HybridTable,
    is_hybrid_workbook,
    read_hybrid_tables,
    with_hybrid,
)
from lvshu.core.errors import InputError, MethodError


@pytest.fixture
def folder(shared_data: Path) -> Path:
    place = shared_data / "waste_io"
    if not place.is_dir():
        pytest.skip("the hybrid tables (waste_io) are not among the official tables here")
    return place


def flow(table: HybridTable, stressor: str) -> np.ndarray:
    return np.asarray(table.extension.flows)[table.extension.stressors.find(stressor)[0]]


def test_solid_waste(folder: Path) -> None:
    """Totals as the sheets print them, tonnes: DGBAS, solid waste, 1999, 2001, 2004."""
    path = folder / "IO_waste.xls"
    assert is_hybrid_workbook(path)
    tables = read_hybrid_tables(path)
    assert [(table.year, len(table.sectors)) for table in tables] == [(1999, 45), (2001, 49), (2004, 49)]
    assert [problem for table in tables for problem in table.problems] == []
    last = tables[-1]
    assert last.money_unit == "Million NTD"
    assert set(last.extension.units) == {"Tons"}
    assert last.extension.stressors.level("stressor") == (
        "Production, Total", "Production, General", "Production, Hazardous",
        "Improper disposal, Total", "Improper disposal, General", "Improper disposal, Hazardous",
    )  # fmt: skip
    assert (last.output.sum(), last.intermediate_inputs.sum(), last.value_added.sum()) == (
        24784670,
        14339234,
        10445436,
    )
    sums = np.asarray(last.extension.flows).sum(axis=1)
    printed = [101134401.0395, 99955445.1906, 1178955.8489, 3438378.7382, 3413718.9614, 24659.7767]
    np.testing.assert_allclose(sums, printed, atol=5e-5)
    np.testing.assert_allclose(last.stated, printed, atol=5e-5)
    assert last.final.level("category") == ("Household Consumption",)
    assert last.extension.final_flows is not None
    np.testing.assert_allclose(sums + last.extension.final_flows[:, 0],
                               [105945142.0119, 104766186.163, 1178955.8489, 3486978.4489, 3462318.6721, 24659.7767],
                               atol=5e-5)  # fmt: skip
    place = last.sectors.find("Public & Other Construction")[0]
    assert round(flow(last, "Production, Total")[place], 4) == 46816070.5868
    general, hazardous = flow(last, "Production, General"), flow(last, "Production, Hazardous")
    np.testing.assert_allclose(flow(last, "Production, Total"), general + hazardous, rtol=1e-9)


def test_air_and_water(folder: Path) -> None:
    for name, kind, unit, totals in (
        ("IO_air.xls", "air", "Tons", {"SOx": 225305.806, "TSP": 548145.657, "TSP, PM10": 247661.123}),
        ("IO_res_water.xls", "water", "Million cubic meters", {"Natural Water": 17732.8393}),
    ):
        tables = read_hybrid_tables(folder / name)
        assert [table.year for table in tables] == [1999, 2001, 2004]
        assert not [problem for table in tables for problem in table.problems]
        assert (tables[-1].extension.name, set(tables[-1].extension.units)) == (kind, {unit})
        stressors = tables[-1].extension.stressors.level("stressor")
        sums = dict(zip(stressors, np.asarray(tables[-1].extension.flows).sum(axis=1), strict=True))
        for stressor, total in totals.items():
            assert sums[stressor] == pytest.approx(total, abs=5e-4)


def test_energy_and_what_does_not_add_up_in_it(folder: Path) -> None:
    (table,) = read_hybrid_tables(folder / "IO_energy.xls")
    assert (table.year, len(table.extension.stressors), len(table.final)) == (2001, 30, 6)
    units = dict(zip(table.extension.stressors.level("stressor"), table.extension.units, strict=True))
    assert units["Coal, inproted, Steam Coal"] == "MT"
    assert units["Crude Oil"] == "KL"
    assert units["Electricity, Power Company"] == "MWH"
    assert flow(table, "Electricity, Power Company").sum() == pytest.approx(120537952.0)
    gaps = {str(problem.values["stressor"]): problem.values for problem in table.problems}
    assert gaps["Jet Fuel"]["stated"] == 450.0  # the subtotal of aviation gasoline, printed twice
    assert gaps["Coke"]["missing"] == 46  # ranks in place of amounts
    assert set(gaps) == {
        "Coal, total", "Coal, Indigenous coal", "Coal, inproted, subtotal", "Coal, inproted, Coking Coal",
        "Coal, inproted, Steam Coal", "Coke Oven Gas", "Blast Furnace Gas", "Jet Fuel", "Petroleum Coke", "Coke",
        "Asphalts",
    }  # fmt: skip
    assert all(problem.severity == "warning" and problem.text("zh") for problem in table.problems)


def test_footprint_needs_a_table_of_use(folder: Path) -> None:
    """A made-up table of use with the printed margins: the footprint of all final demand is all sectors' waste."""
    table = read_hybrid_tables(folder / "IO_waste.xls")[-1]
    use = np.outer(table.output, table.intermediate_inputs) / table.output.sum()
    demand = table.output - use.sum(axis=1)
    system = InputOutputSystem(
        "made-up", 2004, Index.product(("region", "sector"), ["Taiwan"], table.sectors.level("sector")),
        Index.of(("region", "category"), [("Taiwan", "all")]), use, demand[:, None], table.output,
    )  # fmt: skip
    carried = with_hybrid(system, table).extensions["waste"]
    intensity = np.asarray(carried.flows) / table.output
    output = required_output(leontief_model(input_coefficients(use, table.output)), demand)
    np.testing.assert_allclose(intensity @ output, np.asarray(carried.flows).sum(axis=1), rtol=1e-10)
    shuffled = replace(table, sectors=Index.of(("code", "sector"), list(reversed(table.sectors.labels))))
    with pytest.raises(MethodError, match="another order"):
        with_hybrid(system, shuffled)


def _write(path: Path, title: str, sectors: int, rows: list[list[object]]) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("year 2004")
    head: list[list[object]] = [
        [title], ["Year 2004"], ["", "", "Total Domestic Output", "Intermediate Inputs", "GDP", "Production", ""],
        ["", "", "", "", "", "Total", "General"], ["", "", "(Million NTD)", "", "", "(Tons)", ""],
    ]  # fmt: skip
    for number, row in enumerate(head + rows):
        sheet.write_row(number, 0, row)
    book.close()


def test_sheets_that_are_something_else(tmp_path: Path) -> None:
    rows: list[list[object]] = [["001", "A", 10, 6, 4, 5, ""], ["002", "B", 20, 6, 4, 7, 7],
                                ["", "Subtotal", 30, 12, 8, 13, 7]]  # fmt: skip
    good = tmp_path / "good.xlsx"
    _write(good, "Hybrid Input-Output Table－Solid Waste(2 Sectors)", 2, rows)
    (table,) = read_hybrid_tables(good)
    assert np.isnan(flow(table, "Production, General")[0])  # missing is not zero
    assert [problem.code for problem in table.problems] == ["accounts.hybrid_money", "accounts.hybrid_total"]
    assert table.problems[0].values["gap"] == 10.0
    for title, kept in (
        ("Some other table", rows),
        ("Hybrid Input-Output Table－Solid Waste(3 Sectors)", rows),
    ):
        path = tmp_path / "bad.xlsx"
        _write(path, title, 2, kept)
        with pytest.raises(InputError) as failure:
            read_hybrid_tables(path)
        assert failure.value.code == "accounts.hybrid_layout"
