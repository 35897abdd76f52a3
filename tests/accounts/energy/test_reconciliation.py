"""Enterprises against the inventory: identity, coverage, one source for each, excess told in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.book.sectors import check_allocation
from lvshu.accounts.methods.energy.reconciliation import reconcile
from lvshu.core.errors import MethodError
from tests.accounts.book import Columns, accounts_book
from tests.accounts.test_small_city import energy_cells, io_cells

AMOUNTS = st.lists(st.floats(0, 1e6), min_size=4, max_size=4)


@settings(max_examples=50, deadline=None)
@given(AMOUNTS, AMOUNTS)
def test_residual_and_enterprises_make_the_inventory(top: list[float], bottom: list[float]) -> None:
    found = reconcile(np.array(top), np.array(bottom))
    assert found.residual + np.array(bottom) == pytest.approx(np.array(top), abs=1e-6)
    assert (found.residual[found.exceeds] < 0).all()
    assert np.isnan(found.coverage[np.array(top) < 1e-9]).all()


def test_allocation_that_loses_something_is_refused() -> None:
    check_allocation(90.0, 100.0, 10.0)
    with pytest.raises(MethodError, match="neither add nor lose"):
        check_allocation(90.0, 100.0, 9.0)


def tables() -> dict[str, Columns]:
    """Steel 3110, power 4411, transport 5311, and one without industry; the last is of another province."""
    firms = ["A", "B", "C", "D", "E"]
    empty = ("district_code", "size_class", "overseas", "registered_on", "business_scope", "employee_count")
    return {
        "io_cell": io_cells(),
        "energy_balance_cell": energy_cells(("industry", "raw_coal", 1000.0, "t"),
                                            ("thermal_power", "raw_coal", -500.0, "t")),
        "enterprise": {"uscc": firms, "name": firms, "area_code": ["310000"] * 4 + ["320000"],
                       "industry_code": ["3110", "4411", "5311", None, "3110"], **{name: [None] * 5 for name in empty}},
        "energy_return": {"uscc": ["A", "A", "B", "D", "E", "A"], "year": [2022] * 6, "project_id": [None] * 6,
                          "fuel_code": ["raw_coal", "electricity", "raw_coal", "raw_coal", "raw_coal", "heat"],
                          "quantity": [300.0, 1e6, 700.0, 10.0, 999.0, 5.0],
                          "unit": ["t", "kWh", "t", "t", "t", "GJ"], "source_kind": [None] * 6},
        "entity_emission": {"uscc": ["B", "C", "C"], "year": [2022] * 3, "project_id": [None] * 3,
                            "source": ["verified", "verified", "unverified"], "verifier": ["x"] * 3,
                            "scope1": [1200.0, 5.0, 900.0], "scope2": [None] * 3, "scope3": [None] * 3,
                            "scope3_verified": [None] * 3,
                            "total": [None] * 3, "removals": [None] * 3, "credits_retired": [None] * 3,
                            "credits_generated": [None] * 3, "avoided": [None] * 3, "gases": [None] * 3},
    }  # fmt: skip


def test_the_book_by_hand() -> None:
    with accounts_book("310000", 2022, tables()) as engine:
        rows = {
            row["sector_code"]: row
            for row in engine.fetch("SELECT * FROM emission_reconciliation").to_pylist()
        }
        found = engine.fetch("SELECT * FROM emission_bottom_up").to_pylist()
        firms = {
            row["uscc"]: (row["sector_code"], row["source"], pytest.approx(float(row["emission"])))
            for row in found
        }
        codes = [row["code"] for row in engine.fetch("SELECT code FROM finding").to_pylist()]
        interval = engine.fetch("SELECT * FROM uncertainty WHERE indicator = 'co2_unexplained'").to_pylist()[
            0
        ]
    assert firms == {"A": ("03", "return", 300 * 1.9003), "B": ("04", "report", 1200.0), "C": ("05", "report", 5.0),
                     "D": ("none", "return", 10 * 1.9003)}  # fmt: skip
    assert "accounts.reports_beside_returns" in codes
    assert float(rows["03"]["bottom_up"]) == pytest.approx(300 * 1.9003)
    assert rows["03"]["enterprises"] == 1
    assert (
        float(rows["04"]["from_reports"]) == 1200.0
    )  # the verified report, not the return of the same enterprise
    assert float(rows["04"]["from_returns"]) == 0.0
    assert float(rows["05"]["from_reports"]) == 5.0  # the unverified report does not count
    assert float(rows["none"]["bottom_up"]) == pytest.approx(19.003)
    assert rows["05"]["verified"] == 1
    assert {
        "accounts.bottom_up_exceeds",
        "accounts.enterprises_without_sector",
        "accounts.reconciled",
    } <= set(codes)
    top = sum(float(row["top_down"]) for row in rows.values())
    assert top == pytest.approx(1500 * 1.9003)
    residual = sum(float(row["residual"]) for row in rows.values())
    assert residual == pytest.approx(top - sum(float(row["bottom_up"]) for row in rows.values()))
    assert interval["value"] == pytest.approx(residual)
    assert interval["low"] < residual < interval["high"]
