"""The public tables of the platform economy: an independent reader cannot bound what single platforms did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.headlines import definitions
from lvshu.publish.reader import is_confidential
from lvshu.statistics.disclosure.primary import Rules
from lvshu.statistics.platform_public import hidden_cells, protected
from tests.statistics.attacker import SIDES, Reader, contributions, need
from tests.statistics.book import YEAR, by, rows_of, run

RULES = {"least": 3, "p": 10.0, "n": 2, "k": 90.0, "width": 10.0}
REGIONS = ("310000", "320000")
TABLES = ("platform_flow_public", "platform_economy_public", "ecommerce_share_public")


def _settled(who: str, category: str, scale: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"platform_uscc": who, "year": YEAR, "category_code": category, "trade_kind": kind, "seller_region": seller,
         "buyer_region": buyer, "amount": Decimal(scale * (1 + place + 2 * other)),
         "fee": Decimal(scale * (1 + place) // 20) if kind == "third_party" else Decimal(0), **more}
        for kind in ("own", "third_party")
        for place, seller in enumerate(REGIONS)
        for other, buyer in enumerate(REGIONS)
    ]  # fmt: skip


SAFE = [row for n, who in enumerate("ABCDEF") for row in _settled(who, "goods", 1000 + 90 * n)]
SALES = [
    {"year": YEAR, "side": side, "category_code": code, "amount": Decimal(amount)}
    for side in ("seller", "buyer")
    for code, amount in (("goods", 300_000), ("services", 90_000), ("travel", 80_000))
]


def _attack(engine: DuckDB, settled: Sequence[Mapping[str, Any]], group: Mapping[str, str]) -> int:
    """Assert that no unsafe sum can be bounded within its protection; return how many there are."""
    reader = Reader(*(rows_of(engine, table) for table in TABLES))
    found = 0
    for (category, side, what), held in contributions(settled, group, "31").items():
        wanted, truth = need(held, **RULES), sum(held.values())
        if wanted is None:
            continue
        found += 1
        categories = reader.categories if category == "total" else [category]
        low, high = reader.bounds(reader.cells(categories, SIDES[side], what), truth)
        slack = 1e-5 * max([1.0, *reader.right])
        assert low <= truth - min(wanted, truth) + slack, (category, side, what, low, truth, wanted)
        assert high >= truth + wanted - slack, (category, side, what, high, truth, wanted)
    return found


def _few() -> list[dict[str, Any]]:
    """Return six platforms in goods, of which one alone does services, and a pair makes travel."""
    return [
        *SAFE,
        *_settled("A", "services", 700),
        *_settled("B", "travel", 500),
        *_settled("C", "travel", 800),
    ]


def test_a_category_with_one_platform_or_two_is_not_shown_and_does_not_follow(engine: DuckDB) -> None:
    settled = _few()
    run(engine, {"platform_settlement": settled, "category_sale": SALES})
    shown = rows_of(engine, "platform_flow_public", "status = 'shown'")
    assert "services" not in {row["category_code"] for row in shown}
    assert "travel" not in {row["category_code"] for row in shown}
    shares = by(engine, "ecommerce_share_public", "category_code")
    assert shares["services"]["share"] is None and shares["services"]["platform_amount"] is None
    assert shares["services"]["all_amount"] == 90_000
    assert _attack(engine, settled, {}) > 10
    assert all(
        (row["amount"] is None) == (row["status"] != "shown")
        for row in rows_of(engine, "platform_flow_public")
    )
    assert "statistics.platform_suppressed" in {row["code"] for row in rows_of(engine, "finding")}


def test_the_raw_tables_give_the_single_platform_away(engine: DuckDB) -> None:
    """The attack bites: with the raw tables in the place of the public ones it finds the figure exactly."""
    settled = _few()
    run(engine, {"platform_settlement": settled, "category_sale": SALES})
    raw = [rows_of(engine, table.removesuffix("_public")) for table in TABLES]
    reader = Reader(*raw)
    truth = float(sum(row["amount"] for row in settled if row["category_code"] == "services"))
    low, high = reader.bounds(reader.cells(["services"], SIDES["all"], ("own", "third_party")), truth)
    assert (low, high) == pytest.approx((truth, truth))


def test_platforms_of_one_group_are_one(engine: DuckDB) -> None:
    run(engine, {"platform_settlement": SAFE})
    assert {row["status"] for row in rows_of(engine, "platform_flow_public")} == {"shown"}
    groups = dict.fromkeys("ABCDE", "G")
    rows = [{"uscc": who, "group_code": code} for who, code in groups.items()]
    run(engine, {"platform_settlement": SAFE, "enterprise_group": rows})
    assert _attack(engine, SAFE, groups) > 0
    assert {row["status"] for row in rows_of(engine, "platform_flow_public")} == {"suppressed"}


def test_headlines_and_their_errors_are_those_of_the_public_table(engine: DuckDB) -> None:
    codes = {one.code for one in definitions() if one.table.startswith("platform_economy")}
    assert codes == {
        "platform_output_by_seller",
        "platform_output_by_buyer",
        "platform_value_added_by_seller",
    }
    assert {one.table for one in definitions() if one.code in codes} == {"platform_economy_public"}
    run(engine, {"platform_settlement": SAFE})
    assert set(by(engine, "uncertainty", "indicator")) & codes == {
        "platform_output_by_seller",
        "platform_output_by_buyer",
    }
    run(engine, {"platform_settlement": _settled("A", "goods", 1000)})
    assert not set(by(engine, "uncertainty", "indicator")) & codes
    assert {row["status"] for row in rows_of(engine, "platform_economy_public")} == {"suppressed"}
    assert all(
        row["value"] is None and row["rate"] is None for row in rows_of(engine, "platform_economy_public")
    )


def test_what_an_earlier_table_of_the_year_gives_away_is_withheld_though_it_was_revised(
    engine: DuckDB,
) -> None:
    """Services of one platform were shown for one flow before; another flow was revised since."""
    settled = _few()
    [flow] = [row for row in settled if row["category_code"] == "services" and row["trade_kind"] == "own"][:1]
    before = [
        _before("services", flow["amount"] - 1), _before("goods", sum(row["amount"] for row in SAFE[::8]) + 500),
    ]  # fmt: skip
    run(engine, {"platform_settlement": settled, "platform_flow_public_previous": before})
    assert {row["status"] for row in rows_of(engine, "platform_flow_public")} == {"suppressed"}
    assert "statistics.platform_withheld" in {row["code"] for row in rows_of(engine, "finding")}
    only_goods = before[1:]
    run(engine, {"platform_settlement": settled, "platform_flow_public_previous": only_goods})
    assert "disclosure.revised" in {row["code"] for row in rows_of(engine, "finding")}
    assert _attack(engine, settled, {}) > 10


def test_an_earlier_table_of_the_year_by_other_categories_withholds(engine: DuckDB) -> None:
    """Goods and services stood in one category before: less the goods of now that is the one platform's services."""
    settled = _few()
    both = [
        row["amount"] for row in settled
        if row["trade_kind"] == "own" and row["category_code"] in ("goods", "services")
        and (row["seller_region"], row["buyer_region"]) == (REGIONS[0], REGIONS[0])
    ]  # fmt: skip
    before = [_before("merged", sum(both))]
    run(engine, {"platform_settlement": settled, "platform_flow_public_previous": before})
    assert {row["status"] for row in rows_of(engine, "platform_flow_public")} == {"suppressed"}
    assert {"disclosure.codes_changed", "disclosure.union_given_away", "statistics.platform_withheld"} <= {
        row["code"] for row in rows_of(engine, "finding")
    }


def _before(category: str, amount: Decimal) -> dict[str, Any]:
    return {
        "year": YEAR, "category_code": category, "trade_kind": "own", "seller_place": "inside", "buyer_place": "inside",
        "status": "shown", "amount": amount, "fee": None,
    }  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_raw_tables_are_confidential_and_public_ones_are_not(table: str) -> None:
    assert is_confidential(table.removesuffix("_public")) and not is_confidential(table)
    assert "platforms" not in load(table).column_names


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_no_reader_bounds_an_unsafe_sum_of_a_random_table(seed: int) -> None:
    random = np.random.default_rng(seed)
    settled = [
        {"platform_uscc": who, "category_code": category, "trade_kind": kind, "seller_place": seller,
         "buyer_place": buyer, "amount": int(amount), "fee": int(amount * random.uniform(0, 0.5) * (kind != "own"))}
        for who in "ABCDE"
        for category in ("x", "y")
        for kind in ("own", "third_party")
        for seller in ("inside", "elsewhere")
        for buyer in ("inside", "elsewhere")
        if random.random() < 0.6 and (amount := random.integers(1, 2000))
    ]  # fmt: skip
    safe = protected(settled, {}, Rules(3, 10.0, (2, 90.0), 10.0), {}, seconds=0.5)
    hidden = hidden_cells(safe)

    def printed(category: str, kind: str, place: str, part: str, value: float) -> float | None:
        return None if (category, kind, place, part) in hidden else value

    sums: dict[Any, float] = {}
    for row in settled:
        for side, inside in SIDES.items():
            if inside((row["seller_place"], row["buyer_place"])):
                for category in (row["category_code"], "total"):
                    for kind, part, value in (
                        (row["trade_kind"], "amount", row["amount"]),
                        ("total", "amount", row["amount"]),
                        (row["trade_kind"], "fee", row["fee"]),
                    ):
                        if part == "amount" or kind == "third_party":
                            sums[category, kind, side, part] = (
                                sums.get((category, kind, side, part), 0) + value
                            )
    flows = [
        {"category_code": category, "trade_kind": kind, "seller_place": place.split("_")[0],
         "buyer_place": place.split("_")[1], "amount": printed(category, kind, place, "amount", value),
         "fee": printed(category, kind, place, "fee", sums.get((category, kind, place, "fee"), 0))}
        for (category, kind, place, part), value in sums.items()
        if "_" in place and category != "total" and kind != "total" and part == "amount"
    ]  # fmt: skip
    items = {
        ("total", "amount"): "transactions", ("third_party", "amount"): "third_party",
        ("own", "amount"): "own_sales", ("third_party", "fee"): "intermediation_output",
    }  # fmt: skip
    economy = [
        {"side": place, "item": items[kind, part], "value": printed(category, kind, place, part, value),
         "share_of_all": None}
        for (category, kind, place, part), value in sums.items()
        if "_" not in place and category == "total"
    ]  # fmt: skip
    shares = [
        {"side": place, "category_code": category, "platform_amount": printed(category, kind, place, part, value),
         "all_amount": None, "share": None}
        for (category, kind, place, part), value in sums.items()
        if place in ("seller", "buyer") and kind == "total"
    ]  # fmt: skip
    reader = Reader(flows, economy, shares)
    regions = {"inside": "310000", "elsewhere": "320000"}
    raw = [
        {**row, "seller_region": regions[row["seller_place"]], "buyer_region": regions[row["buyer_place"]]}
        for row in settled
    ]
    for (category, side, what), held in contributions(raw, {}, "31").items():
        wanted, truth = need(held, **RULES), sum(held.values())
        if wanted is not None:
            categories = reader.categories if category == "total" else [category]
            low, high = reader.bounds(reader.cells(categories, SIDES[side], what), truth)
            slack = 1e-5 * max(sums.values())
            assert low <= truth - min(wanted, truth) + slack
            assert high >= truth + wanted - slack
