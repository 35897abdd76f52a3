"""Panels on circulation and circularity: indicators against targets, the loop, its breaks, recovery, freight."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.diagrams import waterfall
from lvshu.publish.model import Chart, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    EMISSION,
    MONEY,
    Row,
    first_few,
    grouped,
    named,
    panel_or_reason,
    share,
    short_amount,
    summed,
)
from lvshu.publish.plots import PALETTE, Series, chart_of, column_of, numbers
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, same, ui, unit_label
from lvshu.publish.translated import translated

MASS = "1e4 t"
FORGONE = "1e4 tCO2e"
TURNOVER = "1e8 tonne-km"
BOTH = ("material_flow", "recovered_material")
IO = ("io_cell",)
DRAWN_STREAMS = 12
FATES = ("landfilled", "burned", "unknown", "at_sorting", "at_recycling", "unsold", "sent_out")
FATE_COLOURS = ("--c3", "--c2", "--c8", "--c5", "--c6", "--c7", "--c4")
SMALLEST_DRAWN = 100_000  # flows below the largest by more than this factor are in the table only
FORWARD = ("production", "circulation", "use", "recovery")
ROUNDING = 10**12
"""A flow smaller than the largest of its layer by more than this is what rounding left over, no flow and no break."""
LEAVING = ("landfilled", "burned", "unknown", "loss_in_plants", "recycled_elsewhere")
LAYER_UNITS = {"t": MASS, "CNY": MONEY, "tCO2": EMISSION, "tce": "1e4 tce"}


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on circulation and circularity, in the order of the page."""
    return (
        panel_or_reason(reader, "circularity", table="circularity_indicator", needs=BOTH, build=_indicators,
                        useful=lambda row: row["indicator"] != "finn_cycling_index"),
        panel_or_reason(reader, "circularity_targets", table="circularity_target", needs=BOTH, build=_targets),
        panel_or_reason(reader, "loop", table="loop_flow", needs=BOTH,
                        build=lambda one: _layer(one, "loop", "material"),
                        useful=lambda row: row["layer"] == "material"),
        panel_or_reason(reader, "loop_waste", table="loop_flow", needs=BOTH,
                        build=lambda one: _layer(one, "loop_waste", "waste"),
                        useful=lambda row: row["layer"] == "waste"),
        panel_or_reason(reader, "loop_money", table="loop_flow", needs=IO,
                        build=lambda one: _layer(one, "loop_money", "money"),
                        useful=lambda row: row["layer"] == "money"),
        panel_or_reason(reader, "loop_carbon", table="loop_flow", needs=("io_cell", "energy_balance_cell"),
                        build=lambda one: _layer(one, "loop_carbon", "co2"),
                        useful=lambda row: row["layer"] == "co2"),
        panel_or_reason(reader, "breaks", table="circulation_break", needs=BOTH, build=_breaks),
        panel_or_reason(reader, "recovery_gain", table="recovery_gain", needs=BOTH, build=_gain),
        panel_or_reason(reader, "material_balance", table="material_balance", needs=BOTH, build=_balance),
        panel_or_reason(reader, "freight", table="freight_account", needs=("freight",), build=_freight),
    )  # fmt: skip


def _indicators(reader: Reader) -> Panel:
    found = sorted(reader.rows("circularity_indicator"), key=lambda row: row["position"])
    rows = [
        {"name": named(row["name_zh"], row["name_en"], row["indicator"]), "unit": _unit(row["unit"]),
         **{key: row[key] for key in ("value", "standard_error", "low", "high")},
         "note": named(row["note_zh"], row["note_en"], "")}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("name", ui("column.indicator")),
        number_column("value", ui("column.value"), "1", decimals=1),
        Column("unit", ui("column.unit")),
        number_column("low", ui("column.low"), "1", decimals=1),
        number_column("high", ui("column.high"), "1", decimals=1),
        number_column("standard_error", ui("column.standard_error"), "1", decimals=1),
        Column("note", ui("column.definition")),
    )
    view = TableView(columns, tuple(rows), ("circularity_indicator",))
    value = {row["indicator"]: row for row in found}
    finding = ui("finding.circularity", rate=_percent(value.get("circular_material_use_rate")),
                 recovery=_percent(value.get("renewable_recovery_rate")))  # fmt: skip
    drawn = tuple(row for row, one in zip(rows, found, strict=True) if one["unit"] == "%")
    percent = TableView(
        tuple(number_column(one.key, one.label, "%", decimals=1) if one.kind == "number" else one for one in columns),
        drawn, view.source,
    )  # fmt: skip
    chart = plots.dots(percent, "name", Series("value", low="low", high="high"), finding) if drawn else None
    return Panel("circularity", ui("panel.circularity"), finding, chart, view, note=ui("note.circularity"))


def _unit(symbol: object) -> Text:
    return unit_label(str(symbol))


def _percent(row: Row | None) -> Text:
    return share(None, None) if row is None else share(row["value"], Decimal(100))


def _targets(reader: Reader) -> Panel:
    found = sorted(
        reader.rows("circularity_target"),
        key=lambda row: (row["met"] is None, row["plan"], row["target_year"]),
    )
    rows = [
        {"name": named(row["name_zh"], row["name_en"], row["indicator"]), "year": str(row["target_year"]),
         "target": Text(*(_target_text(row, language) for language in ("zh", "en"))),
         **{key: row[key] for key in ("required", "actual", "gap")}, "unit": _unit(row["unit"]), "met": row["met"],
         "plan": code_label("target_plan", row["plan"]), "source": translated(row["source"])}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("name", ui("column.indicator")),
        Column("year", ui("column.target_year")),
        Column("target", ui("column.target")),
        number_column("required", ui("column.required"), "1"),
        number_column("actual", ui("column.actual"), "1"),
        number_column("gap", ui("column.gap_to_target"), "1"),
        Column("unit", ui("column.unit")),
        Column("met", ui("column.met"), "mark"),
        Column("plan", ui("column.plan")),
        Column("source", ui("column.source")),
    )
    view = TableView(columns, tuple(rows), ("circularity_target",))
    judged = [row for row in found if row["met"] is not None]
    missed = [named(row["name_zh"], row["name_en"], row["indicator"]) for row in judged if not row["met"]]
    key = "finding.targets_missed" if missed else "finding.targets_met" if judged else "finding.targets_none"
    finding = ui(key, judged=len(judged), all=len(found), names=first_few(list(dict.fromkeys(missed)), 3))
    drawn = [
        {"name": Text(*(f"{row['name'].of(language)} · {row['year']}" for language in ("zh", "en"))),
         "actual": row["actual"], "required": row["required"]}
        for row, one in zip(rows, found, strict=True)
        if one["met"] is not None and one["unit"] == "%"
    ]  # fmt: skip
    bars = TableView(
        (Column("name", ui("column.indicator")), number_column("actual", ui("column.actual"), "%", decimals=1),
         number_column("required", ui("column.required"), "%", decimals=1)), tuple(drawn), view.source,
    )  # fmt: skip
    series = [Series("actual"), Series("required", "--c5")]
    chart = plots.horizontal_bars(bars, "name", series, finding) if drawn else None
    return Panel("circularity_targets", ui("panel.circularity_targets"), finding, chart, view,
                 note=ui("note.circularity_targets"))  # fmt: skip


def _target_text(row: Row, language: str) -> str:
    sign = {"reduction": "-", "increase": "+", "level_at_least": "≥ "}.get(row["form"], "")
    figure = f"{row['target'].normalize():,f}"
    unit = _unit(row["target_unit"]).of(language)
    return f"{sign}{figure}{'' if unit == '%' or language == 'zh' else ' '}{unit}"


def flows_of(reader: Reader, layer: str) -> list[Row]:
    """Return the flows of a layer, the largest first, without those that are the last digits of rounded figures."""
    found = sorted(
        reader.rows("loop_flow", layer=layer),
        key=lambda row: (-row["value"], row["source_node"], row["target_node"]),
    )
    return [row for row in found if row["value"] * ROUNDING > found[0]["value"]]


def _layer(reader: Reader, identifier: str, layer: str) -> Panel:
    found = flows_of(reader, layer)
    unit = LAYER_UNITS[found[0]["unit"]]
    rows = [
        {"from": code_label("loop_node", row["source_node"]), "to": code_label("loop_node", row["target_node"]),
         "value": in_unit(row["value"], row["unit"], unit)}
        for row in found
    ]  # fmt: skip
    columns = (Column("from", ui("column.from_node")), Column("to", ui("column.to_node")),
               number_column("value", ui("column.value"), unit))  # fmt: skip
    view = TableView(columns, tuple(rows), ("loop_flow",))
    checks = reader.rows("loop_check", layer=layer)
    open_nodes = sum(1 for row in checks if row["difference"])
    finding = ui(
        "finding.loop_open" if open_nodes else "finding.loop", nodes=len(checks), open=open_nodes,
        left=rows[0]["from"], right=rows[0]["to"], value=short_amount(found[0]["value"], found[0]["unit"], unit),
    )  # fmt: skip
    chart = _loop_chart(view, found, finding)
    note = _stock_note(reader, found) if layer == "material" else NO_TEXT
    return Panel(identifier, ui(f"panel.{identifier}"), finding, chart, view, note=note)


def _stock_note(reader: Reader, found: list[Row]) -> Text:
    """Return how the stock of the loop follows from the net additions of the physical balance.

    No text where waste does not enter the loop, since the two are then one figure, or where they do not bridge.
    """
    balance = {row["line_code"]: row["quantity"] for row in reader.rows("material_balance")}
    flow = {(row["source_node"], row["target_node"]): row["value"] for row in found}
    net = balance.get("net_additions")
    stock = flow.get(("use", "stock"), Decimal(0)) - flow.get(("stock", "use"), Decimal(0))
    fates = {
        node: value for (source, node), value in flow.items() if source == "recovery" and node in LEAVING
    }
    brought = flow.get(("secondary_from_outside", "recovery"), Decimal(0))
    away = sum(fates.values(), Decimal(0))
    if net is None or not (fates or brought) or abs(net - away + brought - stock) > 1:
        return NO_TEXT
    amounts = [code_label("loop_node", node) + same(" ") + short_amount(value, "t", MASS)
               for node, value in sorted(fates.items(), key=lambda one: -one[1])]  # fmt: skip
    return ui(
        "note.loop_stock", stock=short_amount(stock, "t", MASS), net=short_amount(net, "t", MASS),
        away=short_amount(away, "t", MASS), fates=first_few(amounts, len(amounts)),
        brought=short_amount(brought, "t", MASS),
    )  # fmt: skip


def _loop_chart(view: TableView, found: list[Row], words: Text) -> Chart:
    """Return a Sankey diagram whose nodes may both send and take, cycles included."""
    column = column_of(view, "value")
    largest = max(row["value"] for row in found)
    kept = [place for place, row in enumerate(found) if row["value"] * SMALLEST_DRAWN >= largest]
    kept.sort(key=lambda place: (_order(found[place]), place))
    drawn = TableView(view.columns, tuple(view.rows[place] for place in kept), view.source)
    found = [found[place] for place in kept]
    nodes = list(dict.fromkeys(node for row in found for node in (row["source_node"], row["target_node"])))
    colour = {node: PALETTE[place % len(PALETTE)] for place, node in enumerate(nodes)}

    def make(language: str) -> Mapping[str, Any]:
        trace = {
            "type": "sankey",
            "arrangement": "snap",
            "valuesuffix": " " + column.unit_text.of(language),
            "valueformat": ",.1f",
            "textfont": {"family": "--font", "size": 12, "color": "--ink"},
            "node": {
                "label": [code_label("loop_node", node).of(language) for node in nodes],
                "color": [colour[node] for node in nodes],
                "pad": 16,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}<br>%{value}<extra></extra>",
            },
            "link": {
                "source": [nodes.index(row["source_node"]) for row in found],
                "target": [nodes.index(row["target_node"]) for row in found],
                "value": numbers(drawn.values("value")),
                "color": [f"{colour[row['source_node']]}-pale" for row in found],
                "hovertemplate": "%{source.label} → %{target.label}<br>%{value}<extra></extra>",
            },
        }
        return {"data": [trace], "layout": {"margin": {"l": 24, "r": 24, "t": 16, "b": 24}}}

    return chart_of(make, 520, words)


def _order(row: Row) -> int:
    """Return the place of a flow on its way round, so that the flow back to production is the one that closes it."""
    return FORWARD.index(row["source_node"]) + 1 if row["source_node"] in FORWARD else 0


def _breaks(reader: Reader) -> Panel:
    found = sorted(reader.rows("circulation_break"), key=lambda row: row["rank"])
    rows = [
        {"rank": str(row["rank"]), "name": named(row["name_zh"], row["name_en"], row["stream"]),
         "stage": code_label("loop_stage", row["stage"]), "fate": code_label("loop_fate", row["fate"]),
         "loss": in_unit(row["loss"], "t", MASS), "share": row["share"], "value": in_unit(row["value"], "CNY", MONEY),
         "forgone": in_unit(row["saving_forgone"], "tCO2e", FORGONE)}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("rank", ui("column.rank")),
        Column("name", ui("column.stream")),
        Column("stage", ui("column.stage")),
        Column("fate", ui("column.fate")),
        number_column("loss", ui("column.loss"), MASS),
        number_column("share", ui("column.share"), "%", decimals=1),
        number_column("value", ui("column.value"), MONEY),
        number_column("forgone", ui("column.saving_forgone"), FORGONE),
    )
    view = TableView(columns, tuple(rows), ("circulation_break",))
    finding = ui(
        "finding.breaks", value=short_amount(summed(found, "loss"), "t", MASS),
        name=rows[0]["name"], fate=rows[0]["fate"], share=share(found[0]["loss"], summed(found, "loss")),
    )  # fmt: skip
    chart = plots.horizontal_bars(
        _by_stream(found), "name",
        [Series(one, colour) for one, colour in zip(FATES, FATE_COLOURS, strict=True)], finding, stacked=True,
        top=DRAWN_STREAMS,
    )  # fmt: skip
    return Panel("breaks", ui("panel.breaks"), finding, chart, view, note=ui("note.breaks"))


def _by_stream(found: list[Row]) -> TableView:
    """Return losses by stream, a column for each fate, the largest stream on top."""
    groups = sorted(grouped(found, "stream").values(), key=lambda group: -(summed(group, "loss") or 0))
    rows: list[dict[str, Any]] = []
    for group in groups:
        row: dict[str, Any] = {"name": named(group[0]["name_zh"], group[0]["name_en"], group[0]["stream"])}
        for one in group:
            row[one["fate"]] = in_unit(one["loss"], "t", MASS)
        rows.append(row)
    columns = [Column("name", ui("column.stream"))]
    columns += [number_column(one, code_label("loop_fate", one), MASS) for one in FATES]
    return TableView(tuple(columns), tuple(rows), ("circulation_break",))


def _gain(reader: Reader) -> Panel:
    found = sorted(reader.rows("recovery_gain"), key=lambda row: -(row["saving"] or 0))
    rows = [
        {"name": named(row["name_zh"], row["name_en"], row["stream"]), "points": row["points"],
         "collected": in_unit(row["collected"], "t", MASS), "returned": in_unit(row["returned"], "t", MASS),
         "saving": in_unit(row["saving"], "tCO2e", FORGONE), "value": in_unit(row["value"], "CNY", MONEY),
         "effect": in_unit(row["table_effect"], "tCO2", EMISSION)}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("name", ui("column.stream")),
        number_column("points", ui("column.points"), "%", decimals=1),
        number_column("collected", ui("column.more_collected"), MASS),
        number_column("returned", ui("column.more_used"), MASS),
        number_column("saving", ui("column.saving"), FORGONE),
        number_column("value", ui("column.value"), MONEY),
        number_column("effect", ui("column.table_effect"), EMISSION),
    )
    view = TableView(columns, tuple(rows), ("recovery_gain",))
    finding = ui(
        "finding.recovery_gain", returned=short_amount(summed(found, "returned"), "t", MASS),
        saving=short_amount(summed(found, "saving"), "tCO2e", FORGONE),
        value=short_amount(summed(found, "value"), "CNY", MONEY), name=rows[0]["name"],
    )  # fmt: skip
    drawn = TableView(columns, tuple(row for row in rows if row["saving"] is not None), view.source)
    chart = plots.horizontal_bars(drawn, "name", [Series("saving", "--c4")], finding) if drawn.rows else None
    return Panel(
        "recovery_gain", ui("panel.recovery_gain"), finding, chart, view, note=ui("note.recovery_gain")
    )


def _balance(reader: Reader) -> Panel:
    found = sorted(reader.rows("material_balance"), key=lambda row: row["position"])
    rows = [
        {"line": named(row["line_zh"], row["line_en"], row["line_code"]),
         "side": code_label("balance_side", row["side"]),
         "quantity": in_unit(-row["quantity"] if row["side"] == "output" else row["quantity"], "t", MASS),
         "error": in_unit(row["standard_error"], "t", MASS)}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("line", ui("column.account_line")),
        Column("side", ui("column.side")),
        number_column("quantity", ui("column.value"), MASS),
        number_column("error", ui("column.standard_error"), MASS),
    )
    view = TableView(columns, tuple(rows), ("material_balance",))
    amount = {row["line_code"]: row["quantity"] for row in found}
    finding = ui("finding.material_balance", used=short_amount(amount["direct_input"], "t", MASS),
                 kept=short_amount(amount["net_additions"], "t", MASS))  # fmt: skip
    steps = [
        row
        for row, one in zip(rows, found, strict=True)
        if one["side"] != "balance" or one["line_code"] == "net_additions"
    ]
    drawn = TableView(columns, tuple(steps), view.source, totals=frozenset({len(steps) - 1}))
    return Panel("material_balance", ui("panel.material_balance"), finding,
                 waterfall(drawn, "line", "quantity", finding), view)  # fmt: skip


def _freight(reader: Reader) -> Panel:
    found = sorted(reader.rows("freight_account"), key=lambda row: -(row["emission"] or 0))
    rows = [
        {"mode": code_label("freight_mode", row["mode"]), "vehicle": code_label("freight_vehicle", row["vehicle"]),
         "fuel": code_label("freight_fuel", row["fuel_code"]),
         "tonne_km": in_unit(row["tonne_km"], "tonne-km", TURNOVER), "share": row["share"],
         "emission": in_unit(row["emission"], "tCO2", EMISSION), "intensity": row["intensity"],
         "basis": code_label("freight_basis", row["basis"])}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("mode", ui("column.mode")),
        Column("vehicle", ui("column.vehicle")),
        Column("fuel", ui("column.fuel")),
        number_column("tonne_km", ui("column.turnover"), TURNOVER),
        number_column("share", ui("column.share"), "%", decimals=1),
        number_column("emission", ui("column.emission"), EMISSION),
        number_column("intensity", ui("column.intensity"), "kgCO2/tonne-km", decimals=4),
        Column("basis", ui("column.basis")),
    )
    view = TableView(columns, tuple(rows), ("freight_account", "freight_shift"))
    road = [row for row in found if row["mode"] == "road"]
    finding = ui(
        "finding.freight", value=short_amount(summed(found, "emission"), "tCO2", EMISSION),
        road_carried=share(summed(road, "tonne_km"), summed(found, "tonne_km")),
        road_emitted=share(summed(road, "emission"), summed(found, "emission")),
    )  # fmt: skip
    drawn = TableView(columns, tuple(row for row in rows if row["emission"] is not None), view.source)
    chart = plots.horizontal_bars(drawn, "vehicle", [Series("emission")], finding)
    return Panel("freight", ui("panel.freight"), finding, chart, view, note=_shift_note(reader))


def _shift_note(reader: Reader) -> Text:
    best = min(reader.rows("freight_shift"), key=lambda row: row["change"] or 0, default=None)
    if best is None or best["change"] is None:
        return Text("", "")
    percent = f"{float(best['share']):.0f}%"
    return ui("note.freight_shift", share=percent, mode=code_label("freight_mode", best["mode_to"]),
              value=short_amount(-best["change"], "tCO2", EMISSION))  # fmt: skip
