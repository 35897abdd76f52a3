"""What is remembered of a mapping for the next file of the same headings, and what was the earlier file's alone."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.upload_screen import Screen

LEDGER = "借据编号,产品类型,发放日期\nL1,流贷,2024-03-01\nL2,流贷,2024-03-02\n"
OWN = {
    "table": "loan",
    "heading": ["借据编号", "产品类型", "发放日期"],
    "column": ["loan_id", "product_type", "disbursed_on"],
    "unit": ["", "", ""],
    "constant_column": ["institution_id", "institution_name", "currency"],
}


def recalled(page: str) -> dict[str, str]:
    """Return what the page says is remembered, by its label."""
    found = re.search(r'<dl class="recalled">(.*?)</dl>', page, re.S)
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[1], re.S) if found else []
    return {html.unescape(label): html.unescape(text) for label, text in pairs}


def bring_first(screen: Screen) -> None:
    screen.bring("甲银行.csv", LEDGER)
    screen.preview(**OWN, header_row="1", shown_row="1", constant=["BANK-A", "甲银行", "CNY"])
    assert screen.take().status_code == 303


@pytest.mark.parametrize("language", ["en", "zh"])
def test_constants_that_name_the_sender_are_not_taken_over_for_another_sender(
    screen: Screen, language: str
) -> None:
    bring_first(screen)
    screen.bring("乙银行.csv", LEDGER.replace("L1", "M1"))
    page = screen.page(language)
    told = recalled(page)
    left = next(text for label, text in told.items() if label.startswith(("Not taken over", "没有沿用")))
    assert "BANK-A" in left and "甲银行" in left and "CNY" not in left
    assert 'value="BANK-A"' not in page and 'value="CNY"' in page
    assert any(
        "CNY" in text for label, text in told.items() if label in ("Values of all rows", "全部行共有的值")
    )


def test_they_are_taken_over_where_the_file_says_that_its_sender_is_the_same(screen: Screen) -> None:
    bring_first(screen)
    screen.bring("五月.csv", "甲银行贷款台账\n" + LEDGER.replace("L1", "M1"))
    page = screen.page()
    assert 'value="BANK-A"' in page and not [one for one in recalled(page) if one.startswith("Not taken")]


def test_a_month_stated_for_one_file_is_not_that_of_the_next(screen: Screen) -> None:
    own = {
        "table": "loan_balance",
        "header_row": "1",
        "shown_row": "1",
        "heading": ["借据编号", "余额"],
        "column": ["loan_id", "outstanding_amount"],
        "unit": ["", "1e4 CNY"],
        "constant_column": ["month"],
        "constant": ["2023-04"],
    }
    screen.bring("april.csv", "借据编号,余额\nL1,5\n")
    screen.preview(**own)
    screen.take()
    screen.bring("may.csv", "借据编号,余额\nL1,6\n")
    page = screen.page()
    assert 'value="2023-04"' not in page and "Month = 2023-04" in str(recalled(page))
    screen.bring("again 2023-04.csv", "借据编号,余额\nL1,7\n")
    assert 'value="2023-04"' in screen.page()


def test_what_is_remembered_can_be_forgotten(screen: Screen) -> None:
    bring_first(screen)
    screen.bring("乙银行.csv", LEDGER.replace("L1", "M1"))
    assert "Forget it for good" in screen.page()
    form = {"csrf": screen.csrf, "token": screen.token}
    assert screen.browser.post("/data/upload/forget", data=form).status_code == 303
    assert "It has the headings of" not in screen.page()
    screen.bring("丙银行.csv", LEDGER.replace("L1", "N1"))
    assert "It has the headings of" not in screen.page()
