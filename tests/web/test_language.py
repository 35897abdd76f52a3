"""No Chinese on English pages and no English prose on Chinese ones, outside of data and citations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lvshu.publish.translated import translated
from tests.web.test_pages import PATHS, address

CHINESE = re.compile(r"[\u3400-\u9fff]")
PROSE = re.compile(r"[a-z][a-z’'-]+(?:[ ,;:(]+[a-z][a-z’'-]*){2,}")
"""Three words of small letters in a row: titles of cited works hardly have them, sentences do."""
MORE = (
    "/loop?layer=energy", "/loop?layer=co2", "/loop?layer=material", "/loop?layer=waste", "/sectors?view=targets",
    "/sectors?view=districts", "/sectors?view=peers", "/sectors?view=inventory",
    "/sectors?view=rest", "/finance?view=flows",
    "/finance?view=labels", "/finance?view=rest",
    *(f"/statistics?view={view}" for view in ("platform", "flexible", "months", "total_error", "definitions")),
    *(f"/finance/ledger?by={way}" for way in ("product", "industry", "group", "label", "quality", "status")),
    *(f"/reviews?queue={queue}" for queue in ("names", "links", "sample", "codes", "labels")),
)  # fmt: skip
NAMES = {
    "changed": {"key", "before", "after", "who", "back", "note"},  # records, files, people, commands
    "ledger": {"group", "finding"},  # institutions
    "decided": {"title"},
    "examples": {"key", "old", "new"},  # records
    "log": {"target"},
    "loans": {"borrower_name"},
    "inputs": {"file"},
    "quarantine": {"file"},
    "queue": {"name", "right", "words", "best", "label"},  # records, and classes without an English name
    "published": {"source"},
    "circularity_targets": {"source"},
    "packs": {"document", "source", "note"},
    "findings": {"place", "what", "why", "fix"},  # they quote headings of the files
}
"""Columns of panels that hold what users, records or documents call themselves, by panel."""
CITED = {"source", "document", "basis", "factor_source"}
"""Columns of citations: works stand under their own titles."""
RAW = re.compile(r"^rows(-|$)")
"""Panels of rows as they were read: what stands in them is data."""
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "progress", "source", "col", "wbr"})


class Words(HTMLParser):
    """The words of a page outside of its tables, its code and what is marked as data."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Go into an element."""
        given = dict(attrs)
        hidden = tag in ("script", "style", "pre", "code", "tbody", "option", "q") or given.get("id") in (
            "language", "review-name",
        ) or "brand-link" in (given.get("class") or "")  # fmt: skip
        hidden = hidden or bool(self.open and self.open[-1][1])
        if not hidden:
            self.found += [
                given[name] or "" for name in ("aria-label", "title", "placeholder") if given.get(name)
            ]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        """Go out of an element."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Keep words that can be seen."""
        if data.strip() and not (self.open and self.open[-1][1]):
            self.found.append(data.strip())


def words_of(html: str) -> list[str]:
    parser = Words()
    parser.feed(html)
    return parser.found


def texts(panel: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the texts of a panel with the column that they stand in."""
    for name in ("title", "finding", "note", "empty"):
        if isinstance(panel.get(name), dict):
            yield name, panel[name]
    table = panel["table"] or {"columns": [], "rows": []}
    for column in table["columns"]:
        yield "columns", column["label"]
    for row in table["rows"]:
        for key, cell in row.items():
            if isinstance(cell, dict) and "zh" in cell:
                yield key, cell
            elif isinstance(cell, str):
                yield key, {"zh": "", "en": cell}


def wrong(panel: dict[str, Any]) -> list[str]:
    """Return what stands in a panel in the other language."""
    found = []
    data = NAMES.get(panel["id"], set()) | CITED
    for key, text in texts(panel):
        if CHINESE.search(text["en"]) and not (key in data or RAW.match(panel["id"])):
            found.append(f"{panel['id']}.{key}: {text['en'][:90]}")
        is_prose = PROSE.search(text["zh"]) and not CHINESE.search(text["zh"])
        if is_prose and not (text["zh"] == text["en"] and (key in CITED or RAW.match(panel["id"]))):
            found.append(f"{panel['id']}.{key}: {text['zh'][:90]}")
    return found


@pytest.mark.parametrize("path", [address(path) for path in PATHS] + list(MORE))
def test_panels_stand_in_both_languages(client: TestClient, path: str) -> None:
    base, _, query = path.partition("?")
    content = client.get(f"{'/home' if base == '/' else base}.json?{query}").json()
    assert [one for panel in content["panels"] for one in wrong(panel)] == []


def test_explanations_of_headlines_stand_in_both_languages(client: TestClient) -> None:
    found: dict[str, list[str]] = {}
    for one in client.get("/home.json").json()["facts"]["headlines"][::7]:
        content = client.get(f"/explain.json?target={one['code']}").json()
        told = [line for panel in content["panels"] for line in wrong(panel)]
        if told:
            found[one["code"]] = told[:3]
    assert not found


@pytest.mark.parametrize("path", PATHS)
def test_the_page_around_its_tables_is_in_one_language(client: TestClient, path: str) -> None:
    english = words_of(client.get(address(path, lang="en")).text)
    allowed = (
        "样" if path in ("/finance/ledger", "/reviews") else "!"
    )  # every name of the sample has this sign
    assert [one for one in english if CHINESE.search(one) and allowed not in one] == []
    chinese = words_of(client.get(address(path, lang="zh")).text)
    assert [one for one in chinese if PROSE.search(one) and not CHINESE.search(one)] == []


def test_a_text_that_is_stated_twice_is_told_once() -> None:
    assert translated("现行 / in force") == translated("现行 / in force")
    told = translated("样本市合成数据 / synthetic")
    assert (told.zh, told.en) == ("样本市合成数据", "synthetic")
    told = translated("国家发展改革委、国家统计局、国家能源局")
    assert told.en == "NDRC, National Bureau of Statistics, National Energy Administration"
    assert translated("and / or") == translated("and / or")
    assert (translated("某局").zh, translated("某局").en) == ("某局", "某局")
    assert translated("Intergovernmental Panel on Climate Change").zh == "政府间气候变化专门委员会"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/finance/ledger?by=label&method=none", 400),
        ("/sectors?view=nowhere&panel=x", 422),
        ("/explain?target=no-such&fragment=false", 404),
    ],
)
def test_the_other_language_of_an_error_keeps_the_address(
    client: TestClient, address: str, status: int
) -> None:
    page = client.get(f"{address}&lang=en")
    assert page.status_code == status
    target = html.unescape(re.search(r'id="language" href="([^"]+)"', page.text)[1])  # type: ignore[index]
    path, _, query = address.partition("?")
    assert target.startswith(f"{path}?lang=zh&") and target.endswith(query)
    assert client.get(target).status_code == status


def test_the_other_language_of_a_refused_form_is_the_page_it_stood_on(client: TestClient) -> None:
    sent = client.post(
        "/runs/start",
        data={"csrf": "wrong"},
        headers={"referer": "http://127.0.0.1:8765/runs?lang=en&page=2"},
    )
    assert sent.status_code == 403
    target = html.unescape(re.search(r'id="language" href="([^"]+)"', sent.text)[1])  # type: ignore[index]
    assert target == "/runs?lang=zh&page=2"
