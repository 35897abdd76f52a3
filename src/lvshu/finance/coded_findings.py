"""Tells how much of each method's financed emissions rests on industries that no register states."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.linkage.false_links import FalseLinks, basis_words, false_links

FOUND = Query(
    "attributed_emission",
    """
    SELECT method, industry_found_by AS found_by, count(*) AS loans, count(DISTINCT subject_id) AS borrowers,
      sum(emission) AS emission
    FROM attributed_emission
    WHERE industry_found_by IN ('machine', 'linked')
    GROUP BY method, industry_found_by
    ORDER BY method, industry_found_by
    """,
)
TOTALS = Query(
    "attributed_emission",
    "SELECT method, sum(emission) AS emission FROM attributed_emission GROUP BY method ORDER BY method",
)
CODES = {"machine": "finance.machine_industry", "linked": "finance.linked_industry"}


def make(context: StepContext) -> None:
    """Tell borrowers, loans, tonnes and share of each method that rest on industries of the machine or linked units."""
    whole = {row["method"]: float(row["emission"] or 0) for row in context.sql(TOTALS).to_pylist()}
    rows = context.sql(FOUND).to_pylist()
    linked = any(row["found_by"] == "linked" for row in rows)
    false = false_links(context) if linked else None
    for row in rows:
        emission, all_ = float(row["emission"] or 0), whole[row["method"]]
        values: dict[str, object] = {
            "method": row["method"], "borrowers": row["borrowers"], "loans": row["loans"],
            "emission": f"{emission:,.0f}", "share": f"{100 * emission / all_ if all_ else 0.0:.2f}",
        }  # fmt: skip
        if row["found_by"] == "linked":
            values["false"] = _rate(false)
        context.find(
            Problem(CODES[row["found_by"]], values=values, severity="notice"),
            table="coded_borrower", key=row["method"], amount=emission, unit="tCO2e",
        )  # fmt: skip


def _rate(false: FalseLinks | None) -> dict[str, str]:
    """Return how often links are false, in words."""
    if false is None:
        return {"zh": "误链率不知道", "en": "how many links are false is not known"}
    words, rate = basis_words(false), f"{100 * false.rate:.4g}"
    return {"zh": f"误链率 {rate}%（{words['zh']}）", "en": f"{rate} % of links are false by {words['en']}"}
