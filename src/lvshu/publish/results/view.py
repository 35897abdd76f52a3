"""A labelled result as a table to be shown, and the chart that is drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.core.units import find_unit
from lvshu.publish import diagrams, plots
from lvshu.publish.display import exact
from lvshu.publish.model import Cell, Chart, Column, TableView, number_column
from lvshu.publish.plots import Series
from lvshu.publish.texts import NO_TEXT, Text, code_label, same, ui, unit_label

MOST_COLUMNS = 12
MOST_ROWS = 300
MOST_BARS = 25
MOST_NODES = 16
NOISE = 1e-9
CHARTED = {
    "price_change": ("own_cost", "border_cost", "passed_on"),
    "linkages": ("backward_normalised", "forward_normalised"),
}  # measures that are drawn, of results whose measures are not all alike
PARTS = ("price_change",)  # results whose drawn measures add up
ORDERED = ("row_layer", "row_period", "row_year")
PER_YUAN, PER_TEN_THOUSAND = "/CNY", "/1e4 CNY"


def level_label(level: str) -> Text:
    """Return what people call a level of labels: region, sector, stressor."""
    return code_label("level", level)


def unit_symbol(stated: str) -> str:
    """Return a unit as the registry spells it; a unit that it does not know stays as its publisher states it."""
    known = find_unit(stated)
    return stated if known is None else known.symbol


@dataclass(frozen=True)
class _Sheet:
    """A result as it is laid out: the longer side goes down the page. One unit for each row, or for each column."""

    rows: Index
    columns: Index
    values: np.ndarray
    error: np.ndarray | None
    row_units: tuple[str, ...]
    column_units: tuple[str, ...]


def _laid_out(result: Result) -> _Sheet:
    r, k = result.values.shape
    units = result.units if len(result.units) > 1 else result.units * r
    error = result.standard_error
    if k > r:
        turned = None if error is None else error.T
        return _Sheet(result.columns, result.rows, result.values.T, turned, (), units)
    if len(set(units)) > 1:
        return _Sheet(result.rows, result.columns, result.values, error, units, ("",) * k)
    return _Sheet(result.rows, result.columns, result.values, error, (), (units[0] if units else "",) * k)


def _per_ten_thousand(sheet: _Sheet) -> _Sheet:
    """Return a sheet whose columns per yuan, too small to be read, are told per ten thousand yuan."""
    found = [j for j, unit in enumerate(sheet.column_units) if unit.endswith(PER_YUAN)]
    if not found:
        return sheet
    scale = np.ones(len(sheet.column_units))
    scale[found] = 1e4
    units = tuple(
        unit.removesuffix(PER_YUAN) + PER_TEN_THOUSAND if unit.endswith(PER_YUAN) else unit
        for unit in sheet.column_units
    )
    error = None if sheet.error is None else sheet.error * scale
    return replace(sheet, values=sheet.values * scale, error=error, column_units=units)


def view_of(result: Result, *, rows: int = MOST_ROWS, columns: int = MOST_COLUMNS) -> TableView:
    """Return the table of a result: labels, unit where rows differ in it, and figures; the longer side down the page.

    Args:
        result: r rows, k columns.
        rows: show so many rows, the largest ones, in their own order; the number left out is told.
        columns: show so many columns, the largest ones; where all have one unit the rest is summed up as “other”.
    """
    sheet = _per_ten_thousand(_laid_out(result))
    kept, rest = _largest_columns(sheet.values, columns)
    is_one_unit = len(set(sheet.column_units)) == 1 and not sheet.row_units
    chosen = _largest_rows(sheet.values[:, kept] if not is_one_unit else sheet.values, rows)
    heads = [Column(f"row_{level}", level_label(level)) for level in _shown_levels(sheet.rows)]
    if sheet.row_units:
        heads.append(Column("unit", ui("column.unit")))
    figures = [
        number_column(f"figure_{j}", _column_name(sheet, j), unit_symbol(sheet.column_units[j])) for j in kept
    ]
    has_error = sheet.error is not None and len(kept) == 1
    if has_error:
        figures.append(number_column("error", code_label("level", "standard_error"), figures[0].unit))
    if rest.size and is_one_unit:
        figures.append(number_column("other", code_label("level", "other"), figures[0].unit))
    body = [_line(sheet, i, kept, rest if is_one_unit else rest[:0], has_error) for i in chosen]
    left = len(sheet.rows) - len(chosen)
    notes = [ui("result.left_out", count=f"{left:,}")] if left else []
    if rest.size and not is_one_unit:
        notes.append(ui("result.columns_left_out", count=f"{rest.size:,}"))
    note = Text("".join(one.zh for one in notes), " ".join(one.en for one in notes))
    sources = tuple(origin.title or origin.file for origin in result.origin if origin.title or origin.file)
    return TableView(tuple(heads + figures), tuple(body), sources, note=note, left_out=left)


def _line(sheet: _Sheet, i: int, kept: list[int], rest: np.ndarray, has_error: bool) -> dict[str, Cell]:
    row: dict[str, Cell] = {f"row_{level}": text for level, text in _parts(sheet.rows, i).items()}
    if sheet.row_units:
        row["unit"] = unit_label(unit_symbol(sheet.row_units[i]))
    row |= {f"figure_{j}": _figure(sheet.values[i, j]) for j in kept}
    if has_error and sheet.error is not None:
        row["error"] = _figure(sheet.error[i, kept[0]])
    if rest.size:
        row["other"] = _figure(float(sheet.values[i, rest].sum()))
    return row


def _figure(value: float) -> Decimal | None:
    return exact(float(value)) if np.isfinite(value) else None


def _column_name(sheet: _Sheet, place: int) -> Text:
    """Return a column's name; of a label that has a code and a name in two languages, the name."""
    parts = _parts(sheet.columns, place)
    named = [text for level, text in parts.items() if f"{level}_zh" in sheet.columns.levels]
    texts = [text for text in (named or list(parts.values())) if text]
    return Text(" / ".join(part.zh for part in texts), " / ".join(part.en for part in texts))


def _shown_levels(index: Index) -> list[str]:
    """Return the levels of an index, a pair such as name_zh and name_en as one level “name”."""
    return list(dict.fromkeys(_stem(level, index.levels) for level in index.levels))


def _stem(level: str, levels: Sequence[str]) -> str:
    stem = level.removesuffix("_zh").removesuffix("_en")
    return stem if {f"{stem}_zh", f"{stem}_en"} <= set(levels) else level


def _parts(index: Index, place: int) -> dict[str, Text]:
    """Return the parts of a label by level, those in two languages as one text."""
    label = dict(zip(index.levels, index.labels[place], strict=True))
    found: dict[str, Text] = {}
    for level in _shown_levels(index):
        pair = label.get(f"{level}_zh"), label.get(f"{level}_en")
        if pair[0] is not None and pair[1] is not None:
            found[level] = Text(pair[0], pair[1])
        else:
            found[level] = code_label("level", label[level])
    return found


def _largest_columns(values: np.ndarray, count: int) -> tuple[list[int], np.ndarray]:
    size = np.abs(np.nan_to_num(values)).sum(axis=0)
    if len(size) <= count:
        return list(range(len(size))), np.zeros(0, dtype=np.int64)
    order = np.argsort(-size, kind="stable")
    return sorted(order[: count - 1].tolist()), np.sort(order[count - 1 :])


def _largest_rows(values: np.ndarray, count: int) -> list[int]:
    if len(values) <= count:
        return list(range(len(values)))
    size = np.abs(np.nan_to_num(values)).sum(axis=1)
    return sorted(np.argsort(-size, kind="stable")[:count].tolist())


def bars_of(result: Result, view: TableView, title: Text) -> Chart | None:
    """Return bars of the largest rows of a result with one unit; None where units differ.

    Columns that are parts of a whole are stacked; measures of one thing are not: they stand beside one another, and
    where a total stands among its parts the parts alone are drawn. Rows that have an order, as layers, keep it.
    """
    figures = [column for column in view.columns if column.kind == "number" and column.key != "error"]
    columns = _laid_out(result).columns
    wanted = CHARTED.get(result.name)
    if wanted and columns.levels == ("measure",):
        keys = {f"figure_{place}" for place, (name,) in enumerate(columns.labels) if name in wanted}
        figures = [column for column in figures if column.key in keys]
    units = {column.unit for column in figures}
    if len(units) != 1 or not view.rows or any(column.key == "unit" for column in view.columns):
        return None
    in_order = any(column.key in ORDERED for column in view.columns)
    ordered = view.rows if in_order else sorted(view.rows, key=lambda row: -_size(row, figures))
    ordered = ordered[:MOST_BARS]
    label = Column("label", NO_TEXT)
    rows = tuple({**row, "label": _row_label(view, row)} for row in ordered)
    drawn = TableView((label, *figures), rows, view.source)
    several = len(figures) > 1
    if several and len(figures) > len(plots.PALETTE):
        return None
    stacked = several and (columns.levels != ("measure",) or result.name in PARTS)
    return plots.horizontal_bars(
        drawn, "label", [Series(column.key) for column in figures], title, stacked=stacked
    )


def _row_label(view: TableView, row: Any) -> Text:
    parts = [row[column.key] for column in view.columns if column.key.startswith("row_")]
    texts = [text for part in parts if (text := part if isinstance(part, Text) else same(part))]
    return Text(" · ".join(text.zh for text in texts), " · ".join(text.en for text in texts))


def _size(row: Any, figures: Sequence[Column]) -> float:
    return sum(abs(float(row[column.key] or 0)) for column in figures)


def sankey_of(result: Result, title: Text) -> tuple[Chart | None, Text]:
    """Return the flows from rows to columns, the largest nodes by name, the others together; and what it leaves out.

    A flow below zero has no width: its sum is told beside the chart.
    """
    values = np.nan_to_num(result.values)
    if not (values > 0.0).any() or len(set(result.units)) > 1:
        return None, NO_TEXT
    sources, targets = _nodes(result.rows, values), _nodes(result.columns, values.T)
    flows: dict[tuple[Text, Text], float] = {}
    positive = np.where(values > 0.0, values, 0.0)
    for i, j in np.argwhere(positive > 0.0):
        pair = sources[i], targets[j]
        flows[pair] = flows.get(pair, 0.0) + float(positive[i, j])
    total = float(positive.sum())
    ordered = sorted(flows.items(), key=lambda item: -item[1])
    rows: list[dict[str, Cell]] = [
        {"source": source, "target": target, "value": _figure(value)} for (source, target), value in ordered
    ]
    columns = (Column("source", NO_TEXT), Column("target", NO_TEXT),
               number_column("value", code_label("level", "value"), unit_symbol(result.units[0])))  # fmt: skip
    note = ui("result.flow_total", amount=f"{total:,.6g}", unit=columns[2].unit_text)
    negative = float(values[values < 0.0].sum())
    if -negative > NOISE * total:
        note += ui("result.negative_flows", amount=f"{negative:,.4g}")
    return diagrams.sankey(TableView(columns, tuple(rows), ()), "source", "target", "value", title), note


def _nodes(index: Index, values: np.ndarray) -> list[Text]:
    """Return the name of the node that each row flows through: its own, or “other” beyond the largest ones."""
    kept = set(_largest_rows(np.where(values > 0.0, values, 0.0), MOST_NODES))
    other = code_label("level", "other")
    return [_joined(_parts(index, place)) if place in kept else other for place in range(len(index))]


def _joined(parts: dict[str, Text]) -> Text:
    texts = [text for text in parts.values() if text]
    return Text(" · ".join(text.zh for text in texts), " · ".join(text.en for text in texts))
