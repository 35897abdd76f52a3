"""Reports of carbon dioxide alone: read one to one, used as a lower bound, and told wherever they go."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.store.book import Book
from tests.finance.runs import run_tables
from tests.finance.workflow.small import STEEL, write
from tests.finance.workflow.test_two_years import bank

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, months, one, rows
from .steps import account


def _book(gases: str | None) -> dict[str, list[dict[str, object]]]:
    report = {
        "uscc": "E1",
        "year": YEAR,
        "source": "verified",
        "scope1": Decimal(900),
        "scope2": Decimal(100),
    }
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 32_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE, "area_code": "310000"}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "entity_emission": [{**report, "gases": gases}],
    }


def test_a_report_of_co2_alone_is_used_as_a_lower_bound_and_told(engine: DuckDB) -> None:
    account(engine, _book("co2"), "attributed_emission", "data_quality", "finance_gap", told=True)
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["calculation_method"], row["emission"]) == ("verified_report", Decimal(10))
    assert one(engine, "entity_emission_choice", "method = 'bank_2026'")["co2_alone"] is True
    quality = one(engine, "data_quality", "method = 'bank_2026'")
    assert (quality["emission"], quality["co2_alone_emission"]) == (10, 10)
    gap = one(engine, "finance_gap_record", "method = 'bank_2026' AND code = 'co2_alone'")
    assert (gap["record_id"], gap["rule"], gap["emission"], gap["effect"]) == ("E1", "lower_bound", 10, None)
    told = one(engine, "finding", "code = 'finance.co2_alone' AND record_key = 'co2_alone | bank_2026'")
    assert told["severity"] == "warning" and "lower bound" in told["why_en"]


@pytest.mark.parametrize("gases", [None, "all"])
def test_a_report_of_all_gases_or_without_a_word_is_as_before(engine: DuckDB, gases: str | None) -> None:
    account(engine, _book(gases), "data_quality", "finance_gap", told=True)
    assert one(engine, "data_quality", "method = 'bank_2026'")["co2_alone_emission"] == 0
    assert not rows(engine, "finding", "code = 'finance.co2_alone'")


def test_a_heading_in_tco2_goes_all_the_way_to_the_account(tmp_path: Path) -> None:
    place = bank(tmp_path / "place", YEAR, {STEEL: (32_000_000, 80_000)})
    write(
        place.inputs / "entity_emission.csv",
        [{"统一社会信用代码": STEEL, "年度": YEAR, "数据来源": "verified", "范围一（tCO2）": 90_000,
          "范围二（tCO2e）": 10_000}],
    )  # fmt: skip
    run_tables(place, ("data_quality", "finance_gap"), ("finance.findings",))
    with Book.open(place.runs.book_path(None)) as book:
        (report,) = book.rows("entity_emission")
        assert (report["scope1"], report["scope2"], report["gases"]) == (90_000, 10_000, "co2")
        told = book.rows("finding", where="code = 'intake.header_co2_alone'")
        assert [row["severity"] for row in told] == ["warning"] and "tCO2e" in told[0]["what_zh"]
        assert any(row["co2_alone_emission"] for row in book.rows("data_quality"))
