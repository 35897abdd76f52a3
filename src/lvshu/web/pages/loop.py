"""Loop: production, circulation and consumption in one picture, by money, energy, CO2, materials or waste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from lvshu.publish.model import Cell, Chart, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import named, short_amount
from lvshu.publish.panels.circularity import FORWARD, LAYER_UNITS, LEAVING, flows_of
from lvshu.publish.plots import chart_of
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, column_label, same, table_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.chapters import chapter, chosen
from lvshu.web.pages.page import Page
from lvshu.web.security.cells import is_closed
from lvshu.web.view import Choice, Link, PageView
from lvshu.web.words import word

LAYERS = ("money", "energy", "co2", "material", "waste")
SMALLEST_DRAWN = 20_000  # flows smaller than the largest by more than this factor stand in the table only
BREAKS = frozenset({*LEAVING, "imbalance", "unsold"})
NEEDS = {
    "money": ("io_cell",),
    "energy": ("io_cell", "energy_balance_cell"),
    "co2": ("io_cell", "energy_balance_cell"),
    "material": ("material_flow", "recovered_material"),
    "waste": ("material_flow", "recovered_material"),
}
MEASURES = {
    "money": ("output", "CNY", "1e8 CNY"),
    "energy": ("energy_tce", "tce", "1e4 tce"),
    "co2": ("direct_emission", "tCO2", "1e4 tCO2"),
}
"""What sectors are told by in the layers whose parts are made of sectors: column, its unit, unit shown."""
COLOURS = {
    "production": "--c1",
    "circulation": "--c2",
    "use": "--c3",
    "recovery": "--c8",
    "value_added": "--c6",
    "from_abroad": "--c7",
    "from_country": "--c5",
    "extraction": "--c7",
}


class LoopQuery(PageQuery):
    """Which layer, and which part of the loop."""

    layer: Literal["money", "energy", "co2", "material", "waste"] = Field(
        default="money", description="what flows"
    )
    node: str = Field(
        default="", max_length=40, pattern=r"^[a-z_]*$", description="only flows into and out of this part"
    )


def build(context: Context, query: LoopQuery) -> PageView:
    """Return the page."""
    panels = context.made(("loop", query.layer, query.node), lambda reader: (_loop(reader, query),))
    section = chapter(context, "accounts")
    beside = chosen(
        section, ("breaks", "recovery", "circularity", "circularity_targets", "spheres", "freight")
    )
    options = tuple((one, word(f"loop.layer.{one}")) for one in LAYERS)
    nodes = context.made(("loop nodes", query.layer), lambda reader: _nodes(reader, query.layer))
    chosen_node = query.node if query.node in dict(nodes) else ""
    records = context.person.sees_records
    behind: tuple[Panel, ...] = ()
    if chosen_node:
        key = ("loop behind", query.layer, chosen_node, records)
        behind = context.made(key, lambda reader: (_behind(reader, query.layer, chosen_node, records),))
    return PageView(
        "loop",
        word("loop.title"),
        word("loop.lead"),
        (*panels, *behind, *beside),
        tabs=tuple(Link(text, "/loop", {"layer": one}, current=one == query.layer) for one, text in options),
        choices=(Choice("node", word("loop.node"), (("", word("loop.whole")), *nodes), chosen_node),),
        data={"hidden": {"layer": query.layer}},
        facts={"layer": query.layer, "node": query.node},
    )


def _nodes(reader: Reader, layer: str) -> list[tuple[str, Text]]:
    rows = flows_of(reader, layer)
    names = dict.fromkeys(row[side] for side in ("source_node", "target_node") for row in rows)
    return [(name, code_label("loop_node", name)) for name in names]


def _loop(reader: Reader, query: LoopQuery) -> Panel:
    title = word("loop.of", layer=word(f"loop.layer.{query.layer}"))
    whole = flows_of(reader, query.layer)
    if not whole:
        return Panel("loop", title, empty=reader.why_empty("loop_flow", NEEDS[query.layer], title))
    found = [row for row in whole if query.node in ("", row["source_node"], row["target_node"])]
    if not found:
        return Panel("loop", title, empty=word("loop.no_such_node", node=code_label("loop_node", query.node)))
    unit = LAYER_UNITS[found[0]["unit"]]
    rows: list[dict[str, Cell]] = [
        {
            "from": code_label("loop_node", row["source_node"]),
            "to": code_label("loop_node", row["target_node"]),
            "value": in_unit(row["value"], row["unit"], unit),
            "break": word("loop.is_break") if _is_break(row) else same(""),
        }
        for row in found
    ]
    columns = (
        Column("from", word("column.from_node")),
        Column("to", word("column.to_node")),
        number_column("value", word("column.value"), unit),
        Column("break", word("loop.break")),
    )
    view = TableView(columns, tuple(rows), ("loop_flow",))
    lost = sum(row["value"] for row in found if _is_break(row))
    finding = word(
        "loop.finding",
        left=rows[0]["from"],
        right=rows[0]["to"],
        value=short_amount(found[0]["value"], found[0]["unit"], unit),
    )
    if lost and query.layer in ("material", "waste"):
        finding = finding + word("loop.lost", value=short_amount(lost, found[0]["unit"], unit))
    chart = sankey(view, found, query.layer, finding)
    checks = reader.rows("loop_check", layer=query.layer)
    unbalanced = [row for row in checks if row["difference"]]
    closed = word("loop.closed", nodes=len(checks)) if checks else NO_TEXT
    note = closed if not unbalanced else word("loop.open", nodes=len(unbalanced))
    note = note + word("loop.gross")
    left_over = reader.rows("loop_flow", layer=query.layer)
    if len(left_over) > len(whole):
        note = note + word("loop.rounding", count=len(left_over) - len(whole))
    return Panel("loop", title, finding, chart, view, note=note, method=reader.method_of("loop_flow"))


def _behind(reader: Reader, layer: str, node: str, sees_records: bool) -> Panel:
    """Return where a part of the loop leads: its sectors with their rows, else the tables that its flows are made of.

    A table that names firms or persons leads on only for those who may see records.
    """
    title = word("loop.behind", node=code_label("loop_node", node))
    measure = MEASURES.get(layer)
    sectors = reader.rows("sector_account", sphere=node) if measure else []
    if measure and sectors:
        key, unit, shown = measure
        rows: list[dict[str, Any]] = [
            {
                "sector": named(row["name_zh"], row["name_en"], row["sector_code"]),
                "href:sector": ("/data/table", _rows_of_sector("sector_account", row)),
                "value": in_unit(row[key], unit, shown),
                "energy": word("loop.energy_rows"),
                "href:energy": ("/data/table", _rows_of_sector("energy_use", row)),
            }
            for row in sorted(sectors, key=lambda one: -(one[key] or 0))
        ]
        columns = (
            Column("sector", word("column.sector")),
            number_column("value", column_label("sector_account", key), shown),
            Column("energy", table_label("energy_use"), link=True),
        )
        return Panel(
            "loop_behind",
            title,
            word("loop.behind_sectors", count=len(rows)),
            None,
            TableView(columns, tuple(rows), ("sector_account",)),
        )
    tables = [name for name in NEEDS[layer] if reader.count(name)]
    rows = [
        {
            "table": table_label(name),
            "rows": reader.count(name),
            **(
                {"href:table": ("/data/table", {"name": name})} if sees_records or not is_closed(name) else {}
            ),
        }
        for name in tables
    ]
    if not rows:
        return Panel("loop_behind", title, empty=reader.why_empty("loop_flow", NEEDS[layer], title))
    heads = (
        Column("table", word("column.table")),
        number_column("rows", word("column.rows"), "1", decimals=0),
    )
    return Panel(
        "loop_behind", title, word("loop.behind_tables"), None, TableView(heads, tuple(rows), tuple(tables))
    )


def _rows_of_sector(table: str, row: Mapping[str, Any]) -> dict[str, str]:
    return {"name": table, "column": "sector_code", "value": row["sector_code"]}


def _is_break(row: Mapping[str, Any]) -> bool:
    return row["target_node"] in BREAKS


def sankey(view: TableView, found: Sequence[Mapping[str, Any]], layer: str, words: Text) -> Chart:
    """Return the loop as a Sankey diagram: what leaves at a break is red, nodes and flows lead further by a click."""
    largest = max(row["value"] for row in found)
    kept = [row for row in found if row["value"] * SMALLEST_DRAWN >= largest]
    kept.sort(key=lambda row: FORWARD.index(row["source_node"]) + 1 if row["source_node"] in FORWARD else 0)
    nodes = list(dict.fromkeys(node for row in kept for node in (row["source_node"], row["target_node"])))
    unit = next(column for column in view.columns if column.key == "value")
    values = [float(in_unit(row["value"], row["unit"], unit.unit) or 0) for row in kept]

    def make(language: str) -> dict[str, Any]:
        trace = {
            "type": "sankey",
            "arrangement": "fixed",
            "valuesuffix": " " + unit.unit_text.of(language),
            "valueformat": ",.1f",
            "textfont": {"family": "--font", "size": 13, "color": "--ink"},
            "node": {
                "label": [_label(node, language) for node in nodes],
                "color": ["--bad" if node in BREAKS else COLOURS.get(node, "--c7") for node in nodes],
                "customdata": [_drill(node, layer) for node in nodes],
                "pad": 22,
                "thickness": 16,
                "line": {"width": 0},
                "hovertemplate": "<b>%{label}</b><br>%{value}<extra></extra>",
            },
            "link": {
                "source": [nodes.index(row["source_node"]) for row in kept],
                "target": [nodes.index(row["target_node"]) for row in kept],
                "value": values,
                "color": [_colour(row) for row in kept],
                "customdata": [_drill(row["source_node"], layer) for row in kept],
                "hovertemplate": "%{source.label} → %{target.label}<br><b>%{value}</b><extra></extra>",
            },
        }
        return {"data": [trace], "layout": {"margin": {"l": 8, "r": 8, "t": 18, "b": 18}}}

    return chart_of(make, max(440, min(720, 120 + 46 * len(nodes))), words)


def _label(node: str, language: str) -> str:
    text = code_label("loop_node", node).of(language)
    return ("✕ " if node in BREAKS else "") + text.partition("（")[0].partition(" (")[0]


def _colour(row: Mapping[str, Any]) -> str:
    if _is_break(row):
        return "--bad-pale-flow"
    return f"{COLOURS.get(row['source_node'], '--c7')}-pale"


def _drill(node: str, layer: str) -> str:
    if node in BREAKS:
        return "#breaks"
    return f"/loop?layer={layer}&node={node}"


PAGE = Page("/loop", "loop", build, LoopQuery)
