"""The core digital economy by district: direct estimate and the model's side by side, and whose error is smaller."""

from __future__ import annotations

from dataclasses import replace

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, area_name
from lvshu.publish.reader import Reader
from lvshu.publish.texts import ui, value_label

TABLE = "digital_economy_district_model"
FIGURES = (
    ("direct_value", "column.direct_estimate"),
    ("direct_error", "column.direct_error_stated"),
    ("value_added", "column.by_model"),
    ("standard_error", "column.model_error"),
    ("low", "column.low"),
    ("high", "column.high"),
)
CODES = ("direct_error_basis", "better", "estimator")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel; none where the published figures carry no model."""
    if not reader.rows(TABLE):
        return ()
    return (replace(panel(reader), method=reader.method_of(TABLE)),)


def panel(reader: Reader) -> Panel:
    """Return the panel of the districts by the model."""
    found = sorted(reader.rows(TABLE), key=lambda row: str(row["district_code"]))
    columns = (
        Column("district", ui("column.district")),
        *(number_column(name, ui(label), MONEY) for name, label in FIGURES),
        Column("direct_error_basis", ui("column.error_basis")),
        Column("better", ui("column.better")),
        Column("estimator", ui("column.estimator")),
    )
    rows = tuple(
        {
            "district": area_name(reader, row["district_code"]),
            **{name: _figure(row, name) for name, _ in FIGURES},
            **{name: None if row[name] is None else value_label(TABLE, name, row[name]) for name in CODES},
        }
        for row in found
    )
    both = [row for row in found if row["better"] is not None]
    finding = ui(
        "finding.digital_districts_model",
        districts=len(found),
        both=len(both),
        better=sum(1 for row in both if row["better"] == "model"),
        alone=len(found) - len(both),
    )
    return Panel(
        "digital_districts_model", ui("panel.digital_districts_model"), finding, None,
        TableView(columns, rows, (TABLE,)), note=ui("note.digital_districts_model"),
    )  # fmt: skip


def _figure(row: Row, name: str) -> Value:
    """Return a figure; a direct one that is missing is withheld, or was not sampled."""
    if row[name] is not None:
        return in_unit(row[name], "CNY", MONEY)
    return Absence.SUPPRESSED if row["direct_status"] == "suppressed" else None
