"""Runs: all of them, the one that goes on, who signed for which; and the difference between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from sqlalchemy import select

from lvshu.core.city_time import city_moment
from lvshu.core.errors import LvshuError, Problem, StoreError, Where
from lvshu.pipeline.compare import Comparison, compare
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, same, table_label
from lvshu.store.workspace import Workspace
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.explain import in_full
from lvshu.web.pages.home import amount, causes_told, gap_told
from lvshu.web.pages.page import Page
from lvshu.web.state import tables
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

RUN_ID = r"^[A-Za-z0-9.-]*$"
CAUSES = 5
FINDINGS = 5
SEVERITIES = ("error", "warning", "notice")


def build(context: Context, query: PageQuery) -> PageView:
    """Return the page on the runs."""
    workbench = context.workbench
    current = workbench.shelf.current()
    rows = _runs(workbench.workspace, current, context.person.sees_records)
    signed = workbench.database.rows(
        select(tables.sign_off).order_by(tables.sign_off.c.sign_off_id.desc()).limit(200)
    )
    running = workbench.jobs.job
    job = running.snapshot(whole=context.person.sees_records) if running else None
    columns = (
        Column("run", word("run"), code=True),
        Column("state", word("column.state"), "mark"),
        Column("started", word("runs.started")),
        number_column("size", word("runs.size"), "", decimals=1),
        Column("compare", word("runs.compare"), link=True),
    )
    panel = (
        Panel("runs", word("runs.all"), table=TableView(columns, tuple(rows), ()))
        if rows
        else Panel("runs", word("runs.all"), empty=word("runs.none"))
    )
    return PageView(
        "runs",
        word("runs.title"),
        word("runs.lead"),
        (panel, *_signed(signed)),
        template="runs.html.j2",
        crumbs=(Link(word("nav.data"), "/data"),),
        data={
            "job": job,
            "current": current,
            "pairs": pairs_of(rows) if context.person.sees_records else (),
            "findings": _findings(job),
            "more": _more(job),
        },
        facts={"current": current, "job": job},
    )


def _findings(job: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the first findings of the run that was started here, worst first, as far as they may be read."""
    outcome = (job or {}).get("outcome") or {}
    told = [one for one in (*outcome.get("errors", ()), *outcome.get("problems", ())) if "zh" in one]
    return sorted(told, key=lambda one: SEVERITIES.index(one["severity"]))[:FINDINGS]


def _more(job: dict[str, Any] | None) -> int:
    outcome = (job or {}).get("outcome") or {}
    return len(outcome.get("errors", ())) + len(outcome.get("problems", ())) - len(_findings(job))


def _runs(workspace: Workspace, current: str | None, may_compare: bool) -> list[dict[str, Any]]:
    ids = workspace.runs.ids()
    rows: list[dict[str, Any]] = []
    for place, run_id in reversed(list(enumerate(ids))):
        stamp = run_id[:15]
        before = ids[place - 1] if place and may_compare else ""
        rows.append(
            {
                "run": run_id,
                "state": word("runs.current") if run_id == current else same(""),
                "started": city_moment(f"{stamp}Z"),
                "size": round(workspace.runs.book_path(run_id).stat().st_size / 1e6, 1),
                "compare": word("runs.with_before") if before else same("–"),
                "href:compare": ("/runs/compare", {"old": before, "new": run_id}) if before else None,
            }
        )
    return rows


def pairs_of(rows: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Return id and moment of the runs that can be chosen for a comparison, newest first; none of a single run."""
    return tuple((row["run"], row["started"]) for row in rows) if len(rows) > 1 else ()


def _signed(rows: list[dict[str, Any]]) -> tuple[Panel, ...]:
    if not rows:
        return ()
    columns = (
        Column("run_id", word("run"), code=True),
        Column("statement", word("runs.statement")),
        Column("note", word("runs.note")),
        Column("user_name", word("runs.by")),
        Column("at", word("runs.at")),
    )
    shown = tuple(
        {**row, "statement": word(f"runs.{row['statement']}"), "at": city_moment(row["at"])} for row in rows
    )
    return (Panel("signed", word("runs.signed"), table=TableView(columns, shown, ())),)


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
    panels = tuple(panel for panel in _differences(found) if panel is not None)
    return PageView(
        "compare",
        word("runs.difference"),
        word("runs.difference_lead", old=old, new=new),
        panels,
        crumbs=(Link(word("nav.data"), "/data"), Link(word("runs.title"), "/runs")),
        facts={"old": old, "new": new, "same": found.same},
    )


def _differences(found: Comparison) -> list[Panel | None]:
    moved = [row for row in found.headlines if row["changed"]]
    rows: list[dict[str, Cell]] = [
        {
            "headline": Text(row["label_zh"], row["label_en"]),
            **_both(row),
            **_change(row),
            "causes": _why(row, found.code_labels),
        }
        for row in moved
    ]
    columns = (
        Column("headline", word("column.headline")),
        Column("old", word("runs.old")),
        Column("new", word("runs.new")),
        number_column("share", word("column.change"), "%", decimals=2),
        number_column("points", word("runs.points"), "", decimals=2),
        Column("causes", word("runs.causes")),
    )
    empty = None if rows else word("runs.no_headline")
    table = TableView(columns, tuple(rows), ("headline",)) if rows else None
    return [
        Panel("headlines", word("headlines"), table=table, empty=empty),
        _changed("inputs", [(f"{row['table']}: {row['file']}", row) for row in found.inputs]),
        _changed("packs", [(row["pack"], row) for row in found.packs]),
        _valued("settings", found.settings),
        _valued("about", found.about),
        _code(found.code_labels),
        _records(found),
    ]


def _why(row: dict[str, Any], labels: Mapping[str, Mapping[str, str]]) -> Text:
    """Return why a headline moved: what a missing figure lacks, then what changed behind it."""
    sides = [
        None if row[f"status_{side}"] is None else {"value": row[side], **_reason(row[f"reason_{side}"])}
        for side in ("old", "new")
    ]
    gap, causes = gap_told(*sides), causes_told(row["causes"], CAUSES, labels.__getitem__)
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


def _changed(name: str, rows: list[tuple[str, dict[str, Any]]]) -> Panel | None:
    if not rows:
        return None
    columns = (
        Column("what", word("column.what"), code=True),
        Column("change", word("column.change")),
        Column("old", word("runs.old"), code=True),
        Column("new", word("runs.new"), code=True),
    )
    shown = tuple(
        {
            "what": what,
            "change": word(f"runs.{row['change']}"),
            "old": (row["old"] or "–")[:12],
            "new": (row["new"] or "–")[:12],
        }
        for what, row in rows
    )
    return Panel(f"changed-{name}", word(f"runs.{name}"), table=TableView(columns, shown, ()))


def _valued(name: str, rows: list[dict[str, Any]]) -> Panel | None:
    if not rows:
        return None
    columns = (
        Column("key", word("column.what"), code=True),
        Column("old", word("runs.old")),
        Column("new", word("runs.new")),
    )
    shown = tuple({"key": row["key"], "old": str(row["old"]), "new": str(row["new"])} for row in rows)
    return Panel(f"changed-{name}", word(f"runs.{name}"), table=TableView(columns, shown, ()))


def _code(labels: Mapping[str, Mapping[str, str]]) -> Panel | None:
    if not labels:
        return None
    columns = (Column("label", word("runs.code_makes")), Column("step", word("step"), code=True))
    view = TableView(columns, tuple({"label": Text(**one), "step": name} for name, one in labels.items()), ())
    return Panel("changed-code", word("runs.code"), table=view)


def _records(found: Comparison) -> Panel | None:
    if not found.records:
        return None
    keys = ("added", "removed", "changed")
    columns = (
        Column("table", word("column.table")),
        *(number_column(key, word(f"runs.{key}"), "1", decimals=0) for key in keys),
        Column("sample", word("runs.sample")),
    )
    rows = tuple(
        {
            "table": table_label(one["table"]),
            **{key: one[key] for key in keys},
            "sample": _sample(one),
        }
        for one in found.records
    )
    return Panel("changed-records", word("runs.records"), table=TableView(columns, rows, ()))


def _sample(one: dict[str, Any]) -> Text:
    cells = [
        f"{'/'.join(str(part) for part in cell['key'].values())} {cell['column']}: {cell['old']} → {cell['new']}"
        for cell in one["sample"][:4]
    ]
    return same("; ".join(cells) or "–")


PAGES = (
    Page("/runs", "runs", build, needs_book=False),
    Page("/runs/compare", "compare", difference, CompareQuery, needs="records"),
)
