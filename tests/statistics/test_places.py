"""Records of another place: told, and what is not known for want of records in the area is no zero."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.pipeline.headlines import compute, definitions
from lvshu.statistics import platform_public
from lvshu.statistics.places import holds, prefix_of, tell_outside, wider
from lvshu.statistics.steps import PLATFORM_ECONOMY_STEPS, STEPS
from tests.statistics.book import SETTINGS, YEAR, fill, rows_of, run


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


def _settled(seller: str, buyer: str, fee: int = 5) -> list[dict[str, Any]]:
    """Return settlements of enough platforms to be shown."""
    return [
        {"platform_uscc": who, "year": YEAR, "category_code": "goods", "trade_kind": "third_party",
         "seller_region": seller, "buyer_region": buyer, "amount": Decimal(100), "fee": Decimal(fee)}
        for who in "ABCDEF"
    ]  # fmt: skip


def _headlines(engine: DuckDB) -> dict[str, dict[str, Any]]:
    wanted = [one for one in definitions() if one.code.startswith("platform_") and "_by_" in one.code]
    rows = compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
    return {row["code"].removeprefix("platform_"): row for row in rows}


SALES = [
    {"year": YEAR, "side": side, "category_code": "goods", "amount": Decimal(9000)}
    for side in ("seller", "buyer")
]
UNITS = [
    {"uscc": f"U{n}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 5.0, "industry_code": "6432",
     "value_added": Decimal(30 + n), "revenue": Decimal(100)} for n in range(4)
]  # fmt: skip


def test_without_a_settlement_of_the_area_nothing_is_published_as_zero(engine: DuckDB) -> None:
    """Sellers by province in the book of a city: no figure, a reason that names the province, and no error."""
    settled = [*_settled("420000", "420106"), *_settled("330000", "420100")]
    run(
        engine,
        {"platform_settlement": settled, "category_sale": SALES, "business_survey": UNITS},
        area="420100",
    )
    found = {
        row["record_key"]: row for row in rows_of(engine, "finding", "code LIKE 'statistics.platform_%wider'")
    }
    assert set(found) == {"seller"} and found["seller"]["code"] == "statistics.platform_only_wider"
    assert "420000" in found["seller"]["what_en"] and "6" in found["seller"]["what_en"]
    assert "330000" not in found["seller"]["what_en"]
    raw = rows_of(engine, "platform_economy", "side IN ('seller', 'either')")
    assert len(raw) == 10 and all(row["value"] is None and row["share_of_all"] is None for row in raw)
    shown = rows_of(engine, "platform_economy_public")
    assert {(row["side"], row["status"]) for row in shown} == {
        ("seller", "not_covered"), ("either", "not_covered"), ("buyer", "shown"), ("all", "shown"),
    }  # fmt: skip
    assert all((row["value"] is None) == (row["status"] == "not_covered") for row in shown)
    shares = {(row["side"], row["category_code"]): row for row in rows_of(engine, "ecommerce_share_public")}
    seller, buyer = shares["seller", "goods"], shares["buyer", "goods"]
    assert (seller["status"], seller["platform_amount"], seller["share"]) == ("not_covered", None, None)
    assert seller["all_amount"] == 9000 and buyer["share"] == pytest.approx(100 * 1200 / 9000)
    headlines = _headlines(engine)
    assert {code: (row["status"], row["value"]) for code, row in headlines.items()} == {
        "output_by_seller": ("not_covered", None), "value_added_by_seller": ("not_covered", None),
        "output_by_buyer": ("available", 60),
    }  # fmt: skip
    assert "420000" in headlines["value_added_by_seller"]["reason_zh"]
    for table in ("uncertainty", "total_error", "total_error_interval"):
        told = {
            row["indicator"] for row in rows_of(engine, table) if row["indicator"].startswith("platform_")
        }
        assert told == {"platform_output_by_buyer"}


def test_a_zero_that_platforms_report_stays_a_zero(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": _settled("420106", "420000", fee=0)}, area="420100")
    rows = {
        (row["side"], row["item"]): (row["status"], row["value"])
        for row in rows_of(engine, "platform_economy_public")
    }
    assert rows["seller", "intermediation_output"] == ("shown", 0)
    assert rows["seller", "transactions"] == ("shown", 600)
    assert rows["buyer", "intermediation_output"] == ("not_covered", None)
    assert _headlines(engine)["output_by_seller"]["value"] == 0


def test_records_of_a_wider_place_beside_those_of_the_area_make_its_figure_partial(engine: DuckDB) -> None:
    settled = [*_settled("420106", "420100"), *_settled("420000", "420100"), *_settled("330000", "000000")]
    run(engine, {"platform_settlement": settled}, area="420100")
    [found] = rows_of(engine, "finding", "code LIKE 'statistics.platform_%wider'")
    assert (found["code"], found["record_key"]) == ("statistics.platform_some_wider", "seller")
    found = _headlines(engine)
    assert (found["output_by_seller"]["status"], found["output_by_seller"]["value"]) == ("partial", 30)
    assert found["output_by_buyer"]["status"] == "available"


def test_sides_of_other_places_alone_are_told_without_a_wider_one(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": _settled("330100", "000000")}, area="420100")
    found = rows_of(engine, "finding", "code = 'statistics.platform_none_inside'")
    assert [row["record_key"] for row in found] == ["buyer", "seller"]
    assert {row["status"] for row in _headlines(engine).values()} == {"not_covered"}


def test_what_was_published_as_not_covered_is_neither_shown_nor_hidden(engine: DuckDB) -> None:
    earlier = {"year": YEAR, "side": "seller", "item": "intermediation_output", "status": "not_covered"}
    tables = {
        "platform_settlement": _settled("420106", "420100"),
        "platform_economy_public_previous": [earlier],
    }
    run(engine, tables, area="420100")
    assert {row["status"] for row in rows_of(engine, "platform_economy_public")} == {"shown"}
    assert platform_public._cells_of(platform_public.ECONOMY, {**earlier, "value": None}) == {}


@pytest.mark.parametrize(
    ("code", "area", "is_wider"),
    [
        ("420000", "420100", True), ("100000", "420100", True), ("420100", "420106", True),
        ("420100", "420100", False), ("420106", "420100", False), ("430000", "420100", False),
        ("000000", "420100", False), ("100000", "100000", False), ("420000", "100000", False),
    ],
)  # fmt: skip
def test_a_wider_place_holds_the_area(code: str, area: str, is_wider: bool) -> None:
    assert holds(code, replace(SETTINGS, area=area)) is is_wider


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


@pytest.mark.parametrize("code", ["420000", "100000"])
def test_flows_of_a_wider_place_are_not_elsewhere_and_have_no_figure(engine: DuckDB, code: str) -> None:
    """Sellers of the area stand among those of its province: as sales from elsewhere they would be a false figure."""
    settled = [*_settled(code, "420106"), *_settled("330000", "420100"), *_settled("330000", code)]
    run(engine, {"platform_settlement": settled}, area="420100")
    raw = {
        (row["seller_place"], row["buyer_place"]): row["amount"] for row in rows_of(engine, "platform_flow")
    }
    assert raw == {("wider", "inside"): 600, ("elsewhere", "inside"): 600, ("elsewhere", "wider"): 600}
    shown = {
        (row["seller_place"], row["buyer_place"]): (row["status"], row["amount"], row["fee"])
        for row in rows_of(engine, "platform_flow_public")
    }
    assert shown == {
        ("wider", "inside"): ("not_covered", None, None), ("elsewhere", "inside"): ("shown", 600, 30),
        ("elsewhere", "wider"): ("not_covered", None, None),
    }  # fmt: skip


def test_the_audit_knows_that_flows_of_a_wider_place_are_parts_of_all(engine: DuckDB) -> None:
    """One platform sells from the province: its flow has no figure, and no other figure gives it away."""
    settled = [
        *_settled("420106", "420100"), *_settled("330000", "420100"), *_settled("420106", "330000"),
        *_settled("420000", "420100")[:1], *_settled("330000", "330000"),
    ]  # fmt: skip
    run(engine, {"platform_settlement": settled}, area="420100")
    audit = rows_of(engine, "disclosure_audit", "magnitude = 'platform_settlement'")
    assert audit
    assert not rows_of(engine, "finding", "code LIKE 'disclosure.%' AND severity = 'error'")
    public = {
        (row["seller_place"], row["buyer_place"]): row for row in rows_of(engine, "platform_flow_public")
    }
    assert public["wider", "inside"]["status"] == "not_covered"
    assert "suppressed" in {
        row["status"]
        for table in ("platform_flow_public", "platform_economy_public")
        for row in rows_of(engine, table)
    }


def test_the_wider_codes_of_an_area_are_those_that_hold_it() -> None:
    def codes(area: str) -> set[str]:
        return set(wider(replace(SETTINGS, area=area)).values()) - {""}

    assert codes("420106") == {"420100", "420000", "100000"}
    assert codes("420100") == {"420000", "100000"}
    assert codes("420000") == {"100000"} and codes("100000") == set()
