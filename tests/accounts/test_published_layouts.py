"""Published layouts, written from the official figures and read back: xlsx and csv, with and without codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.intake import delimited, workbook
from lvshu.intake.grid import Grid
from lvshu.intake.layout import LayoutResult, recognise
from tests.accounts.book import energy_columns, grid_of_csv, io_columns
from tests.accounts.published import energy_sheet, input_output_sheet, write_csv, write_xlsx

pytestmark = pytest.mark.real_data

PROVINCES = {"Shanghai": ("上海市", "310000"), "Jiangsu": ("江苏省", "320000"), "Zhejiang": ("浙江省", "330000"),
             "Anhui": ("安徽省", "340000")}  # fmt: skip
ENERGY = {"Shanghai": "09_Shanghai", "Jiangsu": "10_Jiangsu", "Zhejiang": "11_Zhejiang", "Anhui": "12_Anhui"}


def read(path: Path, encoding: str = "utf-8") -> Grid:
    if path.suffix == ".xlsx":
        return workbook.read_grid(path, "表")
    return delimited.read_grid(path, encoding=encoding, delimiter=",")


def cells(columns: Mapping[str, Sequence[Any]], *key: str) -> dict[tuple[Any, ...], float]:
    value = "value" if "value" in columns else "quantity"
    keys = zip(*(columns[name] for name in key), strict=True)
    return {k: float(v) for k, v in zip(keys, columns[value], strict=True) if v}


def take(grid: Grid, name: str) -> LayoutResult:
    layout = recognise(grid)
    assert layout is not None
    assert layout.name == name
    result = layout.read(grid, year=1900, area_code="000000", unit=None)
    assert not result.problems, [problem.text("en") for problem in result.problems]
    return result


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("codes", [True, False])
@pytest.mark.parametrize("form", ["xlsx", "csv", "gb18030"])
def test_input_output(province: str, codes: bool, form: str, shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "china_io" / f"io2007_{province}.csv"
    name, area = PROVINCES[province]
    sheet = input_output_sheet(source, f"{name}2007年投入产出表", codes=codes)
    encoding = "gb18030" if form == "gb18030" else "utf-8"
    if form == "xlsx":
        path = write_xlsx(sheet, tmp_path / "表.xlsx")
    else:
        path = write_csv(sheet, tmp_path / "表.csv", encoding=encoding)
    found = take(read(path, encoding), "input_output").tables["io_cell"]
    assert set(found["year"]) == {2007}
    assert set(found["area_code"]) == {area}
    assert set(found["table_code"]) == {"io_2007_42"}
    wanted = cells(io_columns(source, year=2007, area=area), "row_code", "column_code")
    assert cells(found, "row_code", "column_code") == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_energy_balance(province: str, numbered: bool, form: str, shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "china_energy" / f"ebt2007_{ENERGY[province]}.csv"
    name, area = PROVINCES[province]
    names = {str(row["fuel_code"]): str(row["name_zh"]) for row in PackLibrary.load()["energy_fuels"].rows}
    units = shared_data / "china_energy" / "units.csv"
    sheet = energy_sheet(source, units, names, f"{name}能源平衡表(实物量)2007年", numbered=numbered)
    path = write_xlsx(sheet, tmp_path / "e.xlsx") if form == "xlsx" else write_csv(sheet, tmp_path / "e.csv")
    found = take(read(path), "energy_balance").tables["energy_balance_cell"]
    assert set(found["year"]) == {2007}
    assert set(found["area_code"]) == {area}
    wanted = energy_columns(source, year=2007, area=area)
    key = ("item_code", "fuel_code", "unit")
    assert cells(found, *key) == pytest.approx(cells(wanted, *key), rel=1e-12)


def test_unit_of_the_title_is_used(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "china_io" / "io2007_Shanghai.csv"
    in_wan = input_output_sheet(source, "上海市2007年投入产出表", codes=False)
    in_yi = input_output_sheet(source, "上海市2007年投入产出表", codes=False, unit="亿元")
    first = cells(
        take(read(write_csv(in_wan, tmp_path / "a.csv")), "input_output").tables["io_cell"], "row_code"
    )
    second = cells(
        take(read(write_csv(in_yi, tmp_path / "b.csv")), "input_output").tables["io_cell"], "row_code"
    )
    assert second["TI",] == pytest.approx(first["TI",] * 10_000)


@pytest.mark.parametrize(
    ("file", "code"), [("china_io/io2007_Anhui.csv", "accounts.io_no_unit"),
                       ("china_energy/ebt2007_12_Anhui.csv", "accounts.energy_no_unit")]
)  # fmt: skip
def test_no_unit_is_asked_for(file: str, code: str, shared_data: Path) -> None:
    grid = grid_of_csv(shared_data / file)
    layout = recognise(grid)
    assert layout is not None
    result = layout.read(grid, year=2007, area_code="340000", unit=None)
    assert [problem.code for problem in result.problems] == [code]


@pytest.mark.parametrize("table", ["china_2017_42", "china_2018_42", "china_2020_42", "china_2020_153"])
def test_national_tables(table: str, shared_data: Path) -> None:
    year = int(table[6:10])
    columns = io_columns(shared_data / "china_io" / f"{table}.csv", year=year, area="100000")
    sectors = int(table.rsplit("_", 1)[1])
    assert (
        len({c for c, kind in zip(columns["row_code"], columns["row_kind"], strict=True) if kind == "sector"})
        == sectors
    )
    kinds = set(columns["column_kind"])
    assert ("consumption" in kinds) == (sectors == 42)
    assert ("household_rural" in kinds) == (sectors == 153)
    assert set(columns["origin"]) == ({"domestic", "import", "total"} if sectors == 42 else {"total"})
