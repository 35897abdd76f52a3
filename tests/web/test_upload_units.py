"""Which unit an upload is read in, told beside each heading: from where it is known, and what becomes of the values."""

from __future__ import annotations

import html
import re

from tests.web.upload_screen import Screen

BALANCES = """贷款余额表,,,
单位：万元,,,
借据编号,月份,贷款余额,客户名称
L1,2023-04,"1,234.5",甲
L2,2023-04,不详,乙
"""
FIRMS = "企业代码,年度,营业收入（万元）,资产总计\n91310105YYY0021T2T,2023,12.5,7\n"


def rows_of(page: str) -> dict[str, str]:
    """Return the row of each heading as plain text, its offered units left out."""
    found = {}
    for row in re.findall(r"<tr[^>]*>\s*<th scope=\"row\">.*?</tr>", page, re.S):
        name = re.search(r'name="heading" value="([^"]*)"', row)
        if name:
            plain = re.sub(r"<select.*?</select>", "", row, flags=re.S)
            found[name[1]] = html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", plain)))
    return found


def offered(page: str, heading: str) -> list[str]:
    """Return the units offered for a heading."""
    row = page.split(f'name="heading" value="{heading}"')[1].split("</tr>")[0]
    return re.findall(r'value="([^"]*)"', row.split('<select name="unit"')[1].split("</select>")[0])


def test_the_unit_read_is_shown_with_its_place_and_the_values_in_the_tables_unit(screen: Screen) -> None:
    screen.bring("balances.csv", BALANCES)
    english, chinese = (rows_of(screen.page(one, "loan_balance"))["贷款余额"] for one in ("en", "zh"))
    assert "Read as CNY 10 thousand (stated above the headings), times 10,000 for CNY" in english
    assert "按万元读（表头上方所写），乘10,000换成元" in chinese
    assert "1,234.5 → 12,345,000" in english and "不详 →" not in english
    screen.bring("finance.csv", FIRMS)
    page = screen.page("en", "enterprise_finance")
    rows = rows_of(page)
    assert (
        "(stated in the heading)" in rows["营业收入（万元）"] and "12.5 → 125,000" in rows["营业收入（万元）"]
    )
    assert "states no unit: read as CNY" in rows["资产总计"] and "→" not in rows["资产总计"]
    assert "Read as" not in rows["企业代码"] and "Read as" not in rows["年度"]


def test_only_units_of_the_columns_quantity_are_offered(screen: Screen) -> None:
    screen.bring("finance.csv", FIRMS)
    page = screen.page("en", "enterprise_finance")
    assert offered(page, "企业代码") == [""] and offered(page, "年度") == [""]
    money = offered(page, "营业收入（万元）")
    assert {"CNY", "1e4 CNY"} <= set(money) and not {"t", "USD", "%"} & set(money)


def test_a_unit_chosen_on_the_screen_counts_before_the_files_own(screen: Screen) -> None:
    screen.bring("finance.csv", FIRMS.replace("资产总计", "资产总计（万块）"))
    page = screen.page("en", "enterprise_finance")
    assert "“万块” is no unit that is known" in rows_of(page)["资产总计（万块）"]
    screen.preview(
        table="enterprise_finance",
        header_row="1",
        shown_row="1",
        heading=["企业代码", "年度", "营业收入（万元）", "资产总计（万块）"],
        column=["uscc", "year", "main_business_revenue", "total_assets_end"],
        unit=["", "", "1e3 CNY", "1e4 CNY"],
    )
    rows = rows_of(screen.page())
    assert (
        "(chosen here), times 1,000" in rows["营业收入（万元）"]
        and "12.5 → 12,500" in rows["营业收入（万元）"]
    )
    assert "7 → 70,000" in rows["资产总计（万块）"] and "is no unit" not in rows["资产总计（万块）"]
