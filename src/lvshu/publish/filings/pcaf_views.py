"""Tables of the PCAF disclosure: physical intensity, phase-in of scope 3, Parts B and C."""

from __future__ import annotations

from lvshu.publish.filings.context import Asked
from lvshu.publish.filings.words import word
from lvshu.publish.model import Column, TableView, in_unit, number_column
from lvshu.publish.panels.base import FINANCED, MONEY, grouped, named, summed
from lvshu.publish.texts import Text, column_label, same, unit_label, value_label


def physical(asked: Asked) -> TableView:
    """Return financed emission per unit of financed output or floor area."""
    table = "physical_intensity"
    rows = asked.own_row(table, method=asked.method)
    found = tuple(
        {
            "activity": _activity(asked, str(row["activity"])),
            "unit": unit_label(row["unit"]),
            "positions": row["positions"],
            "outstanding": in_unit(row["outstanding_amount"], "CNY", MONEY),
            "financed": row["financed_activity"],
            "emission": in_unit(row["emission"], "tCO2e", FINANCED),
            "intensity": row["intensity"],
        }
        for row in sorted(rows, key=lambda row: str(row["activity"]))
    )
    columns = (
        Column("activity", column_label(table, "activity")),
        Column("unit", column_label(table, "unit")),
        number_column("positions", column_label(table, "positions"), "1", decimals=0),
        number_column("outstanding", column_label(table, "outstanding_amount"), MONEY, decimals=2),
        number_column("financed", column_label(table, "financed_activity"), "", decimals=2),
        number_column("emission", column_label(table, "emission"), FINANCED, decimals=4),
        number_column("intensity", column_label(table, "intensity"), "tCO2e", decimals=4),
    )
    return TableView(columns, found, (table,))


def _activity(asked: Asked, code: str) -> Text:
    if code == "floor_area":
        return word("floor_area")
    for row in asked.reader.pack_rows("product_factors", product_code=code):
        return named(row.get("name_zh"), row.get("name_en"), code)
    return same(code)


def phase_in(asked: Asked) -> TableView:
    """Return, by first year of the requirement, how much of the loans has scope 3."""
    table = "scope3_phase_in"
    found = []
    for (first, required), group in sorted(
        grouped(asked.rows(table, method=asked.method), "required_from", "required").items()
    ):
        whole, known = summed(group, "outstanding_amount"), summed(group, "outstanding_scope3")
        found.append({
            "from": same(first),
            "required": required,
            "divisions": len({row["gbt4754_division"] for row in group}),
            "outstanding": in_unit(whole, "CNY", MONEY),
            "share": None if not whole else (known or 0) * 100 / whole,
            "scope3": in_unit(summed(group, "scope3"), "tCO2e", FINANCED),
        })  # fmt: skip
    columns = (
        Column("from", column_label(table, "required_from")),
        Column("required", column_label(table, "required")),
        number_column("divisions", word("divisions"), "1", decimals=0),
        number_column("outstanding", column_label(table, "outstanding_amount"), MONEY, decimals=2),
        number_column("share", word("with_scope3"), "%", decimals=1),
        number_column("scope3", column_label(table, "scope3"), FINANCED, decimals=4),
    )
    return TableView(columns, tuple(found), (table,))


def facilitated(asked: Asked) -> TableView:
    """Return facilitated emissions by status: full and weighted."""
    table = "facilitated_emission"
    found = tuple(
        {
            "status": value_label(table, "status", key[0]),
            "deals": len(group),
            "amount": in_unit(summed(group, "amount"), "CNY", MONEY),
            "full": in_unit(summed(group, "emission_full"), "tCO2e", FINANCED),
            "weighted": in_unit(summed(group, "emission"), "tCO2e", FINANCED),
            "scope3": in_unit(summed(group, "scope3"), "tCO2e", FINANCED),
        }
        for key, group in grouped(asked.rows(table), "status").items()
    )
    columns = (
        Column("status", column_label(table, "status")),
        number_column("deals", word("number"), "1", decimals=0),
        number_column("amount", column_label(table, "amount"), MONEY, decimals=2),
        number_column("full", column_label(table, "emission_full"), FINANCED, decimals=4),
        number_column("weighted", column_label(table, "emission"), FINANCED, decimals=4),
        number_column("scope3", column_label(table, "scope3"), FINANCED, decimals=4),
    )
    return TableView(columns, found, (table,), note=word("parts_apart"))


def insured(asked: Asked) -> TableView:
    """Return insurance-associated emissions by line and status."""
    table = "insured_emission"
    found = tuple(
        {
            "line": value_label(table, "line", key[0]),
            "status": value_label(table, "status", key[1]),
            "policies": len(group),
            "amount": in_unit(summed(group, "amount"), "CNY", MONEY),
            "emission": in_unit(summed(group, "emission"), "tCO2e", FINANCED),
            "scope3": in_unit(summed(group, "scope3"), "tCO2e", FINANCED),
        }
        for key, group in grouped(asked.rows(table), "line", "status").items()
    )
    columns = (
        Column("line", column_label(table, "line")),
        Column("status", column_label(table, "status")),
        number_column("policies", word("number"), "1", decimals=0),
        number_column("amount", column_label(table, "amount"), MONEY, decimals=4),
        number_column("emission", column_label(table, "emission"), FINANCED, decimals=4),
        number_column("scope3", column_label(table, "scope3"), FINANCED, decimals=4),
    )
    return TableView(columns, found, (table,), note=word("parts_apart"))
