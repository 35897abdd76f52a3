"""Factors of industries that the user gives: where the accounts have none, by the nearest code, with origin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows
from .steps import account

FACTOR = {"year": YEAR, "source": "省统计年鉴表 7-3"}


def _book(*factors: dict[str, Any], **tables: list[Any]) -> dict[str, list[Any]]:
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 32_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "sector_emission_factor": [{**FACTOR, **row} for row in factors],
        **tables,
    }


def _factor(code: str, value: float, basis: str = "revenue", **more: Any) -> dict[str, Any]:
    return {"class_code": code, "basis": basis, "scope1_2": value, **more}


def test_revenue_times_the_factor_of_the_nearest_code(engine: DuckDB) -> None:
    book = _book(_factor("31", 9.0), _factor("312", 2.0, scope1=1.5), _factor("3130", 5.0))
    account(engine, book, "attributed_emission", told=True)
    found = one(engine, "entity_emission_estimate", "calculation = 'economic'")
    assert (found["emission"], found["scope1"]) == (136_000, 102_000)  # 680 million x 2 t per 1e4 CNY; 1.5
    assert (found["intensity_origin"], found["basis"]) == ("user", "revenue")
    held = one(engine, "attributed_emission", "method = 'pcaf_2022'")
    assert (held["calculation_method"], held["quality_score"]) == ("economic", 4)
    told = next(row for row in rows(engine, "finding", "code = 'finance.sector_factors_given'")
                if row["record_key"] == "pcaf_2022")  # fmt: skip
    assert told["severity"] == "notice" and "省统计年鉴表 7-3" in told["what_zh"]
    assert told["amount"] == pytest.approx(float(held["emission"]))


def test_the_accounts_of_the_run_come_first(engine: DuckDB) -> None:
    account(
        engine,
        _book(_factor("3120", 2.0), _factor("44", 7.0), **intensities({"31": 1e-4})),
        "attributed_emission",
    )
    assert (
        one(engine, "entity_emission_estimate", "calculation = 'economic'")["intensity_origin"] == "accounts"
    )
    assert {row["code"]: row["origin"] for row in rows(engine, "sector_factor_applied")} == {
        "31": "accounts", "44": "user",
    }  # fmt: skip


def test_assets_stand_in_where_the_revenue_has_no_factor_and_scopes_are_not_told_apart(
    engine: DuckDB,
) -> None:
    account(engine, _book(_factor("31", 3.0, "assets")), "attributed_emission")
    found = one(engine, "entity_emission_estimate", "calculation = 'economic'")
    assert (found["emission"], found["basis"]) == (
        960_000,
        "average_total_assets",
    )  # 3.2 billion x 3 t per 1e4 CNY
    assert (found["scope1"], found["scope2"]) == (None, None)
    held = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert held["emission"] == held["scope_unsplit"] == 9_600


def test_the_fallback_takes_the_factor_by_assets(engine: DuckDB) -> None:
    book = _book(_factor("31", 3.0, "assets", scope1=None)) | {"enterprise_finance": []}
    account(engine, book, "attributed_emission")
    held = one(engine, "attributed_emission", "method = 'pcaf_2022'")
    assert (held["calculation_method"], held["denominator_basis"]) == ("fallback", "intensity_assets")
    assert held["emission"] == held["scope_unsplit"] == 9_600  # 32 million x 3 t per 1e4 CNY
    assert held["quality_score"] == 5
    assert one(engine, "sector_balance_factor", "gbt4754_division = '31'")["origin"] == "user"


def test_the_latest_year_up_to_the_reporting_year_counts_and_another_year_is_told(engine: DuckDB) -> None:
    factors = [
        _factor("31", value, year=year) for value, year in ((1.0, YEAR - 3), (2.0, YEAR - 1), (4.0, YEAR + 1))
    ]
    account(engine, _book(*factors), "attributed_emission", told=True)
    assert one(engine, "sector_factor_applied", "code = '31'")["year"] == YEAR - 1
    assert one(engine, "entity_emission_estimate", "calculation = 'economic'")["emission"] == Decimal(136_000)
    told = rows(engine, "finding", "code = 'finance.sector_factors_given'")
    assert {row["severity"] for row in told} == {"warning"} and f"31 ({YEAR - 1}/{YEAR - 1})" in told[0][
        "what_zh"
    ]
