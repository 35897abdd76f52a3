"""What a borrower's code is, and what becomes of loans whose code is that of no organisation; doubts told once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.borrower_code import check_character, kind_of, masked
from tests.finance.account.steps import account
from tests.finance.book import ENTERPRISE, LOAN, months, one, rows

STEEL, STEEL_NAME = "91310000MA1FL00030", "上海样安邦宝钢铁有限公司"
OTHER = "91310000MA1FL0002X"
SHOP = "92310000MA1FL00040"
WRONG = "91310000MA1FL00031"
PERSON = "360426199101010071"  # the example of python-stdnum's page, of nobody
FOREIGN = "213800KUD8LAJWSQ9D15"  # the example of python-stdnum's page
TABLES = ("loan_match", "client_identity_doubt", "group_exposure", "entity_exposure")


def with_check(body: str) -> str:
    return body[:17] + check_character(body)


def book(engine: DuckDB, ledger: list[tuple[str | None, str | None]], **tables: Any) -> DuckDB:
    loans = [
        {**LOAN, "loan_id": f"L{place}", "uscc": code, "borrower_name": name}
        for place, (code, name) in enumerate(ledger)
    ]
    balances = [row for row in loans for row in months(row["loan_id"], 100.0)]
    register = [{**ENTERPRISE, "uscc": STEEL, "name": STEEL_NAME}]
    given_tables = {"loan": loans, "loan_balance": balances, "enterprise": register, **tables}
    steps = ("finance.ledger_findings", "finance.workflow_findings")
    return account(engine, given_tables, *TABLES, also=steps)


def findings(engine: DuckDB) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in rows(engine, "finding")}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (STEEL, "organisation"), (f" {STEEL[:8]}-{STEEL[8:]} ", "organisation"), (WRONG, "check_character"),
        (with_check(SHOP), "self_employed"), (with_check("N2310000MA1FL0004"), "organisation"),
        (PERSON, "resident_id"), (FOREIGN, "lei"), (FOREIGN[:-1] + "6", "other"), ("100024", "other"),
        ("91310000MA1FL0003O", "other"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_kinds_of_codes(code: str | None, kind: str) -> None:
    assert kind_of(code) == kind


@settings(max_examples=100, deadline=None)
@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.integers(10_000_000, 99_999_999)
)
def test_the_check_character_is_the_one_of_stdnum(body: str, head: int) -> None:
    whole = f"{head}{body}"
    assert check_character(whole) == uscc.calc_check_digit(whole)


def test_every_code_that_is_none_has_its_reason_and_remedy(engine: DuckDB) -> None:
    shop = with_check(SHOP)
    book(engine, [(STEEL, STEEL_NAME), (WRONG, "查无此名贸易行"), (PERSON, "张三"), (FOREIGN, "Nobody AG"),
                  ("100024", "某客户"), (shop, "样早餐店"), (None, "查无此名贸易行"), (None, None)])  # fmt: skip
    found = {row["loan_id"]: (row["status"], row["reason"]) for row in rows(engine, "loan_match")}
    assert found == {
        "L0": ("matched", "code"), "L1": ("unknown", "code_check_character"), "L2": ("natural_person", "resident_id"),
        "L3": ("unknown", "lei_unlisted"), "L4": ("unknown", "code_other"), "L5": ("unknown", "self_employed_unlisted"),
        "L6": ("unknown", "not_found"), "L7": ("unknown", "no_name"),
    }  # fmt: skip
    told = findings(engine)
    for code in (
        "match_bad_code",
        "match_resident_id",
        "match_lei_unlisted",
        "match_other_code",
        "self_employed_code",
    ):
        row = told[f"finance.{code}"]
        assert row["amount"] == 100 and row["unit"] == "CNY" and row["fix_zh"] and row["fix_en"]
    assert f"→{STEEL[-1]}" in told["finance.match_bad_code"]["what_en"]
    text = "".join(str(value) for row in told.values() for value in row.values())
    assert PERSON not in text and PERSON[6:14] not in text
    assert masked(PERSON) == "360426********" and masked(STEEL) == STEEL
    counted = told["finance.match_unknown"]["what_en"]
    assert "1 without code or name" in counted and "1 with a name nobody bears" in counted
    assert "4 whose code is wrong or unlisted" in counted


def test_a_stated_self_employed_needs_no_finding(engine: DuckDB) -> None:
    shop = with_check(SHOP)
    register = [{**ENTERPRISE, "uscc": shop, "name": "样早餐店", "size_class": "self_employed"}]
    book(engine, [(shop, "样早餐店")], enterprise=register)
    assert "finance.self_employed_code" not in findings(engine)
    assert one(engine, "loan_match", "loan_id = 'L0'")["status"] == "matched"


def test_one_client_is_told_once_under_its_gravest_doubt(engine: DuckDB) -> None:
    register = [
        {**ENTERPRISE, "uscc": STEEL, "name": STEEL_NAME},
        {**ENTERPRISE, "uscc": OTHER, "name": "上海样昌辰创电力有限公司"},
    ]  # fmt: skip
    twin = with_check("91310000MA1FL0009")
    alias = [{"company_id": OTHER, "alias": "老样电厂"}]
    ledger: list[tuple[str | None, str | None]] = [
        (STEEL, STEEL_NAME), (STEEL, "别家食品有限公司"), (twin, "上海样安邦宝钢铁有限责任公司 "),
        (OTHER, "上海样昌辰创电力有限公司"), (OTHER, "上海样昌辰创电力有限责任公司"), (OTHER, "老样电厂"),
    ]  # fmt: skip
    book(engine, ledger, enterprise=register, company_alias=alias)
    doubts = rows(engine, "client_identity_doubt")
    assert [(row["kind"], row["subject"], row["different_values"], row["loans"]) for row in doubts] == [
        ("one_code_several_names", OTHER, 2, 3), ("one_name_several_codes", STEEL_NAME, 2, 3),
    ]  # fmt: skip
    told = [row for row in rows(engine, "finding") if STEEL in row["what_en"] or twin in row["what_en"]]
    assert [row["code"] for row in told] == ["finance.desk_one_name_several_codes"]
    assert told[0]["amount"] == 300


def test_clients_found_by_name_alone_are_in_doubt_where_the_register_has_two_codes(engine: DuckDB) -> None:
    twin = with_check("91310000MA1FL0009")
    register = [
        {**ENTERPRISE, "uscc": STEEL, "name": STEEL_NAME},
        {**ENTERPRISE, "uscc": twin, "name": "上海样安邦宝钢铁有限责任公司"},
    ]  # fmt: skip
    book(engine, [(None, STEEL_NAME), (None, "上海样安邦宝钢铁有限责任公司")], enterprise=register)
    assert {row["matched_by"] for row in rows(engine, "loan_match")} == {"name"}
    (doubt,) = rows(engine, "client_identity_doubt")
    assert (doubt["kind"], doubt["different_values"], doubt["loans"]) == ("one_name_several_codes", 2, 2)


def test_a_name_that_is_not_the_register_s_is_told_with_its_amount(engine: DuckDB) -> None:
    book(engine, [(STEEL, "别家食品有限公司"), (STEEL, "上海样安邦宝钢铁公司")])
    (doubt,) = rows(engine, "client_identity_doubt")
    assert (doubt["kind"], doubt["subject"], doubt["outstanding_amount"]) == (
        "name_not_of_the_register", STEEL, Decimal(100),
    )  # fmt: skip
    assert findings(engine)["finance.desk_name_not_of_the_register"]["amount"] == 100


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SHANGHAI YANGANBANGBAO IRON AND STEEL CO., LTD", False),
        ("Shanghai Yang An Bang Bao Gangtie Youxian Gongsi", False),
        ("SHANGHAI BIEJIA FOOD CO., LTD", True),
    ],
)
def test_the_register_s_name_in_pinyin_or_english_is_no_other_name(
    engine: DuckDB, name: str, told: bool
) -> None:
    book(engine, [(STEEL, name)])
    doubts = rows(engine, "client_identity_doubt")
    assert [row["kind"] for row in doubts] == ["name_not_of_the_register"] * told


def test_securities_in_the_ledger_are_told_where_they_belong(engine: DuckDB) -> None:
    bond = {
        **LOAN,
        "loan_id": "B1",
        "uscc": STEEL,
        "borrower_name": STEEL_NAME,
        "asset_class": "listed_equity_bond",
    }
    register = [{**ENTERPRISE, "uscc": STEEL, "name": STEEL_NAME}]
    tables = {"loan": [bond], "loan_balance": months("B1", 100.0), "enterprise": register}
    account(engine, tables, "loan_scope", also=("finance.ledger_findings",))
    told = findings(engine)["finance.securities_in_ledger"]
    assert (
        "security_position" in told["fix_zh"]
        and "security_position" in told["fix_en"]
        and told["amount"] == 100
    )
    scope = one(engine, "loan_scope", "method = 'pcaf_2022'")
    assert scope["reason"] == "asset_class_not_covered"


def test_groups_add_up_to_the_ledger_and_keep_the_unknown_apart(engine: DuckDB) -> None:
    register = [
        {**ENTERPRISE, "uscc": STEEL, "name": STEEL_NAME},
        {**ENTERPRISE, "uscc": OTHER, "name": "上海样昌辰创电力有限公司"},
    ]  # fmt: skip
    company = [{"company_id": "TOP", "company_name": "样控股集团有限公司"}]
    group = [{"company_id": STEEL, "parent_id": "TOP"}, {"company_id": OTHER, "parent_id": STEEL}]
    position = [{"position_id": "P1", "institution_id": "BANK1", "instrument": "equity", "company_code": OTHER,
                 "month": "2025-12", "amount": Decimal(-30)},
                {"position_id": "P2", "institution_id": "BANK1", "instrument": "bond", "company_name": "没有这家",
                 "month": "2025-12", "amount": Decimal(50)}]  # fmt: skip
    book(engine, [(STEEL, STEEL_NAME), (OTHER, None), (None, "查无此名贸易行"), (PERSON, "张三")], enterprise=register,
         company=company, company_group=group, position=position)  # fmt: skip
    found = {row["ultimate_parent_id"]: row for row in rows(engine, "group_exposure")}
    assert set(found) == {"TOP", "unknown", "natural_person"}
    top = found["TOP"]
    assert (top["name"], top["entities"], top["loans"]) == ("样控股集团有限公司", 2, 2)
    assert (top["loan_amount"], top["short_amount"], top["gross_amount"]) == (200, -30, 200)
    assert found["unknown"]["gross_amount"] == 150 and found["natural_person"]["gross_amount"] == 100
    assert sum(row["loans"] for row in found.values()) == 4
    assert sum(row["gross_share"] for row in found.values()) == pytest.approx(1)
    by_entity: dict[str, list[Any]] = {}
    for row in rows(engine, "entity_exposure"):
        by_entity.setdefault(row["ultimate_parent_id"], []).append(row)
    assert set(by_entity) == set(found)
    for parent, entities in by_entity.items():
        for name in ("loan_amount", "long_amount", "short_amount"):
            assert sum(row[name] for row in entities) == found[parent][name], (parent, name)
    assert [row["entity_id"] for row in by_entity["natural_person"]] == ["natural_person"]
