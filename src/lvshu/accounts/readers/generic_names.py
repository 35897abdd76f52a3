"""The words by which a table of anybody's own is understood: headings, final uses, primary inputs, totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from lvshu.intake.layouts.io_labels import COLUMNS, ENGLISH, ENGLISH_COLUMNS, ROWS
from lvshu.intake.text import heading_key

Role = Literal["final", "import", "value_added", "output", "total"]

FLOW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "from_region": ("from region", "region from", "source region", "origin region", "region of origin",
                    "来源地区", "来源区域", "供给地区", "产出地区", "起点地区", "流出地区"),
    "from_sector": ("from sector", "sector from", "source sector", "origin sector", "from", "product", "row",
                    "来源部门", "供给部门", "投入部门", "产出部门", "产品", "来源"),
    "to_region": ("to region", "region to", "target region", "destination region", "region of use",
                  "使用地区", "去向地区", "目标地区", "需求地区", "终点地区", "流入地区"),
    "to_sector": ("to sector", "sector to", "to sector/category", "to category", "target sector", "to", "user",
                  "destination sector", "column", "使用部门", "去向部门", "目标部门", "需求部门", "用途", "去向"),
    "value": ("value", "amount", "flow value", "数值", "金额", "值", "流量"),
    "unit": ("unit", "units", "单位", "计量单位"),
}  # fmt: skip
FLOW_NEEDED = ("from_sector", "to_sector", "value")

STRESSOR_FIELDS: Mapping[str, tuple[str, ...]] = {
    "extension": ("extension", "account", "账户", "扩展账户", "卫星账户"),
    "stressor": ("stressor", "pollutant", "emission", "flow", "环境压力", "压力", "污染物", "排放物", "要素", "指标"),
    "region": ("region", "country", "area", "地区", "区域", "省份", "国家"),
    "sector": ("sector", "industry", "category", "sector/category", "部门", "行业", "产业"),
    "value": FLOW_FIELDS["value"],
    "unit": FLOW_FIELDS["unit"],
}  # fmt: skip
STRESSOR_NEEDED = ("stressor", "sector", "value")

_FINAL = (
    "final demand", "final consumption", "final consumption expenditure", "households", "household", "government",
    "final consumption expenditure by households", "final consumption expenditure by government",
    "final consumption expenditure of households", "final consumption expenditure of government",
    "final consumption expenditure by non-profit organisations serving households (NPISH)", "NPISH", "NPS",
    "gross fixed capital formation", "gross capital formation", "investment", "capital formation",
    "changes in inventories", "change in inventories", "changes in inventories and valuables", "inventories",
    "changes in valuables", "change in valuables", "acquisitions less disposals of valuables",
    "exports", "export", "exports: total (fob)", "HFCE", "GGFC", "GFCF", "INVNT", "DPABR",
    "P3_S13", "P3_S14", "P3_S15", "P51G", "P5M", "P6", "最终需求", "最终使用", "投资", "出口", "流出", "调出",
)  # fmt: skip
_IMPORT = ("imports", "import", "imports: total", "进口", "调入", "流入")
_VALUE_ADDED = (
    "value added", "gross value added", "GVA", "VA", "value added at basic prices", "primary inputs",
    "compensation of employees", "wages", "wages and salaries", "employers' social contributions",
    "operating surplus", "gross operating surplus", "net operating surplus", "operating surplus: net",
    "consumption of fixed capital", "depreciation", "net taxes on production", "other net taxes on production",
    "taxes less subsidies on products", "taxes less subsidies on products purchased: total", "net taxes on products",
    "TLS", "D1", "B1G", "B2A3G", "D21X31", "D29X39", "工资", "营业盈余", "折旧", "税金",
)  # fmt: skip
_OUTPUT = ("output", "gross output", "total output", "x", "总产出", "总投入", "total inputs", "total input")
_TOTAL = (
    "total", "sum", "合计", "总计", "小计", "total intermediate use", "total final demand", "total final use",
    "total intermediate inputs", "total intermediate consumption", "total value added",
)  # fmt: skip


@cache
def _roles() -> dict[str, Role]:
    found: dict[str, Role] = {}
    groups: tuple[tuple[Role, Sequence[str]], ...] = (
        ("output", _OUTPUT), ("total", _TOTAL), ("import", _IMPORT), ("final", _FINAL), ("value_added", _VALUE_ADDED)
    )  # fmt: skip
    for role, names in groups:
        for name in names:
            found.setdefault(heading_key(name), role)
    kinds: dict[str, Role] = {
        "total": "total", "consumption": "final", "import": "import", "inflow": "import", "net_outflow": "import",
        "net_inflow": "import", "net_export": "import", "output": "output",
    }  # fmt: skip
    codes: dict[str, Role] = {}
    for code, (kind, names) in COLUMNS.items():
        codes[code] = kinds.get(kind, "final")
        for name in names:
            found.setdefault(heading_key(name), codes[code])
    for name, code in ENGLISH_COLUMNS.items():
        found.setdefault(heading_key(name), codes[code])
    rows: dict[str, Role] = {
        code: "value_added" if kind == "value_added" else "total" for code, (kind, _) in ROWS.items()
    }
    rows["TI"] = "output"
    for code, (_, names) in ROWS.items():
        for name in names:
            found.setdefault(heading_key(name), rows[code])
    for name, code in ENGLISH.items():
        found.setdefault(heading_key(name), rows[code])
    return found


def role_of(name: str) -> Role | None:
    """Return what a name means that is no sector: a final use, imports, primary input, output or a total; or None."""
    return _roles().get(heading_key(name))


def known_names(role: Role) -> tuple[str, ...]:
    """Return some names of a role, for a message."""
    return {
        "final": _FINAL,
        "value_added": _VALUE_ADDED,
        "output": _OUTPUT,
        "import": _IMPORT,
        "total": _TOTAL,
    }[role][:8]


def fields_of(cells: Sequence[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the position of each field whose name stands among the cells; the first wins."""
    names = {heading_key(name): field for field, spelled in fields.items() for name in spelled}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        field = names.get(heading_key(cell)) if cell else None
        if field is not None:
            found.setdefault(field, place)
    return found
