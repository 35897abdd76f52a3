"""Currencies as banks write them become the codes of ISO 4217; a spelling that nobody knows is kept and told."""

from __future__ import annotations

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.intake.cells import allowed_words
from lvshu.intake.pack_words import words_of
from tests.intake.conftest import Place, problem

PACK = PackLibrary.load()["currencies"]
WORDS = words_of(PACK.rows, "code")


def test_letters_and_numbers_are_those_of_list_one() -> None:
    """Printed in ISO 4217, list one: CNY 156, EUR 978, HKD 344, JPY 392, MOP 446, TWD 901, USD 840."""
    numbers = {row["code"]: row["numeric"] for row in PACK.rows}
    assert len(numbers) == len(set(numbers.values())) == len(PACK.rows) == 158
    wanted = {
        "CNY": "156",
        "EUR": "978",
        "HKD": "344",
        "JPY": "392",
        "MOP": "446",
        "TWD": "901",
        "USD": "840",
    }
    assert {code: numbers[code] for code in wanted} == wanted


@pytest.mark.parametrize(
    ("word", "code"),
    [("人民币", "CNY"), ("元", "CNY"), ("人民币元", "CNY"), ("rmb", "CNY"), ("美元", "USD"), ("欧元", "EUR"),
     ("港币", "HKD"), ("港元", "HKD"), ("日元", "JPY"), ("澳门元", "MOP"), ("840", "USD"), ("cny", "CNY")],
)  # fmt: skip
def test_names_in_use_mean_one_currency(word: str, code: str) -> None:
    assert WORDS[word] == code
    assert allowed_words(load("loan_balance").column("currency"))[word] == code


def test_the_words_of_balances_mean_what_the_pack_says() -> None:
    column = load("loan_balance").column("currency")
    for word, code in allowed_words(column).items():
        assert WORDS.get(word, code) == code, word


def test_a_ledger_states_currencies_by_name(place: Place) -> None:
    place.contracts = {name: load(name) for name in ("loan", "exchange_rate")}
    place.packs = PackLibrary.load()
    head = "借据号,机构代码,业务类型,产品类型,资产类别,发放日期,币种"
    row = "B1,non_project,working_capital_loan,business_loan,2024-01-02"
    names = ("人民币", "元", "美元", "港币", "", "贝壳")
    rows = "".join(f"L{place},{row},{name}\n" for place, name in enumerate(names))
    place.put("loan.csv", f"{head}\n{rows}")
    place.put("exchange_rate.csv", "currency,month,cny_amount\n美元,2024-12,7.1884\n")
    report = place.load()
    assert place.rows("currency", "loan") == [("CNY",), ("CNY",), ("USD",), ("HKD",), (None,), ("贝壳",)]
    assert place.rows("currency", "exchange_rate") == [("USD",)]
    told = problem(report, "intake.unknown_name")
    assert "贝壳" in told.what("zh") and "row 7" in told.what("en")
