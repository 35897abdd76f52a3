"""The sample city's macro tables: read from the package's derived figures, written as a bureau publishes them.

The figures are derived by tools/sample/derive_macro.py from the official 2007 tables of Shanghai (Shanghai Municipal
Bureau of Statistics; China Energy Statistical Yearbook 2008): aggregated, moved to the sample year, rounded.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from lvshu.sample.files import write_rows, write_sheet

VALUE_ADDED = {
    "VA001_labour": "劳动者报酬",
    "VA002_nettax": "生产税净额",
    "VA003_depr": "固定资产折旧",
    "VA004_surplus": "营业盈余",
}
FINALS = {
    "FU101_rural": "农村居民消费支出",
    "FU102_urban": "城镇居民消费支出",
    "GOV": "政府消费支出",
    "GFCF": "固定资本形成总额",
    "INV": "存货增加",
    "EXPORT": "出口",
    "OUTFLOW": "国内省外流出",
    "IMPORT": "进口",
    "INFLOW": "国内省外流入",
}
FUEL_NAMES = {
    "coal_total": "煤合计",
    "raw_coal": "原煤",
    "cleaned_coal": "洗精煤",
    "coke": "焦炭",
    "coke_oven_gas": "焦炉煤气",
    "other_gas": "其他煤气",
    "petroleum_total": "油品合计",
    "crude_oil": "原油",
    "gasoline": "汽油",
    "kerosene": "煤油",
    "diesel": "柴油",
    "fuel_oil": "燃料油",
    "lpg": "液化石油气",
    "refinery_gas": "炼厂干气",
    "natural_gas": "天然气",
    "other_petroleum": "其他石油制品",
    "other_coking": "其他焦化产品",
    "heat": "热力",
    "electricity": "电力",
    "other_energy": "其他能源",
}
FUEL_UNITS = {
    "coke_oven_gas": "1e8 m3",
    "other_gas": "1e8 m3",
    "natural_gas": "1e8 m3",
    "heat": "1e10 kJ",
} | {
    "electricity": "1e8 kWh",
    "other_energy": "1e4 tce",
}
UNIT_NAMES = {
    "1e4 t": "万吨",
    "1e8 m3": "亿立方米",
    "1e10 kJ": "百亿千焦",
    "1e8 kWh": "亿千瓦时",
    "1e4 tce": "万吨标准煤",
}


def fuel_unit(fuel: str) -> str:
    """Return the unit symbol in which the balance publishes a fuel."""
    return FUEL_UNITS.get(fuel, "1e4 t")


@dataclass(frozen=True)
class Sector:
    """One of the 28 sectors of the sample's input-output table."""

    code: str
    name_zh: str
    name_en: str
    sphere: str
    divisions: tuple[str, ...]


@dataclass(frozen=True)
class Macro:
    """The city's accounts: money in 1e4 yuan (integers), energy in the published units.

    intermediate: shape (28, 28); value_added: shape (4, 28); finals: shape (9, 28); output: shape (28,).
    energy: published item -> fuel -> text of the figure; sector_energy: (sector, use, fuel, quantity).
    """

    sectors: tuple[Sector, ...]
    intermediate: np.ndarray
    value_added: np.ndarray
    finals: np.ndarray
    output: np.ndarray
    energy_items: tuple[tuple[str, dict[str, str]], ...]
    sector_energy: tuple[tuple[str, str, str, float], ...]

    @property
    def gdp(self) -> float:
        """Return value added of all sectors, in yuan."""
        return float(self.value_added.sum()) * 1e4

    def sector_of_division(self) -> dict[str, int]:
        """Return the position of the sector that each GB/T 4754-2017 division belongs to."""
        return {
            division: position
            for position, sector in enumerate(self.sectors)
            for division in sector.divisions
        }


def _read(name: str) -> list[list[str]]:
    text = resources.files("lvshu.sample").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))


def load_macro() -> Macro:
    """Return the derived macro tables of the package."""
    sectors = tuple(
        Sector(row[0], row[1], row[2], row[4], tuple(row[5].split())) for row in _read("sectors.csv")[1:]
    )
    count = len(sectors)
    rows = _read("io_2023.csv")[1:]
    cells = np.array([[int(cell) for cell in row[1:]] for row in rows[:count]], dtype=np.int64)
    balance = _read("energy_balance_2023.csv")
    items = tuple((row[0], dict(zip(balance[0][1:], row[1:], strict=True))) for row in balance[1:])
    return Macro(
        sectors=sectors,
        intermediate=cells[:, :count],
        value_added=np.array(
            [[int(cell) for cell in row[1 : count + 1]] for row in rows[count:]], dtype=np.int64
        ),
        finals=cells[:, count : count + len(FINALS)].T,
        output=cells[:, -1],
        energy_items=items,
        sector_energy=tuple((r[0], r[1], r[2], float(r[3])) for r in _read("sector_energy_2023.csv")[1:]),
    )


def write_io_table(macro: Macro, path: Path, *, area_zh: str, year: int) -> int:
    """Write the input-output table in the published Chinese layout and return the number of sheet rows."""
    names = [sector.name_zh for sector in macro.sectors]
    use, finals = macro.intermediate, dict(zip(FINALS, macro.finals, strict=True))
    consumption = finals["FU101_rural"] + finals["FU102_urban"] + finals["GOV"]
    formation = finals["GFCF"] + finals["INV"]
    final_total = consumption + formation + finals["EXPORT"] + finals["OUTFLOW"]
    tail: list[tuple[str, str, np.ndarray]] = [
        ("TIU", "中间使用合计", use.sum(axis=1)),
        ("FU101", FINALS["FU101_rural"], finals["FU101_rural"]),
        ("FU102", FINALS["FU102_urban"], finals["FU102_urban"]),
        ("FU103", FINALS["GOV"], finals["GOV"]),
        ("TC", "最终消费支出合计", consumption),
        ("FU201", FINALS["GFCF"], finals["GFCF"]),
        ("FU202", FINALS["INV"], finals["INV"]),
        ("GCF", "资本形成总额合计", formation),
        ("EX", FINALS["EXPORT"], finals["EXPORT"]),
        ("OF", FINALS["OUTFLOW"], finals["OUTFLOW"]),
        ("TFU", "最终使用合计", final_total),
        ("IM", FINALS["IMPORT"], finals["IMPORT"]),
        ("IF", FINALS["INFLOW"], finals["INFLOW"]),
        ("GO", "总产出", macro.output),
    ]
    width = len(names) + len(tail) + 2
    title = f"{area_zh}{year}年投入产出表（按当年生产者价格计算，由2007年表合并推算）"
    rows: list[list[object]] = [[title], [None] * (width - 1) + ["单位：万元"]]
    rows.append(["部门名称", "代码", *names, *(name for _, name, _ in tail)])
    rows.append([None, None, *(sector.code for sector in macro.sectors), *(code for code, _, _ in tail)])
    for i, sector in enumerate(macro.sectors):
        rows.append(
            [sector.name_zh, sector.code, *map(int, use[i]), *(int(values[i]) for _, _, values in tail)]
        )
    rows.append(_total_row("中间投入合计", "TII", use, tail))
    for number, label in enumerate(VALUE_ADDED.values()):
        values = macro.value_added[number]
        rows.append([label, f"VA00{number + 1}", *map(int, values)])
    rows.append(["增加值合计", "TVA", *map(int, macro.value_added.sum(axis=0))])
    rows.append(["总投入", "TI", *map(int, macro.output)])
    rows.append(["注：样本市为合成数据；本表系推算数，不是上海市统计局发布的数据。"])
    merged = [(0, 0, 0, width - 1, title), (2, 0, 3, 0, "部门名称"), (2, 1, 3, 1, "代码")]
    return write_sheet(path, "投入产出表", rows, merged=merged)


def _total_row(
    name: str, code: str, use: np.ndarray, tail: list[tuple[str, str, np.ndarray]]
) -> list[object]:
    return [name, code, *map(int, use.sum(axis=0)), *(int(values.sum()) for _, _, values in tail)]


def write_energy_balance(macro: Macro, path: Path, *, area_zh: str, year: int) -> int:
    """Write the energy balance as the yearbook prints it and return the number of items."""
    fuels = list(FUEL_NAMES)
    header = ["项目", *(FUEL_NAMES[fuel] for fuel in fuels)]
    units = ["", *(UNIT_NAMES[fuel_unit(fuel)] for fuel in fuels)]
    title = [f"{area_zh}能源平衡表（实物量）{year}年", *[""] * len(fuels)]
    body = [[item, *(cells[fuel] for fuel in fuels)] for item, cells in macro.energy_items]
    write_rows(path, title, [header, units, *body])
    return len(body)
