"""The page on statistics: its tabs, what their twins hold, and links from before there were tabs."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from lvshu.web.pages.ahead import _nowcast
from lvshu.web.pages.wings import STATISTICS_VIEWS, view_of_statistics


def ids(client: TestClient, query: str) -> list[str]:
    return [panel["id"] for panel in client.get(f"/statistics.json?{query}").json()["panels"]]


@pytest.mark.parametrize("view", STATISTICS_VIEWS)
def test_each_tab_has_its_panels_and_twins_and_keeps_its_place(client: TestClient, view: str) -> None:
    found = client.get(f"/statistics.json?view={view}").json()
    assert found["facts"] == {"view": view}
    names = [panel["id"] for panel in found["panels"]]
    assert names and all(name.startswith(STATISTICS_VIEWS[view]) for name in names)
    for language in ("zh", "en"):
        page = client.get(f"/statistics?view={view}&lang={language}")
        assert page.status_code == 200
        assert re.findall(r'<article class="panel[^"]*" id="([^"]+)"', page.text) == names
        target = html.unescape(re.search(r'id="language" href="([^"]+)"', page.text)[1])  # type: ignore[index]
        assert f"view={view}" in target or view == "digital"
        told = client.get(f"/statistics.csv?view={view}&lang={language}").content.decode("utf-8-sig")
        for panel in found["panels"]:
            assert f"# {panel['title'][language]}" in told or not panel["table"]


def test_every_panel_has_a_tab_of_its_own_choice(client: TestClient) -> None:
    every = [name for view in STATISTICS_VIEWS for name in ids(client, f"view={view}")]
    assert len(every) == len(set(every)) > 12
    for name in every:
        assert name.startswith(STATISTICS_VIEWS[view_of_statistics(name)])


def test_links_from_before_the_tabs_lead_to_their_panel(client: TestClient) -> None:
    name = next(one for one in ids(client, "view=months") if one.startswith("seasonal"))
    assert ids(client, f"panel={name}") == [name]
    assert name in client.get(f"/statistics.csv?panel={name}").headers["content-disposition"]
    page = client.get(f"/statistics?panel={name}&lang=en").text
    assert re.findall(r'<article class="panel[^"]*" id="([^"]+)"', page) == [name]
    assert "See the whole page" in page
    whole = client.get("/statistics?lang=en").text
    assert f'"{name}":"/statistics?lang=en\\u0026view=months"' in whole, "an anchor cannot be followed"


@pytest.mark.parametrize("path", ["/", "/finance", "/runs", "/reviews", "/loop", "/what-if"])
def test_a_page_shows_the_panel_that_is_asked_for_alone(client: TestClient, path: str) -> None:
    base = "/home" if path == "/" else path
    name = client.get(f"{base}.json").json()["panels"][0]["id"]
    for language in ("zh", "en"):
        page = client.get(f"{path}?panel={name}&lang={language}")
        assert page.status_code == 200
        assert re.findall(r'<article class="panel[^"]*" id="([^"]+)"', page.text) == [name]
        assert ("See the whole page", "看整页")[language == "zh"] in page.text
    unknown = client.get(f"{path}?panel=no-such&lang=en")
    assert unknown.status_code == 400 and "no-such" in unknown.text


@pytest.mark.parametrize(
    ("model", "said", "published"),
    [("factor", "all figures", "1.17"), ("autoregression", "own past", "1.11")],
)
def test_a_nowcast_tells_the_model_that_was_published_and_its_error(
    model: str, said: str, published: str
) -> None:
    last = {
        "indicator_code": "x", "month": "2024-01", "state": "nowcast", "growth": 0.5, "unit": "person", "model": model,
        "error_basis": "backtest", "tested_months": 24, "rmse": 1.17, "benchmark_rmse": 1.11, "previous_growth": None,
    }  # fmt: skip
    quantiles = [
        {"indicator_code": "x", "month": "2024-01", "quantile": level, "value": Decimal(100)}
        for level in (2.5, 50, 97.5)
    ]
    history = [{"indicator_code": "x", "month": "2023-12", "adjusted": Decimal(99)}]
    panel = _nowcast("x", [last], quantiles, history)
    assert said in panel.finding.en
    assert (
        panel.note.en.index(f"{published} %") < 60
    )  # the error that is named first is that of what is published
