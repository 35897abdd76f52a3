"""PCAF Parts B and C by hand, physical intensity, and which scope 3 is due in which year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, fill, months, one, rows, run
from .steps import account

FIRM = {
    "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    "enterprise_finance": [{"uscc": "E1", **FINANCE}],  # equity + debt 2,500 million, revenue 680 million
    "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "scope1": Decimal(60_000),
                         "scope2": Decimal(20_000), "scope3": Decimal(5_000)}],
}  # fmt: skip


def test_a_facilitated_deal_is_shown_full_and_weighted(engine: DuckDB) -> None:
    deal = {
        "year": YEAR,
        "institution_id": "BANK1",
        "instrument": "bond",
        "facilitated_amount": Decimal(500_000_000),
    }
    deals = [{**deal, "deal_id": "D1", "uscc": "E1"}, {**deal, "deal_id": "D2", "uscc": "E9"},
             {**deal, "deal_id": "D3", "uscc": "E1", "year": YEAR - 1}]  # fmt: skip
    account(engine, {**FIRM, "facilitated_deal": deals}, "facilitated_emission")
    found = {row["deal_id"]: row for row in rows(engine, "facilitated_emission")}
    assert set(found) == {"D1", "D2"}
    first = found["D1"]
    assert (first["denominator_basis"], first["attribution_factor"]) == ("equity_plus_debt", 0.2)
    assert (first["emission_full"], first["emission"], first["scope3"]) == (16_000, 5_280, 330)  # x 0.33
    assert (found["D2"]["status"], found["D2"]["emission"]) == ("unknown_subject", None)


def test_premiums_carry_emissions_by_revenue_and_by_the_cost_of_the_vehicle(engine: DuckDB) -> None:
    policy = {"year": YEAR, "institution_id": "INS1"}
    account(engine, {**FIRM, "insurance_policy": [
        {**policy, "policy_id": "C1", "line": "commercial", "uscc": "E1", "premium": Decimal(6_800_000)},
        {**policy, "policy_id": "M1", "line": "personal_motor", "premium": Decimal(4_000),
         "ownership_cost": Decimal(50_000), "vehicle_emission": Decimal(2), "vehicle_score": Decimal(4)},
        {**policy, "policy_id": "M2", "line": "personal_motor", "premium": Decimal(4_000),
         "vehicle_emission": Decimal(2)},
    ]}, "insured_emission")  # fmt: skip
    found = {row["policy_id"]: row for row in rows(engine, "insured_emission")}
    assert (found["C1"]["emission"], found["C1"]["scope3"], found["C1"]["quality_score"]) == (800, 50, 1)
    assert (found["M1"]["emission"], found["M1"]["quality_score"]) == (Decimal("0.16"), 4)
    assert (found["M2"]["status"], found["M2"]["emission"]) == ("no_denominator", None)


def _lent(**tables: list[Any]) -> dict[str, list[Any]]:
    return {
        **FIRM,
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        **tables,
    }


def test_physical_intensity_is_that_of_the_borrower_where_there_is_one(engine: DuckDB) -> None:
    made = {"uscc": "E1", "year": YEAR, "product_code": "steel_bof", "quantity": Decimal(40_000)}
    account(engine, _lent(product_return=[made]), "physical_intensity")
    for institution in ("BANK1", "*"):
        row = one(engine, "physical_intensity", f"method = 'bank_2026' AND institution_id = '{institution}'")
        assert (row["activity"], row["unit"], row["financed_activity"], row["emission"]) == (
            "steel_bof",
            "t",
            625,
            1250,
        )
        assert row["intensity"] == 2.0  # 80,000 t / 40,000 t


def test_several_products_have_no_physical_intensity(engine: DuckDB) -> None:
    made = {"uscc": "E1", "year": YEAR, "quantity": Decimal(40_000)}
    both = [{**made, "product_code": code} for code in ("steel_bof", "pig_iron")]
    account(engine, _lent(product_return=both), "physical_intensity")
    assert rows(engine, "physical_intensity") == []


@pytest.mark.parametrize(
    ("code", "first", "due"),
    [("2614", 2021, True), ("3120", 2023, True), ("4210", 2025, True), ("6513", 2025, True)],
)
def test_scope_3_is_due_by_division(engine: DuckDB, code: str, first: int, due: bool) -> None:
    book = _lent()
    book["enterprise"] = [{"uscc": "E1", **ENTERPRISE, "industry_code": code}]
    book["loan"][0]["purpose_industry_code"] = code
    account(engine, book, "scope3_phase_in")
    row = one(engine, "scope3_phase_in", "method = 'pcaf_2022'")
    assert (row["required_from"], row["required"], row["scope3"]) == (first, due, 100)
    assert row["outstanding_amount"] == row["outstanding_scope3"] == 50_000_000


# Tables 5-2 and 5-6 have the years in which reports are published: the report on 2024 appears in 2025.
@pytest.mark.parametrize(("year", "due"), [
    (2019, ""), (2020, "26"), (2021, "26"), (2022, "26 31 47"), (2023, "26 31 47"), (2024, "26 31 47 42 65"),
])  # fmt: skip
def test_scope_3_is_due_by_the_year_in_which_the_report_is_published(
    engine: DuckDB, year: int, due: str
) -> None:
    divisions = ("26", "31", "47", "42", "65")
    fill(engine, "attributed_emission", [
        {"method": "pcaf_2022", "loan_id": f"L{code}", "institution_id": "BANK1", "gbt4754_division": code,
         "outstanding_amount": Decimal(1)} for code in divisions
    ])  # fmt: skip
    run(engine, {}, only=("finance.scope3_phase_in",), year=year)
    found = {row["gbt4754_division"]: row["required"] for row in rows(engine, "scope3_phase_in")}
    assert found == {code: code in due.split() for code in divisions}
