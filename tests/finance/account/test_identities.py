"""Identities of the account under any grouping: parts and whole, order of rows, a loan more, another method."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB

from .. import random_book
from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, months, one, rows
from .steps import account

FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIXED = (
    "calculation_method",
    "entity_emission",
    "denominator",
    "exposure",
    "emission",
    "scope1",
    "scope2",
    "scope3",
)


@given(
    seed=st.integers(0, 10**6),
    columns=st.sets(
        st.sampled_from(
            [
                "institution_id",
                "branch_code",
                "industry_group",
                "gbt4754_division",
                "calculation_method",
                "subject_id",
            ]
        ),
        min_size=1,
    ),
)
@FEW
def test_any_grouping_adds_up_to_the_gram(engine: DuckDB, seed: int, columns: set[str]) -> None:
    account(engine, random_book.make(seed).tables, "pcaf_portfolio", "financed_emission")
    listed = ", ".join(sorted(columns))
    for method in ("bank_2026", "trial_2021", "pcaf_2022"):
        where = f"FROM attributed_emission WHERE method = '{method}'"
        total = engine.execute(f"SELECT sum(emission), sum(scope3), sum(exposure) {where}")[0]
        parts = engine.execute(f"SELECT sum(emission), sum(scope3), sum(exposure) {where} GROUP BY {listed}")
        for place, whole in enumerate(total):
            assert sum((row[place] or Decimal(0) for row in parts), Decimal(0)) == (whole or Decimal(0))
        shown = engine.execute(f"SELECT sum(emission) FROM financed_emission WHERE method = '{method}'")[0][0]
        assert shown == total[0]


@given(seed=st.integers(0, 10**6))
@FEW
def test_the_order_of_rows_changes_nothing(engine: DuckDB, seed: int) -> None:
    tables = random_book.make(seed).tables
    account(engine, tables, "attributed_emission")
    before = rows(engine, "attributed_emission")
    order = np.random.default_rng(seed)
    shuffled = {
        name: [table[place] for place in order.permutation(len(table))] for name, table in tables.items()
    }
    account(engine, shuffled, "attributed_emission")
    assert rows(engine, "attributed_emission") == before


def _three() -> dict[str, Any]:
    return {
        "loan": [{"loan_id": f"L{k}", "uscc": f"E{k}", **LOAN} for k in (1, 2, 3)],
        "loan_balance": [row for k in (1, 2, 3) for row in months(f"L{k}", 50_000_000 * k)],
        "enterprise": [{"uscc": f"E{k}", **ENTERPRISE} for k in (1, 2, 3)],
        "enterprise_finance": [{"uscc": f"E{k}", **FINANCE} for k in (1, 2, 3)],
        "entity_emission": [
            {"uscc": f"E{k}", "year": YEAR, "source": "verified", "total": Decimal(80_000)} for k in (1, 2, 3)
        ],
    }  # fmt: skip


def test_a_loan_more_never_lowers_what_the_others_carry(engine: DuckDB) -> None:
    book = _three()
    account(engine, book, "attributed_emission")
    before = {(row["loan_id"], row["method"]): row for row in rows(engine, "attributed_emission")}
    for borrower in ("E1", "E2"):
        more = {"loan_id": "L9", "uscc": borrower, **LOAN, "branch_code": "B9"}
        wider = {**book, "loan": [*book["loan"], more],
                 "loan_balance": [*book["loan_balance"], *months("L9", 7_000_000)]}  # fmt: skip
        account(engine, wider, "attributed_emission")
        after = {(row["loan_id"], row["method"]): row for row in rows(engine, "attributed_emission")}
        assert all(after[key]["emission"] >= row["emission"] for key, row in before.items())
        assert {key for key in after if key not in before} == {("L9", code) for code in
                                                               ("bank_2026", "trial_2021", "pcaf_2022")}  # fmt: skip


def test_the_switch_of_method_changes_what_its_clause_says(engine: DuckDB) -> None:
    """All three take the same emission of the borrower; only the exposure and the denominator are the method's own."""
    account(engine, _three(), "method_switch")
    found = {row["method"]: row for row in rows(engine, "attributed_emission", "loan_id = 'L1'")}
    assert {row["entity_emission"] for row in found.values()} == {80_000}
    bases = {code: row["denominator_basis"] for code, row in found.items()}
    assert bases == {
        "bank_2026": "average_total_assets", "trial_2021": "main_business_revenue", "pcaf_2022": "equity_plus_debt",
    }  # fmt: skip
    effects = {
        row["effect"]: row["emission"] for row in rows(engine, "method_switch", "method = 'trial_2021'")
    }
    assert effects["base_total"] + effects["denominator"] == effects["other_total"]
    assert effects["exposure"] == 0
    assert set(effects) == {"base_total", "exposure", "denominator", "other_total"}


def test_scope_3_and_removals_never_enter_the_total(engine: DuckDB) -> None:
    book = _three()
    account(engine, book, "financed_emission")
    plain = one(engine, "financed_emission", "method = 'bank_2026'")
    for row in book["entity_emission"]:
        row.update({name: Decimal(10**6) for name in
                    ("scope3", "removals", "credits_retired", "credits_generated", "avoided")})  # fmt: skip
    account(engine, book, "financed_emission", "attributed_apart_total")
    full = one(engine, "financed_emission", "method = 'bank_2026'")
    assert full["emission"] == plain["emission"]
    assert full["scope3"] > 0
    apart = {
        row["kind"]: row["quantity"] for row in rows(engine, "attributed_apart_total", "method = 'bank_2026'")
    }
    assert len(apart) == 4
    assert set(apart.values()) == {full["scope3"]}
