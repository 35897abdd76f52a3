"""The indicators of the central bank's green-finance evaluation from quarterly balances, and what-if on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import StepContext
from lvshu.finance.methods.evaluation import (
    INDICATORS,
    Balances,
    indicators,
    own_history,
    peers,
    places,
    quarters_between,
)

RULES = "green_finance_evaluation"
BALANCES = (
    "green_loan_balance",
    "green_bond_balance",
    "business_balance",
    "green_loan_bad",
    "green_bond_default",
)
LEAST_PEERS = 3
"""A mean of fewer peers, less one's own knowledge, is nearly one peer's figure: it is shown to none of them."""
Row = Mapping[str, Any]


def withheld_from_one(row: Row) -> dict[str, Any]:
    """Return a row of `evaluation_score` as its own institution may see it.

    With fewer than three peers their mean is left out; so is the share of the total of all, from which the others'
    balance follows. Who holds the whole book sees both.

    Args:
        row: of `evaluation_score`.
    """
    found = dict(row)
    peers_there = (row["institutions"] or 0) - 1
    if 0 < peers_there < LEAST_PEERS:
        found |= {"peer_mean": None, "peer_difference": None}
        if row["indicator"] == "market_share":
            found |= {"indicator_value": None, "own_mean": None, "own_difference": None}
    return found


def make(context: StepContext) -> None:
    """Fill `evaluation_score`; that no score can be given is a finding."""
    rows = context.read("evaluation_indicator", order=("institution_id", "month")).to_pylist()
    found = scores(rows, context.packs[RULES].rows)
    names = list(found[0]) if found else []
    context.write("evaluation_score", {name: [row[name] for row in found] for name in names})
    rules = [str(row["code"]) for row in context.packs[RULES].rows if not row["score_rule"]]
    if rules:
        problem = Problem(
            "finance.no_score_formula", values={"indicators": ", ".join(rules)}, severity="notice"
        )
        context.find(problem, table="evaluation_score", key=RULES)


def scores(rows: Sequence[Row], rules: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of `evaluation_score`: value, both comparisons and place of each indicator.

    Args:
        rows: of `evaluation_indicator`.
        rules: of the pack green_finance_evaluation.
    """
    institutions = sorted({str(row["institution_id"]) for row in rows})
    months = quarters_between([str(row["month"]) for row in rows])
    told = {(str(row["institution_id"]), str(row["month"])) for row in rows}
    weights = {str(rule["code"]): rule for rule in rules}
    found: list[dict[str, Any]] = []
    for code, values in indicators(_balances(rows, institutions, months)).items():
        history, others, ranks = own_history(values), peers(values), places(values, code)
        for i, institution in enumerate(institutions):
            for j, month in enumerate(months):
                if (institution, month) not in told:
                    continue
                value = values[i, j]
                found.append(
                    {
                        "institution_id": institution, "month": month, "indicator": code,
                        "indicator_value": _number(value), "own_mean": _number(history[i, j]),
                        "own_difference": _number(value - history[i, j]), "peer_mean": _number(others[i, j]),
                        "peer_difference": _number(value - others[i, j]),
                        "place": int(ranks[i, j]) or None, "institutions": int((ranks[:, j] > 0).sum()),
                        "weight_percent": _weight(weights.get(code)), "score": None,
                        "score_status": "not_established",
                    }
                )  # fmt: skip
    return found


def what_if(
    rows: Sequence[Row], rules: Sequence[Row], institution: str, changes: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the indicators of one institution in its last quarter, before and after changes to its balances.

    Args:
        rows: of `evaluation_indicator`.
        rules: of the pack green_finance_evaluation.
        institution: whose balances change; nobody else's do.
        changes: balance -> new value ("2e10"), or a change on it ("+1e9", "-1e9", "+10%").

    Raises:
        MethodError: an unknown balance or institution, a change that is no number, of a balance that is not known, or
            to below zero; all at once.
    """
    own = [row for row in rows if row["institution_id"] == institution]
    problems = []
    if not own:
        known = sorted({str(row["institution_id"]) for row in rows})
        problems.append(_refused("institution", institution=institution, known=known or "–"))
    problems += [
        _refused("balance", balance=name, known=list(BALANCES)) for name in changes if name not in BALANCES
    ]
    last = max((str(row["month"]) for row in own), default="")
    present = next((row for row in own if row["month"] == last), {})
    for name, text in changes.items():
        if not _is_change(text):
            problems.append(_refused("change", balance=name, change=text))
        elif own and name in BALANCES:
            relative = text.endswith("%") or text[0] in "+-"
            if relative and present[name] is None:
                problems.append(_refused("without_base", balance=name, month=last, change=text))
            elif _changed(present[name], text) < 0:
                values = {"balance": name, "month": last, "change": text, "value": present[name]}
                problems.append(_refused("below_zero", **values))
    if problems:
        raise MethodError(*problems)
    changed = [
        {**row, **{name: _changed(row[name], text) for name, text in changes.items()}}
        if row["institution_id"] == institution and row["month"] == last
        else row
        for row in rows
    ]
    before, after = (
        [one for one in scores(table, rules) if one["institution_id"] == institution and one["month"] == last]
        for table in (rows, changed)
    )
    return before, after


def _refused(kind: str, **values: object) -> Problem:
    return Problem(f"finance.what_if_{kind}", values=values)


def _is_change(text: str) -> bool:
    try:
        return math.isfinite(float(text.removesuffix("%")))
    except ValueError:
        return False


def _changed(value: object, text: str) -> float:
    start = float(str(value)) if value is not None else 0.0
    number = float(text.removesuffix("%"))
    if text.endswith("%"):
        return start * (1 + number / 100)
    return start + number if text[0] in "+-" else number


def _balances(rows: Sequence[Row], institutions: Sequence[str], months: Sequence[str]) -> Balances:
    """Return balances as arrays (institutions, quarters); a bond column left empty counts as no bonds."""
    parts: dict[str, NDArray[np.float64]] = {
        name: np.full((len(institutions), len(months)), np.nan) for name in BALANCES
    }
    for row in rows:
        place = institutions.index(str(row["institution_id"])), months.index(str(row["month"]))
        for name in BALANCES:
            if row[name] is not None:
                parts[name][place] = float(row[name])
    bonds = np.nan_to_num(parts["green_bond_balance"])
    return Balances(
        green=parts["green_loan_balance"] + bonds,
        business=parts["business_balance"],
        bad=parts["green_loan_bad"] + np.nan_to_num(parts["green_bond_default"]),
    )


def _weight(rule: Row | None) -> float | None:
    if rule is None:
        return None
    return float(str(rule["part_weight_percent"])) * float(str(rule["weight_percent"])) / 100


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


__all__ = ["BALANCES", "INDICATORS", "RULES", "make", "scores", "what_if", "withheld_from_one"]
