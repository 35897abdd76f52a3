"""Writes tables in the layout in which bureaus publish them, from the coded tables of the shared folder."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

Cell = str | float | int | None

FINAL = (
    ("FU101_rural", "最终消费支出", "居民消费支出", "农村居民"),
    ("FU102_urban", "最终消费支出", "居民消费支出", "城镇居民"),
    ("FU103_hh", "最终消费支出", "居民消费支出", "小计"),
    ("GOV", "最终消费支出", "政府消费支出", "政府消费支出"),
    ("TC", "最终消费支出", "合计", "合计"),
    ("GFCF", "资本形成总额", "固定资本形成总额", "固定资本形成总额"),
    ("INV", "资本形成总额", "存货增加", "存货增加"),
    ("GCF", "资本形成总额", "合计", "合计"),
    ("EXPORT", "出口", "出口", "出口"),
    ("OUTFLOW", "国内省外流出", "国内省外流出", "国内省外流出"),
    ("TFU", "最终使用合计", "最终使用合计", "最终使用合计"),
)
AFTER = (("IMPORT", "进口"), ("INFLOW", "国内省外流入"), ("OTHER", "其他"), ("GO", "总产出"))
PRIMARY = (
    ("TII", "中间投入", "中间投入合计"),
    ("VA001_labour", "增加值", "劳动者报酬"),
    ("VA002_nettax", "增加值", "生产税净额"),
    ("VA003_depr", "增加值", "固定资产折旧"),
    ("VA004_surplus", "增加值", "营业盈余"),
    ("TVA", "增加值", "增加值合计"),
    ("TI", "总投入", "总投入"),
)
CODES = {"FU103_hh": "THC", "GOV": "FU103", "GFCF": "FU201", "INV": "FU202", "EXPORT": "EX", "OUTFLOW": "OF",
         "IMPORT": "IM", "INFLOW": "IF", "OTHER": "ERR"}  # fmt: skip
UNITS = {
    "1e4 t": "万吨",
    "1e8 m3": "亿立方米",
    "1e10 kJ": "百亿千焦",
    "1e8 kWh": "亿千瓦小时",
    "1e4 tce": "万吨标煤",
}


@dataclass(frozen=True)
class Sheet:
    """Rows of a sheet, and the ranges (first row, first column, last row, last column) that are merged."""

    rows: list[list[Cell]]
    merged: list[tuple[int, int, int, int]]


def read_coded(path: Path) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Return the header and the rows, by their first cell, of a coded csv."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def input_output_sheet(path: Path, title: str, *, codes: bool, unit: str = "万元") -> Sheet:
    """Return a provincial table of 2007 with the merged headers, notes and Chinese names of a published one."""
    header, rows = read_coded(path)
    sectors = [name for name in header if name.isdigit()]
    columns = [*sectors, "TIU", *(code for code, *_ in FINAL), *(code for code, _ in AFTER)]
    left = 3 if codes else 2
    width = left + len(columns)
    start = 2
    lines: list[list[Cell]] = [[title] + [None] * (width - 1), [None] * (width - 1) + [f"单位：{unit}"]]
    tops = [["投入 / 产出"] + [None] * (left - 1) for _ in range(3)]
    merged = [(0, 0, 0, width - 1), (start, 0, start + 2, left - 1)]
    final = {code: names for code, *names in FINAL}
    after = dict(AFTER)
    for place, code in enumerate(columns):
        if code in sectors:
            names = ["中间使用", rows[code]["name"], rows[code]["name"]]
        elif code == "TIU":
            names = ["中间使用", "中间使用合计", "中间使用合计"]
        elif code in final:
            names = (
                ["最终使用", *final[code][1:]] if code in ("EXPORT", "OUTFLOW", "TFU") else list(final[code])
            )
        else:
            names = [after[code]] * 3
        for level in range(3):
            tops[level].append(names[level])
        merged += _vertical(names, start, left + place)
    merged += _horizontal(tops[0], start, left)
    lines += tops
    if codes:
        lines.append([None, None, "代码", *[CODES.get(code, code.split("_")[0]) for code in columns]])
    body = [("中间投入", rows[code]["name"], code) for code in sectors]
    body += [(group, name, code) for code, group, name in PRIMARY]
    for group, name, code in body:
        label: list[Cell] = [group, name, code.split("_")[0]] if codes else [group, name]
        lines.append([*label, *(_number(rows[code][column]) for column in columns)])
    first = len(lines) - len(body)
    merged += [(first, 0, first + len(sectors) - 1, 0)]
    lines.append([f"注：本表按{title[:2]}当年生产者价格计算。"] + [None] * (width - 1))
    return Sheet(lines, merged)


def energy_sheet(path: Path, units: Path, names: dict[str, str], title: str, *, numbered: bool) -> Sheet:
    """Return an energy balance with fuel names, a row of units, and rows with or without numbering."""
    header, rows = read_coded(path)
    with units.open(encoding="utf-8", newline="") as file:
        symbols = {row["fuel"]: row["unit"] for row in csv.DictReader(file)}
    fuels = header[1:]
    lines: list[list[Cell]] = [[title, *[None] * len(fuels)], [None] * len(header)]
    lines.append(["项 目", *(names[fuel] for fuel in fuels)])
    lines.append([None, *(f"({UNITS[symbols[fuel]]})" for fuel in fuels)])
    for label, row in rows.items():
        shown = label if numbered else re.sub(r"^([一二三四五六]\.|\d\.|#)", "", label).replace("(-)", "")
        lines.append([shown, *(_number(row[fuel]) for fuel in fuels)])
    lines.append(["注：电力、热力按实物量。", *[None] * len(fuels)])
    return Sheet(lines, [(0, 0, 0, len(fuels)), (2, 0, 3, 0)])


def write_xlsx(sheet: Sheet, path: Path) -> Path:
    """Write a sheet with its merged ranges as a workbook."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("表")
    for i, row in enumerate(sheet.rows):
        for j, value in enumerate(row):
            if value is not None:
                page.write(i, j, value)
    for top, left, bottom, right in sheet.merged:
        page.merge_range(top, left, bottom, right, sheet.rows[top][left])
    book.close()
    return path


def write_csv(sheet: Sheet, path: Path, *, encoding: str = "utf-8") -> Path:
    """Write a sheet as csv: a merged range keeps its text in the first cell only."""
    rows = [list(row) for row in sheet.rows]
    for top, left, bottom, right in sheet.merged:
        for i in range(top, bottom + 1):
            for j in range(left, right + 1):
                if (i, j) != (top, left):
                    rows[i][j] = None
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([["" if value is None else value for value in row] for row in rows])
    return path


def _number(text: str) -> float | None:
    return float(text) if text else None


def _vertical(names: Sequence[str], top: int, column: int) -> list[tuple[int, int, int, int]]:
    if names[0] == names[1] == names[2]:
        return [(top, column, top + 2, column)]
    return [(top + 1, column, top + 2, column)] if names[1] == names[2] else []


def _horizontal(names: Sequence[Cell], row: int, first: int) -> list[tuple[int, int, int, int]]:
    found, start = [], first
    for place in range(first, len(names) + 1):
        if place == len(names) or names[place] != names[start]:
            if place - start > 1 and names[start] in ("中间使用", "最终消费支出", "资本形成总额"):
                found.append((row, start, row, place - 1))
            start = place
    return found
