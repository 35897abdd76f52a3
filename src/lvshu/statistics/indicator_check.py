"""Holds the monthly indicators of the year against what the desks compute under the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import convert
from lvshu.engine.step import Step, StepContext

APART = 0.01
"""Share from which two figures of one name are told apart; below it rounding is likely (lvshu's convention)."""
_TOTALS = "region_code = 'total' AND category_code = 'total' AND trade_kind = 'total'"
INDICATOR_NAMES: Mapping[str, Mapping[str, str]] = {
    "platform_transactions": {"zh": "平台交易额", "en": "Platform transactions"},
    "digital_value_added": {"zh": "数字经济核心产业增加值", "en": "Value added of the core digital economy"},
    "flexible_employment": {"zh": "灵活就业人数", "en": "Flexible employment"},
}
"""What the indicators of the desks are called in messages, as the publications call them."""


@dataclass(frozen=True)
class Counterpart:
    """What a desk computes: the sum of `value` over `where`, and whether months of the indicator are averaged."""

    table: str
    value: str
    where: str
    unit: str
    mean: bool


COUNTERPARTS: Mapping[str, Counterpart] = {
    "platform_transactions": Counterpart("platform_transaction", "amount", _TOTALS, "CNY", mean=False),
    "flexible_employment": Counterpart(
        "flexible_employment", "persons", "definition_code = 'corrected_total'", "person", mean=True
    ),
}


def tell(context: StepContext) -> None:
    """Tell of an indicator whose year is not what the desk computes, over the months that the desk's figure has.

    January is exempt from returns, so that the year of the returns may be eleven months. Single months are not held
    against each other: the month of one table less that of another may be one platform's return.
    """
    year = str(context.settings.year)
    rows = context.read("indicator_month", where=f"substr(month, 1, 4) = '{year}'").to_pylist()
    for code, desk in COUNTERPARTS.items():
        months, computed, within = _computed(context, desk, year)
        own = [
            row for row in rows
            if row["indicator_code"] == code and row["value"] is not None and row["month"] in months
        ]  # fmt: skip
        if not computed or len(own) != len(months):
            continue
        try:
            stated = sum((convert(row["value"], row["unit"], desk.unit) for row in own), Decimal(0))
        except MethodError:
            continue  # of another dimension: its headline says so
        stated = stated / len(months) if desk.mean else stated
        apart = float(stated / computed) - 1
        if abs(apart) >= APART and not within[0] <= float(stated) <= within[1]:
            values = {
                "series": code, "year": year, "stated": f"{stated:,.0f}", "computed": f"{computed:,.0f}",
                "unit": desk.unit, "table": desk.table, "percent": f"{100 * apart:+.3g}",
            }  # fmt: skip
            problem = Problem("statistics.indicator_apart", values=values, severity="warning")
            context.find(problem, table="monthly_indicator", key=code)


def _computed(
    context: StepContext, desk: Counterpart, year: str
) -> tuple[set[str], Decimal | None, tuple[float, float]]:
    """Return the months of which the desk's figure of the year is made, the figure (None without it), its interval.

    A figure without an interval has it from itself to itself.
    """
    found: list[dict[str, Any]] = context.read(desk.table, where=desk.where).to_pylist()
    known = [row for row in found if row[desk.value] is not None]
    months = (
        {f"{year}-{number:02d}" for number in range(1, 13)} if desk.mean else {row["month"] for row in known}
    )
    if not known:
        return months, None, (0.0, 0.0)
    whole = sum((row[desk.value] for row in known), Decimal(0))
    ends = [known[0].get(name) for name in ("low", "high")] if len(known) == 1 else [None, None]
    low, high = (float(whole if end is None else end) for end in ends)
    return months, whole, (low, high)


INDICATOR_CHECK_STEPS = (
    Step(
        name="statistics.indicator_check", makes=(), action=tell, reads=("indicator_month",),
        reads_if_there=tuple(desk.table for desk in COUNTERPARTS.values()),
        method="statistics.seasonal_adjustment",
    ),
)  # fmt: skip
