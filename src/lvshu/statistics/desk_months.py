"""Months that a desk has and the delivered indicator of its name lacks: they complete it where both agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import convert
from lvshu.engine.step import StepContext
from lvshu.statistics.indicator_check import APART

Row = Mapping[str, Any]
COMMON = 3
"""Months in which both must have a figure before they can be seen to be of one level (lvshu's convention)."""


@dataclass(frozen=True)
class Desk:
    """Where a desk's months stand: table, column of the month and of the figure, which rows, and their unit."""

    table: str
    month: str
    value: str
    where: str
    unit: str


DESKS: Mapping[str, Desk] = {
    "platform_transactions": Desk(
        "platform_transaction_public", "period", "amount",
        "period_kind = 'month' AND region_code = 'total' AND category_code = 'total' AND trade_kind = 'total' "
        "AND status = 'shown'", "CNY",
    ),
    "flexible_employment": Desk(
        "flexible_employment_month", "month", "persons",
        "definition_code = 'corrected_total' AND status = 'estimated'", "person",
    ),
}  # fmt: skip


def with_desk(context: StepContext, code: str, delivered: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the months delivered of an indicator, and those of its desk that were not, in order; both are told.

    A desk completes an indicator only where they have three months in common or more, and in every such month the
    delivered figure is within 1 % of the desk's (lvshu's convention): months of another level would show a movement
    that never was, and an interval of a survey holds many levels. A month delivered without a value stays without.

    Args:
        context: of the step.
        code: of the indicator.
        delivered: rows of `monthly_indicator` of that code.
    """
    rows = [dict(row) for row in delivered]
    desk = DESKS.get(code)
    if desk is None:
        return rows
    known = {row["month"]: row for row in rows if row["value"] is not None}
    own = {row[desk.month]: row for row in context.read(desk.table, where=desk.where).to_pylist()}
    stated = {row["month"] for row in rows}
    new = sorted(month for month in own if month not in stated and known and month > min(known))
    if not new:
        return rows
    unit = rows[0]["unit"]
    try:
        values = {month: convert(own[month][desk.value], desk.unit, unit) for month in own}
    except MethodError:
        return rows  # of another dimension: its headline says so
    common = sorted(set(known) & set(own))
    apart = [month for month in common if not _agree(known[month]["value"], own[month], desk, unit)]
    if apart or len(common) < COMMON:
        given = {
            "series": code,
            "table": desk.table,
            "count": len(new),
            "months": ", ".join(apart[:12]) or "–",
        }
        kind = "statistics.desk_months_apart" if apart else "statistics.desk_months_unlinked"
        context.find(Problem(kind, values=given, severity="notice"), table="monthly_indicator", key=code)
        return rows
    given = {"series": code, "table": desk.table, "count": len(new), "months": ", ".join(new)}
    told = Problem("statistics.desk_months_taken", values=given, severity="notice")
    context.find(told, table="monthly_indicator", key=code)
    kept = [row for row in rows if row["month"] not in new]
    kept += [{**rows[0], "month": month, "value": values[month]} for month in new]
    return sorted(kept, key=lambda row: str(row["month"]))


def _agree(delivered: Decimal, own: Row, desk: Desk, unit: str) -> bool:
    stated = float(convert(delivered, unit, desk.unit))
    computed = float(own[desk.value])
    return abs(stated - computed) <= APART * abs(computed)
