"""Panels of monthly indicators: raw and seasonally adjusted in one chart, with factors and measures beside."""

from __future__ import annotations

from decimal import Decimal

from lvshu.core.units import registry
from lvshu.publish import plots
from lvshu.publish.display import period_label
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, panel_or_reason
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, same, ui

MOST = 12
SHOWN_UNITS = {"CNY": MONEY}


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return a panel for each adjusted indicator; one that says why where there is none."""
    codes = sorted({row["indicator_code"] for row in reader.rows("seasonal_series")})[:MOST]
    if not codes:
        needs = ("monthly_indicator",)
        return (
            panel_or_reason(
                reader, "seasonal", table="seasonal_series", needs=needs, build=lambda one: _panel(one, "")
            ),
        )
    method = reader.method_of("seasonal_series")
    return tuple(_panel(reader, code, method) for code in codes)


def _panel(reader: Reader, code: str, method: str = "") -> Panel:
    found = [row for row in reader.rows("seasonal_series") if row["indicator_code"] == code]
    found.sort(key=lambda row: row["month"])
    unit = found[0]["unit"]
    display = SHOWN_UNITS.get(unit, unit)
    known = display in registry()
    rows = [
        {
            "month": _month(row["month"]),
            **{
                key: in_unit(row[key], unit, display) if known else row[key]
                for key in ("adjusted", "raw", "trend")
            },
            "seasonal": row["seasonal_factor"],
            "calendar": row["calendar_factor"],
            "change": row["change_on_month"],
        }
        for row in found
    ]
    columns = (
        Column("month", ui("column.month")),
        number_column("adjusted", ui("column.adjusted"), display),
        number_column("raw", ui("column.raw"), display),
        number_column("trend", ui("column.trend"), display),
        number_column("seasonal", ui("column.seasonal_factor"), "1", decimals=4),
        number_column("calendar", ui("column.calendar_factor"), "1", decimals=4),
        number_column("change", ui("column.change_on_month"), "%", decimals=2),
    )
    view = TableView(columns, tuple(rows), ("seasonal_series", "seasonal_quality"))
    name = code_label("monthly_indicator", code)
    finding = _finding(reader, code, found[-1])
    chart = plots.lines_over_time(view, "month", [Series("adjusted"), Series("raw", thin=True)], finding)
    title = ui("panel.seasonal_of", indicator=name)
    return Panel(f"seasonal_{code}", title, finding, chart, view, method=method, note=ui("note.seasonal"))


def _month(text: str) -> Text:
    return Text(period_label(text, "zh"), period_label(text, "en"))


def _finding(reader: Reader, code: str, last: Row) -> Text:
    measures = [row for row in reader.rows("seasonal_quality") if row["indicator_code"] == code]
    q = next((row["value"] for row in measures if row["measure"] == "q"), None)
    change = last["change_on_month"]
    told = "–" if change is None else f"{Decimal(repr(float(change))):+.2f}%"
    return ui(
        "finding.seasonal",
        month=_month(last["month"]),
        change=told,
        model=same(measures[0]["model"]) if measures else same("–"),
        quality=same("Q = –" if q is None else f"Q = {q:.2f}"),
    )
