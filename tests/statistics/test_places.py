"""Records of another place: told, and a sum that is zero for want of records in the area says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.pipeline.headlines import compute, definitions
from lvshu.statistics import platform_economy
from lvshu.statistics.places import prefix_of, tell_outside
from lvshu.statistics.steps import PLATFORM_ECONOMY_STEPS, STEPS
from tests.statistics.book import SETTINGS, fill, rows_of


@pytest.mark.parametrize(
    ("area", "prefix"),
    [("100000", ""), ("310000", "31"), ("330100", "3301"), ("330110", "330110"), ("500000", "50")],
)
def test_codes_of_the_area_begin_alike(area: str, prefix: str) -> None:
    assert prefix_of(replace(SETTINGS, area=area)) == prefix


def _context(engine: DuckDB, area: str) -> StepContext:
    fill(engine, "finding", ())
    fill(engine, "uncertainty", ())
    step = next(one for one in PLATFORM_ECONOMY_STEPS if one.name == "statistics.platform_economy")
    return StepContext(step=step, settings=replace(SETTINGS, area=area), packs={}, engine=engine)  # type: ignore[arg-type]


def test_a_survey_of_another_city_is_told_and_codes_of_ones_own_are_not_judged(engine: DuckDB) -> None:
    codes = ["330102", "330102", "330106", "310101", "浦东", None]
    fill(engine, "business_survey", [{"uscc": str(n), "year": 2023, "district_code": code}
                                     for n, code in enumerate(codes)])  # fmt: skip
    tell_outside(_context(engine, "310000"), "business_survey")
    [found] = rows_of(engine, "finding")
    assert (found["code"], found["table_name"], found["amount"]) == (
        "statistics.places_outside", "business_survey", 3,
    )  # fmt: skip
    assert "330102, 330106" in found["what_en"] and "50 %" in found["what_en"]
    tell_outside(_context(engine, "100000"), "business_survey")
    assert rows_of(engine, "finding") == []


def test_no_settlement_in_the_area_makes_the_headline_partial(engine: DuckDB) -> None:
    flow = {"category_code": "goods", "trade_kind": "third_party", "seller_place": "elsewhere",
            "buyer_place": "inside", "platforms": 9, "amount": 100, "fee": 5}  # fmt: skip
    fill(engine, "platform_flow", [flow])
    fill(engine, "business_survey", ())
    fill(engine, "platform_economy", ())
    platform_economy.make(_context(engine, "510100"))
    assert [(row["code"], row["record_key"]) for row in rows_of(engine, "finding")] == [
        ("statistics.platform_none_inside", "seller")
    ]
    fill(engine, "platform_economy_public", [
        {"side": side, "item": "intermediation_output", "value": value, "status": "shown"}
        for side, value in (("seller", 0), ("buyer", 5))
    ])  # fmt: skip
    wanted = [one for one in definitions() if one.code.startswith("platform_output_by_")]
    rows = compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
    assert {row["code"]: row["status"] for row in rows} == {
        "platform_output_by_seller": "partial", "platform_output_by_buyer": "available",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["injury_insurance_record", "self_employment_record"])
def test_the_registers_beside_are_judged(engine: DuckDB, table: str) -> None:
    step = next(one for one in STEPS if one.name == "statistics.flexible_employment")
    assert table in step.reads_if_there
    fill(
        engine,
        table,
        [{"person_hash": str(n), "district_code": code} for n, code in enumerate(("310101", "330102"))],
    )
    tell_outside(_context(engine, "310000"), table)
    assert [row["amount"] for row in rows_of(engine, "finding")] == [1]
