"""Panel of the total error: each headline with its naive and total interval, and what the error is made of."""

from __future__ import annotations

from typing import Any

from lvshu.publish.display import Absence, Value, figure
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.panels.base import Row, grouped, named, panel_or_reason
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, joined, same, ui

PARTS = ("sampling", "linkage", "coding", "imputation", "coverage", "model", "bias")
NEEDS = ("labour_survey",)
LEDGER = ("loan", "loan_balance")
FINANCED_PARTS = (
    "sampling", "linkage", "coding", "imputation", "intensity", "factor", "single", "project", "report",
    "coverage", "bias",
)  # fmt: skip
STORED = {"single": "model"}
"""Columns whose part has another name in the table: a model of single borrowers."""


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel; none in a book without a headline of the desks."""
    if not reader.rows("total_error"):
        return ()
    return (panel_or_reason(reader, "total_error", table="total_error", needs=NEEDS, build=_panel),)


def _panel(reader: Reader) -> Panel:
    tables = ("total_error", "total_error_interval")
    return _made(reader, "total_error", tables, PARTS, "column.naive_interval", "note.total_error")


def financed_panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel of the total error of financed emissions; none in a book without an estimate."""
    if not reader.rows("financed_emission_error"):
        return ()
    key, table = "financed_error", "financed_emission_error"
    return (panel_or_reason(reader, key, table=table, needs=LEDGER, build=_financed),)


def _financed(reader: Reader) -> Panel:
    tables = ("financed_emission_error", "financed_emission_interval")
    return _made(
        reader, "financed_error", tables, FINANCED_PARTS, "column.right_interval", "note.financed_error"
    )


def _made(
    reader: Reader, key: str, tables: tuple[str, str], parts: tuple[str, ...], naive: str, note: str
) -> Panel:
    headlines = {row["code"]: row for row in reader.rows("headline")}
    ends = {(row["indicator"], row["kind"]): row for row in reader.rows(tables[1])}
    by_indicator = grouped(reader.rows(tables[0]), "indicator")
    known = sorted(by_indicator, key=lambda key: headlines.get(key[0], {}).get("position") or 0)
    rows = [_row(one[0], by_indicator[one], headlines.get(one[0]), ends, parts) for one in known]
    columns = (
        Column("headline", ui("column.headline")),
        Column("value", ui("column.value")),
        Column("naive", ui(naive)),
        Column("total", ui("column.total_interval")),
        *(number_column(part, code_label("error_part", part), "%", decimals=1) for part in parts),
    )
    view = TableView(columns, tuple(rows), tables, note=ui(note))
    return Panel(key, ui(f"panel.{key}"), _finding(rows, parts), None, view)


def _row(
    indicator: str,
    told: list[Row],
    headline: Row | None,
    ends: dict[tuple[str, str], Row],
    parts: tuple[str, ...] = PARTS,
) -> Row:
    by_part = {row["part"]: _share(row) for row in told}
    stored = {part: STORED.get(part, part) for part in parts}
    shares: dict[str, Value] = {part: by_part[name] for part, name in stored.items() if name in by_part}
    name = (
        named(headline["label_zh"], headline["label_en"], indicator)
        if headline
        else named(None, None, indicator)
    )
    total = ends[(indicator, "total")]
    shown: dict[str, Any] = {
        "key": indicator,
        "headline": name,
        "value": _figure(total, headline, interval=False),
        **shares,
    }
    naive = ends[(indicator, "naive")]
    shown["total"] = _figure(total, headline, interval=True)
    between, estimate = _figure(naive, headline, interval=True), _figure(naive, headline, interval=False)
    is_other = naive["value"] != total["value"] and isinstance(between, Text) and isinstance(estimate, Text)
    shown["naive"] = estimate + same(" ") + between if is_other else between  # type: ignore[operator]
    return shown


def _share(row: Row) -> Value:
    if row["status"] == "none":
        return Absence.NOT_APPLICABLE
    return None if row["share"] is None else float(row["share"])


def _figure(row: Row, headline: Row | None, *, interval: bool) -> Text | Absence:
    display = headline["display_unit"] if headline else row["unit"]
    if interval and (row["low"] is None or row["low"] == row["high"]):
        return Absence.NOT_APPLICABLE
    texts = []
    for language in ("zh", "en"):
        found = figure(
            row["value"], row["unit"], language, display_unit=display, standard_error=row["standard_error"] or None,
            low=row["low"], high=row["high"], coverage=0.95,
        )  # fmt: skip
        texts.append(found.interval if interval else found.value)
    return Text(texts[0], texts[1])


def _finding(rows: list[Row], parts: tuple[str, ...]) -> Text:
    largest = []
    for row in rows:
        known = {part: row[part] for part in parts if isinstance(row.get(part), float)}
        if known:
            part = max(known, key=lambda one: known[one])
            label = code_label("error_part", part)
            largest.append(ui("finding.total_error_one", headline=row["headline"], part=label))
    return ui("finding.total_error", listed=joined(largest[:3]))
