"""Rows of the loan ledger that stand in the wrong place or lack what the scope rules go by, told with the remedy."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance import branch_findings

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
WITHOUT_LOAN = Query(
    "loan_balance",
    """
    SELECT balance.loan_id, count(*) AS months,
      sum(CASE WHEN balance.month = :december AND coalesce(balance.currency, 'CNY') = 'CNY'
        THEN balance.outstanding_amount END) AS year_end,
      max(CASE WHEN coalesce(balance.currency, 'CNY') = 'CNY' THEN balance.outstanding_amount END) AS highest
    FROM loan_balance AS balance
    LEFT JOIN loan ON loan.loan_id = balance.loan_id
    WHERE loan.loan_id IS NULL
    GROUP BY balance.loan_id
    ORDER BY highest DESC, balance.loan_id
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
    _without_loan(context)
    branch_findings.make(context)
    persons = context.sql(SELF_EMPLOYED).to_pylist()
    if persons:
        amount = sum(row["outstanding_amount"] for row in persons)
        values = {"loans": sum(row["loans"] for row in persons), "outstanding": f"{amount:,}",
                  "examples": [row["code"] for row in persons[:SHOWN]]}  # fmt: skip
        context.find(
            Problem("finance.self_employed_code", values=values, severity="warning"),
            table="loan", key=persons[0]["code"], amount=float(amount), unit="CNY",
        )  # fmt: skip


def _without_loan(context: StepContext) -> None:
    """Tell the balances whose loan is not in the ledger, its row in quarantine or never sent, with their amount."""
    rows = context.sql(WITHOUT_LOAN, december=f"{context.settings.year}-12").to_pylist()
    if not rows:
        return
    amount = sum(row["year_end"] or 0 for row in rows)
    values = {
        "loans": len(rows), "balances": sum(row["months"] for row in rows), "outstanding": f"{amount:,.2f}",
        "year": context.settings.year, "without": sum(1 for row in rows if row["year_end"] is None),
        "examples": [
            f"{row['loan_id']} ({'-' if row['highest'] is None else format(row['highest'], ',.2f')})"
            for row in rows[:SHOWN]
        ],
    }  # fmt: skip
    context.find(
        Problem("finance.balance_without_loan", values=values, severity="warning"),
        table="loan_balance", key=rows[0]["loan_id"], amount=float(amount), unit="CNY",
    )  # fmt: skip
