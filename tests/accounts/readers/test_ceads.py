"""CEADs: the provinces' multi-regional table and the emission inventories, in their published places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from lvshu.accounts.readers import read_system, recognise
from lvshu.accounts.readers.ceads_inventory import read_inventory
from lvshu.core.errors import InputError
from tests.accounts.readers import small

PROVINCES = ("北京", "上海")
SECTORS = ("农林牧渔产品和服务", "煤炭采选产品")
FINAL = ("FU101", "FU102", "FU103", "FU201", "FU202")
Cells = dict[tuple[int, int], Any]


def _demand() -> Any:
    return np.hstack([small.DEMAND, small.DEMAND[:, ::-1], small.DEMAND[:, :2]]) / 4


def _table() -> Cells:
    """The Chinese sheet of 2018: four lines of header, figures from line 5, column D."""
    cells: Cells = {(0, 0): "2018年中国31省区市区域间投入产出表"}
    for place, (province, sector) in enumerate((one, two) for one in PROVINCES for two in SECTORS):
        code = f"{place % 2 + 1:02d}"
        cells |= {(2, 3 + place): sector, (3, 3 + place): code, (4 + place, 1): sector, (4 + place, 2): code}
        if place % 2 == 0:
            cells |= {(1, 3 + place): province, (4 + place, 0): province}
    cells[2, 7] = "中间使用合计"
    for place, (province, code) in enumerate((one, two) for one in PROVINCES for two in FINAL):
        cells |= {(2, 8 + place): "最终使用", (3, 8 + place): code}
        if code == "FU101":
            cells[1, 8 + place] = province
    for column, (name, code) in enumerate(
        [("出口", "EX"), ("最终使用合计", "TFU"), ("误差", "ERR"), ("总产出", "GO")]
    ):
        cells |= {(2, 18 + column): name, (3, 18 + column): code}
    exports, errors = small.OUTPUT / 8, np.array([1.0, -1, 0, 2])
    demand = _demand()
    output = small.USE.sum(axis=1) + demand.sum(axis=1) + exports + errors
    for row in range(4):
        cells |= {(4 + row, 3 + column): small.USE[row, column] for column in range(4)}
        cells |= {(4 + row, 8 + column): demand[row, column] for column in range(10)}
        cells |= {(4 + row, 18): exports[row], (4 + row, 20): errors[row], (4 + row, 21): output[row]}
    under = [("进口", "IM"), ("中间投入合计", "TII"), ("劳动者报酬", "VA001"), ("营业盈余", "VA004"),
             ("增加值合计", "TVA"), ("总投入", "TI"), ("", ""), ("CO2 (Mt)", "")]  # fmt: skip
    for place, (name, code) in enumerate(under):
        cells |= {(8 + place, 1): name, (8 + place, 2): code}
        if name:
            cells |= {(8 + place, 3 + column): 10.0 * (place + 1) + column for column in range(4)}
    return cells


def _write(path: Path, sheets: dict[str, Cells]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, cells in sheets.items():
        sheet = book.add_worksheet(name)
        for (row, column), cell in cells.items():
            sheet.write(row, column, cell)
    book.close()
    return path


def test_the_table_reads_back_exactly(tmp_path: Path) -> None:
    sheets = {"Note": {(0, 0): "CEADs"}, "Table_2018": _table(), "Table_2018_English Version": {}}
    path = _write(tmp_path / "MRIO 2018.xlsx", sheets)
    assert recognise(path) == "ceads"
    system = read_system(path)
    assert (system.name, system.year, system.money_unit) == ("CEADs MRIO 2018", 2018, "1e4 CNY")
    assert system.industries.labels == tuple((one, two) for one in PROVINCES for two in SECTORS)
    assert system.final.labels[:5] == tuple(("北京", code) for code in FINAL)
    assert system.final.labels[-2:] == (("ROW", "EX"), ("ERR", "ERR"))
    assert np.array_equal(system.intermediate_use, small.USE)
    assert np.array_equal(system.final_demand[:, :10], _demand())
    assert np.array_equal(system.final_demand[:, 10], small.OUTPUT / 8)
    assert np.array_equal(system.final_demand[:, 11], [1, -1, 0, 2])
    assert list(system.value_added) == ["IM", "VA001", "VA004"]
    assert np.array_equal(system.value_added["VA001"], [30, 31, 32, 33])
    assert np.array_equal(system.extensions["co2"].flows, [[80, 81, 82, 83]])
    assert system.extensions["co2"].units == ("Mt",)
    assert any("10 thousand" in english or "1e4 CNY" in english for _, english in system.notes)


def test_older_editions_need_their_unit(tmp_path: Path) -> None:
    path = _write(tmp_path / "MRIO 2015.xlsx", {"Table": _table() | {(0, 0): "MRIO 2015"}})
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert [one.code for one in caught.value.problems] == ["accounts.reader_no_money_unit"]
    system = read_system(path, unit="1e4 CNY")
    assert system.year == 2015 and system.money_unit == "1e4 CNY"
    stated = _write(tmp_path / "MRIO 2012.xlsx", {"Table_2012": _table() | {(0, 5): "单位：百万元"}})
    assert read_system(stated).money_unit == "1e6 CNY"


def test_faults_of_the_table(tmp_path: Path) -> None:
    wrong = _table() | {(4, 4): "…", (6, 21): 1.0}
    with pytest.raises(InputError) as caught:
        read_system(_write(tmp_path / "MRIO 2018.xlsx", {"Table_2018": wrong}))
    assert [one.code for one in caught.value.problems] == [
        "accounts.reader_not_a_number", "accounts.reader_not_balanced",
    ]  # fmt: skip
    assert caught.value.problems[0].where.key() == "MRIO 2018.xlsx/Table_2018:5 [E]"
    bare = _write(tmp_path / "MRIO 2020.xlsx", {"Table_2020": {(0, 0): "empty", (3, 4): "x"}})
    with pytest.raises(InputError) as caught:
        read_system(bare)
    assert caught.value.code == "accounts.reader_no_header"


SOURCES = (
    "Raw Coal",
    "Cleaned Coal",
    "Natural Gas",
    "Scope 2 Heat",
    "Scope 2 Electricity",
    "Process",
    "Scope 1 Total",
)
ROWS = ("Coal Mining and Dressing      ", "Construction", "Urban", "Rural")


def _inventory(scale: float, underscores: bool) -> Cells:
    names = [one.replace(" ", "_") if underscores else one for one in SOURCES]
    cells: Cells = {(0, 1 + place): name for place, name in enumerate(names)}
    cells |= {(1, 1 + place): "Mt CO2" for place in range(7)}
    values = (
        np.array([[1, 2, 3, 9, 9, 4], [0, 0.5, 0, 1, 1, 0], [2, 0, 1, 0, 5, 0], [3, 0, 0, 0, 2, 0]]) * scale
    )
    direct = values[:, [0, 1, 2, 5]].sum(axis=1)
    lines = np.hstack([values, direct[:, None]])
    lines = np.vstack([lines.sum(axis=0), lines])
    for row, name in enumerate(("TotalEmissions" if underscores else "Total Consumption", *ROWS)):
        cells[3 + row, 0] = name
        cells |= {(3 + row, 1 + column): lines[row, column] for column in range(7)}
    return cells


@pytest.mark.parametrize("underscores", [False, True])
def test_inventories(tmp_path: Path, underscores: bool) -> None:
    sheets = {"NOTE": {(0, 0): "Introduction/简介"}, "Shanghai2019": _inventory(1, underscores),
              "Yunnan2019": _inventory(2, underscores)}  # fmt: skip
    found = read_inventory(_write(tmp_path / "inventories.xlsx", sheets))
    assert (found.year, found.unit, found.regions) == (2019, "Mt CO2", ("Shanghai", "Yunnan"))
    assert found.sectors == ("Coal Mining and Dressing", "Construction", "Urban", "Rural")
    assert found.sources == ("Raw Coal", "Cleaned Coal", "Natural Gas", "Process")
    assert np.array_equal(found.of_region("Shanghai").sum(axis=1), [10, 0.5, 3, 3])
    assert found.indirect.shape == (2, 4, 2) and found.findings == ()


def test_inventory_faults(tmp_path: Path) -> None:
    other = _inventory(1, False) | {(4, 0): "Coal Mining"}
    with pytest.raises(InputError) as caught:
        read_inventory(
            _write(tmp_path / "a.xlsx", {"Shanghai2019": _inventory(1, False), "Yunnan2019": other})
        )
    assert caught.value.code == "accounts.reader_inventory_differs" and "Coal Mining" in caught.value.text(
        "en"
    )
    odd = _inventory(1, False) | {(4, 7): 11.0}
    found = read_inventory(_write(tmp_path / "b.xlsx", {"Shanghai2019": odd}))
    assert [one.values["stated"] for one in found.findings] == ["11"]
    with pytest.raises(InputError) as caught:
        read_inventory(_write(tmp_path / "c.xlsx", {"Sheet": {(0, 0): "nothing"}}))
    assert caught.value.code == "accounts.reader_no_inventory"
