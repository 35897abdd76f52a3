"""An upload in a browser, from the file to the figures of the next run and its rejects back, in both languages."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("uvicorn", reason="the extra `web` is not installed")

from tests.web.test_browser import NARROW, WIDE, Watched, overflow, served  # noqa: E402

WORDS = {
    "zh": {
        "send": "上传", "preview": "预览", "take": "放进输入", "start": "开始运行", "some": "2行中有1行通过。",
        "all": "1行中有1行通过。", "unit": "按10兆瓦时读", "port": "甲港", "mended": "乙港",
    },
    "en": {
        "send": "Upload", "preview": "Preview", "take": "Put it among the inputs", "start": "Start a run",
        "some": "1 of 2 rows would pass.", "all": "1 of 1 row would pass.", "unit": "Read as MWh",
        "port": "A harbour (test)", "mended": "B harbour (test)",
    },
}  # fmt: skip
FILES = {
    "zh": ("岸电.csv", "gb18030", "岸电统计表\n年份,港区,岸电电量（万千瓦时）,被替代燃料,辅机油耗率,出处\n"
           "2023,甲港,50,diesel,0.215,test\n2023,乙港,3O0,diesel,0.215,test\n"),
    "en": ("ports.csv", "utf-8", "Ports\nyr,where,power (MWh),instead of,rate,who says\n"
           "2023,A harbour (test),700,diesel,0.215,test\n2023,B harbour (test),3O0,diesel,0.215,test\n"),
}  # fmt: skip
COLUMNS = ("year", "port", "electricity", "fuel_code", "specific_consumption", "source")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Return a Chromium."""
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


def bring(tab: Any, address: str, language: str, path: Path) -> None:
    """Choose a file and upload it."""
    tab.goto(f"{address}/data/upload?lang={language}")
    tab.set_input_files("input[type=file]", path)
    tab.get_by_role("button", name=WORDS[language]["send"], exact=True).click()
    tab.wait_for_url("**token=**")


def mapped(tab: Any, language: str) -> None:
    """Name the table and the columns, look at the unit that is read, and preview."""
    words = WORDS[language]
    if tab.locator("select[name=table]").input_value() != "shore_power":
        tab.locator("select[name=table]").select_option("shore_power")
        tab.wait_for_url("**table=shore_power**")
    selects = tab.locator("select[name=column]")
    for place, column in enumerate(COLUMNS):
        selects.nth(place).select_option(column)
    fitting = (
        tab.locator("select[name=unit]")
        .nth(2)
        .locator("option")
        .evaluate_all("all => all.map((one) => one.value)")
    )
    assert {"kWh", "MWh"} <= set(fitting) and "CNY" not in fitting, "units follow the column that is chosen"
    tab.get_by_role("button", name=words["preview"], exact=True).click()
    tab.locator("#preview").wait_for()
    for width in (NARROW, WIDE):
        tab.set_viewport_size({"width": width, "height": 900})
        assert overflow(tab) <= 0, (language, width)


def sent(tab: Any, language: str, told: str) -> None:
    """Put a file that was previewed among the inputs."""
    assert told in tab.locator("main").inner_text()
    tab.get_by_role("button", name=WORDS[language]["take"], exact=True).click()
    tab.locator("a.button[href^='/runs']").wait_for()


def mended(source: Path, target: Path) -> None:
    """Correct a downloaded rejects file in place."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = [["300" if cell == "3O0" else cell for cell in row] for row in csv.reader(stream)]
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def test_from_the_file_to_the_figures_and_the_rejects_back(
    browser: Any, web_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(web_folder, folder, ignore=shutil.ignore_patterns("workbench"))
    watched = Watched(browser, WIDE)
    tab = watched.tab
    with served(folder, f"sqlite:///{tmp_path / 'upload.sqlite'}") as address:
        for language, (name, encoding, text) in FILES.items():
            (tmp_path / name).write_bytes(text.encode(encoding))
            bring(tab, address, language, tmp_path / name)
            mapped(tab, language)
            sent(tab, language, WORDS[language]["some"])
            with tab.expect_download() as download:
                tab.locator("a[href*='/data/upload/rejects']").click()
            back = tmp_path / download.value.suggested_filename
            assert back.name == "shore_power.corrected.csv"
            mended(Path(download.value.path()), back)
            bring(tab, address, language, back)
            assert name in tab.locator(".remembered").first.inner_text()
            tab.get_by_role("button", name=WORDS[language]["preview"], exact=True).click()
            sent(tab, language, WORDS[language]["all"])
        tab.locator("a.button[href^='/runs']").click()
        tab.locator("#job-start").click()
        tab.locator("#job[data-state=running]").wait_for()
        tab.locator("#job-step").filter(has_text=re.compile(r"\d+/\d+ · ")).wait_for(timeout=120_000)
        tab.locator("#job[data-state=done], #job[data-state=finished]").wait_for(timeout=300_000)
        for language in WORDS:
            tab.goto(f"{address}/data/table?name=shore_power_account&lang={language}")
            shown = tab.locator("main").inner_text()
            for words in WORDS.values():
                assert words["port"] in shown and words["mended"] in shown
            assert "500,000" in shown and "700,000" in shown and "3,000,000" in shown and "300,000" in shown
    watched.clean()
    watched.context.close()
