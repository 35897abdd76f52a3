"""Figures as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.publish.display import (
    Absence,
    cell_text,
    decimals_of,
    error_place,
    figure,
    number_text,
    percent_text,
    period_label,
    quantity_text,
    rounded,
)
from lvshu.publish.headlines import mark_of


@pytest.mark.parametrize(
    ("value", "unit", "display", "zh", "en"),
    [
        ("123000000", "CNY", None, "1.23亿元", "CNY 123 million"),
        ("4721866000000", "CNY", "1e8 CNY", "47,218.66亿元", "CNY 4,721.866 billion"),
        ("172000000", "tCO2", "1e4 tCO2", "17,200万吨二氧化碳", "172 million tCO₂"),
        ("45000", "person", None, "4.5万人", "45 thousand persons"),
        ("12.345", "%", "%", "12.35%", "12.35%"),
        ("2.31", "1", "1", "2.31", "2.31"),
        ("0.5849", "kgCO2/kWh", None, "0.5849千克二氧化碳/千瓦时", "0.5849 kgCO₂/kWh"),
        ("0", "tCO2", "1e4 tCO2", "0万吨二氧化碳", "0 tCO₂"),
        ("-5100000", "tCO2", "1e4 tCO2", "-510万吨二氧化碳", "-5.1 million tCO₂"),
    ],
)
def test_a_figure_in_both_languages(value: str, unit: str, display: str | None, zh: str, en: str) -> None:
    assert quantity_text(Decimal(value), unit, "zh", display_unit=display) == zh
    assert quantity_text(Decimal(value), unit, "en", display_unit=display) == en


def test_the_error_decides_how_many_digits_are_written() -> None:
    wide = {"display_unit": "1e4 tCO2", "standard_error": 4.3e6, "low": 1.64e8, "high": 1.81e8}
    zh = figure(Decimal("172345678.9"), "tCO2", "zh", **wide)  # type: ignore[arg-type]
    en = figure(Decimal("172345678.9"), "tCO2", "en", **wide)  # type: ignore[arg-type]
    assert (zh.value, zh.interval) == ("17,200万吨二氧化碳", "（95%区间 16,400—18,100万吨二氧化碳）")
    assert (en.value, en.interval) == ("172 million tCO₂", "(95% interval 164–181 million tCO₂)")
    narrow = figure(Decimal("172345678.9"), "tCO2", "zh", display_unit="1e4 tCO2", standard_error=1.3e5)
    assert narrow.value == "17,235万吨二氧化碳"


@pytest.mark.parametrize(
    ("error", "place"), [("100", 1), ("354", 1), ("355", 2), ("999", 2), ("0.12", -2), ("0.94", -1)]
)
def test_one_or_two_digits_of_an_error(error: str, place: int) -> None:
    assert error_place(Decimal(error)) == place


def test_coverage_other_than_95_is_named() -> None:
    shown = figure(Decimal(50), "%", "en", standard_error=1.0, low=48.4, high=51.6, coverage=0.9)
    assert shown.interval == "(90% interval 48.4–51.6%)"


def test_an_interval_across_zero_is_not_read_as_two_dashes() -> None:
    given = {"display_unit": "1e4 tCO2", "standard_error": 5.9e6, "low": -13.81e6, "high": 9.41e6}
    zh = figure(Decimal(-890_000), "tCO2", "zh", **given)  # type: ignore[arg-type]
    en = figure(Decimal(-890_000), "tCO2", "en", **given)  # type: ignore[arg-type]
    assert zh.interval == "（95%区间 -1,381至941万吨二氧化碳）"
    assert (en.value, en.interval) == ("-0.89 million tCO₂", "(95% interval -13.81 to 9.41 million tCO₂)")


def test_an_error_that_is_only_rounding_is_no_interval() -> None:
    shown = figure(
        22684.401462577800,
        "1e4 tCO2e",
        "zh",
        low=22684.401462577799,
        high=22684.401462577801,
        display_unit="1e4 tCO2e",
    )
    assert shown.interval == "" and shown.value == "22,684.40万吨二氧化碳当量"
    row = {
        "value": Decimal("22684.4014625778"),
        "low": 22684.401462577799,
        "high": 22684.401462577801,
        "status": "available",
    }
    assert mark_of(row) == "point"
    assert mark_of({**row, "high": 22685.0}) == "interval"


def test_the_four_kinds_of_nothing_are_told_apart() -> None:
    signs = [cell_text(value, 1) for value in (None, Decimal(0), Absence.SUPPRESSED, Absence.NOT_APPLICABLE)]
    assert signs == ["…", "0", "***", "–"]
    assert len(set(signs)) == 4


def test_a_small_figure_does_not_look_like_zero() -> None:
    assert cell_text(Decimal("0.001"), 1) == "0.0"
    assert cell_text(Decimal("0.2"), 0) == "<1"
    assert cell_text(Decimal("-0.001"), 1) == "0.0"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.integers(min_value=-4, max_value=5))
def test_rounding_is_half_away_from_zero_and_symmetric(value: Decimal, place: int) -> None:
    assert rounded(-value, place) == -rounded(value, place)
    assert abs(rounded(value, place) - value) <= Decimal(1).scaleb(place) / 2


def test_ties_go_away_from_zero() -> None:
    assert [number_text(Decimal(text), -1) for text in ("2.25", "-2.25", "0.05")] == ["2.3", "-2.3", "0.1"]
    assert number_text(Decimal("1250"), 2) == "1,300"


def test_columns_share_their_decimals() -> None:
    assert decimals_of([Decimal("12.345"), None, Absence.SUPPRESSED]) == 2
    assert decimals_of([Decimal("123.45")]) == 1
    assert decimals_of([Decimal("12345.6")]) == 0
    assert decimals_of([Decimal("0.00123")]) == 5
    assert decimals_of([1, 2, 30]) == 0
    assert decimals_of([]) == 0


def test_periods_and_percentages() -> None:
    assert [period_label("2025Q3", language) for language in ("zh", "en")] == ["2025年3季度", "2025 Q3"]
    assert period_label("2025-07", "zh") == "2025年7月"
    assert period_label("total", "en") == "total"
    assert percent_text(12.25) == "12.3%"
