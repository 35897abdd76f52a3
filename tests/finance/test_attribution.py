"""Attribution on random books: against plain loops, and the identities that every book must keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.contract import all_contracts
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import query

from . import random_book
from .account.steps import account
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, Row, intensities, months, one, rows, run

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10**6)
ONLY_WHERE_FOUND = ("suspected_unit", "attributed_apart", "uncertain_asset_emission", "branch_code_of_name")
"""Tables that are empty where the book has no slip of unit, no removal or credit, no estimated other asset, no
branch by its name alone."""


@given(seed=SEEDS)
@MANY
def test_every_loan_agrees_with_a_plain_loop(engine: DuckDB, seed: int) -> None:
    book = random_book.make(seed)
    account(engine, book.tables, "attributed_emission", "contradicted_statement")
    wanted = random_book.expected(book)
    found = {(row["loan_id"], row["method"]): row for row in rows(engine, "attributed_emission")}
    assert set(found) == set(wanted)
    for key, (way, emission, score) in wanted.items():
        row = found[key]
        assert (row["calculation_method"], row["quality_score"]) == (way, score), key
        last_place = 1e-5 + 2e-6 * float(
            row["attribution_factor"] or 0
        )  # the enterprise's emission has six places
        assert float(row["emission"] or 0) == pytest.approx(emission, rel=1e-6, abs=last_place), key
    aside = rows(engine, "contradicted_statement", "treatment = 'set_aside'")
    doubted = {(row["subject_id"], row["institution_id"]) for row in aside}
    assert doubted == random_book.contradicted(book)


@given(seed=SEEDS)
@MANY
def test_an_institution_has_the_figures_that_its_own_book_gives(engine: DuckDB, seed: int) -> None:
    """What another institution lends changes none of its loans but those that take the division's average."""
    book = random_book.make(seed, loans=40)
    account(engine, book.tables, "attributed_emission")
    together = {
        (row["loan_id"], row["method"]): row
        for row in rows(engine, "attributed_emission", "institution_id = 'BANK1'")
    }
    mine = {loan["loan_id"] for loan in book.tables["loan"] if loan["institution_id"] == "BANK1"}
    own = {
        table: [row for row in given if "loan_id" not in row or row["loan_id"] in mine]
        for table, given in book.tables.items()
    }
    account(engine, own, "attributed_emission")
    alone = {(row["loan_id"], row["method"]): row for row in rows(engine, "attributed_emission")}
    assert set(alone) == set(together)
    for key, row in alone.items():
        assert row["calculation_method"] == together[key]["calculation_method"], key
        if row["calculation_method"] != "fallback":
            assert row["emission"] == together[key]["emission"], key


@given(seed=SEEDS)
@MANY
def test_branches_industries_and_total_are_the_same_figure(engine: DuckDB, seed: int) -> None:
    account(engine, random_book.make(seed, loans=40).tables,
            "attributed_emission", "financed_emission", "data_quality", "uncertain_emission")  # fmt: skip
    for method in ("bank_2026", "trial_2021", "pcaf_2022"):
        total = _sum(engine, f"SELECT sum(emission) FROM attributed_emission WHERE method = '{method}'")
        for group in ("branch_code", "industry_group", "gbt4754_division", "institution_id"):
            parts = engine.execute(
                f"SELECT {group}, sum(emission) FROM financed_emission WHERE method = '{method}' GROUP BY 1"
            )
            assert sum((value or Decimal(0) for _, value in parts), Decimal(0)) == total
        by_quality = _sum(engine, f"SELECT sum(emission) FROM data_quality WHERE method = '{method}'")
        by_error = _sum(engine, f"SELECT sum(emission) FROM uncertain_emission WHERE method = '{method}'")
        assert by_quality == total
        assert abs(by_error - total) < Decimal("0.001")
        scopes = engine.execute(
            "SELECT sum(scope1), sum(scope2), sum(scope_unsplit) FROM financed_emission WHERE method = ?",
            [method],
        )[0]
        assert sum((value or Decimal(0) for value in scopes), Decimal(0)) == total


@given(seed=SEEDS)
@MANY
def test_the_effects_of_a_method_switch_add_up(engine: DuckDB, seed: int) -> None:
    account(engine, random_book.make(seed, loans=40).tables, "attributed_emission", "method_switch")
    for method in ("trial_2021", "pcaf_2022"):
        effect = dict(engine.execute(
            "SELECT effect, sum(emission) FROM method_switch WHERE method = ? GROUP BY 1", [method]
        ))  # fmt: skip
        base, other = effect.pop("base_total", Decimal(0)), effect.pop("other_total", Decimal(0))
        assert base + sum(effect.values(), Decimal(0)) == other
        assert base == _sum(
            engine, "SELECT sum(emission) FROM attributed_emission WHERE method = 'bank_2026'"
        )
        assert other == _sum(
            engine, f"SELECT sum(emission) FROM attributed_emission WHERE method = '{method}'"
        )


def _sum(engine: DuckDB, sql: str) -> Decimal:
    return engine.execute(sql)[0][0] or Decimal(0)


@given(seed=SEEDS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_changes_nothing(engine: DuckDB, seed: int) -> None:
    tables = random_book.make(seed).tables
    made = ("attributed_emission", "financed_emission", "method_switch")
    account(engine, tables, *made)
    first = {name: rows(engine, name) for name in made}
    account(engine, {name: list(reversed(given)) for name, given in tables.items()}, *made)
    assert {name: rows(engine, name) for name in first} == first


@given(seed=SEEDS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_more_loan_never_lowers_what_others_carry(engine: DuckDB, seed: int) -> None:
    tables = random_book.make(seed, loans=15).tables
    tables["enterprise_finance"] = [{**row, "confirmed": True} for row in tables["enterprise_finance"]]
    account(engine, tables, "attributed_emission")
    before = {(row["loan_id"], row["method"]): row["emission"] for row in rows(engine, "attributed_emission")}
    more = {"loan_id": "MORE", **LOAN, "uscc": "E1", "institution_id": "BANK9"}
    account(engine, {**tables, "loan": [*tables["loan"], more],
                     "loan_balance": [*tables["loan_balance"], *months("MORE", 9_000_000)]},
            "attributed_emission")  # fmt: skip
    after = {(row["loan_id"], row["method"]): row["emission"] for row in rows(engine, "attributed_emission")}
    assert all(after[key] == value for key, value in before.items())


REPORT = {"uscc": "E1", "year": YEAR, "source": "verified", "verifier": "V", "total": Decimal(100)}
SLIPPED = {
    name: value if name == "year" else Decimal(value) / 10_000 for name, value in FINANCE.items()
}  # fmt: skip
METHODS = {"bank_2026", "trial_2021", "pcaf_2022"}


def _client(statement: Row, **more: list[Any]) -> dict[str, list[Any]]:
    """Return a book of two clients: E1 with the statement given and 400 million at BANK1, E2 as it should be."""
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}, {"loan_id": "L2", "uscc": "E2", **LOAN}],
        "loan_balance": months("L1", 400_000_000) + months("L2", 400_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}, {"uscc": "E2", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **statement}, {"uscc": "E2", **FINANCE}],
        "entity_emission": [REPORT],
        **intensities({"31": 1e-4}),
        **more,
    }


def test_an_attribution_factor_above_one_by_revenue_is_kept_and_found(engine: DuckDB) -> None:
    account(
        engine,
        _client({**FINANCE, "main_business_revenue": Decimal(200_000_000)}),
        "attributed_emission",
        "contradicted_statement",
        told=True,
    )
    row = one(engine, "attributed_emission", "method = 'trial_2021' AND loan_id = 'L1'")
    assert (row["attribution_factor"], row["emission"], row["emission_by_statement"]) == (2.0, 200, None)
    assert rows(engine, "contradicted_statement") == []
    codes = [found["code"] for found in rows(engine, "finding")]
    assert "finance.attribution_above_one" in codes
    assert "finance.subject_above_one" in codes


def test_a_statement_in_the_wrong_unit_is_set_aside_and_told(engine: DuckDB) -> None:
    account(
        engine, _client(SLIPPED), "contradicted_statement", "attributed_emission", "finance_gap", told=True
    )
    doubt = one(engine, "contradicted_statement", "treatment = 'set_aside'")
    assert (doubt["subject_id"], doubt["institution_id"], doubt["comparison"]) == (
        "E1",
        "BANK1",
        "monthly_average",
    )
    assert (doubt["balance"], doubt["total"], doubt["times"]) == (400_000_000, 320_000, 1250.0)
    factor = 1e-4 * 680 / 3200  # of the sound statement alone
    found = {row["method"]: row for row in rows(engine, "attributed_emission", "loan_id = 'L1'")}
    assert set(found) == METHODS
    for row in found.values():
        assert (row["calculation_method"], row["attribution_factor"]) == ("fallback", None)
        assert float(row["emission"]) == pytest.approx(400_000_000 * factor)
    assert {name: row["quality_score"] for name, row in found.items()} == {
        "bank_2026": 5, "trial_2021": None, "pcaf_2022": 5,
    }  # fmt: skip
    assert found["bank_2026"]["emission_by_statement"] == 125_000  # 100 t x 1,250
    assert found["trial_2021"]["emission_by_statement"] == pytest.approx(Decimal("588235.294118"))
    assert found["pcaf_2022"]["emission_by_statement"] == 160_000
    gap = {row["method"]: row for row in rows(engine, "finance_gap", "code = 'statement_contradicted'")}
    assert set(gap) == METHODS
    for name, row in gap.items():
        assert (row["loans"], row["outstanding_amount"]) == (1, 400_000_000)
        assert row["effect"] == found[name]["emission"] - found[name]["emission_by_statement"]
    told = one(engine, "finding", "code = 'finance.borrower_contradicted'")
    for text in ("E1", "BANK1", "400,000,000.00", "320,000.00", "1,250", "125,000", "8,500", "confirmed"):
        assert text in told["what_en"] + told["fix_en"], text
        assert text in told["what_zh"] + told["fix_zh"], text
    assert "finance.no_denominator" not in {row["code"] for row in rows(engine, "finding")}


def test_a_set_aside_revenue_gives_no_estimate_but_is_not_hidden(engine: DuckDB) -> None:
    account(
        engine,
        _client(SLIPPED, entity_emission=[]),
        "entity_emission_estimate",
        "entity_emission_choice",
        "attributed_emission",
    )
    estimate = one(engine, "entity_emission_estimate", "subject_id = 'E1'")
    assert (estimate["calculation"], estimate["emission"], estimate["set_aside"]) == (
        "economic",
        Decimal("6.8"),
        True,
    )
    assert rows(engine, "entity_emission_choice", "subject_id = 'E1'") == []
    row = one(engine, "attributed_emission", "method = 'bank_2026' AND loan_id = 'L1'")
    assert (row["calculation_method"], row["emission_by_statement"]) == ("fallback", 8500)


def test_a_confirmed_statement_is_used(engine: DuckDB) -> None:
    account(
        engine,
        _client({**SLIPPED, "confirmed": True}),
        "contradicted_statement",
        "attributed_emission",
        told=True,
    )
    assert one(engine, "contradicted_statement", "subject_id = 'E1'")["treatment"] == "confirmed"
    row = one(engine, "attributed_emission", "method = 'bank_2026' AND loan_id = 'L1'")
    assert (row["attribution_factor"], row["emission"], row["calculation_method"]) == (
        1250,
        125_000,
        "verified_report",
    )
    codes = {row["code"] for row in rows(engine, "finding")}
    assert "finance.borrower_contradicted" not in codes
    assert "finance.subject_above_one" in codes


def test_all_loans_at_one_institution_count_but_not_those_at_another(engine: DuckDB) -> None:
    just = {**FINANCE, "total_assets_begin": Decimal(300), "total_assets_end": Decimal(300)}
    loans = [{"loan_id": f"L{k}", "uscc": "E1", **LOAN, "institution_id": f"BANK{k}"} for k in (1, 2)]
    tables = _client(just, loan=loans, loan_balance=months("L1", 300) + months("L2", 300))
    account(engine, tables, "contradicted_statement")
    assert rows(engine, "contradicted_statement") == []
    more = {"loan_id": "L3", "uscc": "E1", **LOAN, "business_type": "project", "product_type": "project_loan"}
    account(
        engine,
        {**tables, "loan": [*loans, more], "loan_balance": [*tables["loan_balance"], *months("L3", 0.01)]},
        "contradicted_statement",
    )
    doubt = one(engine, "contradicted_statement", "subject_id = 'E1'")
    assert (doubt["institution_id"], doubt["institutions"], doubt["balance"]) == (
        "BANK1",
        1,
        Decimal("300.01"),
    )


def test_a_project_that_owes_more_than_its_investment(engine: DuckDB) -> None:
    loan = {"loan_id": "L1", "uscc": "E1", **LOAN, "business_type": "project", "project_id": "P1",
            "asset_class": "project_finance"}  # fmt: skip
    project = {"project_id": "P1", "industry_code": "3120", "total_investment": Decimal(90_000),
               "project_equity": Decimal(30_000), "project_debt": Decimal(60_000)}  # fmt: skip
    report = {**REPORT, "project_id": "P1"}
    tables = _client(FINANCE, loan=[loan], loan_balance=months("L1", 360_000_000), project=[project],
                     entity_emission=[report])  # fmt: skip
    account(engine, tables, "contradicted_statement", "attributed_emission", told=True)
    assert one(engine, "contradicted_statement", "subject_id = 'P1'")["times"] == 4000.0
    found = {row["method"]: row for row in rows(engine, "attributed_emission")}
    for row in found.values():
        assert (row["calculation_method"], row["emission_by_statement"]) == ("fallback", 400_000)
    assert "P1" in one(engine, "finding", "code = 'finance.project_contradicted'")["what_zh"]
    account(
        engine,
        {**tables, "project": [{**project, "confirmed": True}]},
        "contradicted_statement",
        "attributed_emission",
        told=True,
    )
    for row in rows(engine, "attributed_emission"):
        assert (row["calculation_method"], row["emission"]) == ("verified_report", 400_000)


def test_a_short_loan_averaged_over_its_tenure_contradicts_nothing(engine: DuckDB) -> None:
    just = {**FINANCE, "total_assets_begin": Decimal(300), "total_assets_end": Decimal(300)}
    loans = [
        {"loan_id": "L1", "uscc": "E1", **LOAN, "matures_on": date(YEAR, 7, 1)},
        {"loan_id": "L2", "uscc": "E1", **LOAN, "disbursed_on": date(YEAR, 7, 1)},
    ]
    balances = months("L1", [250.0] * 6) + months("L2", 250, first=7)
    account(
        engine,
        _client(just, loan=loans, loan_balance=balances),
        "contradicted_statement",
        balance_average="over_tenure",
    )
    assert rows(engine, "contradicted_statement") == []


def test_unknown_loans_are_zero_when_there_is_a_ledger(engine: DuckDB) -> None:
    account(engine, _client(FINANCE), "loan_coverage")
    assert _sum(engine, "SELECT sum(unknown_amount) FROM loan_coverage WHERE method = 'bank_2026'") == 0
    assert {row["unknown_amount"] for row in rows(engine, "loan_coverage")} == {Decimal(0)}
    account(engine, _client(FINANCE, enterprise=[{"uscc": "E2", **ENTERPRISE}]), "loan_coverage")
    assert (
        _sum(engine, "SELECT sum(unknown_amount) FROM loan_coverage WHERE method = 'bank_2026'")
        == 400_000_000
    )


def test_a_method_without_scores_is_told(engine: DuckDB) -> None:
    account(engine, _client(FINANCE), told=True)
    assert one(engine, "finding", "code = 'finance.method_without_scores'")["record_key"] == "trial_2021"


def test_revenue_of_one_client_counts_once_for_many_loans(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": f"L{k}", "uscc": "E1", **LOAN} for k in range(5)],
        "loan_balance": [row for k in range(5) for row in months(f"L{k}", 10_000_000)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        **intensities({"31": 1e-4}),
    }, "entity_emission_estimate", "attributed_emission")  # fmt: skip
    assert one(engine, "entity_emission_estimate", "subject_id = 'E1'")["emission"] == Decimal(68_000)
    total = engine.execute("SELECT sum(emission) FROM attributed_emission WHERE method = 'bank_2026'")[0][0]
    assert total == Decimal("1062.500000")  # 68,000 t x 5 x 1,000 / 320,000


def test_all_estimates_are_kept_and_the_first_is_taken(engine: DuckDB) -> None:
    report = {"uscc": "E1", "year": YEAR, "scope1": Decimal(100), "scope2": Decimal(0)}
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{**report, "source": "cems"}, {**report, "source": "unverified", "scope1": Decimal(90)}],
        "energy_return": [{"uscc": "E1", "year": YEAR, "fuel_code": "raw_coal", "quantity": Decimal(50), "unit": "t"}],
        "product_return": [{"uscc": "E1", "year": YEAR, "product_code": "mine", "quantity": Decimal(40)}],
        "pack_product_factors": [{"product_code": "mine", "factor": 2, "unit": "tCO2/t", "scope": "whole"}],
        **intensities({"31": 1e-4}),
    }, "entity_emission_estimate", "entity_emission_choice")  # fmt: skip
    estimates = {row["calculation"]: row["emission"] for row in rows(engine, "entity_emission_estimate")}
    assert estimates == {
        "verified_report": 100, "unverified_report": 90, "energy": Decimal("95.015"), "product": 80, "economic": 68_000,
    }  # fmt: skip
    choice = one(engine, "entity_emission_choice", "method = 'bank_2026'")
    assert (choice["calculation_method"], choice["estimates_available"]) == ("verified_report", 5)


def test_a_fuel_without_a_factor_gives_way_to_the_next_method(engine: DuckDB) -> None:
    base = {"uscc": "E1", "year": YEAR, "quantity": Decimal(10)}
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "energy_return": [
            {**base, "fuel_code": fuel, "unit": unit}
            for fuel, unit in (("raw_coal", "t"), ("unobtainium", "t"), ("diesel", "kWh"))
        ],
        "product_return": [{"uscc": "E1", "year": YEAR, "product_code": "clinker", "quantity": Decimal(5)}],
        **intensities({"31": 1e-4}),
    }, "entity_emission_choice", told=True)  # fmt: skip
    estimates = {row["calculation"]: row["incomplete"] for row in rows(engine, "entity_emission_estimate")}
    assert estimates == {"economic": False, "energy": True}  # of the energy there is the coal alone
    assert {row["calculation_method"] for row in rows(engine, "entity_emission_choice")} == {"economic"}
    codes = [found["code"] for found in rows(engine, "finding")]
    assert "finance.no_energy_factor" in codes
    assert "finance.wrong_energy_unit" in codes
    assert "finance.product_without_factor" in codes


def test_a_report_a_thousand_times_too_large_is_found(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "unverified", "total": Decimal(68_000_000)}],
        **intensities({"31": 1e-4}),
    }, "attributed_emission", "finance_gap", told=True)  # fmt: skip
    told = one(engine, "finding", "code = 'finance.implausible_emission'")
    assert told["record_key"] == "E1"
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["entity_emission"] == 68_000_000
    gap = one(engine, "finance_gap_record", "method = 'bank_2026' AND code = 'implausible_emission'")
    assert (gap["record_id"], gap["rule"], gap["effect_kind"]) == ("E1", "used_as_is", "estimated")
    # 5,000 / 320,000 of 68,000,000 t, and of 68,000 t by the intensity of its sector
    assert (gap["emission"], gap["effect"], gap["place"]) == (1_062_500, Decimal("1061437.5"), 1)
    total = one(engine, "finance_gap", "method = 'bank_2026' AND code = 'implausible_emission'")
    assert (total["loans"], total["effect"]) == (1, Decimal("1061437.5"))
    assert "bank_2026 1,062,500 → 1,062 t" in told["what_zh"] and "→ 1,062 t" in told["what_en"]


def test_an_implausible_figure_that_is_not_used_changes_no_total(engine: DuckDB) -> None:
    reports = [{"uscc": "E1", "year": YEAR, "source": source, "total": Decimal(total)}
               for source, total in (("unverified", 68_000_000), ("verified", 70_000))]  # fmt: skip
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": reports,
        **intensities({"31": 1e-4}),
    }, "attributed_emission", "finance_gap", told=True)  # fmt: skip
    told = one(engine, "finding", "code = 'finance.implausible_emission'")
    assert "未采用" in told["what_zh"] and "not used" in told["what_en"]
    assert not rows(engine, "finance_gap_record", "code = 'implausible_emission'")


def test_without_any_data_a_loan_in_scope_is_shown_without_a_figure(engine: DuckDB) -> None:
    account(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    }, "attributed_emission", "financed_emission", told=True)  # fmt: skip
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["calculation_method"], row["emission"], row["quality_score"]) == ("none", None, None)
    assert one(engine, "financed_emission", "method = 'bank_2026'")["loans_estimated"] == 0
    assert "finance.not_estimated" in [found["code"] for found in rows(engine, "finding")]


def test_capital_by_class_and_its_change(engine: DuckDB) -> None:
    before = [{"loan_id": k, "month": f"{YEAR - 1}-12", "outstanding_amount": Decimal(v)}
              for k, v in (("coal", 90), ("wind", 10))]  # fmt: skip
    account(engine, {
        "loan": [
            {"loan_id": "coal", "uscc": "E1", **LOAN, "purpose_industry_code": "4411"},
            {"loan_id": "wind", "uscc": "E2", **LOAN, "purpose_industry_code": "4415", "green_label": "3.2.2.1"},
            {"loan_id": "shop", "uscc": "E3", **LOAN, "purpose_industry_code": "5211"},
        ],
        "loan_balance": before + months("coal", 60) + months("wind", 40) + months("shop", 7),
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2, 3)],
    }, "capital_by_carbon_class")  # fmt: skip
    found = {row["carbon_class"]: row for row in rows(engine, "capital_by_carbon_class")}
    assert {name: row["change"] for name, row in found.items()} == {
        "high_carbon": -30,
        "green": 30,
        "other": None,
    }
    assert found["other"]["loans_begin_unknown"] == 1
    assert found["green"]["outstanding_end"] == 40


def test_every_query_makes_what_its_contract_says(engine: DuckDB) -> None:
    run(engine, random_book.make(7, loans=40).tables)
    folder = Path(__file__).parents[2] / "src" / "lvshu" / "finance" / "queries"
    for path in sorted(folder.glob("*.sql")):
        contract = all_contracts()[path.stem]
        table = engine.read(path.stem)
        if path.stem not in ONLY_WHERE_FOUND and all(
            map(engine.count, query("lvshu.finance", path.stem).tables_read)
        ):
            assert table.num_rows > 0, path.stem
        keys = [tuple(row[name] for name in contract.key) for row in table.to_pylist()]
        assert len(keys) == len(set(keys)), path.stem
        for column in contract.columns:
            values = table.column(column.name).to_pylist()
            assert not (column.required and None in values), f"{path.stem}.{column.name}"
            if column.allowed:
                assert set(values) - {None} <= set(column.allowed), f"{path.stem}.{column.name}"
