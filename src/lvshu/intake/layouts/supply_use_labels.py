"""The words of supply and use tables, in Chinese and English.

Where they were seen: 供给表, 使用表, 产品部门, 产业部门, 总产出, 进口品, 总供给, 产业部门总产出 in teaching material
on the Chinese tables; 产出表 (企业部门×产品部门) in the published tables of 1992 and 1995; the tables of 2017, 2018
and 2020 are product by industry (2020: 70 products by 60 industries). English heads are those of the Eurostat and
United Nations manuals. The printed heads of the national tables of 2017 to 2020 could not be opened: a head that is
not known is answered, not guessed.
"""

from __future__ import annotations

import re

from lvshu.intake.layouts.io_labels import COLUMN_KEYS, COLUMNS, chinese_part
from lvshu.intake.text import heading_key

TITLE = re.compile(
    r"供给使用表|供给表|使用表|(?<!投入)产出表|\bsupply(?:\s+and\s+use)?\s+tables?\b|\buse\s+tables?\b|\bmake\s+tables?\b",
    re.IGNORECASE,
)
MAKE_TITLE = re.compile(r"(?<!投入)产出表|\bmake\s+tables?\b", re.IGNORECASE)
BASES = (("basic", re.compile("基本价格|basic price", re.IGNORECASE)),
         ("purchaser", re.compile("购买者价格|purchaser", re.IGNORECASE)),
         ("producer", re.compile("生产者价格|producer", re.IGNORECASE)))  # fmt: skip

# canonical code: (kind, accepted names)
SUPPLY: dict[str, tuple[str, tuple[str, ...]]] = {
    "QO": ("output", (
        "QO", "国内产出合计", "国内总产出", "产品总产出", "产出合计", "总产出", "国内产出", "总产出合计",
        "Output at basic prices", "Total output at basic prices", "Total output", "Domestic output",
        "Domestic output at basic prices")),
    "IM": ("import", ("IM", "进口", "进口品", "进口合计", "国外进口", "Imports", "Imports cif",
                    "Imports of goods and services")),
    "IF": ("inflow", ("IF", "国内省外流入", "省外流入", "流入", "调入", "市外流入")),
    "TSB": ("total_basic", (
        "TSB", "总供给(基本价格)", "基本价格总供给", "按基本价格计算的总供给", "总供给基本价格合计",
        "Total supply at basic prices")),
    "TRM": ("trade_margin", ("TRM", "商业流通费", "商业流通费用", "商业毛利", "商业加价", "贸易加价", "批发零售加价",
                             "批发和零售毛利", "Trade margins")),
    "TPM": ("transport_margin", ("TPM", "运输流通费", "运输流通费用", "运输费用", "运输加价", "运输费",
                                 "Transport margins")),
    "MAR": ("margin", ("MAR", "流通费用", "流通费", "商业和运输费用", "商业及运输费用", "贸易和运输加价",
                       "商业和运输加价",
                       "商业毛利和运输费用", "Trade and transport margins")),
    "TLS": ("net_tax", ("TLS", "产品税净额", "产品税减补贴", "产品税减产品补贴", "Taxes less subsidies on products")),
    "TAX": ("tax", ("TAX", "产品税", "Taxes on products")),
    "SUB": ("subsidy", ("SUB", "产品补贴", "产品补贴(-)", "Subsidies on products")),
    "TSP": ("total_purchaser", (
        "TSP", "总供给(购买者价格)", "购买者价格总供给", "按购买者价格计算的总供给", "总供给",
        "总供给(生产者价格)", "Total supply at purchasers' prices", "Total supply")),
}  # fmt: skip
TOTAL_USE = ("TU", "总使用", "使用合计", "总使用合计", "总使用(购买者价格)", "购买者价格总使用", "总使用(基本价格)",
             "总使用(生产者价格)", "Total use at purchasers' prices", "Total use",
             "Total use at basic prices")  # fmt: skip
ROW_TOTALS = ("合计", "总计", "产业部门总产出", "总产出", "产出合计", "产业部门合计", "企业部门总产出",
              "Total", "Output",
              "Total output", "GO")  # fmt: skip
SIDES = ("产业部门", "企业部门", "产品部门", "产业", "产品", "代码", "industries", "products")

SUPPLY_KEYS = {heading_key(name): code for code, (_, names) in SUPPLY.items() for name in names}
USE_KEYS = COLUMN_KEYS | {heading_key(name): "TU" for name in TOTAL_USE}
ROW_TOTAL_KEYS = frozenset(map(heading_key, ROW_TOTALS))
SIDE_KEYS = frozenset(map(heading_key, SIDES))
KNOWN = frozenset(SUPPLY_KEYS) | frozenset(USE_KEYS)
CODE = re.compile(r"^(?:CPA[_ ])?[A-Z]{0,2}\d[\dA-Z_.-]{0,9}$", re.IGNORECASE)


def names_supply_use(title: str, file: str) -> bool:
    """Return whether a title names a supply, use or make table; a sheet without a title is named by its file."""
    if TITLE.search(title):
        return True
    return "投入产出" not in title + file and TITLE.search(file) is not None


def label_key(text: str) -> str:
    """Return what is compared of a label."""
    return heading_key(chinese_part(text))


def supply_column(labels: list[str]) -> str | None:
    """Return the canonical code of a column of a supply table (labels top to bottom), or None for an industry."""
    return _column(labels, SUPPLY_KEYS)


def use_column(labels: list[str]) -> str | None:
    """Return the canonical code of a column of a use table (labels top to bottom), or None for an industry."""
    return _column(labels, USE_KEYS)


def _column(labels: list[str], known: dict[str, str]) -> str | None:
    """The longest run of header rows that ends at the last one and is a known name; codes only where no name is."""
    keys = list(dict.fromkeys(label_key(label) for label in labels if label))
    named = [key for key in keys if not key.isascii() and key not in SIDE_KEYS]
    some = named or keys
    joined = (
        "".join(some[first:]) for first in range(len(some))
    )  # a head of several rows: 总供给 over 基本价格
    return next((known[key] for key in joined if key in known), None)


def use_kind(code: str) -> str:
    """Return the kind of a column of a use table."""
    return "total" if code == "TU" else COLUMNS[code][0]


def row_total(texts: list[str]) -> bool:
    """Return whether a row is the total of a supply table's columns."""
    return any(label_key(text) in ROW_TOTAL_KEYS for text in texts)


def price_basis(text: str) -> str:
    """Return the prices that a text names: basic, purchaser, producer, or unstated for none or several."""
    found = [basis for basis, words in BASES if words.search(text)]
    return found[0] if len(found) == 1 else "unstated"
