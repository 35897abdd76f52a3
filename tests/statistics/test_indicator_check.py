"""Indicators of the year beside the desks' own figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.statistics.indicator_check import INDICATOR_CHECK_STEPS, tell
from tests.statistics.book import SETTINGS, YEAR, fill, rows_of

MONTHS = [f"{YEAR}-{number:02d}" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("monthly", "unit", "months", "told"),
    [
        ("1", "1e8 CNY", 12, None),
        ("2", "1e8 CNY", 12, "+100 %"),
        ("2", "1e8 CNY", 11, None),
        ("1", "1e8 CNY", 10, None),
        ("100500000", "CNY", 12, None),
        ("2", "person", 12, None),
    ],
)
def test_the_years_sum_is_held_against_the_returns(
    engine: DuckDB, monthly: str, unit: str, months: int, told: str | None
) -> None:
    totals = {"region_code": "total", "category_code": "total", "trade_kind": "total"}
    fill(engine, "indicator_month", [
        {"indicator_code": "platform_transactions", "month": month, "value": Decimal(monthly), "unit": unit}
        for month in MONTHS[:months]
    ])  # fmt: skip
    fill(engine, "platform_transaction", [
        {"month": month, **totals, "status": status, "platforms": 9, "amount": Decimal(50_000_000)}
        for month in MONTHS for status in ("reported", "imputed")
    ])  # fmt: skip
    fill(engine, "flexible_employment", ())
    fill(engine, "finding", ())
    tell(StepContext(step=INDICATOR_CHECK_STEPS[0], settings=SETTINGS, packs={}, engine=engine))  # type: ignore[arg-type]
    found = rows_of(engine, "finding")
    assert [row["code"] for row in found] == ([] if told is None else ["statistics.indicator_apart"])
    if told is not None:
        assert told in found[0]["what_en"]


def test_a_year_of_returns_without_january_is_held_against_the_same_months(engine: DuckDB) -> None:
    fill(engine, "indicator_month", [
        {"indicator_code": "platform_transactions", "month": month, "value": Decimal(3), "unit": "CNY"}
        for month in MONTHS
    ])  # fmt: skip
    fill(engine, "platform_transaction", [
        {"month": month, "region_code": "total", "category_code": "total", "trade_kind": "total",
         "status": "reported", "platforms": 9, "amount": Decimal(6)}
        for month in MONTHS[1:]
    ])  # fmt: skip
    fill(engine, "flexible_employment", ())
    fill(engine, "finding", ())
    tell(StepContext(step=INDICATOR_CHECK_STEPS[0], settings=SETTINGS, packs={}, engine=engine))  # type: ignore[arg-type]
    [found] = rows_of(engine, "finding")
    assert "33 CNY" in found["what_en"] and "66 CNY" in found["what_en"] and "-50 %" in found["what_en"]


@pytest.mark.parametrize(("high", "told"), [("7100", True), ("7300", False)])
def test_persons_are_held_against_the_mean_of_the_months_unless_the_interval_has_it(
    engine: DuckDB, high: str, told: bool
) -> None:
    fill(engine, "indicator_month", [
        {"indicator_code": "flexible_employment", "month": month, "value": Decimal("0.72"), "unit": "1e4 person"}
        for month in MONTHS
    ])  # fmt: skip
    fill(engine, "flexible_employment", [
        {"definition_code": "corrected_total", "label_zh": "x", "label_en": "x", "method": "x",
         "persons": Decimal(6000), "low": Decimal(5000), "high": Decimal(high)},
    ])  # fmt: skip
    for table in ("platform_transaction", "finding"):
        fill(engine, table, ())
    tell(StepContext(step=INDICATOR_CHECK_STEPS[0], settings=SETTINGS, packs={}, engine=engine))  # type: ignore[arg-type]
    found = rows_of(engine, "finding")
    assert len(found) == told
    if told:
        assert (
            "7,200" in found[0]["what_en"]
            and "6,000" in found[0]["what_en"]
            and "+20 %" in found[0]["what_en"]
        )
