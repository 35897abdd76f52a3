"""Rows of the loan ledger that stand in the wrong place or lack what the scope rules go by, told with the remedy."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

SECURITIES = Query(
    "loan",
    """
    SELECT loan.loan_id, balance.year_end_balance AS outstanding_amount
    FROM loan
    LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
    WHERE loan.asset_class = 'listed_equity_bond'
    ORDER BY loan.loan_id
    """,
)
SELF_EMPLOYED = Query(
    "loan",
    """
    SELECT loan.uscc AS code, count(*) AS loans,
      CAST(coalesce(sum(balance.year_end_balance), 0) AS DECIMAL(20,2)) AS outstanding_amount
    FROM loan
    JOIN subject_match AS found
      ON found.subject_key = coalesce(loan.uscc, '') || '|' || coalesce(loan.borrower_name, '')
    LEFT JOIN enterprise ON enterprise.uscc = loan.uscc
    LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
    WHERE found.code_kind = 'self_employed'
      AND coalesce(loan.borrower_type, enterprise.size_class, 'not_stated') <> 'self_employed'
    GROUP BY loan.uscc
    ORDER BY outstanding_amount DESC, loan.uscc
    """,
)
SHOWN = 3


def make(context: StepContext) -> None:
    """Write the findings about rows of the ledger."""
    securities = context.sql(SECURITIES).to_pylist()
    if securities:
        amount = sum(row["outstanding_amount"] or 0 for row in securities)
        values = {"loans": len(securities), "outstanding": f"{amount:,}",
                  "examples": [row["loan_id"] for row in securities[:SHOWN]]}  # fmt: skip
        context.find(
            Problem("finance.securities_in_ledger", values=values, severity="warning"),
            table="loan", key=securities[0]["loan_id"], amount=float(amount), unit="CNY",
        )  # fmt: skip
    persons = context.sql(SELF_EMPLOYED).to_pylist()
    if persons:
        amount = sum(row["outstanding_amount"] for row in persons)
        values = {"loans": sum(row["loans"] for row in persons), "outstanding": f"{amount:,}",
                  "examples": [row["code"] for row in persons[:SHOWN]]}  # fmt: skip
        context.find(
            Problem("finance.self_employed_code", values=values, severity="warning"),
            table="loan", key=persons[0]["code"], amount=float(amount), unit="CNY",
        )  # fmt: skip
