"""Bad input is told in words, never repaired in silence: units, equity, reports, codes, projects beyond their cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows
from .steps import account


def _told(engine: DuckDB, code: str) -> list[dict[str, Any]]:
    return rows(engine, "finding", f"code = 'finance.{code}'")


def test_one_branch_in_ten_thousand_yuan(engine: DuckDB) -> None:
    loans, balances = [], []
    for number in range(12):
        branch, scale = f"B{number % 3}", 10_000 if number % 3 == 2 else 1
        loans.append({"loan_id": f"L{number}", "uscc": "E1" if scale == 1 else "E2", **LOAN, "branch_code": branch,
                      "contract_amount": Decimal(60_000_000)})  # fmt: skip
        balances += months(f"L{number}", 50_000_000 / scale)
    account(engine, {
        "loan": loans, "loan_balance": balances,
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in ("E1", "E2")],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
    }, "suspected_unit", "finance_gap", told=True)  # fmt: skip
    found = {(row["record_id"], row["compared_with"]): row["power"] for row in rows(engine, "suspected_unit")}
    assert found == {("BANK1 | B2", "contract"): -4, ("BANK1 | B2", "other_branches"): -4}
    assert "万元" in _told(engine, "suspected_branch_balance")[0]["what_zh"]
    assert (
        one(engine, "loan_average_balance", "loan_id = 'L2'")["over_12_months"] == 5_000
    )  # told, not corrected
    # the client of that branch falls below the minimum for it: its loans are told, one by one
    gaps = rows(engine, "finance_gap_record", "method = 'bank_2026' AND code = 'excluded_on_suspected'")
    assert {(row["record_id"], row["rule"], row["effect"]) for row in gaps} == {
        (f"L{number}", "left_out", None) for number in (2, 5, 8, 11)
    }  # fmt: skip
    told = [row for row in _told(engine, "excluded_on_suspected") if "bank_2026" in row["what_en"]]
    assert len(told) == 1 and "4 笔" in told[0]["what_zh"] and "20,000.00" in told[0]["what_en"]


def test_a_report_a_thousand_times_too_large(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [
            {"uscc": "E1", "year": YEAR, "source": "unverified", "total": Decimal(68_000_000)},
            {"uscc": "E1", "year": YEAR - 1, "source": "unverified", "total": Decimal(67_000)},
        ],
        **intensities({"31": 1e-4}),
    }, "suspected_unit", "attributed_emission", told=True)  # fmt: skip
    found = {row["compared_with"]: row["power"] for row in rows(engine, "suspected_unit")}
    assert found == {"economic": 3, "previous_year": 3, "revenue_in_coal": 1}
    assert len(_told(engine, "suspected_reported_emission")) == 2
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["entity_emission"] == 68_000_000


def test_single_loans_by_their_contract_and_reports_beyond_revenue(engine: DuckDB) -> None:
    usual = {**LOAN, "branch_code": "B1", "contract_amount": Decimal(90_000_000)}
    loans = [{"loan_id": f"L{number}", "uscc": "E1", **usual} for number in range(8)]
    balances = [row for number in range(6) for row in months(f"L{number}", 60_000_000)]
    account(engine, {
        "loan": loans, "loan_balance": [*balances, *months("L6", 9_000), *months("L7", 9_500)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}, {"uscc": "E2", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": code, **FINANCE, "main_business_revenue": Decimal(900_000_000)}
                               for code in ("E1", "E2")],
        "entity_emission": [
            {"uscc": "E1", "year": YEAR, "source": "verified", "verifier": "V", "total": Decimal(1_205_000_000)},
            {"uscc": "E2", "year": YEAR, "source": "verified", "verifier": "V", "total": Decimal(1_205_000)},
        ],
    }, "suspected_unit", told=True)  # fmt: skip
    found = {
        (row["kind"], row["record_id"], row["compared_with"]): row for row in rows(engine, "suspected_unit")
    }
    assert set(found) == {("loan_balance", "L6", "contract"), ("reported_emission", "E1", "revenue_in_coal")}
    assert found[("loan_balance", "L6", "contract")]["power"] == -4
    coal = found[("reported_emission", "E1", "revenue_in_coal")]["reference"]
    assert round(coal / 90_000, 1) == 83.8  # t per 1e4 CNY of 900 million
    assert len(_told(engine, "suspected_loan_balance")) == len(_told(engine, "emission_beyond_revenue")) == 1


def test_statements_whose_assets_differ_as_units_do(engine: DuckDB) -> None:
    assets = {"total_assets_begin": Decimal(3_000_000_000), "total_assets_end": Decimal(31_000_000_000_000)}
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE, **assets},
                               {"uscc": "E1", **FINANCE, "year": YEAR - 1, "main_business_revenue": Decimal(68_000)}],
    }, "suspected_unit", told=True)  # fmt: skip
    found = {
        row["compared_with"]: row["power"] for row in rows(engine, "suspected_unit", "kind = 'statement'")
    }
    assert found == {"assets_begin": 4, "revenue_before": 4, "revenue_to_assets": -5,
                     "claims_to_assets": -4, "client_loans": 6}  # fmt: skip
    assert "亿元" in _told(engine, "suspected_statement")[0]["fix_zh"]


def test_a_report_of_one_scope_is_told_and_not_the_whole_emission(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "cems", "scope1": Decimal(90)}],
        **intensities({"31": 1e-4}),
    }, "attributed_emission", "enterprise_carbon_account", told=True)  # fmt: skip
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["calculation_method"] == "economic"
    assert "E1" in _told(engine, "report_of_one_scope")[0]["what_zh"]


def test_negative_equity_counts_as_zero_and_debt_stays(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE, "total_equity": Decimal(-900_000_000)}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(1500)}],
    }, "attributed_emission")  # fmt: skip
    row = one(engine, "attributed_emission", "method = 'pcaf_2022'")
    assert (row["denominator"], row["emission"]) == (1_500_000_000, 50)


def test_a_project_financed_beyond_its_cost(engine: DuckDB) -> None:
    book: dict[str, Any] = {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN, "business_type": "project", "project_id": "P1",
                  "asset_class": "project_finance", "purpose_industry_code": "4411"}],
        "loan_balance": months("L1", 500_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "project": [{"project_id": "P1", "uscc": "E1", "industry_code": "4411",
                     "total_investment": Decimal(400_000_000), "project_equity": Decimal(50_000_000),
                     "project_debt": Decimal(350_000_000)}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "project_id": "P1", "source": "verified",
                             "total": Decimal(1000)}],
        **intensities({"44": 1e-4}),
    }  # fmt: skip
    account(engine, book, "finance_gap_record", told=True)
    assert _told(engine, "project_contradicted")
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["calculation_method"] == "none"
    book["project"][0]["confirmed"] = True
    account(engine, book, "finance_gap_record", told=True)
    confirmed = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (confirmed["attribution_factor"], confirmed["emission"]) == (1.25, 1250)
    assert _told(engine, "subject_above_one")
    gap = one(engine, "finance_gap_record", "method = 'bank_2026' AND code = 'attribution_above_one'")
    assert (gap["rule"], gap["effect"], gap["effect_kind"]) == ("kept_above_one", 250, "exact")


def test_a_retired_code_is_told_and_the_borrowers_own_industry_is_used(engine: DuckDB) -> None:
    account(engine, {
        "loan": [
            {"loan_id": "L1", "uscc": "E1", **LOAN, "purpose_industry_code": "0170"},
            {"loan_id": "L2", "uscc": "E2", **LOAN, "purpose_industry_code": "9999"},
        ],
        "loan_balance": months("L1", 50_000_000) + months("L2", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}, {"uscc": "E2", **ENTERPRISE, "industry_code": None}],
    }, "loan_scope", told=True)  # fmt: skip
    retired = _told(engine, "retired_industry_code")
    assert [row["record_key"] for row in retired] == ["0170"]
    assert "0171" in retired[0]["what_zh"]
    assert [row["record_key"] for row in _told(engine, "unknown_industry_code")] == ["9999"]
    scope = {row["loan_id"]: row for row in rows(engine, "loan_scope", "method = 'bank_2026'")}
    assert (scope["L1"]["sector_code"], scope["L1"]["scope_status"]) == ("3120", "in")
    assert (scope["L2"]["reason"], scope["L2"]["scope_status"]) == ("unknown_industry", "unknown")


def test_a_ledger_without_month_ends(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    }, "finance_gap", told=True)  # fmt: skip
    assert one(engine, "loan_scope", "method = 'bank_2026'")["reason"] == "no_balance"
    assert _told(engine, "no_balance")
    gap = one(engine, "finance_gap_record", "method = 'bank_2026'")
    assert (gap["code"], gap["rule"], gap["effect_kind"], gap["place"]) == (
        "no_balance",
        "left_out",
        "none",
        1,
    )


def test_one_month_is_not_a_year_and_next_year_is_not_this_year(engine: DuckDB) -> None:
    """The tenure defect (12 times too much) and the loan disbursed after the year: both refused by default."""
    tables = {
        "loan": [
            {"loan_id": "L1", "uscc": "E1", **LOAN, "disbursed_on": date(YEAR, 12, 5)},
            {"loan_id": "L2", "uscc": "E1", **LOAN, "disbursed_on": date(YEAR + 1, 1, 5)},
            {"loan_id": "L3", "uscc": "E1", **LOAN},
        ],
        "loan_balance": months("L1", 120_000_000, first=12) + months("L2", 120_000_000, first=12)
        + months("L3", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(80_000)}],
    }  # fmt: skip
    account(engine, tables, "attributed_emission")
    found = {row["loan_id"]: row for row in rows(engine, "attributed_emission", "method = 'bank_2026'")}
    assert set(found) == {"L1", "L3"}
    assert (found["L1"]["exposure"], found["L1"]["exposure_rule"]) == (10_000_000, "over_12_months")
    account(engine, tables, "attributed_emission", balance_average="over_tenure")
    tenure = {row["loan_id"]: row for row in rows(engine, "attributed_emission", "method = 'bank_2026'")}
    assert set(tenure) == {"L1", "L3"}
    assert (tenure["L1"]["exposure_rule"], tenure["L1"]["emission"]) == (
        "over_tenure",
        12 * found["L1"]["emission"],
    )


def test_the_gap_ledger_is_ranked_by_effect_and_exact(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": f"L{k}", "uscc": f"E{k}", **LOAN} for k in (1, 2, 3)],
        "loan_balance": months("L1", [50_000_000] * 11 + [None])[:11] + months("L2", 40_000_000)
        + months("L3", 30_000_000),
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2)],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "total": Decimal(80_000)}],
        **intensities({"31": 1e-4}),
    }, "finance_gap")  # fmt: skip
    found = {
        (row["code"], row["record_id"]): row
        for row in rows(engine, "finance_gap_record", "method = 'bank_2026'")
    }
    assert found["balance_filled", "L1"]["effect"] == round(Decimal(1250) / 12, 6)
    fallback = found["no_entity_estimate", "E2"]
    assert fallback["effect"] == fallback["emission"] > 0
    left_out = found["unknown_borrower", "L3"]
    total = sum(row["emission"] for row in rows(engine, "attributed_emission", "method = 'bank_2026'"))
    assert left_out["effect_kind"] == "estimated"
    assert abs(left_out["effect"] + total * 30 / 90) < Decimal("0.00001")
    by_place = sorted(found.values(), key=lambda row: row["place"])
    effects = [abs(row["effect"] or 0) for row in by_place]
    assert effects == sorted(effects, reverse=True)
    gap = one(engine, "finance_gap", "code = 'no_entity_estimate' AND method = 'bank_2026'")
    assert gap["effect"] == fallback["effect"]


def test_one_borrower_that_makes_most_of_the_total_is_named(engine: DuckDB) -> None:
    firms = ("E1", "E2", "E3")
    report = {"year": YEAR, "source": "unverified", "scope2": Decimal(0)}
    account(engine, {
        "loan": [{"loan_id": f"L{code}", "uscc": code, **LOAN} for code in firms],
        "loan_balance": [row for code in firms for row in months(f"L{code}", 50_000_000)],
        "enterprise": [{"uscc": code, **ENTERPRISE} for code in firms],
        "enterprise_finance": [{"uscc": code, **FINANCE} for code in firms],
        "entity_emission": [
            {"uscc": code, **report, "scope1": Decimal(amount)}
            for code, amount in (("E1", 80_000_000), ("E2", 90_000), ("E3", 70_000))
        ],
    }, "attributed_emission", told=True)  # fmt: skip
    named = rows(engine, "finding", "code = 'finance.one_subject_dominates'")
    told = {row["record_key"]: row["what_en"] for row in named}
    assert set(told) == {"E1"}
    assert "99.8 % of the total" in told["E1"] and "33.3 % of the exposure" in told["E1"]


def test_balances_without_a_loan_are_told_with_their_amount(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": [*months("L1", 50_000_000), *months("C01", 300_000_000), *months("C02", [7, 9])],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    }, "loan_scope", also=("finance.ledger_findings",))  # fmt: skip
    told = _told(engine, "balance_without_loan")[0]
    assert told["amount"] == 300_000_000 and told["record_key"] == "C01"
    for part in ("2", "14", "300,000,000.00", "C01 (300,000,000.00)", "C02 (9.00)"):
        assert part in told["what_zh"] and part in told["what_en"]


def _peers(**own: Any) -> dict[str, list[Any]]:
    """Four rolling mills that report 50,000 to 80,000 t; the last one in kg. They have a statement each unless told."""
    given = {**FINANCE, "main_business_revenue": None, "total_assets_begin": None, "total_assets_end": None,
             "total_equity": None, "total_debt": None, **own}  # fmt: skip
    amounts = (50_000, 60_000, 70_000, 80_000_000)
    names = [f"E{k}" for k in range(len(amounts))]
    return {
        "loan": [{"loan_id": f"L{name}", "uscc": name, **LOAN} for name in names],
        "loan_balance": [row for name in names for row in months(f"L{name}", 50_000_000)],
        "enterprise": [{"uscc": name, **ENTERPRISE, "name": f"{name}钢铁"} for name in names],
        "enterprise_finance": [{"uscc": name, **given} for name in names],
        "entity_emission": [
            {"uscc": name, "year": YEAR, "source": "unverified", "total": Decimal(amount)}
            for name, amount in zip(names, amounts, strict=True)
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("own", "measure"), [
    ({"main_business_revenue": Decimal(10**12)}, "peers_by_revenue"),
    ({"total_assets_end": Decimal(10**12)}, "peers_by_assets"),
])  # fmt: skip
def test_a_report_against_the_clients_of_its_class(engine: DuckDB, own: dict[str, Any], measure: str) -> None:
    account(engine, _peers(**own), "suspected_unit", told=True)
    found = {(row["record_id"], row["compared_with"]): row for row in rows(engine, "suspected_unit")}
    assert set(found) == {("E3", measure)}
    assert (found["E3", measure]["power"], found["E3", measure]["reference"]) == (3, pytest.approx(60_000))
    assert "同小类" in _told(engine, "suspected_reported_emission")[0]["what_zh"]


def test_reports_alone_are_compared_by_size_and_only_at_ten_thousand_times(engine: DuckDB) -> None:
    tables = _peers()
    account(engine, tables, "suspected_unit")
    assert not rows(engine, "suspected_unit")  # 1,333 times: firms of one class do differ in size
    tables["entity_emission"][3]["total"] = Decimal(800_000_000)
    account(engine, tables, "suspected_unit")
    assert one(engine, "suspected_unit", "record_id = 'E3'")["compared_with"] == "peers_by_size"


def test_a_report_beyond_what_all_assets_could_burn(engine: DuckDB) -> None:
    tables = _peers(total_assets_end=Decimal(900_000_000))
    tables = {name: [row for row in table if "E3" in str(row)] for name, table in tables.items()}
    account(engine, tables, "suspected_unit", told=True)
    found = one(engine, "suspected_unit", "record_id = 'E3'")
    assert found["compared_with"] == "assets_in_coal" and round(found["reference"] / 90_000, 1) == 83.8
    assert "80,000,000" in _told(engine, "emission_beyond_assets")[0]["what_zh"]


def test_one_client_that_makes_most_of_the_total_is_a_warning_with_its_name(engine: DuckDB) -> None:
    account(engine, _peers(total_assets_begin=Decimal(10**12), total_assets_end=Decimal(10**12)),
            "attributed_emission", told=True)  # fmt: skip
    told = [row for row in _told(engine, "one_subject_dominates") if "bank_2026" in row["what_zh"]]
    assert (
        told[0]["severity"] == "warning" and "E3钢铁" in told[0]["what_zh"] and "E3钢铁" in told[0]["what_en"]
    )


def test_energy_beyond_what_a_client_can_pay_a_project_and_columns_of_a_statement(engine: DuckDB) -> None:
    """50,000 GWh for MWh; an investment, a revenue and equity and debt in 万元; assets of 8e12 for a loan of 3e7."""
    statements = {
        "E1": {"main_business_revenue": Decimal(500_000_000)},
        "E2": {"main_business_revenue": Decimal(5 * 10**12), "total_assets_begin": Decimal(6 * 10**8),
               "total_assets_end": Decimal(6 * 10**8), "total_equity": None, "total_debt": None},
        "E3": {"total_equity": Decimal(2 * 10**12), "total_debt": Decimal(2 * 10**12)},
        "E4": {"main_business_revenue": Decimal(5 * 10**12), "total_assets_begin": Decimal(8 * 10**12),
               "total_assets_end": Decimal(8 * 10**12), "total_equity": None, "total_debt": None},
    }  # fmt: skip
    loans = [{"loan_id": f"L{code}", "uscc": code, **LOAN} for code in statements]
    paid = {**LOAN, "business_type": "project", "product_type": "project_loan", "project_id": "P1"}
    account(engine, {
        "loan": [*loans, {"loan_id": "LP", "uscc": "E1", **paid}],
        "loan_balance": [row for loan in [*loans, {"loan_id": "LP"}] for row in months(loan["loan_id"], 30_000_000)],
        "enterprise": [{"uscc": code, **ENTERPRISE, "name": f"{code}钢铁"} for code in statements],
        "enterprise_finance": [{"uscc": code, **FINANCE, **own} for code, own in statements.items()],
        "energy_return": [{"uscc": "E1", "year": YEAR, "fuel_code": "electricity", "source_kind": "grid",
                           "quantity": Decimal(50_000), "unit": "GWh"}],
        "project": [{"project_id": "P1", "uscc": "E1", "total_investment": Decimal(5 * 10**12)}],
    }, "suspected_unit", told=True)  # fmt: skip
    found = {(row["record_id"], row["compared_with"]) for row in rows(engine, "suspected_unit")}
    assert found == {
        ("E1", "revenue_in_coal"), ("E2", "revenue_to_assets"), ("E3", "claims_to_assets"), ("E4", "client_loans"),
        ("P1", "project_loans"), ("E2", "class_revenue"), ("E4", "class_revenue"),
    }  # fmt: skip
    assert "E1钢铁 E1" in _told(engine, "suspected_energy_return")[0]["what_zh"]
    columns = " ".join(row["what_en"] for row in _told(engine, "suspected_columns"))
    for part in (
        "E2钢铁 E2: main business revenue to total assets",
        "E3钢铁 E3: equity plus debt",
        "E4钢铁 E4: total",
    ):
        assert part in columns
    assert "10 的 5 次方" in _told(engine, "suspected_project_investment")[0]["what_zh"]


def test_suspected_and_dominating_figures_stand_in_the_gap_ledger_of_their_institution(
    engine: DuckDB,
) -> None:
    tables = _peers(total_assets_begin=Decimal(10**12), total_assets_end=Decimal(10**12))
    tables["loan"].append({**tables["loan"][0], "loan_id": "LB", "institution_id": "BANK2"})
    tables["loan_balance"] += months("LB", 50_000_000)
    account(engine, tables, "finance_gap", "finance_gap_record", told=True)
    doubts = ("figure_suspected", "subject_dominates")
    kept = rows(engine, "finance_gap_record", f"method = 'bank_2026' AND code IN {doubts}")
    found = {(row["institution_id"], row["code"], row["record_id"]): row["emission"] for row in kept}
    assert found.keys() >= {("BANK1", code, "E3") for code in doubts}
    assert found["BANK1", "subject_dominates", "E3"] == Decimal(4_000)  # 80e6 t x 50e6 / 1e12
    assert {key for key in found if key[2] != "E3"} == set()
    total = one(engine, "finance_gap", "method = 'bank_2026' AND code = 'figure_suspected'")
    assert (total["loans"], total["emission"]) == (1, Decimal(4_000))
