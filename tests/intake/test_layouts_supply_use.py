"""Supply, use and make tables in Chinese and English heads, their sums, and the arrays made of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from lvshu.accounts.methods.compile.constructs import symmetric_table
from lvshu.accounts.sources.supply_use import build_supply_use
from lvshu.contract import load
from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.grid import Cell, Grid
from lvshu.intake.layout import LayoutResult, recognise
from tests.intake.conftest import Place, codes

# three products, two industries; margins move 9 from the first two products to trade
SUPPLY = ((100, 0), (5, 180), (0, 60))
IMPORTS = (10, 25, 0)
MARGINS = (4, 5, -9)
TAXES = (3, 8, 2)
USE = ((20, 60), (30, 70), (5, 12))
HOUSEHOLDS, CAPITAL, EXPORTS = (30, 60, 33), (2, 38, 0), (5, 25, 3)
LABOUR = (40, 70)
NAMES = ("农产品", "工业品", "商业服务")
INDUSTRIES = ("农业", "工业和商业")


def _supplied(i: int) -> int:
    return sum(SUPPLY[i]) + IMPORTS[i] + MARGINS[i] + TAXES[i]


def supply_sheet(title: str = "某市2020年供给表", *, english: bool = False, two_rows: bool = False) -> Grid:
    rows: list[list[Cell]] = [[title], ["单位：万元" if not english else "Unit: 10,000 yuan"]]
    if english:
        rows.append([None, "Industry 1", "Industry 2", "Output at basic prices", "Imports",
                     "Total supply at basic prices", "Trade and transport margins",
                     "Taxes less subsidies on products", "Total supply at purchasers' prices"])  # fmt: skip
    elif two_rows:
        rows.append(
            [None, "代码", "产业部门", None, "总产出", "进口", "总供给", "流通费用", "产品税净额", "总供给"]
        )
        rows.append([None, None, *INDUSTRIES, None, None, "基本价格", None, None, "购买者价格"])
        rows.append([None, None, "I01", "I02", "QO", "IM", "TSB", "MAR", "TLS", "TSP"])
    else:
        rows.append([None, *INDUSTRIES, "总产出", "进口", "总供给(基本价格)", "流通费用", "产品税净额",
                     "总供给(购买者价格)"])  # fmt: skip
    for i, name in enumerate(NAMES):
        output = sum(SUPPLY[i])
        figures = [*SUPPLY[i], output, IMPORTS[i], output + IMPORTS[i], MARGINS[i], TAXES[i], _supplied(i)]
        rows.append(
            [f"Product {i + 1}" if english else name, *([f"P{i + 1:02}"] if two_rows else []), *figures]
        )
    totals = [sum(row[j] for row in SUPPLY) for j in range(2)]
    rows.append(["Total" if english else "产业部门总产出", *([None] if two_rows else []), *totals])
    return Grid.of(rows, file="t.xlsx")


def use_sheet(title: str = "某市2020年使用表（购买者价格）", *, english: bool = False) -> Grid:
    rows: list[list[Cell]] = [[title], ["单位：万元" if not english else "unit: 1e4 CNY"]]
    if english:
        rows.append([None, "Industry 1", "Industry 2", "Total intermediate use", "Household consumption expenditure",
                     "Gross fixed capital formation", "Exports", "Total final use",
                     "Total use at purchasers' prices"])  # fmt: skip
    else:
        rows.append(
            [
                None,
                *INDUSTRIES,
                "中间使用合计",
                "居民消费",
                "固定资本形成总额",
                "出口",
                "最终使用合计",
                "总使用",
            ]
        )
    for i, name in enumerate(NAMES):
        final = (HOUSEHOLDS[i], CAPITAL[i], EXPORTS[i])
        rows.append([f"Product {i + 1}" if english else name, *USE[i], sum(USE[i]), *final, sum(final),
                     sum(USE[i]) + sum(final)])  # fmt: skip
    inputs = [sum(row[j] for row in USE) for j in range(2)]
    output = [sum(row[j] for row in SUPPLY) for j in range(2)]
    surplus = [output[j] - inputs[j] - LABOUR[j] for j in range(2)]
    words = ("Total intermediate input", "Compensation of employees", "Operating surplus", "Total value-added",
             "Total inputs") if english else (
             "中间投入合计", "劳动者报酬", "营业盈余", "增加值合计", "总投入")  # fmt: skip
    added = [LABOUR[j] + surplus[j] for j in range(2)]
    rows += [
        [word, *line] for word, line in zip(words, (inputs, LABOUR, surplus, added, output), strict=True)
    ]
    return Grid.of(rows, file="t.xlsx")


def read(grid: Grid) -> LayoutResult:
    layout = recognise(grid)
    assert layout is not None
    assert layout.name == "supply_use"
    return layout.read(grid, year=2020, area_code="310000", unit=None)


def records(*results: LayoutResult) -> list[dict[str, Any]]:
    found = []
    for result in results:
        assert not [problem for problem in result.problems if problem.severity == "error"]
        cells = result.tables["supply_use_cell"]
        found += [dict(zip(cells, values, strict=True)) for values in zip(*cells.values(), strict=True)]
    return found


@pytest.mark.parametrize("english", [False, True])
def test_supply_and_use(english: bool) -> None:
    titles = ("Supply table", "Use table at purchasers' prices") if english else (
        "某市2020年供给表", "某市2020年使用表（购买者价格）")  # fmt: skip
    given = [read(supply_sheet(titles[0], english=english)), read(use_sheet(titles[1], english=english))]
    assert [result.layout for result in given] == ["supply_use.supply", "supply_use.use"]
    assert [result.problems for result in given] == [(), ()]
    made = build_supply_use(records(*given))
    np.testing.assert_array_equal(made.supply, np.array(SUPPLY) * 1e4)
    np.testing.assert_array_equal(made.use, np.array(USE) * 1e4)
    np.testing.assert_array_equal(made.imports, np.array(IMPORTS) * 1e4)
    np.testing.assert_array_equal(made.valuation["margin"], np.array(MARGINS) * 1e4)
    np.testing.assert_array_equal(made.valuation["net_tax"], np.array(TAXES) * 1e4)
    np.testing.assert_array_equal(made.final_use, np.array([HOUSEHOLDS, CAPITAL, EXPORTS]).T * 1e4)
    assert made.final_kinds == ("household", "fixed_capital", "export")
    assert made.row_codes == ("VA001", "VA004")
    assert made.price_basis == "purchaser"
    assert [problem.code for problem in made.problems] == ["accounts.su_not_square"]


def test_head_of_two_rows_with_codes() -> None:
    result = read(supply_sheet(two_rows=True))
    assert result.problems == ()
    plain = read(supply_sheet())
    assert result.tables["supply_use_cell"]["value"] == plain.tables["supply_use_cell"]["value"]
    cells = result.tables["supply_use_cell"]
    assert {"I01", "I02", "TSB", "TSP"} <= set(cells["column_code"])
    assert {"P01", "P02", "P03", "GO"} == set(cells["row_code"])
    assert cells["column_kind"] == plain.tables["supply_use_cell"]["column_kind"]


def test_make_table_is_turned() -> None:
    rows: list[list[Cell]] = [["某市1995年产出表（企业部门×产品部门）单位：万元"], [None, *NAMES, "总产出"]]
    for j, name in enumerate(INDUSTRIES):
        rows.append([name, *(row[j] for row in SUPPLY), sum(row[j] for row in SUPPLY)])
    rows.append(["合计", *(sum(row) for row in SUPPLY), sum(sum(row) for row in SUPPLY)])
    result = read(Grid.of(rows, file="t.xlsx"))
    assert result.layout == "supply_use.make"
    assert result.problems == ()
    supply = build_supply_use(records(result, read(use_sheet())))
    np.testing.assert_array_equal(supply.supply, np.array(SUPPLY) * 1e4)


def test_input_output_table_is_not_taken_for_a_make_table() -> None:
    rows = [list(row) for row in use_sheet("某市2020年投入产出表").rows]
    layout = recognise(Grid.of(rows, file="2020年投入产出表和供给使用表.xlsx"))
    assert layout is not None
    assert layout.name == "input_output"


def _changed(grid: Grid, row: int, column: int, value: Cell) -> Grid:
    rows = [list(line) for line in grid.rows]
    rows[row][column] = value
    return Grid.of(rows, file="t.xlsx")


def test_what_does_not_add_up_is_told() -> None:
    told = read(_changed(supply_sheet(), 4, 2, 185)).problems
    assert {(problem.code, problem.severity) for problem in told} == {("accounts.su_unbalanced", "warning")}
    assert "工业品" in told[0].text("zh")
    told = read(_changed(supply_sheet(), 5, 6, 9)).problems
    assert "accounts.su_margins" in [problem.code for problem in told]
    bad = _changed(use_sheet(), 3, 2, 66)
    assert {problem.code for problem in read(bad).problems} == {"accounts.su_unbalanced"}
    made = build_supply_use(records(read(supply_sheet()), read(bad)))
    found = [problem.code for problem in made.problems]
    assert found[:2] == ["accounts.su_products_unbalanced", "accounts.su_industries_unbalanced"]
    assert made.problems[0].values["gap"] == -60000.0


def test_what_is_not_understood_is_answered() -> None:
    unknown = _changed(supply_sheet(), 2, 6, "神秘列")
    assert "accounts.io_unknown_column" in [problem.code for problem in read(unknown).problems]
    assert "accounts.io_not_a_number" in [
        problem.code for problem in read(_changed(supply_sheet(), 3, 1, "约百")).problems
    ]
    assert "accounts.io_no_unit" in [
        problem.code for problem in read(_changed(supply_sheet(), 1, 0, None)).problems
    ]


def test_tables_that_do_not_fit_together() -> None:
    with pytest.raises(MethodError) as caught:
        build_supply_use(records(read(supply_sheet())))
    assert caught.value.code == "accounts.su_part_missing"
    other = _changed(_changed(use_sheet(), 3, 0, "林产品"), 2, 1, "林业")
    rows = records(read(supply_sheet()), read(other))
    for row in rows:
        if row["part"] == "use" and row["row_kind"] == "product":
            row["row_code"] = "U" + row["row_code"]
        if row["part"] == "use" and row["column_kind"] == "industry":
            row["column_code"] = "U" + row["column_code"]
    with pytest.raises(MethodError) as caught:
        build_supply_use(rows)
    assert [problem.code for problem in caught.value.problems] == ["accounts.su_labels_differ"] * 2
    assert "林产品" in caught.value.text("zh")


def test_singular_supply_is_told() -> None:
    rows = records(read(supply_sheet()), read(use_sheet()))
    same = {("001", "001"): 10, ("001", "002"): 20, ("002", "001"): 5, ("002", "002"): 10}
    for row in rows:
        if row["part"] == "supply" and row["column_kind"] == "industry" and row["row_kind"] == "product":
            row["value"] = same.get((row["row_code"], row["column_code"]), 0)
    found = [problem.code for problem in build_supply_use(rows).problems]
    assert found[-1] == "accounts.su_singular"


def test_cells_fit_their_contract() -> None:
    cells = dict(read(supply_sheet()).tables["supply_use_cell"])
    del cells["row_number"]
    with DuckDB() as engine:
        assert engine.append(load("supply_use_cell"), cells) == len(cells["value"])


@pytest.mark.real_data
def test_austrian_tables_of_2010_in_published_form(shared_data: Path) -> None:
    folder = shared_data / "sut"

    def table(name: str) -> tuple[list[str], list[str], np.ndarray]:
        with (folder / f"TestSUTs_AUT2010_{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        return header[1:], [row[0] for row in rows], np.array([[float(x) for x in row[1:]] for row in rows])

    industries, products, made = table("V")
    columns, _, domestic = table("Ud")
    industries, made = industries[:64], made[:64, :64]
    use, final = domestic[:64, :64], domestic[:64, 64:]
    rows: list[list[Cell]] = [["Supply table 2010, unit: 1e4 CNY"], [None, *industries, "Total output"]]
    rows += [[products[i], *made[i], made[i].sum()] for i in range(64)]
    rows.append(["Total", *made.sum(axis=0)])
    kinds = ["Household consumption expenditure", "Gross fixed capital formation", "Exports"]
    folded = np.stack([final[:, :3].sum(axis=1), final[:, 3:-1].sum(axis=1), final[:, -1]], axis=1)
    uses: list[list[Cell]] = [["Use table 2010, basic prices, unit: 1e4 CNY"]]
    uses.append([None, *industries, "Total intermediate use", *kinds, "Total final use"])
    uses += [[products[i], *use[i], use[i].sum(), *folded[i], folded[i].sum()] for i in range(64)]
    added = made.sum(axis=0) - use.sum(axis=0)
    uses += [["Total intermediate input", *use.sum(axis=0)], ["Operating surplus", *added]]
    plain = [
        [[float(cell) if isinstance(cell, float) else cell for cell in row] for row in sheet]
        for sheet in (rows, uses)
    ]
    results = [read(Grid.of(sheet, file="a.csv")) for sheet in plain]
    assert [result.problems for result in results] == [(), ()], columns
    built = build_supply_use(records(*results))
    np.testing.assert_allclose(built.supply, made * 1e4, atol=1e-2)
    np.testing.assert_allclose(built.use, use * 1e4, atol=1e-2)
    np.testing.assert_allclose(built.final_use, folded * 1e4, atol=1e-2)
    symmetric = symmetric_table(built.supply, built.use, built.final_use, built.rows, "B")
    np.testing.assert_allclose(
        symmetric.intermediate_use.sum(axis=0) + symmetric.rows.sum(axis=0),
        made.sum(axis=1) * 1e4,
        rtol=1e-9,
        atol=1.0,
    )


def _workbook(path: Path, sheets: dict[str, Grid]) -> None:
    book = xlsxwriter.Workbook(str(path))
    for name, grid in sheets.items():
        page = book.add_worksheet(name)
        for i, row in enumerate(grid.rows):
            for j, cell in enumerate(row):
                if cell is not None:
                    page.write(i, j, cell)
    book.close()


def test_the_whole_way_in(place: Place) -> None:
    place.contracts = {name: load(name) for name in ("supply_use_cell", "io_cell")}
    _workbook(
        place.inputs / "2020年供给使用表.xlsx",
        {"供给表": supply_sheet("上海市2020年"), "使用表": use_sheet("上海市2020年")},
    )
    report = place.load()
    assert codes(report) == []
    assert report.table("supply_use_cell").rows_kept > 0
    assert report.table("io_cell").rows_kept == 0
    rows = place.engine.fetch("SELECT * FROM supply_use_cell").to_pylist()
    assert {row["table_code"] for row in rows} == {"su_2020_3"}
    made = build_supply_use(rows)
    np.testing.assert_array_equal(made.supply, np.array(SUPPLY) * 1e4)
    np.testing.assert_array_equal(made.use, np.array(USE) * 1e4)
