"""Panels on the CO2 inventories: by fuel, by use, and why the two methods differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import diagrams, plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    EMISSION,
    grouped,
    named,
    share,
    short_amount,
    summed,
)
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import ui

BALANCE = "energy_balance_cell"


def _inventory(reader: Reader, name: str, code: str, zh: str, en: str) -> list[dict[str, Any]]:
    """Return the inventory without bunkers by one of its two ways, both methods side by side."""
    rows: list[dict[str, Any]] = []
    for (one,), group in grouped(reader.rows("carbon_inventory", bunkers="without"), code).items():
        entry: dict[str, Any] = {"code": one, name: named(group[0][zh], group[0][en], one)}
        for method in ("sectoral", "reference"):
            emission = summed([row for row in group if row["method"] == method], "emission")
            entry[method] = in_unit(emission, "tCO2", EMISSION)
        rows.append(entry)
    return sorted(rows, key=lambda row: -abs(row["sectoral"] or 0))


def fuels(reader: Reader) -> Panel:
    """Return the panel on CO2 by fuel, both methods."""
    rows = _inventory(reader, "fuel", "fuel_code", "fuel_zh", "fuel_en")
    view = TableView(
        (
            Column("fuel", ui("column.fuel")),
            number_column("sectoral", ui("column.sectoral"), EMISSION),
            number_column("reference", ui("column.reference"), EMISSION),
        ),
        tuple(rows),
        ("carbon_inventory",),
    )
    whole = summed(rows, "sectoral")
    largest = rows[0]
    finding = ui("finding.fuels", fuel=largest["fuel"], share=share(largest["sectoral"], whole))
    chart = plots.horizontal_bars(view, "fuel", [Series("sectoral"), Series("reference", "--c2")], finding)
    return Panel("fuels", ui("panel.fuels"), finding, chart, view, half=True)


def items(reader: Reader) -> Panel:
    """Return the panel on CO2 by use."""
    rows = [row for row in _inventory(reader, "item", "item_code", "item_zh", "item_en") if row["sectoral"]]
    if not rows:
        reason = reader.why_empty("carbon_inventory", (BALANCE,), ui("panel.items"))
        return Panel("items", ui("panel.items"), empty=reason, half=True)
    view = TableView(
        (Column("item", ui("column.item")), number_column("sectoral", ui("column.sectoral"), EMISSION)),
        tuple(rows),
        ("carbon_inventory",),
    )
    finding = ui(
        "finding.items", item=rows[0]["item"], share=share(rows[0]["sectoral"], summed(rows, "sectoral"))
    )
    chart = plots.horizontal_bars(view, "item", [Series("sectoral")], finding)
    return Panel("items", ui("panel.items"), finding, chart, view, half=True)


def gap(reader: Reader) -> Panel:
    """Return the panel on the gap between the two methods, line by line."""
    lines = reader.rows("carbon_gap", role="gap")
    rows: list[dict[str, Any]] = []
    for (code,), group in grouped(lines, "line_code").items():
        row: dict[str, Any] = {"line": named(group[0]["line_zh"], group[0]["line_en"], code)}
        for bunkers in ("without", "with"):
            part = summed([one for one in group if one["bunkers"] == bunkers], "emission")
            row[bunkers] = in_unit(part, "tCO2", EMISSION)
        rows.append(row)
    rows.sort(key=lambda row: -abs(row["without"] or 0))
    whole = {key: summed(rows, key) or Decimal(0) for key in ("without", "with")}
    rows.append({"line": ui("row.gap"), **whole})
    columns = (
        Column("line", ui("column.gap_line")),
        number_column("without", ui("column.without_bunkers"), EMISSION),
        number_column("with", ui("column.with_bunkers"), EMISSION),
    )
    view = TableView(columns, tuple(rows), ("carbon_gap",), totals=frozenset({len(rows) - 1}))
    totals = {
        method: summed(reader.rows("carbon_inventory", method=method, bunkers="without"), "emission")
        or Decimal(0)
        for method in ("sectoral", "reference")
    }
    more = whole["without"] >= 0
    finding = ui(
        "finding.gap_more" if more else "finding.gap_less",
        sectoral=short_amount(totals["sectoral"], "tCO2", EMISSION),
        reference=short_amount(totals["reference"], "tCO2", EMISSION),
        gap=short_amount(abs(whole["without"]), EMISSION, EMISSION),
        largest=rows[0]["line"],
    )
    chart = diagrams.waterfall(view, "line", "without", finding)
    return Panel("gap", ui("panel.gap"), finding, chart, view, note=ui("note.gap"))
