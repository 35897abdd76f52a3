"""Money, periods, languages and errors."""

from __future__ import annotations

import doctest
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.core import period as period_module
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.money import half_away, to_decimal, total
from lvshu.core.period import Period
from lvshu.core.text import language_of_environment, messages


def test_rounding_is_half_away_from_zero() -> None:
    assert half_away(Decimal("2.345"), 2) == Decimal("2.35")
    assert half_away(Decimal("-2.345"), 2) == Decimal("-2.35")
    assert to_decimal(1.0000005, 6) == Decimal("1.000001")


@given(st.lists(st.decimals(min_value=-(10**15), max_value=10**15, places=2), max_size=50))
def test_a_total_does_not_depend_on_the_order(values: list[Decimal]) -> None:
    assert total(values) == total(reversed(values))


def test_period_documentation_holds() -> None:
    assert doctest.testmod(period_module).failed == 0


@given(st.integers(1990, 2090), st.sampled_from(["", "H1", "H2", "Q1", "Q4", "-01", "-12"]))
def test_periods_follow_each_other_without_gap(year: int, tail: str) -> None:
    one = Period.parse(f"{year}{tail}")
    assert str(one) == f"{year}{tail}"
    assert (one.next().start - one.end).days == 1


def test_what_is_not_a_period_is_refused() -> None:
    for text in ("2025Q5", "25", "2025-13", "2025H3", ""):
        with pytest.raises(ValueError, match="not a period"):
            Period.parse(text)


def test_language_follows_the_environment() -> None:
    assert language_of_environment({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert language_of_environment({"LVSHU_LANG": "en", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language_of_environment({}) == "en"


def test_an_error_says_what_where_why_and_how() -> None:
    error = InputError(
        Problem("units.unknown", Where(file="loan.csv", row=3, column="余额"), {"unit": "斤"}),
    )
    chinese = error.text("zh")
    for part in ("斤", "loan.csv", "第3行", "列“余额”", "办法"):
        assert part in chinese
    assert error.problems[0].where.key() == "loan.csv:3 [余额]"
    assert error.as_json()["errors"][0]["where"] == {"file": "loan.csv", "row": 3, "column": "余额"}


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(messages()))
def test_every_message_is_whole_in_both_languages(code: str) -> None:
    entry = messages()[code]
    for part in ("what", "why", "fix"):
        assert entry["zh"][part].strip(), f"{code}: zh {part} is empty"
        assert entry["en"][part].strip(), f"{code}: en {part} is empty"
    zh, en = (_placeholders(" ".join(entry[tongue].values())) for tongue in ("zh", "en"))
    assert zh == en, f"{code}: only in one language: {sorted(zh ^ en)}"
