"""A file in Big5 is told as one, and its encoding is chosen on the page; the mapping file then states it."""

from __future__ import annotations

import html
import re

import pytest
import xlsxwriter

from tests.web.upload_screen import Screen

TRADITIONAL = (
    "借據編號,月份,貸款餘額,借款企業名稱\n"
    "L1,2023-04,100,臺灣綠色電力股份有限公司\n"
    "L2,2023-04,200,廣東環境保護設備製造廠\n"
)
BALANCES = "借据编号,月份,贷款余额,客户名称\nL1,2023-04,100,上海某某有限公司\nL2,2023-04,200,乙公司\n"


def options(page: str) -> dict[str, str]:
    form = page.split('<select name="encoding"')[1].split("</select>")[0]
    return {code: html.unescape(text) for code, text in re.findall(r'value="([^"]*)"[^>]*>([^<]*)<', form)}


def choose(screen: Screen, encoding: str) -> int:
    form = {"csrf": screen.csrf, "token": screen.token, "lang": "en", "encoding": encoding}
    return int(screen.browser.post("/data/upload/encoding", data=form).status_code)


@pytest.mark.parametrize("codec", ["cp950", "big5hkscs"])
def test_big5_is_chosen_on_the_page_and_stays_with_the_file(screen: Screen, codec: str) -> None:
    screen.bring("loan_balance.csv", TRADITIONAL.encode(codec))
    before = {one: screen.page(one) for one in ("zh", "en")}
    assert "像是繁体中文：cp950" in before["zh"] and "seems to be traditional Chinese: cp950" in before["en"]
    assert options(before["en"])[""] == "Found: not recognised" and "Big5" in options(before["zh"])["cp950"]
    assert "貸款餘額" not in before["en"]
    assert choose(screen, codec) == 303
    page = screen.page("en", "loan_balance")
    assert "貸款餘額" in page and "臺灣綠色電力股份有限公司" in page
    assert f'value="{codec}" selected' in page
    headings = ["借據編號", "月份", "貸款餘額", "借款企業名稱"]
    answer = screen.preview(
        table="loan_balance",
        heading=headings,
        column=["loan_id", "month", "outstanding_amount", ""],
        unit=["", "", "CNY", ""],
    )
    assert answer.status_code == 303, answer.text
    assert "2 of 2 rows would pass" in screen.page("en", "loan_balance")
    assert f'encoding = "{codec}"' in screen.place("loan_balance.mapping.toml").read_text(encoding="utf-8")
    assert screen.take().status_code == 303
    assert "loan_balance.mapping.toml" in screen.inputs


def test_what_was_found_is_named_and_a_wrong_choice_is_told_and_taken_back(screen: Screen) -> None:
    screen.bring("loan_balance.csv", BALANCES.encode("gb18030"))
    assert options(screen.page("en"))[""].startswith("Found: GB18030")
    assert choose(screen, "utf-8") == 303
    assert "cannot be decoded; tried: utf-8" in screen.page("en")
    assert choose(screen, "") == 303
    page = screen.page("en")
    assert "贷款余额" in page and options(page)[""].startswith("Found: GB18030")
    assert choose(screen, "klingon") == 422


def test_workbooks_have_no_encoding(screen: Screen, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("book") / "loan_balance.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("a").write_row(0, 0, ["loan_id", "month", "outstanding_amount"])
    screen.bring("loan_balance.xlsx", path.read_bytes())
    assert '<select name="encoding"' not in screen.page("en")
