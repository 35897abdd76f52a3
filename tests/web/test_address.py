"""What an address holds that its page does not take: told on the page, refused by twins; our own links hold none."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient

from lvshu.web.not_understood import unknown_names
from lvshu.web.pages import PAGES


@pytest.mark.parametrize(
    ("path", "twin"), [("/", "/home"), ("/sectors", "/sectors"), ("/data", "/data"), ("/what-if", "/what-if")]
)
def test_an_unknown_part_of_an_address_is_told(client: TestClient, path: str, twin: str) -> None:
    page = client.get(f"{path}?year=abc&sort=x&lang=en")
    assert page.status_code == 200
    assert "does not know “year”, “sort” in its address and does not use them" in page.text
    assert "本页不认识，没有使用" in client.get(f"{path}?year=abc&lang=zh").text
    assert "does not know" not in client.get(f"{path}?lang=en").text
    for form in ("json", "csv", "xlsx"):
        answer = client.get(f"{twin}.{form}?year=abc&sort=x")
        assert answer.status_code == 422
        assert [one["values"]["name"] for one in answer.json()["errors"]] == ["year", "sort"]
        assert "there is no such part; there are lang" in answer.json()["errors"][0]["en"]["what"]
        assert "没有这一项" in answer.json()["errors"][0]["zh"]["what"]


def test_a_name_is_shown_as_text_and_cut(client: TestClient) -> None:
    page = client.get("/sectors", params={"<b>x</b>": "1", "y" * 500: "2", "lang": "en"}).text
    assert "&lt;b&gt;x&lt;/b&gt;" in page and "<b>x</b>" not in page
    assert "y" * 60 in page and "y" * 61 not in page.partition("<main")[2].partition("</main>")[0]


def test_several_values_of_one_part_are_told(client: TestClient) -> None:
    page = client.get("/sectors?view=targets&view=peers&lang=en").text
    assert "“view” stands in the address with several values; the last one is used" in page
    assert client.get("/sectors.json?view=targets&view=peers").status_code == 422
    assert client.get("/sectors.json?view=peers&view=peers").status_code == 200


def test_a_wrong_value_is_refused_with_what_there_is(client: TestClient) -> None:
    page = client.get("/sectors?view=zzz&lang=en")
    assert page.status_code == 422
    assert "“view” in the address is wrong" in page.text and "districts" in page.text


def test_no_page_links_to_what_another_does_not_take(client: TestClient) -> None:
    known = {page.path: page for page in PAGES}
    bases = {("/home" if page.path == "/" else page.path): page for page in PAGES}
    checked = 0
    for page in PAGES:
        if any(field.is_required() for field in page.query.model_fields.values()):
            continue
        text = client.get(f"{page.path}?lang=en").text
        for address in set(re.findall(r'href="(/[^"]*)"', text)):
            parts = urlsplit(html.unescape(address))
            base = re.sub(r"\.(json|csv|xlsx)$", "", parts.path)
            there = known.get(parts.path) or bases.get(base)
            if there is None:
                continue
            checked += 1
            assert unknown_names(parse_qsl(parts.query), there.query) == [], (page.path, address)
    assert checked > 200
