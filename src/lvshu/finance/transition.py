"""Transition finance: each plan's checks against false transition, and what the catalogue cannot answer yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.methods import label_transition as checks
from lvshu.finance.transition_units import multiplier

CATALOGUE = "shanghai_transition_catalogue"
RESULTS = {
    checks.CLEAR: ("未见异常", "nothing found"),
    checks.FLAGGED: ("有疑点", "flagged"),
    checks.NO_EVIDENCE: ("数据不足", "not enough data"),
}
NAMES = {
    "base_year": ("基准年是所报各年中最差的一年", "the base year is the worst of all years reported"),
    "absolute_rise": ("指标改善而排放总量上升", "the indicator improves while total emission rises"),
    "spending": ("实际投入少于计划", "less was spent than planned"),
    "boundary": ("核算边界前后不一", "the boundary differs between years"),
    "no_change": ("计划末年不优于基准年", "the last planned value is no better than that of the base year"),
}

STANDING = Query(
    "transition_standing",
    """
    SELECT industry, standing, count(*) AS borrowers, sum(outstanding_amount) AS amount
    FROM transition_standing
    WHERE standing IN ('value_not_loaded', 'unit_differs')
    GROUP BY industry, standing
    ORDER BY industry, standing
    """,
)


@dataclass
class _Plan:
    """The figures of one plan and indicator, by year."""

    uscc: str
    base_year: int
    unit: str
    planned: dict[int, float] = field(default_factory=dict)
    planned_spending: dict[int, float] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
    emissions: dict[int, float] = field(default_factory=dict)
    spending: dict[int, float] = field(default_factory=dict)
    boundaries: dict[int, str] = field(default_factory=dict)
    left_out: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def make_checks(context: StepContext) -> None:
    """Fill `transition_check`: five checks for each plan and indicator.

    Values and records are converted to the unit of the plan's first year; what cannot be is left out and told. Where
    the catalogue does not say which way is better, lower is.
    """
    lower = {str(row["indicator"]): row["better"] != "higher" for row in context.packs[CATALOGUE].rows}
    rows = []
    for (plan_id, indicator), plan in sorted(_plans(context).items()):
        _tell_left_out(context, plan_id, indicator, plan)
        better = lower.get(indicator, True)
        found = {
            "base_year": checks.base_year_check(plan.values, plan.base_year, lower_is_better=better),
            "absolute_rise": checks.absolute_rise_check(
                plan.values, plan.emissions, plan.base_year, lower_is_better=better
            ),
            "spending": checks.spending_check(plan.planned_spending, plan.spending),
            "boundary": checks.boundary_check(plan.boundaries),
            "no_change": checks.no_change_check(
                plan.planned, plan.values, plan.base_year, lower_is_better=better
            ),
        }
        rows += [_row(plan_id, indicator, plan.uscc, code, check) for code, check in found.items()]
    if rows:
        context.write("transition_check", {name: [row[name] for row in rows] for name in rows[0]})


def _row(plan_id: str, indicator: str, uscc: str, code: str, check: checks.Check) -> dict[str, Any]:
    name, result = NAMES[code], RESULTS[check.result]
    years = "、".join(map(str, check.years)) or "-"
    figure = "-" if check.measure is None else f"{check.measure:+.4g}"
    return {
        "plan_id": plan_id, "uscc": uscc, "indicator": indicator, "check_code": code, "result": check.result,
        "measure": check.measure,
        "detail_zh": f"{name[0]}：{result[0]}（年份 {years}，度量 {figure}）",
        "detail_en": f"{name[1]}: {result[1]} (years {years.replace('、', ', ')}, measure {figure})",
    }  # fmt: skip


def _plans(context: StepContext) -> dict[tuple[str, str], _Plan]:
    records: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in context.read("transition_record").to_pylist():
        records[row["uscc"], row["indicator"]].append(row)
    plans: dict[tuple[str, str], _Plan] = {}
    for row in context.read("transition_plan", order=["plan_id", "indicator", "year"]).to_pylist():
        key = (row["plan_id"], row["indicator"])
        if key not in plans:
            plans[key] = _Plan(row["uscc"], int(row["base_year"]), row["unit"])
            _add_records(plans[key], records[row["uscc"], row["indicator"]])
        plan, year = plans[key], int(row["year"])
        _add(plan, plan.planned, year, row["planned_value"], row["unit"])
        if row["planned_spending"] is not None:
            plan.planned_spending[year] = float(row["planned_spending"])
        if row["boundary"]:
            plan.boundaries.setdefault(year, row["boundary"])
            if plan.boundaries[year] != row["boundary"]:
                plan.boundaries[-year] = row["boundary"]
    return plans


def _add(plan: _Plan, values: dict[int, float], year: int, value: Decimal, unit: str) -> None:
    """Add a value in the unit of the plan, or note its unit where that is of another dimension."""
    scale = multiplier(unit, plan.unit)
    if scale is None:
        plan.left_out[unit].add(year)
    else:
        values[year] = float(value * scale)


def _tell_left_out(context: StepContext, plan_id: str, indicator: str, plan: _Plan) -> None:
    for unit, years in sorted(plan.left_out.items()):
        values = {
            "plan": plan_id, "uscc": plan.uscc, "indicator": indicator, "unit": unit, "wanted": plan.unit,
            "years": sorted(years),
        }  # fmt: skip
        context.find(
            Problem("finance.transition_plan_unit", values=values, severity="warning"),
            table="transition_check", key=f"{plan_id} | {indicator}", amount=float(len(years)), unit="1",
        )  # fmt: skip


def _add_records(plan: _Plan, records: list[Mapping[str, Any]]) -> None:
    for record in records:
        year = int(record["year"])
        _add(plan, plan.values, year, record["indicator_value"], record["unit"])
        if record["emission"] is not None:
            plan.emissions[year] = float(record["emission"])
        if record["capital_spending"] is not None:
            plan.spending[year] = float(record["capital_spending"])
        if record["boundary"]:
            plan.boundaries[year] = record["boundary"]


def make_findings(context: StepContext) -> None:
    """Write the findings of transition finance: values that are not loaded, units that differ, flagged plans."""
    for row in context.sql(STANDING).to_pylist():
        amount = row["amount"]
        values = {
            "industry": row["industry"], "borrowers": row["borrowers"],
            "amount": "-" if amount is None else f"{amount:,.2f}",
        }  # fmt: skip
        context.find(
            Problem(f"finance.transition_{row['standing']}", values=values, severity="notice"),
            table="transition_standing", key=row["industry"], amount=None if amount is None else float(amount),
            unit="CNY",
        )  # fmt: skip
    for row in context.read("transition_check", where="result = 'flagged'").to_pylist():
        values = {
            "plan": row["plan_id"], "uscc": row["uscc"], "indicator": row["indicator"],
            "detail": {"zh": row["detail_zh"], "en": row["detail_en"]},
        }  # fmt: skip
        context.find(
            Problem("finance.transition_flagged", values=values, severity="warning"),
            table="transition_check", key=f"{row['plan_id']} | {row['check_code']}",
        )  # fmt: skip
