"""Chapter accounts: production, circulation, consumption; who emits, for whom; how the two inventories differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, Section, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    EMISSION,
    MONEY,
    Row,
    first_few,
    grouped,
    named,
    panel_or_reason,
    reasons_together,
    share,
    short_amount,
    summed,
)
from lvshu.publish.panels.checks import checks_panel, comparison_panel
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, ui

IO = "io_cell"
BALANCE = "energy_balance_cell"
SPHERES = ("production", "circulation", "consumption", "unassigned")
MEASURES = ("output", "value_added", "energy", "direct_emission", "final_consumption")
DISPLAY = {"CNY": MONEY, "tCO2": EMISSION, "tce": "1e4 tce"}
DRAWN_SECTORS = 15
ORIGINS = ("local", "direct", "rest_of_country", "abroad")


def section(reader: Reader) -> Section:
    """Return the chapter on the accounts."""
    both = (IO, BALANCE)
    panels = (
        panel_or_reason(reader, "spheres", table="sphere_account", needs=(IO,), build=_spheres),
        panel_or_reason(reader, "sectors", table="sector_account", needs=both, build=_sectors),
        panel_or_reason(reader, "fuels", table="carbon_inventory", needs=(BALANCE,), build=_fuels, half=True),
        panel_or_reason(reader, "items", table="carbon_inventory", needs=(BALANCE,), build=_items, half=True),
        panel_or_reason(reader, "gap", table="carbon_gap", needs=(BALANCE,), build=_gap),
        panel_or_reason(reader, "footprint", table="footprint", needs=both, build=_footprint),
        panel_or_reason(reader, "two_sides", table="carbon_account", needs=both, build=_two_sides),
        panel_or_reason(reader, "flows", table="emission_flow", needs=both, build=_flows),
        panel_or_reason(reader, "multipliers", table="sector_multiplier", needs=(IO,), build=_multipliers),
        comparison_panel(reader),
        checks_panel(reader),
    )
    return Section("accounts", ui("section.accounts"), ui("lead.accounts"), reasons_together(reader, panels))


def _spheres(reader: Reader) -> Panel:
    cells = {(row["sphere"], row["measure"]): row for row in reader.rows("sphere_account")}
    measures = [one for one in MEASURES if any(key[1] == one for key in cells)]
    present = [one for one in SPHERES if any(key[0] == one for key in cells)]
    rows: list[dict[str, Any]] = []
    for measure in measures:
        found = {one: cells.get((one, measure)) for one in present}
        unit = next(row["unit"] for row in found.values() if row)
        shown = DISPLAY.get(unit, unit)
        row: dict[str, Any] = {"measure": code_label("measure", measure), "unit": _unit_text(shown)}
        for one, cell in found.items():
            absent = Absence.NOT_APPLICABLE if _never_there(one, measure) else None
            row[one] = in_unit(cell["value"], unit, shown) if cell else absent
            row[f"{one}_share"] = cell["share"] if cell else absent
        rows.append(row)
    columns = [Column("measure", ui("column.measure")), Column("unit", ui("column.unit"))]
    columns += [number_column(one, code_label("sphere", one), "1") for one in present]
    columns += [
        number_column(f"{one}_share", code_label("sphere", one) + ui("suffix.share"), "%", decimals=1)
        for one in present
    ]
    view = TableView(tuple(columns), tuple(rows), ("sphere_account",))
    finding = ui(
        "finding.spheres",
        circulation_value=_share_of(cells, "circulation", "value_added"),
        circulation_emission=_share_of(cells, "circulation", "direct_emission"),
        production_emission=_share_of(cells, "production", "direct_emission"),
        consumption_emission=_share_of(cells, "consumption", "direct_emission"),
    )
    series = [Series(f"{one}_share") for one in present]
    drawn = tuple(row for row, measure in zip(rows, measures, strict=True) if measure != "final_consumption")
    chart = plots.horizontal_bars(TableView(view.columns, drawn, view.source), "measure", series, finding, stacked=True)
    return Panel("spheres", ui("panel.spheres"), finding, chart, view)


def _never_there(sphere: str, measure: str) -> bool:
    """Return whether a sphere has no such measure by definition: households make no output."""
    if sphere == "consumption":
        return measure in ("output", "value_added")
    return measure == "final_consumption"


def _unit_text(symbol: str) -> Text:
    return number_column("", Text("", ""), symbol).unit_text


def _share_of(cells: dict[tuple[Any, Any], Row], sphere: str, measure: str) -> Text:
    cell = cells.get((sphere, measure))
    return share(None, None) if cell is None else share(Decimal(repr(cell["share"] or 0.0)), Decimal(100))


def _sectors(reader: Reader) -> Panel:
    accounts = reader.rows("sector_account")
    emitting = any(row["direct_emission"] is not None for row in accounts)
    leading = "direct_emission" if emitting else "value_added"
    ordered = sorted(accounts, key=lambda row: -(row[leading] or 0))
    rows = [
        {
            "code": row["sector_code"],
            "name": named(row["name_zh"], row["name_en"], row["sector_code"]),
            "sphere": code_label("sphere", row["sphere"]) if row["sphere"] else None,
            "output": in_unit(row["output"], "CNY", MONEY),
            "value_added": in_unit(row["value_added"], "CNY", MONEY),
            "direct": in_unit(row["direct_emission"], "tCO2", EMISSION),
            "error": in_unit(row["standard_error"], "tCO2", EMISSION),
            "electricity": in_unit(row["indirect_electricity_emission"], "tCO2", EMISSION),
            "energy": in_unit(row["energy_tce"], "tce", "1e4 tce"),
        }
        for row in ordered
    ]
    view = TableView(_sector_columns(), tuple(rows), ("sector_account",))
    largest = [row["name"] for row in rows[:3]]
    part = summed(ordered[:3], leading)
    finding = ui(
        "finding.sectors" if emitting else "finding.sectors_value_added",
        names=first_few(largest, 3), share=share(part, summed(accounts, leading)),
    )  # fmt: skip
    series = [Series("direct"), Series("electricity", "--c5")] if emitting else [Series("value_added")]
    if emitting and all(row["electricity"] is None for row in rows):
        series = [Series("direct", error="error")]
    chart = plots.horizontal_bars(view, "name", series, finding, stacked=True, top=DRAWN_SECTORS)
    note = ui("note.top", drawn=min(DRAWN_SECTORS, len(rows)), all=len(rows))
    return Panel("sectors", ui("panel.sectors"), finding, chart, view, note=note)


def _sector_columns() -> tuple[Column, ...]:
    return (
        Column("code", ui("column.code"), code=True),
        Column("name", ui("column.sector")),
        Column("sphere", ui("column.sphere")),
        number_column("direct", ui("column.direct"), EMISSION),
        number_column("error", ui("column.standard_error"), EMISSION),
        number_column("electricity", ui("column.electricity"), EMISSION),
        number_column("energy", ui("column.energy"), "1e4 tce"),
        number_column("value_added", ui("column.value_added"), MONEY),
        number_column("output", ui("column.output"), MONEY),
    )


def _inventory(reader: Reader, name: str, code: str, zh: str, en: str) -> list[dict[str, Any]]:
    """Return the inventory without bunkers by one of its two ways, both methods side by side."""
    found: dict[str, dict[str, Any]] = {}
    for row in reader.rows("carbon_inventory", bunkers="without"):
        entry = found.setdefault(
            row[code], {"code": row[code], name: named(row[zh], row[en], row[code]), "sectoral": None, "reference": None}
        )
        if row["emission"] is not None:
            entry[row["method"]] = (entry[row["method"]] or Decimal(0)) + in_unit(row["emission"], "tCO2", EMISSION)  # type: ignore[operator]
    return sorted(found.values(), key=lambda row: -abs(row["sectoral"] or 0))


def _fuels(reader: Reader) -> Panel:
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
    return Panel(
        "fuels", ui("panel.fuels"), finding, chart, view, half=True
    )


def _items(reader: Reader) -> Panel:
    rows = [row for row in _inventory(reader, "item", "item_code", "item_zh", "item_en") if row["sectoral"]]
    if not rows:
        reason = reader.why_empty("carbon_inventory", (BALANCE,), ui("panel.items"))
        return Panel("items", ui("panel.items"), empty=reason, half=True)
    view = TableView(
        (Column("item", ui("column.item")), number_column("sectoral", ui("column.sectoral"), EMISSION)),
        tuple(rows),
        ("carbon_inventory",),
    )
    finding = ui("finding.items", item=rows[0]["item"], share=share(rows[0]["sectoral"], summed(rows, "sectoral")))
    chart = plots.horizontal_bars(view, "item", [Series("sectoral")], finding)
    return Panel(
        "items", ui("panel.items"), finding, chart, view, half=True
    )


def _gap(reader: Reader) -> Panel:
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
        method: summed(reader.rows("carbon_inventory", method=method, bunkers="without"), "emission") or Decimal(0)
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
    chart = plots.waterfall(view, "line", "without", finding)
    return Panel("gap", ui("panel.gap"), finding, chart, view, note=ui("note.gap"))


def _footprint(reader: Reader) -> Panel:
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
        "finding.footprint", name=rows[0]["category"], value=short_amount(rows[0]["all"], EMISSION, EMISSION),
        local=short_amount(rows[0].get("local") or Decimal(0), EMISSION, EMISSION),
    )  # fmt: skip
    chart = plots.horizontal_bars(view, "category", [Series(one) for one in origins], finding, stacked=True)
    return Panel(
        "footprint", ui("panel.footprint"), finding, chart, view, note=ui("note.footprint")
    )


def _two_sides(reader: Reader) -> Panel:
    lines = sorted(reader.rows("carbon_account"), key=lambda row: row["position"])
    rows = [
        {
            "line": named(row["line_zh"], row["line_en"], row["line_code"]),
            **{key: in_unit(row[key], "tCO2", EMISSION) for key in ("emission", "standard_error", "low", "high")},
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
            made=short_amount(made, "tCO2", EMISSION), used=short_amount(used, "tCO2", EMISSION),
        )  # fmt: skip
    chart = plots.dots(view, "line", Series("emission", low="low", high="high"), finding)
    return Panel("two_sides", ui("panel.two_sides"), finding, chart, view)


def _flows(reader: Reader) -> Panel:
    names = {row["sector_code"]: named(row["name_zh"], row["name_en"], row["sector_code"])
             for row in reader.rows("sector_account")}  # fmt: skip
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
    rows = [{"from": key[0], "to": key[1], "emission": in_unit(size, "tCO2", EMISSION)} for key, size in ordered]
    columns = (
        Column("from", ui("column.emitting_sector")),
        Column("to", ui("column.final_demand")),
        number_column("emission", ui("column.emission"), EMISSION),
    )
    view = TableView(columns, tuple(rows), ("emission_flow",))
    finding = ui("finding.flows", left=rows[0]["from"], right=rows[0]["to"],
                 value=short_amount(ordered[0][1], "tCO2", EMISSION))  # fmt: skip
    chart = plots.sankey(view, "from", "to", "emission", finding)
    return Panel("flows", ui("panel.flows"), finding, chart, view)


def _multipliers(reader: Reader) -> Panel:
    unit = "tCO2/1e4 CNY"
    found = sorted(reader.rows("sector_multiplier"), key=lambda row: -(row["total_intensity"] or row["output_multiplier"] or 0))
    rows = [
        {
            "name": named(row["name_zh"], row["name_en"], row["sector_code"]),
            "total": in_unit(row["total_intensity"], "tCO2/CNY", unit),
            "error": in_unit(row["standard_error"], "tCO2/CNY", unit),
            "direct": in_unit(row["direct_intensity"], "tCO2/CNY", unit),
            "output": row["output_multiplier"],
        }
        for row in found
    ]
    columns = (
        Column("name", ui("column.sector")),
        number_column("total", ui("column.total_intensity"), unit),
        number_column("error", ui("column.standard_error"), unit),
        number_column("direct", ui("column.direct_intensity"), unit),
        number_column("output", ui("column.output_multiplier"), "1", decimals=3),
    )
    view = TableView(columns, tuple(rows), ("sector_multiplier",))
    emitting = any(row["total"] is not None for row in rows)
    finding = ui("finding.multipliers" if emitting else "finding.output_multipliers", name=rows[0]["name"])
    series = [Series("total", error="error"), Series("direct", "--c5")] if emitting else [Series("output")]
    chart = plots.horizontal_bars(view, "name", series, finding, top=12)
    note = ui("note.top", drawn=min(12, len(rows)), all=len(rows))
    return Panel("multipliers", ui("panel.multipliers"), finding, chart, view, note=note)
