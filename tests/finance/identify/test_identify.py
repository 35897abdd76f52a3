"""The whole identification of a small book: levels, overrides, reviews, codes, the unknown, and what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.group_levels import tops
from lvshu.finance.identify_steps import IDENTIFY_STEPS
from lvshu.finance.steps import LOAN_STEPS
from lvshu.pipeline.plan import in_order
from tests.finance.book import ENTERPRISE, LIBRARY, LOAN, SETTINGS, fill, months, one, rows

BEFORE = {"finance.converted_balance", "finance.loan_average_balance", "finance.branch_code_of_name"}
STEPS = in_order((*(step for step in LOAN_STEPS if step.name in BEFORE), *IDENTIFY_STEPS))
MADE = {table for step in STEPS for table in step.makes}
INPUTS = {table for step in STEPS for table in (*step.reads, *step.reads_if_there)} - MADE
STEEL, STEEL_NAME = "91310000MA1FL00030", "上海样安邦宝钢铁有限公司"
POWER, POWER_NAME = "91310000MA1FL0008X", "上海样昌辰创电力股份有限公司"
OTHER = "91310000MA1FL0002X"
NOBODY = "91310000MA1FL9999A"


def loan(number: int, name: str | None, code: str | None = None, **changed: Any) -> dict[str, Any]:
    return {**LOAN, "loan_id": f"L{number}", "uscc": code, "borrower_name": name, **changed}


def enterprise(code: str, name: str) -> dict[str, Any]:
    return {**ENTERPRISE, "uscc": code, "name": name}


REGISTER = [enterprise(STEEL, STEEL_NAME), enterprise(POWER, POWER_NAME)]


def book(
    engine: DuckDB,
    loans: Sequence[Mapping[str, Any]],
    *,
    amount: float = 100.0,
    **tables: Sequence[Mapping[str, Any]],
) -> DuckDB:
    balances = [row for one_loan in loans for row in months(one_loan["loan_id"], amount)]
    given_tables = {"enterprise": REGISTER, "loan": loans, "loan_balance": balances, **tables}
    for table in {*INPUTS, "finding"}:
        fill(engine, table, given_tables.get(table, ()))
    for step in STEPS:
        for table in step.makes:
            engine.create(load(table), replace=True)
        if any(engine.count(table) == 0 for table in step.reads):
            continue
        if isinstance(step.action, Query):
            parameters = dict(step.parameters(SETTINGS)) if step.parameters else {}
            engine.make(step.action, parameters, load(step.action.table))
        else:
            step.action(StepContext(step=step, settings=SETTINGS, packs=LIBRARY, engine=engine))
    return engine


def codes(engine: DuckDB) -> set[str]:
    return {row["code"] for row in rows(engine, "finding")}


def match(engine: DuckDB, number: int) -> tuple[Any, ...]:
    row = one(engine, "loan_match", f"loan_id = 'L{number}'")
    return row["status"], row["matched_by"], row["entity_id"]


def test_code_first_then_name_and_nothing_is_dropped(engine):
    loans = [
        loan(1, "随便写的名字", STEEL), loan(2, STEEL_NAME), loan(3, "上海样安邦宝钢铁", NOBODY),
        loan(4, "查无此名贸易行"),
        loan(5, None), loan(6, "个人借款人", borrower_type="individual"), loan(7, "'; DROP TABLE loan; --"),
    ]  # fmt: skip
    book(engine, loans)
    assert match(engine, 1) == ("matched", "code", STEEL)
    assert match(engine, 2) == ("matched", "name", STEEL)
    assert match(engine, 3) == ("matched", "name", STEEL)
    assert match(engine, 4) == match(engine, 5) == match(engine, 7) == ("unknown", "none", None)
    assert match(engine, 6)[0] == "natural_person"
    coverage = rows(engine, "match_coverage")
    assert sum(row["loans"] for row in coverage) == len(loans) == engine.count("loan_match")
    assert sum(row["outstanding_amount"] for row in coverage) == Decimal(700)
    assert {"finance.match_unknown", "finance.match_bad_code"} <= codes(engine)


def test_one_client_under_two_codes_is_told_and_kept_apart(engine):
    register = [*REGISTER, enterprise(OTHER, STEEL_NAME)]
    book(engine, [loan(1, STEEL_NAME, STEEL), loan(2, STEEL_NAME + " ", OTHER), loan(3, STEEL_NAME)],
         enterprise=register)  # fmt: skip
    assert (match(engine, 1)[2], match(engine, 2)[2]) == (STEEL, OTHER)
    assert match(engine, 3)[0] == "review"
    assert one(engine, "subject_match", "status = 'review'")["reason"] == "several_alike"


def test_overrides_win_over_all(engine):
    overrides = [
        {"subject_kind": "loan", "subject": "L1", "company_id": POWER, "reviewer": "甲"},
        {"subject_kind": "name", "subject": "电厂", "company_id": POWER, "reviewer": "乙"},
        {"subject_kind": "code", "subject": NOBODY, "company_id": STEEL, "reviewer": "乙"},
        {"subject_kind": "loan", "subject": "L4", "company_id": None, "reviewer": "甲"},
        {"subject_kind": "name", "subject": "鬼", "company_id": "GHOST", "reviewer": "甲"},
    ]
    loans = [
        loan(1, STEEL_NAME, STEEL),
        loan(2, "电厂"),
        loan(3, "谁", NOBODY),
        loan(4, STEEL_NAME, STEEL),
        loan(5, "鬼"),
    ]
    book(engine, loans, match_override=overrides)
    assert [match(engine, number) for number in (1, 2, 3)] == [
        ("matched", "override", POWER), ("matched", "override", POWER), ("matched", "override", STEEL),
    ]  # fmt: skip
    assert match(engine, 4) == ("unknown", "override", None)
    assert match(engine, 5)[0] == "unknown"
    assert "finance.match_override_unknown" in codes(engine)


def test_reviews_accept_reject_and_name_another(engine):
    def review(name: str, company: str, decision: str, **more: Any) -> dict[str, Any]:
        return {"subject_key": f"|{name}", "company_id": company, "decision": decision, "reviewer": "甲",
                "reviewed_on": date(2026, 1, 5)} | more  # fmt: skip

    reviews = [
        review("样钢", STEEL, "accept"),
        review(STEEL_NAME, STEEL, "reject"),
        review("某电", STEEL, "other", other_company_id=POWER),
        review("样电", STEEL, "accept"),
        review("样电", POWER, "accept", reviewed_on=date(2026, 1, 6)),
    ]
    loans = [loan(1, "样钢"), loan(2, STEEL_NAME), loan(3, "某电"), loan(4, "样电")]
    book(engine, loans, match_review=reviews)
    assert match(engine, 1) == ("matched", "review", STEEL)
    assert match(engine, 2) == ("unknown", "review", None)
    assert match(engine, 3) == ("matched", "review", POWER)
    assert match(engine, 4) == ("matched", "review", POWER)
    assert "finance.match_review_conflict" in codes(engine)


def test_levels_direct_before_parents(engine):
    loans = [loan(1, STEEL_NAME), loan(2, "查无此名贸易行"), loan(3, "别家商行")]
    parties = [
        {"loan_id": "L1", "level": "ultimate_parent", "party_name": POWER_NAME},
        {"loan_id": "L2", "level": "ultimate_parent", "party_name": POWER_NAME},
        {"loan_id": "L2", "level": "intermediate_1", "party_code": STEEL},
        {"loan_id": "L3", "level": "ultimate_parent", "party_code": "LEI1", "party_name": "Holding AG"},
    ]
    company = [{"company_id": "C1", "company_name": "Sample Holding AG", "lei": "LEI1"}]
    group = [{"company_id": STEEL, "parent_id": "C1"}]
    book(engine, loans, loan_party=parties, company=company, company_group=group)
    found = {
        row["loan_id"]: (row["level"], row["entity_id"], row["ultimate_parent_id"])
        for row in rows(engine, "loan_match")
    }
    assert found == {
        "L1": ("direct", STEEL, "C1"), "L2": ("intermediate_1", STEEL, "C1"), "L3": ("ultimate_parent", "C1", "C1"),
    }  # fmt: skip


def test_circles_of_parents_are_told(engine):
    group = [{"company_id": STEEL, "parent_id": POWER}, {"company_id": POWER, "parent_id": STEEL}]
    book(engine, [loan(1, STEEL_NAME, STEEL)], company_group=group)
    assert one(engine, "loan_match", "loan_id = 'L1'")["ultimate_parent_id"] == STEEL
    assert "finance.group_cycle" in codes(engine)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), max_size=7))
def test_tops_end(parents):
    found = {row[0]: row[1:] for row in tops(parents)}
    assert set(found) == {*parents, *parents.values()}
    for company, (top, steps_up, circular) in found.items():
        at = company
        for _ in range(steps_up):
            at = parents[at]
        assert at == top
        assert circular or top not in parents or found[top][2]


def test_other_names_lead_to_the_company(engine):
    company = [{"company_id": "C1", "company_name": "样海外控股有限公司", "uscc": None}]
    alias = [{"company_id": "C1", "alias": "样海"}, {"company_id": STEEL, "alias": "老样钢厂"}]
    book(engine, [loan(1, "样海"), loan(2, "老样钢厂")], company=company, company_alias=alias)
    assert match(engine, 1) == ("matched", "name", "C1")
    assert match(engine, 2) == ("matched", "name", STEEL)


def test_positions_in_other_currencies_keep_their_sign(engine):
    positions = [
        {
            "position_id": "P1",
            "instrument": "bond",
            "company_code": STEEL,
            "amount": Decimal(100),
            "currency": "USD",
        },
        {"position_id": "P2", "instrument": "equity", "company_code": STEEL, "amount": Decimal(-50)},
        {
            "position_id": "P3",
            "instrument": "bond",
            "company_name": "没有这家",
            "amount": Decimal(10),
            "currency": "JPY",
        },
        {
            "position_id": "P4",
            "instrument": "bond",
            "company_code": STEEL,
            "amount": Decimal(10),
            "currency": "EUR",
        },
    ]
    rates = [
        {"currency": "USD", "month": "2025-12", "cny_amount": Decimal("700.50"), "per_units": 100},
        {"currency": "JPY", "month": "2025-12", "cny_amount": Decimal("4.5000"), "per_units": 100},
        {"currency": "EUR", "month": "2025-11", "cny_amount": Decimal(8)},
    ]
    given_positions = [{"institution_id": "BANK1", "month": "2025-12", **row} for row in positions]
    book(engine, [loan(1, STEEL_NAME, STEEL)], position=given_positions, exchange_rate=rates)
    values = {
        row["position_id"]: (row["amount_cny"], row["rate_status"]) for row in rows(engine, "position_value")
    }
    assert values == {
        "P1": (Decimal("700.50"), "rate"), "P2": (Decimal(-50), "cny"), "P3": (Decimal("0.45"), "rate"),
        "P4": (None, "missing"),
    }  # fmt: skip
    exposure = one(engine, "entity_exposure", f"entity_id = '{STEEL}'")
    assert (exposure["loan_amount"], exposure["long_amount"], exposure["short_amount"], exposure["net_amount"]) == (
        Decimal(100), Decimal("700.50"), Decimal(-50), Decimal("750.50"),
    )  # fmt: skip
    assert one(engine, "entity_exposure", "entity_id = 'unknown'")["long_amount"] == Decimal("0.45")
    assert {"finance.no_exchange_rate", "finance.short_positions"} <= codes(engine)


def test_funds_are_looked_through_and_their_rest_is_unknown(engine):
    def units(number: int, fund: str, amount: str) -> dict[str, Any]:
        return {"position_id": f"P{number}", "institution_id": "BANK1", "instrument": "fund", "fund_id": fund,
                "month": "2025-12", "amount": Decimal(amount)}  # fmt: skip

    holdings = [
        {"fund_id": "F1", "holding_id": "H1", "company_code": STEEL, "weight_percent": Decimal("33.333333")},
        {"fund_id": "F1", "holding_id": "H2", "company_name": POWER_NAME, "weight_percent": Decimal("40")},
        {"fund_id": "F1", "holding_id": "H3", "company_name": "没有这家", "weight_percent": Decimal("10")},
        {"fund_id": "F3", "holding_id": "H1", "company_code": STEEL, "weight_percent": Decimal("500")},
    ]
    positions = [units(1, "F1", "1000"), units(2, "F1", "-100"), units(3, "F2", "7"), units(4, "F3", "9")]
    book(engine, [loan(1, STEEL_NAME, STEEL)], position=positions, fund_holding=holdings)
    parts = {
        (row["position_id"], row["holding_id"]): (row["amount_cny"], row["entity_id"])
        for row in rows(engine, "look_through")
    }
    assert parts[("P1", "H1")] == (Decimal("333.33"), STEEL)
    assert parts[("P1", "H2")] == (Decimal(400), POWER)
    assert parts[("P1", "H3")] == (Decimal(100), None)
    assert parts[("P1", "residual")] == (Decimal("166.67"), None)
    assert parts[("P2", "H2")] == (Decimal(-40), POWER)
    assert parts[("P3", "none")] == (Decimal(7), None)
    assert parts[("P4", "overweight")] == (Decimal(9), None)
    totals: dict[str, Decimal] = {}
    for (position, _), (amount, _) in parts.items():
        totals[position] = totals.get(position, Decimal(0)) + amount
    assert totals == {"P1": Decimal(1000), "P2": Decimal(-100), "P3": Decimal(7), "P4": Decimal(9)}
    assert {"finance.fund_unknown", "finance.fund_residual", "finance.fund_overweight"} <= codes(engine)


def test_order_of_records_changes_nothing(engine):
    loans = [loan(1, STEEL_NAME), loan(2, "上海样安邦宝钢铁"), loan(3, POWER_NAME, POWER), loan(4, "无名")]
    book(engine, loans)
    first = rows(engine, "loan_match")
    book(engine, loans[::-1], enterprise=REGISTER[::-1])
    assert rows(engine, "loan_match") == first


def test_a_borrower_in_pinyin_or_english_is_its_chinese_company(engine):
    loans = [
        loan(1, "Shanghai Yang'anbangbao Gangtie Youxian Gongsi"),
        loan(2, "SHANGHAI YANG CHANG CHEN CHUANG ELECTRIC POWER"),
        loan(3, "Beijing Yanganbangbao Steel Co., Ltd."), loan(4, "Siemens AG"),
    ]  # fmt: skip
    book(engine, loans)
    assert match(engine, 1) == ("matched", "name", STEEL)
    assert match(engine, 2)[2] == POWER
    assert match(engine, 3)[0] != "matched"
    assert match(engine, 4)[0] == "unknown"
