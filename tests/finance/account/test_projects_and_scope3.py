"""Project loans without data of their project, negative project equity, and scope 3 with a score of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows
from .steps import account

PROJECT = {"project_id": "P1", "industry_code": "3120", "total_investment": Decimal(200_000_000),
           "project_equity": Decimal(50_000_000), "project_debt": Decimal(150_000_000)}  # fmt: skip
OF_PROJECT = {"project_id": "P1", "business_type": "project", "product_type": "project_loan",
              "asset_class": "project_finance"}  # fmt: skip
BORROWER = {
    "uscc": "E1",
    "year": YEAR,
    "source": "verified",
    "scope1": Decimal(60_000),
    "scope2": Decimal(20_000),
}
ITSELF = {**BORROWER, "project_id": "P1", "scope1": Decimal(300), "scope2": Decimal(100)}


def _book(*reports: dict[str, Any], project: dict[str, Any] | None = PROJECT) -> dict[str, list[Any]]:
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN, **OF_PROJECT}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "project": [project] if project else [],
        "entity_emission": list(reports),
        **intensities({"31": 1e-4}),
    }


def _made(engine: DuckDB, book: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    account(engine, book, "attributed_emission", "finance_gap")
    return {row["method"]: row for row in rows(engine, "attributed_emission")}


def test_a_project_with_its_data_is_counted_with_them(engine: DuckDB) -> None:
    found = _made(engine, _book(BORROWER, ITSELF))
    for row in found.values():
        assert (row["account_type"], row["subject_id"], row["emission"]) == ("project", "P1", 100)


@pytest.mark.parametrize(
    ("reports", "project"),
    [
        ((BORROWER,), PROJECT),  # no emission of the project
        ((BORROWER, ITSELF), {**PROJECT, "total_investment": None}),  # no cost
        ((BORROWER,), None),  # no record at all
    ],
)
def test_without_data_of_the_project_the_bank_guide_counts_with_the_borrower(
    engine: DuckDB, reports: tuple[dict[str, Any], ...], project: dict[str, Any] | None
) -> None:
    row = _made(engine, _book(*reports, project=project))["bank_2026"]
    assert (row["account_type"], row["subject_kind"], row["subject_id"]) == (
        "project_as_non_project",
        "entity",
        "E1",
    )
    assert (row["calculation_method"], row["quality_score"]) == ("verified_report", 1)
    assert row["emission"] == 1250  # 80,000 t x 5,000 / 320,000, as the worked example of the bank guide


def test_other_methods_do_not_say_so_and_keep_their_fallback(engine: DuckDB) -> None:
    found = _made(engine, _book(BORROWER))
    for name in ("trial_2021", "pcaf_2022"):
        assert (found[name]["account_type"], found[name]["calculation_method"]) == ("project", "fallback"), (
            name
        )
    gap = {row["method"]: row for row in rows(engine, "finance_gap", "code = 'project_without_data'")}
    assert set(gap) == {"bank_2026"}
    assert (gap["bank_2026"]["loans"], gap["bank_2026"]["emission"]) == (1, 1250)


def test_negative_project_equity_counts_as_none(engine: DuckDB) -> None:
    sunk = {**PROJECT, "project_equity": Decimal(-50_000_000), "project_debt": Decimal(100_000_000)}
    row = _made(engine, _book(ITSELF, project=sunk))["pcaf_2022"]
    assert (row["denominator"], row["attribution_factor"], row["emission"]) == (100_000_000, 0.5, 200)


@pytest.mark.parametrize(("verified", "score"), [(True, 1), (False, 2), (None, 2)])
def test_scope_3_has_a_score_of_its_own(engine: DuckDB, verified: bool | None, score: int) -> None:
    book = _book({**BORROWER, "scope3": Decimal(8_000), "scope3_verified": verified})
    account(engine, book, "attributed_emission", "financed_indicator", "pcaf_quality")
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["quality_score"], row["scope3"], row["scope3_score"]) == (1, 125, score)
    indicator = one(engine, "financed_indicator", "method = 'bank_2026' AND institution_id = '*'")
    assert (indicator["score_by_exposure"], indicator["scope3_score_by_exposure"]) == (1, score)


def test_scope_3_of_a_second_report_is_not_lost(engine: DuckDB) -> None:
    other = {**BORROWER, "source": "unverified", "scope1": Decimal(1), "scope3": Decimal(8_000)}
    row = _made(engine, _book(BORROWER, other))["bank_2026"]
    assert (row["emission"], row["quality_score"]) == (1250, 1)
    assert (row["scope3"], row["scope3_score"]) == (125, 2)


def test_credits_that_only_a_second_report_states_are_carried(engine: DuckDB) -> None:
    first = {**BORROWER, "removals": Decimal(640)}
    second = {**BORROWER, "source": "unverified", "removals": Decimal(1), "credits_retired": Decimal(6_400)}
    account(engine, _book(first, second), "attributed_apart")
    found = {row["kind"]: row["quantity"] for row in rows(engine, "attributed_apart", "method = 'bank_2026'")}
    assert found == {"removals": 10, "credits_retired": 100}


def test_reports_show_the_score_of_scope_3_and_what_stands_apart(engine: DuckDB) -> None:
    book = _book({**BORROWER, "scope3": Decimal(8_000), "scope3_verified": True, "removals": Decimal(640)})
    account(engine, book, "disclosure_figure")
    found = {
        row["figure"]: row["value"]
        for row in rows(engine, "disclosure_figure", "basis = 'bank_2026' AND institution_id = 'BANK1'")
    }
    assert (found["financed_scope3"], found["score_scope3"], found["apart_removals"]) == (125, 1, 10)
    assert found["apart_avoided"] is None  # nobody stated any, which is not zero
    assert found["financed_emission"] == 1250  # nothing is netted
