"""Peers and the words of pages: who is held against whom, reasons in the page's language, labels that are not cut."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field, ValidationError

from lvshu.publish.display import Absence
from lvshu.publish.model import Column, TableView, number_column
from lvshu.publish.plots import Series, columns_over_time, lines_over_time, period_names, wrapped
from lvshu.publish.texts import NO_TEXT, Text, column_label, period_text, same
from lvshu.web.drawing import colour_of, svg_of
from lvshu.web.pages.ahead import drawn
from lvshu.web.pages.districts import _short
from lvshu.web.pages.ledger import _loan
from lvshu.web.pages.peers import nearest
from lvshu.web.reasons import reason_of


def test_peers_are_the_nearest_and_not_oneself() -> None:
    levels = {"a": 1.0, "b": 1.1, "c": 2.0, "d": 5.0, "e": 1.05}
    assert nearest(levels, "a") == ["e", "b", "c"]
    assert nearest(levels, "d") == ["c", "b", "e"]
    assert nearest({"a": 1.0, "b": 9.0}, "a") == ["b"]
    assert nearest({"a": 1.0, "b": 2.0, "c": 0.0}, "a") == ["b", "c"]  # of two as near the lower code


class _Asked(BaseModel):
    page: int = Field(ge=1, le=50)
    view: str = Field(max_length=3)
    share: float = Field(default=0.0, le=50)


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({"page": 99, "view": "a"}, "不得大于 50", "it may be 50 at most"),
        ({"page": 0, "view": "a"}, "不得小于 1", "it must be 1 at least"),
        ({"view": "a"}, "缺少这一项", "it is missing"),
        ({"page": "x", "view": "a"}, "须是整数", "it must be a whole number"),
        ({"page": 1, "view": "long"}, "最多 3 个字符", "it may have 3 characters at most"),
        ({"page": 1, "view": "a", "share": "x"}, "须是数字", "it must be a number"),
        ({"page": 1, "view": "a", "share": 50.5}, "不得大于 50", "it may be 50 at most"),
    ],
)
def test_the_reason_of_a_wrong_address_is_in_the_pages_language(
    given: dict[str, object], zh: str, en: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        _Asked.model_validate(given)
    assert reason_of(caught.value.errors()[0]) == {"zh": zh, "en": en}


def test_a_kind_without_words_keeps_its_own() -> None:
    assert reason_of({"type": "new_kind", "msg": "Odd"}) == {"zh": "Odd", "en": "Odd"}
    told = reason_of({"type": "literal_error", "msg": "", "ctx": {"expected": "'a', 'b' or 'c'"}})
    assert told == {"zh": "可用的是 'a'、'b'、'c'", "en": "it may be 'a', 'b', 'c'"}


def test_short_names_of_districts_lose_no_sign_of_their_own() -> None:
    assert [_short(name, "zh") for name in ("浦东新区", "黄浦区", "崇明区", "郊区")] == [
        "浦东",
        "黄浦",
        "崇明",
        "郊区",
    ]
    assert _short("Pudong New Area", "en") == "Pudong"


def test_labels_that_differ_late_stay_apart() -> None:
    start = "Flexible employment (corrected by all registers delivered, "
    texts = [start + "links and answers as they are)", start + "by the register, links and answers)"]
    assert len({wrapped(text, "en") for text in texts}) == 2
    assert all(wrapped(text, "en").count("<br>") == 2 for text in texts)
    assert wrapped("一" * 50, "zh").endswith("…") and wrapped("一" * 45, "zh").count("<br>") == 2


def _view(periods: list[object]) -> TableView:
    columns = (
        Column("period", Text("期", "Period")), number_column("a", Text("甲", "A"), "1e8 CNY"),
        number_column("low", Text("5%分位", "5 % quantile"), "1e8 CNY"),
        number_column("high", Text("95%分位", "95 % quantile"), "1e8 CNY"),
    )  # fmt: skip
    rows = tuple({"period": one, "a": 2, "low": 1, "high": 3} for one in periods)
    return TableView(columns, rows, ("x",))  # type: ignore[arg-type]


def test_periods_below_an_axis_are_written_as_people_write_them() -> None:
    begun = Text("{0}（2023年1月末起）", "{0} (from the end of 2023-01)")
    view = _view(["2024-01", "2023Q3", Text(begun.zh.format("2023年1季度"), begun.en.format("2023 Q1"))])
    assert period_names(view, "period", "zh") == [
        "2024年1月",
        "2023年3季度",
        "2023年1季度<br>（2023年1月末起）",
    ]
    assert period_names(view, "period", "en")[2] == "2023 Q1<br>(from the end of 2023-01)"
    layout = columns_over_time(view, "period", [Series("a")] * 3, NO_TEXT).zh["layout"]
    assert layout["legend"]["y"] < -0.15  # clear of the second line of the names
    assert period_text("2024-01") == Text("2024年1月", "2024-01")


def test_the_ends_of_a_fan_are_named() -> None:
    chart = lines_over_time(_view(["2024-01"]), "period", [Series("a", low="low", high="high")], NO_TEXT)
    named = [one["name"] for one in chart.en["data"] if one.get("showlegend", True)]
    assert named == ["5 % quantile – 95 % quantile", "A"] and chart.en["layout"]["showlegend"]


def test_a_fan_is_drawn_as_nested_bands_that_are_named_in_both_languages() -> None:
    levels = (2.5, 10.0, 25.0, 50.0, 75.0, 90.0, 97.5)
    rows = [{"month": "2024-01", "known": 7.0, **{f"q{one:g}": Absence.NOT_APPLICABLE for one in levels}}]
    rows += [
        {"month": month, "known": Absence.NOT_APPLICABLE, **{f"q{one:g}": one for one in levels}}
        for month in ("2024-02", "2024-03")
    ]
    columns = (Column("month", same("m")), number_column("known", same("known"), "1"))
    columns += tuple(number_column(f"q{one:g}", same(f"{one:g}"), "1") for one in levels)
    view = TableView(columns, tuple(rows), ())
    chart = lines_over_time(*drawn(view, "--c1"), NO_TEXT)
    for language, names in (
        ("zh", ["95%区间", "80%区间", "50%区间"]),
        ("en", ["95 % interval", "80 % interval", "50 % interval"]),
    ):
        data = chart.of(language)["data"]
        assert [one["name"] for one in data if one.get("fill") and one["showlegend"]] == names
        assert [one["y"] for one in data if one.get("fill")] == [
            [7.0, top, top] for top in (97.5, 90.0, 75.0)
        ]
        assert len({one["fillcolor"] for one in data if one.get("fill")}) == 3
    middle = chart.en["data"][6]
    assert middle["y"] == [7.0, 50.0, 50.0] and middle["customdata"][1][0] == "2.50 – 97.50"
    assert [row["q50"] for row in view.rows] == [Absence.NOT_APPLICABLE, 50.0, 50.0], (
        "the table has no bridge"
    )
    shades = [palette_luminance(f"--c1-tint-{one}") for one in (18, 38, 62)]
    assert all(a - b > 0.1 for a, b in pairwise([1.0, *shades])), "told apart by lightness alone"
    root = ElementTree.fromstring(svg_of(chart.en, "Noto Sans") or "")
    areas = root.findall(".//{http://www.w3.org/2000/svg}polygon")
    assert [one.get("fill") for one in areas] == [colour_of(f"--c1-tint-{one}") for one in (18, 38, 62)]


def palette_luminance(name: str) -> float:
    """Return the relative luminance of a colour of the palette on a white card."""
    red, green, blue = (int(colour_of(name)[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_columns_that_reading_adds_have_names() -> None:
    assert column_label("energy_balance_cell", "source_file").en == "Source file"
    assert column_label("loan", "source_row").zh == "来源行号"


def test_the_page_of_peers(client: TestClient) -> None:
    found = client.get("/sectors.json?view=peers&lang=en").json()
    panels = {panel["id"]: panel for panel in found["panels"]}
    assert set(panels) == {"district_peers", "sector_peers"}
    for language, words in (("zh", ("起点相近", "同侪")), ("en", ("began alike", "Peers"))):
        for ending in ("", ".csv"):
            text = client.get(f"/sectors{ending}?view=peers&lang={language}").text
            assert words[0] in text and (ending or words[1] in text)


def test_a_loan_out_of_scope_has_no_figure_and_one_in_scope_lacks_it() -> None:
    row = dict.fromkeys(
        ("loan_id", "institution_id", "borrower_name", "product_type", "green_label", "reason"), "x"
    )
    row |= dict.fromkeys(("outstanding_amount", "emission", "quality_score"))
    out, inside = (_loan({**row, "scope_status": status}) for status in ("out", "in"))
    assert out["emission"] is out["quality_score"] is Absence.NOT_APPLICABLE
    assert inside["emission"] is None and inside["quality_score"] is None
