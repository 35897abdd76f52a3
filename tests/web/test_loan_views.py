"""The loan book before people who may not see records: no figure of any page gives an unsafe one away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from scipy import sparse

from lvshu.statistics.disclosure.primary import Rules
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.security.loan_book import BALANCE, LOANS, Key, LoanBook
from lvshu.web.security.loan_views import LEDGER_WAYS, Figure, hidden_of
from lvshu.web.state.database import Database
from lvshu.web.state.users import add_user
from tests.web.conftest import HOST, HTML, PASSWORD

METHOD = "m"
Loan = tuple[str, str, str, str, float]
"""Borrower group, product, industry, group of industries, balance."""
WAYS = {"product": 1, "industry": 2, "group": 3}
PAIR = Rules(minimum_count=3, dominance=(2, 90.0))
ALL = Rules(minimum_count=3, dominance=(2, 90.0), p_percent=10.0, range_percent=10.0)


def book_of(loans: list[Loan]) -> LoanBook:
    """Return the loan book in which each loan is a kind of its own."""
    who = {one: place for place, one in enumerate(dict.fromkeys(loan[0] for loan in loans))}
    kinds: dict[Key, Any] = {("*", "", None): np.arange(len(loans))}
    for way, column in WAYS.items():
        for code in dict.fromkeys(loan[column] for loan in loans):
            inside = [place for place, loan in enumerate(loans) if loan[column] == code]
            kinds[(way, METHOD, code)] = np.array(inside, dtype=np.int64)
    groups = [who[loan[0]] for loan in loans]
    shape = (len(loans), len(who))
    held = {
        BALANCE: sparse.csr_array(([loan[4] for loan in loans], (range(len(loans)), groups)), shape=shape),
        LOANS: sparse.csr_array((np.ones(len(loans)), (range(len(loans)), groups)), shape=shape),
    }
    parts = {(way, METHOD): tuple(key for key in kinds if key[0] == way) for way in WAYS}
    return LoanBook(kinds, held, parts)


def hidden(loans: list[Loan], rules: Rules, measure: str = BALANCE) -> Mapping[str, set[str]]:
    """Return the codes that are withheld of one measure, by way."""
    book = book_of(loans)
    figures: dict[Figure, float] = {(key,): 1.0 for key in book.kinds if key[0] != "*"}
    found, _ = hidden_of(book, measure, figures, rules)
    return {way: {str(one[0][2]) for one in found if one[0][0] == way} for way in (*WAYS, "*")}


def shop(industry: str, group: str, product: str, count: int, balance: float = 10.0) -> list[Loan]:
    """Return loans to so many unrelated borrowers."""
    return [(f"{industry}{product}{one}", product, industry, group, balance) for one in range(count)]


def test_loans_and_subsidiaries_of_one_group_count_once() -> None:
    one_group = [("parent", "p", "17", "textile", 10.0) for _ in range(5)]
    found = hidden(
        [*one_group, *shop("31", "steel", "p", 6), *shop("30", "glass", "p", 4)], Rules(minimum_count=3)
    )
    assert "17" in found["industry"] and len(found["industry"]) == 2, "the group alone, and one beside it"
    assert found["product"] == set() and found["*"] == set()


def test_dominance_is_that_of_the_pack() -> None:
    loans = [
        *shop("31", "steel", "p", 12),
        ("giant", "p", "31", "steel", 5000.0),
        *shop("30", "glass", "p", 9),
    ]
    assert hidden(loans, Rules(minimum_count=3))["industry"] == set()
    found = hidden(loans, PAIR)
    assert "31" in found["industry"], "the total is unsafe as well, so that nothing of it may stay"
    assert hidden(loans, PAIR, LOANS) == {"product": set(), "industry": set(), "group": set(), "*": set()}, (
        "how many loans there are says nothing of the giant's"
    )


def test_a_group_does_not_follow_from_another_page() -> None:
    """Industry 31 and 32 make the group steel: with steel and 32 shown, 31 would follow, and with 33 too."""
    loans = [
        *shop("31", "steel", "p", 1), *shop("32", "steel", "p", 5), *shop("33", "glass", "p", 4, 2.0),
        *shop("34", "wood", "p", 6), *shop("34", "wood", "q", 6),
    ]  # fmt: skip
    found = hidden(loans, Rules(minimum_count=3))
    assert "31" in found["industry"]
    assert "32" in found["industry"] or "steel" in found["group"]
    assert not follows(loans, found)


def test_the_difference_of_two_shown_figures_is_no_unsafe_one() -> None:
    """Product p is industry 31 and one loan more: neither is unsafe, their difference is one borrower's."""
    loans = [
        *shop("31", "steel", "p", 8), ("lonely", "p", "32", "steel", 7.0), *shop("32", "steel", "q", 8),
        *shop("33", "glass", "q", 5),
    ]  # fmt: skip
    found = hidden(loans, Rules(minimum_count=3))
    assert "31" in found["industry"] or "p" in found["product"]


def follows(loans: list[Loan], gone: Mapping[str, set[str]]) -> list[str]:
    """Return the withheld groups that are a sum or difference of shown ones and the total, by rank."""
    shown, secret = [np.ones(len(loans))], {}
    for way, column in WAYS.items():
        for code in {one[column] for one in loans}:
            vector = np.array([float(one[column] == code) for one in loans])
            if code in gone[way]:
                secret[f"{way} {code}"] = vector
            else:
                shown.append(vector)
    known = np.array(shown)
    rank = np.linalg.matrix_rank(known)
    return [name for name, one in secret.items() if np.linalg.matrix_rank(np.vstack([known, one])) == rank]


@pytest.mark.parametrize("seed", [20261127, 1, 2])
def test_chance_books_never_give_a_group_away(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = {"31": "steel", "32": "steel", "30": "glass", "17": "textile", "18": "textile", "25": "oil"}
    loans = []
    for _ in range(70):
        industry = str(random.choice(list(groups), p=[0.3, 0.03, 0.3, 0.03, 0.04, 0.3]))
        product = str(random.choice(["p", "q", "r"], p=[0.8, 0.18, 0.02]))
        balance = float(random.integers(1, 900))
        loans.append((f"b{random.integers(0, 25)}", product, industry, groups[industry], balance))
    found = hidden(loans, ALL)
    assert any(found.values())
    unsafe = {code for way in WAYS for code in alone(loans, way) if code in found[way]}
    assert unsafe and not [one for one in follows(loans, found) if one.split()[1] in unsafe]


def alone(loans: list[Loan], way: str) -> set[str]:
    """Return the codes behind which fewer than three borrower groups stand."""
    column = WAYS[way]
    codes = {loan[column] for loan in loans}
    return {code for code in codes if len({loan[0] for loan in loans if loan[column] == code}) < 3}


def test_pages_withhold_cell_by_cell_and_analysts_see_all(web_folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'users.sqlite'}"
    database = Database(url)
    for role in ("viewer", "analyst"):
        add_user(database, role, role, PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True, least_units=3))
    with TestClient(app, base_url=HOST):
        rows = {}
        for role in ("viewer", "analyst"):
            browser = TestClient(app, base_url=HOST, headers=HTML)
            browser.post("/login", data={"name": role, "password": PASSWORD})
            rows[role] = {
                way: browser.get(f"/finance/ledger.json?by={way}").json()["panels"][0]["table"]["rows"]
                for way in LEDGER_WAYS
            }
            note = browser.get("/finance/ledger.json?by=industry").json()["panels"][0]["note"]["en"]
            assert " loans, attributed emissions cover " in note
    gone = {"absent": "suppressed"}
    columns = ("loans", "balance", "emission")
    count = {one: sum(row[one] == gone for row in rows["viewer"]["industry"]) for one in columns}
    assert count["emission"] and count["balance"], "the sample no longer has what this test is about"
    assert max(count.values()) < 52, "of 92 divisions 52 once went whole"
    assert count["emission"] < count["balance"], "each measure is judged by itself"
    partly = [row for row in rows["viewer"]["industry"] if gone in row.values() and row["loans"] != gone]
    assert partly, "a count stays where only the figure is unsafe"
    assert not any(gone in row.values() for shown in rows["analyst"].values() for row in shown)
    whole = rows["analyst"]["industry"][-1]
    assert all(shown[-1]["balance"] == whole["balance"] for shown in rows["viewer"].values())
    for shown in rows["viewer"].values():
        assert all((row["share"] == gone) == (row["balance"] == gone) for row in shown)
        free = [row["balance"] == gone for row in shown[:-1]]
        assert free == sorted(free), (
            "a withheld balance between two that are shown would be bracketed by them"
        )
