"""Editing in a run: returns and survey under their rules, every change a row, and what imputation adds to the error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.platform import joint_of
from lvshu.statistics.editing.changes import Change
from lvshu.statistics.keys import EDIT_RULES, RULES, months_of
from lvshu.statistics.platforms import amounts_of, gaps_of
from lvshu.statistics.returns_detect import THRESHOLD, selection, shared, suspicions
from lvshu.statistics.returns_edit import (
    DECIDED,
    KEY,
    TABLE_NAME,
    TOTAL_CELL,
    EditedReturns,
    decisions_of,
    edit_returns,
    edited_rows,
    records_of,
)
from lvshu.statistics.survey_edit import COLUMNS, SurveyEdited, edit_survey
from lvshu.statistics.survey_edit import TABLE as SURVEY

Row = dict[str, Any]

SURVEYED = Query(
    "business_survey",
    """
    SELECT uscc, year, stratum, weight, value_added, revenue
    FROM business_survey
    WHERE year = :year
    ORDER BY uscc, year
    """,
)


def make(context: StepContext) -> None:
    """Fill platform_return_edited, edit_change, edit_rule_result, edit_suspicion, edit_selection, shared amounts."""
    changes: list[Row] = []
    results: list[Row] = []
    suspicious: list[Row] = []
    if context.engine.count("platform_return"):
        _returns(context, changes, results, suspicious)
    if context.engine.count(SURVEY):
        _survey(context, changes, results, suspicious)
    for number, row in enumerate(changes, start=1):
        row["change_id"] = number
    for table, rows in (
        ("edit_change", changes),
        ("edit_rule_result", results),
        ("edit_suspicion", suspicious),
    ):
        _write(context, table, rows)
    _tell_suspicions(context, suspicious)


def _write(context: StepContext, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        context.write(table, {name: [row[name] for row in rows] for name in rows[0]})


def _returns(context: StepContext, changes: list[Row], results: list[Row], suspicious: list[Row]) -> None:
    rows = context.read("platform_return", columns=(*KEY, "amount"), order=KEY).to_pylist()
    records = records_of(rows)
    decided = decisions_of(context.read("edit_decision").to_pylist(), TABLE_NAME)
    pack = context.packs[RULES].rows
    made = edit_returns(records, pack, decided)
    _write(context, "platform_return_edited", edited_rows(rows, made))
    months = months_of(context.settings)
    total = sum(cells.get(TOTAL_CELL, 0.0) for (_, month), cells in records.items() if month in months)
    own = [_change_row(change, TABLE_NAME, total, "applied") for change in made.changes]
    changes += own
    texts = {str(row["rule"]): row for row in pack}
    for rule, counts in sorted(made.tested.items()):
        text = texts.get(rule, {"text_zh": "金额不为负", "text_en": "Amounts are not negative"})
        results.append(_result(TABLE_NAME, rule, made.severity[rule], text, counts, made.changes))
    suspicious += suspicions(records, months)
    chosen_rows, chosen = selection(records, months)
    _write(context, "edit_selection", chosen_rows)
    pairs = shared(records, months)
    _write(context, "platform_shared_amount", pairs)
    _tell_returns(context, made, own, pairs)
    if chosen is not None:
        values = {"looked_at": chosen.looked_at, "of": len(chosen_rows), "left": f"{chosen.cost:.2%}",
                  "threshold": f"{THRESHOLD:.0%}"}  # fmt: skip
        context.find(
            Problem("statistics.edit_selected", values=values, severity="notice"), table="edit_selection"
        )


def _change_row(change: Change, table: str, total: float, status: str) -> Row:
    old = None if np.isnan(change.old) else change.old
    moved = abs(change.new - (0.0 if old is None else change.old))
    return {
        "change_id": change.number, "table_name": table, "record_key": change.record, "variable": change.variable,
        "filed_value": old, "edited_value": change.new, "unit": "CNY", "rule": change.rule, "method": change.method,
        "solutions": change.solutions, "influence": moved / total if total else None, "status": status,
    }  # fmt: skip


def _result(
    table: str,
    rule: str,
    severity: str,
    text: Mapping[str, Any],
    counts: Sequence[int],
    changes: Iterable[Change],
) -> Row:
    mine = [change for change in changes if rule in change.rule.split("+")]
    return {
        "table_name": table, "rule": rule, "severity": severity, "text_zh": text["text_zh"],
        "text_en": text["text_en"], "records": counts[0], "failed_before": counts[1], "failed_after": counts[2],
        "changed_values": len(mine),
        "changed_amount": float(sum(abs(c.new - np.nan_to_num(c.old)) for c in mine)),
    }  # fmt: skip


def _tell_returns(
    context: StepContext, made: EditedReturns, own: Sequence[Row], pairs: Sequence[Row]
) -> None:
    by_rule = [row for row in own if row["method"] != DECIDED]
    if by_rule:
        moved = float(sum(abs(row["edited_value"] - (row["filed_value"] or 0.0)) for row in by_rule))
        values = {"values": len(by_rule), "records": len({row["record_key"] for row in by_rule}),
                  "several": len(made.several)}  # fmt: skip
        problem = Problem("statistics.edit_changed", values=values, severity="warning")
        context.find(problem, table="edit_change", amount=moved, unit="CNY")
    if len(own) > len(by_rule):
        counted: dict[str, object] = {"values": len(own) - len(by_rule)}
        context.find(
            Problem("statistics.edit_decided", values=counted, severity="notice"), table="edit_decision"
        )
    for record in made.unsolved[:20]:
        told: dict[str, object] = {"platform": record[0], "month": record[1], "of": len(made.unsolved)}
        context.find(Problem("statistics.edit_unsolved", values=told), table=TABLE_NAME, key="|".join(record))
    for record, problem in made.undecided[:20]:
        context.find(problem, table=TABLE_NAME, key="|".join(record))
    if pairs:
        amount = float(sum(row["amount"] for row in pairs))
        problem = Problem(
            "statistics.platforms_share_amounts", values={"pairs": len(pairs)}, severity="warning"
        )
        context.find(problem, table="platform_shared_amount", amount=amount, unit="CNY")


def _tell_suspicions(context: StepContext, suspicious: Sequence[Row]) -> None:
    known = load("edit_suspicion").column("detector")
    names = {
        code: {"zh": zh, "en": en}
        for code, zh, en in zip(known.allowed, known.allowed_zh, known.allowed_en, strict=True)
    }
    for table in sorted({row["table_name"] for row in suspicious}):
        own = [row for row in suspicious if row["table_name"] == table]
        kinds = {
            kind: sum(row["detector"] == kind for row in own) for kind in sorted({r["detector"] for r in own})
        }
        values = {
            "values": len(own),
            "table": table,
            "kinds": [
                {language: f"{names[kind][language]} {count}" for language in ("zh", "en")}
                for kind, count in kinds.items()
            ],
        }
        problem = Problem("statistics.edit_suspicions", values=values, severity="notice")
        context.find(problem, table="edit_suspicion")


def _surveyed(context: StepContext) -> tuple[list[str], dict[str, np.ndarray], list[str], np.ndarray]:
    rows = context.sql(SURVEYED, year=context.settings.year)
    plain = {name: rows.column(name).to_pylist() for name in rows.column_names}
    values = {
        name: np.array([np.nan if value is None else float(value) for value in plain[name]])
        for name in COLUMNS
    }
    keys = [f"{uscc}|{year}" for uscc, year in zip(plain["uscc"], plain["year"], strict=True)]
    return keys, values, [str(one) for one in plain["stratum"]], np.array([float(w) for w in plain["weight"]])


def _edited_survey(context: StepContext) -> tuple[SurveyEdited, dict[str, np.ndarray], np.ndarray]:
    keys, values, strata, weights = _surveyed(context)
    if not keys:
        return SurveyEdited(), values, weights
    return edit_survey(keys, values, strata, weights, context.packs[EDIT_RULES].rows), values, weights


def _survey(context: StepContext, changes: list[Row], results: list[Row], suspicious: list[Row]) -> None:
    made, values, weights = _edited_survey(context)
    total = float(np.nansum(values["value_added"] * weights))
    changes += [_change_row(change, SURVEY, total, "proposed") for change in made.changes]
    suspicious += made.suspicious
    for rule in () if made.rules is None else made.rules.rules:
        text = {"text_zh": rule.told("zh"), "text_en": rule.told("en")}
        results.append(_result(SURVEY, rule.name, rule.severity, text, made.counts[rule.name], made.changes))
        failing = made.counts[rule.name][1]
        if failing:
            told: dict[str, object] = {
                "units": failing,
                "rule": {"zh": rule.told("zh"), "en": rule.told("en")},
            }
            context.find(
                Problem("statistics.survey_rule_broken", values=told, severity="warning"), table=SURVEY
            )


def tell_variance(context: StepContext) -> None:
    """Fill imputation_variance: of platform transactions, and of value added where the survey lacks it."""
    found: list[Row] = []
    if context.engine.count("platform_imputation"):
        found.append(_transactions(context))
    if context.engine.count(SURVEY):
        made, values, weights = _edited_survey(context)
        if made.imputed is not None:
            lacks = np.isnan(values["value_added"]) & ~np.isnan(made.imputed.values)
            amount = float((made.imputed.values * weights)[lacks].sum())
            total = float(np.nansum(made.imputed.values * weights))
            found.append(
                _variance("digital_core_value_added_whole", SURVEY, "ratio", int(lacks.sum()), amount, total,
                          made.imputed.standard_error, enters=False)
            )  # fmt: skip
    _write(context, "imputation_variance", found)


def _transactions(context: StepContext) -> Row:
    """Return the error of imputed months of platforms: all of them drawn anew at once, as in the total error.

    The months of one platform share its way from the common growth, and all platforms share the common growth: adding
    up errors of single months would call the first certain and leave out the second.
    """
    rows = context.read("platform_imputation", order=("platform_uscc", "month")).to_pylist()
    amount = float(sum(row["amount"] for row in rows))
    known = all(
        row["standard_error"] is not None and np.isfinite(float(row["standard_error"])) for row in rows
    )
    _, amounts = amounts_of(context)
    error, draws = float("nan"), 0
    if known:
        found = joint_of(context, amounts, gaps_of(amounts))
        error, draws = float(np.sqrt(found.mse)), len(found.replicates)
    reported = float(np.nansum(amounts))
    return _variance(
        "platform_transactions", "platform_imputation", "growth", len(rows), amount, reported + amount, error,
        enters=True, draws=draws,
    )  # fmt: skip


def _variance(
    indicator: str,
    table: str,
    method: str,
    count: int,
    amount: float,
    total: float,
    error: float,
    *,
    enters: bool,
    draws: int = 0,
) -> Row:
    return {
        "indicator": indicator, "source_table": table, "method": method, "imputed_values": count,
        "imputed_amount": amount, "total_amount": total, "imputed_share": amount / total if total else None,
        "standard_error": None if np.isnan(error) else error, "imputations": draws, "enters_estimate": enters,
    }  # fmt: skip
