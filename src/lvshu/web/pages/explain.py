"""Explain: where a figure, a table or a record comes from, down to the rows of the files it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from lvshu.core.errors import InputError, Problem
from lvshu.pipeline.explain import Explanation, Records, explain, is_public_name, near_names
from lvshu.pipeline.headlines import definitions
from lvshu.publish.display import Absence, exact
from lvshu.publish.headlines import shown_figure
from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.origins import document_text, method_card
from lvshu.publish.panels.base import named
from lvshu.publish.panels.told import general_text
from lvshu.publish.reader import Reader
from lvshu.publish.texts import (
    NO_TEXT,
    Text,
    code_label,
    contract_of,
    same,
    table_label,
    unit_label,
    value_label,
)
from lvshu.publish.translated import translated
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.security.cells import is_closed, small_headlines
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

PROGRAM, DIGEST, NO_FILE = "Python: ", "SHA-256 of its source: ", "no file"
"""How the code of a step that is no query is kept in the book."""
TARGET = r"^[^\x00-\x1f]*$"


class ExplainQuery(PageQuery):
    """What is to be explained."""

    target: str = Field(
        min_length=1,
        max_length=200,
        pattern=TARGET,
        description="code of a headline, a table, table.column, or a record's key",
    )
    fragment: bool = Field(default=False, description="only the explanation, without the page around it")


def build(context: Context, query: ExplainQuery) -> PageView:
    """Return the page.

    Raises:
        InputError: there is nothing of that name, or only whoever may see records may ask for it.
    """

    def made(reader: Reader) -> Explanation:
        return explain(reader.book, query.target, rows=8)  # type: ignore[arg-type]

    def near(reader: Reader) -> list[str] | None:
        book: Any = reader.book
        return None if is_public_name(book, query.target) else near_names(book, query.target)

    if query.target in small_headlines(context):
        raise InputError(Problem("web.may_not", values={"right": word_of_right("records")}))
    if not context.person.sees_records:  # of a record they learn nothing, nor whether the book has it
        others = context.made(("near", query.target), near)
        if others is not None:
            values = {"target": query.target, "near": others}
            raise InputError(Problem("web.nothing_to_explain", values=values))
    return page(context.made(("explain", query.target), made), context)


def page(explanation: Explanation, context: Context) -> PageView:
    """Return an explanation as a page, as whoever asks may see it."""
    found = _as_seen(explanation, context)
    return PageView(
        id=f"explain-{_safe(found.target)}",
        title=_title(found),
        lead=_lead(found),
        panels=tuple(panels(found, context)),
        template="explain.html.j2",
        data={
            "found": found,
            "card": method_card((found.method or {}).get("id", "")),
            "facts": facts(found),
            "steps": [_step(one) for one in found.tables if one["sql"]],
        },
        facts={
            "kind": found.kind,
            "target": found.target,
            "definition": found.definition,
            "method": found.method,
        },
        crumbs=(Link(word("nav.home"), "/"),),
    )


def _as_seen(found: Explanation, context: Context) -> Explanation:
    """Return an explanation as whoever asks may see it: the sum over a closed table may rest on one unit."""
    closed = found.kind == "table" and is_closed(found.definition["table"])
    if context.person.sees_records or not closed or "total" not in found.definition:
        return found
    return replace(found, definition={**found.definition, "total": None})


def word_of_right(name: str) -> dict[str, str]:
    """Return what a right is called, for messages."""
    text = word(f"right.{name}")
    return {"zh": text.zh, "en": text.en}


def _safe(target: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in target)[:60]


def _title(found: Explanation) -> Text:
    one = found.definition
    if found.kind == "headline":
        return named(one["label_zh"], one["label_en"], found.target)
    if found.kind == "table":
        label = Text(one["zh"], one["en"])
        column = one.get("column")
        return label if column is None else Text(f"{label.zh}：{column['zh']}", f"{label.en}: {column['en']}")
    return word("explain.record", record=found.target)


def _lead(found: Explanation) -> Text:
    one = found.definition
    if found.kind == "table":
        about = one.get("column") or one
        return Text(about["meaning_zh"], about["meaning_en"])
    return word(f"explain.lead.{found.kind}")


def facts(found: Explanation) -> list[tuple[Text, Text]]:
    """Return what is told of the figure itself: what, from which rows, how sure."""
    one = found.definition
    told: list[tuple[Text, Text]] = []
    if found.kind == "headline":
        told.append((word("column.table"), table_label(one["table_name"]) + same(f" ({one['table_name']})")))
        told.append((word("column.state"), code_label("status", one["status"])))
        if one["reason_zh"]:
            told.append((word("column.why"), Text(one["reason_zh"], one["reason_en"])))
        told += _figures(one)
        if one["uncertainty_scope_zh"]:
            told.append((word("uncertainty"), Text(one["uncertainty_scope_zh"], one["uncertainty_scope_en"])))
    elif found.kind == "table":
        told.append((word("column.rows"), same(f"{one['rows']:,}")))
        if one.get("total") is not None:
            told.append((word("column.sum"), in_full(one["total"], one["column"]["unit"])))
        elif "total" in one and one["rows"] and not one["column"]["unit"]:
            told.append((word("column.sum"), word("explain.several_units")))
    return told


def _figures(one: Mapping[str, Any]) -> list[tuple[Text, Text]]:
    """Return a headline's figure as the cards show it and in full, then its interval and standard error in full."""
    if one["value"] is None:
        return []
    shown = {language: shown_figure(one, language) for language in ("zh", "en")}
    as_shown = Text(shown["zh"].value, shown["en"].value)
    between = Text(shown["zh"].interval, shown["en"].interval)
    told = [(word("explain.as_shown"), as_shown + (Text("", " ") + between if between else NO_TEXT))]
    for key in ("value", "low", "high", "standard_error"):
        if one[key] is not None:
            told.append((word(f"explain.full.{key}"), in_full(one[key], one["unit"])))
    return told


def in_full(value: Any, unit: str) -> Text:
    """Return a figure with every digit that is kept, and its unit."""
    number = f"{exact(value):,f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    label = unit_label(unit)
    if not label:
        return same(number)
    between = "" if label.en == "%" else "\u00a0×\u00a0" if label.en[:1].isdigit() else "\u00a0"
    return Text(number + label.zh, number + between + label.en)


def _step(one: dict[str, Any]) -> dict[str, Any]:
    """Return a step with its name; one that is no query with what is told of its program instead of its comment."""
    lines = [line.removeprefix("-- ") for line in str(one["sql"]).splitlines()]
    is_program = (
        bool(lines)
        and lines[0].startswith(PROGRAM)
        and all(line.startswith("-- ") for line in str(one["sql"]).splitlines() if line)
    )
    told, read = NO_TEXT, []
    if is_program:
        told = word("explain.by_program", name=lines[0].removeprefix(PROGRAM))
        told = told + Text("。", ". ")
        digest = next((line.removeprefix(DIGEST) for line in lines if line.startswith(DIGEST)), "")
        files = [line for line in lines[1:] if not line.startswith(DIGEST)]
        if digest:
            told = told + word("explain.program_source", digest=digest)
        read = [] if files == [NO_FILE] else files
        if files == [NO_FILE]:
            told = told + word("explain.read_nothing")
        elif files:
            told = told + word("explain.read_from")
    return {**one, "label": Text(one["zh"], one["en"]), "program": is_program, "told": told, "files": read}


def panels(found: Explanation, context: Context) -> list[Panel]:
    """Return the tables of an explanation: uncertainty, tables on the way, packs, inputs, findings, records."""
    made = [
        _uncertainty(found, context),
        _tables(found),
        _packs(found),
        _inputs(found),
        _findings(found, context.person.sees_records),
    ]
    kept = [panel for panel in made if panel is not None]
    return kept + [records_panel(one, context, place) for place, one in enumerate(found.records)]


def _plain_panel(
    name: str, columns: tuple[Column, ...], rows: list[dict[str, Cell]], *source: str
) -> Panel | None:
    if not rows:
        return None
    return Panel(name, word(f"explain.{name}"), table=TableView(columns, tuple(rows), source))


def _uncertainty(found: Explanation, context: Context) -> Panel | None:
    """Return the errors of a figure, or of the figures behind a table; those only that may be seen as headlines."""
    own = [one for one in found.uncertainty if one["indicator"] == found.target]
    if not own and found.kind != "headline":  # of a headline without an interval, others' errors tell nothing
        own = [one for one in found.uncertainty if _may_see(one["indicator"], context)][:20]
    rows: list[dict[str, Cell]] = [
        {
            "indicator": one["indicator"],
            "value": one["value"],
            "unit": unit_label(one["unit"]),
            "error": one["standard_error"],
            "low": one["low"],
            "high": one["high"],
            "method": code_label("uncertainty_method", one["method"]),
            "scope": named(one["scope_zh"], one["scope_en"], "…"),
        }
        for one in own
    ]
    columns = (
        Column("indicator", word("column.code"), code=True),
        number_column("value", word("column.value"), ""),
        Column("unit", word("column.unit")),
        number_column("error", word("column.standard_error"), ""),
        number_column("low", word("column.low"), ""),
        number_column("high", word("column.high"), ""),
        Column("method", word("method")),
        Column("scope", word("explain.covers")),
    )
    return _plain_panel("uncertainty_parts", columns, rows, "uncertainty")


def _may_see(indicator: str, context: Context) -> bool:
    """Return whether the estimate of an indicator is told: to those who may not see records, of headlines alone."""
    if context.person.sees_records:
        return True
    return indicator in {one.code for one in definitions()} - small_headlines(context)


def _tables(found: Explanation) -> Panel | None:
    rows: list[dict[str, Cell]] = [
        {
            "table": Text(one["zh"], one["en"]),
            "name": one["table"],
            "rows": one["rows"],
            "step": one["step"] or Absence.NOT_APPLICABLE,
            "status": code_label("status", one["status"]) if one["status"] else Absence.NOT_APPLICABLE,
            "method": method_text(one["method"]) or Absence.NOT_APPLICABLE,
        }
        for one in found.tables
    ]
    columns = (
        Column("table", word("column.table")),
        Column("name", word("column.code"), code=True),
        number_column("rows", word("column.rows"), "1", decimals=0),
        Column("step", word("step"), code=True),
        Column("status", word("column.state")),
        Column("method", word("method")),
    )
    return _plain_panel("tables", columns, rows, "step_run")


def method_text(method: str | None) -> Text:
    """Return what a method is called; its id where it has no card, empty where there is none."""
    card = method_card(method or "")
    return card["name"] if card is not None else same(method or "")


def _packs(found: Explanation) -> Panel | None:
    rows: list[dict[str, Cell]] = [
        {
            "name": named(one["zh"], one["en"], one["pack"]),
            "state": code_label("completeness", one["completeness"]),
            "issuer": translated(one["issuer"]) or Absence.NOT_APPLICABLE,
            "document": document_text(one) or Absence.NOT_APPLICABLE,
            "source": translated(one["source"]) or Absence.NOT_APPLICABLE,
            "sha256": (one["sha256"] or "")[:12],
        }
        for one in found.packs
    ]
    columns = (
        Column("name", word("column.pack")),
        Column("state", word("column.completeness"), "mark"),
        Column("issuer", word("column.issuer")),
        Column("document", word("column.document")),
        Column("source", word("column.source")),
        Column("sha256", word("column.sha256"), code=True),
    )
    return _plain_panel("packs", columns, rows, "pack_used")


def _inputs(found: Explanation) -> Panel | None:
    rows: list[dict[str, Cell]] = [
        {
            "table": table_label(one["table_name"]),
            "file": one["file"] if not one["sheet"] else f"{one['file']} · {one['sheet']}",
            "read": one["rows_read"],
            "kept": one["rows_kept"],
            "quarantined": one["rows_quarantined"],
            "sha256": one["sha256"],
        }
        for one in found.inputs
    ]
    columns = (
        Column("table", word("column.table")),
        Column("file", word("column.file")),
        number_column("read", word("column.rows_read"), "1", decimals=0),
        number_column("kept", word("column.rows_kept"), "1", decimals=0),
        number_column("quarantined", word("column.rows_quarantined"), "1", decimals=0),
        Column("sha256", word("column.sha256"), code=True),
    )
    return _plain_panel("inputs", columns, rows, "input_file")


def _findings(found: Explanation, sees_records: bool) -> Panel | None:
    """Return the findings on the way; for those who may not see records without the records' own values."""
    told = found.findings[:40] if sees_records else _kinds_of(found.findings)[:40]
    rows: list[dict[str, Cell]] = [
        {
            "severity": code_label("severity", one["severity"]),
            **{
                part: named(one[f"{part}_zh"], one[f"{part}_en"], "…")
                if sees_records
                else general_text(one["code"], part, one["table_name"] or "", None)
                for part in ("what", "why", "fix")
            },
        }
        for one in told
    ]
    columns = (
        Column("severity", word("column.severity"), "mark"),
        Column("what", word("column.finding")),
        Column("why", word("column.matters")),
        Column("fix", word("column.remedy")),
    )
    return _plain_panel("findings", columns, rows, "finding")


def _kinds_of(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one finding of each kind and table, in order."""
    return list({(one["code"], one["table_name"]): one for one in reversed(findings)}.values())[::-1]


def records_panel(one: Records, context: Context, place: int) -> Panel:
    """Return sample rows of a table; of records only the count for those who may not see them."""
    title = _rows_title(one)
    name = f"rows-{place}-{one.table}"
    if is_closed(one.table) and not context.person.sees_records:
        return Panel(name, title, empty=word("empty.records", right=word("right.records")))
    if not one.rows:
        return Panel(name, title, empty=word("empty.no_rows_here", table=Text(one.zh, one.en)))
    kept = [column for column in one.columns if any(row[column["name"]] is not None for row in one.rows)]
    columns, rows = record_table(one.table, _explained_first(one, kept), one.rows)
    return Panel(
        name,
        title,
        table=TableView(columns, rows, (one.table,), left_out=max(0, one.rows_in_all - len(rows))),
    )


def _rows_title(one: Records) -> Text:
    """Return what a table of sample rows is called: which rows they are, told as they were chosen."""
    prefix = f"{one.record}  " if one.record else ""
    values = {"table": Text(prefix + one.zh, prefix + one.en), "rows": f"{one.rows_in_all:,}"}
    if len(one.rows) >= one.rows_in_all:
        return word("explain.rows_all", **values)
    by = next((Text(item["zh"], item["en"]) for item in one.columns if item["name"] == one.largest_by), None)
    if by is None:
        return word("explain.rows_first", **values)
    return word("explain.rows_of", **values, column=by)


def _explained_first(one: Records, kept: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the columns with the amount by which rows were chosen after the key, before what it was made of."""
    contract = contract_of(one.table)
    key = set(contract.key) if contract is not None else set()
    return sorted(kept, key=lambda column: (column["name"] not in key, column["name"] != one.largest_by))


def record_table(
    table: str, described: list[dict[str, str]], rows: list[dict[str, Any]]
) -> tuple[tuple[Column, ...], tuple[dict[str, Cell], ...]]:
    """Return columns and cells of rows of a table, named and with units as its contract states.

    Columns that hold the same words in both languages (name_zh, name_en) are one: each reader sees their own.
    """
    names = {one["name"] for one in described}
    doubled = {name for name in names if name.endswith("zh") and f"{name[:-2]}en" in names}
    english = {f"{name[:-2]}en" for name in doubled}
    kept = [one for one in described if one["name"] not in english]
    numbers = {
        one["name"] for one in kept if one["type"] in ("money", "quantity", "ratio", "integer", "number")
    }
    coded = {one["name"] for one in kept if one["type"] == "code"}

    def column(one: Mapping[str, str]) -> Column:
        name, label = one["name"], Text(one["zh"], one["en"])
        if name in numbers:
            return number_column(name, label, "" if ":" in one["unit"] else one["unit"])
        if name in doubled:
            return Column(name[:-3] or "name", without_language(label))
        return Column(name, label, code=one["type"] == "code")

    def cell(one: Mapping[str, str], row: Mapping[str, Any]) -> Cell:
        name = one["name"]
        if name in doubled:
            zh, en = row.get(name), row.get(f"{name[:-2]}en")
            return None if zh is None and en is None else Text(str(zh or en), str(en or zh))
        return _cell(table, name, row.get(name), name in numbers, coded)

    columns = tuple(column(one) for one in kept)
    made = tuple(
        {shown.key: cell(one, row) for shown, one in zip(columns, kept, strict=True)} for row in rows
    )
    return columns, made


_WHICH = re.compile(
    r"（(中文|英文|英)）|中文|,? \((zh|Chinese|English)\)|\bChinese | in Chinese|^In Chinese$"
)
"""Words of a column's label that say in which language it is."""


def without_language(label: Text) -> Text:
    """Return a column's label without the words that say in which language it is."""
    return Text(_WHICH.sub("", label.zh), _WHICH.sub("", label.en))


def _cell(table: str, name: str, value: object, is_number: bool, coded: set[str]) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    if is_number:
        return value  # type: ignore[return-value]
    return value_label(table, name, value) if name in coded else translated(str(value))


PAGE = Page("/explain", "explain", build, ExplainQuery)
