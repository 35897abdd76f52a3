"""Runs: all of them, the one that goes on, who signed for which."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lvshu.core.city_time import city_moment
from lvshu.publish.model import Column, Panel, TableView, number_column
from lvshu.publish.texts import same
from lvshu.store.workspace import Workspace
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.state import tables
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

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


PAGE = Page("/runs", "runs", build, needs_book=False)
