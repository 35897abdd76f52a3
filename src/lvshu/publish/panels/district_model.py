"""Flexible employment by district: the direct estimate and the model's side by side, and whose error is smaller."""

from __future__ import annotations

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import Row, area_name
from lvshu.publish.reader import Reader
from lvshu.publish.texts import ui, value_label

TABLE = "flexible_employment_district_model"
FIGURES = ("persons", "low", "high", "direct_persons", "direct_smoothed_error", "standard_error")


def panel(reader: Reader, unit: str) -> Panel:
    """Return the panel; unit: in which persons are shown."""
    found = sorted(reader.rows(TABLE), key=lambda row: str(row["district_code"]))
    decimals = 0 if unit == "person" else None
    columns = (
        Column("district", ui("column.district")),
        number_column("direct_persons", ui("column.direct_estimate"), unit, decimals=decimals),
        number_column("direct_smoothed_error", ui("column.direct_error"), unit, decimals=decimals),
        number_column("persons", ui("column.by_model"), unit, decimals=decimals),
        number_column("standard_error", ui("column.model_error"), unit, decimals=decimals),
        number_column("low", ui("column.low"), unit, decimals=decimals),
        number_column("high", ui("column.high"), unit, decimals=decimals),
        Column("better", ui("column.better")),
        Column("estimator", ui("column.estimator")),
    )
    rows = tuple(
        {
            "district": area_name(reader, row["district_code"]),
            **{name: _figure(row, name, unit) for name in FIGURES},
            "better": None if row["better"] is None else value_label(TABLE, "better", row["better"]),
            "estimator": value_label(TABLE, "estimator", row["estimator"]),
        }
        for row in found
    )
    both = [row for row in found if row["direct_persons"] is not None]
    finding = ui(
        "finding.districts_model",
        districts=len(found),
        both=len(both),
        better=sum(1 for row in both if row["better"] == "model"),
        alone=len(found) - len(both),
    )
    return Panel(
        "districts_model", ui("panel.districts_model"), finding, None, TableView(columns, rows, (TABLE,)),
        note=ui("note.districts_model"),
    )  # fmt: skip


def _figure(row: Row, name: str, unit: str) -> Value:
    """Return a figure; a direct one that is missing is withheld."""
    return Absence.SUPPRESSED if row[name] is None else in_unit(row[name], "person", unit)
