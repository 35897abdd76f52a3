"""Fills the public table of platform transactions by month and region, category or kind of trade, protected.

What a platform did not report is imputed in the month's total. A table that showed the reported parts beside that total
would show the imputed figure of one platform as their difference; so the parts are raised to the total, month by month
and for each division, and add up to it. Months add up to the year. The raw table stays beside, confidential.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from scipy import sparse

from lvshu.core.errors import MethodError, Problem
from lvshu.core.money import half_away
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.primary import summarise, union_of_records
from lvshu.statistics.disclosure.structure import Dimension, Key, Structure
from lvshu.statistics.disclosure.table import DraftTable, SafeTable, protect
from lvshu.statistics.keys import TOTAL
from lvshu.statistics.protection import (
    SECONDS,
    SHOWN,
    SUPPRESSED,
    groups,
    rules_for,
    tell_problems,
    tell_warnings,
)

TABLE = "platform_transaction_public"
DIVISIONS = ("region_code", "category_code", "trade_kind")
YEAR, MONTH = "year", "month"
WHOLE_COST = 1000.0
"""What hiding the year's total loses, in cells: the headline stays as long as it is safe."""
PARTS = Query(
    TABLE,
    """
    SELECT platform_uscc, month, region_code, category_code, trade_kind, CAST(sum(amount) AS DECIMAL(24,6)) AS amount
    FROM platform_return_edited
    WHERE form = 'U201' AND item_code = 'transactions' AND substr(month, 1, 4) = :year
      AND CASE WHEN region_code = 'total' THEN 0 ELSE 1 END + CASE WHEN category_code = 'total' THEN 0 ELSE 1 END
        + CASE WHEN trade_kind = 'total' THEN 0 ELSE 1 END = 1
    GROUP BY platform_uscc, month, region_code, category_code, trade_kind
    ORDER BY platform_uscc, month, region_code, category_code, trade_kind
    """,
)
OPEN = Query(
    TABLE,
    """
    SELECT platform_uscc, sum(amount) AS amount
    FROM (
      SELECT platform_uscc, amount FROM platform_month
      UNION ALL
      SELECT platform_uscc, amount FROM platform_imputation
      UNION ALL
      SELECT platform_uscc, -amount AS amount
      FROM platform_return_edited
      WHERE form = 'U201' AND item_code = 'transactions' AND substr(month, 1, 4) = :year
        AND region_code = 'total' AND category_code = 'total' AND trade_kind <> 'total'
    ) AS part
    GROUP BY platform_uscc
    HAVING sum(amount) > 0.01
    ORDER BY platform_uscc
    """,
)
Place = tuple[str, str, str]
"""Period, division (empty for the total), and code within it."""


@dataclass(frozen=True)
class Months:
    """Amounts in CNY of everyone behind each cell, parts raised to the month's total; exact totals and returns.

    held: of each cell the amounts by platform (or group); exact: the cell's figure; returns, imputed: of each month
    how many platforms reported, and of how many the total was imputed.
    """

    held: dict[Place, dict[str, float]]
    exact: dict[Place, Decimal]
    returns: dict[str, int]
    imputed: dict[str, int]


def make(context: StepContext) -> None:
    """Fill `platform_transaction_public`; where it cannot be protected, hide everything and tell why."""
    rules = rules_for(context, "platform", TABLE)
    months = months_of_platforms(context)
    if not months.exact:
        return
    year = str(context.settings.year)
    draft = draft_of(months, year)
    try:
        safe: SafeTable | None = protect(
            draft, rules, costs=_costs(draft), public=draft.cells.count == 0, seconds=SECONDS,
            earlier=previous(context, draft, is_same_year=True),
            last=next(iter(previous(context, draft, is_same_year=False)), None),
        )  # fmt: skip
    except MethodError as error:
        tell_problems(context, error, TABLE)
        context.find(Problem("statistics.platform_months_withheld", severity="warning"), table=TABLE)
        safe = None
    rows = []
    for number, key in enumerate(draft.structure.keys):
        is_hidden = safe is None or bool(safe.pattern.hidden[number])
        rows.append(_row(place_of(key, year), months, is_hidden=is_hidden))
    context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})
    if safe is not None:
        tell_warnings(context, safe, TABLE)
    hidden = sum(row["status"] == SUPPRESSED for row in rows)
    if hidden and safe is not None:
        values = {"cells": hidden, "of": len(rows)}
        problem = Problem("statistics.platform_suppressed", values=values, severity="notice")
        context.find(problem, table=TABLE, amount=float(hidden), unit="1")


def months_of_platforms(context: StepContext) -> Months:
    """Return what stands behind each cell: totals with what was imputed, and the reported parts raised to them."""
    year, group = str(context.settings.year), groups(context)
    totals = [(row, False) for row in _amounts(context, "platform_month")]
    totals += [(row, True) for row in _amounts(context, "platform_imputation")]
    held: dict[Place, dict[str, float]] = {}
    exact: dict[Place, Decimal] = {}
    returns: dict[str, int] = {}
    imputed: dict[str, int] = {}
    for row, is_imputed in totals:
        counted = imputed if is_imputed else returns
        counted[row["month"]] = counted.get(row["month"], 0) + 1
        _add(held, exact, (row["month"], "", TOTAL), row, group, 1.0)
    parts = context.sql(PARTS, year=year).to_pylist()
    known: dict[tuple[str, str], Decimal] = {}
    for row in parts:
        division = _division(row)
        known[row["month"], division] = known.get((row["month"], division), Decimal(0)) + row["amount"]
    for row in parts:
        division, month = _division(row), row["month"]
        whole, part = exact.get((month, "", TOTAL)), known[month, division]
        if whole is not None and part > 0:
            _add(held, exact, (month, division, row[division]), row, group, whole / part)
    all_months = {month for month, division, _ in exact if not division}
    split = {one: {month for month, division, _ in exact if division == one} for one in DIVISIONS}
    for (month, division, code), own in list(held.items()):
        if division and split[division] != all_months:
            continue  # months without the division: its sums are not of the year
        above = held.setdefault((year, division, code), {})
        for who, amount in own.items():
            above[who] = above.get(who, 0.0) + amount
        exact[year, division, code] = (
            exact.get((year, division, code), Decimal(0)) + exact[month, division, code]
        )
    return Months(held, exact, returns, imputed)


def not_split(context: StepContext) -> dict[str, float]:
    """Return the year's amount in CNY of each platform (or group) that was not split by kind of trade, or imputed."""
    group, held = groups(context), dict[str, float]()
    for row in context.sql(OPEN, year=str(context.settings.year)).to_pylist():
        who = group.get(row["platform_uscc"], row["platform_uscc"])
        held[who] = held.get(who, 0.0) + float(row["amount"])
    return held


def _amounts(context: StepContext, table: str) -> list[dict[str, Any]]:
    columns = ("platform_uscc", "month", "amount")
    found: list[dict[str, Any]] = context.read(table, columns=columns, order=columns[:2]).to_pylist()
    return found


def _division(row: Mapping[str, Any]) -> str:
    return next(one for one in DIVISIONS if row[one] != TOTAL)


def _add(
    held: dict[Place, dict[str, float]], exact: dict[Place, Decimal], place: Place, row: Mapping[str, Any],
    group: Mapping[str, str], factor: Decimal | float,
) -> None:  # fmt: skip
    amount = row["amount"] if factor == 1.0 else row["amount"] * Decimal(factor)
    who = group.get(row["platform_uscc"], row["platform_uscc"])
    own = held.setdefault(place, {})
    own[who] = own.get(who, 0.0) + float(amount)
    exact[place] = exact.get(place, Decimal(0)) + Decimal(amount)


def draft_of(months: Months, year: str) -> DraftTable:
    """Return the cells and sums: a month's total by region, by category and by kind of trade; the year by months."""
    places = sorted(months.exact)
    keys = [key_of_place(place, year) for place in places]
    number = {place: at for at, place in enumerate(places)}
    rows: list[tuple[int, list[int]]] = []
    periods = sorted({place[0] for place in places})
    kinds = {(division, code) for _, division, code in places}
    for division, code in sorted(kinds):
        if (year, division, code) not in number:
            continue
        parts = [
            number[one, division, code] for one in periods if one != year and (one, division, code) in number
        ]
        rows.append((number[year, division, code], parts))
    for period in periods:
        for division in DIVISIONS:
            below = [number[one] for one in places if one[0] == period and one[1] == division]
            if below:
                rows.append((number[period, "", TOTAL], below))
    matrix = np.zeros((len(rows), len(places)))
    for at, (total, parts) in enumerate(rows):
        matrix[at, total] = 1.0
        matrix[at, parts] = -1.0
    cells = summarise([months.held[place] for place in places], 2)
    # the figures of a division were raised to the total by a rounded factor: the sums hold as the parts make them
    union = union_of_records([months.held[place] for place in places], 2)
    dimensions = tuple(Dimension(name, root, {}) for name, root in (("period", year), ("cut", TOTAL)))
    return DraftTable(
        dimensions, Structure(tuple(keys), sparse.csr_array(matrix)), cells, union, is_linked=True
    )


def key_of_place(place: Place, year: str) -> Key:
    """Return the key of a cell; the year and the total have none."""
    period, division, code = place
    pairs = [("cut", f"{division}/{code}")] if division else []
    return tuple(sorted(pairs + ([("period", period)] if period != year else [])))


def place_of(key: Key, year: str) -> Place:
    """Return period, division and code of a cell."""
    own = dict(key)
    division, _, code = own.get("cut", f"/{TOTAL}").partition("/")
    return own.get("period", year), division, code


def _costs(draft: DraftTable) -> Any:
    size = np.abs(draft.cells.value)
    costs = size / (float(size.max(initial=1.0)) or 1.0) + 1e-3
    whole = np.array([not key for key in draft.structure.keys])
    return np.where(whole, WHOLE_COST, costs)


def _row(place: Place, months: Months, *, is_hidden: bool) -> dict[str, Any]:
    period, division, code = place
    is_total = not division
    return {
        "period_kind": MONTH if "-" in period else YEAR, "period": period,
        **{one: code if one == division else TOTAL for one in DIVISIONS},
        "status": SUPPRESSED if is_hidden else SHOWN,
        "amount": None if is_hidden else half_away(months.exact[place], 2),
        "returns": _sum(months.returns, period) if is_total else None,
        "returns_imputed": _sum(months.imputed, period) if is_total else None,
    }  # fmt: skip


def _sum(counted: Mapping[str, int], period: str) -> int:
    return sum(count for month, count in counted.items() if month.startswith(period))


def previous(context: StepContext, draft: DraftTable, *, is_same_year: bool) -> Sequence[Release]:
    """Return what was published before: of the year, or the newest of another year, its months as those of this one."""
    year = str(context.settings.year)
    sign = "=" if is_same_year else "<>"
    where = f"substr(period, 1, 4) {sign} '{year}'"
    rows = context.read(f"{TABLE}_previous", where=where, order=("period",)).to_pylist()
    if not rows:
        return []
    newest = rows[-1]["period"][:4]
    shown, hidden = released((row for row in rows if row["period"][:4] == newest), newest)
    if newest != year:
        shown = {_moved(key, newest, year): value for key, value in shown.items()}
        hidden = frozenset(_moved(key, newest, year) for key in hidden)
    return [Release(f"{TABLE} {newest}", draft.dimensions, shown, hidden)]


def _moved(key: Key, newest: str, year: str) -> Key:
    return tuple((name, code.replace(newest, year, 1) if name == "period" else code) for name, code in key)


def released(rows: Iterable[Mapping[str, Any]], year: str) -> tuple[dict[Key, float], frozenset[Key]]:
    """Return which cells of this table's rows are shown, in CNY, and which are hidden."""
    shown, hidden = {}, set()
    for row in rows:
        division = next((one for one in DIVISIONS if row[one] != TOTAL), "")
        key = key_of_place((row["period"], division, row[division] if division else TOTAL), year)
        if row["status"] == SHOWN and row["amount"] is not None:
            shown[key] = float(row["amount"])
        elif row["status"] == SUPPRESSED:
            hidden.add(key)
    return shown, frozenset(hidden)
