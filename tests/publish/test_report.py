"""The report: self-contained, bilingual, its charts and tables the same figures, its gaps explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lvshu.publish.model import Panel, TableView
from lvshu.publish.payload import script_json
from lvshu.publish.reader import Reader
from lvshu.publish.report import chapters, panels_of, render_report, spans
from lvshu.publish.texts import Text
from lvshu.store.book import Book
from tests.publish import fake_book
from tests.publish.conftest import own_part


@pytest.fixture(scope="module")
def panels(book: Book) -> list[Panel]:
    return panels_of(chapters(Reader(book)))


def test_nothing_is_loaded_from_anywhere(markup: str) -> None:
    loading = re.findall(r"""(?:src|href|action|data)\s*=\s*["']?\s*((?:https?:)?//[^"'\s>]+)""", markup)
    assert not loading
    assert not re.findall(
        r"@import|url\(\s*['\"]?(?:https?:)?//|<link[^>]+stylesheet|<iframe|fetch\(|XMLHttpRequest|sendBeacon",
        markup,
    )
    assert re.findall(r"<script[^>]*src", markup) == []


def test_the_script_of_the_charts_is_that_of_the_installed_package(report_file: Path) -> None:
    from plotly.offline import get_plotlyjs

    text = report_file.read_text(encoding="utf-8")
    assert get_plotlyjs()[:2000] in text
    assert text.count("</script") == text.count("<script")


def test_every_text_has_both_languages(markup: str) -> None:
    body = markup.split("<body>")[1].split("<script")[0]
    assert body.count('<span lang="zh-Hans">') == body.count('<span lang="en">') > 200
    english = "".join(re.findall(r'<span lang="en">(.*?)</span>', body))
    named_in_packs = re.sub(r"[^\u4e00-\u9fff]", "", english)
    assert not named_in_packs, named_in_packs[:80]


def test_every_panel_has_its_figures(panels: list[Panel]) -> None:
    assert [panel.id for panel in panels if panel.empty is not None] == []
    assert {"spheres", "gap", "methods", "digital", "platform", "flexible", "districts"} <= {
        panel.id for panel in panels
    }
    assert len({panel.id for panel in panels}) == len(panels)


def test_charts_draw_the_figures_of_their_tables(panels: list[Panel]) -> None:
    drawn = [panel for panel in panels if panel.chart is not None and panel.table is not None]
    assert len(drawn) >= 15
    for panel in drawn:
        table = _figures(panel.table)
        for language in ("zh", "en"):
            for value in _drawn(panel.chart.of(language)):  # type: ignore[union-attr]
                assert any(abs(value - known) <= 1e-9 * max(1.0, abs(known)) for known in table), (
                    panel.id,
                    value,
                )


def _figures(view: TableView | None) -> set[float]:
    if view is None:
        return set()
    return {float(value) for column in view.columns if column.kind == "number"
            for value in view.values(column.key) if isinstance(value, (int, float)) or hasattr(value, "as_tuple")}  # type: ignore[arg-type]  # fmt: skip


def _drawn(figure: Any) -> list[float]:
    found: list[float] = []
    for trace in figure["data"]:
        values = (
            trace["link"]["value"]
            if trace["type"] == "sankey"
            else trace["x" if trace.get("orientation") == "h" or trace.get("mode") == "markers" else "y"]
        )
        found += [value for value in values if value is not None]
    return found


def test_charts_are_what_plotly_takes(panels: list[Panel]) -> None:
    import plotly.graph_objects as go

    for panel in panels:
        for language in ("zh", "en"):
            if panel.chart is not None:
                text = json.dumps(panel.chart.of(language))
                text = re.sub(r'"--font"', '"Arial"', re.sub(r'"--(?!font)[a-z0-9-]+"', '"#123456"', text))
                go.Figure(json.loads(text))


def test_the_four_kinds_of_nothing_are_in_the_tables(markup: str) -> None:
    for sign in ("…", "***", "–", ">0<"):
        assert sign in markup
    assert "不予公布" in markup
    assert "not applicable" in markup


def test_a_synthetic_book_says_so_everywhere(markup: str, bare_report_file: Path) -> None:
    assert 'class="banner"' in markup
    assert "合成数据，不得作为统计数字引用" in markup
    assert 'class="banner"' not in own_part(bare_report_file.read_text(encoding="utf-8"))


def test_single_records_are_not_published(markup: str) -> None:
    assert "SECRET" not in markup
    assert "化学产品”行不平" in markup


def test_empty_states_say_why_and_what_to_do(bare_report_file: Path) -> None:
    text = own_part(bare_report_file.read_text(encoding="utf-8"))
    assert "没有贷款台账、贷款月末余额，因此没有“各方法的融资排放" in text
    assert "inputs/loan.csv" in text
    assert "lvshu new --template loan" in text
    assert "Missing input: input-output table" in text
    assert "没有要目" in text
    assert text.count('class="panel is-empty"') < 24, "panels that lack the same inputs are told as one"


def test_names_cannot_break_the_page() -> None:
    bad = '</script><script>alert(1)</script><b>"&'
    with fake_book.fake_book(fake_book.settings(area_zh=bad, area_en=bad)) as book:
        text = own_part(render_report(book))
    assert "alert(1)</script>" not in text
    assert "<b>&#34;" not in text or '<b>"' not in text
    assert "&lt;/script&gt;" in text
    assert spans(Text("<", ">")) == '<span lang="zh-Hans">&lt;</span><span lang="en">&gt;</span>'
    assert script_json({"a": "</script><!--\u2028"}) == '{"a":"\\u003c/script\\u003e\\u003c!--\\u2028"}'


def test_each_headline_tells_where_it_comes_from(markup: str) -> None:
    card = markup.split('id="headline-co2_sectoral"')[1].split("</article>")[0]
    for part in (
        "accounts.sectoral_inventory",
        "carbon_inventory",
        "energy_balance.csv",
        "SELECT sum(",
        "1 &lt; 2",
        "SHA-256",
        "402",
    ):
        assert part in card, part


def test_every_link_in_the_page_leads_somewhere(markup: str) -> None:
    places = set(re.findall(r'id="([^"]+)"', markup))
    links = set(re.findall(r'href="#([^"]+)"', markup))
    assert links
    assert not links - places


def test_a_page_is_a_table_with_units_for_every_chart(markup: str) -> None:
    charts, tables = markup.count('class="plot"'), markup.count('<table class="data">')
    assert tables >= charts > 10
    assert markup.count('<tr class="units">') >= charts


def test_the_stock_of_the_loop_and_the_net_additions_are_bridged(panels: list[Panel]) -> None:
    loop = next(panel for panel in panels if panel.id == "loop")
    assert "no check" in loop.finding.en
    for figure in ("305", "335", "31", "21", "10", "1 million"):
        assert figure in loop.note.en
    assert "landfill is part of net additions" in loop.note.en
    assert "不要相加" in loop.note.zh


def test_the_wing_that_the_book_covers_stands_first() -> None:
    from lvshu.publish.report import wings_in_order

    class Told:
        def rows(self, table: str) -> list[dict[str, object]]:
            assert table == "headline"
            return [
                {"wing": "accounts", "value": None},
                {"wing": "finance", "value": 1},
                {"wing": "statistics", "value": None},
            ]

    assert wings_in_order(Told()) == ("finance", "accounts", "statistics")  # type: ignore[arg-type]
