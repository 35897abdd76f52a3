"""Panels on who causes emissions: footprints, the two accounts, flows from sectors to final uses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import diagrams, plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    EMISSION,
    grouped,
    named,
    short_amount,
    summed,
)
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, ui

ORIGINS = ("local", "direct", "rest_of_country", "abroad")


def footprint(reader: Reader) -> Panel:
    """Return the panel on the footprint of each final use."""
    cells = grouped(reader.rows("footprint"), "final_demand_category", "emission_origin")
    categories = list(dict.fromkeys(key[0] for key in cells))
    origins = [one for one in ORIGINS if any(key[1] == one for key in cells)]
    rows: list[dict[str, Any]] = []
    for category in categories:
        row: dict[str, Any] = {"category": code_label("final_demand_category", category)}
        for origin in origins:
            group = cells.get((category, origin))
            row[origin] = in_unit(summed(group, "emission"), "tCO2", EMISSION) if group else None
        there = [row[origin] for origin in origins if row[origin] is not None]
        row["all"] = sum(there, Decimal(0)) if there else None
        rows.append(row)
    rows.sort(key=lambda row: -(row["all"] or 0))
    columns = [Column("category", ui("column.final_demand"))]
    columns += [number_column(one, code_label("emission_origin", one), EMISSION) for one in origins]
    columns.append(number_column("all", ui("column.sum"), EMISSION))
    view = TableView(tuple(columns), tuple(rows), ("footprint",))
    finding = ui(
        "finding.footprint",
        name=rows[0]["category"],
        value=short_amount(rows[0]["all"], EMISSION, EMISSION),
        local=short_amount(rows[0].get("local"), EMISSION, EMISSION),
    )
    chart = plots.horizontal_bars(view, "category", [Series(one) for one in origins], finding, stacked=True)
    return Panel("footprint", ui("panel.footprint"), finding, chart, view, note=ui("note.footprint"))


def two_sides(reader: Reader) -> Panel:
    """Return the panel on the production-based and the consumption-based account."""
    lines = sorted(reader.rows("carbon_account"), key=lambda row: row["position"])
    rows = [
        {
            "line": named(row["line_zh"], row["line_en"], row["line_code"]),
            **{
                key: in_unit(row[key], "tCO2", EMISSION)
                for key in ("emission", "standard_error", "low", "high")
            },
        }
        for row in lines
    ]
    columns = (
        Column("line", ui("column.account_line")),
        number_column("emission", ui("column.emission"), EMISSION),
        number_column("standard_error", ui("column.standard_error"), EMISSION),
        number_column("low", ui("column.low"), EMISSION),
        number_column("high", ui("column.high"), EMISSION),
    )
    view = TableView(columns, tuple(rows), ("carbon_account",))
    value = {row["line_code"]: row["emission"] for row in lines}
    finding = Text("", "")
    made, used = value.get("production_based"), value.get("consumption_based")
    if made is not None and used is not None:
        finding = ui(
            "finding.net_sender" if made > used else "finding.net_receiver",
            made=short_amount(made, "tCO2", EMISSION),
            used=short_amount(used, "tCO2", EMISSION),
        )
    chart = plots.dots(view, "line", Series("emission", low="low", high="high"), finding)
    return Panel("two_sides", ui("panel.two_sides"), finding, chart, view)


def flows(reader: Reader) -> Panel:
    """Return the panel on flows of emissions from sectors to final uses."""
    names = {
        row["sector_code"]: named(row["name_zh"], row["name_en"], row["sector_code"])
        for row in reader.rows("sector_account")
    }
    flows = [row for row in reader.rows("emission_flow") if (row["emission"] or 0) > 0]
    by_sector = grouped(flows, "sector_code")
    largest = sorted(by_sector, key=lambda key: -(summed(by_sector[key], "emission") or 0))[:8]
    found: dict[tuple[Text, Text], Decimal] = {}
    for row in flows:
        kept = (row["sector_code"],) in largest
        code = row["sector_code"]
        left = names.get(code, code_label("final_demand_category", code)) if kept else ui("row.other_sectors")
        key = (left, code_label("final_demand_category", row["final_demand_category"]))
        found[key] = found.get(key, Decimal(0)) + row["emission"]
    ordered = sorted(found.items(), key=lambda item: -item[1])
    rows = [
        {"from": key[0], "to": key[1], "emission": in_unit(size, "tCO2", EMISSION)} for key, size in ordered
    ]
    columns = (
        Column("from", ui("column.emitting_sector")),
        Column("to", ui("column.final_demand")),
        number_column("emission", ui("column.emission"), EMISSION),
    )
    view = TableView(columns, tuple(rows), ("emission_flow",))
    finding = ui(
        "finding.flows",
        left=rows[0]["from"],
        right=rows[0]["to"],
        value=short_amount(ordered[0][1], "tCO2", EMISSION),
    )
    chart = diagrams.sankey(view, "from", "to", "emission", finding)
    return Panel("flows", ui("panel.flows"), finding, chart, view)
