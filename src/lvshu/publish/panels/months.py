"""Panels of what the desks give by month: flexible employment under its definitions, and the core digital economy."""

from __future__ import annotations

from lvshu.publish import plots
from lvshu.publish.display import Value, period_label
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, panel_or_reason, short_amount
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, ui, value_label

FLEXIBLE, DIGITAL = "flexible_employment_month", "digital_core_month"
HEADLINE, SURVEY, REGISTER = "corrected_total", "survey_flexible", "register_platform"
BENCHMARKED = "benchmarked"
TOO_FEW = 2


def flexible_panels(reader: Reader, unit: str) -> tuple[Panel, ...]:
    """Return the panel of flexible employment where the book has months; unit: in which persons are shown."""
    if not reader.rows(FLEXIBLE):
        return ()
    made = panel_or_reason(
        reader,
        "flexible_months",
        table=FLEXIBLE,
        needs=("labour_survey",),
        build=lambda one: _flexible(one, unit),
    )
    return (made,)


def digital_panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel of the core digital economy where the book has months."""
    if not reader.rows(DIGITAL):
        return ()
    return (
        panel_or_reason(
            reader, "digital_months", table=DIGITAL, needs=("monthly_indicator",), build=_digital
        ),
    )


def _flexible(reader: Reader, unit: str) -> Panel:
    cells = {(row["month"], row["definition_code"]): row for row in reader.rows(FLEXIBLE)}
    months = sorted({month for month, _ in cells})
    decimals = 0 if unit == "person" else None
    figures = (
        ("flexible", HEADLINE, "persons", ui("column.flexible")),
        ("low", HEADLINE, "low", ui("column.low")),
        ("high", HEADLINE, "high", ui("column.high")),
        ("change", HEADLINE, "change", ui("column.change_persons")),
        ("change_error", HEADLINE, "change_standard_error", ui("column.change_error")),
        ("survey", SURVEY, "persons", ui("column.by_survey")),
        ("register", REGISTER, "persons", ui("column.in_register")),
    )
    columns = (
        Column("month", ui("column.month")),
        *(number_column(name, label, unit, decimals=decimals) for name, _, _, label in figures),
        Column("status", ui("column.status")),
    )
    rows = tuple(
        {
            "month": _month(month),
            **{name: _persons(cells.get((month, code)), column, unit) for name, code, column, _ in figures},
            "status": _status(cells, month),
        }
        for month in months
    )
    surveyed = [month for month in months if (month, SURVEY) in cells]
    view = TableView(columns, rows, (FLEXIBLE,))
    finding = ui("finding.flexible_months", surveyed=len(surveyed), months=len(months))
    chart = None
    if len(surveyed) >= TOO_FEW:  # of a single month a line would show the register alone, under another name
        drawn = [Series("flexible", low="low", high="high"), Series("register", thin=True)]
        chart = plots.lines_over_time(view, "month", drawn, finding)
    title = ui("panel.flexible_months")
    return Panel("flexible_months", title, finding, chart, view, note=ui("note.flexible_months"))


def _status(cells: dict[tuple[str, str], Row], month: str) -> Text | None:
    row = cells.get((month, HEADLINE)) or cells.get((month, SURVEY))
    return None if row is None else value_label(FLEXIBLE, "status", row["status"])


def _persons(row: Row | None, column: str, unit: str) -> Value:
    if row is None or row[column] is None:
        return None
    return in_unit(row[column], "person", unit)


def _digital(reader: Reader) -> Panel:
    found = sorted(reader.rows(DIGITAL), key=lambda row: str(row["month"]))
    columns = (
        Column("month", ui("column.month")),
        number_column("value", ui("column.value_added"), MONEY),
        number_column("low", ui("column.low"), MONEY),
        number_column("high", ui("column.high"), MONEY),
        number_column("adjusted", ui("column.adjusted"), MONEY),
        number_column("ratio", ui("column.ratio_to_indicator"), "1", decimals=4),
        Column("status", ui("column.status")),
    )
    money = (("value", "value_added"), ("low", "low"), ("high", "high"), ("adjusted", "adjusted"))
    rows = tuple(
        {
            "month": _month(row["month"]),
            **{name: in_unit(row[column], "CNY", MONEY) for name, column in money},
            "ratio": row["ratio"],
            "status": value_label(DIGITAL, "status", row["status"]),
        }
        for row in found
    )
    view = TableView(columns, rows, (DIGITAL,))
    held = [row for row in found if row["status"] == BENCHMARKED]
    finding = NO_TEXT
    if held:
        year = str(held[-1]["month"])[:4]
        whole = sum(row["value_added"] for row in held if str(row["month"]).startswith(year))
        last = _month(found[-1]["month"])
        amount = short_amount(found[-1]["value_added"], "CNY", MONEY)
        finding = ui(
            "finding.digital_months",
            year=year,
            whole=short_amount(whole, "CNY", MONEY),
            month=last,
            amount=amount,
        )
    chart = plots.lines_over_time(view, "month", [Series("adjusted"), Series("value", thin=True)], finding)
    title = ui("panel.digital_months")
    return Panel("digital_months", title, finding, chart, view, note=ui("note.digital_months"))


def _month(text: str) -> Text:
    return Text(period_label(text, "zh"), period_label(text, "en"))
