"""A project financed by several institutions beyond its cost: each one's share told, nothing capped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB

from ..book import ENTERPRISE, LOAN, YEAR, months, one, rows
from .steps import account


def _book(balances: dict[str, int], cost: int = 800_000_000) -> dict[str, list[Any]]:
    project = {**LOAN, "business_type": "project", "project_id": "PJ", "product_type": "fixed_asset_loan"}
    return {
        "loan": [{"loan_id": f"L{name}", "uscc": "E1", **project, "institution_id": name} for name in balances],
        "loan_balance": [row for name, amount in balances.items() for row in months(f"L{name}", amount)],
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "project": [{"project_id": "PJ", "industry_code": "3120", "total_investment": Decimal(cost),
                     "project_equity": Decimal(cost // 4), "project_debt": Decimal(cost - cost // 4)}],
        "entity_emission": [{"uscc": "E1", "project_id": "PJ", "year": YEAR, "source": "unverified",
                             "total": Decimal(100)}],
    }  # fmt: skip


def test_two_banks_beyond_the_cost_are_told_with_shares_and_tonnes(engine: DuckDB) -> None:
    account(
        engine,
        _book({"AA": 500_000_000, "BB": 400_000_000}),
        "project_over_attributed",
        "finance_gap",
        told=True,
    )
    mine = one(engine, "project_over_attributed", "method = 'pcaf_2022' AND institution_id = 'AA'")
    assert (mine["share"], mine["share_of_all"], mine["institutions"]) == (0.625, 1.125, 2)
    assert (mine["emission"], mine["emission_of_all"], mine["project_emission"]) == (
        Decimal("62.5"), Decimal("112.5"), 100,
    )  # fmt: skip
    told = one(engine, "finding", "code = 'finance.project_over_attributed'")
    assert told["severity"] == "error" and told["amount"] == 12.5
    for part in ("PJ", "112.50", "AA 62.50 % 62.50 t", "BB 50.00 % 50.00 t", "800,000,000.00"):
        assert part in told["what_zh"] and part in told["what_en"]
    gap = one(engine, "finance_gap_record", "method = 'pcaf_2022' AND institution_id = 'AA'"
              " AND code = 'project_over_attributed'")  # fmt: skip
    assert gap["emission"] == Decimal("62.5") and (gap["effect"], gap["effect_kind"]) == (None, "none")
    assert one(engine, "attributed_emission", "method = 'pcaf_2022' AND loan_id = 'LAA'")[
        "emission"
    ] == Decimal("62.5")


def test_a_project_within_its_cost_is_not_told(engine: DuckDB) -> None:
    account(engine, _book({"AA": 500_000_000, "BB": 300_000_000}), "project_over_attributed", told=True)
    assert not rows(engine, "project_over_attributed")
    assert not rows(engine, "finding", "code = 'finance.project_over_attributed'")


@given(st.lists(st.integers(1, 700_000_000), min_size=1, max_size=3))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_told_exactly_where_the_loans_are_more_than_the_cost(engine: DuckDB, amounts: list[int]) -> None:
    book = _book({f"B{place}": amount for place, amount in enumerate(amounts)})
    account(engine, book, "project_over_attributed")
    found = rows(engine, "project_over_attributed", "method = 'pcaf_2022'")
    assert len(found) == (len(amounts) if sum(amounts) > 800_000_000 else 0)
    if found:
        assert sum(row["exposure"] for row in found) == sum(amounts)
        assert sum(row["emission"] for row in found) == found[0]["emission_of_all"]
