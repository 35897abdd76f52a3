"""Every page in a browser, in both languages, wide and narrow, with every outside request refused; and by keyboard."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.pages import PAGES
from tests.web import screenshots
from tests.web.test_pages import EXAMPLES

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="the extra `web` is not installed")

AXE = ("LVSHU_AXE", "node_modules/axe-core/axe.min.js")
WIDE, NARROW = 1280, 390
WAIT = 20_000


@contextmanager
def served(folder: Path, url: str) -> Iterator[str]:
    """Give the address of a server on a free port of this machine, until it is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(WebOptions(folder, port=port, database=url))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def address(web_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of the workspace with two runs."""
    with served(web_folder, f"sqlite:///{tmp_path_factory.mktemp('state') / 'browser.sqlite'}") as place:
        yield place


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Return a Chromium."""
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


class Watched:
    """A tab that refuses what is not of this machine, and remembers all that went wrong."""

    def __init__(self, browser: Any, width: int) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
        self.context.set_default_timeout(WAIT)
        self.tab = self.context.new_page()
        self.refused: list[str] = []
        self.faults: list[str] = []
        self.tab.route("**/*", self._route)
        self.tab.on(
            "console", lambda one: self.faults.append(one.text) if one.type in ("error", "warning") else None
        )
        self.tab.on("pageerror", lambda one: self.faults.append(str(one)))

    def _route(self, route: Any) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.refused.append(route.request.url)
            route.abort()

    def clean(self) -> None:
        """Make sure that nothing went wrong and nothing was asked of another machine."""
        assert self.refused == []
        assert self.faults == []


@pytest.fixture
def wide(browser: Any) -> Iterator[Watched]:
    """Return a tab of a desk's width."""
    watched = Watched(browser, WIDE)
    yield watched
    watched.context.close()


def pages(language: str) -> list[str]:
    return [f"{page.path}?{EXAMPLES.get(page.path, '')}&lang={language}" for page in PAGES]


def places(language: str) -> list[str]:
    found = pages(language)
    found += [f"/loop?layer={layer}&lang={language}" for layer in ("energy", "co2", "material", "waste")]
    found += [
        f"/sectors?view={view}&lang={language}" for view in ("targets", "districts", "inventory", "rest")
    ]
    found += [
        f"/statistics?view={view}&lang={language}"
        for view in ("platform", "flexible", "months", "total_error", "definitions")
    ]
    return found + [f"/finance?view={view}&lang={language}" for view in ("flows", "labels", "rest")]


def overflow(tab: Any) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def violations(tab: Any, place: str) -> list[str]:
    """Return what axe finds wrong with a page; nothing where axe-core is not here."""
    source = axe_source()
    if not source:
        return []
    tab.evaluate(source)
    found = tab.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'], resultTypes: ['violations']})"
        ".then((r) => r.violations)"
    )
    return [f"{place}: {one['id']} {one['nodes'][0]['html'][:160]}" for one in found]


def test_every_page_stands_wide_and_narrow_and_is_accessible_in_chinese(address: str, wide: Watched) -> None:
    pictures: dict[str, bytes] = {}
    found: list[str] = []
    for place in places("zh"):
        wide.tab.set_viewport_size({"width": WIDE, "height": 900})
        wide.tab.goto(address + place)
        if place in pages("zh"):
            pictures[f"zh{name_of(place)}"] = screenshots.taken(wide.tab)
            found += violations(wide.tab, place)
        assert wide.tab.locator("h1").inner_text().strip(), place
        for width in (WIDE, NARROW):
            wide.tab.set_viewport_size({"width": width, "height": 900})
            assert overflow(wide.tab) <= 0, (place, width)
    assert not found, "\n".join(found)
    wide.clean()
    _compare(pictures)


def test_pages_are_accessible_and_stand_in_english(address: str, wide: Watched) -> None:
    found: list[str] = []
    pictures: dict[str, bytes] = {}
    for place in pages("en"):
        wide.tab.goto(address + place)
        pictures[f"en{name_of(place)}"] = screenshots.taken(wide.tab)
        assert overflow(wide.tab) <= 0, place
        assert wide.tab.locator("h1").inner_text().strip(), place
        found += violations(wide.tab, place)
    assert not found, "\n".join(found)
    wide.clean()
    _compare(pictures)
    if not axe_source():
        pytest.skip(
            "axe-core is not here: npm install --no-save axe-core (or set LVSHU_AXE to its axe.min.js)"
        )


def name_of(place: str) -> str:
    return place.partition("?")[0].replace("/", "-").rstrip("-") or "-home"


def _compare(pictures: dict[str, bytes]) -> None:
    """Compare with the pictures that are kept; LVSHU_BASELINES=write keeps these instead (look at them first)."""
    if os.environ.get("LVSHU_BASELINES") == "write":
        screenshots.FOLDER.mkdir(exist_ok=True)
        for name, picture in pictures.items():
            (screenshots.FOLDER / f"{name}.png").write_bytes(picture)
    others = {}
    for name, picture in pictures.items():
        kept = screenshots.grey((screenshots.FOLDER / f"{name}.png").read_bytes())
        share = screenshots.other_spots(kept, screenshots.grey(picture))
        if share > screenshots.MOST:
            others[name] = f"{share:.0%}"
    assert not others, (
        f"pages look otherwise than in tests/web/baselines (LVSHU_BASELINES=write keeps them): {others}"
    )


def test_a_page_without_its_style_would_be_noticed(address: str, wide: Watched) -> None:
    kept = screenshots.grey((screenshots.FOLDER / "en-home.png").read_bytes())
    wide.tab.route("**/assets/*.css*", lambda route: route.abort())
    wide.tab.goto(address + "/?lang=en")
    assert screenshots.other_spots(kept, screenshots.grey(screenshots.taken(wide.tab))) > screenshots.MOST


def test_a_chart_is_drawn_and_its_table_is_one_key_away(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/finance?lang=en")
    panel = tab.locator("#methods")
    panel.locator("svg.main-svg").first.wait_for()
    for form, head in (("svg", b"<svg"), ("png", b"\x89PNG")):
        with tab.expect_download() as download:
            panel.locator(f"[data-download={form}]").click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(head)
        for text in (b"The green book", b"The same loans", b"Bars are 95%", b"Synthetic data"):
            assert form == "png" or text in content, (
                f"the picture lacks {text!r}: source, finding, note, watermark"
            )
    assert tab.locator("abbr.term").first.get_attribute("title"), (
        "a term of the glossary tells nothing on hover"
    )
    tab.locator("#methods-tab-chart").focus()
    tab.keyboard.press("ArrowRight")
    assert panel.locator("table").is_visible()
    assert not panel.locator(".plot").is_visible()
    assert tab.url.endswith("#methods/table")
    tab.reload()
    panel.locator("table").wait_for()
    assert panel.locator("table").is_visible()
    tab.locator("#language").click()
    tab.wait_for_url(re.compile("lang=zh"))
    assert tab.url.endswith("#methods/table")
    wide.clean()


def test_on_paper_charts_have_its_width_and_closed_parts_are_open(address: str, wide: Watched) -> None:
    tab = wide.tab
    for path in ("/sectors", "/"):
        tab.goto(f"{address}{path}?lang=en")
        tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        widths = tab.evaluate("[...document.querySelectorAll('.plot .main-svg')].map(one => one.clientWidth)")
        assert all(width <= 670 for width in widths), widths
        assert bool(widths) == (path == "/sectors")
        closed = "document.querySelectorAll('details:not([open])').length"
        assert tab.evaluate(closed) == 0
        tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert (tab.evaluate(closed) > 0) == (path == "/")
    wide.clean()


LINES_OF_FIGURES = """() => [...document.querySelectorAll("td.whole")].map((one) => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
})"""


def test_on_paper_no_table_of_changes_or_kept_out_rows_is_cut_off(address: str, wide: Watched) -> None:
    for place in ("/data/corrections?lang=en", "/data/quarantine?lang=zh"):
        wide.tab.goto(address + place)
        wide.tab.set_viewport_size({"width": 1000, "height": 900})
        wide.tab.emulate_media(media="print")
        opened = "for (const one of document.querySelectorAll('details')) one.open = true"
        wide.tab.evaluate(opened)  # as before a page is printed
        found = overflow(wide.tab)
        lines = wide.tab.evaluate(LINES_OF_FIGURES)
        assert lines and max(lines) == 1, (place, "a figure goes over lines")
        wide.tab.emulate_media(media="screen")
        wide.tab.set_viewport_size({"width": WIDE, "height": 900})
        assert found <= 0, (place, found)
    wide.clean()


def test_a_term_tells_its_meaning_by_keyboard_too(address: str, wide: Watched) -> None:
    wide.tab.goto(f"{address}/?lang=en")
    term = wide.tab.locator("abbr.term").first
    shown = "getComputedStyle(document.querySelector('abbr.term'), '::after').content"
    assert wide.tab.evaluate(shown) == "none"
    term.focus()
    assert term.get_attribute("title") in wide.tab.evaluate(shown)
    wide.tab.keyboard.press("Escape")
    assert wide.tab.evaluate(shown) == "none"
    wide.clean()


def test_on_a_phone_the_answer_stays_in_sight_while_levers_are_moved(address: str, wide: Watched) -> None:
    wide.tab.set_viewport_size({"width": NARROW, "height": 800})
    wide.tab.goto(f"{address}/what-if?recovery=30&lang=en")
    bar = wide.tab.locator(".answer-bar")
    place = bar.bounding_box()
    assert (
        place is not None
        and place["y"] + place["height"] <= 801
        and "Avoided by recovery" in bar.inner_text()
    )
    wide.tab.locator("#answers").scroll_into_view_if_needed()
    wide.tab.set_viewport_size({"width": WIDE, "height": 900})
    assert not bar.is_visible()
    wide.clean()


def test_on_a_phone_the_parts_of_a_number_are_closed_under_their_names(address: str, wide: Watched) -> None:
    place = f"{address}/explain/number?at=/finance&table=methods&row=0&column=emission"
    height = "document.documentElement.scrollHeight"
    for language in ("zh", "en"):
        wide.tab.set_viewport_size({"width": WIDE, "height": 900})
        wide.tab.goto(f"{place}&lang={language}")
        parts = wide.tab.locator("details[data-fold]")
        assert parts.count() > 3
        assert wide.tab.locator("details[data-fold] > summary:visible").count() == 0
        assert wide.tab.locator("details[data-fold]:not([open])").count() == 0
        wide.tab.set_viewport_size({"width": NARROW, "height": 900})
        wide.tab.wait_for_selector("details[data-fold]:not([open])", state="attached")
        assert wide.tab.locator("details[data-fold][open]").count() == 0
        assert wide.tab.evaluate(height) < 4 * 900, "at most four windows"
        first = parts.first
        first.locator("summary").click()
        assert first.locator("dl").is_visible() and first.locator("summary").inner_text().strip()
        wide.tab.set_viewport_size({"width": WIDE, "height": 900})
        wide.tab.wait_for_selector("details[data-fold]:not([open])", state="detached")
    wide.clean()


LABELS = """() => {
  const plot = document.querySelector('[data-panel="loop"] .plot'), frame = plot.getBoundingClientRect();
  const names = [...plot.querySelectorAll(".node-label")].map((one) => [one.textContent, one.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const wrong = names.filter(([, box]) => box.left < frame.left || box.right > frame.right).map(([name]) => [name]);
  names.forEach(([name, box], place) => {
    for (const [other, its] of names.slice(place + 1)) if (meet(box, its)) wrong.push([name, other]);
  });
  const widest = Math.max(...names.map(([, box]) => box.width));
  return { count: names.length, widest, wrong };
}"""


def test_on_a_phone_the_names_of_the_loop_are_clear_of_one_another(address: str, wide: Watched) -> None:
    wide.tab.set_viewport_size({"width": NARROW, "height": 900})
    for language in ("zh", "en"):
        for layer in ("money", "material", "waste"):
            wide.tab.goto(f"{address}/loop?layer={layer}&lang={language}")
            wide.tab.wait_for_selector("#loop .node-label")
            found = wide.tab.evaluate(LABELS)
            assert found["count"] > 5 and found["wrong"] == [], (language, layer, found)
            assert found["widest"] < 80, "a name reaches over the next part"


def test_the_loop_on_paper_has_its_flows_and_leads_further_afterwards(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/loop?lang=en")
    tab.locator("#loop .sankey-link").first.wait_for()
    tab.wait_for_timeout(1500)  # until the flows have faded in
    faint = (
        "window.dispatchEvent(new Event('beforeprint'));"
        "[...document.querySelectorAll('.sankey-link')].map((one) => +getComputedStyle(one).opacity)"
    )
    opacity = tab.evaluate(faint)
    assert opacity and min(opacity) == 1
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    tab.locator("#loop .sankey-link").first.wait_for()
    listening = (
        "Object.keys(document.querySelector('#loop .plot')._ev._events || {}).includes('plotly_click')"
    )
    assert tab.evaluate(listening)
    wide.clean()


def test_a_number_says_where_it_comes_from(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/?lang=en")
    tab.locator("#headline-co2_production_based .figure a").click()
    dialog = tab.locator("#explanation")
    dialog.get_by_text("Footprints and production- and consumption-based accounts").first.wait_for()
    assert dialog.get_by_text("SELECT sum").first.is_visible()
    tab.keyboard.press("Escape")
    tab.goto(f"{address}/sectors?lang=en#sectors/table")
    tab.locator("#sectors td.number").first.click()
    dialog.get_by_role("heading", name="Input files and their digests").wait_for()
    wide.clean()


def test_levers_answer_at_once_and_stand_in_the_address(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/what-if?lang=en")
    before = tab.locator("#answers").inner_text()
    lever = tab.locator("input[name=power]")
    lever.focus()
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    tab.locator("#took").filter(has_text="ms").wait_for()
    assert tab.locator("#answers").inner_text() != before
    assert "power=5" in tab.url
    cited = "the citation and the foot of pictures name the scenario"
    assert "what-if?power=5" in tab.locator("#citation").inner_text(), cited
    tab.locator("#by_sector svg.main-svg").first.wait_for()
    shown = tab.locator("#answers").inner_text()
    tab.goto(tab.url)
    assert tab.locator("#answers").inner_text() == shown, "the link does not restore the scenario"
    tab.locator("#by_sector-tab-table").click()
    lever.focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url("**power=6**")
    assert tab.url.endswith("#by_sector/table"), "a lever drops what is shown"
    assert (tab.locator("#language").get_attribute("href") or "").endswith("#by_sector/table")
    tab.locator("#reset").click()
    tab.get_by_text("All levers are in place").wait_for()
    assert "power" not in tab.url
    assert "what-if" not in tab.locator("#citation").inner_text(), cited
    assert tab.locator("#answers").inner_text() == before
    for name in ("#reset", "#copy-link"):
        place = tab.locator(name).bounding_box()
        assert place and place["y"] + place["height"] < 900
    wide.clean()


def test_an_anchor_of_another_tab_leads_to_it(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/statistics?view=months&lang=en")
    name = tab.locator("article[data-panel^=seasonal]").first.get_attribute("id")
    tab.goto(f"{address}/statistics?lang=en#{name}/table")
    tab.wait_for_url("**view=months**")
    assert tab.locator(f"#{name} table").is_visible()
    wide.clean()


def test_the_loop_leads_further_by_a_click(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.goto(f"{address}/loop?layer=material&lang=en")
    tab.locator("#loop .sankey-node").first.wait_for()
    tab.locator("#loop .sankey-node").filter(has_text="Circulation").locator("rect").first.click()
    tab.wait_for_url("**node=circulation**")
    assert "layer=material" in tab.url
    wide.clean()


@pytest.mark.parametrize("queue", ["names", "links", "codes", "labels"])
def test_cases_are_reviewed_by_keyboard(address: str, wide: Watched, queue: str) -> None:
    tab = wide.tab
    tab.goto(f"{address}/reviews?queue={queue}&lang=en")
    if not tab.locator("#review").count():
        pytest.skip(f"no case of the queue {queue} waits in the sample at this scale")
    subject = tab.locator("#review input[name=subject]").input_value()
    with tab.expect_navigation():
        tab.keyboard.press("s")
    skipped = tab.locator("#queue").get_by_text("skipped")
    assert skipped.count() == 1
    assert f"queue={queue}" in tab.url
    left = tab.locator("#review input[name=subject]").input_value()
    assert left != subject or tab.locator("#queue tbody tr").count() == 1
    if tab.locator("#other-chosen").count():
        tab.keyboard.press("c")
        assert tab.evaluate("document.activeElement.id") == "other-chosen"
        tab.keyboard.press("Tab")
    with tab.expect_navigation():
        tab.keyboard.press("u")
    assert skipped.count() == 0, "u takes the last decision back"
    assert tab.locator("#review input[name=subject]").input_value() == subject
    wide.clean()


def test_on_a_phone_cases_and_queues_fit_the_window(address: str, wide: Watched) -> None:
    tab = wide.tab
    tab.set_viewport_size({"width": NARROW, "height": 900})
    edges = (
        "(query) => Math.max(...[...document.querySelectorAll(query)].map("
        "(one) => one.getBoundingClientRect().right))"
    )
    for queue in ("links", "codes", "labels"):
        tab.goto(f"{address}/reviews?queue={queue}&lang=zh")
        for parts in (".beside td", "#queue td", "main button.candidate", ".choices input"):
            if tab.locator(parts).count():
                assert tab.evaluate(edges, parts) <= NARROW, (queue, parts)
        assert tab.locator(".chapters a").last.is_visible()
        assert tab.evaluate(edges, ".chapters a") <= NARROW
    wide.clean()


def test_hostile_names_are_shown_as_text(address: str, wide: Watched) -> None:
    tab = wide.tab
    hostile = "%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D'hit'%22%3E"
    for place in (
        f"/explain?target={hostile}",
        f"/data/table?name=loan&column=loan_id&value={hostile}",
        f"/finance/loans?value={hostile}",
        f"/reviews?subject={hostile}",
        f"/{hostile}",
    ):
        tab.goto(f"{address}{place}&lang=en" if "?" in place else address + place)
        assert tab.locator("img").count() == 0, place
        assert tab.title() != "hit"


def axe_source() -> str:
    """Return the script of axe-core; empty where it is not here."""
    named = os.environ.get(AXE[0])
    place = Path(named) if named else Path(__file__).resolve().parents[2] / AXE[1]
    return place.read_text(encoding="utf-8") if place.is_file() else ""
