"""Attribution on random books: against plain loops, and the identities that every book must keep."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.contract import all_contracts
from lvshu.engine.duckdb import DuckDB

from . import random_book
from .book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows, run

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10**6)


@given(seed=SEEDS)
@MANY
def test_every_loan_agrees_with_a_plain_loop(engine: DuckDB, seed: int) -> None:
    book = random_book.make(seed)
    run(engine, book.tables)
    wanted = random_book.expected(book)
    found = {(row["loan_id"], row["method"]): row for row in rows(engine, "attributed_emission")}
    assert set(found) == set(wanted)
    for key, (way, emission, score) in wanted.items():
        row = found[key]
        assert (row["calculation_method"], row["quality_score"]) == (way, score), key
        assert float(row["emission"]) == pytest.approx(emission, rel=1e-6, abs=1e-5), key


@given(seed=SEEDS)
@MANY
def test_branches_industries_and_total_are_the_same_figure(engine: DuckDB, seed: int) -> None:
    run(engine, random_book.make(seed, loans=40).tables)
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
    run(engine, random_book.make(seed, loans=40).tables)
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
    run(engine, tables)
    first = {
        name: rows(engine, name) for name in ("attributed_emission", "financed_emission", "method_switch")
    }
    run(engine, {name: list(reversed(given)) for name, given in tables.items()})
    assert {name: rows(engine, name) for name in first} == first


@given(seed=SEEDS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_more_loan_never_lowers_what_others_carry(engine: DuckDB, seed: int) -> None:
    tables = random_book.make(seed, loans=15).tables
    run(engine, tables)
    before = {(row["loan_id"], row["method"]): row["emission"] for row in rows(engine, "attributed_emission")}
    more = {"loan_id": "MORE", **LOAN, "uscc": "E1", "institution_id": "BANK9"}
    run(engine, {**tables, "loan": [*tables["loan"], more],
                 "loan_balance": [*tables["loan_balance"], *months("MORE", 9_000_000)]})  # fmt: skip
    after = {(row["loan_id"], row["method"]): row["emission"] for row in rows(engine, "attributed_emission")}
    assert all(after[key] == value for key, value in before.items())


def test_an_attribution_factor_above_one_is_kept_and_found(engine: DuckDB) -> None:
    small = {**FINANCE, "total_assets_begin": Decimal(30_000_000), "total_assets_end": Decimal(30_000_000)}
    run(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 60_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **small}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "verifier": "V", "total": Decimal(100)}],
    })  # fmt: skip
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["attribution_factor"], row["emission"]) == (2.0, Decimal(200))
    codes = [found["code"] for found in rows(engine, "finding")]
    assert "finance.attribution_above_one" in codes
    assert "finance.subject_above_one" in codes


def test_revenue_of_one_client_counts_once_for_many_loans(engine: DuckDB) -> None:
    run(engine, {
        "loan": [{"loan_id": f"L{k}", "uscc": "E1", **LOAN} for k in range(5)],
        "loan_balance": [row for k in range(5) for row in months(f"L{k}", 10_000_000)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        **intensities({"31": 1e-4}),
    })  # fmt: skip
    assert one(engine, "entity_emission_estimate", "subject_id = 'E1'")["emission"] == Decimal(68_000)
    total = engine.execute("SELECT sum(emission) FROM attributed_emission WHERE method = 'bank_2026'")[0][0]
    assert total == Decimal("1062.500000")  # 68,000 t x 5 x 1,000 / 320,000


def test_all_estimates_are_kept_and_the_first_is_taken(engine: DuckDB) -> None:
    report = {"uscc": "E1", "year": YEAR, "scope1": Decimal(100), "scope2": Decimal(0)}
    run(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{**report, "source": "cems"}, {**report, "source": "unverified", "scope1": Decimal(90)}],
        "energy_return": [{"uscc": "E1", "year": YEAR, "fuel_code": "raw_coal", "quantity": Decimal(50), "unit": "t"}],
        "product_return": [{"uscc": "E1", "year": YEAR, "product_code": "mine", "quantity": Decimal(40)}],
        "pack_product_factors": [{"product_code": "mine", "factor": 2, "unit": "tCO2/t", "scope": "whole"}],
        **intensities({"31": 1e-4}),
    })  # fmt: skip
    estimates = {row["calculation"]: row["emission"] for row in rows(engine, "entity_emission_estimate")}
    assert estimates == {
        "verified_report": 100, "unverified_report": 90, "energy": Decimal("95.015"), "product": 80, "economic": 68_000,
    }  # fmt: skip
    choice = one(engine, "entity_emission_choice", "method = 'bank_2026'")
    assert (choice["calculation_method"], choice["estimates_available"]) == ("verified_report", 5)


def test_a_fuel_without_a_factor_gives_way_to_the_next_method(engine: DuckDB) -> None:
    base = {"uscc": "E1", "year": YEAR, "quantity": Decimal(10)}
    run(engine, {
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
    })  # fmt: skip
    assert [row["calculation"] for row in rows(engine, "entity_emission_estimate")] == ["economic"]
    codes = [found["code"] for found in rows(engine, "finding")]
    assert "finance.no_energy_factor" in codes
    assert "finance.wrong_energy_unit" in codes
    assert "finance.product_without_factor" in codes


def test_a_report_a_thousand_times_too_large_is_found(engine: DuckDB) -> None:
    run(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "unverified", "total": Decimal(68_000_000)}],
        **intensities({"31": 1e-4}),
    })  # fmt: skip
    assert one(engine, "finding", "code = 'finance.implausible_emission'")["record_key"] == "E1"
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["entity_emission"] == 68_000_000


def test_without_any_data_a_loan_in_scope_is_shown_without_a_figure(engine: DuckDB) -> None:
    run(engine, {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
    })  # fmt: skip
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["calculation_method"], row["emission"], row["quality_score"]) == ("none", None, None)
    assert one(engine, "financed_emission", "method = 'bank_2026'")["loans_estimated"] == 0
    assert "finance.not_estimated" in [found["code"] for found in rows(engine, "finding")]


def test_capital_by_class_and_its_change(engine: DuckDB) -> None:
    before = [{"loan_id": k, "month": f"{YEAR - 1}-12", "outstanding_amount": Decimal(v)}
              for k, v in (("coal", 90), ("wind", 10))]  # fmt: skip
    run(engine, {
        "loan": [
            {"loan_id": "coal", "uscc": "E1", **LOAN, "purpose_industry_code": "4411"},
            {"loan_id": "wind", "uscc": "E2", **LOAN, "purpose_industry_code": "4415", "green_label": "3.2.2.1"},
            {"loan_id": "shop", "uscc": "E3", **LOAN, "purpose_industry_code": "5211"},
        ],
        "loan_balance": before + months("coal", 60) + months("wind", 40) + months("shop", 7),
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2, 3)],
    })  # fmt: skip
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
        assert table.num_rows > 0, path.stem
        keys = [tuple(row[name] for name in contract.key) for row in table.to_pylist()]
        assert len(keys) == len(set(keys)), path.stem
        for column in contract.columns:
            values = table.column(column.name).to_pylist()
            assert not (column.required and None in values), f"{path.stem}.{column.name}"
            if column.allowed:
                assert set(values) - {None} <= set(column.allowed), f"{path.stem}.{column.name}"
