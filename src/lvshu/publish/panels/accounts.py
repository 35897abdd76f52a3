"""Chapter accounts: production, circulation, consumption; who emits, for whom; how the two inventories differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, Section, TableView, in_unit, number_column
from lvshu.publish.panels import circularity, energy, footprints, inventories
from lvshu.publish.panels.base import (
    EMISSION,
    MONEY,
    Row,
    first_few,
    named,
    panel_or_reason,
    reasons_together,
    share,
    summed,
)
from lvshu.publish.panels.checks import checks_panel, comparison_panel
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, ui

IO = "io_cell"
BALANCE = "energy_balance_cell"
SPHERES = ("production", "circulation", "consumption", "unassigned")
MEASURES = ("output", "value_added", "energy", "direct_emission", "final_consumption")
DISPLAY = {"CNY": MONEY, "tCO2": EMISSION, "tce": "1e4 tce"}
DRAWN_SECTORS = 15


def section(reader: Reader) -> Section:
    """Return the chapter on the accounts."""
    both = (IO, BALANCE)
    panels = (
        panel_or_reason(reader, "spheres", table="sphere_account", needs=(IO,), build=_spheres),
        panel_or_reason(reader, "sectors", table="sector_account", needs=both, build=_sectors),
        panel_or_reason(
            reader, "fuels", table="carbon_inventory", needs=(BALANCE,), build=inventories.fuels, half=True
        ),
        panel_or_reason(
            reader, "items", table="carbon_inventory", needs=(BALANCE,), build=inventories.items, half=True
        ),
        panel_or_reason(reader, "gap", table="carbon_gap", needs=(BALANCE,), build=inventories.gap),
        panel_or_reason(reader, "footprint", table="footprint", needs=both, build=footprints.footprint),
        panel_or_reason(reader, "two_sides", table="carbon_account", needs=both, build=footprints.two_sides),
        panel_or_reason(reader, "flows", table="emission_flow", needs=both, build=footprints.flows),
        panel_or_reason(reader, "multipliers", table="sector_multiplier", needs=(IO,), build=_multipliers),
        *energy.panels(reader),
        *circularity.panels(reader),
        comparison_panel(reader),
        checks_panel(reader),
    )
    return Section("accounts", ui("section.accounts"), ui("lead.accounts"), reasons_together(panels))


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
    chart = plots.horizontal_bars(
        TableView(view.columns, drawn, view.source), "measure", series, finding, stacked=True
    )
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
            **{key: in_unit(row[key], "tCO2", EMISSION) for key in ("low", "high")},
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
        names=first_few(largest, 3),
        share=share(part, summed(accounts, leading)),
    )
    series = [Series("direct"), Series("electricity", "--c5")] if emitting else [Series("value_added")]
    if emitting and all(row["electricity"] is None for row in rows):
        series = [Series("direct", low="low", high="high")]
    chart = plots.horizontal_bars(view, "name", series, finding, stacked=True, top=DRAWN_SECTORS)
    note = drawn_of_all(DRAWN_SECTORS, len(rows))
    return Panel("sectors", ui("panel.sectors"), finding, chart, view, note=note)


def drawn_of_all(drawn: int, rows: int) -> Text:
    """Return what a chart leaves to its table; nothing where it draws all rows."""
    return ui("note.top", drawn=drawn, all=rows) if rows > drawn else NO_TEXT


def _sector_columns() -> tuple[Column, ...]:
    return (
        Column("code", ui("column.code"), code=True),
        Column("name", ui("column.sector")),
        Column("sphere", ui("column.sphere")),
        number_column("direct", ui("column.direct"), EMISSION),
        number_column("low", ui("column.low"), EMISSION),
        number_column("high", ui("column.high"), EMISSION),
        number_column("electricity", ui("column.electricity"), EMISSION),
        number_column("energy", ui("column.energy"), "1e4 tce"),
        number_column("value_added", ui("column.value_added"), MONEY),
        number_column("output", ui("column.output"), MONEY),
    )


def _multipliers(reader: Reader) -> Panel:
    unit = "tCO2/1e4 CNY"
    found = sorted(
        reader.rows("sector_multiplier"),
        key=lambda row: -(row["total_intensity"] or row["output_multiplier"] or 0),
    )
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
    note = drawn_of_all(12, len(rows))
    return Panel("multipliers", ui("panel.multipliers"), finding, chart, view, note=note)
