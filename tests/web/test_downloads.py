"""What is taken from a page: exact figures, what was chosen in words, both runs of a comparison by their names."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from lvshu.pipeline.compare import Comparison
from lvshu.publish.model import Column, Panel, TableView
from lvshu.publish.texts import Text, same
from lvshu.store.workspace import Workspace
from lvshu.web.pages.compare import panels_of
from lvshu.web.twins import filed, float_text, page_csv
from lvshu.web.view import PageView


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (0.3, "0.3"),
        (1.1 * 3, "3.3"),
        (71663473.651365, "71663473.651365"),
        (6.6805818306978065e-06, "0.00000668058183069781"),
        (9007199254740991.0, "9007199254740991"),
        (-0.0, "0"),
        (1e22, "10000000000000000000000"),
        (2.5, "2.5"),
    ],
)
def test_a_double_is_written_with_the_digits_that_it_keeps(value: float, text: str) -> None:
    assert float_text(value) == text


@given(st.decimals(-(10**9), 10**9, places=5))
def test_no_decimal_that_a_double_can_keep_loses_a_digit(value: Decimal) -> None:
    assert Decimal(float_text(float(value))) == value


def lines_of(client: TestClient, address: str) -> list[str]:
    return client.get(address).content.decode("utf-8-sig").splitlines()


def test_a_panel_alone_has_its_title_and_the_choices_stand_in_words(client: TestClient) -> None:
    lines = lines_of(client, "/finance/ledger.csv?lang=en&by=product&panel=ledger")
    title = next(
        one["title"]["en"]
        for one in client.get("/finance/ledger.json?by=product").json()["panels"]
        if one["id"] == "ledger"
    )
    assert lines[0] == f"# {title}"
    assert "By: Product" in lines[-2] and "Accounting method: " in lines[-2], lines[-2]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", "情景：居民消费 +5%、碳价 100元/吨"),
        ("en", "Scenario: Households’ demand +5%, Carbon price 100 CNY/t"),
    ],
)
def test_levers_stand_by_their_names_in_each_file(client: TestClient, language: str, told: str) -> None:
    address = f"household=5&price=100&lang={language}"
    assert f"# {told}" in lines_of(client, f"/what-if.csv?{address}")
    content = client.get(f"/what-if.xlsx?{address}").content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content))
    origin = sheet.get_sheet_by_name(sheet.sheet_names[-1]).to_python()
    name, value = told.replace("：", ": ").split(": ")
    assert [name, value] in [row[:2] for row in origin], origin[:8]
    state = client.get(f"/what-if.json?{address}").json()["state"]
    assert [one["value"][language] for one in state] == [value]


def test_the_baseline_says_that_no_lever_is_moved(client: TestClient) -> None:
    assert "# Scenario: baseline (no lever is moved)" in lines_of(client, "/what-if.csv?lang=en")


def test_a_filter_of_rows_stands_in_words(client: TestClient) -> None:
    address = "/data/table.csv?name=sector_account&column=sector_code&value=D&order=-sector_code&lang=en"
    assert any(line.startswith("# ") and ": D; Sort by: " in line for line in lines_of(client, address)), (
        "filter and order"
    )


def test_the_file_of_a_comparison_names_both_runs_and_has_exact_figures(
    client: TestClient, web_folder: Path
) -> None:
    ids = Workspace.open(web_folder).runs.ids()
    old, new = ids[0], ids[-1]
    query = urlencode({"old": old, "new": new, "lang": "en"})
    text = "\n".join(lines_of(client, f"/runs/compare.csv?{query}"))
    assert f"# Older run: {old}; Newer run: {new}" in text
    page = client.get(f"/runs/compare?{query}").text
    assert page.count(old) and "tCO₂e" not in text.partition("# Input")[0].partition("Causes")[0]


def compared() -> Comparison:
    headline = {
        "code": "waste", "label_zh": "废物", "label_en": "Waste", "unit": "t", "display_unit": None,
        "old": Decimal("12345678.123456"), "new": Decimal("12345679.5"), "difference": Decimal("1.376544"),
        "changed": True, "status_old": "measured", "status_new": "measured", "reason_old": None,
        "reason_new": None, "causes": [{"kind": "input", "name": f"t: {n}.csv"} for n in range(7)],
    }  # fmt: skip
    key = {"loan_id": "L1", "month": "2023-12"}
    records = {
        "table": "loan_balance", "added": 6, "removed": 1, "changed": 1,
        "sample": [{"key": key, "column": "outstanding_amount", "old": Decimal("1.50"), "new": None}],
        "added_sample": [
            {"key": {**key, "loan_id": f"N{n}"}, "values": {"outstanding_amount": Decimal("0.1")}} for n in range(6)
        ],
        "removed_sample": [{"key": {**key, "loan_id": "L9"}, "values": {}}],
    }  # fmt: skip
    packs = [{"pack": "p", "change": "changed", "old": "a" * 64, "new": "b" * 64}]
    settings = [{"key": "seed", "old": None, "new": 7}]
    return Comparison("r1", "r2", [], settings, [], packs, [], {}, [records], [headline])


def test_a_comparison_has_every_digit_and_examples_of_each_kind() -> None:
    panels = {one.id: one for one in panels_of(compared(), "r1", "r2")}
    table = filed(panels["headlines"])
    assert table is not None
    assert [one.label.en for one in table.columns][3:5] == ["Old: run r1", "New: run r2"]
    row = table.rows[0]
    assert [row[side] for side in ("old", "new", "difference")] == [
        Decimal("12345678.123456"),
        Decimal("12345679.5"),
        Decimal("1.376544"),
    ]
    assert str(row["causes"]).count(".csv") >= 7, "files hold all causes"
    packs = panels["changed-packs"].table
    assert packs is not None and packs.filed is not None
    assert (packs.rows[0]["old"], packs.filed.rows[0]["old"]) == ("a" * 12, "a" * 64)
    examples = panels["examples"].table
    assert examples is not None and examples.filed is not None
    assert (len(examples.rows), len(examples.filed.rows)) == (6, 8), "four of the six that were added"
    kinds = [row["change"].en for row in examples.filed.rows if isinstance(row["change"], Text)]
    assert kinds == ["added"] * 6 + ["removed", "changed"]
    text = page_csv(PageView("c", same("c"), panels=tuple(panels.values())), "en", same("cite")).decode()
    assert "Outstanding amount: 0.1" in text and "None" not in text


def test_a_file_holds_the_table_of_files() -> None:
    column = (Column("a", same("a")),)
    view = TableView(column, ({"a": "shown"},), (), filed=TableView(column, ({"a": "exact"},), ()))
    page = PageView("p", same("p"), panels=(Panel("t", same("t"), table=view),))
    assert list(csv.reader(page_csv(page, "en", same("c")).decode("utf-8-sig").splitlines())) == [
        ["# t"],
        ["a"],
        [""],
        ["exact"],
        ["# c"],
    ]


def test_the_sentence_on_the_loan_book_names_group_amount_and_share(client: TestClient) -> None:
    for way in ("label", "industry", "status"):
        panel = client.get(f"/finance/ledger.json?by={way}").json()["panels"][0]
        row = panel["table"]["rows"][0]
        share = f"{Decimal(row['share']):.1f}%"
        assert panel["finding"]["en"].startswith(
            f"“{row['group']['en']}” has the largest year-end balance: CNY "
        )
        assert panel["finding"]["en"].endswith(f", {share} of all balances.")
        assert panel["finding"]["zh"].startswith(f"年末余额最大的一组是“{row['group']['zh']}”：")
        assert panel["finding"]["zh"].endswith(f"，占全部余额的{share}。")
