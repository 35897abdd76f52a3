"""The platform economy recorded net: fees and not transactions, by seller and by buyer; e-commerce shares."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from lvshu.intake import load_table
from lvshu.pipeline.inputs import find_inputs
from lvshu.statistics.platform_economy import _tell_kinds, place
from tests.statistics.book import SETTINGS, YEAR, by, rows_of, run


def _settled(seller: str, buyer: str, amount: str, fee: str, **more: object) -> dict[str, Any]:
    return {
        "platform_uscc": "A", "year": YEAR, "category_code": "goods", "trade_kind": "third_party",
        "seller_region": seller, "buyer_region": buyer, "amount": Decimal(amount), "fee": Decimal(fee), **more,
    }  # fmt: skip


SETTLED = [
    _settled("310000", "310000", "1000", "50"),
    _settled("310115", "330000", "2000", "120"),
    _settled("320000", "310000", "3000", "90"),
    _settled("320000", "330000", "4000", "200"),
    _settled("310000", "320000", "700", "0", trade_kind="own"),
    _settled("310000", "310000", "500", "30", category_code="services", platform_uscc="B"),
]


SEVERAL = [{**row, "platform_uscc": who} for row in SETTLED[:4] for who in "ABCD"]
"""The same of four platforms each, so that it may be shown."""


def _unit(number: int, industry: str, added: float, revenue: float) -> dict[str, Any]:
    return {
        "uscc": f"U{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 5.0,
        "value_added": Decimal(str(added)), "revenue": Decimal(str(revenue)), "industry_code": industry,
    }  # fmt: skip


UNITS = [
    _unit(1, "6432", 30, 100),
    _unit(2, "6431", 50, 100),
    _unit(3, "6434", 40, 100),
    _unit(4, "5212", 9, 90),
]


def _values(engine: DuckDB) -> dict[tuple[str, str], float]:
    return {(row["side"], row["item"]): float(row["value"]) for row in rows_of(engine, "platform_economy")}


def test_output_is_fees_and_each_side_is_counted_by_itself(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SETTLED, "business_survey": UNITS})
    found = _values(engine)
    assert found["all", "transactions"] == 11_200
    assert found["all", "own_sales"] == 700
    assert found["all", "intermediation_output"] == 490
    assert found["seller", "intermediation_output"] == 50 + 120 + 30
    assert found["buyer", "intermediation_output"] == 50 + 90 + 30
    assert found["either", "intermediation_output"] == 50 + 120 + 90 + 30  # both sides inside: once
    assert found["seller", "intermediation_value_added"] == pytest.approx(200 * 120 / 300)
    [row] = rows_of(engine, "platform_economy", "side = 'seller' AND item = 'intermediation_output'")
    assert row["share_of_all"] == pytest.approx(100 * 200 / 490)
    assert row["rate"] == pytest.approx(100 * 200 / 3500)


def test_only_value_added_has_an_error(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SEVERAL, "business_survey": UNITS})
    told = by(engine, "uncertainty", "indicator")
    output, added = told["platform_output_by_seller"], told["platform_value_added_by_seller"]
    assert (output["value"], output["standard_error"], output["low"], output["high"]) == (
        680,
        None,
        None,
        None,
    )
    assert added["low"] < added["value"] < added["high"]


def test_each_headline_of_platforms_names_the_parts_of_its_error(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SEVERAL, "business_survey": UNITS})
    told = by(engine, "uncertainty", "indicator")
    for code, sampling in (
        ("platform_output_by_seller", "none"), ("platform_output_by_buyer", "none"),
        ("platform_value_added_by_seller", "estimated"),
    ):  # fmt: skip
        parts = {row["part"]: row for row in rows_of(engine, "total_error", f"indicator = '{code}'")}
        assert parts["sampling"]["status"] == sampling
        assert {parts[name]["status"] for name in ("coding", "imputation", "coverage", "bias")} == {
            "not_known"
        }
        estimated = sampling == "estimated"
        assert parts["total"]["status"] == ("estimated" if estimated else "not_known")
        assert (parts["total"]["size"], parts["total"]["share"]) == (
            (told[code]["standard_error"], 100.0) if estimated else (None, None)
        )
        [total] = rows_of(engine, "total_error_interval", f"indicator = '{code}' AND kind = 'total'")
        assert (total["value"], total["low"], total["high"]) == (
            told[code]["value"], told[code]["low"], told[code]["high"],
        )  # fmt: skip
    parts = rows_of(
        engine, "total_error", "indicator = 'platform_value_added_by_seller' AND part = 'sampling'"
    )
    assert parts[0]["size"] == pytest.approx(told["platform_value_added_by_seller"]["standard_error"])


def test_without_platforms_in_the_survey_no_value_added_is_given(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SETTLED, "business_survey": [UNITS[3]]})
    assert ("seller", "intermediation_value_added") not in _values(engine)
    assert "statistics.platform_no_rate" in {row["code"] for row in rows_of(engine, "finding")}


def test_platforms_that_were_all_surveyed_are_a_full_count(engine: DuckDB) -> None:
    whole = [{**unit, "weight": 1.0} for unit in UNITS]
    run(engine, {"platform_settlement": SEVERAL, "business_survey": whole})
    exact = by(engine, "uncertainty", "indicator")["platform_value_added_by_seller"]
    assert (exact["method"], exact["standard_error"]) == ("full_count", None)
    assert "statistics.platform_rate_unknown" not in {row["code"] for row in rows_of(engine, "finding")}


def test_a_code_too_short_to_tell_is_missing_as_one_that_is_not_there(engine: DuckDB) -> None:
    whole = [{**unit, "weight": 1.0} for unit in UNITS]
    unknown = [
        {**whole[0], "uscc": "U8", "industry_code": "64", "value_added": Decimal(70)},
        {**whole[0], "uscc": "U9", "industry_code": None},
        {**whole[0], "uscc": "V0", "stratum": "t", "revenue": None},
        {**whole[0], "uscc": "V1", "industry_code": "52", "value_added": Decimal(1)},
    ]
    run(engine, {"platform_settlement": SEVERAL, "business_survey": [*whole, *unknown]})
    told = by(engine, "uncertainty", "indicator")["platform_value_added_by_seller"]
    assert told["value"] == pytest.approx(680 * 120 / 300), "units that may be platforms are in neither total"
    assert told["standard_error"] > 0, "three of five that could be platforms were seen"
    found = {row["code"]: row for row in rows_of(engine, "finding")}
    assert found["statistics.platform_rate_unknown"]["amount"] == 3
    assert "statistics.platform_rate_silent" in found, "nobody of stratum t is known"


def test_a_unit_without_a_code_in_the_survey_has_that_of_the_register(engine: DuckDB) -> None:
    whole = [{**unit, "weight": 1.0} for unit in UNITS]
    whole[0]["industry_code"] = None
    register = [{"uscc": "U1", "name": "样平台", "industry_code": "6432", "overseas": False}]
    run(engine, {"platform_settlement": SEVERAL, "business_survey": whole, "enterprise": register})
    told = by(engine, "uncertainty", "indicator")["platform_value_added_by_seller"]
    assert told["value"] == pytest.approx(680 * 120 / 300)
    assert told["method"] == "full_count", "its class is known"


def test_one_platform_that_stands_for_others_has_no_error_that_is_known(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SEVERAL, "business_survey": [UNITS[0], UNITS[3]]})
    told = by(engine, "uncertainty", "indicator")["platform_value_added_by_seller"]
    assert (told["standard_error"], told["low"], told["method"]) == (None, None, "linearisation")
    parts = rows_of(
        engine, "total_error", "indicator = 'platform_value_added_by_seller' AND part = 'sampling'"
    )
    assert parts[0]["status"] == "not_known"


def test_fees_on_own_sales_are_told_and_not_counted(engine: DuckDB) -> None:
    wrong = [*SETTLED, _settled("310000", "310000", "10", "7", trade_kind="own")]
    run(engine, {"platform_settlement": wrong})
    assert _values(engine)["all", "intermediation_output"] == 490
    [found] = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.platform_own_fee"]
    assert found["amount"] == 1


@pytest.mark.parametrize(
    ("own", "third", "told"), [(700, 10500, 0), (3000, 8200, 1), (700, 9000, 0), (0, 0, 0)]
)
def test_one_total_parted_differently_is_told(own: int, third: int, told: int) -> None:
    """Settled: own 700 of 11,200."""
    found: list[Problem] = []
    rows = [
        {"trade_kind": kind, "amount": Decimal(value)}
        for kind, value in (("own", own), ("third_party", third))
    ]
    context = SimpleNamespace(
        read=lambda *_, **__: SimpleNamespace(to_pylist=lambda: rows if third else []),
        find=lambda problem, **_: found.append(problem),
        engine=SimpleNamespace(has=lambda table: True),
    )
    _tell_kinds(cast(StepContext, context), SETTLED)
    assert [one.code for one in found] == ["statistics.platform_kinds_apart"] * told


def test_ecommerce_shares_by_side_and_category(engine: DuckDB) -> None:
    sales = [
        {"year": YEAR, "side": side, "category_code": code, "amount": Decimal(amount)}
        for side, code, amount in (
            ("seller", "goods", "7400"), ("seller", "services", "2000"), ("buyer", "goods", "2000"),
        )
    ]  # fmt: skip
    run(engine, {"platform_settlement": SETTLED, "category_sale": sales})
    share = {(row["side"], row["category_code"]): row["share"] for row in rows_of(engine, "ecommerce_share")}
    assert share["seller", "goods"] == pytest.approx(50)
    assert share["seller", "total"] == pytest.approx(100 * 4200 / 9400)
    assert share["buyer", "goods"] == pytest.approx(200)
    assert share["buyer", "services"] is None and share["buyer", "total"] is None
    codes = {row["code"] for row in rows_of(engine, "finding")}
    assert {"statistics.ecommerce_above_all", "statistics.ecommerce_no_sales"} <= codes


@pytest.mark.parametrize(
    ("area", "prefix"), [("310000", "31"), ("330100", "3301"), ("310115", "310115"), ("500000", "50")]
)
def test_regions_belong_to_the_area_by_its_digits(area: str, prefix: str) -> None:
    found = place(replace(SETTINGS, area=area))
    assert (found["prefix"], found["digits"]) == (prefix, len(prefix))


def test_the_whole_of_the_share_holds_categories_that_no_platform_trades(engine: DuckDB) -> None:
    amounts = {"goods": "7400", "services": "2000", "fuel": "90600"}
    sales = [
        {"year": YEAR, "side": side, "category_code": code, "amount": Decimal(amount)}
        for side in ("seller", "buyer")
        for code, amount in amounts.items()
        if (side, code) != ("buyer", "fuel")
    ]
    run(engine, {"platform_settlement": SETTLED, "category_sale": sales})
    found = {(row["side"], row["category_code"]): row for row in rows_of(engine, "ecommerce_share")}
    assert found["seller", "total"]["all_amount"] == 100_000
    assert found["seller", "total"]["share"] == pytest.approx(4.2)
    assert (found["seller", "fuel"]["platform_amount"], found["seller", "fuel"]["share"]) == (0, 0)
    assert found["buyer", "fuel"]["share"] is None and found["buyer", "total"]["share"] is None
    [told] = rows_of(engine, "finding", "code = 'statistics.ecommerce_no_sales'")
    assert "fuel" in str(told)


def test_settlements_with_names_for_codes_or_fees_above_the_transactions_are_told(
    engine: DuckDB, tmp_path: Path
) -> None:
    head = "platform_uscc,year,category_code,trade_kind,seller_region,buyer_region,amount,fee\n"
    rows = ("310000,310000,1000,50", "火星,310000,1000,50", "320000,310000,1000,3000")
    text = head + "".join(f"91310000MA1FL00030,{YEAR},goods,third_party,{row}\n" for row in rows)
    (tmp_path / "platform_settlement.csv").write_text(text, encoding="utf-8")
    files = find_inputs(tmp_path).files["platform_settlement"]
    contract = load("platform_settlement")
    report = load_table(engine, contract, files, settings=SETTINGS, packs=PackLibrary.load())
    assert [(row["row_number"], row["code"]) for row in rows_of(engine, "quarantine")] == [
        (3, "rule.platform_settlement.regions_are_codes")
    ]
    assert engine.count("platform_settlement") == 2
    assert any("首行：服务费 3000" in problem.what("zh") for problem in report.problems)


def test_categories_outside_the_code_list_are_told_with_what_comes_near(engine: DuckDB) -> None:
    settled = [*SETTLED, _settled("310000", "310000", "40", "1", category_code="外卖"),
               _settled("310000", "310000", "7", "0", category_code="good"),
               _settled("310000", "310000", "5", "0", category_code="商品")]  # fmt: skip
    sales = [
        {"year": YEAR, "side": side, "category_code": code, "amount": Decimal(amount)}
        for side in ("seller", "buyer")
        for code, amount in (("goods", "90000"), ("services", "9000"), ("total", "99000"), ("services_", "3"))
    ]
    run(engine, {"platform_settlement": settled, "category_sale": sales})
    told = {
        (row["table_name"], row["record_key"]): row
        for row in rows_of(engine, "finding", "code LIKE 'statistics.category%'")
    }
    assert set(told) == {
        ("platform_settlement", "外卖"), ("platform_settlement", "good"), ("platform_settlement", "商品"),
        ("category_sale", "services_"),
    }  # fmt: skip
    assert told["platform_settlement", "外卖"]["code"] == "statistics.category_unknown"
    assert "goods" in told["platform_settlement", "外卖"]["fix_zh"]
    assert told["platform_settlement", "good"]["fix_en"].endswith("goods is meant")
    assert told["platform_settlement", "商品"]["fix_en"].endswith("goods is meant")
    assert told["category_sale", "services_"]["fix_en"].endswith("services is meant")


def test_categories_of_the_returns_are_known(engine: DuckDB) -> None:
    row = {
        "platform_uscc": "A", "month": f"{YEAR}-02", "form": "U201", "item_code": "transactions",
        "region_code": "total", "category_code": "catering", "trade_kind": "total", "amount": Decimal("40"),
    }  # fmt: skip
    run(engine, {"platform_settlement": [_settled("310000", "310000", "40", "1", category_code="catering")],
                 "platform_return": [row]})  # fmt: skip
    assert not rows_of(engine, "finding", "code LIKE 'statistics.category%'")
