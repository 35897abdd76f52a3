"""Uploads under titles, faults that are mended, and content that was delivered before."""

from __future__ import annotations

import re

import pytest

from lvshu.intake.mapping import read_mapping
from tests.web.upload_screen import Screen

TITLED = "贷款余额\n单位：万元\n号,年月,余下,备考\nL1,2023-04,1234.5,甲\nL2,2023-04,3,乙\n"
OWN = {
    "table": "loan_balance",
    "header_row": "3",
    "shown_row": "3",
    "heading": ["号", "年月", "余下", "备考"],
    "column": ["loan_id", "month", "outstanding_amount", ""],
    "unit": ["", "", "", ""],
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("padded", [False, True])
def test_headings_nobody_knows_are_found_under_titles_of_a_text_file(
    screen: Screen, encoding: str, padded: bool
) -> None:
    text = TITLED.replace("贷款余额\n", "贷款余额,,,\n").replace("万元\n", "万元,,,\n") if padded else TITLED
    screen.bring("april.csv", text.encode(encoding))
    page = screen.page("en", "loan_balance")
    assert 'name="header_row" min="1" max="10000" value="3"' in page
    assert re.findall(r'name="heading" value="([^"]*)"', page) == OWN["heading"]
    assert re.findall(r'<li class="chosen">([^<]*)</li>', page) == ["号 | 年月 | 余下 | 备考"]
    screen.preview(**OWN)
    page = screen.page()
    assert "2 of 2 rows would pass." in page and "(stated above the headings)" in page
    assert read_mapping(screen.place("april.csv")).header_row == 3


def test_a_fault_that_is_mended_is_no_longer_told(screen: Screen) -> None:
    screen.bring("april.csv", TITLED)
    assert "No table recognises this file" in screen.page()
    assert "No table recognises this file" not in screen.page("en", "loan_balance"), (
        "a person named the table"
    )
    screen.preview(**{**OWN, "column": ["", "month", "outstanding_amount", ""]})
    page = screen.page()
    assert "No table recognises this file" not in page and 'role="alert"' in page
    screen.preview(**OWN)
    page = screen.page()
    assert 'class="problem"' not in page and 'role="alert"' not in page and "field-fault" not in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_content_that_was_delivered_before_is_told_and_not_put_there_again(
    screen: Screen, language: str
) -> None:
    screen.bring("april.csv", TITLED)
    screen.preview(**OWN)
    assert screen.take().status_code == 303
    before = screen.inputs
    screen.bring("again.csv", TITLED)
    told = (
        "lies among the inputs already as april.csv ("
        if language == "en"
        else "已经作为 april.csv 在输入里（"
    )
    assert told in screen.page(language)
    screen.preview(**{**OWN, "unit": ["", "", "1e8 CNY", ""]})
    assert told in screen.page(language)
    refused = screen.browser.post(
        "/data/upload/take",
        data={"csrf": screen.csrf, "token": screen.token},
        headers={"accept": "application/json"},
    )
    assert refused.status_code == 400 and refused.json()["errors"][0]["code"] == "web.same_content"
    assert screen.inputs == before and read_mapping(screen.folder / "inputs" / "april.csv").units == {}
    form = {"csrf": screen.csrf, "token": screen.token, "same": "replace"}
    assert screen.browser.post("/data/upload/take", data=form).status_code == 303
    assert screen.inputs == before, "the file stays where it is; its mapping is the new one"
    stated = read_mapping(screen.folder / "inputs" / "april.csv")
    assert stated.units == {"outstanding_amount": "1e8 CNY"}
    screen.bring("other.csv", TITLED + "L3,2023-04,1,丙\n")
    assert told not in screen.page(language)


def test_a_heading_like_a_column_that_nobody_gives_is_told(screen: Screen) -> None:
    screen.bring("book.csv", "借据编号,产品类型,放款日,备忘\nL1,流贷,2024-01-02,x\n")
    page = screen.page("zh", "loan")
    row = page.split('name="heading" value="放款日"')[1].split("</tr>")[0]
    assert "是不是“发放日期”？" in row
    assert "是不是" not in page.split('name="heading" value="备忘"')[1].split("</tr>")[0]
    assert "Is it “" in screen.page("en", "loan")


def test_one_heading_alone_makes_no_table_and_tables_of_earlier_runs_are_not_guessed(screen: Screen) -> None:
    screen.bring("能耗.csv", "2023年分行业能源消费量\n行业,原煤（万吨）,电力（亿千瓦时）\n纺织业,1.1,2.2\n")
    chosen = screen.page().split('<select name="table"')[1].split("</select>")[0]
    assert not re.findall(r'value="([^"]+)" selected', chosen)
