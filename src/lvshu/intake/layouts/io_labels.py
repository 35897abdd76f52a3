"""The words of Chinese input-output tables: names and codes of their columns and rows, from 1987 to 2022.

Where they were seen: heads of the national tables 1997 to 2020 (China Statistical Yearbook, table 3-18 of the 1999
edition: 居民最终消费, 小计, 净出口, imports printed negative; tables 2017 to 2020 of the National Bureau of Statistics)
and of the provincial tables 2002 to 2017 in public collections (2002: 消费小计, NOF; 2007: 流出 FU302, 流入 FU304;
2012 and 2017: EX, OF, IM, IF, ERR). FU301 and FU303 of 2007 are the exports and imports between which FU302 stands.
From 2017 on the national table has no error column.
"""

from __future__ import annotations

import re

from lvshu.intake.text import heading_key

# canonical code: (kind, accepted names). A name under a group header counts with the group's name before it too.
COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "TIU": ("total", ("TIU", "中间使用合计", "中间需求合计", "中间使用小计")),
    "FU101": ("household_rural", (
        "农村居民最终消费", "FU101", "FU101_rural", "农村居民消费",
        "农村居民", "农村居民消费支出", "乡村居民消费", "农业居民消费")),
    "FU102": ("household_urban", (
        "城镇居民最终消费", "FU102", "FU102_urban", "城镇居民消费",
        "城镇居民", "城镇居民消费支出", "非农业居民消费")),
    "THC": ("household", (
        "THC", "FU103_hh", "居民消费合计", "居民消费小计", "居民消费支出合计", "居民消费支出小计", "居民消费",
        "居民消费支出", "居民最终消费", "居民最终消费小计", "居民最终消费合计")),
    "FU103": ("government", (
        "FU103", "GOV", "政府消费", "政府消费支出", "政府消费支出合计", "社会消费", "政府消费合计",
        "政府最终消费", "政府")),
    "TC": ("consumption", (
        "TC", "最终消费支出合计", "最终消费合计", "最终消费支出", "最终消费", "消费合计", "最终消费支出小计",
        "消费小计", "最终消费小计")),
    "FU201": ("fixed_capital", (
        "FU201", "GFCF", "固定资本形成总额", "固定资本形成", "固定资产形成总额", "固定资本形成额")),
    "FU202": ("inventory", (
        "FU202", "INV", "存货增加", "存货变动", "库存增加", "存货变动净额", "存货增加额")),
    "GCF": ("capital_formation", (
        "GCF", "资本形成总额合计", "资本形成合计", "资本形成总额", "资本形成总额小计",
        "资本形成小计")),
    "EX": ("export", ("EX", "EXPORT", "FU301", "出口", "出口合计", "国外出口")),
    "OF": ("outflow", (
        "OF", "OUTFLOW", "FU302", "国内调出", "省外调出", "国内市外流出", "国内区外流出",
        "市外流出", "区外流出", "调出", "国内省外流出", "省外流出", "流出", "国内流出", "调出省外",
        "国内其他省区市流出")),
    "TFU": ("total", ("TFU", "最终使用合计", "最终需求合计", "最终使用小计")),
    "IM": ("import", ("IM", "IMPORT", "FU303", "进口", "进口合计", "国外进口")),
    "IF": ("inflow", (
        "IF", "INFLOW", "FU304", "国内调入", "国内市外流入", "国内区外流入",
        "市外流入", "区外流入", "调入", "国内省外流入", "省外流入", "流入", "国内流入", "省外调入",
        "国内其他省区市流入")),
    "ERR": ("other", ("ERR", "OTHER", "其他", "其它", "误差", "误差项", "其他误差项", "其他(误差)")),
    "GO": ("output", ("GO", "总产出", "总产出合计")),
    # one column for what went out less what came in; the book keeps it as outflow (positive) and inflow (negative)
    "NOF": ("net_outflow", ("NOF", "净流出", "净调出", "国内省外净流出", "省外净流出", "省际净流出", "国内净流出")),
    "NIF": ("net_inflow", ("NIF", "净流入", "净调入", "国内省外净流入", "省外净流入", "国内净流入")),
    "NX": ("net_export", ("NX", "净出口", "货物和服务净出口", "货物和服务净流出")),
}  # fmt: skip

ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "TII": ("total", ("TII", "中间投入合计", "中间消耗合计", "中间投入小计")),
    "VA001": ("value_added", ("VA001", "VA001_labour", "劳动者报酬", "劳动报酬")),
    "VA002": ("value_added", ("VA002", "VA002_nettax", "生产税净额")),
    "VA003": ("value_added", ("VA003", "VA003_depr", "固定资产折旧")),
    "VA004": ("value_added", ("VA004", "VA004_surplus", "营业盈余")),
    "TVA": ("total", ("TVA", "增加值合计", "增加值", "最初投入合计", "增加值小计")),
    "TI": ("total", ("TI", "总投入", "总投入合计")),
}

ENGLISH_COLUMNS = {
    "Total intermediate use": "TIU",
    "Rural household consumption": "FU101",
    "Rural household consumption expenditure": "FU101",
    "Urban household consumption": "FU102",
    "Urban household consumption expenditure": "FU102",
    "Household consumption": "THC",
    "Household consumption expenditure": "THC",
    "Government consumption": "FU103",
    "Government consumption expenditure": "FU103",
    "Final consumption expenditure": "TC",
    "Total final consumption expenditure": "TC",
    "Gross fixed capital formation": "FU201",
    "Changes in inventories": "FU202",
    "Gross capital formation": "GCF",
    "Total gross capital formation": "GCF",
    "Exports": "EX",
    "Total final use": "TFU",
    "Imports": "IM",
    "Error": "ERR",
    "Others": "ERR",
    "Gross output": "GO",
    "Total output": "GO",
}

ENGLISH = {
    "Total intermediate input": "TII",
    "Compensation of employees": "VA001",
    "Net taxes on production": "VA002",
    "Depreciation of fixed assets": "VA003",
    "Operating surplus": "VA004",
    "Total value-added": "TVA",
    "Total inputs": "TI",
}

GROUPS = ("中间使用", "最终使用", "最终消费支出", "最终消费", "居民消费支出", "居民消费", "居民最终消费",
          "消费", "资本形成总额", "资本形成",
          "政府消费支出", "政府消费", "中间需求", "最终需求")  # fmt: skip
ROW_GROUPS = ("中间投入", "增加值", "最初投入", "总投入", "国内产品中间投入", "进口产品中间投入", "中间消耗")
SUBTOTALS = ("合计", "小计", "总计")

ORIGINS: dict[str, tuple[str, ...]] = {
    "domestic": ("domestic", "国内", "国内品", "国内产品", "国内产品中间投入", "国产品"),
    "import": ("imports", "import", "进口", "进口品", "进口产品", "进口产品中间投入"),
    "total": ("tot", "total"),
}

CODE = re.compile(r"^\d{1,3}$")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z\s,.&'’/;-]*")
_EMPTY_BRACKETS = re.compile(r"[(（]\s*[)）]")
_ROW_CODE = re.compile(r"^(?:va\d{3}\w*|tii|tva|ti)$")


def _keys(table: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    return {heading_key(name): code for code, (_, names) in table.items() for name in names}


COLUMN_KEYS = _keys(COLUMNS) | {heading_key(name): code for name, code in ENGLISH_COLUMNS.items()}
ROW_KEYS = _keys(ROWS) | {heading_key(name): code for name, code in ENGLISH.items()}
GROUP_KEYS = frozenset(map(heading_key, GROUPS))
ROW_GROUP_KEYS = frozenset(map(heading_key, ROW_GROUPS))
SUBTOTAL_KEYS = frozenset(map(heading_key, SUBTOTALS))
ORIGIN_KEYS = {heading_key(name): origin for origin, names in ORIGINS.items() for name in names}


def chinese_part(text: str) -> str:
    """Return a label of two languages without its English part; other texts as they are."""
    english = sum(len(part) for part in _LATIN.findall(text))
    if english < 4 or not _CHINESE.search(text):
        return text  # 部门A and 部门B are names of their own
    return _EMPTY_BRACKETS.sub("", _LATIN.sub("", text)).strip(" ,;/()（）")


def label_key(text: str) -> str:
    """Return what is compared of a label: its Chinese part where it has one, without spaces and punctuation."""
    return heading_key(chinese_part(text))


def _variants(labels: list[str]) -> list[str]:
    return [label_key(label) for label in labels if label]


def column_code(labels: list[str]) -> str | None:
    """Return the canonical code that a column's labels mean (top to bottom), or None for a sector's column.

    Names count before codes: FU103 is government in one edition and all households in another.
    """
    keys = _variants(labels)
    named = _named_column([key for key in keys if _CHINESE.search(key)])
    return named or next((COLUMN_KEYS[key] for key in reversed(keys) if key in COLUMN_KEYS), None)


def _named_column(keys: list[str]) -> str | None:
    for place in range(len(keys) - 1, -1, -1):
        key = keys[place]
        if key not in SUBTOTAL_KEYS:
            return COLUMN_KEYS.get(key)
        for group in reversed(keys[:place]):
            for subtotal in SUBTOTALS:
                if group + subtotal in COLUMN_KEYS:
                    return COLUMN_KEYS[group + subtotal]
    return None


def row_code(labels: list[str]) -> str | None:
    """Return the canonical code that a row's labels mean (left to right), or None for a sector's row.

    Names count before codes: the order of the four parts of value added differs between editions.
    """
    keys = _variants(labels)
    named = _named_row([key for key in keys if _CHINESE.search(key) or not _ROW_CODE.match(key)])
    return named or _named_row(keys)


def _named_row(keys: list[str]) -> str | None:
    for place in range(len(keys) - 1, -1, -1):
        key = keys[place]
        if key in SUBTOTAL_KEYS:
            for group in reversed(keys[:place]):
                if group + "合计" in ROW_KEYS:
                    return ROW_KEYS[group + "合计"]
            continue
        if key in ROW_KEYS and not (key in ROW_GROUP_KEYS and place < len(keys) - 1):
            return ROW_KEYS[key]
    return None
