"""Head words of each edition of Chinese input-output tables, their signs, and net columns; small tables by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.contract import load
from lvshu.intake import delimited
from lvshu.intake.grid import Cell, Grid
from lvshu.intake.layout import LayoutResult, recognise
from lvshu.intake.layouts.input_output import LAYOUT
from lvshu.intake.layouts.io_labels import chinese_part, column_code, row_code
from lvshu.intake.layouts.published import read_heading
from tests.intake.conftest import Place, codes

# own use by kind, then exports, outflow, imports, inflow, error; two products; everything balances
USE = ((20, 40), (30, 60))
FINAL = {"rural": (10, 20), "urban": (30, 40), "government": (5, 15), "fixed": (20, 50), "stocks": (-2, 5)}
SENT = {"export": (15, 25), "outflow": (12, 35)}
BROUGHT = {"import": (8, 10), "inflow": (20, 40), "error": (3, -2)}
OUTPUT = tuple(
    sum(USE[i]) + sum(part[i] for part in (*FINAL.values(), *SENT.values()))
    - BROUGHT["import"][i] - BROUGHT["inflow"][i] + BROUGHT["error"][i]
    for i in range(2)
)  # fmt: skip
VALUE_ADDED = {"labour": (30, 60), "tax": (5, 15), "depreciation": (10, 20)}

EDITIONS: dict[str, dict[str, Sequence[str]]] = {
    # part -> texts of the header rows from top to bottom, as printed; the last line is the code row where there is one
    "1997 yearbook": {
        "rural": ("最终使用", "最终消费", "居民最终消费", "农村居民"), "urban": ("", "", "", "城镇居民"),
        "households": ("", "", "", "小 计"), "government": ("", "", "政府消费", ""),
        "consumption": ("", "", "合 计", ""), "fixed": ("", "资本形成总额", "固定资本形成总额", ""),
        "stocks": ("", "", "存货增加", ""),
        "capital": ("", "", "小 计", ""), "export": ("", "净出口", "", ""), "outflow": ("", "流出", "", ""),
        "final": ("", "最终使用合计", "", ""), "import": ("进 口", "", "", ""), "inflow": ("流 入", "", "", ""),
        "error": ("其 他", "", "", ""), "output": ("总产出", "", "", ""),
    },
    "2002": {
        "rural": ("农村居民消费", "FU101"), "urban": ("城镇居民消费", "FU102"), "households": ("居民消费小计", "THC"),
        "government": ("政府消费", "FU103"), "consumption": ("消费小计", "TC"), "fixed": ("固定资本形成总额", "FU201"),
        "stocks": ("存货增加", "FU202"), "capital": ("资本形成总额合计", "GCF"), "export": ("出口", "EX"),
        "outflow": ("流出", "OF"), "final": ("最终使用合计", "TFU"), "import": ("进口", "IM"), "inflow": ("流入", "IF"),
        "error": ("其他", "ERR"), "output": ("总产出", "GO"),
    },
    "2007": {
        "rural": ("农村居民消费", "FU101"), "urban": ("城镇居民消费", "FU102"), "households": ("居民消费小计", "THC"),
        "government": ("政府消费支出", "FU103"), "consumption": ("最终消费支出合计", "TC"),
        "fixed": ("固定资本形成总额", "FU201"), "stocks": ("存货增加", "FU202"), "capital": ("资本形成总额合计", "GCF"),
        "export": ("出口", "FU301"), "outflow": ("流出", "FU302"), "final": ("最终使用合计", "TFU"),
        "import": ("进口", "FU303"), "inflow": ("流入", "FU304"), "error": ("其他", "ERR"), "output": ("总产出", "GO"),
    },
    "codes of 2007 only": {
        "rural": ("FU101",), "urban": ("FU102",), "households": ("THC",), "government": ("FU103",),
        "consumption": ("TC",), "fixed": ("FU201",), "stocks": ("FU202",), "capital": ("GCF",),
        "export": ("FU301",),
        "outflow": ("FU302",), "final": ("TFU",), "import": ("FU303",), "inflow": ("FU304",),
        "error": ("ERR",),
        "output": ("GO",),
    },
    "2012 to 2017": {
        "rural": ("最终消费支出", "居民消费支出", "农村居民消费支出", "FU101"),
        "urban": ("最终消费支出", "居民消费支出", "城镇居民消费支出", "FU102"),
        "households": ("最终消费支出", "居民消费支出", "居民消费支出小计", "THC"),
        "government": ("最终消费支出", "政府消费支出", "政府消费支出", "FU103"),
        "consumption": ("最终消费支出", "合计", "合计", "TC"),
        "fixed": ("资本形成总额", "固定资本形成总额", "固定资本形成总额", "FU201"),
        "stocks": ("资本形成总额", "存货变动", "存货变动", "FU202"), "capital": ("资本形成总额", "合计", "合计", "GCF"),
        "export": ("出口", "出口", "出口", "EX"), "outflow": ("国内省外流出", "国内省外流出", "国内省外流出", "OF"),
        "final": ("最终使用合计", "最终使用合计", "最终使用合计", "TFU"), "import": ("进口", "进口", "进口", "IM"),
        "inflow": ("国内省外流入", "国内省外流入", "国内省外流入", "IF"), "error": ("其他", "其他", "其他", "ERR"),
        "output": ("总产出", "总产出", "总产出", "GO"),
    },
    "2020 bilingual": {
        "rural": ("农村居民消费支出 Rural household consumption expenditure", "FU101"),
        "urban": ("城镇居民消费支出 Urban household consumption expenditure", "FU102"),
        "households": ("居民消费支出小计 Total", "THC"), "government": ("政府消费支出 Government", "FU103"),
        "consumption": ("最终消费支出合计 Total", "TC"), "fixed": ("固定资本形成总额 GFCF", "FU201"),
        "stocks": ("存货变动 (Changes in inventories)", "FU202"), "capital": ("资本形成总额合计 Total", "GCF"),
        "export": ("出口 Exports", "EX"), "outflow": ("调出 Outflow", "OF"),
        "final": ("最终使用合计 Total final use", "TFU"), "import": ("进口 Imports", "IM"),
        "inflow": ("调入 Inflow", "IF"), "error": ("误差 Error", "ERR"),
        "output": ("总产出 Gross output", "GO"),
    },
    "English": {
        "rural": ("Rural household consumption expenditure",),
        "urban": ("Urban household consumption expenditure",),
        "households": ("Household consumption expenditure",),
        "government": ("Government consumption expenditure",),
        "consumption": ("Final consumption expenditure",), "fixed": ("Gross fixed capital formation",),
        "stocks": ("Changes in inventories",), "capital": ("Gross capital formation",),
        "export": ("Exports",),
        "outflow": ("OUTFLOW",), "final": ("Total final use",), "import": ("Imports",), "inflow": ("INFLOW",),
        "error": ("Error",), "output": ("Gross output",),
    },
}  # fmt: skip
ORDER = ("rural", "urban", "households", "government", "consumption", "fixed", "stocks", "capital", "export",
         "outflow", "final", "import", "inflow", "error", "output")  # fmt: skip
KINDS = {"rural": "household_rural", "urban": "household_urban", "fixed": "fixed_capital", "stocks": "inventory",
         "error": "other"}  # fmt: skip


def _figure(part: str, i: int, signs: dict[str, int]) -> int:
    flat = {**FINAL, **SENT, **BROUGHT}
    if part in flat:
        return flat[part][i] * signs.get(part, 1)
    if part == "households":
        return FINAL["rural"][i] + FINAL["urban"][i]
    if part == "consumption":
        return _figure("households", i, signs) + FINAL["government"][i]
    if part == "capital":
        return FINAL["fixed"][i] + FINAL["stocks"][i]
    if part == "final":
        return sum(one[i] for one in (*FINAL.values(), *SENT.values()))
    return OUTPUT[i]


def sheet(
    heads: dict[str, Sequence[str]], *, signs: dict[str, int] | None = None, without: tuple[str, ...] = (),
    more: dict[str, tuple[str, tuple[int, int]]] | None = None, english: bool = False,
) -> Grid:  # fmt: skip
    """A table of two products in the words of one edition."""
    names = ("Agriculture", "Industry") if english else ("农林牧渔业", "工业")
    parts = [part for part in ORDER if part not in without]
    depth = len(heads["rural"])
    coded = heads["output"][-1] == "GO"
    total = "Total intermediate use" if english else "中间使用合计"
    rows: list[list[Cell]] = [["某省2012年投入产出表", None], ["单位：万元", None]]
    for level in range(depth):
        line: list[Cell] = [None, "代码" if coded and level == depth - 1 else None]
        if coded and level == depth - 1:
            line += ["01", "02", "TIU"]
        else:
            line += [*names, total] if level == 0 else [None, None, None]
        line += [heads[part][level] or None for part in parts]
        line += [name if level == 0 else None for name, _ in (more or {}).values()]
        rows.append(line)
    for i in range(2):
        figures = [_figure(part, i, signs or {}) for part in parts] + [
            value[i] for _, value in (more or {}).values()
        ]
        rows.append([names[i], f"0{i + 1}", *USE[i], sum(USE[i]), *figures])
    words = ("Total intermediate input", "Compensation of employees", "Net taxes on production",
             "Depreciation of fixed assets", "Operating surplus", "Total value-added", "Total inputs")  # fmt: skip
    words = words if english else ("中间投入合计", "劳动者报酬", "生产税净额", "固定资产折旧", "营业盈余", "增加值合计",
                                   "总投入")  # fmt: skip
    inputs = [USE[0][j] + USE[1][j] for j in range(2)]
    surplus = [OUTPUT[j] - inputs[j] - sum(one[j] for one in VALUE_ADDED.values()) for j in range(2)]
    lines = [inputs, *VALUE_ADDED.values(), surplus, [OUTPUT[j] - inputs[j] for j in range(2)], list(OUTPUT)]
    codes = ("TII", "VA001", "VA002", "VA003", "VA004", "TVA", "TI")
    rows += [[word, code, *line] for word, code, line in zip(words, codes, lines, strict=True)]
    return Grid.of(rows, file="t.xlsx")


def read(grid: Grid) -> LayoutResult:
    layout = recognise(grid)
    assert layout is not None
    assert layout.name == "input_output"
    return layout.read(grid, year=2012, area_code="310000", unit=None)


def column(result: LayoutResult, kind: str) -> list[int]:
    cells = result.tables["io_cell"]
    rows = zip(cells["row_kind"], cells["column_kind"], cells["value"], strict=True)
    return [int(Decimal(str(value)) / 10000) for row, own, value in rows if row == "sector" and own == kind]


@pytest.mark.parametrize("edition", EDITIONS)
def test_words_of_each_edition(edition: str) -> None:
    result = read(sheet(EDITIONS[edition], english=edition == "English"))
    told = [problem.code for problem in result.problems]
    assert told == (["accounts.io_net_is_gross"] if edition.startswith("1997") else [])
    for part, values in {**FINAL, **SENT, **BROUGHT}.items():
        assert column(result, KINDS.get(part, part)) == list(values), part
    assert column(result, "output") == list(OUTPUT)
    assert column(result, "consumption") == []
    labels = result.tables["io_cell"]["row_code"]
    assert {"TII", "VA001", "VA002", "VA003", "VA004", "TVA", "TI", "01", "02"} == set(labels)


@pytest.mark.parametrize(
    "signs",
    [
        {"import": -1},
        {"inflow": -1},
        {"import": -1, "inflow": -1},
        {"error": -1},
        {"import": -1, "error": -1},
    ],
)
def test_signs_are_found_by_the_row_balance(signs: dict[str, int]) -> None:
    result = read(sheet(EDITIONS["2012 to 2017"], signs=signs))
    (told,) = result.problems
    assert told.code == "accounts.io_sign_turned"
    assert told.severity == "notice"
    assert len(told.values["columns"]) == len(signs)
    for part, values in BROUGHT.items():
        assert column(result, KINDS.get(part, part)) == list(values), part


def test_sign_that_no_balance_decides_is_told() -> None:
    grid = sheet(EDITIONS["2012 to 2017"], signs={"inflow": -1})
    rows = [list(row) for row in grid.rows]
    for row in rows[6:8]:
        row[-1] = 5000.0
    (told,) = read(Grid.of(rows, file="t.xlsx")).problems
    assert (told.code, told.severity) == ("accounts.io_sign_unclear", "warning")


def test_table_that_balances_is_left_alone_where_a_product_comes_in_negative() -> None:
    grid = sheet(EDITIONS["2012 to 2017"])
    assert read(grid).problems == ()


def _net(sign: int) -> tuple[int, int]:
    first, second = (SENT["outflow"][i] - BROUGHT["inflow"][i] for i in range(2))
    return sign * first, sign * second


@pytest.mark.parametrize(("word", "sign"), [("净流出", 1), ("净调出", 1), ("净流入", -1), ("NOF", 1)])
def test_net_column_is_split_by_sign_and_told(word: str, sign: int) -> None:
    grid = sheet(
        EDITIONS["English"] if word == "NOF" else EDITIONS["2002"], without=("outflow", "inflow"),
        more={"net": (word, _net(sign))}, english=word == "NOF",
    )  # fmt: skip
    result = read(grid)
    (told,) = result.problems
    assert (told.code, told.severity) == ("accounts.io_net_column", "warning")
    net = _net(1)
    assert column(result, "outflow") == [max(one, 0) for one in net]
    assert column(result, "inflow") == [max(-one, 0) for one in net]


def test_net_column_beside_its_total_is_refused() -> None:
    grid = sheet(EDITIONS["2002"], more={"net": ("净流出", _net(1))})
    assert "accounts.io_column_twice" in [problem.code for problem in read(grid).problems]


def test_names_count_before_codes() -> None:
    assert row_code(["增加值", "固定资产折旧", "VA001"]) == "VA003"
    assert row_code(["VA002"]) == "VA002"
    assert row_code(["增加值", "合计", "TVA"]) == "TVA"
    assert column_code(["最终使用", "政府消费 Government consumption", "FU103"]) == "FU103"
    assert chinese_part("总产出 (Gross output)") == "总产出"
    assert chinese_part("部门A") == "部门A"
    assert chinese_part("Gross output") == "Gross output"


def test_signs_are_told_the_whole_way_in(place: Place) -> None:
    place.contracts = {"io_cell": load("io_cell")}
    rows = sheet(EDITIONS["2012 to 2017"], signs={"inflow": -1}).rows
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    place.put("某省2012年投入产出表.csv", text)
    report = place.load()
    assert codes(report) == ["accounts.io_sign_turned"]
    inflow = place.engine.fetch(
        "SELECT value FROM io_cell WHERE column_kind = 'inflow' AND row_kind = 'sector' ORDER BY row_code"
    ).to_pylist()
    assert [int(row["value"]) for row in inflow] == [value * 10_000 for value in BROUGHT["inflow"]]


@pytest.mark.real_data
def test_every_table_of_the_shared_folder(shared_data: Path) -> None:
    found = {}
    for path in sorted((shared_data / "china_io").glob("*.csv")):
        grid = delimited.read_grid(path, encoding="utf-8-sig", delimiter=",")
        result = LAYOUT.read(grid, year=2007, area_code="310000", unit="1e4 CNY")
        assert [problem.code for problem in result.problems if problem.severity != "notice"] == [], path.name
        cells = result.tables["io_cell"]
        found[path.name] = len(
            {
                code
                for code, kind in zip(cells["row_code"], cells["row_kind"], strict=True)
                if kind == "sector"
            }
        )
    assert found == {
        "china_2017_42.csv": 42, "china_2018_42.csv": 42, "china_2020_42.csv": 42, "china_2020_153.csv": 153,

        "io2007_Anhui.csv": 42, "io2007_Jiangsu.csv": 42, "io2007_Shanghai.csv": 42, "io2007_Zhejiang.csv": 42,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Unit: 10,000 yuan", "1e4 CNY"),
        ("unit: 1e4 CNY", "1e4 CNY"),
        ("单位：万元", "1e4 CNY"),
        ("(单位:亿元) 2020年", "1e8 CNY"),
    ],
)
def test_units_of_titles(text: str, unit: str) -> None:
    assert read_heading(Grid.of([[text]], file="t"), header_end=1).unit == unit
