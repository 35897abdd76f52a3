"""The report as a PDF: in both languages, with hostile texts as texts; a missing font is told."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from lvshu.core.errors import ConfigError
from lvshu.publish import plots
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.plots import Series
from lvshu.publish.texts import Text, same
from lvshu.web import pdf

typst = pytest.importorskip("typst", reason="the extra `web` is not installed: pip install 'lvshu[web]'")

HOSTILE = '#read("/etc/passwd") $x$ *b* _i_ `c` <t> @a [x] \\ // = + - "q" \' ~ & <script>'


def made(language: str) -> bytes:
    view = TableView((Column("a", same(HOSTILE)),), ({"a": HOSTILE},), ())
    return pdf.report_pdf(
        language,
        title=same(HOSTILE),
        cards=[],
        chapters=[(same(HOSTILE), [Panel("p", same(HOSTILE), same(HOSTILE), table=view)])],
        citation=same(HOSTILE),
        synthetic=True,
        run={"engine": HOSTILE},
    )


def test_hostile_texts_stay_texts() -> None:
    assert made("en").startswith(b"%PDF")
    assert pdf.plain("#x $y$") == "\\#x \\$y\\$"


def test_without_a_chinese_font_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "fonts_here", lambda: frozenset({"Libertinus Serif"}))
    with pytest.raises(ConfigError) as told:
        pdf.font_for("zh")
    assert told.value.code == "web.no_chinese_font"
    assert pdf.font_for("en") == ""
    assert made("en").startswith(b"%PDF")


def test_a_report_draws_its_charts_in_both_languages() -> None:
    rows = ({"what": same("甲"), "value": 2.0}, {"what": same(HOSTILE), "value": 1.0})
    view = TableView((Column("what", same("x")), number_column("value", same("y"), "%")), rows, ())
    chart = plots.horizontal_bars(view, "what", [Series("value")], same(HOSTILE))
    for language in ("en", "zh") if pdf.fonts_here() & set(pdf.CHINESE_FONTS) else ("en",):
        text = pdf._panel(Panel("p", same("t"), chart=chart, table=view), language)
        assert text.count('format: "svg"') == 1
        assert typst.compile(text.encode()).startswith(b"%PDF")


def test_the_page_gives_the_report(client: TestClient) -> None:
    answer = client.get("/report.pdf?lang=en")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) > 50_000
    assert Text("", "") == same("")


@pytest.mark.parametrize("room", [pdf.MOST_COLUMNS, pdf.MOST_OF_NUMBERS])
def test_columns_without_room_are_named(room: int) -> None:
    """A table of numbers beside its names has room for more of them than one with words."""
    words = Column("words", same("words"))
    columns = [number_column(f"c{place}", same(f"column {place}"), "") for place in range(room + 2)]
    if room == pdf.MOST_COLUMNS:
        columns[1] = words
    row = {column.key: same("x") if column is words else 1 for column in columns}
    view = TableView(tuple(columns), (row,), ())
    text = pdf._table(view, "en")
    assert f"left out here: column {room}, column {room + 1}" in text
    assert "left out" not in pdf._table(TableView(tuple(columns[:3]), view.rows, ()), "en")


def test_of_a_long_series_the_newest_rows_are_listed() -> None:
    months = [f"{2000 + place // 12}-{place % 12 + 1:02d}" for place in range(pdf.MOST_ROWS + 6)]
    columns = (Column("month", same("month")), number_column("value", same("v"), ""))
    rows = tuple({"month": name, "value": 1} for name in months)
    text = pdf._table(TableView(columns, rows, ()), "en")
    assert pdf.plain(months[-1]) in text
    assert pdf.plain(months[5]) + "]" not in text
    assert "6 earlier rows are not listed here" in text
    ranked = pdf._table(TableView((Column("what", same("w")), columns[1]), tuple(
        {"what": name, "value": 1} for name in months), ()), "en")  # fmt: skip
    assert pdf.plain(months[0]) in ranked
    assert "6 more rows are not listed here" in ranked


def test_the_report_has_contents_and_keeps_findings_with_what_they_tell() -> None:
    view = TableView((Column("a", same("a")),), ({"a": "b"},), ())
    assert "#block(sticky: true)[told]" in pdf._panel(Panel("p", same("t"), same("told"), table=view), "en")
    assert "sticky" not in pdf._panel(Panel("p", same("t"), same("told")), "en")
    assert "#outline(title: [Contents]" in pdf._head("en", same("t"), same("c"), True, {})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_keep_room_beside_many_figures_with_long_heads(language: str) -> None:
    """The heads go over lines; the names stood in a column one sign wide."""
    heads = [
        Text(f"每百万元贷款的排放强度{place}", f"emission for each million yuan {place}")
        for place in range(8)
    ]
    figures = [number_column(f"c{place}", head, "tCO2e") for place, head in enumerate(heads)]
    view = TableView(
        (Column("name", same("n")), *figures),
        ({"name": Text("企业贷款与非上市股权", "Business loans and unlisted equity")} | {
            f"c{place}": 12345.6 for place in range(8)
        },),
        (),
    )  # fmt: skip
    widths = pdf._widths(view, view.columns, language)
    shares = [float(one.removesuffix("fr")) for one in widths]
    assert shares[0] == max(shares) and shares[0] / sum(shares) > 0.15, widths
    few = pdf._widths(view, view.columns[:3], language)
    assert few == ["1fr", "auto", "auto"]
