"""Reviews: what waits for a person, queue by queue, one case after the other, by keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from lvshu.core.city_time import city_moment
from lvshu.core.errors import InputError, Problem
from lvshu.publish.model import Cell, Column, Panel, TableView
from lvshu.publish.reader import Reader, why_missing
from lvshu.publish.texts import Text, same, value_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.queues import NONE_SEEN, QUEUES, SKIP, WITHDRAW, Case, cases_of, skipped
from lvshu.web.queues.case import Detail, Given
from lvshu.web.state import tables
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

LISTED = 200
NAMED = 5
"""Cases that the error of an unknown one names."""
DECISIONS_SHOWN = 200


class ReviewQuery(PageQuery):
    """Which queue, and which of the cases that wait in it."""

    queue: Literal["names", "links", "sample", "codes", "labels"] = Field(
        default="names",
        description="borrowers' names, links of the register, their random sample, industry codes, labels of loans",
    )
    subject: str = Field(
        default="", max_length=400, description="key of the case; empty: the first that waits"
    )


def build(context: Context, query: ReviewQuery) -> PageView:
    """Return the page.

    Raises:
        InputError: the queue has no such case in this run.
    """
    run_id = context.made("run id", lambda reader: str(reader.run["run_id"]))
    given = {name: queue.given(context.workbench) for name, queue in QUEUES.items()}
    counts = {name: _counts(context, run_id, name, given[name]) for name in QUEUES}
    every = cases_of(context.workbench, run_id, query.queue)
    done = given[query.queue]
    put_off = skipped(context.workbench.database, query.queue, run_id)
    left = sorted((one for one in every if one.key not in done), key=lambda one: one.key in put_off)
    current = next((one for one in every if one.key == query.subject), left[0] if left else None)
    tabs = tuple(
        Link(
            word(f"reviews.queue.{name}") + word("reviews.waiting", left=f"{counts[name]['left']:,}"),
            "/reviews",
            {"queue": name},
            current=name == query.queue,
        )
        for name in QUEUES
    )
    taken = decisions(context, query.queue, {one.key: one.title for one in every})
    known = [one.key for one in every]
    if query.subject and query.subject not in {*known, *(one.subject for one in taken)}:
        values = {"name": "subject", "value": query.subject, "known": known[:NAMED] or ["–"]}
        raise InputError(Problem("web.no_such_choice", values=values))
    mine = next((one for one in taken if one.may_withdraw and one.by == context.person.name), None)
    return PageView(
        "reviews",
        word("reviews.title"),
        word(f"reviews.lead.{query.queue}"),
        (
            context.made(("lacks", query.queue), lambda reader: lacking(reader, query.queue))
            or _list(query.queue, every, counts[query.queue]["all"], done, put_off),
            *_decided(taken),
        ),
        template="reviews.html.j2",
        tabs=tabs,
        data={
            "queue": QUEUES[query.queue],
            "case": current,
            "detail": _detail(context, query.queue, current),
            "counts": counts[query.queue],
            "answer": done.get(current.key) if current else None,
            "run_id": run_id,
            "taken": taken,
            "known": frozenset(known),
            "last": mine,
            "is_running": context.workbench.jobs.is_running,
            "none_seen": NONE_SEEN,
            "refused": None,
        },
        facts={
            "queue": query.queue,
            "waiting": counts[query.queue]["left"],
            "all": counts[query.queue]["all"],
            "queues": {name: counts[name]["left"] for name in QUEUES},
        },
    )


def _counts(context: Context, run_id: str, queue: str, given: Iterable[str]) -> dict[str, int]:
    def made(reader: Reader) -> tuple[int, frozenset[str]]:
        return QUEUES[queue].count(reader), frozenset(
            one.key for one in cases_of(context.workbench, run_id, queue)
        )

    every, keys = context.made(("queue", queue), made)
    done = len(keys & set(given))
    return {"all": every, "done": done, "left": every - done}


def _detail(context: Context, queue: str, case: Case | None) -> Detail | None:
    if case is None:
        return None
    return context.made(("case", queue, case.key), lambda reader: QUEUES[queue].detail(reader, case))


@dataclass(frozen=True)
class Taken:
    """A decision that was taken on the page, and what became of it."""

    number: int
    at: str
    by: str
    title: str
    subject: str
    what: Text
    note: str
    state: Text
    may_withdraw: bool


def decisions(context: Context, queue: str, titles: Mapping[str, str]) -> list[Taken]:
    """Return the decisions of a queue, the newest first: who decided what, and whether it stands."""
    rows = context.workbench.database.latest(
        tables.decision, where=[tables.decision.c.queue == queue], count=DECISIONS_SHOWN
    )
    gone = {row["chosen"]: row for row in rows if row["decision"] == WITHDRAW}
    found, followed = [], set()
    for row in rows:
        number = str(row["decision_id"])
        if row["decision"] == WITHDRAW:
            continue
        if number in gone:
            back = gone[number]
            state = word("reviews.withdrawn", by=back["user_name"], at=city_moment(back["at"]))
        elif row["decision"] == SKIP:
            state = word("reviews.state.skipped")
        elif row["subject"] in followed:
            state = word("reviews.followed")
        else:
            state = word("reviews.stands")
        if number not in gone and row["decision"] != SKIP:
            followed.add(row["subject"])
        own = row["user_name"] == context.person.name or context.person.may_administer
        found.append(
            Taken(
                number=row["decision_id"],
                at=city_moment(row["at"]),
                by=row["user_name"],
                title=titles.get(row["subject"], row["subject"]),
                subject=row["subject"],
                what=decision_text(queue, row["decision"])
                + same(f" {row['chosen']}" if row["chosen"] else ""),
                note=row["note"],
                state=state,
                may_withdraw=own and number not in gone and context.person.may_review,
            )
        )
    return found


def decision_text(queue: str, decision: str) -> Text:
    """Return what a decision is called."""
    if decision == SKIP:
        return word("reviews.skip")
    if queue in ("links", "sample"):
        return value_label("link_review", "decision", decision)
    if queue == "labels" and decision != "other":
        return value_label("label_decision", "decision", decision)
    return word(f"reviews.decision.{decision}")


def _decided(taken: list[Taken]) -> tuple[Panel, ...]:
    if not taken:
        return ()
    columns = (
        Column("at", word("runs.at"), code=True),
        Column("by", word("runs.by")),
        Column("title", word("column.what")),
        Column("what", word("reviews.decided")),
        Column("state", word("column.state")),
        Column("note", word("runs.note")),
    )
    rows = tuple({column.key: getattr(one, column.key) for column in columns} for one in taken)
    return (Panel("decided", word("reviews.decisions"), table=TableView(columns, rows, ())),)


NEEDS: Mapping[str, tuple[str, ...]] = {"names": ("loan",), "labels": ("loan",)}
"""Inputs without which a queue has no cases; words.toml tells it of queues that live on one input or another."""


def lacking(reader: Reader, name: str) -> Panel | None:
    """Return the panel of a queue that has no cases as its inputs are missing; None where they are there."""
    missing = reader.missing(NEEDS.get(name, ()))
    if not missing:
        return None
    empty = why_missing(missing, word(f"reviews.queue.{name}"))
    return Panel("queue", word("reviews.queue"), empty=empty, missing=missing)


def _list(name: str, every: list[Case], count: int, done: Mapping[str, Given], put_off: set[str]) -> Panel:
    if not every:
        return Panel("queue", word("reviews.queue"), empty=word(f"reviews.empty.{name}"))
    rows: list[dict[str, Cell]] = []
    for one in every[:LISTED]:
        state = "done" if one.key in done else "skipped" if one.key in put_off else "waits"
        place: Any = ("/reviews", {"queue": name, "subject": one.key})
        rows.append(
            {
                "name": one.title,
                "state": word(f"reviews.state.{state}"),
                **one.row,
                "open": word("reviews.open"),
                "href:open": place,
            }
        )
    columns = (
        Column("name", word(f"reviews.name.{name}")),
        Column("state", word("column.state")),
        *QUEUES[name].columns,
        Column("open", word("reviews.look"), link=True),
    )
    view = TableView(columns, tuple(rows), QUEUES[name].source, left_out=max(0, count - len(rows)))
    return Panel("queue", word("reviews.queue"), table=view)


PAGE = Page("/reviews", "reviews", build, ReviewQuery, needs="records")
