"""Tells how much of each method's financed emissions rests on industries that the machine found."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

BY_MACHINE = Query(
    "attributed_emission",
    """
    SELECT method,
      sum(emission) AS whole,
      count(CASE WHEN industry_found_by = 'machine' THEN 1 END) AS loans,
      count(DISTINCT CASE WHEN industry_found_by = 'machine' THEN subject_id END) AS borrowers,
      sum(CASE WHEN industry_found_by = 'machine' THEN emission END) AS emission
    FROM attributed_emission
    GROUP BY method
    HAVING count(CASE WHEN industry_found_by = 'machine' THEN 1 END) > 0
    ORDER BY method
    """,
)


def make(context: StepContext) -> None:
    """Tell borrowers, loans, tonnes and share of each method that rest on the machine's industries."""
    for row in context.sql(BY_MACHINE).to_pylist():
        emission, whole = float(row["emission"] or 0), float(row["whole"] or 0)
        values = {
            "method": row["method"], "borrowers": row["borrowers"], "loans": row["loans"],
            "emission": f"{emission:,.0f}", "share": f"{100 * emission / whole if whole else 0.0:.2f}",
        }  # fmt: skip
        context.find(
            Problem("finance.machine_industry", values=values, severity="notice"),
            table="coded_borrower", key=row["method"], amount=emission, unit="tCO2e",
        )  # fmt: skip
