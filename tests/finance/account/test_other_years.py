"""Statements and reports of other years alone are told with client, table and year, and are not used."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, months, one, rows
from .steps import account

STEP = "finance.other_years"


def _book(**tables: list[Any]) -> dict[str, list[Any]]:
    clients = ("E1", "E2")
    return {
        "loan": [{"loan_id": f"L-{name}", "uscc": name, **LOAN} for name in clients],
        "loan_balance": [row for name in clients for row in months(f"L-{name}", 30_000_000)],
        "enterprise": [{"uscc": name, **ENTERPRISE} for name in clients],
        **tables,
    }


def test_a_client_with_data_of_last_year_alone_is_told_by_table(engine: DuckDB) -> None:
    report = {"source": "verified", "scope1": Decimal(100), "scope2": Decimal(20)}
    account(engine, _book(
        enterprise_finance=[
            {"uscc": "E1", **FINANCE, "year": YEAR - 1},
            {"uscc": "E2", **FINANCE}, {"uscc": "E2", **FINANCE, "year": YEAR - 1},
        ],
        entity_emission=[{"uscc": name, "year": YEAR - 1, **report} for name in ("E1", "E9")],
    ), "attributed_emission", also=(STEP,))  # fmt: skip
    told = {row["record_key"]: row for row in rows(engine, "finding", "code = 'finance.data_of_other_year'")}
    assert {key: (row["severity"], row["amount"]) for key, row in told.items()} == {
        f"enterprise_finance | {YEAR - 1}": ("notice", 30e6), f"entity_emission | {YEAR - 1}": ("warning", 30e6),
    }  # fmt: skip
    statement = told[f"enterprise_finance | {YEAR - 1}"]
    assert all(word in statement["what_en"] for word in ("E1 (30,000,000.00)", str(YEAR - 1), str(YEAR)))
    assert "E2" not in statement["what_en"] and "desk carry" in statement["fix_zh"]
    used = one(engine, "attributed_emission", "loan_id = 'L-E1' AND method = 'bank_2026'")
    assert used["calculation_method"] not in ("verified_report", "economic")


def test_nothing_is_told_where_the_year_is_there(engine: DuckDB) -> None:
    statements = [
        {"uscc": name, **FINANCE, "year": year} for name in ("E1", "E2") for year in (YEAR - 1, YEAR)
    ]
    account(engine, _book(enterprise_finance=statements), "loan_subject", also=(STEP,))
    assert not rows(engine, "finding", "code = 'finance.data_of_other_year'")
