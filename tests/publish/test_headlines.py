"""Headlines as text: one sentence, one figure, its interval and mark."""

from __future__ import annotations

from lvshu.publish import headline_lines
from lvshu.publish.headlines import without_repetition
from lvshu.store.book import Book


def test_headlines_in_both_languages(book: Book) -> None:
    zh, en = headline_lines(book, "zh"), headline_lines(book, "en")
    assert [line.code for line in zh] == [line.code for line in en]
    first = {line.code: line for line in zh}["co2_sectoral"]
    assert first.sentence == "上海市2023年能源活动排放二氧化碳17,200万吨"
    assert first.value_text == "17,200万吨二氧化碳"
    assert first.interval_text == "（95%区间 16,400—18,100万吨二氧化碳）"
    assert first.mark == "interval"
    assert {line.code: line for line in en}["gdp"].value_text == "CNY 4,721.866 billion"
    assert all("{" not in line.sentence for line in [*zh, *en])


def test_a_headline_without_a_figure_says_why(book: Book, bare_book: Book) -> None:
    line = {line.code: line for line in headline_lines(book, "en")}["platform_workers"]
    assert (line.mark, line.value_text, line.status) == ("not_covered", "…", "not_covered")
    assert "platform work records" in line.sentence
    assert headline_lines(bare_book, "zh") == []


def test_a_partial_headline_is_marked(book: Book) -> None:
    line = {line.code: line for line in headline_lines(book, "zh")}["financed_emission_bank_2026"]
    assert line.mark == "partial"
    assert line.reason


def test_carbon_dioxide_is_not_named_twice() -> None:
    assert without_repetition("3万吨二氧化碳", "排放二氧化碳{value}", "zh") == "3万吨"
    assert without_repetition("3万吨二氧化碳当量", "排放二氧化碳{value}", "zh") == "3万吨二氧化碳当量"
    assert without_repetition("3 million tCO₂", "emitted {value} of CO2", "en") == "3 million t"
    assert without_repetition("3 million tCO₂", "emitted {value}", "en") == "3 million tCO₂"
