"""What each form asks: cells, with their names. Only items that are established; the printed forms were not seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.intake.discovery import FORMS_COVER
from lvshu.statistics.keys import FORMS

COVER = FORMS_COVER
TOTAL = "total"
IDENTITY = {
    "platform_uscc": ("平台统一社会信用代码", "Platform's credit code"),
    "platform_name": ("平台名称", "Platform"),
    "month": ("报告月（如 2024-02）", "Month of the report (such as 2024-02)"),
    "filled_by": ("填表人", "Filled in by"),
}
ITEMS: dict[str, dict[str, tuple[str, str]]] = {
    "U202": {
        "ride_hailing": ("网络预约交通", "Ride hailing"),
        "vehicle_rental": ("网络车辆租赁", "Vehicle rental"),
        "designated_driving": ("网络代驾", "Designated driving"),
    },
    "U207": {"operating_revenue": ("营业收入", "Operating revenue")},
}
TRANSACTIONS = {"transactions": ("平台交易额", "Platform transactions")}
CATEGORIES = {"goods": ("商品", "Goods"), "services": ("服务", "Services")}
KINDS = {"own": ("自营", "Own sales"), "third_party": ("第三方", "Third party")}


@dataclass(frozen=True)
class Cell:
    """One amount that a form asks for.

    Attributes:
        form, item, region, category, kind: as the table platform_return has them.
        zh, en: its name.
    """

    form: str
    item: str
    region: str
    category: str
    kind: str
    zh: str
    en: str

    @property
    def code(self) -> str:
        """Return the code that stands in the first column of the form."""
        return "|".join((self.form, self.item, self.region, self.category, self.kind))


def forms_of(library: PackLibrary) -> dict[str, Mapping[str, Any]]:
    """Return the forms by number, as the pack platform_forms has them."""
    return {str(row["form"]): row for row in library[FORMS].rows}


def provinces_of(library: PackLibrary) -> dict[str, tuple[str, str]]:
    """Return the provinces by code, with their names in Chinese and English."""
    return {
        str(row["area_code"]): (str(row["short_zh"] or row["name_zh"]), str(row["name_en"] or row["name_zh"]))
        for row in library["areas"].rows
        if row["level"] == "province" and row["status"] == "current"
    }


def cells_of(form: str, library: PackLibrary, regions: Iterable[str] | None = None) -> list[Cell]:
    """Return the cells of a form, in their order.

    Args:
        form: its number.
        library: for the names of regions.
        regions: codes that U201 is broken down by; all provinces when None.
    """
    items = ITEMS.get(form, TRANSACTIONS)
    if form != "U201":
        return [Cell(form, item, TOTAL, TOTAL, TOTAL, zh, en) for item, (zh, en) in items.items()]
    names = provinces_of(library)
    zh, en = TRANSACTIONS["transactions"]
    found = [Cell(form, "transactions", TOTAL, TOTAL, TOTAL, f"{zh}合计", f"{en}, total")]
    for code in names if regions is None else regions:
        region = names.get(code, (code, code))
        found.append(
            Cell(form, "transactions", code, TOTAL, TOTAL, f"地区：{region[0]}", f"region: {region[1]}")
        )
    for code, name in CATEGORIES.items():
        found.append(
            Cell(form, "transactions", TOTAL, code, TOTAL, f"类别：{name[0]}", f"category: {name[1]}")
        )
    for code, name in KINDS.items():
        found.append(
            Cell(form, "transactions", TOTAL, TOTAL, code, f"经营方式：{name[0]}", f"trade: {name[1]}")
        )
    return found
