"""A workbook of platforms' forms is checked by its rules and taken on the upload page; it is no table to map."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from lvshu.intake.discovery import discover
from lvshu.pipeline.inputs import input_contracts
from lvshu.statistics.forms.ledger import RETURNS, trail_of
from lvshu.store.workspace import Workspace
from tests.statistics.forms.test_forms import GOOD, PLATFORM, _filled
from tests.web.upload_screen import Screen


def take(screen: Screen, note: str = "") -> Any:
    form = {"csrf": screen.csrf, "token": screen.token, "lang": "en", "note": note}
    return screen.browser.post("/data/upload/take-forms", data=form)


def test_forms_are_read_by_their_codes_and_taken_with_their_trail(screen: Screen, tmp_path: Path) -> None:
    screen.bring(
        "U202 2月.xlsx", _filled(tmp_path / "a.xlsx", dict(GOOD), month="二〇二三年二月").read_bytes()
    )
    page = screen.page("en")
    assert f"Platform: {PLATFORM} 样平台; month: 2023-02; 11 amounts read (U201, U202" in page
    assert 'name="column"' not in page and "problem-error" not in page
    assert "读到 11 个数" in screen.page("zh")
    assert take(screen).status_code == 303
    assert screen.inputs >= {RETURNS, "form_event.lvshu.csv"} and "U202 2月.xlsx" not in screen.inputs
    with (screen.folder / "inputs" / RETURNS).open(encoding="utf-8-sig", newline="") as stream:
        rows = {(row["form"], row["item_code"]): row["amount [CNY]"] for row in csv.DictReader(stream)}
    assert float(rows["U202", "ride_hailing"]) == 200.0
    events, _ = trail_of(Workspace.open(screen.folder))
    assert [(one["file_name"], one["values_stated"]) for one in events] == [("U202 2月.xlsx", "11")]
    taken = screen.page("en")
    assert RETURNS in taken and "take-forms" not in taken


def test_forms_with_errors_are_told_with_their_place_and_refused_whole(
    screen: Screen, tmp_path: Path
) -> None:
    wrong = {**GOOD, "U202|ride_hailing|total|total|total": 1000.01}
    screen.bring("a.xlsx", _filled(tmp_path / "a.xlsx", dict(wrong)).read_bytes())
    page = screen.page("en")
    assert "forms.rule_broken" in page and "U202" in page and "take-forms" not in page
    answer = take(screen)
    assert answer.status_code == 400 and "forms.rule_broken" in answer.text
    assert RETURNS not in screen.inputs


def test_among_the_inputs_such_a_workbook_is_told_for_what_it_is(tmp_path: Path) -> None:
    path = _filled(tmp_path / "返回.xlsx", dict(GOOD))
    (told,) = discover(path, input_contracts()).problems
    assert told.code == "intake.forms_workbook"
    assert "lvshu forms take" in told.fix("en") and "返回.xlsx" in told.what("zh")
