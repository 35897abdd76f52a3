"""Panels of the platform economy recorded net, by seller and by buyer, and of the e-commerce share."""

from __future__ import annotations

from typing import Any

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, panel_or_reason, short_amount
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, code_label, ui

SIDES = ("seller", "buyer", "either", "all")
ITEMS = ("transactions", "third_party", "own_sales", "intermediation_output", "intermediation_value_added")
NEEDS = ("platform_settlement",)
ABSENT = {"suppressed": Absence.SUPPRESSED, "not_covered": Absence.MISSING}
"""What stands in the place of a figure, by status."""


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels that the book has figures for; headlines that lack them say why."""
    made = []
    if reader.rows("platform_economy_public"):
        made.append(
            panel_or_reason(
                reader, "platform_economy", table="platform_economy_public", needs=NEEDS, build=_economy
            )
        )
    if reader.rows("ecommerce_share_public"):
        made.append(
            panel_or_reason(reader, "ecommerce", table="ecommerce_share_public", needs=NEEDS, build=_shares)
        )
    return tuple(made)


def _economy(reader: Reader) -> Panel:
    cells = {(row["side"], row["item"]): row for row in reader.rows("platform_economy_public")}
    rows: list[dict[str, Any]] = []
    for item in ITEMS:
        own = {side: cells.get((side, item)) for side in SIDES}
        if not any(own.values()):
            continue
        row: dict[str, Any] = {"item": code_label("platform_item", item)}
        for side, cell in own.items():
            row[side] = _figure(cell, "value")
            if side != "all":
                row[f"{side}_share"] = _share(cell, own["all"])
        rows.append(row)
    columns = [Column("item", ui("column.platform_item"))]
    for side in SIDES:
        columns.append(number_column(side, code_label("platform_side", side), MONEY))
        if side != "all":
            columns.append(number_column(f"{side}_share", ui("column.share_of_all"), "%", decimals=1))
    view = TableView(tuple(columns), tuple(rows), ("platform_economy_public", "platform_flow_public"))
    fees, gross = (cells["seller", item]["value"] for item in ("intermediation_output", "transactions"))
    finding = NO_TEXT
    if fees is not None and gross is not None:
        finding = ui(
            "finding.platform_economy",
            fees=short_amount(in_unit(fees, "CNY", MONEY) or fees, MONEY, MONEY),
            gross=short_amount(in_unit(gross, "CNY", MONEY) or gross, MONEY, MONEY),
        )
    title, note = ui("panel.platform_economy"), ui("note.platform_economy")
    return Panel("platform_economy", title, finding, None, view, note=note)


def _figure(cell: Row | None, name: str) -> Value:
    """Return a figure in the unit of the panel; one that is not shown, or not known, says so."""
    if cell is None:
        return None
    return ABSENT.get(cell["status"], in_unit(cell[name], "CNY", MONEY))


def _share(cell: Row | None, whole: Row | None) -> Value:
    if cell is None or whole is None:
        return None
    return ABSENT.get(cell["status"], ABSENT.get(whole["status"], cell["share_of_all"]))


def _shares(reader: Reader) -> Panel:
    found = sorted(
        reader.rows("ecommerce_share_public"),
        key=lambda row: (row["side"], row["category_code"] == "total", row["category_code"]),
    )
    rows = [
        {
            "side": code_label("platform_side", row["side"]),
            "category": ui("row.all")
            if row["category_code"] == "total"
            else code_label("trade_category", row["category_code"]),
            "platform": _figure(row, "platform_amount"),
            "everything": in_unit(row["all_amount"], "CNY", MONEY),
            "share": ABSENT.get(row["status"], row["share"]),
        }
        for row in found
    ]
    totals = frozenset(place for place, row in enumerate(found) if row["category_code"] == "total")
    columns = (
        Column("side", ui("column.platform_side")),
        Column("category", ui("column.category")),
        number_column("platform", ui("column.through_platforms"), MONEY),
        number_column("everything", ui("column.all_channels"), MONEY),
        number_column("share", ui("column.share"), "%", decimals=1),
    )
    view = TableView(columns, tuple(rows), ("ecommerce_share_public",), totals=totals)
    return Panel("ecommerce", ui("panel.ecommerce"), ui("finding.ecommerce"), None, view)
