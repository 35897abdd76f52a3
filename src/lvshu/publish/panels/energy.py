"""Panels on energy and CO2 beyond the inventory: direct and indirect, the GPC table, targets, the monthly estimate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column, total
from lvshu.publish.panels.base import EMISSION, Row, area_name, named, panel_or_reason, share, short_amount
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, period_text, same, ui, unit_label, value_label

BALANCE = ("energy_balance_cell",)
EQUIVALENT = "1e4 tCO2e"
PERCENTAGES = ("annual_reduction", "reduction", "annualised_path", "target", "gap", "forecast", "forecast_low",
               "forecast_high", "needed_rate")  # fmt: skip


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on energy and CO2, in the order of the page."""
    return (
        panel_or_reason(reader, "city_emission", table="city_emission", needs=BALANCE, build=_city),
        panel_or_reason(reader, "gpc", table="gpc_inventory", needs=BALANCE, build=_gpc),
        panel_or_reason(reader, "dual_control", table="dual_control_scorecard",
                        needs=("dual_control_year", "dual_control_target"), build=_targets),
        panel_or_reason(reader, "quick_estimate", table="quick_estimate", needs=("energy_month",), build=_months),
    )  # fmt: skip


def _city(reader: Reader) -> Panel:
    found = sorted(reader.rows("city_emission"), key=lambda row: row["position"])
    rows: list[dict[str, Any]] = [
        {"kind": value_label("city_emission", "kind", row["kind"]),
         "name": named(row["line_zh"], row["line_en"], row["line_code"]),
         "value": in_unit(row["emission"], "tCO2", EMISSION), "note": named(row["note_zh"], row["note_en"], "")}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("kind", ui("column.view")),
        Column("name", ui("column.line")),
        number_column("value", ui("column.emission"), EMISSION),
        Column("note", ui("column.definition")),
    )
    totals = frozenset(place for place, row in enumerate(found) if row["kind"] == "total")
    view = TableView(columns, tuple(rows), ("city_emission",), totals)
    by_kind = {
        kind: total([row["emission"] for row in found if row["kind"] == kind])
        for kind in ("direct", "indirect")
    }
    finding = ui("finding.city_emission", **{kind: _amount(value) for kind, value in by_kind.items()})
    drawn = TableView(columns, tuple(row for row, one in zip(rows, found, strict=True) if one["kind"] != "total"),
                      view.source)  # fmt: skip
    chart = plots.horizontal_bars(drawn, "name", [Series("value")], finding)
    return Panel(
        "city_emission", ui("panel.city_emission"), finding, chart, view, note=ui("note.city_emission")
    )


def _amount(value: Decimal | None) -> Text:
    return share(None, None) if value is None else short_amount(value, "tCO2", EMISSION)


def _gpc(reader: Reader) -> Panel:
    found = sorted(reader.rows("gpc_inventory"), key=lambda row: row["position"])
    rows: list[dict[str, Any]] = [
        {"ref": row["gpc_ref"], "name": named(row["name_zh"], row["name_en"], row["gpc_ref"]),
         "scope": str(row["scope"]), "level": row["level"], "value": in_unit(row["emission"], "tCO2e", EQUIVALENT),
         "notation": row["notation_key"] or "", "note": named(row["note_zh"], row["note_en"], "")}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("ref", ui("column.gpc_ref"), code=True), Column("name", ui("column.source_of_emission")),
        Column("scope", ui("column.scope")), Column("level", ui("column.reporting_level")),
        number_column("value", ui("column.emission"), EQUIVALENT), Column("notation", ui("column.notation")),
        Column("note", ui("column.definition")),
    )  # fmt: skip
    view = TableView(columns, tuple(rows), ("gpc_inventory",))
    missing = sum(1 for row in found if row["notation_key"] == "NE")
    basic = total([row["emission"] for row in found if row["level"] == "BASIC"])
    finding = ui("finding.gpc", basic=share(None, None) if basic is None else short_amount(basic, "tCO2e", EQUIVALENT),
                 missing=missing)  # fmt: skip
    stacked = _gpc_by_scope(found)
    chart = plots.horizontal_bars(stacked, "sector", [Series(f"scope{number}") for number in (1, 2, 3)], finding,
                                  stacked=True)  # fmt: skip
    return Panel("gpc", ui("panel.gpc"), finding, chart, view, note=ui("note.gpc"))


def _gpc_by_scope(found: list[Row]) -> TableView:
    sectors = list(dict.fromkeys(row["sector"] for row in found))
    rows = []
    for sector in sectors:
        row: dict[str, Any] = {"sector": value_label("gpc_inventory", "sector", sector)}
        for number in (1, 2, 3):
            chosen = (one for one in found if (one["sector"], one["scope"]) == (sector, number))
            whole = total([one["emission"] for one in chosen if one["level"] != "territorial"])
            row[f"scope{number}"] = None if whole is None else in_unit(whole, "tCO2e", EQUIVALENT)
        if any(row[f"scope{number}"] is not None for number in (1, 2, 3)):
            rows.append(row)
    columns = (Column("sector", ui("column.gpc_sector")),
               *(number_column(f"scope{number}", ui("column.scope_number", number=number), EQUIVALENT)
                 for number in (1, 2, 3)))  # fmt: skip
    return TableView(columns, tuple(rows), ("gpc_inventory",))


def _targets(reader: Reader) -> Panel:
    everything = reader.rows("dual_control_scorecard")
    latest = max(row["year"] for row in everything)
    found = sorted((row for row in everything if row["year"] == latest),
                   key=lambda row: (row["indicator"], row["area_code"]))  # fmt: skip
    rows = [
        {"area": area_name(reader, row["area_code"]),
         "indicator": value_label("dual_control_scorecard", "indicator", row["indicator"]),
         "level": row["level"], "unit": unit_label(row["unit"]),
         **{key: _percent(row[key]) for key in PERCENTAGES},
         "light": value_label("dual_control_scorecard", "light", row["light"])}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("area", ui("column.area")), Column("indicator", ui("column.indicator")),
        number_column("level", ui("column.value"), "1"), Column("unit", ui("column.unit")),
        *(number_column(key, column_label("dual_control_scorecard", key), "%", decimals=2) for key in PERCENTAGES),
        Column("light", ui("column.light")),
    )  # fmt: skip
    view = TableView(columns, tuple(rows), ("dual_control_scorecard",))
    behind = [row for row in found if row["light"] == "behind"]
    finding = ui("finding.dual_control", count=len(found), behind=len(behind), year=latest)
    drawn = TableView(columns, tuple(_told_apart(rows)), view.source)
    series = [Series("reduction"), Series("annualised_path", "--c5")]
    chart = plots.horizontal_bars(drawn, "area", series, finding)
    return Panel("dual_control", ui("panel.dual_control"), finding, chart, view, note=ui("note.dual_control"))


def _told_apart(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows for a chart: an area with several indicators has each of them under a name of its own."""
    areas = [row["area"] for row in rows]
    return [
        {**row, "area": row["area"] + Text("：", ": ") + row["indicator"]}
        if areas.count(row["area"]) > 1
        else row
        for row in rows
    ]


def _percent(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(100.0 * value))


def _months(reader: Reader) -> Panel:
    sets = ("calibrated", "target_assessment", "older_notices")
    everything = reader.rows("quick_estimate")
    known = list(dict.fromkeys(row["factor_set"] for row in everything))
    ordered = [one for one in sets if one in known] + [one for one in known if one not in sets]
    area = min(row["area_code"] for row in everything)
    mine = [row for row in everything if row["area_code"] == area]
    months = sorted({row["month"] for row in mine})
    cells = {(row["month"], row["factor_set"]): row for row in mine}
    rows: list[dict[str, Any]] = []
    for month in months:
        row: dict[str, Any] = {"month": month}
        for one in ordered:
            cell = cells.get((month, one))
            row[one] = None if cell is None else in_unit(cell["emission"], "tCO2", EMISSION)
        first = cells.get((month, ordered[0]))
        row["change"] = None if first is None else _percent(first["change"])
        row["cumulative_change"] = None if first is None else _percent(first["cumulative_change"])
        rows.append(row)
    columns = (
        Column("month", ui("column.month")),
        *(number_column(one, value_label("quick_estimate", "factor_set", one), EMISSION) for one in ordered),
        number_column("change", ui("column.change_on_year"), "%", decimals=1),
        number_column("cumulative_change", ui("column.cumulative_change"), "%", decimals=1),
    )  # fmt: skip
    view = TableView(columns, tuple(rows), ("quick_estimate",))
    last = max((row for row in mine if row["factor_set"] == ordered[0]), key=lambda row: row["month"])
    cumulative = short_amount(last["cumulative"], "tCO2", EMISSION)
    change = _signed(last["cumulative_change"])
    finding = ui("finding.quick_estimate", month=period_text(last["month"]), value=cumulative, change=change)
    chart = plots.columns_over_time(view, "month", [Series(ordered[0])], finding)
    return Panel(
        "quick_estimate", ui("panel.quick_estimate"), finding, chart, view, note=ui("note.quick_estimate")
    )


def _signed(value: float | None) -> Text:
    """Return a change in percent with its sign."""
    return same("+") + _share(value) if value is not None and value > 0 else _share(value)


def _share(value: float | None) -> Text:
    return share(None, None) if value is None else share(Decimal(repr(value)), Decimal(1))
