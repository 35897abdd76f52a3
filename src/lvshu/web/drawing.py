"""Charts as SVG, drawn on the server from the same figures as the page's: for the PDF, without any browser.

Drawn are bars (lying and upright, side by side and stacked), waterfalls, points with intervals, lines and tiles; a
flow diagram is not, its table stands in its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape

from lvshu.publish.report import own_file as publication_file

WIDTH = 680.0
SIZE = 11.0
ROW = 15.0
WIDEST_NAMES = 250.0
TILE = 62.0
_NAME = re.compile(r"(--[\w-]+):\s*(#[0-9a-fA-F]{6})")
_TINT = re.compile(r"(--\w+)-tint-(\d+)")
Trace = Mapping[str, Any]


@cache
def palette() -> dict[str, str]:
    """Return the colours of the page's light style by their names, as the publications' style sheet has them."""
    found: dict[str, str] = {}
    for name, colour in _NAME.findall(publication_file("style.css")):
        found.setdefault(name, colour)
    return found


def colour_of(name: object, default: str = "--c1") -> str:
    """Return a colour that a chart names."""
    text = name if isinstance(name, str) else default
    tint = _TINT.fullmatch(text)
    if tint:
        return _between([[0.0, "--card"], [1.0, tint[1]]], int(tint[2]) / 100)
    return palette().get(text, palette()[default]) if text.startswith("--") else text


def svg_of(figure: Mapping[str, Any], font: str) -> str | None:
    """Return a figure as SVG; None where it is of a kind that is not drawn here.

    Args:
        figure: data and layout as plotly takes them, in one language.
        font: names of fonts, the first that is there is used.
    """
    traces: Sequence[Trace] = figure["data"]
    layout: Mapping[str, Any] = figure["layout"]
    kinds = {trace.get("type", "scatter") for trace in traces}
    if kinds == {"heatmap"}:
        return _tiles(traces[0], font)
    if not traces or not kinds <= {"bar", "scatter", "waterfall"}:
        return None
    lying = traces[0].get("orientation") == "h" or traces[0].get("mode") == "markers"
    if kinds == {"scatter"} and not lying:
        return _Upright(traces, layout, font).drawn()
    return (_Lying if lying else _Upright)(traces, layout, font).drawn()


def width_of(text: str) -> float:
    """Return about how wide a text is: a Chinese sign is one em, another half of it."""
    return sum(SIZE if ord(sign) > 0x2E7F else 0.54 * SIZE for sign in text)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round figures between two ends, both ends inside."""
    if high <= low:
        low, high = min(low, 0.0), max(high, 0.0)
        high = high if high > low else low + 1.0
    span = high - low
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(one for one in (1, 2, 5, 10) if span / (step * one) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * place for place in range(first, last + 1)]


def figure_text(value: float, step: float) -> str:
    """Return a figure of an axis with as many decimals as its step needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return f"{value + 0.0:,.{decimals}f}"


class _Frame:
    """What lying and upright charts share: categories, bars with their places, the axis of values, the legend."""

    names_at, values_at = "x", "y"

    def __init__(self, traces: Sequence[Trace], layout: Mapping[str, Any], font: str) -> None:
        self.traces, self.layout, self.font = traces, layout, font
        ordered = (layout.get(f"{self.names_at}axis") or {}).get("categoryarray") or ()
        self.names: list[str] = list(
            dict.fromkeys(
                str(name) for names in (ordered, *(one[self.names_at] for one in traces)) for name in names
            )
        )
        self.marks = [mark for number, trace in enumerate(traces) for mark in self._marks(number, trace)]
        ends = [one for mark in self.marks for one in (mark[2], mark[3], *mark[5]) if one is not None]
        lines = [
            value
            for trace in traces
            if _is_line(trace)
            for value in trace[self.values_at]
            if value is not None
        ]
        least = [0.0] if any(trace.get("type") != "scatter" for trace in traces) or not lines else []
        span = [*ends, *lines, *least] or [0.0, 1.0]
        self.ticks = ticks(min(span), max(span))
        self.step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 1.0
        self.parts: list[str] = []

    def _marks(
        self, number: int, trace: Trace
    ) -> list[tuple[int, str, float, float, str, tuple[float, ...]]]:
        """Return bars and points of a trace: series, name, begin, end, colour, ends of the interval."""
        if _is_line(trace):
            return []
        found, sum_so_far = [], 0.0
        stacked = self.layout.get("barmode") == "relative"
        error = trace.get(f"error_{self.values_at}") or {}
        for place, (name, value) in enumerate(zip(trace[self.names_at], trace[self.values_at], strict=True)):
            if value is None:
                continue
            begin, end, colour = 0.0, float(value), colour_of((trace.get("marker") or {}).get("color"))
            if trace.get("type") == "waterfall":
                begin, end, colour = _step_of(trace, place, sum_so_far)
                sum_so_far = end
            elif stacked:
                begin = self._height(number, str(name), end >= 0)
                end += begin
            elif trace.get("type") == "scatter":
                begin = end
            found.append((number, str(name), begin, end, colour, _ends(error, place, float(value))))
        return found

    def _height(self, number: int, name: str, up: bool) -> float:
        """Return where a stacked bar begins: the sum of the earlier ones of its sign."""
        total = 0.0
        for trace in self.traces[:number]:
            for other, value in zip(trace[self.names_at], trace[self.values_at], strict=True):
                if str(other) == name and value is not None and (value >= 0) == up:
                    total += float(value)
        return total

    def lane(self, number: int) -> tuple[float, float]:
        """Return begin and share of the band of a name that a series takes."""
        if self.layout.get("barmode") == "relative" or len(self.traces) == 1:
            return 0.15, 0.7
        share = 0.8 / len(self.traces)
        return 0.1 + number * share, share * 0.92

    def legend(self, top: float) -> float:
        """Draw what the colours mean; return how high it is."""
        if not self.layout.get("showlegend"):
            return 0.0
        x, y = 4.0, top + SIZE
        for trace in self.traces:
            if trace.get("showlegend") is False:
                continue
            name = str(trace.get("name") or "")
            wide = width_of(name) + 30
            if x + wide > WIDTH and x > 4.0:
                x, y = 4.0, y + ROW
            marked = trace.get("marker") or trace.get("line") or {}
            colour = colour_of(trace.get("fillcolor") or marked.get("color"))
            self.parts.append(f'<rect x="{x:.1f}" y="{y - 8:.1f}" width="10" height="8" fill="{colour}"/>')
            self.text(x + 14, y, name)
            x += wide
        return y - top + 8

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", colour: str = "--ink") -> None:
        """Draw a text; `<br>` begins a new line."""
        for place, line in enumerate(text.replace("\u200b", "").split("<br>")):
            self.parts.append(
                f'<text x="{x:.1f}" y="{y + place * 12:.1f}" text-anchor="{anchor}" fill="{colour_of(colour)}">'
                f"{escape(line)}</text>"
            )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 0.7) -> None:
        """Draw a line."""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour_of(colour)}" '
            f'stroke-width="{width}"/>'
        )

    def svg(self, height: float) -> str:
        """Return the drawing."""
        return _svg(self.parts, WIDTH, height, self.font)


class _Lying(_Frame):
    """One row a name: bars, steps, points with their intervals."""

    names_at, values_at = "y", "x"

    def drawn(self) -> str:
        left = min(
            WIDEST_NAMES, 10 + max(width_of(line) for name in self.names for line in name.split("<br>"))
        )
        top = self.legend(0.0) + 4
        band = max(22.0, 11.0 * (1 if self.layout.get("barmode") == "relative" else len(self.traces)) + 8)
        lines = max((1 + name.count("<br>") for name in self.names), default=1)
        band = max(band, 6.0 + 12.0 * lines)  # as many lines as the longest name has
        bottom = top + band * len(self.names)
        low, high = self.ticks[0], self.ticks[-1]

        def at(value: float) -> float:
            return left + (WIDTH - 24 - left) * (value - low) / (high - low)

        for value in self.ticks:
            self.line(at(value), top, at(value), bottom, "--axis" if value == 0 else "--grid")
            self.text(at(value), bottom + 13, figure_text(value, self.step), anchor="middle", colour="--soft")
        for place, name in enumerate(self.names):
            lines = name.count("<br>")
            self.text(left - 6, top + band * (place + 0.5) + 4 - 6 * lines, name, anchor="end")
        for number, name, begin, end, colour, ends in self.marks:
            first, share = self.lane(number)
            y, thick = top + band * (self.names.index(name) + first), band * share
            self._mark(at, (begin, end), (y, thick), colour, ends)
        title = (self.layout.get("xaxis") or {}).get("title", {}).get("text") or ""
        self.text(WIDTH - 24, bottom + 28, title, anchor="end", colour="--soft")
        return self.svg(bottom + 34)

    def _mark(
        self,
        at: Callable[[float], float],
        span: tuple[float, float],
        place: tuple[float, float],
        colour: str,
        ends: tuple[float, ...],
    ) -> None:
        (begin, end), (y, thick) = span, place
        middle = y + thick / 2
        if begin == end and self.traces[0].get("type") == "scatter":
            self.parts.append(f'<circle cx="{at(end):.1f}" cy="{middle:.1f}" r="4.5" fill="{colour}"/>')
        else:
            x, wide = min(at(begin), at(end)), abs(at(end) - at(begin))
            self.parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{thick:.1f}" fill="{colour}"/>'
            )
        if ends:
            self.line(at(ends[0]), middle, at(ends[1]), middle, "--ink", 1.0)
            for one in ends:
                self.line(at(one), middle - 3, at(one), middle + 3, "--ink", 1.0)


class _Upright(_Frame):
    """One column a name: bars over periods, lines over periods."""

    def drawn(self) -> str:
        top = self.legend(0.0) + 20
        bottom, left = top + 190.0, 12 + max(width_of(figure_text(one, self.step)) for one in self.ticks)
        low, high = self.ticks[0], self.ticks[-1]
        band = (WIDTH - 10 - left) / max(1, len(self.names))

        def at(value: float) -> float:
            return bottom - (bottom - top) * (value - low) / (high - low)

        for note in self.layout.get("annotations", ()):
            self.text(4, top - 8, str(note.get("text") or ""), colour="--soft")
        for value in self.ticks:
            self.line(left, at(value), WIDTH - 10, at(value), "--axis" if value == 0 else "--grid")
            self.text(left - 5, at(value) + 4, figure_text(value, self.step), anchor="end", colour="--soft")
        every = max(1, math.ceil(max(width_of(name) + 8 for name in self.names) / band))
        for place, name in enumerate(self.names):
            if place % every == 0:
                self.text(left + band * (place + 0.5), bottom + 14, name, anchor="middle", colour="--soft")
        for number, name, begin, end, colour, ends in self.marks:
            first, share = self.lane(number)
            x, y = left + band * (self.names.index(name) + first), min(at(begin), at(end))
            self.parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{band * share:.1f}" '
                f'height="{abs(at(end) - at(begin)):.1f}" fill="{colour}"/>'
            )
            if ends:
                middle = x + band * share / 2
                self.line(middle, at(ends[0]), middle, at(ends[1]), "--ink", 1.0)
        for before, trace in zip((None, *self.traces), self.traces, strict=False):
            if before is not None and trace.get("fill") == "tonexty":
                self._shade(before, trace, lambda place: left + band * (place + 0.5), at)
            if _is_line(trace):
                self._path(trace, lambda place: left + band * (place + 0.5), at)
        return self.svg(bottom + 22)

    def _shade(
        self, low: Trace, high: Trace, across: Callable[[int], float], at: Callable[[float], float]
    ) -> None:
        """Draw what lies between two lines over the same periods."""
        ends = [*zip(high["x"], high["y"], strict=True), *reversed([*zip(low["x"], low["y"], strict=True)])]
        points = " ".join(
            f"{across(self.names.index(str(name))):.1f},{at(float(one)):.1f}" for name, one in ends
        )
        self.parts.append(f'<polygon points="{points}" fill="{colour_of(high.get("fillcolor"))}"/>')

    def _path(self, trace: Trace, across: Callable[[int], float], at: Callable[[float], float]) -> None:
        line = trace.get("line") or {}
        steps, pen_is_up = [], True
        for name, value in zip(trace["x"], trace["y"], strict=True):
            if value is None:
                pen_is_up = True
                continue
            steps.append(
                f"{'M' if pen_is_up else 'L'}{across(self.names.index(str(name))):.1f} {at(float(value)):.1f}"
            )
            pen_is_up = False
        dashes = ' stroke-dasharray="2 3"' if line.get("dash") else ""
        self.parts.append(
            f'<path d="{" ".join(steps)}" fill="none" stroke="{colour_of(line.get("color"))}" '
            f'stroke-width="{line.get("width", 2)}"{dashes}/>'
        )


def _is_line(trace: Trace) -> bool:
    return trace.get("type") == "scatter" and "lines" in str(trace.get("mode", ""))


def _step_of(trace: Trace, place: int, so_far: float) -> tuple[float, float, str]:
    """Return begin, end and colour of a step of a waterfall."""
    kind, value = trace["measure"][place], float(trace["x"][place])
    if kind in ("absolute", "total"):
        return 0.0, so_far if kind == "total" else value, colour_of(trace["totals"]["marker"]["color"])
    side = "increasing" if value >= 0 else "decreasing"
    return so_far, so_far + value, colour_of(trace[side]["marker"]["color"])


def _ends(error: Mapping[str, Any], place: int, value: float) -> tuple[float, ...]:
    """Return the ends of an interval; none where the row has no interval."""
    if not error:
        return ()
    arms = [error["arrayminus"][place], error["array"][place]]
    if not all(isinstance(arm, (int, float)) for arm in arms):
        return ()
    return value - arms[0], value + arms[1]


def _tiles(trace: Trace, font: str) -> str:
    """Return a map of tiles: each district in its place, coloured by its figure."""
    values = [value for row in trace["z"] for value in row if value is not None]
    low = float(trace.get("zmin", min(values, default=0.0)))
    high = float(trace.get("zmax", max(values, default=1.0)))
    parts = []
    for row, line in enumerate(trace["z"]):
        for column, value in enumerate(line):
            text = str(trace["text"][row][column])
            if not text:
                continue
            share = 0.0 if value is None or high == low else (float(value) - low) / (high - low)
            fill = _between(trace["colorscale"], share) if value is not None else palette()["--grid"]
            x, y = column * (TILE + 40), row * (TILE - 12)
            dark = _is_dark(fill)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{TILE + 36:.1f}" height="{TILE - 16:.1f}" fill="{fill}"/>'
            )
            for place, words in enumerate(text.split("<br>")):
                parts.append(
                    f'<text x="{x + (TILE + 36) / 2:.1f}" y="{y + 19 + 14 * place:.1f}" text-anchor="middle" '
                    f'fill="{"#ffffff" if dark else palette()["--ink"]}">{escape(words)}</text>'
                )
    width = max((len(line) for line in trace["z"]), default=1) * (TILE + 40)
    return _svg(parts, width, len(trace["z"]) * (TILE - 12), font)


def _between(scale: Sequence[Sequence[Any]], share: float) -> str:
    """Return the colour at a share of a scale."""
    for (first, left), (last, right) in pairwise(scale):
        if share <= last:
            part = (share - first) / ((last - first) or 1.0)
            ends = [_parts(colour_of(one)) for one in (left, right)]
            mixed = [round(a + (b - a) * max(0.0, part)) for a, b in zip(*ends, strict=True)]
            return "#" + "".join(f"{one:02x}" for one in mixed)
    return colour_of(scale[-1][1])


def _parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _is_dark(colour: str) -> bool:
    red, green, blue = _parts(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def _svg(parts: Sequence[str], width: float, height: float, font: str) -> str:
    family = escape(font, {'"': "'"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{family}" font-size="{SIZE}">{"".join(parts)}</svg>'
    )
