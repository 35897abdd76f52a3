"""The decision table row by row, both bases, stars, retired codes; every group adds up to the loan book."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest

from lvshu.engine.duckdb import DuckDB

from ..book import months, one, rows
from .desk import CATALOGUE, desk, loan

# The published decision table: industry, label reported, verdict. 3911 is a whole class of the digital economy,
# 4851 a starred one in several items, 1411 (bakery) none.
DECISIONS = {
    "none_none": ("1411", None, "correct"),
    "none_reported": ("1411", "DE01", "excess"),
    "one_matched": ("3911", "DE01", "correct"),
    "one_matched_finer": ("3911", "010101", "correct"),
    "one_missing": ("3911", None, "missing"),
    "one_wrong": ("3911", "0304", "wrong"),
    "star_matched": ("4851", "DE0405", "suspected_correct"),
    "star_missing": ("4851", None, "suspected_missing"),
    "star_wrong": ("4851", "0101", "wrong"),
}


def _claims(cases: dict[str, tuple[str, str | None, str]]) -> list[dict[str, object]]:
    return [
        {"loan_id": name, "theme": "digital", "label_code": label} for name, (_, label, _) in cases.items() if label
    ]  # fmt: skip


def test_the_decision_table_on_both_bases(engine: DuckDB) -> None:
    loans = [loan(name, purpose_industry_code=case[0]) for name, case in DECISIONS.items()]
    desk(
        engine, loans, own={name: case[0] for name, case in DECISIONS.items()}, label_claim=_claims(DECISIONS)
    )
    for name, (_, _, verdict) in DECISIONS.items():
        for basis in ("purpose", "borrower"):
            row = one(
                engine, "label_check", f"loan_id = '{name}' AND theme = 'digital' AND basis = '{basis}'"
            )
            assert row["verdict"] == verdict, (name, basis)


def test_several_items_and_no_star_are_judged_without_suspicion(engine: DuckDB) -> None:
    cases = {"matched": ("010101", "correct"), "other": ("0304", "correct"), "none": (None, "missing"),
             "wrong": ("0201", "wrong")}  # fmt: skip
    second = [
        {"loan_id": name, "theme": "digital", "catalogue": "digital_economy_2021", "label_code": "030401",
         "decision": "approved", "reviewer": "ZHANG", "decided_on": date(2022, 7, 1)} for name in cases
    ]  # fmt: skip
    # No class of the classifications stands whole in two items: the second one is a reviewer's.
    loans = [loan(name, purpose_industry_code="3911") for name in cases]
    claims = _claims({name: ("3911", *case) for name, case in cases.items()})
    desk(engine, loans, label_claim=claims, label_decision=second)
    for name, (_, verdict) in cases.items():
        where = f"loan_id = '{name}' AND theme = 'digital' AND basis = 'purpose'"
        items = rows(engine, "label_candidate", where)
        assert len({row["label_code"] for row in items}) == 2 and not any(row["starred"] for row in items)
        assert one(engine, "label_check", where)["verdict"] == verdict, name


def test_stars_bases_several_labels_and_words(engine: DuckDB) -> None:
    claims = [
        {"loan_id": name, "theme": "digital", "label_code": code}
        for name, code in (("bases", "0101"), ("several", "0101"), ("several", "0304"))
    ]
    loans = [
        loan("bases", purpose_industry_code="3911"), loan("several", purpose_industry_code="3911"),
        loan("star", purpose_industry_code="8514"), loan("words", purpose_text="数据中心机柜扩容"),
    ]  # fmt: skip
    desk(engine, loans, own={"star": "8514"}, label_claim=claims)
    verdict = {
        (row["loan_id"], row["theme"], row["basis"]): (row["verdict"], row["keyword_evidence"])
        for row in rows(engine, "label_check")
    }
    assert verdict["bases", "digital", "purpose"] == ("correct", False)
    assert verdict["bases", "digital", "borrower"] == ("excess", False)
    assert verdict["several", "digital", "purpose"] == ("wrong", False)  # all of several labels must match
    assert verdict["star", "elderly_care", "purpose"] == ("suspected_missing", False)  # never full
    assert verdict["words", "digital", "purpose"] == ("correct", True)  # words alone change no verdict
    found = rows(engine, "label_candidate", "theme = 'elderly_care'")
    assert {(row["label_code"], row["starred"]) for row in found} == {("EC01", True)}
    row = one(
        engine, "label_reconciliation", "theme = 'digital' AND basis = 'purpose' AND verdict = 'correct'"
    )
    assert (row["loans_with_words"], row["amount_with_words"]) == (1, Decimal("100.00"))


def test_industries_unknown_or_retired_are_not_called_correct(engine: DuckDB) -> None:
    codes = {"none": None, "bad": "9999", "group": "391", "retired": "6510"}
    desk(engine, [loan(name, purpose_industry_code=code, uscc=None) for name, code in codes.items()])
    verdict = {
        row["loan_id"]: row["verdict"]
        for row in rows(engine, "label_check", "theme = 'digital' AND basis = 'purpose'")
    }
    assert verdict == {
        **dict.fromkeys(("none", "bad", "group"), "not_checkable"),
        "retired": "suspected_missing",
    }
    found = rows(engine, "label_code_reading", "given_code = '6510'")
    assert {row["reading"] for row in found} == {"retired_split"}
    assert {row["class_code"] for row in found} >= {"6511", "6513"}
    told = {row["code"]: row["what_en"] for row in rows(engine, "finding")}
    assert {"finance.label_industry_unknown", "finance.label_industry_above_class"} <= set(told)
    assert "2017" in told["finance.label_industry_retired_split"]


def test_green_by_words_is_suspected_and_misled_by_nothing(engine: DuckDB) -> None:
    label = {"green_catalogue": CATALOGUE}
    loans = [
        loan("right", purpose_text="建设风力发电场", green_label="3.2.2.1", **label),
        loan("coarse", purpose_text="建设风力发电场", green_label="3.2", **label),
        loan("missing", purpose_text="建设风力发电场"),
        loan("wrong", purpose_text="建设风力发电场", green_label="5.3.1.1", **label),
        loan("excess", purpose_text="日常经营周转", green_label="3.2.2.1", **label),
        loan("denied", purpose_text="不用于光伏电站，用于采购钢材", green_label="3.2.2.2", **label),
        loan("plain", purpose_text="日常经营周转"),
        loan(
            "unlinked", purpose_text="日常经营周转", green_label="3.2.3.1", **label
        ),  # no class is linked to it
    ]
    desk(engine, loans)
    verdict = {
        row["loan_id"]: row["verdict"]
        for row in rows(engine, "label_check", "theme = 'green' AND basis = 'purpose'")
    }
    assert verdict == {
        "unlinked": "not_checkable",
        "right": "suspected_correct", "coarse": "suspected_correct", "missing": "suspected_missing", "wrong": "wrong",
        "excess": "excess", "denied": "excess", "plain": "correct",
    }  # fmt: skip


CODES = ("3911", "4851", "1411", "8514", "2720", "4415", None, "9999")
TAGS = (None, ("digital", "DE01"), ("digital", "0405"), ("elderly_care", "EC01"))
TEXTS = ("建设风力发电场", "日常经营周转", None)


def test_every_group_adds_up_to_the_loan_book_and_order_changes_nothing(engine: DuckDB) -> None:
    loans, claims, balances = [], [], []
    for number, (code, tag, text) in enumerate(itertools.product(CODES, TAGS, TEXTS)):
        name, bank = f"L{number}", ("BANK1", "BANK2")[number % 2]
        loans.append(loan(name, purpose_industry_code=code, purpose_text=text, institution_id=bank))
        claims += [{"loan_id": name, "theme": tag[0], "label_code": tag[1]}] if tag else []
        balances += months(name, round(number * 1_000.01 + 0.07, 2)) if number % 5 else []
    own = {row["loan_id"]: CODES[number % 5] or "1411" for number, row in enumerate(loans)}
    desk(engine, loans, own=own, loan_balance=balances, label_claim=claims)
    assert len(rows(engine, "label_check")) == len(loans) * 4 * 2
    whole = engine.execute("SELECT sum(year_end_balance) FROM loan_average_balance")[0][0]
    for theme in ("green", "digital", "technology", "elderly_care"):
        for basis in ("purpose", "borrower"):
            found = rows(engine, "label_reconciliation", f"theme = '{theme}' AND basis = '{basis}'")
            assert sum(row["loans"] for row in found) == len(loans)
            assert sum(row["outstanding_amount"] or 0 for row in found) == whole
            shares = [row["share_of_amount"] for row in found if row["institution_id"] == "BANK1"]
            assert sum(share or 0 for share in shares) == pytest.approx(1)
            for row in found:  # every cell can be opened to its loans
                where = f"theme = '{theme}' AND basis = '{basis}' AND verdict = '{row['verdict']}'"
                inside = rows(
                    engine, "label_check", f"{where} AND institution_id = '{row['institution_id']}'"
                )
                assert len(inside) == row["loans"]
    before = engine.execute("SELECT loan_id, theme, basis, verdict FROM label_check ORDER BY ALL")
    desk(engine, loans[::-1], own=own, loan_balance=balances[::-1], label_claim=claims[::-1])
    assert engine.execute("SELECT loan_id, theme, basis, verdict FROM label_check ORDER BY ALL") == before
