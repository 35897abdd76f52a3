"""Panels on the loans behind financed emissions: another method, coverage, capital, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lvshu.publish import diagrams, plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    FINANCED,
    MONEY,
    Row,
    grouped,
    share,
    short_amount,
    summed,
)
from lvshu.publish.panels.names import method_name
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, ui

ALL_METHODS = "*"


_EFFECTS = (
    "base_total",
    "scope_added",
    "scope_removed",
    "calculation",
    "exposure",
    "denominator",
    "other_total",
)


def switch(reader: Reader) -> Panel:
    """Return the panel on where another accounting method differs."""
    found = reader.rows("method_switch")
    others = [one for one in reader.settings.finance_methods if any(row["method"] == one for row in found)]
    base = found[0]["base_method"]
    rows: list[dict[str, Any]] = [
        {
            "effect": code_label("effect", effect),
            "key": effect,
            **{
                other: in_unit(
                    summed(
                        [row for row in found if (row["method"], row["effect"]) == (other, effect)],
                        "emission",
                    )
                    or Decimal(0),
                    "tCO2e",
                    FINANCED,
                )
                for other in others
            },
        }
        for effect in _EFFECTS
    ]
    rows[0]["effect"] = method_name(reader, base)
    rows[-1]["effect"] = ui("row.other_method", method=method_name(reader, others[0]))
    columns = [Column("effect", ui("column.effect"))]
    columns += [
        number_column(other, ui("column.to_method", method=method_name(reader, other)), FINANCED)
        for other in others
    ]
    view = TableView(tuple(columns), tuple(rows), ("method_switch",), totals=frozenset({0, len(rows) - 1}))
    steps = rows[1:-1]
    largest = max(steps, key=lambda row: abs(row[others[0]]))
    finding = ui(
        "finding.switch",
        base=method_name(reader, base),
        other=method_name(reader, others[0]),
        effect=largest["effect"],
        value=short_amount(largest[others[0]], FINANCED, FINANCED),
    )
    chart = diagrams.waterfall(view, "effect", others[0], finding)
    return Panel("switch", ui("panel.switch"), finding, chart, view)


def coverage(reader: Reader) -> Panel:
    """Return the panel on which loans are in scope, and why others are not."""
    found = reader.rows("loan_coverage")
    order = [one for one in reader.settings.finance_methods if any(row["method"] == one for row in found)]
    rows: list[dict[str, Any]] = []
    for (status, reason), group in grouped(found, "scope_status", "reason").items():
        row: dict[str, Any] = {
            "status": code_label("scope_status", status),
            "reason": code_label("reason", reason),
            "order": status,
            "key": f"{status}/{reason or ''}",
        }
        for method in order:
            part = [one for one in group if one["method"] == method]
            row[method] = in_unit(summed(part, "outstanding_amount"), "CNY", MONEY)
            row[f"{method}_loans"] = sum(one["loans"] or 0 for one in part) if part else None
        rows.append(row)
    rows.sort(
        key=lambda row: (("in", "out", "unknown").index(row["order"]), -max(row[one] or 0 for one in order))
    )
    columns = [Column("status", ui("column.scope_status")), Column("reason", ui("column.reason"))]
    columns += [number_column(one, method_name(reader, one), MONEY) for one in order]
    columns += [
        number_column(f"{one}_loans", method_name(reader, one) + ui("suffix_loans"), "1", decimals=0)
        for one in order
    ]
    view = TableView(tuple(columns), tuple(rows), ("loan_coverage",))
    first = order[0]
    whole = summed(rows, first)
    inside = summed([row for row in rows if row["order"] == "in"], first)
    unknown = summed([row for row in rows if row["order"] == "unknown"], first)
    finding = ui(
        "finding.coverage",
        method=method_name(reader, first),
        share=share(inside, whole),
        unknown=share(unknown or Decimal(0), whole),
    )
    chart = plots.horizontal_bars(view, "reason", [Series(one) for one in order], finding)
    return Panel("coverage", ui("panel.coverage"), finding, chart, view)


_CLASSES = ("high_carbon", "high_carbon_green", "green", "other")


def capital(reader: Reader) -> Panel:
    """Return the panel on capital between high-carbon and green."""
    found = grouped(reader.rows("capital_by_carbon_class"), "carbon_class")
    rows = [_capital_row(code, found[(code,)]) for code in _CLASSES if (code,) in found]
    columns: tuple[Column, ...] = (
        Column("class", ui("column.carbon_class")),
        number_column("begin", ui("column.begin"), MONEY),
        number_column("end", ui("column.end"), MONEY),
        number_column("change", ui("column.change"), MONEY),
        number_column("made_in_year", ui("column.made_in_year"), MONEY),
        number_column("loans", ui("column.loans"), "1", decimals=0),
        number_column("begin_unknown", ui("column.begin_unknown"), "1", decimals=0),
        number_column("end_unknown", ui("column.end_unknown"), "1", decimals=0),
    )
    view = TableView(columns, tuple(rows), ("capital_by_carbon_class",))
    begun = any(row["made_in_year"] is not None for row in rows)
    if not begun:
        columns = tuple(column for column in columns if column.key != "made_in_year")
        view = TableView(columns, tuple(rows), view.source)
    told = {row["key"]: row["made_in_year" if begun else "change"] for row in rows}
    high, green = (_signed(told.get(one), begun) for one in ("high_carbon", "green"))
    unknown = sum(row["begin_unknown"] + row["end_unknown"] for row in rows)
    count = f"{unknown:,}"
    if begun:
        finding = ui("finding.capital_begun", high=high, green=green)
        note = ui("note.capital_begun", count=count)
    else:
        finding = ui("finding.capital", high=high, green=green)
        note = ui("note.capital", count=count) if unknown else NO_TEXT
    series = [Series("begin", "--c5"), Series("end", "--c1")]
    chart = plots.horizontal_bars(view, "class", series, finding)
    return Panel("capital", ui("panel.capital"), finding, chart, view, note=note)


def _capital_row(code: str, group: Sequence[Row]) -> dict[str, Any]:
    """Return one class; its begin and its change are missing where the balance of no loan of before the year is known.

    What is known then are the loans made in the year, which began at zero: they are told as such, not as the change.
    """
    begin = summed(group, "outstanding_begin")
    change = in_unit(summed(group, "change"), "CNY", MONEY)
    unknown = {end: sum(row[f"loans_{end}_unknown"] or 0 for row in group) for end in ("begin", "end")}
    begun = bool(unknown["begin"] and not begin)
    return {
        "class": code_label("carbon_class", code),
        "key": code,
        "begin": None if begun else in_unit(begin, "CNY", MONEY),
        "end": in_unit(summed(group, "outstanding_end"), "CNY", MONEY),
        "change": None if begun else change,
        "made_in_year": change if begun else None,
        "loans": sum(row["loans"] or 0 for row in group),
        "begin_unknown": unknown["begin"],
        "end_unknown": unknown["end"],
    }


def _signed(change: Decimal | None, begun: bool) -> Text:
    if change is None:
        return ui("word.no_figure")
    sign = "+" if change > 0 and not begun else ""
    text = short_amount(change, MONEY, MONEY)
    return Text(sign + text.zh, sign + text.en)


def gaps(reader: Reader) -> Panel:
    """Return the panel on gaps in the data of loans."""
    rows = [
        {
            "key": row["code"],
            "by": row["method"],
            "gap": code_label("finance_gap", row["code"]),
            "method": method_name(reader, row["method"])
            if row["method"] != ALL_METHODS
            else ui("row.all_methods"),
            "loans": row["loans"],
            "balance": in_unit(row["outstanding_amount"], "CNY", MONEY),
            "emission": in_unit(row["emission"], "tCO2e", FINANCED),
            "effect": in_unit(row.get("effect"), "tCO2e", FINANCED),
        }
        for row in sorted(reader.rows("finance_gap"), key=lambda row: -(row["outstanding_amount"] or 0))
    ]
    columns = (
        Column("gap", ui("column.gap")),
        Column("method", ui("column.accounting_method")),
        number_column("loans", ui("column.loans"), "1", decimals=0),
        number_column("balance", ui("column.year_end_balance"), MONEY),
        number_column("emission", ui("column.emission"), FINANCED),
        number_column("effect", ui("column.effect_of_rule"), FINANCED),
    )
    view = TableView(columns, tuple(rows), ("finance_gap",))
    finding = ui("finding.gaps", count=len({row["code"] for row in reader.rows("finance_gap")}))
    return Panel("finance_gap", ui("panel.finance_gap"), finding, None, view)
