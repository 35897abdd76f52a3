"""The sample city's benefits and flows against its truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.sample.scoring import load_truth
from lvshu.store.workspace import Workspace
from tests.finance.book import rows


@pytest.fixture(scope="module")
def made(sample_run: Path) -> DuckDB:
    return DuckDB(Workspace.open(sample_run).runs.book_path(), read_only=True)


def test_planted_claims_are_found(made: DuckDB, sample_run: Path) -> None:
    planted = load_truth(sample_run)["benefit_claims"]
    checks = Counter(row["status"] for row in rows(made, "benefit_claim_check"))
    ledger = Counter(row["status"] for row in rows(made, "benefit_ledger"))
    assert checks["unit_slip"] == planted["unit_slips"] == 1
    assert ledger["twice"] == planted["claimed_twice"] == 1


def test_the_last_quarter_holds_all_that_the_facility_lent(made: DuckDB, sample_run: Path) -> None:
    truth = load_truth(sample_run)["facility_amounts"]
    table = [row for row in rows(made, "facility_disclosure") if row["window"] == "since_inception"]
    last = {
        row["institution_id"]: row
        for row in sorted(table, key=lambda one: one["quarter"])
        if row["field"] == "all"
    }
    assert {name: float(row["amount"]) for name, row in last.items()} == pytest.approx(truth)
    assert all(row["loans_without_abatement"] == 0 for row in last.values())


def test_shifts_add_up_in_a_whole_book(made: DuckDB) -> None:
    table = rows(made, "capital_flow_shift")
    assert len(table) > 500
    for row in table:
        assert row["growth"] + row["between_divisions"] + row["within_divisions"] == row["change"]
