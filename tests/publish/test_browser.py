# ruff: noqa: E501  (scripts for the browser)
"""The report in a browser without any network: no error, both languages, charts, tabs, downloads, phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed (pip install 'lvshu[dev]')"
)

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


class Looked:
    """A page, what it asked of the network and what it complained of."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on(
            "console",
            lambda entry: self.complaints.append(entry.text) if entry.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: Path, fragment: str) -> sync_api.Page:
        self.page.goto(f"{path.as_uri()}#{fragment}")
        self.page.wait_for_function(
            "document.querySelectorAll('.plot').length === document.querySelectorAll('.plot[data-drawn]').length"
        )
        return self.page


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def looked(browser: sync_api.Browser) -> Iterator[Looked]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, offline=True, accept_downloads=True
    )
    context.route(
        "**/*",
        lambda route: (
            route.continue_() if route.request.url.startswith(("file:", "data:", "blob:")) else route.abort()
        ),
    )
    yield Looked(context.new_page())
    context.close()


def test_the_page_works_without_a_network_and_switches_language(looked: Looked, report_file: Path) -> None:
    page = looked.open(report_file, "en")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "The green book of Shanghai, 2023"
    assert page.locator("h1 >> text=Shanghai").is_visible()
    assert page.locator("#gap .plot svg").count() > 0
    page.click("#switch")
    page.wait_for_function("[...document.querySelectorAll('.plot')].every(p => p.dataset.drawn === 'zh')")
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.evaluate("location.hash") == "#zh"
    assert page.locator("h1").inner_text() == "上海市2023年绿色账册"
    assert "用作原料" in page.locator("#gap .plot").inner_text()
    assert looked.complaints == []
    assert [url for url in looked.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_chart_has_its_table_by_keyboard_and_by_address(looked: Looked, report_file: Path) -> None:
    page = looked.open(report_file, "zh")
    page.focus("#gap-tab-chart")
    page.keyboard.press("ArrowRight")
    assert page.locator("#gap-table table").is_visible()
    assert not page.locator("#gap-chart").is_visible()
    assert page.evaluate("location.hash") == "#zh/gap/table"
    page.goto("about:blank")
    page.goto(f"{report_file.as_uri()}#en/gap/table")
    page.wait_for_function("document.querySelector('#gap').dataset.shown === 'table'")
    assert page.locator("#gap-table table").is_visible()
    assert page.locator("#gap-table th >> text=Without bunkers").first.is_visible()


def test_a_table_is_downloaded_with_units_and_citation(looked: Looked, report_file: Path) -> None:
    page = looked.open(report_file, "zh")
    with page.expect_download() as waiting:
        page.click("#gap [data-download=csv]")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("差额行,不含国际燃料舱")
    assert lines[1] == ",万吨二氧化碳,万吨二氧化碳"
    assert "702" in lines[2]
    assert lines[-1].startswith("# 两种清单之差 · 上海市2023年绿色账册")
    with page.expect_download() as waiting:
        page.click("#gap [data-download=png]")
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
    assert looked.complaints == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_at_the_side(
    looked: Looked, report_file: Path, bare_report_file: Path, width: int
) -> None:
    looked.page.set_viewport_size({"width": width, "height": 900})
    for path in (report_file, bare_report_file):
        for language in ("zh", "en"):
            page = looked.open(path, language)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert looked.complaints == []


def test_names_for_those_who_cannot_see(looked: Looked, report_file: Path) -> None:
    page = looked.open(report_file, "en")
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, [role=img], [role=region], [role=tablist], nav')]"
        ".filter(n => !(n.getAttribute('aria-label') || n.innerText.trim())).map(n => n.outerHTML.slice(0, 80))"
    )
    assert unnamed == []
    low = page.evaluate(CONTRAST)
    assert low == [], "text with a contrast below 4.5"


CONTRAST = """() => {
  const light = (rgb) => { const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => { for (; node; node = node.parentElement) { const c = parse(getComputedStyle(node).backgroundColor);
    if (c.length < 4 || c[3] > 0.99) return c.slice(0, 3); } return [255, 255, 255]; };
  const bad = new Set();
  for (const node of document.querySelectorAll('main *:not(.plot *), footer *, header *, .banner')) {
    if (![...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || node.offsetParent === null) continue;
    const a = light(parse(getComputedStyle(node).color).slice(0, 3)), b = light(ground(node));
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) bad.add(node.tagName + '.' + node.className + ' ' + node.textContent.trim().slice(0, 30));
  }
  return [...bad];
}"""
