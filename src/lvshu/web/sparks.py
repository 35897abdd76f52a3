"""Small charts of headlines, drawn as SVG on the server: an interval on its axis, the largest parts of a total."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT = 220, 22


def interval_mark(value: float, low: float | None, high: float | None, words: str) -> Markup:
    """Return a figure as a dot with its interval, on an axis that begins at zero (or at the least of both ends)."""
    ends = [float(one) for one in (value, low, high, 0.0) if one is not None]
    least, most = min(ends), max(ends)
    span = (most - least) or 1.0

    def place(one: float) -> float:
        return round(5 + (WIDTH - 10) * (one - least) / span, 1)

    middle = HEIGHT / 2
    zero, dot = place(0.0), place(float(value))
    parts = [
        Markup('<line class="axis" x1="5" y1="{y}" x2="{x}" y2="{y}"/>').format(y=middle, x=WIDTH - 5),
        Markup('<line class="axis" x1="{x}" y1="4" x2="{x}" y2="{y}"/>').format(x=zero, y=HEIGHT - 4),
        Markup('<line class="bar" x1="{a}" y1="{y}" x2="{b}" y2="{y}"/>').format(a=zero, b=dot, y=middle),
    ]
    if low is not None and high is not None:
        parts.append(
            Markup('<rect class="range" x="{x}" y="5" width="{w}" height="{h}" rx="3"/>').format(
                x=place(float(low)), w=max(2.0, place(float(high)) - place(float(low))), h=HEIGHT - 10
            )
        )
    parts.append(Markup('<circle class="dot" cx="{x}" cy="{y}" r="4"/>').format(x=dot, y=middle))
    return _svg(parts, words)


def parts_bar(shares: Sequence[tuple[str, float]], words: str) -> Markup:
    """Return the largest parts of a total as one bar; shares: (name, share of one), largest first."""
    parts: list[Markup] = []
    left = 0.0
    for number, (name, share) in enumerate(shares):
        width = max(0.0, min(1.0 - left, share))
        parts.append(
            Markup(
                '<rect class="part part-{n}" x="{x}" y="3" width="{w}" height="{h}"><title>{t}</title></rect>'
            ).format(
                n=number + 1,
                x=round(WIDTH * left, 1),
                w=round(max(0.5, WIDTH * width - 1), 1),
                h=HEIGHT - 6,
                t=f"{name} {share:.1%}",
            )
        )
        left += width
    if left < 0.999:
        parts.append(
            Markup('<rect class="part part-rest" x="{x}" y="3" width="{w}" height="{h}"/>').format(
                x=round(WIDTH * left, 1), w=round(WIDTH * (1 - left), 1), h=HEIGHT - 6
            )
        )
    return _svg(parts, words)


def month_bars(values: Sequence[float], words: str) -> Markup:
    """Return figures of months as columns from zero, the earliest on the left."""
    most = max((*values, 0.0)) or 1.0
    step = WIDTH / max(1, len(values))
    parts = [
        Markup('<rect class="month" x="{x}" y="{y}" width="{w}" height="{h}"/>').format(
            x=round(step * place, 1),
            y=round(HEIGHT * (1 - max(0.0, value) / most), 1),
            w=round(max(1.0, step - 1), 1),
            h=round(HEIGHT * max(0.0, value) / most, 1),
        )
        for place, value in enumerate(values)
    ]
    return _svg(parts, words)


def _svg(parts: Sequence[Markup], words: str) -> Markup:
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" preserveAspectRatio="xMinYMid" role="img" aria-label="{t}">{p}</svg>'
    ).format(w=WIDTH, h=HEIGHT, t=words, p=Markup("").join(parts))
