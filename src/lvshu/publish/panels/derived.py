"""Panel of the derived classifications: value added of whole classes as published, and why others have no figure."""

from __future__ import annotations

from decimal import Decimal

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, TOTAL, Row, named, panel_or_reason, short_amount
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, joined, same, ui, value_label

TABLE = "derived_account_public"
SHOWN, SUPPRESSED, NOT_ESTABLISHED = "shown", "suppressed", "not_established"
INDENT = "\u2003"


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel where the book has the table."""
    if not reader.rows(TABLE):
        return ()
    return (panel_or_reason(reader, "derived", table=TABLE, needs=("business_survey",), build=_panel),)


def _panel(reader: Reader) -> Panel:
    found = _shown(reader.rows(TABLE))
    columns = (
        Column("code", ui("column.code"), code=True),
        Column("name", ui("column.class")),
        number_column("full", ui("column.whole_classes"), MONEY),
        number_column("error", ui("column.standard_error"), MONEY),
        number_column("low", ui("column.low"), MONEY),
        number_column("high", ui("column.high"), MONEY),
        Column("status", ui("column.publication")),
        Column("basis", ui("column.basis_of_table")),
    )
    rows = tuple(
        {
            "code": row["class_code"],
            "name": _name(row),
            "full": _figure(row, "full_value", "value_status"),
            **{
                name: _figure(row, column, "error_status")
                for name, column in (("error", "full_standard_error"), ("low", "low"), ("high", "high"))
            },
            "status": value_label(TABLE, "value_status", row["value_status"]),
            "basis": value_label(TABLE, "basis", row["basis"]),
        }
        for row in found
    )
    view = TableView(columns, rows, (TABLE,))
    return Panel("derived", ui("panel.derived"), _finding(found), None, view, note=ui("note.derived"))


def _finding(found: list[Row]) -> Text:
    """Return which classifications have a figure, and which have no table of industry classes."""
    heads = [row for row in found if row["class_code"] == TOTAL]
    known = [row for row in heads if row["value_status"] == SHOWN]
    without = [row for row in heads if row["basis"] == NOT_ESTABLISHED]
    figures = [
        ui("finding.derived_one", name=_plain(row), amount=short_amount(row["full_value"], "CNY", MONEY))
        for row in known
    ]
    said = ui("finding.derived", figures=joined(figures)) if known else ui("finding.derived_none")
    if not without:
        return said
    names = joined([_plain(row) for row in without])
    return said + same(" ") + ui("finding.derived_without", names=names, count=len(without))


def _shown(rows: list[Row]) -> list[Row]:
    """Return the rows of the table: each classification, then its classes; those with figures come first.

    Of a classification without any figure or withheld one only the line of the whole is shown.
    """
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(str(row["classification"]), []).append(row)
    found: list[Row] = []
    for _, own in sorted(grouped.items(), key=lambda item: (_is_empty(item[1]), item[0])):
        own.sort(key=lambda row: (row["class_code"] != TOTAL, str(row["class_code"])))
        found += [row for row in own if row["class_code"] == TOTAL] if _is_empty(own) else own
    return found


def _is_empty(rows: list[Row]) -> bool:
    return not any(row["value_status"] in (SHOWN, SUPPRESSED) for row in rows)


def _plain(row: Row) -> Text:
    return named(row["name_zh"], row["name_en"], row["class_code"])


def _name(row: Row) -> Text:
    return same(INDENT * int(row["depth"])) + _plain(row)


def _figure(row: Row, column: str, status: str) -> Value:
    """Return a figure: withheld, not there because the classes are not known or only starred, or not sampled."""
    if row[status] == SHOWN:
        found: Decimal | None = in_unit(row[column], "CNY", MONEY)
        return found
    if row[status] == SUPPRESSED:
        return Absence.SUPPRESSED
    return Absence.NOT_APPLICABLE if row[status] in ("none_whole", NOT_ESTABLISHED) else None
