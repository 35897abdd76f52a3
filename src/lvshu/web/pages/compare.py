"""The difference between two runs: which headlines moved, what made them move, which records changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field

from lvshu.core.errors import LvshuError, Problem, StoreError, Where
from lvshu.pipeline.compare import SAMPLE_ROWS, Comparison, compare
from lvshu.publish.display import Absence, exact
from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, column_label, same, table_label, unit_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.explain import in_full
from lvshu.web.pages.home import amount, causes_told, gap_told
from lvshu.web.pages.page import Page
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

RUN_ID = r"^[A-Za-z0-9.-]*$"
CAUSES = 5
EXAMPLES = 4
"""Examples of each kind and table on the page; files hold all that were looked up."""


class CompareQuery(PageQuery):
    """Which two runs."""

    old: str = Field(
        default="", max_length=80, pattern=RUN_ID, description="the older run; empty: the one before"
    )
    new: str = Field(
        default="", max_length=80, pattern=RUN_ID, description="the newer run; empty: the current one"
    )


def difference(context: Context, query: CompareQuery) -> PageView:
    """Return the page on the difference between two runs.

    Raises:
        StoreError: no such run, or there is only one.
    """
    runs = context.workbench.workspace.runs
    new = runs.path(query.new or None).name
    old = runs.path(query.old).name if query.old else runs.before(new)
    if old is None:
        raise StoreError(Problem("pipeline.one_run_only", Where(file=str(runs.folder))))

    def made(_: Reader) -> Comparison:
        with context.workbench.workspace.book(old) as before, context.workbench.workspace.book(new) as after:
            try:
                return compare(before, after)
            except (KeyError, LvshuError) as error:
                values = {"reason": str(error)[:200]}
                raise StoreError(Problem("web.not_comparable", values=values)) from error

    found = context.made(("compare", old, new), made)
    return PageView(
        "compare",
        word("runs.difference"),
        word("runs.difference_lead", old=old, new=new),
        panels_of(found, old, new),
        crumbs=(Link(word("nav.data"), "/data"), Link(word("runs.title"), "/runs")),
        facts={"old": old, "new": new, "same": found.same},
        state=((word("runs.run_old"), same(old)), (word("runs.run_new"), same(new))),
    )


def panels_of(found: Comparison, old: str, new: str) -> tuple[Panel, ...]:
    """Return the panels of a comparison; old, new: names of the two runs, which head the columns of the files."""
    panels = (
        _headlines(found, old, new),
        _changed("inputs", found.inputs, _input_name),
        _changed("packs", found.packs, lambda row: str(row["pack"])),
        _valued("settings", found.settings),
        _valued("about", found.about),
        _code(found.code_labels),
        _records(found.records),
        _examples(found.records),
    )
    return tuple(panel for panel in panels if panel is not None)


def _headlines(found: Comparison, old: str, new: str) -> Panel:
    moved = [row for row in found.headlines if row["changed"]]
    title = word("headlines")
    if not moved:
        return Panel("headlines", title, empty=word("runs.no_headline"))
    columns = (
        Column("headline", word("column.headline")),
        Column("old", word("runs.old")),
        Column("new", word("runs.new")),
        number_column("share", word("column.change"), "%", decimals=2),
        number_column("points", word("runs.points"), "", decimals=2),
        Column("causes", word("runs.causes")),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "headline": Text(row["label_zh"], row["label_en"]),
            **_both(row),
            **_change(row),
            "causes": _why(row, found.code_labels, CAUSES),
        }
        for row in moved
    )
    filed = _filed_headlines(moved, found.code_labels, old, new)
    return Panel("headlines", title, table=TableView(columns, rows, ("headline",), filed=filed))


def _filed_headlines(
    moved: Sequence[dict[str, Any]], labels: Mapping[str, Mapping[str, str]], old: str, new: str
) -> TableView:
    """Return the headlines that moved as files hold them: exact figures in their units, under the runs' names."""
    columns = (
        Column("code", word("column.code"), code=True),
        Column("headline", word("column.headline")),
        Column("unit", word("column.unit")),
        number_column("old", word("runs.old_of", run=old), ""),
        number_column("new", word("runs.new_of", run=new), ""),
        number_column("difference", word("runs.by_how_much"), ""),
        number_column("share", word("column.change"), "%"),
        Column("causes", word("runs.causes")),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "code": row["code"],
            "headline": Text(row["label_zh"], row["label_en"]),
            "unit": unit_label(row["unit"]),
            **{side: row[side] for side in ("old", "new", "difference")},
            "share": _change(row)["share"],
            "causes": _why(row, labels, len(row["causes"])),
        }
        for row in moved
    )
    return TableView(columns, rows, ("headline",))


def _why(row: dict[str, Any], labels: Mapping[str, Mapping[str, str]], most: int) -> Text:
    """Return why a headline moved: what a missing figure lacks, then what changed behind it."""
    sides = [
        None if row[f"status_{side}"] is None else {"value": row[side], **_reason(row[f"reason_{side}"])}
        for side in ("old", "new")
    ]
    gap, causes = gap_told(*sides), causes_told(row["causes"], most, labels.__getitem__)
    return gap if not causes else Text(gap.zh + causes.zh, f"{gap.en} {causes.en}".strip())


def _reason(told: dict[str, str] | None) -> dict[str, Any]:
    return (
        {"reason_zh": told["zh"], "reason_en": told["en"]} if told else {"reason_zh": None, "reason_en": None}
    )


def _both(row: dict[str, Any]) -> dict[str, Cell]:
    """Return a figure before and after as people read it; with every digit where it would look unmoved."""
    old, new = amount(row, "old"), amount(row, "new")
    if old == new and row["old"] is not None and row["new"] is not None:
        old, new = in_full(row["old"], row["unit"]), in_full(row["new"], row["unit"])
    return {"old": old, "new": new}


def _change(row: dict[str, Any]) -> dict[str, Cell]:
    """Return how far a headline moved: a share in percentage points, anything else in percent of what it was."""
    if row["difference"] is None:
        return {"share": None, "points": None}
    if row["unit"] == "%":
        return {"share": Absence.NOT_APPLICABLE, "points": row["difference"]}
    share = float(row["difference"]) / abs(float(row["old"])) * 100 if row["old"] else None
    return {"share": share, "points": Absence.NOT_APPLICABLE}


def _input_name(row: dict[str, Any]) -> str:
    return f"{row['table']}: {row['file']}" + (f" [{row['sheet']}]" if row["sheet"] else "")


def _changed(name: str, found: list[dict[str, Any]], called: Any) -> Panel | None:
    """Return which files or packs changed; the page shows the first signs of their SHA-256, files hold all."""
    if not found:
        return None
    columns = (
        Column("what", word("column.what"), code=True),
        Column("change", word("column.change")),
        Column("old", word("runs.old"), code=True),
        Column("new", word("runs.new"), code=True),
    )

    def rows(signs: int | None) -> tuple[dict[str, Cell], ...]:
        return tuple(
            {
                "what": called(row),
                "change": word(f"runs.{row['change']}"),
                **{
                    side: row[side][:signs] if row[side] else Absence.NOT_APPLICABLE
                    for side in ("old", "new")
                },
            }
            for row in found
        )

    shown = TableView(columns, rows(12), (), filed=TableView(columns, rows(None), ()))
    return Panel(f"changed-{name}", word(f"runs.{name}"), table=shown, note=word("runs.sha256"))


def _valued(name: str, found: list[dict[str, Any]]) -> Panel | None:
    if not found:
        return None
    columns = (
        Column("key", word("column.what"), code=True),
        Column("old", word("runs.old")),
        Column("new", word("runs.new")),
    )
    rows = tuple({"key": row["key"], **{side: _plain(row[side]) for side in ("old", "new")}} for row in found)
    return Panel(f"changed-{name}", word(f"runs.{name}"), table=TableView(columns, rows, ()))


def _plain(value: object) -> Cell:
    """Return a value of a record or setting as a cell: figures exact, everything else in its own words."""
    if value is None:
        return Absence.MISSING
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return exact(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _code(labels: Mapping[str, Mapping[str, str]]) -> Panel | None:
    if not labels:
        return None
    columns = (Column("label", word("runs.code_makes")), Column("step", word("step"), code=True))
    view = TableView(columns, tuple({"label": Text(**one), "step": name} for name, one in labels.items()), ())
    return Panel("changed-code", word("runs.code"), table=view)


def _records(records: list[dict[str, Any]]) -> Panel | None:
    if not records:
        return None
    keys = ("added", "removed", "changed")
    columns = (
        Column("table", word("column.table")),
        *(number_column(key, word(f"runs.{key}"), "1", decimals=0) for key in keys),
    )
    rows = tuple({"table": table_label(one["table"]), **{key: one[key] for key in keys}} for one in records)
    return Panel("changed-records", word("runs.records"), table=TableView(columns, rows, ()))


def _examples(records: list[dict[str, Any]]) -> Panel | None:
    """Return rows that were added, removed and changed: a few of each on the page, all that are known in files."""
    if not records:
        return None
    columns = (
        Column("table", word("column.table")),
        Column("change", word("column.change")),
        Column("key", word("runs.record")),
        Column("column", word("column.column")),
        Column("old", word("runs.old")),
        Column("new", word("runs.new")),
    )

    def rows(most: int) -> tuple[dict[str, Cell], ...]:
        return tuple(row for one in records for row in _rows_of(one, most))

    shown, whole = rows(EXAMPLES), rows(SAMPLE_ROWS)
    note = (
        word("runs.examples_note", shown=EXAMPLES, filed=SAMPLE_ROWS) if len(shown) < len(whole) else NO_TEXT
    )
    view = TableView(columns, shown, (), filed=TableView(columns, whole, ()))
    return Panel("examples", word("runs.sample"), table=view, note=note)


def _rows_of(one: dict[str, Any], most: int) -> list[dict[str, Cell]]:
    """Return the examples of a table; most: records of each kind."""
    name = one["table"]
    found: list[dict[str, Cell]] = []
    for change, side, other in (("added", "new", "old"), ("removed", "old", "new")):
        found += [
            {
                "table": table_label(name),
                "change": word(f"runs.{change}"),
                "key": _fields(name, record["key"]),
                "column": Absence.NOT_APPLICABLE,
                side: _fields(name, record["values"]),
                other: Absence.NOT_APPLICABLE,
            }
            for record in one[f"{change}_sample"][:most]
        ]
    keys = list({tuple(cell["key"].items()): None for cell in one["sample"]})[:most]
    found += [
        {
            "table": table_label(name),
            "change": word("runs.changed"),
            "key": _fields(name, cell["key"]),
            "column": column_label(name, cell["column"]),
            "old": _plain(cell["old"]),
            "new": _plain(cell["new"]),
        }
        for cell in one["sample"]
        if tuple(cell["key"].items()) in keys
    ]
    return found


def _fields(table: str, values: Mapping[str, object]) -> Text:
    """Return fields of a record with their names; … where it has none."""
    told = [(column_label(table, name), _written(value)) for name, value in values.items()]
    if not told:
        return same(Absence.MISSING.value)
    return Text(
        "；".join(f"{label.zh}：{value.zh}" for label, value in told),
        "; ".join(f"{label.en}: {value.en}" for label, value in told),
    )


def _written(value: object) -> Text:
    cell = _plain(value)
    if isinstance(cell, bool):
        return word("upload.yes" if cell else "upload.no")
    if isinstance(cell, Absence):
        return same(cell.value)
    return in_full(cell, "") if isinstance(cell, Decimal) else same(cell)


PAGE = Page("/runs/compare", "compare", difference, CompareQuery, needs="records")
