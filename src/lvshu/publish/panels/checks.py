"""Panels on what does not add up: published figures against ours, and the balances of the tables themselves."""

from __future__ import annotations

from decimal import Decimal

from lvshu.publish.model import Cell, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, named, panel_or_reason
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, same, ui, unit_label, value_label

SHOWN = 60


def comparison_panel(reader: Reader) -> Panel:
    """Return the panel that sets published figures beside the book's own."""
    return panel_or_reason(
        reader, "published", table="published_comparison", needs=("published_total",), build=_comparison
    )


def _comparison(reader: Reader) -> Panel:
    found = reader.rows("published_comparison")
    rows = [
        {
            "code": value_label("published_total", "code", row["code"]),
            "unit": unit_label(row["unit"]),
            "published": row["published"],
            "computed": row["computed"],
            "difference": row["difference"],
            "percent": row["difference_percent"],
            "source": row["source"],
        }
        for row in found
    ]
    columns = (
        Column("code", ui("column.indicator")),
        Column("unit", ui("column.unit")),
        number_column("published", ui("column.published"), "1", decimals=2),
        number_column("computed", ui("column.computed"), "1", decimals=2),
        number_column("difference", ui("column.difference"), "1", decimals=2),
        number_column("percent", ui("column.relative_difference"), "%", decimals=3),
        Column("source", ui("column.source")),
    )
    known = [row for row in found if row["difference_percent"] is not None]
    worst = max((abs(row["difference_percent"]) for row in known), default=0.0)
    finding = ui("finding.published", count=len(known), worst=f"{worst:.3f}")
    view = TableView(columns, tuple(rows), ("published_comparison",))
    return Panel("published", ui("panel.published"), finding, None, view)


def checks_panel(reader: Reader) -> Panel:
    """Return the panel on the balances of the input-output table and the energy balance."""
    money, energy = reader.rows("io_balance_check"), reader.rows("energy_balance_check")
    title = ui("panel.checks")
    if not money and not energy:
        needs = ("io_cell", "energy_balance_cell")
        reason = reader.why_empty("io_balance_check", needs, title)
        return Panel("checks", title, empty=reason, missing=reader.missing(needs))
    off = [row for row in [*money, *energy] if row["difference"]]
    ordered = sorted(off, key=lambda row: -_weight(row))
    rows = [_check_row(reader, row) for row in ordered[:SHOWN]]
    columns = (
        Column("check", ui("column.check")),
        Column("what", ui("column.line")),
        Column("unit", ui("column.unit")),
        number_column("stated", ui("column.stated"), "1", decimals=2),
        number_column("computed", ui("column.computed"), "1", decimals=2),
        number_column("difference", ui("column.difference"), "1", decimals=2),
        number_column("percent", ui("column.relative_difference"), "%", decimals=3),
    )
    checked = len(money) + len(energy)
    if not off:
        return Panel(
            "checks", title, ui("finding.all_balance", checked=checked), note=ui("note.never_repaired")
        )
    finding = ui("finding.checks", checked=checked, off=len(off))
    note = (
        ui("note.left_out", count=len(off) - len(rows)) if len(off) > len(rows) else ui("note.never_repaired")
    )
    sources = tuple(
        name for name, found in (("io_balance_check", money), ("energy_balance_check", energy)) if found
    )
    view = TableView(columns, tuple(rows), sources, left_out=len(off) - len(rows))
    return Panel("checks", title, finding, None, view, note=note)


def _weight(row: Row) -> float:
    size = max(abs(float(row["stated"] or 0)), abs(float(row["computed"] or 0)))
    return abs(float(row["difference"])) / size if size else 0.0


_LARGER = {"t": "1e4 t", "m3": "1e8 m3", "kWh": "1e8 kWh", "tce": "1e4 tce", "GJ": "1e10 kJ"}


def _check_row(reader: Reader, row: Row) -> dict[str, Cell]:
    if "fuel_code" in row:
        unit = str(row["unit"])
        shown = _LARGER.get(unit, unit)
        item = _pack_name(reader, "energy_balance_items", "item_code", row["item_code"])
        what = item + same(" · ") + _pack_name(reader, "energy_fuels", "fuel_code", row["fuel_code"])
    else:
        unit, shown = "CNY", MONEY
        what = same(f"{row['code']} {row['name_zh'] or ''}".strip())
    values = {key: in_unit(row[key], unit, shown) for key in ("stated", "computed", "difference")}
    base = values["computed"] or values["stated"]
    percent = Decimal(100) * (values["difference"] or Decimal(0)) / abs(base) if base else None
    check = code_label("check_code", row["check_code"])
    return {"check": check, "what": what, "unit": unit_label(shown), "percent": percent, **values}


def _pack_name(reader: Reader, pack: str, key: str, code: str) -> Text:
    for row in reader.pack_rows(pack, **{key: code}):
        return named(row["name_zh"], row["name_en"], code)
    return same(code)
