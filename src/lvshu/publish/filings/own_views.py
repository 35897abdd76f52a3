"""The tables of own operations and of the green-finance evaluation."""

from __future__ import annotations

from typing import Any

from lvshu.finance.evaluation import LEAST_PEERS, withheld_from_one
from lvshu.publish.display import Absence, exact
from lvshu.publish.filings.context import ALL, Asked
from lvshu.publish.filings.words import word
from lvshu.publish.model import Column, TableView, number_column
from lvshu.publish.panels.base import named
from lvshu.publish.texts import NO_TEXT, Text, column_label, same, unit_label, value_label

LINES = "jrt_0227_own_operations"
ACCOUNT = "own_operation_account"
SCORES = "evaluation_score"
RULES = "green_finance_evaluation"


def _names(asked: Asked, pack: str, key: str) -> dict[str, Text]:
    return {
        str(row[key]): named(row["name_zh"], row["name_en"], row[key]) for row in asked.reader.pack_rows(pack)
    }


def account(asked: Asked, part: str) -> TableView | None:
    """Return the lines of one part of the quantitative table: total and per head, or why there is none."""
    names = _names(asked, LINES, "line")
    found = sorted(asked.own_row(ACCOUNT, part=part), key=lambda row: row["position"])
    if not found:
        return None
    rows = [
        {
            "line": names[row["line"]],
            "unit": unit_label(row["unit"]),
            "quantity": _cell(row["quantity"], row),
            "per_head": _cell(row["per_head"], row),
            "low": Absence.NOT_APPLICABLE if row["low"] is None else row["low"],
            "high": Absence.NOT_APPLICABLE if row["high"] is None else row["high"],
            "status": value_label(ACCOUNT, "status", row["status"]),
        }
        for row in found
    ]
    totals = frozenset(
        place for place, row in enumerate(found) if row["line"] in ("scope1", "scope2", "scope3", "total")
    )
    return TableView(_columns(part), tuple(rows), (ACCOUNT,), totals=totals, note=_per_head_note(found))


def _cell(value: Any, row: dict[str, Any]) -> Any:
    if value is not None:
        return value
    return Absence.NOT_APPLICABLE if row["status"] == "optional" else None


def _columns(part: str) -> tuple[Column, ...]:
    first = (
        Column("line", word("line")),
        Column("unit", word("unit")),
        number_column("quantity", word("total"), "", decimals=2),
        number_column("per_head", word("per_head"), "", decimals=4),
    )
    ends = (
        number_column("low", column_label(ACCOUNT, "low"), "", decimals=2),
        number_column("high", column_label(ACCOUNT, "high"), "", decimals=2),
    )
    return (*first, *(ends if part == "emission" else ()), Column("status", column_label(ACCOUNT, "status")))


def _per_head_note(found: list[dict[str, Any]]) -> Text:
    reasons = {row["per_head_status"] for row in found} & {"no_staff", "zero_staff"}
    for reason in sorted(reasons):
        return word("no_per_head", reason=value_label(ACCOUNT, "per_head_status", reason))
    return NO_TEXT


def factors(asked: Asked) -> TableView | None:
    """Return the factors behind each line of emissions."""
    names = _names(asked, LINES, "line")
    found = sorted(asked.own_row(ACCOUNT, part="emission"), key=lambda row: row["position"])
    rows = [
        {"line": names[row["line"]], "source": same(row["factor_source"]), "sites": row["sites"]}
        for row in found
        if row["factor_source"] and row["line"] not in ("scope1", "scope2", "scope3", "total")
    ]
    if not rows:
        return None
    columns = (
        Column("line", word("line")),
        Column("source", column_label(ACCOUNT, "factor_source")),
        number_column("sites", column_label(ACCOUNT, "sites"), "1", decimals=0),
    )
    return TableView(columns, tuple(rows), (ACCOUNT,))


def _score_columns(*first: Column) -> tuple[Column, ...]:
    percent = (
        "indicator_value",
        "own_mean",
        "own_difference",
        "peer_mean",
        "peer_difference",
    )
    return (
        *first,
        *(number_column(name, column_label(SCORES, name), "%", decimals=2) for name in percent),
        number_column("place", column_label(SCORES, "place"), "1", decimals=0),
        number_column("weight_percent", column_label(SCORES, "weight_percent"), "%", decimals=1),
        Column("score", column_label(SCORES, "score")),
    )


def _score_row(row: dict[str, Any]) -> dict[str, Any]:
    keys = (
        "indicator_value", "own_mean", "own_difference", "peer_mean", "peer_difference", "place", "weight_percent",
    )  # fmt: skip
    told = value_label(SCORES, "score_status", row["score_status"])
    return {key: None if row[key] is None else exact(row[key]) for key in keys} | {"score": told}


def _own_scores(asked: Asked) -> list[dict[str, Any]]:
    """Return the scores of one institution, without what would show a peer."""
    return [withheld_from_one(row) for row in asked.own_row(SCORES)]


def evaluation(asked: Asked) -> TableView | None:
    """Return the four indicators in the last quarter, for one institution or for each of them."""
    found = asked.rows(SCORES) if asked.institution == ALL else _own_scores(asked)
    if not found:
        return None
    last = max(row["month"] for row in found)
    names = _names(asked, RULES, "code")
    rows = [
        {
            "institution": same(row["institution_id"]),
            "month": same(row["month"]),
            "indicator": names[row["indicator"]],
            **_score_row(row),
        }
        for row in found
        if row["month"] == last
    ]
    first = (
        Column("institution", column_label(SCORES, "institution_id")),
        Column("month", column_label(SCORES, "month")),
        Column("indicator", column_label(SCORES, "indicator")),
    )
    note = word("no_score", state=word("unverified"))
    few = any(0 < (row["institutions"] or 0) - 1 < LEAST_PEERS for row in found)
    if few and asked.institution != ALL:
        note = note + word("few_peers", least=LEAST_PEERS)
    return TableView(_score_columns(*first), tuple(rows), (SCORES,), note=note)


def evaluation_history(asked: Asked) -> TableView | None:
    """Return the indicators of every quarter; for all institutions together there is no such table."""
    found = _own_scores(asked)
    if not found:
        return None
    names = _names(asked, RULES, "code")
    rows = [
        {
            "month": same(row["month"]),
            **{one["indicator"]: one["indicator_value"] for one in found if one["month"] == row["month"]},
        }
        for row in {one["month"]: one for one in sorted(found, key=lambda one: one["month"])}.values()
    ]
    columns = (
        Column("month", column_label(SCORES, "month")),
        *(
            number_column(code, names[code], "%", decimals=2)
            for code in ("green_share", "market_share", "growth", "risk_share")
        ),
    )
    return TableView(columns, tuple(rows), (SCORES,), note=word("peers"))
