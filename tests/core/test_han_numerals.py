"""Dates in Chinese numerals: every day of a year and every place where a date is read in Python."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lvshu.core.han_numerals import arabic_dates
from lvshu.core.period import day_of
from lvshu.intake.heading_guess import likely_heading
from lvshu.intake.wide import month_of
from lvshu.statistics.series.time_series import place_of

DIGITS = "〇一二三四五六七八九"


def spelt(number: int) -> str:
    """Return a number below a hundred as it is spoken."""
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones or not tens else "")


def test_every_day_of_a_leap_year_is_read() -> None:
    day = date(2024, 1, 1)
    while day.year == 2024:
        text = f"二〇二四年{spelt(day.month)}月{spelt(day.day)}日"
        assert (day_of(text), arabic_dates(text)) == (day, f"2024年{day.month}月{day.day}日"), text
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("二零二三年9月", "2023年9月"),
        ("二○一九年能源平衡表", "2019年能源平衡表"),
        ("二〇二三年度三十家企业", "2023年度三十家企业"),
        ("二〇二三年十月廿三日", "2023年10月23日"),
        ("三十家企业，十年", "三十家企业，十年"),
        ("2023年9月", "2023年9月"),
        ("GOOD年", "GOOD年"),
    ],
)
def test_only_dates_are_changed(text: str, told: str) -> None:
    assert arabic_dates(text) == told


def test_headings_and_periods_of_series_are_read() -> None:
    assert month_of("二〇二五年十二月末", frozenset()) == ("2025-12", None)
    assert place_of("二〇二三年九月份") == place_of("2023-09") == ("month", 2023 * 12 + 8)
    assert place_of("二〇二三年") == ("year", 2023)
    rows = [["标题"], ["企业", "月份"], ["某某公司", "二〇二三年九月"]]
    assert likely_heading(rows) == 1
