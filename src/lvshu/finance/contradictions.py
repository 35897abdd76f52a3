"""Tells which statements the loan ledger contradicts, and what setting them aside changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

COMPARISONS = {
    "monthly_average": {"zh": "月均", "en": "monthly average"},
    "year_end": {"zh": "年末", "en": "year-end"},
}
CODES = {"entity": "finance.borrower_contradicted", "project": "finance.project_contradicted"}
NO_EFFECT = {"zh": "不在任何方法的估算之内，无影响", "en": "in no method's estimate: no effect"}

CONTRADICTED = Query(
    "contradicted_statement",
    """
    SELECT doubt.subject_kind, doubt.subject_id, doubt.institution_id, doubt.institutions, doubt.comparison,
      doubt.balance, doubt.total, doubt.times, attributed.method, sum(attributed.emission) AS emission,
      sum(attributed.emission_by_statement) AS emission_by_statement
    FROM contradicted_statement AS doubt
    LEFT JOIN attributed_emission AS attributed
      ON attributed.subject_kind = doubt.subject_kind AND attributed.subject_id = doubt.subject_id
      AND attributed.institution_id = doubt.institution_id
      AND attributed.emission_by_statement IS NOT NULL
    WHERE doubt.treatment = 'set_aside'
    GROUP BY doubt.subject_kind, doubt.subject_id, doubt.institution_id, doubt.institutions, doubt.comparison,
      doubt.balance, doubt.total, doubt.times, attributed.method
    ORDER BY doubt.subject_kind, doubt.subject_id, doubt.institution_id, attributed.method
    """,
)


def tell(context: StepContext) -> None:
    """Write one finding for each statement set aside at an institution, greatest change first."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in context.sql(CONTRADICTED).to_pylist():
        found[row["subject_kind"], row["subject_id"], row["institution_id"]].append(row)
    listed = sorted(found.items(), key=lambda item: (-_change(item[1]), item[0]))
    for (kind, subject, _), by_method in listed:
        first = by_method[0]
        values = {
            "subject": subject,
            "institution": first["institution_id"],
            "institutions": first["institutions"],
            "comparison": COMPARISONS[first["comparison"]],
            "balance": f"{first['balance']:,.2f}",
            "total": f"{first['total']:,.2f}",
            "factor": "-" if first["times"] is None else f"{first['times']:,.4g}",
            "emissions": _before_and_after(by_method),
        }
        context.find(
            Problem(CODES[kind], values=values, severity="warning"),
            table="contradicted_statement", key=subject, amount=_change(by_method), unit="tCO2e",
        )  # fmt: skip


def _change(by_method: Sequence[Mapping[str, Any]]) -> float:
    """Return the greatest change of emission that setting the statement aside makes under one method, tCO2e."""
    changes = [
        abs(float(row["emission"] or 0) - float(row["emission_by_statement"]))
        for row in by_method
        if row["method"] is not None
    ]
    return max(changes, default=0.0)


def _before_and_after(by_method: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    parts: dict[str, list[str]] = {"zh": [], "en": []}
    for row in by_method:
        if row["method"] is None:
            return NO_EFFECT
        would, now = f"{row['emission_by_statement']:,.0f}", row["emission"]
        zh = "无法估算" if now is None else f"现为 {now:,.0f} 吨"
        en = "now not estimated" if now is None else f"now {now:,.0f} t"
        parts["zh"].append(f"{row['method']} 本会是 {would} 吨，{zh}")
        parts["en"].append(f"{row['method']} would have been {would} t, {en}")
    return {language: ("；" if language == "zh" else "; ").join(told) for language, told in parts.items()}
