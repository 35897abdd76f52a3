"""Small tables written by hand: other editions, odd places, and input that must be answered well."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lvshu.intake.grid import Cell, Grid
from lvshu.intake.layout import LayoutResult
from lvshu.intake.layouts.energy_balance import LAYOUT as ENERGY
from lvshu.intake.layouts.energy_balance import bare
from lvshu.intake.layouts.input_output import LAYOUT as INPUT_OUTPUT

HEADER: list[Cell] = [
    None,
    "农业",
    "工业",
    "中间使用合计",
    "居民消费",
    "政府消费",
    "出口",
    "最终使用合计",
    "进口",
    "总产出",
]


def table(*changes: tuple[int, int, Cell], title: str = "甲市2012年投入产出表 单位：万元") -> Grid:
    rows: list[list[Cell]] = [
        [title],
        list(HEADER),
        ["农业", 10, 20, 30, 40, 10, 5, 55, 5, 80],
        ["工业", 30, 40, 70, 60, 20, 30, 110, 10, 170],
        ["中间投入合计", 40, 60, 100],
        ["劳动者报酬", 30, 70, 100],
        ["营业盈余", 10, 40, 50],
        ["增加值合计", 40, 110, 150],
        ["总投入", 80, 170, 250],
        ["注：不含农垦。"],
    ]
    for row, column, value in changes:
        rows[row][column] = value
    return Grid.of(rows, file="t.csv")


def read(grid: Grid, unit: str | None = None) -> LayoutResult:
    assert INPUT_OUTPUT.recognises(grid)
    return INPUT_OUTPUT.read(grid, year=2007, area_code="310000", unit=unit)


def test_small_table() -> None:
    found = read(table()).tables["io_cell"]
    assert set(found["year"]) == {2012}
    assert found["row_code"][0] == "01"
    assert found["value"][0] == Decimal(100000)
    kinds = dict(zip(found["column_code"], found["column_kind"], strict=True))
    assert kinds["THC"] == "household"
    assert kinds["FU103"] == "government"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((2, 1, "约十"), "accounts.io_not_a_number"),
        ((1, 1, "林业"), "accounts.io_unknown_column"),
        ((1, 5, "出口（亿元）"), "accounts.io_column_unit"),
        ((5, 0, "某项投入"), "accounts.io_unknown_row"),
        ((3, 0, "农业"), "accounts.io_row_twice"),
        ((1, 5, "居民消费"), "accounts.io_column_twice"),
    ],
)
def test_faults_are_told_with_their_place(change: tuple[int, int, Cell], code: str) -> None:
    problems = read(table(change)).problems
    assert code in [problem.code for problem in problems]
    told = next(problem for problem in problems if problem.code == code)
    assert told.what("zh")
    assert told.fix("en")
    if code in ("accounts.io_not_a_number", "accounts.io_unknown_row"):
        assert told.where.row == change[0] + 1


def test_dashes_are_empty() -> None:
    found = read(table((2, 1, "—"), (2, 2, "…")))
    assert not found.problems
    assert "01" not in {
        column
        for row, column in zip(
            found.tables["io_cell"]["row_code"], found.tables["io_cell"]["column_code"], strict=True
        )
        if row == "01"
    }


def test_rows_of_domestic_and_imported_products() -> None:
    grid = Grid.of(
        [
            ["某国2020年投入产出表（单位：亿元）"],
            [None, None, "农业", "工业", "中间使用合计", "最终消费支出", "出口", "最终使用合计", "总产出"],
            ["国内产品中间投入", "农业", 1, 2, 3, 4, 0, 4, 7],
            [None, "工业", 2, 3, 5, 6, 1, 7, 12],
            ["进口产品中间投入", "农业", 1, 1, 2, 0, 0, 0, None],
            [None, "工业", 1, 1, 2, 1, 0, 1, None],
            [None, "中间投入合计", 5, 7, 12],
            ["增加值", "劳动者报酬", 2, 5, 7],
            [None, "合计", 2, 5, 7],
            ["总投入", None, 7, 12, 19],
        ],
        file="t.csv",
    )
    result = read(grid)
    assert not result.problems, [problem.text("en") for problem in result.problems]
    assert result.layout == "input_output.by_origin"
    found = result.tables["io_cell"]
    assert set(found["origin"]) == {"domestic", "import", "total"}
    assert {"TVA", "TI", "TII", "VA001"} <= set(found["row_code"])
    assert "consumption" in found["column_kind"]


BALANCE: list[list[Cell]] = [
    ["乙市能源平衡表(实物量)2015年"],
    ["项目", "原煤(万吨)", "焦炭(万吨)", "其他煤气(亿立方米)", "电力(亿千瓦时)"],
    ["一、可供本地区消费的能源量", 10, 1, None, 3],
    ["(一)年初库存量", 2, None, None, None],
    ["(二)一次能源生产量", 9, 1, None, 3],
    ["(九)年末库存量(-)", -1, None, None, None],
    ["二、加工转换投入(-)产出(+)量", -4, None, 2, 1],
    ["(一)火力发电", -4, None, None, 1],
    ["(九)回收能", None, None, 2, None],
    ["三、损失量", None, None, None, None],
    ["四、终端消费量", 6, 1, 2, 4],
    ["(二)第二产业", 6, 1, 2, 4],
    ["1.工业", 6, 1, 2, 4],
    ["其中:用作原料、材料", 1, None, None, None],
    ["五、平衡差额(+、-)", 0, 0, 0, 0],
    ["六、消费量合计", 10, 1, 2, 4],
]


def test_balance_of_a_later_edition() -> None:
    grid = Grid.of(BALANCE, file="e.csv")
    assert ENERGY.recognises(grid)
    assert not INPUT_OUTPUT.recognises(grid)
    result = ENERGY.read(grid, year=2000, area_code="310000", unit=None)
    assert not result.problems, [problem.text("en") for problem in result.problems]
    found = result.tables["energy_balance_cell"]
    quantities = {
        (item, fuel): (quantity, unit)
        for item, fuel, quantity, unit in zip(
            found["item_code"], found["fuel_code"], found["quantity"], found["unit"], strict=True
        )
    }
    assert set(found["year"]) == {2015}
    assert quantities["opening_stock", "raw_coal"] == (Decimal(20000), "t")
    assert quantities["closing_stock", "raw_coal"] == (Decimal(-10000), "t")
    assert quantities["recovery_conversion", "other_gas"] == (Decimal(200000000), "m3")
    assert quantities["industry_feedstock", "raw_coal"] == (Decimal(10000), "t")
    assert quantities["final_consumption", "electricity"] == (Decimal(400000000), "kWh")


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (7, 0, "(一)神秘加工", "accounts.energy_unknown_item"),
        (1, 1, "神秘燃料(万吨)", "accounts.energy_unknown_fuel"),
        (1, 2, "原煤(万吨)", "accounts.energy_fuel_twice"),
        (1, 1, "原煤", "accounts.energy_no_unit"),
        (1, 1, "原煤(亿千瓦时)", "accounts.energy_wrong_unit"),
        (4, 1, "九", "accounts.energy_not_a_number"),
    ],
)
def test_balance_faults(row: int, column: int, value: Cell, code: str) -> None:
    rows = [list(line) for line in BALANCE]
    rows[row][column] = value
    problems = ENERGY.read(Grid.of(rows, file="e.csv"), year=2000, area_code="310000", unit=None).problems
    assert [problem.code for problem in problems] == [code]
    assert problems[0].what("zh")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("一.可供本地区消费的能源量", "可供本地区消费的能源量"),
        ("6.本省(区、市)调出量(-)", "本省(区、市)调出量"),
        ("#用作原料、材料", "用作原料、材料"),
        ("（一）年初库存量", "年初库存量"),
        ("  其中：用作原料、材料", "用作原料、材料"),
    ],
)
def test_numbering_is_taken_off(label: str, name: str) -> None:
    assert bare(label) == name
