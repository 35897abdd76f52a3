"""Rejects of an upload, downloaded, corrected in place and uploaded again: nothing is lost, counts agree."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.intake import count_rejects, load_inputs
from lvshu.pipeline.inputs import input_contracts
from lvshu.store.workspace import Workspace
from tests.web.upload_screen import Screen

TEXT = """某行贷款余额,,
单位：万元,,
号,年月,余下
L1,2023-04,5
L2,2023-13,7
L3,不详,8
"""
OWN = {
    "table": "loan_balance",
    "heading": ["号", "年月", "余下"],
    "column": ["loan_id", "month", "outstanding_amount"],
    "unit": ["", "", ""],
    "constant_column": ["currency"],
    "constant": ["CNY"],
}


def download(screen: Screen) -> tuple[str, list[list[str]]]:
    """Return the name under which the rejects are downloaded, and their rows."""
    link = html.unescape(re.findall(r'href="(/data/upload/rejects[^"]*)"', screen.page())[0])
    answer = screen.browser.get(link)
    name = re.search(r'filename="([^"]+)"', answer.headers["content-disposition"])
    assert name is not None
    return name[1], list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def mended(rows: list[list[str]], pairs: dict[str, str]) -> str:
    """Return rejects with cells corrected in place."""
    stream = io.StringIO()
    csv.writer(stream).writerows([[pairs.get(cell, cell) for cell in row] for row in rows])
    return stream.getvalue()


def shown(screen: Screen) -> dict[str, object]:
    """Return the mapping as the page shows it, to be sent as it stands."""
    page = screen.page()
    row = re.search(r'name="header_row"[^>]*value="(\d+)"', page)
    assert row is not None
    chosen = re.findall(r'<select name="column".*?</select>', page, re.S)
    columns = [(re.findall(r'value="([^"]*)" selected', one) or [""])[0] for one in chosen]
    headings = [html.unescape(one) for one in re.findall(r'name="heading" value="([^"]*)"', page)]
    return {
        "table": "loan_balance",
        "header_row": row[1],
        "shown_row": row[1],
        "heading": headings,
        "column": columns,
        "unit": [""] * len(headings),
        "constant_column": ["currency"],
        "constant": ["CNY"],
    }


def loaded(folder: Path) -> tuple[list[tuple[object, ...]], int, dict[str, tuple[int, int, int]]]:
    """Return the balances, how many rows still wait, and rows read, kept and quarantined by file."""
    workspace = Workspace.open(folder)
    with DuckDB() as engine:
        report = load_inputs(
            engine, input_contracts(), workspace.inputs, settings=workspace.settings, packs=workspace.library
        )
        rows = engine.execute(
            "SELECT loan_id, month, CAST(outstanding_amount AS INTEGER) FROM loan_balance ORDER BY 1"
        )
        files = {
            one.file.name: (one.rows_read, one.rows_kept, one.rows_quarantined)
            for table in report.tables
            for one in table.files
        }
        return rows, count_rejects(engine), files


@pytest.mark.parametrize("renamed", [False, True])
def test_rejects_come_back_and_every_row_counts_once(screen: Screen, renamed: bool) -> None:
    screen.bring("四月.csv", TEXT.encode("gb18030"))
    screen.preview(**OWN, header_row="3", shown_row="3")
    assert "1 of 3 rows would pass." in screen.page()
    screen.take()
    page = screen.page()
    assert "It lies among the inputs as 四月.csv." in page and "lies among the inputs already" not in page
    name, rows = download(screen)
    assert name == "loan_balance.corrected.csv" and len(rows) == 3
    screen.bring("mended.csv" if renamed else name, mended(rows, {"2023-13": "2023-03", "不详": "2023-05"}))
    page = screen.page()
    assert "takes the place of the row of 四月.csv" in page and "来源文件" not in re.findall(
        r'name="heading" value="([^"]*)"', page
    )
    screen.preview(**shown(screen))
    page = screen.page()
    assert "2 of 2 rows would pass." in page
    screen.take()
    corrected = "mended.corrected.csv" if renamed else "loan_balance.corrected.csv"
    assert corrected in screen.inputs
    found, waiting, files = loaded(screen.folder)
    assert found == [("L1", "2023-04", 50_000), ("L2", "2023-03", 70_000), ("L3", "2023-05", 80_000)]
    assert waiting == 0 and files == {"四月.csv": (3, 1, 2), corrected: (2, 2, 0)}


def test_corrections_of_a_file_that_is_not_there_say_so(screen: Screen) -> None:
    screen.bring("四月.csv", TEXT)
    screen.preview(**OWN, header_row="3", shown_row="3")
    name, rows = download(screen)
    screen.bring(name, mended(rows, {"2023-13": "2023-03"}))
    assert "四月.csv is not among the inputs yet" in screen.page("en")
    assert "四月.csv 还不在输入里" in screen.page("zh")
    assert "outstanding_amount" in re.findall(r'<option value="([^"]*)" selected', screen.page())


def test_a_second_file_of_one_name_has_rejects_that_name_it(screen: Screen) -> None:
    screen.bring("四月.csv", TEXT)
    screen.preview(**OWN, header_row="3", shown_row="3")
    screen.take()
    screen.bring("四月.csv", TEXT.replace("L2", "L9"))
    screen.preview(**OWN, header_row="3", shown_row="3")
    _, rows = download(screen)
    assert {row[0] for row in rows[1:]} == {"四月-2.csv"}
    screen.take()
    assert "四月-2.csv" in screen.inputs
