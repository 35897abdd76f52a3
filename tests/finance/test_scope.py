"""Which loans are in scope, and the reason for every one that is not. Unknown borrowers stay in sight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import query
from lvshu.pipeline.packs import load_packs

from .account.steps import account
from .book import ENTERPRISE, FINANCE, LIBRARY, LOAN, YEAR, fill, intensities, months, one, rows

BIG = 50_000_000

# name: (changes of the loan, changes of the borrower (None: not in the register), balance, reasons by method)
CASES = {
    "plain": ({}, {}, BIG, ("in_scope", "in_scope", "in_scope")),
    "after_year": ({"disbursed_on": date(YEAR + 1, 1, 15)}, {}, BIG, ("after_year",) * 3),
    "individual": ({"borrower_type": "individual", "uscc": None}, None, BIG,
                   ("individual", "individual", "unknown_borrower")),
    "self_employed": ({}, {"size_class": "self_employed"}, BIG, ("self_employed", "self_employed", "in_scope")),
    "unknown_borrower": ({}, None, BIG, ("unknown_borrower",) * 3),
    "no_code": ({"uscc": None}, None, BIG, ("unknown_borrower",) * 3),
    "overseas": ({}, {"overseas": True}, BIG, ("overseas", "in_scope", "in_scope")),
    "small": ({}, {"size_class": "small"}, BIG, ("small_or_micro", "small_or_micro", "in_scope")),
    "micro": ({}, {"size_class": "micro"}, BIG, ("small_or_micro", "small_or_micro", "in_scope")),
    "bakery": ({"purpose_industry_code": "1411"}, {}, BIG, ("industry_not_listed", "in_scope", "in_scope")),
    "no_industry": ({"purpose_industry_code": None}, {"industry_code": None}, BIG,
                    ("unknown_industry", "in_scope", "in_scope")),
    "own_industry": ({"purpose_industry_code": None}, {}, BIG, ("in_scope",) * 3),
    "below": ({}, {}, 4_999_999.99, ("below_minimum_balance", "below_minimum_balance", "in_scope")),
    "at_minimum": ({}, {}, 5_000_000, ("in_scope",) * 3),
    "small_fixed_asset_project": ({"business_type": "project_as_non_project"}, {}, 1_000_000, ("in_scope",) * 3),
    "other_product": ({"product_type": "other"}, {}, BIG, ("product_not_covered", "in_scope", "in_scope")),
    "bill": ({"product_type": "bill_discount"}, {}, BIG, ("in_scope",) * 3),
    "mortgage": ({"asset_class": "mortgage", "uscc": None}, None, BIG,
                 ("individual", "individual", "asset_class_not_covered")),
    "no_balance": ({}, {}, None, ("no_balance",) * 3),
}  # fmt: skip


def _book(engine: DuckDB, *makes: str, told: bool = False) -> DuckDB:
    loans, balances, enterprises = [], [], []
    for name, (loan, borrower, balance, _) in CASES.items():
        loans.append({"loan_id": name, **LOAN, "uscc": f"U-{name}", **loan})
        if balance is not None:
            balances += months(name, balance)
        if borrower is not None:
            enterprises.append({"uscc": f"U-{name}", **ENTERPRISE, **borrower})
    tables = {"loan": loans, "loan_balance": balances, "enterprise": enterprises}
    return account(engine, tables, *makes, told=told)


def test_every_exclusion_has_its_reason(engine: DuckDB) -> None:
    _book(engine, "loan_scope")
    found = {(row["loan_id"], row["method"]): row["reason"] for row in rows(engine, "loan_scope")}
    for name, (_, _, _, reasons) in CASES.items():
        got = tuple(found[name, method] for method in ("bank_2026", "trial_2021", "pcaf_2022"))
        assert got == reasons, name
    assert len(found) == 3 * len(CASES)


def test_nothing_is_dropped_and_coverage_adds_up(engine: DuckDB) -> None:
    _book(engine, "loan_coverage", told=True)
    for method in ("bank_2026", "trial_2021", "pcaf_2022"):
        covered = rows(engine, "loan_coverage", f"method = '{method}'")
        assert sum(row["loans"] for row in covered) == len(CASES)
        total = sum(row["outstanding_amount"] or 0 for row in covered)
        assert total == engine.execute("SELECT sum(year_end_balance) FROM loan_average_balance")[0][0]
        status = {row["reason"]: row["scope_status"] for row in covered}
        assert status["unknown_borrower"] == "unknown"
        assert status["no_balance"] == "unknown"
    told = [row["code"] for row in rows(engine, "finding")]
    assert "finance.unknown_borrower" in told
    assert "finance.after_year" in told


@pytest.mark.parametrize(
    ("second", "reason"), [(2_000_000, "in_scope"), (1_000_000, "below_minimum_balance")]
)
def test_the_minimum_is_on_the_customer_not_on_the_loan(engine: DuckDB, second: int, reason: str) -> None:
    account(engine, {
        "loan": [{"loan_id": k, **LOAN, "uscc": "E1"} for k in ("L1", "L2")]
        + [{"loan_id": "L3", **LOAN, "uscc": "E1", "institution_id": "BANK2"}],
        "loan_balance": months("L1", 3_000_000) + months("L2", second) + months("L3", 3_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    }, "loan_scope")  # fmt: skip
    found = {row["loan_id"]: row["reason"] for row in rows(engine, "loan_scope", "method = 'bank_2026'")}
    assert found == {"L1": reason, "L2": reason, "L3": "below_minimum_balance"}


def test_several_purposes_give_way_to_the_borrowers_own_industry(engine: DuckDB) -> None:
    account(engine, {
        "loan": [
            {"loan_id": "L1", **LOAN, "uscc": "E1", "purpose_industry_code": "3120"},
            {"loan_id": "L2", **LOAN, "uscc": "E1", "purpose_industry_code": "6210"},
            {"loan_id": "L3", **LOAN, "uscc": "E2", "purpose_industry_code": "3120"},
        ],
        "loan_balance": [row for k in (1, 2, 3) for row in months(f"L{k}", BIG)],
        "enterprise": [{"uscc": k, **ENTERPRISE, "industry_code": "6210"} for k in ("E1", "E2")],
    }, "loan_scope")  # fmt: skip
    found = {row["loan_id"]: row["reason"] for row in rows(engine, "loan_scope", "method = 'bank_2026'")}
    assert found == {"L1": "industry_not_listed", "L2": "industry_not_listed", "L3": "in_scope"}


def test_a_project_loan_without_its_project_is_counted_with_the_borrower(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", **LOAN, "uscc": "E1", "business_type": "project", "project_id": "P9"}],
        "loan_balance": months("L1", BIG),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        **intensities({"31": 1e-4}),
    }, "loan_scope", told=True)  # fmt: skip
    assert one(engine, "loan_scope", "method = 'bank_2026'")["subject_kind"] == "entity"
    assert "finance.project_unknown" in [row["code"] for row in rows(engine, "finding")]


def test_a_method_is_data(engine: DuckDB) -> None:
    """A method added to the pack is applied without any change of code."""
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", BIG),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(80_000)}],
        "pack_finance_methods": [{
            "code": "mine", "exposure": "year_end", "non_project_denominator": "main_business_revenue",
            "project_denominator": "total_investment", "industry_filter": False, "excludes_individual": True,
            "excludes_small_micro": False, "excludes_overseas": False, "quality_weight": "outstanding",
            "electricity_purpose": "province_average",
        }],
        "pack_finance_quality_scores": [
            {"method": "mine", "calculation": "verified_report", "priority": 1, "score": 1},
        ],
    }, "attributed_emission", finance_methods=("bank_2026", "mine"))  # fmt: skip
    assert round(one(engine, "attributed_emission", "method = 'mine'")["emission"], 2) == Decimal("5882.35")


def test_a_client_taken_off_the_formal_list_is_out_of_that_lists_method_alone(engine: DuckDB) -> None:
    listed = {"list_id": "F1", "method": "bank_2026", "year": YEAR, "institution_id": LOAN["institution_id"],
              "name": "n", "origin": "ledger"}  # fmt: skip
    fixes = [("E1", 1, "remove"), ("E2", 2, "remove"), ("E2", 3, "add"), ("E3", 4, "lead_branch")]
    account(engine, {
        "loan": [{"loan_id": f"L{number}", **LOAN, "uscc": f"E{number}"} for number in (1, 2, 3)],
        "loan_balance": [row for number in (1, 2, 3) for row in months(f"L{number}", BIG)],
        "enterprise": [{"uscc": f"E{number}", **ENTERPRISE} for number in (1, 2, 3)],
        "formal_list": [{**listed, "uscc": code} for code in ("E2", "E3")],
        "correction": [{"list_id": "F1", "uscc": code, "correction_id": number, "kind": kind, "reason": "r"}
                       for code, number, kind in fixes],
    }, "loan_scope", "loan_coverage")  # fmt: skip
    found = {(row["loan_id"], row["method"]): row["reason"] for row in rows(engine, "loan_scope")}
    assert {loan for (loan, _), reason in found.items() if reason == "removed_from_list"} == {"L1"}
    assert found[("L1", "bank_2026")] == "removed_from_list" and found[("L1", "pcaf_2022")] == "in_scope"
    assert one(engine, "loan_coverage", "method = 'bank_2026' AND scope_status = 'out'")["loans"] == 1


# the ledger's code, the match (subject key, by, status, level, entity), and whom the loan is counted with
BORROWERS = {
    "by_code": ("A", ("A|甲", "code", "matched", "direct", "A"), "A"),
    "by_name": (None, ("|乙", "name", "matched", "direct", "B"), "B"),
    "by_another_code": ("LEI-B", ("LEI-B|乙", "code", "matched", "direct", "B"), "B"),
    "code_with_a_bar": ("A|X", ("A|X|甲", "code", "matched", "direct", "A"), "A"),
    "override_to_the_parent": ("C", ("A|甲", "override", "matched", "direct", "A"), "A"),
    "parent": ("C", ("A|甲", "code", "matched", "ultimate_parent", "A"), "C"),
    "waits": ("C", ("C|甲", "name", "review", "direct", "A"), "C"),
    "not_in_the_register": ("C", ("C|丁", "name", "matched", "direct", "K"), "C"),
}


def test_the_borrower_is_the_direct_match_else_the_ledgers_code(engine: DuckDB) -> None:
    fill(
        engine, "loan", [{"loan_id": name, **LOAN, "uscc": code} for name, (code, _, _) in BORROWERS.items()]
    )
    fill(engine, "enterprise", [{"uscc": code, **ENTERPRISE} for code in ("A", "B", "C")])
    columns = ("subject_key", "matched_by", "status", "level", "entity_id")
    fill(engine, "loan_match", [
        {"loan_id": name, "reason": "x", **dict(zip(columns, match, strict=True))}
        for name, (_, match, _) in BORROWERS.items()
    ])  # fmt: skip
    fill(engine, "loan_average_balance", [
        {"loan_id": name, "balance_status": "complete", "over_12_months": Decimal(10) ** place,
         "over_tenure": Decimal(1), "year_end_balance": Decimal(1)}
        for place, name in enumerate(BORROWERS)
    ])  # fmt: skip
    fill(engine, "project", [])
    fill(engine, "branch_code_of_name", [])
    load_packs(engine, LIBRARY, {"gbt4754_2017"})
    engine.make(query("lvshu.finance", "loan_subject"), {}, load("loan_subject"))
    found = {row["loan_id"]: row for row in rows(engine, "loan_subject")}
    assert {name: row["uscc"] for name, row in found.items()} == {
        name: borrower for name, (_, _, borrower) in BORROWERS.items()
    }
    totals = {row["uscc"]: row["customer_over_12_months"] for row in found.values()}
    assert totals == {"A": Decimal(11001), "B": Decimal(110), "C": Decimal(11100000)}
    assert {row["sector_code"] for row in found.values()} == {"3120"}


def test_a_branch_without_a_code_goes_by_its_name(engine: DuckDB) -> None:
    branches = (
        {"branch_code": None, "branch_name": "城北支行"},
        {"branch_code": None},
        {"branch_name": "城南支行"},
    )
    loans = [{**LOAN, "loan_id": f"L{place}", "uscc": "E", **branch} for place, branch in enumerate(branches)]
    tables = {
        "loan": loans, "loan_balance": [row for loan in loans for row in months(loan["loan_id"], BIG)],
        "enterprise": [{"uscc": "E", **ENTERPRISE}],
    }  # fmt: skip
    account(engine, tables, "candidate_reconciliation")
    checked = rows(engine, "candidate_reconciliation", "method = 'bank_2026'")
    assert {row["branch_code"]: (row["loans_in"], row["loans_difference"]) for row in checked} == {
        "城北支行": (1, 0), "none": (1, 0), "B1": (1, 0),
    }  # fmt: skip
