"""Corrections: every change that was made to what came in, from one place; counts for everybody, rows for some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, joined, same, table_label, unit_label, value_label
from lvshu.web.context import Context, RowsQuery
from lvshu.web.corrections import KINDS, Change, Chosen, Tally, changes, tallies
from lvshu.web.corrections.reviewed import ONE_KIND
from lvshu.web.pages.data import NAME, ROWS, tabs, window
from lvshu.web.pages.page import Page
from lvshu.web.view import Choice, Link, PageView
from lvshu.web.words import has_word, word

SOURCES = (
    "quarantine", "edit_change", "edit_decision", "match_review", "match_override", "link_review", "coding_review",
    "label_decision", "correction",
)  # fmt: skip
Kind = Literal["", "replaced", "copy", "edited", "proposed", "decided", "answer", "review", "desk"]


class CorrectionsQuery(RowsQuery):
    """Which changes."""

    kind: Kind = Field(
        default="",
        description="rows replaced by a correction, identical copies, values edited, edits proposed, decisions on "
        "edits, answers on the pages, answers that the run read, corrections of the desk; empty: all",
    )
    table: str = Field(default="", max_length=64, pattern=NAME, description="only changes in this table")
    rule: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^\x00-\x1f]*$",
        description="only changes by this rule or answer",
    )


def build(context: Context, query: CorrectionsQuery) -> PageView:
    """Return the page on what was changed of what came in: replaced, edited, decided, and how it is taken back."""
    counts = tallies(context)
    chosen = Chosen(query.kind, query.table, query.rule)
    rules = context.made("rules of editing", _rules)
    count = sum(one.changes for one in counts if chosen.takes(one))
    shown, more = _shown(context, query, chosen, counts, count, rules)
    return PageView(
        "corrections",
        word("corrections.title"),
        word("corrections.lead"),
        (_summary(context, counts, rules), shown),
        crumbs=(Link(word("nav.data"), "/data"),),
        template="pages.html.j2",
        tabs=tabs("/data/corrections"),
        choices=_choices(counts, chosen, rules) if context.person.sees_records else (),
        data={"has_all": True, "page_number": query.page, "has_more": more},
    )


def _rules(reader: Reader) -> dict[str, Text]:
    """Return the words of the rules of editing, by their code."""
    return {
        row["rule"]: Text(row["text_zh"] or "", row["text_en"] or "")
        for row in reader.rows("edit_rule_result")
    }


def rule_text(kind: str, table: str, rule: str, rules: Mapping[str, Text]) -> Text:
    """Return in words by which rule, or with which answer, a change was made."""
    if kind in ("replaced", "copy"):
        return word(f"corrections.rule.{kind}")
    if kind in ("edited", "proposed"):
        return joined([rules.get(one) or _plain(one) for one in rule.split("+")]) + same(f" ({rule})")
    if kind == "decided":
        return value_label("edit_decision", "decision", rule)
    if kind == "desk":
        return value_label("correction", "kind", rule)
    if rule in (ONE_KIND, "withdraw"):
        return word(f"corrections.rule.{rule}")
    named = value_label(table, "decision", rule)
    if named == same(rule) and has_word(f"reviews.decision.{rule}"):
        return word(f"reviews.decision.{rule}")
    return named


def _plain(rule: str) -> Text:
    return word("corrections.rule.missing") if rule == "missing" else same(rule)


def _summary(context: Context, counts: Sequence[Tally], rules: Mapping[str, Text]) -> Panel:
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        own = [one for one in counts if one.kind == kind and one.changes]
        rows += [
            {
                "kind": word(f"corrections.kind.{kind}"),
                "table": table_label(one.table),
                "rule": rule_text(kind, one.table, one.rule, rules),
                "changes": one.changes,
                "why": word(f"corrections.what.{kind}"),
                "href:kind": ("/data/corrections", {"kind": kind, "table": one.table, "rule": one.rule}),
            }
            for one in own
        ]
        if not own:
            rows.append(
                {
                    "kind": word(f"corrections.kind.{kind}"),
                    "table": same("–"),
                    "rule": same("–"),
                    "changes": 0,
                    "why": word(f"corrections.none.{kind}"),
                }
            )
    columns = (
        Column("kind", word("column.kind")),
        Column("table", word("column.table")),
        Column("rule", word("corrections.rule")),
        number_column("changes", word("corrections.count"), "1", decimals=0),
        Column("why", word("corrections.why")),
    )
    there = context.made(
        "tables of corrections", lambda reader: tuple(one for one in SOURCES if reader.book.has(one))
    )
    total = sum(one.changes for one in counts)
    finding = word("corrections.finding", rows=f"{total:,}") if total else word("corrections.finding_none")
    return Panel("changes", word("corrections.counts"), finding, table=TableView(columns, tuple(rows), there))


def _shown(
    context: Context,
    query: CorrectionsQuery,
    chosen: Chosen,
    counts: Sequence[Tally],
    count: int,
    rules: Mapping[str, Text],
) -> tuple[Panel, bool]:
    """Return the panel of single changes, and whether a further page has some."""
    if not context.person.sees_records:
        empty = word("empty.records", right=word("right.records"))
        return Panel("changed", word("corrections.rows"), empty=empty), False
    title = word("corrections.rows_of", rows=f"{count:,}")
    if not count:
        every = sum(one.changes for one in counts)
        empty = word("corrections.none_of", rows=f"{every:,}") if every else word("corrections.finding_none")
        return Panel("changed", title, empty=empty), False
    limit, offset = window(query, count)
    if offset >= count:
        return Panel("changed", title, empty=word("page.beyond", pages=-(-count // ROWS))), False
    found = changes(context, chosen, counts, limit, offset)
    took = min(limit, count - offset)
    columns = (
        Column("key", word("corrections.key"), code=True),
        Column("table", word("column.table")),
        Column("column", word("column.column")),
        Column("before", word("corrections.before")),
        Column("after", word("corrections.after")),
        Column("unit", word("column.unit")),
        Column("kind", word("column.kind")),
        Column("rule", word("corrections.rule")),
        Column("who", word("corrections.who")),
        Column("when", word("runs.at")),
        Column("back", word("corrections.back")),
        Column("note", word("corrections.note")),
    )
    rows = tuple(_row(one, rules) for one in found)
    if len(rows) != took:  # a row that was replaced has a line for each value that differs
        title = word("corrections.rows_lines", rows=f"{count:,}", took=f"{took:,}", lines=f"{len(rows):,}")
    view = TableView(columns, rows, (), left_out=count - took)
    return Panel("changed", title, table=view, note=word("corrections.told")), offset + took < count


def _row(one: Change, rules: Mapping[str, Text]) -> dict[str, Cell]:
    row: dict[str, Any] = {
        "key": one.key,
        "table": table_label(one.table),
        "column": one.column or same("–"),
        "before": one.before,
        "after": one.after,
        "unit": unit_label(one.unit) or same("–"),
        "kind": word(f"corrections.kind.{one.kind}"),
        "rule": rule_text(one.kind, one.table, one.rule, rules),
        "who": one.who,
        "when": one.when or same("–"),
        "back": one.back,
        "note": one.note or same("–"),
    }
    if one.place is not None:
        row["href:key"] = one.place
    return row


def _choices(counts: Sequence[Tally], chosen: Chosen, rules: Mapping[str, Text]) -> tuple[Choice, ...]:
    every = ("", word("all"))
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in counts)]
    own = [one for one in counts if chosen.kind in ("", one.kind)]
    tables = dict.fromkeys(one.table for one in own)
    of_table = [one for one in own if chosen.table in ("", one.table)]
    named = {one.rule: rule_text(one.kind, one.table, one.rule, rules) for one in of_table}
    return (
        Choice(
            "kind",
            word("column.kind"),
            _with(every, {one: word(f"corrections.kind.{one}") for one in kinds}, chosen.kind),
            chosen.kind,
        ),
        Choice(
            "table",
            word("column.table"),
            _with(every, {one: table_label(one) for one in tables}, chosen.table),
            chosen.table,
        ),
        Choice("rule", word("corrections.rule"), _with(every, named, chosen.rule), chosen.rule),
    )


def _with(every: tuple[str, Text], options: Mapping[str, Text], chosen: str) -> tuple[tuple[str, Text], ...]:
    """Return the options of a choice; one that is chosen and is not among them stands as it is asked for."""
    lacking = {chosen: same(chosen)} if chosen and chosen not in options else {}
    return (every, *options.items(), *lacking.items())


PAGE = Page("/data/corrections", "corrections", build, CorrectionsQuery)
