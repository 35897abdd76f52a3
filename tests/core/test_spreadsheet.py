"""Texts that a spreadsheet would run as formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.core.spreadsheet import FORMULA_SIGNS, harmless, restored


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@cmd",
        "-2+3+cmd|' /C calc'!A0",
        "-1|cmd",
        "+1|cmd",
        "\n=1",
        "\t=1",
        "＝1+1",
        "－1+cmd",
        " =1",
        "\0=1",
        "-3 %",
    ],
)
def test_what_may_run_is_marked_and_read_back(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert restored(harmless(text)) == text


@pytest.mark.parametrize("text", ["煤", "-5.2", "+1,234.50", "-3%", "-1e-9", "-", "", "a=b", "'quoted'"])
def test_plain_numbers_and_texts_stay(text: str) -> None:
    assert harmless(text) == text
    assert restored(text) == text


@given(st.text(max_size=12))
def test_nothing_but_a_number_begins_with_a_sign(text: str) -> None:
    shown = harmless(text)
    if shown[:1] in FORMULA_SIGNS and len(shown) > 1:
        float(shown.replace(",", "").rstrip("%"))
