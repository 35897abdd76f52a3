"""A small book with the label and transition steps run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.label_steps import LABEL_STEPS, TRANSITION_STEPS

from ..book import ENTERPRISE, LOAN, Row, months, run

CATALOGUE = "green_bond_catalogue_2021"
LABELS = ("finance.loan_average_balance", *(step.name for step in LABEL_STEPS))
TRANSITION = ("finance.loan_average_balance", *(step.name for step in TRANSITION_STEPS))


def loan(loan_id: str, **more: Any) -> dict[str, Any]:
    """Return a loan of 2022 whose borrower has a code of its own."""
    dates = {"approved_on": date(2022, 5, 1), "disbursed_on": date(2022, 6, 1)}
    return {
        "loan_id": loan_id,
        **LOAN,
        "uscc": f"U-{loan_id}",
        "purpose_industry_code": "1411",
        **dates,
        **more,
    }


def desk(
    engine: DuckDB,
    loans: Sequence[Mapping[str, Any]],
    *,
    own: Mapping[str, str] | None = None,
    balance: float = 100.0,
    only: Sequence[str] = LABELS,
    **tables: Sequence[Row],
) -> DuckDB:
    """Fill a book with loans and their borrowers and run the label steps.

    Args:
        engine: an empty database.
        loans: the loans.
        own: industry of a loan's borrower; a bakery (1411) where not named.
        balance: month-end balance of every loan.
        only: names of the steps.
        tables: further input tables.
    """
    own = own or {}
    borrowers = {
        row["uscc"]: {"uscc": row["uscc"], **ENTERPRISE, "industry_code": own.get(row["loan_id"], "1411")}
        for row in loans
        if row["uscc"]
    }
    balances = [month for row in loans for month in months(row["loan_id"], balance)]
    filled = {"loan": loans, "loan_balance": balances, "enterprise": list(borrowers.values()), **tables}
    return run(engine, filled, only=only)
