"""Heat outside Shanghai by the national default, told; lines of energy without a factor leave the rest, marked."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.engine.duckdb import DuckDB
from lvshu.store.book import Book
from tests.finance.runs import run_tables
from tests.finance.workflow.small import STEEL, write
from tests.finance.workflow.test_two_years import bank

from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, intensities, months, one, rows
from .steps import account

BASE = {"uscc": "E1", "year": YEAR}
COAL = {**BASE, "fuel_code": "raw_coal", "quantity": Decimal(40_000), "unit": "t"}


def _book(*lines: dict[str, Any], area: str = "510000", **tables: list[Any]) -> dict[str, list[Any]]:
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 32_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE, "area_code": area}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE}],
        "energy_return": [COAL, *lines],
        **tables,
    }


def _told(engine: DuckDB, code: str) -> list[dict[str, Any]]:
    return rows(engine, "finding", f"code = 'finance.{code}'")


def test_heat_of_another_province_takes_the_national_default_and_is_told(engine: DuckDB) -> None:
    heat = {**BASE, "fuel_code": "heat", "quantity": Decimal(100_000), "unit": "GJ"}
    account(engine, _book(heat), "attributed_emission", told=True)
    coal = Decimal("76012.000000")  # 40,000 t x 1.9003
    found = one(engine, "entity_emission_estimate", "calculation = 'energy'")
    assert (found["emission"], found["scope2"], found["incomplete"]) == (coal + 11_000, 11_000, False)
    assert one(engine, "energy_factor_applied", "fuel_code = 'heat'")["status"] == "default"
    told = {row["record_key"]: row for row in _told(engine, "heat_by_default")}
    assert set(told) == {"bank_2026", "trial_2021", "pcaf_2022"}
    assert told["bank_2026"]["amount"] == 11_000 and "E1 11,000 t" in told["bank_2026"]["what_zh"]
    assert "0.11 tCO2/GJ" in told["bank_2026"]["what_en"]
    assert not _told(engine, "no_energy_factor")


def test_power_by_the_factor_of_an_older_year_is_told_with_the_emission_on_it(engine: DuckDB) -> None:
    power = {**BASE, "fuel_code": "electricity", "quantity": Decimal(1_000), "unit": "MWh"}
    account(engine, _book(power, area="420000"), "attributed_emission", told=True)
    applied = one(engine, "energy_factor_applied", "fuel_code = 'electricity'")
    assert (applied["status"], applied["factor_year"]) == ("older_year", 2022)
    (told,) = _told(engine, "power_factor_year")
    assert (told["record_key"], told["amount"], told["severity"]) == ("2022", 436.4, "notice")
    assert "420000" in told["what_en"] and "E1 436 t" in told["what_zh"]


def test_heat_in_shanghai_keeps_the_factor_of_its_emission_trading(engine: DuckDB) -> None:
    heat = {**BASE, "fuel_code": "heat", "quantity": Decimal(100_000), "unit": "GJ"}
    account(engine, _book(heat, area="310000"), "attributed_emission", told=True)
    assert one(engine, "entity_emission_estimate", "calculation = 'energy'")["scope2"] == 6_000
    assert not _told(engine, "heat_by_default")


def test_the_rest_is_accounted_and_marked_where_a_line_has_no_factor(engine: DuckDB) -> None:
    steam = {**BASE, "fuel_code": "heat", "quantity": Decimal(5_000), "unit": "t"}
    account(engine, _book(steam), "attributed_emission", "finance_gap", told=True)
    row = one(engine, "attributed_emission", "method = 'bank_2026'")
    assert (row["calculation_method"], row["emission"]) == ("energy", Decimal("760.12"))  # 1 % of the coal's
    assert one(engine, "entity_emission_choice", "method = 'bank_2026'")["incomplete"] is True
    gap = one(engine, "finance_gap_record", "method = 'bank_2026' AND code = 'energy_incomplete'")
    assert (gap["record_id"], gap["rule"], gap["outstanding_amount"]) == (
        "E1",
        "energy_without_line",
        32_000_000,
    )
    assert (gap["effect"], gap["effect_kind"]) == (None, "none")
    assert one(engine, "finance_gap", "method = 'bank_2026' AND code = 'energy_incomplete'")["loans"] == 1
    what = next(row for row in _told(engine, "energy_incomplete") if row["record_key"] == "bank_2026")[
        "what_zh"
    ]
    assert "E1" in what and "heat 5,000 t" in what and "32,000,000.00" in what
    assert not _told(engine, "energy_set_aside")


def test_a_whole_estimate_comes_before_one_without_a_line(engine: DuckDB) -> None:
    steam = {**BASE, "fuel_code": "heat", "quantity": Decimal(5_000), "unit": "t"}
    account(engine, _book(steam, **intensities({"31": 1e-4})), "attributed_emission", told=True)
    assert one(engine, "attributed_emission", "method = 'bank_2026'")["calculation_method"] == "economic"
    assert not _told(engine, "energy_incomplete")
    told = next(row for row in _told(engine, "energy_set_aside") if row["record_key"] == "bank_2026")
    assert told["amount"] == 32_000_000 and "heat 5,000 t" in told["what_en"]


def test_a_line_of_nothing_needs_no_factor(engine: DuckDB) -> None:
    none = {**BASE, "fuel_code": "heat", "quantity": Decimal(0), "unit": "t"}
    account(engine, _book(none), "attributed_emission")
    assert one(engine, "entity_emission_estimate", "calculation = 'energy'")["incomplete"] is False


def test_a_line_without_a_factor_is_told_with_its_file_and_row(tmp_path: Path) -> None:
    made = bank(tmp_path / "city", YEAR, {STEEL: (32_000_000, 80_000)})
    (made.inputs / "entity_emission.csv").unlink()
    write(made.inputs / "energy_return.csv", [
        {"uscc": STEEL, "year": YEAR, "fuel_code": fuel, "quantity": amount, "unit": "t"}
        for fuel, amount in (("raw_coal", 40_000), ("heat", 5_000))
    ])  # fmt: skip
    run_tables(made, ("attributed_emission",), ("finance.findings",))
    with Book.open(made.runs.book_path(None)) as book:
        told = book.rows("finding", where="code = 'finance.energy_incomplete' AND record_key = 'bank_2026'")
    assert f"{STEEL}（energy_return.csv:3 heat 5,000 t；余额 32,000,000.00 元）" in told[0]["what_zh"]
