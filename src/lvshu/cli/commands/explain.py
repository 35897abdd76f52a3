"""lvshu explain: from a figure down to its records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lvshu.cli.console import Output, shown
from lvshu.cli.figures import unit_name
from lvshu.cli.opened import opened
from lvshu.pipeline.explain import Explanation, Records, explain
from lvshu.publish.headlines import shown_figure
from lvshu.publish.texts import unit_label

WIDTH = 8
"""Columns of a record shown on a terminal; --json has them all."""


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    target: str,
    where: str | None,
    rows: int,
    run_id: str | None,
    institution: str = "",
) -> int:
    """Print where a figure comes from. Returns the exit code."""
    output = Output(language, as_json)
    with opened(path, run_id, output, institution) as book:
        found = explain(book, target, where=where, rows=rows)
    output.json({"ok": True, **found.as_json()})
    if not as_json:
        _show(output, found)
    return 0


def _show(output: Output, found: Explanation) -> None:
    if found.kind == "headline":
        _show_headline(output, found)
    else:
        _show_definition(output, found.definition)
    if found.method:
        _show_method(output, found.method)
    _show_uncertainty(output, found)
    if found.tables:
        output.heading(output.text("explain.tables"))
        output.table(
            [output.text(name) for name in ("table", "rows", "step", "standing", "reason")],
            [
                (
                    f"{one[output.language]} ({one['table']})",
                    one["rows"],
                    one["step"],
                    output.text(f"status.{one['status']}") if one["status"] else "",
                    output.pick(one, "reason"),
                )
                for one in found.tables
            ],
            right=(1,),
        )
    _show_packs(output, found.packs)
    _show_inputs(output, found.inputs)
    if found.findings:
        output.heading(output.text("explain.findings"))
        output.table(
            ["", output.text("step"), ""],
            [
                (output.text(one["severity"]), one["step"], output.pick(one, "what"))
                for one in found.findings[:20]
            ],
        )
    for one in found.records:
        _show_records(output, one)
    _show_queries(output, found.tables)


def _show_headline(output: Output, found: Explanation) -> None:
    row = found.definition
    output.heading(f"{output.pick(row, 'label')} ({row['code']})")
    figure = shown_figure(row, output.language)
    output.say(f"{figure.value}  {figure.interval}".rstrip(), style="bold")
    if row["status"] != "available":
        output.say(f"{output.text('quality.' + row['status'])}: {output.pick(row, 'reason')}", style="yellow")
    output.heading(output.text("explain.definition"))
    output.say(output.text("explain.sum", table=row["table_name"]))
    output.say(row["query"], style="cyan")
    run = found.run
    output.say(
        f"{output.text('run_id')} {run['run_id']}  lvshu {run['version']}  {run['engine']}", style="dim"
    )


def _show_definition(output: Output, definition: dict[str, Any]) -> None:
    if "record" in definition:
        output.heading(str(definition["record"]))
        if "records" in definition:
            keys = ("、" if output.language == "zh" else ", ").join(definition["records"])
            output.say(output.text("explain.several", count=len(definition["records"]), keys=keys))
        return
    output.heading(f"{definition[output.language]} ({definition['table']})")
    output.say(output.pick(definition, "meaning"))
    column = definition.get("column")
    if column:
        output.say(
            f"{column[output.language]} ({column['name']}): {output.pick(column, 'meaning')} [{column['unit']}]"
        )
    if definition.get("total") is not None:
        output.say(f"{output.text('explain.total')}: {definition['total']:,}", style="bold")
    output.say(output.text("run.rows", rows=f"{definition['rows']:,}"))


def _show_method(output: Output, method: dict[str, Any]) -> None:
    output.heading(f"{output.text('explain.method')}: {method.get(output.language)}")
    formula = method.get(f"formula_{output.language}") or method.get("formula")
    rows = [
        (output.text("explain.formula"), formula),
        (output.text("clause"), method.get("clause")),
        (output.text("source"), method.get("source")),
        (output.text("explain.limits"), output.pick(method, "limits")),
    ]
    output.table(["", ""], [row for row in rows if row[1]])


def _show_uncertainty(output: Output, found: Explanation) -> None:
    if not found.uncertainty:
        return
    own = [one for one in found.uncertainty if one["indicator"] == found.target]
    output.heading(output.text("explain.uncertainty"))
    output.table(
        [
            output.text(name)
            for name in (
                "indicator",
                "value",
                "unit",
                "explain.standard_error",
                "interval",
                "explain.method",
                "explain.covers",
            )
        ],
        [
            (
                one["indicator"],
                one["value"],
                _unit_word(one["unit"], output.language),
                one["standard_error"],
                f"{one['low']:,.6g} – {one['high']:,.6g}"
                if one["low"] is not None and one["high"] is not None
                else "",
                one["method"],
                output.pick(one, "scope"),
            )
            for one in own or found.uncertainty[:12]
        ],
        right=(1, 3),
    )


def _show_packs(output: Output, packs: list[dict[str, Any]]) -> None:
    if packs:
        output.heading(output.text("explain.packs"))
        output.table(
            [output.text(name) for name in ("word.code", "name", "document", "completeness")] + ["SHA-256"],
            [
                (
                    one["pack"],
                    one[output.language],
                    one["document_number"],
                    output.text(one["completeness"]),
                    (one["sha256"] or "")[:12],
                )
                for one in packs
            ],
        )


def _show_inputs(output: Output, inputs: list[dict[str, Any]]) -> None:
    if inputs:
        output.heading(output.text("explain.inputs"))
        output.table(
            [output.text(name) for name in ("table", "files", "read", "kept", "quarantined")] + ["SHA-256"],
            [
                (
                    one["table_name"],
                    one["file"],
                    one["rows_read"],
                    one["rows_kept"],
                    one["rows_quarantined"],
                    one["sha256"][:12],
                )
                for one in inputs
            ],
            right=(2, 3, 4),
        )


def _show_records(output: Output, one: Records) -> None:
    named = f"{one.zh if output.language == 'zh' else one.en} ({one.table})"
    by = next((column[output.language] for column in one.columns if column["name"] == one.largest_by), None)
    shown = output.text("explain.records", table=named, count=f"{one.rows_in_all:,}", shown=len(one.rows))
    if len(one.rows) < one.rows_in_all:
        shown += output.text("explain.by_key") if by is None else output.text("explain.largest_by", column=by)
    output.heading(f"{one.record}  {shown}" if one.record else shown)
    kept = _chosen(one)
    heads = [_head(column, output.language) for column in kept]
    cells = [[_cell(row, column, output.language) for column in kept] for row in one.rows]
    output.table(heads, cells, right=[place for place, column in enumerate(kept) if column["unit"]])


def _head(column: dict[str, str], language: str) -> str:
    unit = column["unit"]
    return (
        f"{column[language]} [{unit_name(unit, language)}]" if unit and ":" not in unit else column[language]
    )


def _chosen(one: Records) -> list[dict[str, str]]:
    """Return the columns that are shown: those with a unit and, before them, what names the row."""
    filled = [column for column in one.columns if any(row[column["name"]] is not None for row in one.rows)]
    amounts = [column for column in filled if column["unit"]][:4]
    names = [column for column in filled if not column["unit"]][: WIDTH - len(amounts)]
    return names + amounts


def _unit_word(symbol: str | None, language: str) -> str:
    """Return a unit's name; nothing for a figure without one, the symbol itself where it is not registered."""
    return unit_label(symbol or "").of(language)


def _cell(row: dict[str, Any], column: dict[str, str], language: str) -> object:
    """Return a cell as it is shown; where each row states its own unit, with that unit."""
    value = row[column["name"]]
    if value is not None and column["type"] in ("year", "code"):
        return str(value)
    if value is not None and column["unit"].startswith("column:"):
        return (
            f"{shown(value)} {_unit_word(row.get(column['unit'].removeprefix('column:')), language)}".rstrip()
        )
    return value


def _show_queries(output: Output, tables: Iterable[dict[str, Any]]) -> None:
    for one in tables:
        if one["sql"]:
            output.heading(output.text("explain.sql", table=one["table"]))
            output.say(one["sql"], style="cyan")
