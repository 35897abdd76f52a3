"""Panels on what stands apart from financed emissions, and on transition plans: spending and linked rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    FINANCED,
    MONEY,
    Row,
    grouped,
    panel_or_reason,
    share,
    short_amount,
    summed,
)
from lvshu.publish.panels.finance_cells import least
from lvshu.publish.panels.names import method_name
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, same, ui, value_label

REPORTS = ("loan", "entity_emission")
PLANS = ("transition_plan",)
KINDS = ("removals", "credits_retired", "credits_generated", "avoided")
RESULTS = ("met", "missed", "pending", "unit_differs")
SPENDING = ("planned_spending", "actual_spending")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on what stands apart and on transition plans, in the order of the page."""
    return (
        panel_or_reason(reader, "apart", table="attributed_apart_total", needs=REPORTS, build=_apart),
        panel_or_reason(reader, "transition_plan", table="transition_progress", needs=PLANS, build=_plans),
    )


def _apart(reader: Reader) -> Panel:
    minimum, found = least(reader), grouped(reader.rows("attributed_apart_total"), "kind", "method")
    order = [one for one in reader.settings.finance_methods if any(key[1] == one for key in found)]
    order = order or sorted({str(key[1]) for key in found})
    rows: list[dict[str, Any]] = []
    for kind in [one for one in KINDS if any(key[0] == one for key in found)]:
        row: dict[str, Any] = {"kind": value_label("attributed_apart_total", "kind", kind), "key": kind}
        for method in order:
            group = found.get((kind, method), [])
            few = 0 < sum(one["positions"] for one in group) < minimum
            row[method] = Absence.SUPPRESSED if few else in_unit(summed(group, "quantity"), "tCO2e", FINANCED)
        rows.append(row)
    columns = [Column("kind", column_label("attributed_apart_total", "kind"))]
    columns += [number_column(one, method_name(reader, one), FINANCED, decimals=1) for one in order]
    view = TableView(tuple(columns), tuple(rows), ("attributed_apart_total",))
    first = {kind["kind"]: kind[order[0]] for kind in rows}
    told = {
        kind: _figure(first.get(value_label("attributed_apart_total", "kind", kind)))
        for kind in ("removals", "avoided")
    }
    finding = ui("finding.apart", method=method_name(reader, order[0]), **told)
    chart = plots.horizontal_bars(view, "kind", [Series(one) for one in order], finding)
    return Panel("apart", ui("panel.apart"), finding, chart, view, note=ui("note.apart"))


def _figure(value: Any) -> Text:
    if value is Absence.SUPPRESSED:
        return same("***")
    return short_amount(value, FINANCED, FINANCED) if isinstance(value, Decimal) else share(None, None)


def _plans(reader: Reader) -> Panel:
    minimum = least(reader)
    tests = grouped(reader.rows("transition_pricing"), "test_year")
    rows: list[dict[str, Any]] = []
    for (year,), group in sorted(grouped(reader.rows("transition_progress"), "year").items()):
        plans = _of_each_plan(group)
        row = {"year": str(year), "key": year, "plans": len(plans)}
        row |= {name: in_unit(summed(plans, name), "CNY", MONEY) for name in SPENDING}
        if len(plans) < minimum:
            row |= dict.fromkeys(("plans", *SPENDING), Absence.SUPPRESSED)
        priced = tests.get((year,), [])
        counts = {one: sum(1 for test in priced if test["result"] == one) for one in RESULTS}
        few = any(0 < count < minimum for count in counts.values())
        row |= {one: Absence.SUPPRESSED if few else count for one, count in counts.items()}
        rows.append(row)
    columns = [Column("year", column_label("transition_progress", "year")),
               number_column("plans", ui("column.plans"), "1", decimals=0)]  # fmt: skip
    columns += [
        number_column(one, column_label("transition_progress", one), MONEY, decimals=1) for one in SPENDING
    ]
    columns += [
        number_column(one, value_label("transition_pricing", "result", one), "1", decimals=0)
        for one in RESULTS
    ]
    view = TableView(tuple(columns), tuple(rows), ("transition_progress", "transition_pricing"))
    finding = ui(
        "finding.transition_plan", first=rows[0]["year"], last=rows[-1]["year"],
        value=_money(rows, SPENDING[0]), share=share(*_spent(reader, minimum)),
    )  # fmt: skip
    chart = plots.horizontal_bars(view, "year", [Series(SPENDING[0]), Series(SPENDING[1], "--c5")], finding)
    title = ui("panel.transition_plan")
    return Panel("transition_plan", title, finding, chart, view, note=ui("note.transition_plan"))


def _of_each_plan(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the spending of each plan in one year: the largest of its indicators' rows, so that it counts once."""
    return [
        {name: max((row[name] for row in group if row[name] is not None), default=None) for name in SPENDING}
        for group in grouped(rows, "plan_id").values()
    ]


def _money(rows: list[dict[str, Any]], name: str) -> Text:
    known = [row[name] for row in rows if isinstance(row[name], Decimal)]
    return short_amount(sum(known, Decimal(0)), MONEY, MONEY) if known else share(None, None)


def _spent(reader: Reader, minimum: int) -> tuple[Decimal | None, Decimal | None]:
    """Return what is spent, and what was planned for the same plans and years, over the years that are shown."""
    years = [_of_each_plan(group) for group in grouped(reader.rows("transition_progress"), "year").values()]
    known = [
        plan
        for plans in years
        if len(plans) >= minimum
        for plan in plans
        if all(plan[name] is not None for name in SPENDING)
    ]
    return summed(known, SPENDING[1]), summed(known, SPENDING[0])
