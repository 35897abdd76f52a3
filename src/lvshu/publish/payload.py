"""What the page's script needs: charts, and tables as figures for download. Safe to stand in a script element."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Panel, TableView
from lvshu.publish.texts import Text, ui

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_SPOKEN = ("chart_failed", "unit_row")


def script_json(data: object) -> str:
    """Return data as JSON that cannot end a script element or open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in _ESCAPES.items():
        text = text.replace(sign, escaped)
    return text


def page_data(panels: Iterable[Panel], citation: Text, name: str) -> dict[str, Any]:
    """Return the data of the page: charts by panel, tables by panel, the template of charts, spoken texts."""
    shown = [panel for panel in panels if panel.empty is None]
    return {
        "name": name,
        "citation": _both(citation),
        "template": plots.TEMPLATE,
        "charts": {panel.id: _chart(panel) for panel in shown if panel.chart is not None},
        "tables": {
            panel.id: table_data(panel.table, panel.title) for panel in shown if panel.table is not None
        },
        "texts": {key: _both(ui(key)) for key in _SPOKEN},
    }


def _chart(panel: Panel) -> dict[str, Any]:
    chart = panel.chart
    return {} if chart is None else {"zh": chart.zh, "en": chart.en, "height": chart.height}


def table_data(view: TableView, title: Text) -> dict[str, Any]:
    """Return a table with names, units and unrounded figures, as it is downloaded."""
    return {
        "title": _both(title),
        "source": list(view.source),
        "columns": [
            {"label": _both(column.label), "unit": _both(column.unit_text)} for column in view.columns
        ],
        "rows": [[cell_data(row.get(column.key)) for column in view.columns] for row in view.rows],
    }


def cell_data(cell: Cell) -> object:
    """Return a cell as JSON: a number as exact text, a text in both languages, an absence as its sign."""
    if cell is None:
        return Absence.MISSING.value
    if isinstance(cell, Text):
        return cell.zh if cell.zh == cell.en else [cell.zh, cell.en]
    if isinstance(cell, Absence):
        return cell.value
    if isinstance(cell, bool):
        return ["是", "yes"] if cell else ["否", "no"]
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}" if cell else "0"
    return str(cell)


def _both(text: Text) -> Mapping[str, str]:
    return {"zh": text.zh, "en": text.en}
