"""Panel of the core digital economy by district and major, as protected."""

from __future__ import annotations

from typing import Any

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, TOTAL, Row, area_name, named, panel_or_reason
from lvshu.publish.reader import Reader
from lvshu.publish.texts import same, ui

CORE = "core"


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel where the book has the table."""
    if not reader.rows("digital_economy_district"):
        return ()
    needs = ("business_survey",)
    return (
        panel_or_reason(
            reader, "digital_district", table="digital_economy_district", needs=needs, build=_panel
        ),
    )


def _panel(reader: Reader) -> Panel:
    found = reader.rows("digital_economy_district")
    cells = {(row["district_code"], row["class_code"]): row for row in found}
    classes = sorted({row["class_code"] for row in found}, key=lambda code: (code == CORE, code))
    districts = sorted({row["district_code"] for row in found}, key=lambda code: (code == TOTAL, code))
    names = {row["code"]: row for row in reader.rows("digital_economy_account_public")}
    rows: list[dict[str, Any]] = [
        {"district": area_name(reader, code), **{one: _cell(cells.get((code, one))) for one in classes}}
        for code in districts
    ]
    columns = [Column("district", ui("column.district"))]
    for one in classes:
        label = named(names[one]["name_zh"], names[one]["name_en"], one) if one in names else same(one)
        columns.append(number_column(one, label, MONEY))
    totals = frozenset(place for place, code in enumerate(districts) if code == TOTAL)
    view = TableView(tuple(columns), tuple(rows), ("digital_economy_district",), totals=totals)
    hidden = sum(row["status"].startswith("suppressed") for row in found)
    finding = ui("finding.digital_district", districts=len(districts) - len(totals), hidden=hidden)
    return Panel("digital_district", ui("panel.digital_district"), finding, None, view)


def _cell(row: Row | None) -> Value:
    if row is None or row["status"] == "none_sampled":
        return None
    return in_unit(row["value_added"], "CNY", MONEY) if row["status"] == "shown" else Absence.SUPPRESSED
