"""Platform workers by month and district: a table of months, and the latest month drawn."""

from __future__ import annotations

from lvshu.publish import plots
from lvshu.publish.display import Absence, Value, period_label
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import TOTAL, Row, area_name, panel_or_reason
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, ui

TABLE, SHOWN = "platform_worker_public", "shown"


def panels(reader: Reader, unit: str) -> tuple[Panel, ...]:
    """Return the panel where the book has workers by month; unit: in which persons are shown."""
    if not reader.rows(TABLE):
        return ()
    made = panel_or_reason(
        reader, "flexible_workers", table=TABLE, needs=("platform_work_record",),
        build=lambda one: _panel(one, unit),
    )  # fmt: skip
    return (made,)


def _panel(reader: Reader, unit: str) -> Panel:
    cells = {(row["month"], row["district_code"]): row for row in reader.rows(TABLE)}
    months = sorted({month for month, _ in cells})
    districts = sorted({district for _, district in cells} - {TOTAL})
    decimals = 0 if unit == "person" else None
    columns = (
        Column("district", ui("column.district")),
        *(number_column(month, _month(month), unit, decimals=decimals) for month in months),
    )
    rows = tuple(
        {
            "district": ui("row.whole_city") if district == TOTAL else area_name(reader, district),
            **{month: _workers(cells.get((month, district)), unit) for month in months},
        }
        for district in (*districts, TOTAL)
    )
    view = TableView(columns, rows, (TABLE,), totals=frozenset({len(rows) - 1}))
    hidden = sum(1 for (_, district), row in cells.items() if district != TOTAL and row["status"] != SHOWN)
    finding = ui(
        "finding.flexible_workers", districts=len(districts), months=len(months), hidden=hidden,
        of=len(cells) - len(months),
    )  # fmt: skip
    told = ui("chart.flexible_workers", month=_month(months[-1]))
    chart = plots.horizontal_bars(view, "district", [Series(months[-1])], told)
    title, note = ui("panel.flexible_workers"), ui("note.flexible_workers", month=_month(months[-1]))
    return Panel("flexible_workers", title, finding, chart, view, note=note)


def _workers(row: Row | None, unit: str) -> Value:
    if row is None:
        return None
    return in_unit(row["workers"], "person", unit) if row["status"] == SHOWN else Absence.SUPPRESSED


def _month(text: str) -> Text:
    return Text(period_label(text, "zh"), period_label(text, "en"))
