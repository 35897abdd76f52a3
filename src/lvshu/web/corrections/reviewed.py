"""Answers of reviews that this run read: on names, links, codes and labels, however they were given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lvshu.intake.text import literal
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, column_label, same
from lvshu.web.context import Context
from lvshu.web.corrections.change import Change, Chosen, Tally, by_person, counted, shortened, told
from lvshu.web.words import word


@dataclass(frozen=True)
class _Answered:
    """A table of answers: what its rows are about, what was answered, by whom and when.

    rule: column that tells one kind of answer from another; empty where the table has one kind only.
    to: columns of what stands in the place of what was there.
    """

    table: str
    key: tuple[str, ...]
    rule: str
    to: tuple[str, ...]
    on: str


TABLES = (
    _Answered("match_override", ("subject_kind", "subject"), "", ("company_id",), "decided_on"),
    _Answered(
        "match_review",
        ("subject_key", "company_id"),
        "decision",
        ("decision", "other_company_id"),
        "reviewed_on",
    ),
    _Answered("link_review", ("kind", "left_key", "right_key"), "decision", ("decision",), "reviewed_on"),
    _Answered("coding_review", ("uscc",), "", ("industry_code",), "reviewed_on"),
    _Answered(
        "label_decision",
        ("loan_id", "theme", "catalogue", "label_code"),
        "decision",
        ("decision",),
        "decided_on",
    ),
)
ONE_KIND = "assigned"
"""Rule of a table all of whose answers assign something."""


@dataclass(frozen=True)
class Reviewed:
    """The answers, table after table."""

    kind: str = "review"
    of_book: bool = True

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many answers there are, by table and answer."""
        found: list[Tally] = []
        for one in TABLES:
            if reader.book.has(one.table):
                sql = (
                    f"SELECT {literal(one.table)}, {one.rule or literal(ONE_KIND)}, count(*) FROM {one.table} "
                    "GROUP BY 1, 2 ORDER BY 1, 2"
                )
                found += counted(reader, self.kind, sql, one.table)
        return found

    def rows(self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int) -> list[Change]:
        """Return some of the answers."""
        found: list[Change] = []
        for one in TABLES:
            if not reader.book.has(one.table) or chosen.table not in ("", one.table):
                continue
            if not one.rule and chosen.rule not in ("", ONE_KIND):
                continue
            where = chosen.conditions(rule=one.rule) if one.rule else "TRUE"
            count = reader.book.count(one.table, where)
            if offset >= count:
                offset -= count
                continue
            rows = reader.book.read(
                one.table, where=where, order=[*one.key, one.on], limit=limit - len(found), offset=offset
            ).to_pylist()
            files = {
                row["file_number"]: row["file"] for row in reader.rows("input_file", table_name=one.table)
            }
            found += [_change(one, row, files) for row in rows]
            offset = 0
            if len(found) >= limit:
                break
        return found


def _change(one: _Answered, row: Mapping[str, Any], files: Mapping[int, str]) -> Change:
    after: Text = NO_TEXT
    for name in one.to:
        if row[name] is not None:
            shown = told(one.table, name, row[name])
            after = (
                after
                + (same(" ") if after else NO_TEXT)
                + (shown if isinstance(shown, Text) else same(shown))
            )
    file = f"{files.get(row['source_file'], '–')}:{row['source_row']}"
    return Change(
        kind="review",
        table=one.table,
        rule=row[one.rule] if one.rule else ONE_KIND,
        key=shortened("|".join(str(row[name]) for name in one.key)),
        column=column_label(one.table, one.to[0]),
        before=word("corrections.not_told"),
        after=after if after else word("corrections.unknown"),
        who=by_person(row["reviewer"] or ""),
        when=str(row[one.on] or ""),
        note=shortened(row.get("note") or ""),
        back=word("corrections.back.review", place=shortened(file)),
    )
