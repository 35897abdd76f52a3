"""Balances in other currencies: at the rate of their month-end, missing without one, told where nothing is said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, months, one, rows
from .steps import account

REPORT = {"uscc": "E1", "year": YEAR, "source": "verified", "scope1": Decimal(80_000), "scope2": Decimal(0)}


def _book(balances: list[Any], *rates: dict[str, Any], currency: str = "USD") -> dict[str, list[Any]]:
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN, "currency": currency}],
        "loan_balance": balances,
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [REPORT],
        "exchange_rate": list(rates),
    }


def _rate(month: int, amount: int, units: int | None = None) -> dict[str, Any]:
    return {
        "currency": "USD",
        "month": f"{YEAR}-{month:02d}",
        "cny_amount": Decimal(amount),
        "per_units": units,
    }


def _dollars(amount: int) -> list[dict[str, Any]]:
    return [{**row, "currency": "USD"} for row in months("L1", amount)]


def test_each_month_end_is_converted_at_its_own_rate(engine: DuckDB) -> None:
    rates = [_rate(month, 700 if month < 7 else 720, 100) for month in range(1, 13)]
    account(engine, _book(_dollars(10_000_000), *rates), "attributed_emission", told=True)
    balance = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert (balance["over_12_months"], balance["year_end_balance"]) == (71_000_000, 72_000_000)
    assert (
        one(engine, "attributed_emission", "method = 'bank_2026'")["emission"] == 1775
    )  # 80,000 x 7,100 / 320,000
    assert not {row["code"] for row in rows(engine, "finding")} & {
        "finance.no_rate_for_balance", "finance.balance_taken_as_cny",
    }  # fmt: skip


def test_without_a_rate_a_balance_is_missing_and_told(engine: DuckDB) -> None:
    account(engine, _book(_dollars(10_000_000)), "loan_scope", told=True)
    assert one(engine, "loan_average_balance", "loan_id = 'L1'")["balance_status"] == "no_balance"
    assert one(engine, "loan_scope", "method = 'bank_2026'")["scope_status"] == "unknown"
    told = one(engine, "finding", "code = 'finance.no_rate_for_balance'")
    assert told["severity"] == "error" and "120,000,000.00 USD" in told["what_zh"]


def test_a_month_without_a_rate_takes_the_nearest_known_balance(engine: DuckDB) -> None:
    rates = [_rate(month, 7) for month in range(1, 12)]
    account(engine, _book(_dollars(10_000_000), *rates), "loan_average_balance")
    balance = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert (balance["balance_status"], balance["months_missing"]) == ("filled", 1)
    assert balance["over_12_months"] == 70_000_000


def test_a_foreign_contract_whose_balances_say_nothing_counts_as_cny_and_is_told(engine: DuckDB) -> None:
    account(engine, _book(months("L1", 50_000_000)), "attributed_emission", told=True)
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["emission"] == 1250
    told = one(engine, "finding", "code = 'finance.balance_taken_as_cny'")
    assert "50,000,000.00" in told["what_en"] and told["record_key"] == "USD"


def test_flows_are_of_converted_balances(engine: DuckDB) -> None:
    rates = [_rate(month, 7) for month in range(1, 13)]
    account(engine, _book(_dollars(10_000_000), *rates), "capital_flow")
    found = [row["outstanding_end"] for row in rows(engine, "capital_flow", f"period = '{YEAR}'")]
    assert [value for value in found if value] == [70_000_000]
