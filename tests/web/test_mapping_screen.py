"""The mapping screen of uploads: values, constants, units, a preview before anything is written, what is remembered."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import Any

import xlsxwriter

from lvshu.engine.duckdb import DuckDB
from lvshu.intake import load_inputs
from lvshu.intake.mapping import read_mapping
from lvshu.pipeline.inputs import input_contracts
from lvshu.store.workspace import Workspace
from lvshu.web.upload_draft import Choice, Draft, mapping_text
from lvshu.web.upload_memory import digest_of
from tests.web.upload_screen import Screen, faults

FIRMS = """单位,,,,,,
企业代码,公司名,所在区,行业,规模,境外,登记日
91310105YYY0021T2T,甲公司,310105,8122,大,境外,2020-01-01
91310113YYY37BMB4L,乙公司,310113,8022,小型,境内,2020-02-01
91310112YYY1NGL312,<b>丙</b>,310112,6513,不知道,未知,2020-03-01
91310104YYY6BP3J1Q,=1+1,310104,6513,微型,否,2020-13-01
"""
HEADINGS = ("企业代码", "公司名", "所在区", "行业", "规模", "境外", "登记日")
COLUMNS = ("uscc", "name", "district_code", "industry_code", "size_class", "overseas", "registered_on")


def form(**more: Any) -> dict[str, Any]:
    return {
        "table": "enterprise",
        "header_row": "2",
        "shown_row": "2",
        "heading": HEADINGS,
        "column": COLUMNS,
        "unit": [""] * len(HEADINGS),
        "constant_column": ["area_code", "employee_count"],
        "constant": ["310000", ""],
        **more,
    }


def values(*rows: tuple[str, str, str, str]) -> dict[str, list[str]]:
    names = ("value_column", "value", "value_to", "value_why")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


MAPPED = (
    ("size_class", "大", "large", ""),
    ("size_class", "不知道", "@missing", "the firm did not say"),
    ("overseas", "境外", "true", ""),
    ("overseas", "境内", "false", ""),
    ("overseas", "未知", "@suppressed", "kept secret\n[columns]\nx = 1"),
    ("industry_code", "8022", "8122", ""),
)


def test_values_and_constants_are_mapped_and_previewed_before_anything_is_written(screen: Screen) -> None:
    before = screen.inputs
    screen.bring("客户.csv", FIRMS)
    assert screen.preview(**form()).status_code == 303
    page = screen.page()
    assert "0 of 4 rows would pass." in page and "4 rows would go to quarantine" in page
    asked = re.findall(r'name="value" value="([^"]*)"', page)
    assert sorted(asked) == sorted(["8022", "境外", "境内", "未知", "大", "不知道"])
    assert '<option value="large">large</option>' in page and "leave out, say why" in page
    assert screen.inputs == before, "a preview writes nothing among the inputs"
    assert screen.preview(**form(), **values(*MAPPED)).status_code == 303
    page = screen.page("zh")
    assert "4行中有3行通过。" in page and "1行会进隔离区" in page and "2020-13-01" in page
    text = html.unescape(page.split("<pre><code>")[1].split("</code></pre>")[0])
    assert text == screen.place("客户.mapping.toml").read_text("utf-8")
    assert screen.inputs == before
    assert screen.take().status_code == 303
    assert screen.inputs - before == {"客户.csv", "客户.mapping.toml"}
    workspace = Workspace.open(screen.folder)
    with DuckDB() as engine:
        load_inputs(
            engine, input_contracts(), workspace.inputs, settings=workspace.settings, packs=workspace.library
        )
        rows = engine.execute(
            "SELECT area_code, industry_code, size_class, overseas FROM enterprise ORDER BY uscc"
        )
        told = engine.execute("SELECT column_name, status FROM value_status WHERE table_name = 'enterprise'")
    assert rows == [
        ("310000", "8122", "large", True),
        ("310000", "6513", None, None),
        ("310000", "8122", "small", False),
    ]
    assert told == [("overseas", "suppressed")], "missing, and withheld by who filed it, stay apart"


def test_what_is_wrong_stands_beside_its_field_in_both_languages(screen: Screen) -> None:
    screen.bring("客户.csv", FIRMS)
    wrong = form(
        column=("uscc", "name", "district_code", "industry_code", "size_class", "overseas", "uscc"),
        unit=["", "", "", "", "1e4 CNY", "", ""],
        constant=["310000", "many"],
    )
    chosen = values(("overseas", "未知", "@missing", " "), ("industry_code", "8022", "9999", ""))
    assert screen.preview(**wrong, **chosen).status_code == 303
    english, chinese = faults(screen.page("en")), faults(screen.page("zh"))
    assert english[0] == "5 fields have to be corrected, told beside each; there is no preview yet."
    assert chinese[0] == "有5处要改，见各栏下面；还没有预览。"
    told = "\n".join(english)
    for part in (
        "The heading “企业代码” gives “Unified social credit code” already",
        "“Size class” has no unit",
        "“many” is not a number",
        "Say why “未知” is left out",
        "“9999” is not in Industrial classification",
    ):
        assert part in told, part
    assert "不用“未知”，要写为什么" in "\n".join(chinese)
    page = screen.page()
    assert page.count('aria-invalid="true"') == 5 and 'value="many"' in page, "what was typed in stays"
    assert not screen.place("客户.mapping.toml").exists()
    refused = screen.browser.post(
        "/data/upload/take",
        data={"csrf": screen.csrf, "token": screen.token},
        headers={"accept": "application/json"},
    )
    assert refused.status_code == 400 and refused.json()["errors"][0]["code"] == "web.not_tried"
    told_json = screen.browser.post(
        "/data/upload/try",
        data={"csrf": screen.csrf, "token": screen.token, **wrong, **chosen},
        headers={"accept": "application/json"},
    )
    assert told_json.status_code == 400 and len(told_json.json()["errors"]) == 5


def test_a_required_column_is_asked_for_and_a_constant_is_checked_by_its_type(screen: Screen) -> None:
    text = "借据编号,贷款余额\nL1,12.5\nL2,7\n"
    screen.bring("balances.csv", text)
    own = {
        "table": "loan_balance",
        "header_row": "1",
        "shown_row": "1",
        "heading": ["借据编号", "贷款余额"],
        "column": ["loan_id", "outstanding_amount"],
        "unit": ["", "1e4 CNY"],
        "constant_column": ["month", "outstanding_amount"],
    }
    screen.preview(**own, constant=["", ""])
    assert any("is required" in one for one in faults(screen.page()))
    screen.preview(**own, constant=["2023-13", ""])
    assert any("2023-13" in one for one in faults(screen.page()))
    screen.preview(**own, constant=["2023-04", "5"])
    assert any("gives “Outstanding amount” already" in one for one in faults(screen.page()))
    screen.preview(**{**own, "unit": ["", "t"]}, constant=["2023-04", ""])
    assert any("cannot be converted" in one for one in faults(screen.page()))
    screen.preview(**own, constant=["2023-04", ""])
    assert faults(screen.page()) == [] and "2 of 2 rows would pass." in screen.page()
    stated = read_mapping(screen.place("balances.csv"))
    assert stated.units == {"outstanding_amount": "1e4 CNY"} and stated.constants == {"month": "2023-04"}


def test_a_mapping_is_remembered_by_the_headings_told_and_can_be_refused(screen: Screen) -> None:
    screen.bring("客户.csv", FIRMS)
    screen.preview(**form(), **values(*MAPPED))
    screen.take()
    screen.bring("七月.csv", FIRMS.replace("企业代码", " 企业代码 ").replace("甲公司", "丁公司"))
    page = screen.page()
    assert "It has the headings of 客户.csv" in page and "Do not use it" in page
    assert 'value="310000"' in page and "the firm did not say" in page
    assert re.search(r'<option value="size_class" selected>', page)
    assert 'name="header_row" min="1" max="10000" value="2"' in page
    assert not screen.place("七月.mapping.toml").exists(), "a proposal alone counts for nothing"
    assert "客户.csv" in screen.page("zh") and "不用它" in screen.page("zh")
    answer = screen.browser.post("/data/upload/refuse", data={"csrf": screen.csrf, "token": screen.token})
    assert answer.status_code == 303
    page = screen.page()
    assert "It has the headings of" not in page and "the firm did not say" not in page
    screen.bring("other.csv", "企业代码,公司名\n91310105YYY0021T2T,甲\n")
    assert "It has the headings of" not in screen.page()
    assert digest_of(["a", "B "]) == digest_of(["b", " A"]) != digest_of(["a", "c"])
    assert digest_of(["a"]) == "" == digest_of([None, "", "a"])


def test_another_row_of_headings_begins_anew(screen: Screen) -> None:
    screen.bring("客户.csv", FIRMS)
    screen.preview(**form(), **values(*MAPPED))
    assert "3 of 4 rows would pass." in screen.page()
    screen.preview(**form(header_row="3"))
    page = screen.page()
    assert (
        "would pass" not in page and '<input type="hidden" name="heading" value="91310105YYY0021T2T">' in page
    )
    assert screen.browser.post(
        "/data/upload/take",
        data={"csrf": screen.csrf, "token": screen.token},
        headers={"accept": "application/json"},
    ).json()["errors"][0]["code"] == "web.not_tried"  # fmt: skip
    screen.preview(**form(header_row="900", shown_row="900"))
    assert any("Row 900" in one for one in faults(screen.page()))


def test_hostile_and_huge_values_are_text_and_bounded(screen: Screen) -> None:
    hostile = '"<img src=x onerror=alert(1)>"'
    huge = "长" * (10 << 20)
    screen.bring(
        "客户.csv",
        f"企业代码,公司名,境外,{hostile}\n91310105YYY0021T2T,甲,{hostile},=cmd()\n"
        f"91310113YYY37BMB4L,{huge[:3_000_000]},=1+1,x\n91310112YYY1NGL312,丙,{huge[:100_000]},y\n"
        "91310104YYY6BP3J1Q,丁,=1+1,z\n",
    )
    own = {
        "table": "enterprise",
        "header_row": "1",
        "shown_row": "1",
        "heading": ["企业代码", "公司名", "境外", "<img src=x onerror=alert(1)>"],
        "column": ["uscc", "name", "overseas", ""],
        "unit": [""] * 4,
        "constant_column": ["area_code"],
        "constant": ["310000"],
    }
    assert screen.preview(**own).status_code == 303
    page = screen.page()
    assert "<img src=x" not in page and "&lt;img src=x" in page and len(page) < 1_000_000
    asked = re.findall(r'name="value" value="([^"]*)"', page)
    assert "=1+1" in asked and not [one for one in asked if len(one) > 300]
    screen.bring("kopf.csv", f"企业代码,{huge[:3_000_000]}\n91310105YYY0021T2T,甲\n")
    page = screen.page(table="enterprise")
    assert "Too long a heading to be mapped" in page and len(page) < 1_000_000
    chosen = values(("overseas", "=1+1", "<script>alert(1)</script>", ""))
    screen.bring("again.csv", FIRMS)
    screen.preview(**form(constant=["<script>alert(1)</script>", "=2+2"]), **chosen)
    page = screen.page()
    assert "<script>alert" not in page and page.count("&lt;script&gt;alert(1)") >= 2


def test_what_is_typed_in_cannot_break_the_mapping_file(tmp_path: Path) -> None:
    nasty = 'a"]\n[columns]\n\x7f\x00\u2028"""'
    draft = Draft(
        table="enterprise",
        header_row=3,
        columns={nasty: "name", "b": ""},
        units={},
        values={"overseas": {nasty: Choice("true"), "c": Choice("@not_applicable", nasty)}},
        constants={"area_code": nasty},
    )
    path = tmp_path / "file.csv"
    path.write_text("a\n", encoding="utf-8")
    (tmp_path / "file.mapping.toml").write_text(mapping_text(draft), encoding="utf-8")
    read = read_mapping(path)
    assert (read.table, read.header_row) == ("enterprise", 3)
    assert read.columns == {nasty: "name", "b": ""} and read.constants == {"area_code": nasty}
    assert read.values == {"overseas": {nasty: "true", "c": "不适用"}}


def test_a_sheet_of_a_workbook_is_mapped_and_stands_in_the_mapping_file(
    screen: Screen, tmp_path: Path
) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("说明 Guide").write_row(0, 0, ["how", "to"])
        book.add_worksheet("notes").write_row(0, 0, ["who", "what"])
        sheet = book.add_worksheet("data")
        for place, row in enumerate(
            [["no", "month of it", "sum"], ["L1", "2023-04", "12.5"], ["L2", "2023-05", "7"]]
        ):
            sheet.write_row(place, 0, row)
    screen.bring("book.xlsx", stream.getvalue())
    page = screen.page(table="loan_balance")
    assert (
        '<select name="sheet"' in page and 'value="notes" selected' in page and "Guide</option>" not in page
    )
    answer = screen.browser.get(f"/data/upload?token={screen.token}&table=loan_balance&sheet=data&lang=en")
    assert 'name="heading" value="month of it"' in answer.text
    own = {
        "table": "loan_balance",
        "sheet": "data",
        "header_row": "1",
        "shown_row": "1",
        "heading": ["no", "month of it", "sum"],
        "column": ["loan_id", "month", "outstanding_amount"],
        "unit": ["", "", "1e4 CNY"],
    }
    screen.preview(**own)
    assert "2 of 2 rows would pass." in screen.page()
    assert read_mapping(screen.place("book.xlsx")).sheet == "data"
    screen.take()
    screen.bring("next.xlsx", stream.getvalue() + b"")
    page = screen.page()
    assert "It has the headings of book.xlsx" in page and 'value="data" selected' in page
