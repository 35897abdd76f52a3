"""The waste input-output table of Japan: a small workbook of its layout, and the real one where it is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from lvshu.accounts.ask.waste import waste_account, waste_by_treatment, waste_scenario
from lvshu.accounts.methods.circulation.waste_input_output import solve_waste, waste_imbalance, waste_model
from lvshu.accounts.methods.leontief import total_intensity
from lvshu.accounts.readers.waste_japan import is_japanese_waste_table, read_japanese_waste_table
from lvshu.core.errors import InputError

SHEETS: dict[str, list[list[object]]] = {
    "ZYeconomy": [["", "Steel", "Power", "Furnace", "Landfill", "Households"],
                  ["Steel", 10, 5, 1, 2, 82], ["Power", 30, 4, 3, 1, 12]],
    "ZYwaste": [["", "Steel", "Power", "Furnace", "Landfill", "Households"],
                ["Wo Garbage", 1, 0, 0, 0, 9], ["Wo Scrap", 4, 0, 0, 0, 2], ["Wo Ash", 0, 3, 2, 0, 0],
                ["Wi Garbage", 0, 0, 0, 0, 0], ["Wi Scrap", 5, 0, 0, 0, 0], ["Wi Ash", 0, 0, 0, 0, 0]],
    "Allocation": [["", "Garbage", "Scrap", "Ash"], ["Furnace", 0.7, 0, 0], ["Landfill", 0.3, 1, 1]],
    "F": [["category", "Steel", "Power", "Furnace", "Landfill", "Households"],
          ["Compensation of employees", 20, 10, 1, 1, 0], ["Landfill area", 0, 0, 0, 9, 0]],
    "Units": [["unit", "index", "name"], ["Million yen", 1, "Steel"], ["Million kWh", 2, "Power"],
              ["Million yen", 3, "Compensation of employees"], ["Square meter", 4, "Landfill area"]],
}  # fmt: skip


def write(path: Path, **changed: list[list[object]]) -> Path:
    book = xlsxwriter.Workbook(path)
    for name, rows in (SHEETS | changed).items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def test_a_small_workbook(tmp_path: Path) -> None:
    path = write(tmp_path / "wio.xlsx")
    assert is_japanese_waste_table(path)
    tables = read_japanese_waste_table(path)
    assert (tables.goods, tables.treatments, tables.wastes) == (
        ("Steel", "Power"), ("Furnace", "Landfill"), ("Garbage", "Scrap", "Ash"),
    )  # fmt: skip
    assert tables.waste[1].tolist() == [-1, 0, 0, 0, 2]
    assert tables.stressors == ("Landfill area",)
    account = waste_account(path)
    np.testing.assert_allclose(waste_by_treatment(account).values.sum(axis=1), [7.0, 9.0], rtol=1e-12)
    other = tmp_path / "other.csv"
    other.write_text("waste,treatment,share\nGarbage,Furnace,1\n", encoding="utf-8")
    told = waste_scenario(account, other)
    assert told.units[:2] == ("Million yen", "Million kWh")
    missing = write(tmp_path / "bad.xlsx", F=[["category", "Steel"], ["Landfill area", 0]])
    with pytest.raises(InputError) as failure:
        read_japanese_waste_table(missing)
    assert failure.value.problems[0].values["count"] == 4


def test_one_treatment_as_the_course_prints_it() -> None:
    """Advanced Environmental Input-Output Analysis (CML, Leiden), practical on waste, table 1: x = (174, 443)."""
    output = np.array([174.0, 443.0])
    inputs, waste = np.array([[52.0, 22.0]]) / output, np.array([[349.0, 44.0]]) / output
    np.testing.assert_allclose(
        np.vstack([inputs, waste]), [[0.29885057, 0.0496614], [2.00574713, 0.0993228]], atol=5e-9
    )
    found = solve_waste(waste_model(inputs, waste, np.ones((1, 1))), np.array([100.0]), np.array([50.0]))
    np.testing.assert_allclose([*found.output, *found.treated], output, rtol=1e-12)


def test_landfill_footprint_of_japan_2000(shared_data: Path) -> None:
    """Landfill that final demand causes, m2 and m3, as the course prints it to the cent for the real table."""
    path = shared_data / "waste_io" / "Japan_WIO2000sec103.xlsx"
    if not path.is_file():
        pytest.skip(
            "Japan_WIO2000sec103.xlsx is not in waste_io: see readers/waste_japan.py for where it is published"
        )
    account = waste_account(path)
    tables, model = account.tables, account.model
    assert (len(tables.goods), len(tables.treatments), len(tables.wastes)) == (103, 13, 79)
    demand, thrown = account.final_demand.sum(axis=1), account.final_waste.sum(axis=1)
    solved = solve_waste(model, demand, thrown)
    np.testing.assert_allclose(solved.output, tables.purchases.sum(axis=1), rtol=1e-10)
    assert np.abs(waste_imbalance(model, solved)).max() <= 1e-9 * np.abs(solved.treated).sum()
    causes = np.concatenate([demand, tables.allocation @ thrown])
    names = (*tables.goods, *tables.treatments)
    multipliers = total_intensity(model.model, np.ascontiguousarray(account.intensity.T)).T
    printed = {
        "Landfill area": [74_171_323.30, 67_852_852.48, 14_937_332.58, 14_877_076.50, 10_038_927.53],
        "Landfill volume": [32_862_100.76, 30_062_660.02, 6_618_085.08, 6_591_388.22, 4_447_813.97],
    }
    for stressor, figures in printed.items():
        footprint = multipliers[tables.stressors.index(stressor)] * causes
        first = np.argsort(-footprint)[:5]
        assert [names[place] for place in first] == [
            "Landfill", "Building construction", "Water supply", "Shredding: automobiles",
            "Other civil engineering and construction",
        ]  # fmt: skip
        np.testing.assert_allclose(footprint[first], figures, atol=5e-3)
