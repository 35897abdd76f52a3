"""The mapping screen: words that stand for dates and numbers, and columns by which rows are told apart."""

from __future__ import annotations

import re

import pytest

from lvshu.intake.mapping import read_mapping
from tests.web.upload_screen import Screen, faults

LOANS = """借据编号,机构代码,产品类型,发放日期,到期日,合同金额
L1,B1,流贷,今年,2026-01-01,100
L2,B1,流贷,2024年,2026-01-01,不详
L3,B1,流贷,2024-03-01,上月,"1,00"
L4,B1,流贷,2024-03-02,2026-01-01,7
"""
HEADINGS = ["借据编号", "机构代码", "产品类型", "发放日期", "到期日", "合同金额"]
COLUMNS = ["loan_id", "institution_id", "product_type", "disbursed_on", "matures_on", "contract_amount"]


def form(**more: object) -> dict[str, object]:
    return {
        "table": "loan",
        "header_row": "1",
        "shown_row": "1",
        "heading": HEADINGS,
        "column": COLUMNS,
        "unit": [""] * len(HEADINGS),
        **more,
    }


def test_words_in_columns_of_dates_and_numbers_are_mapped_as_values(screen: Screen) -> None:
    screen.bring("loans.csv", LOANS)
    screen.preview(**form())
    page = screen.page()
    asked = re.findall(r'name="value" value="([^"]*)"', page)
    assert sorted(asked) == sorted(["今年", "2024年", "上月", "不详"]), "1,00 is a slip of a figure, no word"
    assert 'placeholder="YYYY-MM-DD"' in page and "<code>@missing</code> empty (missing)" in page
    assert "1 of 4 rows would pass." in page
    pairs = [
        ("disbursed_on", "今年", "2024-01-01", ""),
        ("disbursed_on", "2024年", "2024年", ""),
        ("matures_on", "上月", "@missing", "not stated"),
        ("contract_amount", "不详", "@missing", "not stated"),
    ]
    names = ("value_column", "value", "value_to", "value_why")
    chosen = {name: [pair[place] for pair in pairs] for place, name in enumerate(names)}
    screen.preview(**form(), **chosen)
    assert any("2024年" in one for one in faults(screen.page())), (
        "a text that is no day is refused beside its field"
    )
    chosen["value_to"][1] = "2024-01-01"
    screen.preview(**form(), **chosen)
    page = screen.page()
    assert "3 of 4 rows would pass." in page and faults(page) == []
    assert read_mapping(screen.place("loans.csv")).values["disbursed_on"] == {
        "今年": "2024-01-01",
        "2024年": "2024-01-01",
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_constant_is_offered_for_the_column_that_tells_rows_apart(screen: Screen, language: str) -> None:
    screen.bring("loans.csv", LOANS.replace("借据编号", "甲栏"))
    page = screen.page(language, "loan")
    assert 'name="constant_column" value="loan_id"' not in page
    assert ("No heading gives “Loan”" if language == "en" else "没有一个表头对应“借据号”") in page
    stated = form(heading=["甲栏", *HEADINGS[1:]], column=["", *COLUMNS[1:]])
    screen.preview(**stated)
    told = faults(screen.page(language))
    why = "One value for all rows will not do" if language == "en" else "不能共用一个值"
    assert len(told) == 2 and why in told[1]
    screen.preview(**stated, constant_column=["loan_id"], constant=["L1"])
    told = faults(screen.page(language))
    assert any(("cannot be one value" if language == "en" else "不能全部行共有一个值") in one for one in told)


def test_part_of_a_key_can_be_one_value_but_not_all_of_it(screen: Screen) -> None:
    screen.bring("balances.csv", "号,余额\nL1,5\nL2,6\n")
    own = {
        "table": "loan_balance",
        "header_row": "1",
        "shown_row": "1",
        "heading": ["号", "余额"],
        "unit": ["", ""],
        "constant_column": ["month", "loan_id"],
    }
    screen.preview(**own, column=["", "outstanding_amount"], constant=["2023-04", "L1"])
    assert sum("cannot be one value for all rows" in one for one in faults(screen.page())) == 2
    screen.preview(**own, column=["loan_id", "outstanding_amount"], constant=["2023-04", ""])
    assert faults(screen.page()) == [] and "2 of 2 rows would pass." in screen.page()
