"""Every page in both languages, with its twins: the same figures as the book, and no word left untranslated."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from lvshu.contract import load
from lvshu.core.city_time import city_moment
from lvshu.pipeline.explain import Records, described
from lvshu.publish.display import Absence
from lvshu.publish.headlines import headline_lines
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.texts import same, unit_label
from lvshu.store.workspace import Workspace
from lvshu.web.pages import PAGES, home
from lvshu.web.pages.explain import records_panel
from lvshu.web.pages.home import _moved
from lvshu.web.twins import page_csv
from lvshu.web.view import PageView
from lvshu.web.words import own_words

EXAMPLES = {
    "/explain": "target=gdp",
    "/explain/number": "at=/sectors&table=sectors&row=0&column=output",
    "/data/table": "name=sector_account",
}
PATHS = [page.path for page in PAGES]


def address(path: str, form: str = "", **more: str) -> str:
    base = "/home" if path == "/" and form else path
    query = "&".join([EXAMPLES.get(path, ""), *(f"{name}={value}" for name, value in more.items())]).strip(
        "&"
    )
    return f"{base}{'.' + form if form else ''}?{query}"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there_in_both_languages(client: TestClient, path: str, language: str) -> None:
    answer = client.get(address(path, lang=language))
    assert answer.status_code == 200, answer.text[:2000]
    assert answer.headers["content-language"] == language
    tag = "zh-Hans" if language == "zh" else "en"
    assert f'<html lang="{tag}"' in answer.text
    title = re.search(r"<h1>(.+?)</h1>", answer.text)
    assert title is not None
    assert bool(re.search("[一-鿿]", title[1])) == (language == "zh") or path in (
        "/explain",
        "/explain/number",
        "/data/table",
    )
    other = "en" if language == "zh" else "zh"
    assert f"lang={other}" in re.search(r'id="language" href="([^"]+)"', answer.text)[1]  # type: ignore[index]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_its_twins(client: TestClient, path: str) -> None:
    as_json = client.get(address(path, "json")).json()
    assert as_json["ok"] is True
    assert as_json["title"]["zh"]
    assert as_json["title"]["en"]
    text = client.get(address(path, "csv", lang="en")).content.decode("utf-8-sig")
    assert text.rstrip().splitlines()[-1].startswith("#")
    workbook = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get(address(path, "xlsx", lang="en")).content)
    )
    assert workbook.sheet_names[-1] == "Origin"
    tables = [panel for panel in as_json["panels"] if panel["table"]]
    assert len(workbook.sheet_names) == len(tables) + 1


def test_the_headlines_are_those_of_the_book(client: TestClient, web_folder: Path) -> None:
    found = {one["code"]: one for one in client.get("/home.json").json()["facts"]["headlines"]}
    with Workspace.open(web_folder).book() as book:
        rows = book.rows("headline")
    assert len(found) == len(rows) > 40
    for row in rows:
        told = found[row["code"]]["value"]
        assert (told is None) == (row["value"] is None)
        assert told is None or Decimal(told) == row["value"]


def test_a_table_downloads_with_units_and_exact_figures(client: TestClient, web_folder: Path) -> None:
    text = client.get("/sectors.csv?lang=en&panel=sectors").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    panel = next(one for one in client.get("/sectors.json").json()["panels"] if one["id"] == "sectors")
    labels = [column["label"]["en"] for column in panel["table"]["columns"]]
    assert rows[0] == [f"# {panel['title']['en']}"]
    assert rows[1] == labels
    assert any(rows[2]), "no row of units"
    told = [row for row in rows if row and row[0].startswith("# ")]
    assert len(rows) - len(told) == 2 + len(panel["table"]["rows"])
    last = text.rstrip().splitlines()[-1]
    assert last.startswith("# Sector accounts (sector_account)") and " · The green book" in last, last


def test_csv_says_which_tables_it_is_drawn_from_and_where_the_rest_is_told(client: TestClient) -> None:
    answer = client.get("/statistics.csv?view=flexible&lang=zh")
    text = answer.content.decode("utf-8-sig")
    for panel in client.get("/statistics.json?view=flexible").json()["panels"]:
        for table in panel["table"]["source"] if panel["table"] else ():
            assert f"({table})" in text
    link = answer.headers["link"]
    assert link.startswith("</statistics.json?") and 'rel="describedby"' in link
    twin = client.get(link[1 : link.index(">")]).json()
    assert twin["facts"] == {"view": "flexible"} and twin["run"]


def test_a_figure_is_explained_down_to_its_records(client: TestClient) -> None:
    found = client.get("/explain.json?target=co2_production_based").json()
    ids = [panel["id"] for panel in found["panels"]]
    assert {"uncertainty_parts", "tables", "packs", "inputs"} <= set(ids)
    assert found["facts"]["definition"]["query"].startswith("SELECT sum")
    assert any(name.startswith("rows-") for name in ids)
    page = client.get("/explain?target=co2_production_based&lang=en&fragment=true").text
    assert "<html" not in page
    assert "accounts.footprint" in page


def test_the_explanation_tells_the_figure_as_the_card_does_and_in_full(
    client: TestClient, web_folder: Path
) -> None:
    with Workspace.open(web_folder).book() as book:
        rows = [row for row in book.rows("headline") if row["value"] is not None][::9]
        lines = {
            language: {one.code: one.value_text for one in headline_lines(book, language)}
            for language in ("zh", "en")
        }
    assert len(rows) > 4
    for row in rows:
        number = f"{row['value']:,f}"
        number = number.rstrip("0").rstrip(".") if "." in number else number
        for language, shown in lines.items():
            page = client.get(f"/explain?target={row['code']}&lang={language}&fragment=true").text
            told = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", page))
            rounded, full = (("卡片上所示", "全值"), ("As the card shows it", "In full"))[language == "en"]
            assert told[rounded].startswith(shown[row["code"]]), row["code"]
            assert told[full].startswith(number), row["code"]
            assert unit_label(row["unit"]).of(language) in told[full], row["code"]


def test_twins_hold_values_and_times_are_the_citys(client: TestClient) -> None:
    for path, words in (("/finance/ledger", "look at the loans"), ("/runs", "with the one before")):
        assert words in client.get(f"{path}?lang=en").text
        assert words not in client.get(f"{path}.csv?lang=en").content.decode("utf-8-sig")
        assert words not in json.dumps(client.get(f"{path}.json").json()["panels"])
    rows = client.get("/runs.json").json()["panels"][0]["table"]["rows"]
    for row in rows:
        assert row["started"] == city_moment(f"{row['run'][:15]}Z")
        assert row["started"].endswith(" +08:00")
    assert rows[0]["started"] in client.get("/runs?lang=zh").text


def test_totals_say_which_rows_they_cover(client: TestClient) -> None:
    columns = (
        Column("what", same("what")),
        number_column("x", same("x"), "1"),
        number_column("y", same("y"), "1"),
    )
    rows = (
        {"what": "a", "x": 1, "y": 2},
        {"what": "b", "x": None, "y": 2},
        {"what": "c", "x": Absence.SUPPRESSED, "y": 2},
        {"what": "d", "x": Absence.NOT_APPLICABLE, "y": 2},
        {"what": "all", "x": 3, "y": 8},
    )
    assert TableView(columns, rows, (), totals=frozenset({4})).coverage() == {"x": (1, 1, 3)}
    assert TableView(columns, rows, ()).coverage() == {}, "without a total nothing is to be told"
    found = client.get("/finance/ledger.json?by=quality").json()["panels"][0]["table"]
    assert found["totals_cover"]["emission"]["of"] == len(found["rows"]) - 1
    assert "Rows that the totals cover: " in client.get("/finance/ledger?by=quality&lang=en").text


def test_the_language_link_keeps_the_state(client: TestClient) -> None:
    text = client.get("/data/table?name=sector_account&order=-value_added&lang=en").text
    target = re.search(r'id="language" href="([^"]+)"', text)[1].replace("&amp;", "&")  # type: ignore[index]
    assert target.startswith("/data/table?")
    assert {"lang=zh", "name=sector_account", "order=-value_added"} <= set(
        target.partition("?")[2].split("&")
    )


def test_without_a_language_the_browser_decides(client: TestClient) -> None:
    assert client.get("/", headers={"accept-language": "en-GB,en;q=0.9"}).headers["content-language"] == "en"
    assert client.get("/", headers={"accept-language": "zh-CN,en;q=0.5"}).headers["content-language"] == "zh"


def test_an_unknown_thing_is_told_with_its_remedy(client: TestClient) -> None:
    answer = client.get("/explain?target=no-such-thing&lang=en")
    assert answer.status_code == 404
    assert "no-such-thing" in answer.text
    assert "lvshu headlines" in answer.text
    as_json = client.get("/explain.json?target=no-such-thing").json()
    assert as_json["ok"] is False
    assert as_json["errors"][0]["code"] == "pipeline.unknown_target"
    assert client.get("/no-such-page?lang=en").status_code == 404
    assert client.get("/?run=20200101-000000-aaaaaa&lang=en").status_code == 404
    wrong = client.get("/data/table?name=DROP%20TABLE")
    assert wrong.status_code == 422
    assert "name" in wrong.text


def test_every_word_is_there_in_both_languages() -> None:
    words = own_words()["word"]
    for key, entry in words.items():
        assert set(entry) == {"zh", "en"}, key
        blanks = [set(re.findall(r"\{(\w+)[}:]", entry[language])) for language in ("zh", "en")]
        assert blanks[0] == blanks[1], key
    for entry in own_words()["glossary"]:
        assert set(entry) == {"zh", "en", "meaning_zh", "meaning_en"}


def test_nothing_is_asked_of_another_server(client: TestClient) -> None:
    for path in PATHS:
        text = client.get(address(path, lang="en")).text
        asked = re.findall(r'(?:src|href|action)="([^"#]+)"', text)
        assert asked
        assert [one for one in asked if not one.startswith("/")] == []


def test_the_first_page_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    from lvshu.web.app import create_app
    from lvshu.web.options import WebOptions

    Workspace.create(tmp_path / "new", area="310000", year=2023)
    with TestClient(
        create_app(WebOptions(tmp_path / "new")), base_url="http://127.0.0.1", headers={"accept": "text/html"}
    ) as bare:
        answer = bare.get("/?lang=en")
        assert answer.status_code == 404
        assert "No book yet" in answer.text
        assert "HTTP 404" not in answer.text
        assert (
            "/data/upload" in answer.text and "/runs" in answer.text
        )  # what can be done from the page itself
        assert str(tmp_path) not in answer.text
        told = bare.get("/home.json")
        assert json.loads(told.text)["errors"][0]["code"] == "store.no_run"
        assert str(tmp_path) not in told.text


def test_findings_are_told_with_their_values_to_who_may_see_records(
    client: TestClient, web_folder: Path
) -> None:
    panels = client.get("/data.json?lang=en").json()["panels"]
    (told,) = (one for one in panels if one["id"] == "findings")
    texts = [row["what"]["en"] for row in told["table"]["rows"]]
    with Workspace.open(web_folder).book() as book:
        known = {row["what_en"] for row in book.rows("finding")}
    assert texts
    assert all(text.split(" (and ")[0].strip() in known or text in known for text in texts)


def test_an_earlier_run_says_that_it_is_one(client: TestClient, web_folder: Path) -> None:
    runs = Workspace.open(web_folder).runs
    first, current = runs.ids()[0], runs.current()
    assert first != current
    for page in ("/", "/sectors"):
        assert "an earlier run" in client.get(f"{page}?lang=en&run={first}").text
        shown = client.get(f"{page}?lang=en").text
        assert "an earlier run" not in shown
    for form in ("json", "csv"):
        assert current in client.get(f"/sectors.{form}?lang=en&run={first}").text
        assert "earlier run" not in client.get(f"/sectors.{form}?lang=en").text


def test_a_loan_leads_to_its_records(client: TestClient) -> None:
    shown = client.get("/finance/loans?lang=en").text
    leads = re.findall(r'<th scope="row"[^>]*><a href="(/explain[^"]*)"><code>([^<]*)</code>', shown)
    assert leads
    place, loan = leads[0]
    assert loan in client.get(html.unescape(place)).text


def test_nowcasts_stand_with_their_error_or_the_reason(client: TestClient, web_folder: Path) -> None:
    panels = client.get("/statistics.json?view=months").json()["panels"]
    shown = {one["id"]: one for one in panels if one["id"].startswith("nowcast")}
    with Workspace.open(web_folder).book() as book:
        rows = book.rows("nowcast") if book.has("nowcast") else []
    assert set(shown) == ({f"nowcast_{row['indicator_code']}" for row in rows} or {"nowcast"})
    for row in rows:
        panel = shown[f"nowcast_{row['indicator_code']}"]
        if row["state"] == "nowcast":
            assert panel["table"]["rows"][-1]["month"]
        else:
            assert str(row["least_months"]) in str(panel)


def test_the_months_ahead_are_a_fan_of_the_book(client: TestClient, web_folder: Path) -> None:
    fans = [
        one
        for one in client.get("/statistics.json?view=months").json()["panels"]
        if one["id"].startswith("fan")
    ]
    with Workspace.open(web_folder).book() as book:
        codes = {row["indicator_code"] for row in book.rows("indicator_fan")}
        told = list(book.rows("indicator_fan"))
    assert {one["id"] for one in fans} == ({f"fan_{code}" for code in codes} or {"fan"})
    for one in fans:
        if one["empty"]:
            continue
        ahead = [row for row in one["table"]["rows"] if row["q50"] != {"absent": "not_applicable"}]
        of_book = [row for row in told if f"fan_{row['indicator_code']}" == one["id"]]
        levels = {f"q{row['quantile']:g}" for row in of_book}
        assert len(levels) == 7 and all(row[level] for row in ahead for level in levels)
        assert len(ahead) == len({row["month"] for row in of_book})
        for row in ahead:
            values = [Decimal(row[level]) for level in sorted(levels, key=lambda key: float(key[1:]))]
            assert values == sorted(values)


def test_a_download_holds_what_is_shown_or_all(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.get("/data/table?name=loan&lang=en").text
    count = int(re.search(r"all ([\d,]+) rows", page)[1].replace(",", ""))  # type: ignore[index]
    assert count > 1000
    lines = {
        more: client.get(f"/data/table.csv?name=loan&panel=rows{more}&lang=en")
        .content.decode("utf-8-sig")
        .splitlines()
        for more in ("", "&page=2", "&all=true")
    }
    told = [f"# {count - 100:,} more rows are not listed here."]
    assert [rows.pop(-2) for more, rows in lines.items() if "all" not in more] == told * 2
    assert {more: len(rows) - 4 for more, rows in lines.items()} == {
        "": 100,
        "&page=2": 100,
        "&all=true": count,
    }
    assert lines["&all=true"][3:203] == lines[""][3:103] + lines["&page=2"][3:103]
    assert len(client.get("/finance/loans.json?all=true").json()["panels"][0]["table"]["rows"]) == count
    assert client.get("/data/table?name=loan&all=true&lang=en").text.count("<tr") < 110
    monkeypatch.setattr("lvshu.web.pages.data.MOST_ROWS", 1000)
    refused = client.get("/data/table.json?name=loan&all=true")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "web.too_many_rows")


def test_the_explained_figure_and_its_parts_stand_in_the_sample_records() -> None:
    """A wide table is shown whole: without the emission the formula could not be followed to a record."""
    contract = load("attributed_emission")
    names = contract.column_names
    one = Records(
        "attributed_emission", contract.zh, contract.en, 2, described(contract, names),
        [dict.fromkeys(names, 1)], "emission",
    )  # fmt: skip
    context: Any = SimpleNamespace(person=SimpleNamespace(sees_records=True))
    panel = records_panel(one, context, 0)
    assert panel.table is not None
    shown = [column.key for column in panel.table.columns]
    assert shown[: len(contract.key) + 1] == [*contract.key, "emission"]
    assert {"entity_emission", "denominator", "attribution_factor", "quality_score"} <= set(shown)
    assert panel.title.en.endswith("those with the largest “Financed emission” are listed")
    first = records_panel(replace(one, largest_by=None), context, 0)
    assert first.title.en.endswith("the first by key are listed")


def test_a_share_moves_by_percentage_points_and_an_unseen_move_is_counted() -> None:
    def row(code: str, unit: str, value: str) -> dict[str, Any]:
        return {"code": code, "label_zh": code, "label_en": code, "unit": unit, "display_unit": unit,
                "value": Decimal(value), "table_name": "sector_account"}  # fmt: skip

    causes: Any = SimpleNamespace(
        behind=lambda table: [{"kind": "setting", "name": one} for one in "abc"], label=dict
    )
    earlier = {
        "rate": {"value": Decimal("75.79")},
        "use": {"value": Decimal(200)},
        "same": {"value": Decimal("3.6421")},
    }
    found = _moved(
        {code: {**row(code, "t", "0"), **one} for code, one in earlier.items()},
        [row("rate", "%", "61.51"), row("use", "t", "100"), row("same", "%", "3.6422")],
        causes,
    )
    assert (found["moved"], found["unseen"]) == (3, 1)
    told = {one["code"]: one["told"].en for one in found["rows"]}
    assert told == {"use": "-50.00%", "rate": "-14.28 percentage points"}
    assert found["rows"][0]["why"].en == "setting a; setting b; 1 more"


def test_a_viewer_is_told_of_those_moves_alone_that_may_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"code": "lent", "table": "loan"}, {"code": "use", "table": "sector_account"}]
    found = {"old": "a", "new": "b", "rows": rows, "moved": 6, "unseen": 4}
    monkeypatch.setattr(home, "changes", lambda _: found)
    monkeypatch.setattr(home, "small_headlines", lambda _: frozenset())
    viewer: Any = SimpleNamespace(person=SimpleNamespace(sees_records=False))
    seen = home._open_changes(viewer)
    assert seen == {**found, "rows": rows[1:], "moved": 1, "unseen": 0}
    analyst: Any = SimpleNamespace(person=SimpleNamespace(sees_records=True))
    assert home._open_changes(analyst) == found


def test_what_may_be_shown_of_moves_is_chosen_before_the_largest_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine larger moves that may not be shown left a viewer with “none has moved”."""
    rows = [{"code": f"lent{number}", "table": "loan"} for number in range(9)]
    rows.append({"code": "use", "table": "sector_account"})
    monkeypatch.setattr(
        home, "changes", lambda _: {"old": "a", "new": "b", "rows": rows, "moved": 10, "unseen": 0}
    )
    monkeypatch.setattr(home, "small_headlines", lambda _: frozenset())
    viewer: Any = SimpleNamespace(person=SimpleNamespace(sees_records=False))
    seen: Any = home._open_changes(viewer)
    assert (seen["moved"], [one["code"] for one in seen["rows"]]) == (1, ["use"])
    analyst: Any = SimpleNamespace(person=SimpleNamespace(sees_records=True))
    all_seen: Any = home._open_changes(analyst)
    assert (all_seen["moved"], len(all_seen["rows"])) == (10, home.CHANGES)


def test_a_headline_of_one_run_alone_says_why(client: TestClient) -> None:
    def row(code: str, value: str | None, reason: str | None = None) -> dict[str, Any]:
        return {"code": code, "label_zh": code, "label_en": code, "unit": "t", "display_unit": "t",
                "value": None if value is None else Decimal(value), "table_name": "sector_account",
                "reason_zh": reason and f"缺 {reason}", "reason_en": reason and f"lacks {reason}"}  # fmt: skip

    causes: Any = SimpleNamespace(behind=lambda table: [], label=dict)
    earlier = {one["code"]: one for one in (row("went", "1"), row("came", None, "b"), row("dropped", "3"))}
    found = _moved(earlier, [row("went", None, "a"), row("came", "2"), row("new", "4")], causes)
    told = {one["code"]: (one["old"].en, one["new"].en, one["gap"].en) for one in found["rows"]}
    assert {code: gap for code, (_, _, gap) in told.items()} == {
        "went": "no figure in this run: lacks a.",
        "came": "no figure in the earlier run: lacks b.",
        "new": "the earlier run did not list the headline.",
        "dropped": "this run does not list the headline.",
    }
    assert told["went"][1] == told["came"][0] == "…"
    assert all(one["gap"].zh for one in found["rows"])


def test_cards_of_a_year_show_the_months_that_the_book_has(client: TestClient, web_folder: Path) -> None:
    with Workspace.open(web_folder).book() as book:
        rows = book.rows("energy_month")
        area = book.settings.area
    months = {row["month"] for row in rows if row["area_code"] == area}
    assert len(months) >= 2
    for language, unit in (("en", "tce"), ("zh", "吨标准煤")):
        page = client.get(f"/?lang={language}").text
        card = page.partition('id="headline-energy_use"')[2].partition("</article>")[0]
        assert card.count('class="month"') == len(months)
        assert unit in card and "name=energy_month" in card
        card = page.partition('id="headline-co2_production_based"')[2].partition("</article>")[0]
        assert 'class="month"' in card and "name=quick_estimate" in card


def test_the_card_of_energy_use_shows_its_largest_sectors(client: TestClient) -> None:
    card = client.get("/?lang=en").text.partition('id="headline-energy_use"')[2].partition("</article>")[0]
    assert "The five largest parts" in card and "Largest: " in card


def test_an_unknown_case_of_a_queue_is_told(client: TestClient) -> None:
    for language, told in (("zh", "不存在"), ("en", "which is not there")):
        page = client.get(f"/reviews?queue=names&subject=nobody&lang={language}")
        assert page.status_code == 400 and told in page.text
    problem = client.get("/reviews.json?queue=names&subject=nobody").json()["errors"][0]
    assert problem["code"] == "web.no_such_choice" and problem["values"]["name"] == "subject"


def test_a_file_of_a_page_says_what_it_leaves_out() -> None:
    view = TableView((Column("a", same("a")),), ({"a": "x"},), (), left_out=2812)
    page = PageView("p", same("p"), panels=(Panel("t", same("t"), table=view),))
    lines = page_csv(page, "en", same("cite"), panel="t").decode("utf-8-sig").splitlines()
    assert lines[-2:] == ["# 2,812 more rows are not listed here.", "# cite"]
    whole = PageView("p", same("p"), panels=(Panel("t", same("t"), table=replace(view, left_out=0)),))
    assert "more rows" not in page_csv(whole, "en", same("cite"), panel="t").decode("utf-8-sig")


def test_a_head_request_is_a_get_without_its_body(client: TestClient) -> None:
    answer = client.head("/home.json")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("layer", "node"), [("co2", "production"), ("money", "circulation"), ("waste", "recycling")]
)
def test_a_part_of_the_loop_leads_to_what_stands_behind_it(client: TestClient, layer: str, node: str) -> None:
    page = client.get(f"/loop?layer={layer}&node={node}&lang=en").text
    part = page.partition('id="loop_behind"')[2].partition("</article>")[0]
    places = [
        html.unescape(one)
        for one in re.findall(r'href="(/data/table\?[^"]+)"', part.partition("</table>")[0])
    ]
    assert places
    for place in places[:3]:
        answer = client.get(place)
        assert answer.status_code == 200 and "<tbody>" in answer.text
    assert 'id="loop_behind"' not in client.get(f"/loop?layer={layer}&lang=en").text


def test_the_loop_leads_viewers_only_to_what_they_may_see(guarded: Any) -> None:
    viewer = guarded("viewer")
    for layer, node in (("waste", "recycling"), ("money", "production"), ("energy", "production")):
        page = viewer.get(f"/loop?layer={layer}&node={node}&lang=en").text
        part = page.partition('id="loop_behind"')[2].partition("</table>")[0]
        for place in re.findall(r'href="(/data/table\?[^"]+)"', part):
            assert viewer.get(html.unescape(place)).status_code == 200, place


def test_the_sum_of_a_column_has_the_unit_of_its_rows_or_none(client: TestClient) -> None:
    several = client.get("/explain?target=nowcast_fan.value&lang=en&fragment=true").text
    assert "column:unit" not in several and "do not add up" in several
    one = client.get("/explain?target=combustion_gas.energy&lang=en&fragment=true").text
    assert "column:" not in one
