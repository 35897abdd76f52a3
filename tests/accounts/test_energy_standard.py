"""Energy balances in standard coal: told apart from physical ones, and the same CO2 from both."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.accounts.book.energy import build_balance
from lvshu.accounts.book.standard_quantity import physical_rows
from lvshu.accounts.methods.inventory import emission, sectoral_use
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.units import factor
from lvshu.intake.grid import Cell, Grid
from lvshu.intake.layout import LayoutResult, recognise
from tests.accounts.book import accounts_book, energy_columns, value

FUELS = ("原煤", "洗精煤", "焦炭", "汽油", "柴油", "天然气", "热力", "电力", "其他能源")
CODES = (
    "raw_coal",
    "cleaned_coal",
    "coke",
    "gasoline",
    "diesel",
    "natural_gas",
    "heat",
    "electricity",
    "other_energy",
)
UNITS = ("万吨", "万吨", "万吨", "万吨", "万吨", "亿立方米", "百亿千焦", "亿千瓦小时", "万吨标煤")
SYMBOLS = ("1e4 t", "1e4 t", "1e4 t", "1e4 t", "1e4 t", "1e8 m3", "1e10 kJ", "1e8 kWh", "1e4 tce")
ROWS: dict[str, tuple[float, ...]] = {
    "一.可供本地区消费的能源量": (5120.5, 230.25, 410, 355.4, 498.7, 27.83, 0, 312.6, 21.5),
    "3.外省(区、市)调入量": (5120.5, 230.25, 410, 355.4, 498.7, 27.83, 0, 312.6, 21.5),
    "二.加工转换投入(-)产出(+)量": (-3200.75, 0, 0, 0, -4.5, -6.25, 5512.3, 720.4, 0),
    "1.火力发电": (-2900.5, 0, 0, 0, -4.5, -6.25, 0, 720.4, 0),
    "2.供热": (-300.25, 0, 0, 0, 0, 0, 5512.3, 0, 0),
    "四.终端消费量": (1919.75, 230.25, 410, 355.4, 494.2, 21.58, 5512.3, 1033, 21.5),
    "2.工业": (1800, 230.25, 410, 25.4, 94.2, 9.58, 5000, 700, 21.5),
    "4.交通运输、仓储和邮政业": (19.75, 0, 0, 330, 400, 2, 12.3, 33, 0),
    "6.生活消费": (100, 0, 0, 0, 0, 10, 500, 300, 0),
}
PLACES = 2


def _coefficients() -> list[Decimal]:
    """1e4 tce per published unit, as a yearbook would use them."""
    packs = PackLibrary.load()
    rows = {str(row["fuel_code"]): row for row in packs["coal_equivalent"].rows}
    found = []
    for code, symbol in zip(CODES, SYMBOLS, strict=True):
        row = rows[code]
        found.append(
            Decimal(str(row["coefficient"])) * factor(symbol, str(row["quantity_unit"])) / Decimal(10_000)
        )
    return found


def physical() -> Grid:
    rows: list[list[Cell]] = [["上海市能源平衡表（实物量）2019年"], ["项 目", *FUELS], [None, *UNITS]]
    return Grid.of([*rows, *([name, *figures] for name, figures in ROWS.items())], file="p.xlsx")


def standard(*, title: str = "（标准量）（电力按当量值计算）", places: int | None = PLACES, rate: Decimal | None = None,
             total: bool = True) -> Grid:  # fmt: skip
    """The same balance in 1e4 tce, rounded to so many places; electricity at another rate where one is given."""
    coefficients = _coefficients()
    if rate is not None:
        coefficients[CODES.index("electricity")] = rate
    rows: list[list[Cell]] = [[f"上海市能源平衡表{title}2019年"], ["单位：万吨标准煤"]]
    rows.append(["项 目", *(["能源合计"] if total else []), *FUELS])
    for name, figures in ROWS.items():
        turned = [Decimal(str(figure)) * one for figure, one in zip(figures, coefficients, strict=True)]
        shown = [float(round(one, places)) if places is not None else float(one) for one in turned]
        rows.append([name, *([sum(shown)] if total else []), *shown])
    return Grid.of(rows, file="s.xlsx")


def read(grid: Grid) -> LayoutResult:
    layout = recognise(grid)
    assert layout is not None
    assert layout.name == "energy_balance"
    return layout.read(grid, year=2019, area_code="310000", unit=None)


def records(result: LayoutResult) -> list[dict[str, Any]]:
    cells = result.tables["energy_balance_cell"]
    return [dict(zip(cells, values, strict=True)) for values in zip(*cells.values(), strict=True)]


def co2(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """tCO2 of the sectoral method, and kWh of final electricity."""
    balance, fuels = build_balance(rows, PackLibrary.load(), "fuel_factors_p")
    lines = emission(sectoral_use(balance, own_bunkers=True), fuels.factor)
    total = float(sum(np.nansum(np.where(fuels.burns, line, 0.0)) for line in lines.values()))
    kilowatt_hours = 0.0
    if "electricity" in balance.fuels:
        kilowatt_hours = float(balance.row("final_consumption")[balance.fuels.index("electricity")])
    return total, kilowatt_hours


def test_both_forms_give_the_same_carbon() -> None:
    plain, kilowatt_hours = co2(records(read(physical())))
    result = read(standard())
    assert result.problems == ()
    assert result.layout == "energy_balance.standard_calorific"
    turned, turned_hours = co2(records(result))
    # each cell is rounded to half a hundredth of 1e4 tce; coal has the most carbon per tce, less than 3 tCO2
    cells = sum(1 for figures in ROWS.values() for figure in figures if figure)
    assert abs(turned - plain) <= cells * 0.005e4 * 3.0
    assert turned == pytest.approx(plain, rel=1e-4)
    assert turned_hours == pytest.approx(kilowatt_hours, abs=0.005 / 1.229 * 1e8)
    exact, exact_hours = co2(records(read(standard(places=None))))
    assert exact == pytest.approx(plain, rel=1e-9)
    assert exact_hours == pytest.approx(kilowatt_hours, rel=1e-9)


def test_conversion_is_told() -> None:
    packs = PackLibrary.load()
    kept, told = physical_rows(records(read(standard())), packs)
    assert [problem.code for problem in told] == ["accounts.energy_standard_converted"]
    assert told[0].values["count"] == 7
    assert {row["unit"] for row in kept if row["fuel_code"] == "raw_coal"} == {"t"}
    assert {row["unit"] for row in kept if row["fuel_code"] == "natural_gas"} == {"m3"}
    assert {row["unit"] for row in kept if row["fuel_code"] == "other_energy"} == {"tce"}
    untouched, silent = physical_rows(records(read(physical())), packs)
    assert silent == ()
    assert untouched == records(read(physical()))


@pytest.mark.parametrize(
    ("title", "layout"),
    [
        ("（标准量）（电力按等价值计算）", "energy_balance.standard_coal_rate"),
        ("（标准量）发电煤耗计算法", "energy_balance.standard_coal_rate"),
        ("（标准量）", "energy_balance.standard_unstated"),
    ],
)
def test_electricity_by_the_coal_rate_is_not_taken_for_kilowatt_hours(title: str, layout: str) -> None:
    result = read(standard(title=title, rate=Decimal("3.05")))
    assert result.layout == layout
    (told,) = result.problems
    assert (told.code, told.severity) == ("accounts.energy_electricity_basis", "warning")
    rows = records(result)
    assert {row["unit"] for row in rows if row["fuel_code"] == "electricity"} == {"tce"}
    plain, _ = co2(records(read(physical())))
    turned, hours = co2(rows)
    assert turned == pytest.approx(plain, rel=1e-4)
    assert hours == 0.0
    codes = [problem.code for problem in physical_rows(rows, PackLibrary.load())[1]]
    assert codes == ["accounts.energy_standard_converted", "accounts.energy_electricity_coal_rate"]


@pytest.mark.parametrize("swapped", [False, True])
def test_electricity_in_both_forms_is_taken_by_its_heat(swapped: bool) -> None:
    grid = standard(title="（标准量）")
    rows = [list(row) for row in grid.rows]
    place = rows[2].index("电力")
    heads = ["电力（当量值）", "电力（等价值）"]
    for number, row in enumerate(rows):
        if number == 2:
            pair: list[Cell] = [*heads]
        else:
            pair = [row[place], None if row[place] is None else float(str(row[place])) * 2.5]
        row[place : place + 1] = pair[::-1] if swapped else pair
    result = read(Grid.of(rows, file="s.xlsx"))
    assert result.problems == ()
    assert result.layout == "energy_balance.standard_calorific"
    assert co2(records(result))[1] == pytest.approx(1033e8, rel=1e-4)


def test_negative_final_use_is_answered() -> None:
    grid = physical()
    rows = [list(row) for row in grid.rows]
    rows[9][4] = -25.4
    (told,) = read(Grid.of(rows, file="p.xlsx")).problems
    assert (told.code, told.severity) == ("accounts.energy_negative_final", "warning")
    assert told.where.row == 10
    assert "汽油" in told.text("zh")
    assert "-25.4" in told.text("en")


def test_other_fuels_without_coefficient_are_told() -> None:
    rows = [
        {
            "item_code": "industry",
            "fuel_code": code,
            "fuel_name": code,
            "quantity": Decimal(100),
            "unit": "tce",
        }
        for code in ("peat", "briquettes", "coal_total")
    ]
    kept, told = physical_rows(rows, PackLibrary.load())
    assert [problem.code for problem in told] == [
        "accounts.energy_standard_converted", "accounts.energy_standard_proxy",
        "accounts.energy_standard_no_coefficient",
    ]  # fmt: skip
    assert [row["unit"] for row in kept] == ["tce", "t", "tce"]
    assert kept[1]["quantity"] == pytest.approx(100 / 0.5714)


@pytest.mark.real_data
@pytest.mark.parametrize("city", ["09_Shanghai", "12_Anhui"])
def test_whole_run_on_a_real_balance_in_both_forms(city: str, shared_data: Path) -> None:
    plain = energy_columns(shared_data / "china_energy" / f"ebt2007_{city}.csv", year=2007, area="310000")
    packs = PackLibrary.load()
    coal = {str(row["fuel_code"]): row for row in packs["coal_equivalent"].rows}
    turned: dict[str, list[Any]] = {name: list(values) for name, values in plain.items()}
    for place, (fuel, unit) in enumerate(zip(plain["fuel_code"], plain["unit"], strict=True)):
        row = coal.get(fuel)
        if row is None or unit == "tce" or fuel == "electricity":
            continue  # totals of coal and oil are left as they are; electricity by heat comes in as kWh
        scale = Decimal(str(row["coefficient"])) * factor(unit, str(row["quantity_unit"]))
        turned["quantity"][place] = round(Decimal(str(plain["quantity"][place])) * scale, 6)
        turned["unit"][place] = "tce"
    query = "SELECT sum(emission) FROM carbon_inventory WHERE method = 'sectoral' AND bunkers = 'with'"
    with accounts_book("310000", 2007, {"energy_balance_cell": plain}) as engine:
        first = float(value(engine, query))
        bought = float(value(engine, "SELECT quantity FROM purchased_electricity"))
    with accounts_book("310000", 2007, {"energy_balance_cell": turned}) as engine:
        second = float(value(engine, query))
        assert float(value(engine, "SELECT quantity FROM purchased_electricity")) == bought
        told = value(engine, "SELECT count(*) FROM finding WHERE code = 'accounts.energy_standard_converted'")
        assert told == 1
    assert second == pytest.approx(first, rel=1e-9)
