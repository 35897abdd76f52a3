"""Charts of steps and flows: waterfalls and Sankey diagrams, drawn from shown tables."""

from __future__ import annotations

from typing import Any

from lvshu.publish.model import Chart, TableView
from lvshu.publish.plots import (
    FRAME_HEIGHT,
    PALETTE,
    chart_of,
    column_of,
    hover_text,
    label_height,
    names_axis,
    numbers,
    row_names,
)
from lvshu.publish.texts import Text


def waterfall(view: TableView, label: str, key: str, words: Text) -> Chart:
    """Return a waterfall over the table's rows: totals stand on zero, the other rows are steps."""
    height = FRAME_HEIGHT + len(view.rows) * (label_height(view, label) + 5)

    def make(language: str) -> dict[str, Any]:
        column = column_of(view, key)
        trace: dict[str, Any] = {
            "type": "waterfall",
            "orientation": "h",
            "y": row_names(view, label, language),
            "x": numbers(view.values(key)),
            "measure": ["total" if place in view.totals else "relative" for place in range(len(view.rows))],
            "increasing": {"marker": {"color": "--c4"}},
            "decreasing": {"marker": {"color": "--c3"}},
            "totals": {"marker": {"color": "--c1"}},
            "connector": {"line": {"color": "--axis", "width": 1}},
            "hovertemplate": hover_text(column, language, "delta", "y", False),
        }
        if 0 in view.totals:
            trace["measure"] = ["absolute", *trace["measure"][1:]]
        layout = {
            "yaxis": names_axis(),
            "xaxis": {"title": {"text": column.unit_text.of(language)}, "zeroline": True},
            "showlegend": False,
        }
        return {"data": [trace], "layout": layout}

    return chart_of(make, height, words)


def sankey(view: TableView, source: str, target: str, key: str, words: Text) -> Chart:
    """Return flows from the names in one column to the names in another."""
    column = column_of(view, key)

    def make(language: str) -> dict[str, Any]:
        left = list(dict.fromkeys(_name(row[source], language) for row in view.rows))
        right = list(dict.fromkeys(_name(row[target], language) for row in view.rows))
        colours = ["--c1"] * len(left) + [PALETTE[1 + place % 7] for place in range(len(right))]
        places = [right.index(_name(row[target], language)) for row in view.rows]
        trace = {
            "type": "sankey",
            "arrangement": "snap",
            "valuesuffix": " " + column.unit_text.of(language),
            "valueformat": ",.1f",
            "textfont": {"family": "--font", "size": 12, "color": "--ink"},
            "node": {
                "label": left + right,
                "color": colours,
                "pad": 12,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}<br>%{value}<extra></extra>",
            },
            "link": {
                "source": [left.index(_name(row[source], language)) for row in view.rows],
                "target": [len(left) + place for place in places],
                "value": numbers(view.values(key)),
                "color": [f"{PALETTE[1 + place % 7]}-pale" for place in places],
                "hovertemplate": "%{source.label} → %{target.label}<br>%{value}<extra></extra>",
            },
        }
        return {"data": [trace], "layout": {"margin": {"l": 4, "r": 4, "t": 12, "b": 12}}}

    return chart_of(make, 470, words)


def _name(cell: object, language: str) -> str:
    return cell.of(language) if isinstance(cell, Text) else str(cell)
