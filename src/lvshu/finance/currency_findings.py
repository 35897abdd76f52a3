"""Tells which balances in other currencies could not be converted, and which were taken as CNY unsaid."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

WITHOUT_RATE = Query(
    "converted_balance",
    """
    SELECT currency, count(*) AS balances, count(DISTINCT loan_id) AS loans, sum(amount) AS amount,
      min(month) AS first_month, max(month) AS last_month
    FROM converted_balance
    WHERE rate_status = 'missing'
    GROUP BY currency
    ORDER BY currency
    """,
)

TAKEN_AS_CNY = Query(
    "loan",
    """
    SELECT loan.currency, count(*) AS loans, sum(average.year_end_balance) AS outstanding
    FROM loan
    JOIN loan_average_balance AS average ON average.loan_id = loan.loan_id
    LEFT JOIN (SELECT DISTINCT loan_id FROM converted_balance) AS given ON given.loan_id = loan.loan_id
    WHERE loan.currency IS NOT NULL AND loan.currency <> 'CNY' AND given.loan_id IS NULL
    GROUP BY loan.currency
    ORDER BY loan.currency
    """,
)


def make(context: StepContext) -> None:
    """Write the findings on currencies of balances."""
    for row in context.sql(WITHOUT_RATE).to_pylist():
        values = {
            "currency": row["currency"], "balances": row["balances"], "loans": row["loans"],
            "amount": f"{row['amount'] or 0:,.2f}", "first": row["first_month"], "last": row["last_month"],
        }  # fmt: skip
        context.find(
            Problem("finance.no_rate_for_balance", values=values, severity="error"),
            table="converted_balance", key=row["currency"], amount=float(row["balances"]), unit="1",
        )  # fmt: skip
    for row in context.sql(TAKEN_AS_CNY).to_pylist():
        values = {
            "currency": row["currency"], "loans": row["loans"], "outstanding": f"{row['outstanding'] or 0:,.2f}",
        }  # fmt: skip
        context.find(
            Problem("finance.balance_taken_as_cny", values=values, severity="warning"),
            table="loan_balance", key=row["currency"], amount=float(row["outstanding"] or 0), unit="CNY",
        )  # fmt: skip
