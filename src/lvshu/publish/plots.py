"""Charts drawn from shown tables, as plotly takes them. Colours are names of the page's own palette (--c1).

The script of the page puts the palette's colours in, so that print, light and dark pages share one chart.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.publish.display import Absence, Value, exact, period_label
from lvshu.publish.model import Chart, Column, TableView
from lvshu.publish.texts import NO_TEXT, Text, ui

PALETTE = ("--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8")
ROW_HEIGHT = 27
NO_ARM = "–"  # of a row without an interval; plotly draws the caps of a null as an interval of no width
FRAME_HEIGHT = 84
_LATIN = re.compile(r"[A-Za-z0-9.,-]{2}")
_WRAP = {"zh": 15, "en": 30}
SHORT_UNIT = 4
"""Characters of a unit that leave room for a legend beside it on a phone."""
MOST_LINES = 3
"""Lines of a label beside its bar."""
WIDEST, EDGE = 18, 32
"""Shade of the widest band of a fan, and by how much the line around a band is deeper; percent of the colour."""
_AXIS: dict[str, Any] = {
    "gridcolor": "--grid",
    "zerolinecolor": "--axis",
    "linecolor": "--axis",
    "tickcolor": "--axis",
    "ticks": "",
    "automargin": True,
    "separatethousands": True,
    "exponentformat": "none",
    "title": {"font": {"size": 12, "color": "--soft"}, "standoff": 10},
}
_BELOW = {
    "x": 0,
    "xanchor": "left",
    "y": -0.12,
    "yanchor": "top",
}  # a long legend would cover the unit on top
TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": "--font", "size": 13, "color": "--ink"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(PALETTE),
        "margin": {"l": 8, "r": 20, "t": 8, "b": 40, "pad": 6},
        "bargap": 0.34,
        "bargroupgap": 0.08,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "--card",
            "bordercolor": "--axis",
            "font": {"color": "--ink"},
            "align": "left",
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "separators": ".,",
    }
}


@dataclass(frozen=True)
class Band:
    """A range around a line: the columns of its ends, what the legend calls it, how deep its shade is, in percent."""

    low: str
    high: str
    name: Text
    shade: int


@dataclass(frozen=True)
class Series:
    """One series of a chart: a column of the table, its colour, the columns of its interval, whether it is faint.

    bands: ranges around a line over time, the widest first; each has an outline and a shade of the line's colour,
    deeper towards the middle, so that they are told apart by lightness alone.
    """

    key: str
    colour: str = ""
    low: str = ""
    high: str = ""
    error: str = ""
    thin: bool = False
    bands: tuple[Band, ...] = ()


def numbers(values: Sequence[Value]) -> list[float | None]:
    """Return figures as plotly takes them; an absent one is a gap."""
    return [None if value is None or isinstance(value, Absence) else float(exact(value)) for value in values]


def wrapped(text: str, language: str) -> str:
    """Return a label broken into at most three lines; what does not fit is cut, with a sign of it."""
    width = _WRAP[language]
    if len(text) <= width:
        return text
    lines = textwrap.wrap(text, width) if language == "en" else _chinese_lines(text, width)
    if len(lines) > MOST_LINES:
        last = (" " if language == "en" else "").join(lines[MOST_LINES - 1 :])
        lines = [*lines[: MOST_LINES - 1], f"{last[: width - 1]}…"]
    return "<br>".join(lines)


def _chinese_lines(text: str, width: int) -> list[str]:
    """Return a Chinese label in lines, no number or Latin word cut, no bracket left at the end of a line."""
    lines = []
    while len(text) > width:
        place = width
        while place > 1 and (_LATIN.match(text[place - 1 : place + 1]) or text[place - 1] in "（“"):
            place -= 1
        lines.append(text[:place])
        text = text[place:]
    return [*lines, text]


def horizontal_bars(
    view: TableView,
    label: str,
    series: Sequence[Series],
    words: Text,
    *,
    stacked: bool = False,
    top: int = 0,
    counted: Text = NO_TEXT,
) -> Chart:
    """Return horizontal bars, one row of the table each, first row on top.

    Args:
        view: the table that is drawn.
        label: key of the column that names the rows.
        series: one or more columns of figures, all in one unit.
        words: what the chart shows, for those who cannot see it.
        stacked: parts of a whole beside one another, not next to one another.
        top: draw only so many rows (the table has them all); 0 for all.
        counted: what is counted, where the figures have no unit.
    """
    rows = [row for place, row in enumerate(view.rows) if place not in view.totals]
    known = [one for one in series if any(value is not None for value in numbers(view.values(one.key)))]
    series = known or list(series[:1])  # a view without one figure is drawn as an empty frame
    drawn = TableView(view.columns, tuple(rows[:top] if top else rows), view.source)
    thick = 1 if stacked else len(series)
    shares = stacked and len(series) > 1 and column_of(view, series[0].key).unit == "%"
    row_height = max(label_height(drawn, label), 15 * thick + 8, 34 if shares else 0)
    height = FRAME_HEIGHT + len(drawn.rows) * row_height + (24 if len(series) > 1 else 0)

    def make(language: str) -> dict[str, Any]:
        names = row_names(drawn, label, language)
        traces = [
            _bar(drawn, one, names, language, PALETTE[place % len(PALETTE)], len(series) > 1)
            for place, one in enumerate(series)
        ]
        layout = {
            "barmode": "relative" if stacked else "group",
            "yaxis": names_axis(),
            "xaxis": {
                "title": {"text": _axis_title(drawn, series, language) or counted.of(language)},
                "zeroline": True,
            },
            "showlegend": len(series) > 1,
            "uniformtext": {"minsize": 9, "mode": "hide"},
        }
        return {"data": traces, "layout": layout}

    return chart_of(make, height, words)


def label_height(view: TableView, label: str) -> int:
    """Return the height of a row by the lines of its longest label, in pixels."""
    names = [name for language in ("zh", "en") for name in row_names(view, label, language)]
    breaks = max((name.count("<br>") for name in names), default=0)
    return ROW_HEIGHT + (0, 9, 22)[breaks]


def names_axis() -> dict[str, Any]:
    """Return the axis on which every row has its name, first row on top."""
    return {"autorange": "reversed", "type": "category", "showgrid": False, "tickmode": "linear", "dtick": 1}


def row_names(view: TableView, label: str, language: str) -> list[str]:
    """Return the rows' names, told apart where two are alike (a category axis would merge them)."""
    names: list[str] = []
    for row in view.rows:
        cell = row.get(label)
        name = wrapped(cell.of(language) if isinstance(cell, Text) else str(cell), language)
        names.append(name + "\u200b" * names.count(name))
    return names


def period_names(view: TableView, label: str, language: str) -> list[str]:
    """Return names below an axis of time: periods as people write them, brackets on a line of their own."""
    names = []
    for row in view.rows:
        cell = row.get(label)
        name = period_label(cell.of(language) if isinstance(cell, Text) else str(cell), language)
        names.append(re.sub(r" ?(?=[(（])", "<br>", name, count=1))
    return [name + "\u200b" * names[:place].count(name) for place, name in enumerate(names)]


def _below(names: Sequence[str]) -> dict[str, Any]:
    """Return the place of a legend below the names of an axis, which may take two lines."""
    return {**_BELOW, "y": -0.2} if any("<br>" in name for name in names) else _BELOW


def _bar(
    view: TableView, one: Series, names: list[str], language: str, colour: str, several: bool
) -> dict[str, Any]:
    column = column_of(view, one.key)
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": numbers(view.values(one.key)),
        "name": column.label.of(language),
        "marker": {"color": one.colour or colour},
        "hovertemplate": hover_text(column, language, "x", "y", several),
    }
    trace.update(_interval(view, one, "error_x"))
    if column.unit == "%" and several:
        trace |= {
            "texttemplate": "%{x:.0f}%",
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"size": 12},
            "constraintext": "inside",
        }
    return trace


def _interval(view: TableView, one: Series, axis: str) -> dict[str, Any]:
    middle = numbers(view.values(one.key))
    if one.error:
        arms = [
            None if error is None else 1.959963984540054 * error for error in numbers(view.values(one.error))
        ]
        up = down = arms
    elif one.low and one.high:
        low, high = numbers(view.values(one.low)), numbers(view.values(one.high))
        up = [None if a is None or b is None else b - a for a, b in zip(middle, high, strict=True)]
        down = [None if a is None or b is None else a - b for a, b in zip(middle, low, strict=True)]
    else:
        return {}
    if not any(arm for arm in up):
        return {}
    arrays = [[NO_ARM if arm is None else arm for arm in arms] for arms in (up, down)]
    bars = {"type": "data", "array": arrays[0], "arrayminus": arrays[1], "symmetric": False}
    return {axis: {**bars, "color": "--ink", "thickness": 1.2, "width": 4}}


def dots(view: TableView, label: str, one: Series, words: Text) -> Chart:
    """Return points with their intervals, one row of the table each, first row on top."""
    height = FRAME_HEIGHT + len(view.rows) * max(42, label_height(view, label) + 6)

    def make(language: str) -> dict[str, Any]:
        column = column_of(view, one.key)
        trace = {
            "type": "scatter",
            "mode": "markers",
            "x": numbers(view.values(one.key)),
            "y": row_names(view, label, language),
            "marker": {"color": one.colour or "--c1", "size": 11},
            "cliponaxis": False,
            "hovertemplate": hover_text(column, language, "x", "y", False),
            **_interval(view, one, "error_x"),
        }
        layout = {
            "yaxis": {**names_axis(), "showgrid": True},
            "xaxis": {"title": {"text": _axis_title(view, [one], language)}, "rangemode": "tozero"},
            "showlegend": False,
        }
        return {"data": [trace], "layout": layout}

    return chart_of(make, height, words)


def columns_over_time(
    view: TableView, label: str, series: Sequence[Series], words: Text, *, stacked: bool = True
) -> Chart:
    """Return upright columns over periods."""

    def make(language: str) -> dict[str, Any]:
        names = period_names(view, label, language)
        traces = []
        for place, one in enumerate(series):
            column = column_of(view, one.key)
            traces.append(
                {
                    "type": "bar",
                    "x": names,
                    "y": numbers(view.values(one.key)),
                    "name": column.label.of(language),
                    "marker": {"color": one.colour or PALETTE[place % len(PALETTE)]},
                    "hovertemplate": hover_text(column, language, "y", "x", len(series) > 1),
                    **_interval(view, one, "error_y"),
                }
            )
        unit = _axis_title(view, series, language)
        few, short = len(series) < 3, len(unit) <= SHORT_UNIT
        layout = {
            "barmode": "relative" if stacked else "group",
            "xaxis": {"type": "category", "showgrid": False},
            "yaxis": {"title": {"text": ""}},
            "annotations": [_unit_on_top(unit)],
            "margin": {"t": 34},
            "legend": {"x": 1, "xanchor": "right", "y": 1.02} if few and short else _below(names),
            "showlegend": len(series) > 1,
        }
        return {"data": traces, "layout": layout}

    return chart_of(make, 340, words)


def lines_over_time(view: TableView, label: str, series: Sequence[Series], words: Text) -> Chart:
    """Return lines over periods; an interval is a shaded band around its line, an absent figure is a gap."""

    def make(language: str) -> dict[str, Any]:
        names = period_names(view, label, language)
        traces: list[dict[str, Any]] = []
        for place, one in enumerate(series):
            column = column_of(view, one.key)
            colour = one.colour or PALETTE[place % len(PALETTE)]
            bands = _bands_of(view, one)
            for band in bands:
                traces += _band(view, band, names, colour, language)
            told, ranges = _ranges_told(view, bands, language)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": names,
                    "y": numbers(view.values(one.key)),
                    "name": column.label.of(language),
                    "line": {"color": colour, "width": 1.2 if one.thin else 2.2},
                    "connectgaps": False,
                    "hovertemplate": hover_text(column, language, "y", "x", len(series) > 1, told),
                    **({"customdata": ranges} if bands else {}),
                }
            )
        layout = {
            "xaxis": {
                "type": "category",
                "showgrid": False,
                "nticks": 12,
                "categoryorder": "array",  # a band may begin later than the line
                "categoryarray": names,
                "range": [-0.3, len(names) - 0.7],  # so that the end of the line is not cut
            },
            "yaxis": {"title": {"text": ""}},
            "annotations": [_unit_on_top(_axis_title(view, series, language))],
            "margin": {"t": 34},
            "legend": _below(names),
            "showlegend": len(traces) > 1,
        }
        return {"data": traces, "layout": layout}

    return chart_of(make, 380, words)


def _bands_of(view: TableView, one: Series) -> tuple[Band, ...]:
    """Return the ranges of a line; an interval told by its ends alone is one of them, named by both."""
    if one.bands or not (one.low and one.high):
        return one.bands
    low, high = column_of(view, one.low).label, column_of(view, one.high).label
    return (Band(one.low, one.high, low + Text(" – ", " – ") + high, WIDEST),)


def _ranges_told(view: TableView, bands: Sequence[Band], language: str) -> tuple[str, list[list[str]]]:
    """Return what pointing at a line tells of its ranges: a template, and their texts point by point."""
    template = "".join(
        f"<br>{band.name.of(language)}: %{{customdata[{at}]}}" for at, band in enumerate(bands)
    )
    ends = [zip(numbers(view.values(one.low)), numbers(view.values(one.high)), strict=True) for one in bands]
    columns = [["–" if a is None or b is None else f"{a:,.2f} – {b:,.2f}" for a, b in one] for one in ends]
    return template, [list(point) for point in zip(*columns, strict=True)]


def _band(view: TableView, band: Band, names: list[str], colour: str, language: str) -> list[dict[str, Any]]:
    """Return a range as two lines with a shade between them; where figures are absent it ends and begins anew."""
    low, high = numbers(view.values(band.low)), numbers(view.values(band.high))
    runs: list[list[int]] = []
    for place, ends in enumerate(zip(low, high, strict=True)):
        if None in ends:
            continue
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    shade = f"{colour}-tint-{band.shade}"
    line = {"color": f"{colour}-tint-{min(100, band.shade + EDGE)}", "width": 0.8}
    traces: list[dict[str, Any]] = []
    for number, run in enumerate(runs):
        edge = {
            "type": "scatter",
            "mode": "lines",
            "x": [names[place] for place in run],
            "hoverinfo": "skip",
            "name": band.name.of(language),
            "legendgroup": f"{band.low} {band.high}",
            "line": line,
        }
        traces += [
            {**edge, "y": [low[place] for place in run], "showlegend": False},
            {
                **edge,
                "y": [high[place] for place in run],
                "fill": "tonexty",
                "fillcolor": shade,
                "showlegend": number == 0,
            },
        ]
    return traces


def _unit_on_top(unit: str) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"}
    return {"text": unit, "showarrow": False, "font": {"size": 12, "color": "--soft"}, **place}


def column_of(view: TableView, key: str) -> Column:
    """Return the column of a shown table that has a key."""
    return next(column for column in view.columns if column.key == key)


def _axis_title(view: TableView, series: Sequence[Series], language: str) -> str:
    return column_of(view, series[0].key).unit_text.of(language)


def hover_text(column: Column, language: str, value: str, name: str, several: bool, more: str = "") -> str:
    """Return what a mark of the chart says when pointed at: its row, figure and unit, and what else is given."""
    unit = column.unit_text.of(language)
    head = f"<b>%{{{name}}}</b><br>" + (f"{column.label.of(language)}" if several else "")
    sign = (ui("colon").of(language)) if several else ""
    return f"{head}{sign}%{{{value}:,.2f}} {unit}{more}<extra></extra>"


def chart_of(make: Callable[[str], Mapping[str, Any]], height: int, words: Text) -> Chart:
    """Return a chart from a function that makes its figure in a language."""
    return Chart(make("zh"), make("en"), height, words)
