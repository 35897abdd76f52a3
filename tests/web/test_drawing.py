"""Charts as SVG: bars, steps, points and lines stand where their figures say, and texts stay texts."""

from __future__ import annotations

import itertools
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from lvshu.publish import diagrams, plots
from lvshu.publish.model import Column, TableView, number_column
from lvshu.publish.plots import Series
from lvshu.publish.texts import same
from lvshu.web.drawing import colour_of, svg_of, ticks
from lvshu.web.pages.districts import tile_map

HOSTILE = '<script>alert("1")</script>&'


def view(**columns: list[Any]) -> TableView:
    heads = tuple(
        Column(key, same(key)) if key == "name" else number_column(key, same(key), "%") for key in columns
    )
    rows = tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return TableView(heads, rows, (), totals=frozenset({2}) if len(rows) == 3 else frozenset())


def drawn(chart: Any, language: str = "en") -> ElementTree.Element:
    text = svg_of(chart.of(language), "Noto Sans")
    assert text is not None
    return ElementTree.fromstring(text)


def named(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return root.findall(f".//{{http://www.w3.org/2000/svg}}{tag}")


def test_bars_are_as_long_as_their_figures_and_names_stay_texts() -> None:
    made = view(name=[HOSTILE, "b"], value=[10.0, -5.0], low=[8.0, None], high=[12.0, None])
    root = drawn(plots.horizontal_bars(made, "name", [Series("value", low="low", high="high")], same("x")))
    bars = [float(one.get("width", 0)) for one in named(root, "rect")]
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.2)
    assert HOSTILE in "".join(root.itertext())
    assert not named(root, "script")


def test_stacked_bars_follow_one_another() -> None:
    made = view(name=["a"], one=[1.0], two=[3.0])
    root = drawn(plots.horizontal_bars(made, "name", [Series("one"), Series("two")], same("x"), stacked=True))
    first, second = [one for one in named(root, "rect") if float(one.get("height", 0)) > 8]
    assert float(second.get("x", 0)) == pytest.approx(
        float(first.get("x", 0)) + float(first.get("width", 0)), abs=0.2
    )
    assert {first.get("fill"), second.get("fill")} == {colour_of("--c1"), colour_of("--c2")}


def test_steps_of_a_waterfall_end_in_the_total() -> None:
    made = view(name=["a", "b", "all"], value=[4.0, -1.0, 3.0])
    first, second, last = named(drawn(diagrams.waterfall(made, "name", "value", same("x"))), "rect")
    end = {one: float(one.get("x", 0)) + float(one.get("width", 0)) for one in (first, second, last)}
    assert end[first] == pytest.approx(end[second], abs=0.2)
    assert float(second.get("x", 0)) == pytest.approx(end[last], abs=0.2)


def test_a_gap_breaks_a_line() -> None:
    made = view(name=["2023-01", "2023-02", "2023-03", "2023-04"], value=[1.0, 2.0, None, 3.0])
    path = named(drawn(plots.lines_over_time(made, "name", [Series("value")], same("x"))), "path")[0]
    assert re.findall("[ML]", path.get("d", "")) == ["M", "L", "M"]


def test_points_tiles_and_what_is_not_drawn() -> None:
    made = view(name=["a", "b"], value=[1.0, 2.0])
    assert len(named(drawn(plots.dots(made, "name", Series("value"), same("x"))), "circle")) == 2
    codes = {"310101": 1.0, "310104": None}
    tiles = tile_map(
        codes, {code: same(code) for code in codes}, {code: same("t") for code in codes}, same("x")
    )
    assert len(named(drawn(tiles), "rect")) == 2
    flows = diagrams.sankey(view(name=["a"], to=[1.0]), "name", "name", "to", same("x"))
    assert svg_of(flows.of("en"), "x") is None


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (-3.0, 7.0), (0.0, 1e9), (0.001, 0.0011), (5.0, 5.0)])
def test_an_axis_is_round_and_holds_both_ends(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low + 1e-12
    assert found[-1] >= high - 1e-12
    assert 2 <= len(found) <= 9


def test_names_of_three_lines_have_room_for_them() -> None:
    name = "one<br>two<br>three"
    figure = {
        "data": [{"type": "bar", "orientation": "h", "y": [name, name + "!", "b"], "x": [1.0, 2.0, 3.0]}],
        "layout": {"xaxis": {}, "yaxis": {"autorange": "reversed"}},
    }
    text = svg_of(figure, "serif")
    assert text is not None
    names = [one for one in named(ElementTree.fromstring(text), "text") if one.get("text-anchor") == "end"]
    places = sorted(float(one.get("y", "")) for one in names if (one.text or "")[:1].isalpha())
    assert len(places) == 7
    assert min(after - before for before, after in itertools.pairwise(places)) >= 11.9, places
