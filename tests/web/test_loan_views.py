"""The loan book before people who may not see records: its views together give no withheld group away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.disclosure.primary import Rules
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.security.loan_views import CODES, Standing, _LoanBook, hidden_groups
from lvshu.web.state.database import Database
from lvshu.web.state.users import add_user
from tests.web.conftest import HOST, HTML, PASSWORD

METHOD = "m"
PANELS_ONLY = ("coverage", "class")
Loan = tuple[str, str, str, str, str, float]
"""Borrower, its group, product, industry, group of industries, balance."""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a maker of readers of a book with the loans given; rules: n, k and p of the pack."""
    with DuckDB(scratch=tmp_path / "scratch") as engine:

        def made(loans: list[Loan], rules: tuple[int, float, float] | None = None) -> Any:
            for sql in (
                "CREATE TABLE loan (loan_id VARCHAR, institution_id VARCHAR, product_type VARCHAR, uscc VARCHAR, "
                "purpose_industry_code VARCHAR, green_label VARCHAR, green_catalogue VARCHAR)",
                "CREATE TABLE loan_scope (loan_id VARCHAR, method VARCHAR, sector_code VARCHAR, "
                "industry_group VARCHAR, scope_status VARCHAR, reason VARCHAR, subject_id VARCHAR, "
                "outstanding_amount DECIMAL(20,2), green BOOLEAN)",
                "CREATE TABLE industry_group (class_code VARCHAR, method VARCHAR, group_code VARCHAR)",
                "CREATE TABLE attributed_emission (loan_id VARCHAR, method VARCHAR, emission DOUBLE, "
                "quality_score INT)",
                "CREATE TABLE loan_match (loan_id VARCHAR, entity_id VARCHAR, ultimate_parent_id VARCHAR)",
            ):
                engine.execute(sql, table="loan")
            for number, (borrower, parent, product, industry, group, balance) in enumerate(loans):
                for sql in (
                    f"INSERT INTO loan VALUES ('L{number}', 'B', '{product}', '{borrower}', '{industry}', NULL, NULL)",
                    f"INSERT INTO loan_scope VALUES ('L{number}', '{METHOD}', '{industry}', '{group}', 'in', "
                    f"'in_scope', '{borrower}', {balance}, FALSE)",
                    f"INSERT INTO loan_match VALUES ('L{number}', '{borrower}', '{parent}')",
                ):
                    engine.execute(sql, table="loan")
            rows = [] if rules is None else [
                {"dominance_n": rules[0], "dominance_k": rules[1], "p_percent": rules[2] or None}
            ]  # fmt: skip
            has = {"loan_match": True}
            return SimpleNamespace(
                book=SimpleNamespace(engine=engine, has=lambda name: has.get(name, False)),
                settings=SimpleNamespace(finance_methods=(METHOD,)),
                pack_rows=lambda pack, **_: rows,
            )

        yield made


def shop(industry: str, group: str, product: str, count: int, balance: float = 10.0) -> list[Loan]:
    """Return loans to so many unrelated borrowers."""
    return [
        (f"{industry}{product}{one}", f"{industry}{product}{one}", product, industry, group, balance)
        for one in range(count)
    ]


def test_loans_and_subsidiaries_of_one_group_count_once(book: Callable[..., Any]) -> None:
    one_group = [(f"daughter{number}", "parent", "p", "17", "textile", 10.0) for number in range(5)]
    hidden = hidden_groups(book([*one_group, *shop("31", "steel", "p", 6), *shop("30", "glass", "p", 4)]), 3)
    assert hidden[("industry", METHOD)] == {"17", "30"}, "the group alone, and the smallest beside it"
    assert hidden[("product", METHOD)] == frozenset()


def test_one_large_group_among_many_is_withheld(book: Callable[..., Any]) -> None:
    loans = [
        *shop("31", "steel", "p", 12),
        ("giant", "giant", "p", "31", "steel", 5000.0),
        *shop("30", "glass", "p", 9),
    ]
    assert hidden_groups(book(loans), 3)[("industry", METHOD)] == frozenset()


def test_dominance_and_p_percent_are_those_of_the_pack(book: Callable[..., Any]) -> None:
    loans = [
        *shop("31", "steel", "p", 12),
        ("giant", "giant", "p", "31", "steel", 5000.0),
        *shop("30", "glass", "p", 9),
    ]
    hidden = hidden_groups(book(loans, (2, 90.0, 0.0)), 3)
    assert hidden[("industry", METHOD)] == {"31", "30"}


def test_a_group_does_not_follow_from_another_page(book: Callable[..., Any]) -> None:
    """Industry 31 and 32 make the group steel: with steel and 32 shown, 31 would follow, and with 33 too."""
    loans = [
        *shop("31", "steel", "p", 1),
        *shop("32", "steel", "p", 5),
        *shop("33", "glass", "p", 4, 2.0),
        *shop("34", "wood", "p", 6),
        *shop("34", "wood", "q", 6),
    ]  # fmt: skip
    hidden = hidden_groups(book(loans), 3)
    assert "31" in hidden[("industry", METHOD)]
    steel, industry = hidden[("group", METHOD)], hidden[("industry", METHOD)]
    assert "32" in industry or "steel" in steel
    assert not follows(loans, hidden)


def follows(loans: list[Loan], hidden: dict[Any, frozenset[Any]]) -> list[str]:
    """Return the withheld groups that are a sum or difference of shown ones and the total, by rank."""
    place = {"product": 2, "industry": 3, "group": 4}
    shown, secret = [np.ones(len(loans))], {}
    for way, column in place.items():
        for code in {one[column] for one in loans}:
            vector = np.array([float(one[column] == code) for one in loans])
            if code in hidden[(way, METHOD)]:
                secret[f"{way} {code}"] = vector
            else:
                shown.append(vector)
    known = np.array(shown)
    rank = np.linalg.matrix_rank(known)
    return [name for name, one in secret.items() if np.linalg.matrix_rank(np.vstack([known, one])) == rank]


def test_chance_books_never_give_a_group_away(book: Callable[..., Any]) -> None:
    random = np.random.default_rng(20261127)
    groups = {"31": "steel", "32": "steel", "30": "glass", "17": "textile", "18": "textile", "25": "oil"}
    loans = []
    for _ in range(70):
        industry = str(random.choice(list(groups), p=[0.3, 0.03, 0.3, 0.03, 0.04, 0.3]))
        who = f"b{random.integers(0, 25)}"
        product = str(random.choice(["p", "q", "r"], p=[0.8, 0.18, 0.02]))
        loans.append((who, f"{who[:2]}", product, industry, groups[industry], float(random.integers(1, 900))))
    hidden = hidden_groups(book(loans, (2, 90.0, 10.0)), 3)
    assert any(hidden.values())
    assert follows(loans, hidden) == []


def test_pages_withhold_what_the_views_say(web_folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'users.sqlite'}"
    database = Database(url)
    for role in ("viewer", "analyst"):
        add_user(database, role, role, PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True, least_units=3))
    with TestClient(app, base_url=HOST):
        found = {}
        for role in ("viewer", "analyst"):
            browser = TestClient(app, base_url=HOST, headers=HTML)
            browser.post("/login", data={"name": role, "password": PASSWORD})
            found[role] = {
                way: browser.get(f"/finance/ledger.json?by={way}").json()["panels"][0]
                for way in CODES
                if way not in PANELS_ONLY
            } | {
                panel["id"]: panel
                for panel in browser.get("/finance.json").json()["panels"]
                if panel["id"] in ("groups", "coverage", "capital")
            }
    gone = {"absent": "suppressed"}
    rows = {role: {name: one["table"]["rows"] for name, one in found[role].items()} for role in found}
    marked = {name: sum(gone in row.values() for row in shown) for name, shown in rows["viewer"].items()}
    assert sum(marked.values()) > 5, "the sample no longer has what this test is about"
    assert not any(gone in row.values() for shown in rows["analyst"].values() for row in shown)
    whole = rows["analyst"]["industry"][-1]
    assert all(
        shown[-1]["balance"] == whole["balance"]
        for name, shown in rows["viewer"].items()
        if name in CODES and name not in PANELS_ONLY
    )
    assert " loans, attributed emissions cover " in found["analyst"]["industry"]["note"]["en"]


def test_an_emission_of_one_borrower_among_many_balances_is_unsafe() -> None:
    """Without a pack of rules too: what counts is who has an emission, not who has a loan."""
    book = object.__new__(_LoanBook)
    book.rules = Rules(minimum_count=3)
    one = Standing("32", 9, 1, 900.0, 5.0, ((100.0, 100.0), (5.0, 0.0)))
    assert book._is_unsafe(one)
    assert not book._is_unsafe(replace(one, emitters=3))
    assert not book._is_unsafe(replace(one, emitters=0, emission=0.0, largest=((100.0, 100.0), (0.0, 0.0))))
