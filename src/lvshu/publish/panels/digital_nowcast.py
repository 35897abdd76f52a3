"""The core digital economy of the first year without an account: the nowcast beside the accounts, and its trials."""

from __future__ import annotations

from lvshu.publish import plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, panel_or_reason, short_amount
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, same, ui, value_label

TABLE, ACCOUNT = "digital_core_nowcast", "account"
AMOUNTS = (("value", "value_added"), ("low", "low"), ("high", "high"), ("told", "told"))
SHARES = ("growth", "ratio_error", "carried_error", "months_error")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel where the book has a nowcast."""
    if not reader.rows(TABLE):
        return ()
    made = panel_or_reason(reader, "digital_nowcast", table=TABLE, needs=("monthly_indicator",), build=_panel)
    return (made,)


def _panel(reader: Reader) -> Panel:
    found = sorted(reader.rows(TABLE), key=lambda row: int(row["year"]))
    columns = (
        Column("year", ui("column.figure_year")),
        Column("state", ui("column.status")),
        number_column("value", ui("column.value_added"), MONEY),
        number_column("low", ui("column.low"), MONEY),
        number_column("high", ui("column.high"), MONEY),
        number_column("growth", ui("column.growth_on_year"), "%", decimals=2),
        number_column("known_months", ui("column.known_months"), "1", decimals=0),
        number_column("told", ui("column.nowcast_told"), MONEY),
        number_column("ratio_error", ui("column.nowcast_ratio_error"), "%", decimals=2),
        number_column("carried_error", ui("column.nowcast_carried_error"), "%", decimals=2),
        number_column("months_error", ui("column.nowcast_months_error"), "%", decimals=2),
    )
    rows = tuple(
        {
            "year": _year(row),
            "state": value_label(TABLE, "state", row["state"]),
            **{name: in_unit(row[column], "CNY", MONEY) for name, column in AMOUNTS},
            **{name: row[name] for name in SHARES},
            "known_months": row["known_months"],
        }
        for row in found
    )
    view = TableView(columns, rows, (TABLE,))
    finding = _finding(found[-1])
    chart = plots.horizontal_bars(view, "year", [Series("value", low="low", high="high")], finding)
    title, note = ui("panel.digital_nowcast"), ui("note.digital_nowcast")
    return Panel("digital_nowcast", title, finding, chart, view, note=note)


def _year(row: Row) -> Text:
    """Return the year; in the chart, too, what is no account says so."""
    year = str(row["year"])
    if row["state"] == ACCOUNT:
        return same(year)
    kind = value_label(TABLE, "state", row["state"])
    return Text(f"{year}{kind.zh}", f"{year} {kind.en}")


def _finding(row: Row) -> Text:
    """Return what the nowcast says, with its interval or that the error is not known."""
    values = {
        "year": row["year"], "kind": value_label(TABLE, "state", row["state"]), "months": row["known_months"],
        "value": short_amount(row["value_added"], "CNY", MONEY),
    }  # fmt: skip
    if row["low"] is None:
        return ui("finding.digital_nowcast_alone", **values)
    low, high = (short_amount(row[end], "CNY", MONEY) for end in ("low", "high"))
    return ui("finding.digital_nowcast", **values, low=low, high=high)
