"""A figure that is not there is told in words: no panel sums nothing to zero, no sentence holds the sign of absence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish.model import Panel
from lvshu.publish.panels import finance
from lvshu.publish.panels.base import share, short_amount


class _Book:
    """A reader of a book whose loans in scope have no emission."""

    def rows(self, table: str, **_: object) -> list[dict[str, Any]]:
        assert table == "financed_emission"
        return [
            {"method": "bank_guide_2026", "loans": 3, "emission": None},
            {"method": "bank_guide_2026", "loans": 2, "emission": None},
            {"method": "pcaf_2022", "loans": 4, "emission": None},
        ]

    def method_of(self, table: str) -> None:
        """No method card belongs to a table of the test."""


def test_sentences_say_that_a_figure_is_missing() -> None:
    for text in (short_amount(None, "CNY", "1e8 CNY"), share(None, Decimal(3)), share(Decimal(1), None)):
        assert (text.zh, text.en) == ("（无数据）", "(no figure)")
    assert short_amount(Decimal(0), "CNY", "1e8 CNY").zh == "0亿元"


def test_emissions_of_loans_that_nobody_could_estimate_are_no_zero() -> None:
    panel = finance.estimated(_Book(), "methods", "financed_emission", _unwanted)  # type: ignore[arg-type]
    assert "5" in panel.empty.zh
    assert panel.table is None
    assert panel.chart is None


def _unwanted(reader: object) -> Panel:
    raise AssertionError("a panel of nothing but missing emissions is not built")
