"""Reviews: what waits for a person, queue by queue, one case after the other, by keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from lvshu.publish.model import Cell, Column, Panel, TableView
from lvshu.publish.reader import Reader
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.queues import QUEUES, Case, cases_of, skipped
from lvshu.web.queues.case import Detail, Given
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

LISTED = 200


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
    """Return the page."""
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
    return PageView(
        "reviews",
        word("reviews.title"),
        word(f"reviews.lead.{query.queue}"),
        (_list(query.queue, every, counts[query.queue]["all"], done, put_off),),
        template="reviews.html.j2",
        tabs=tabs,
        data={
            "queue": QUEUES[query.queue],
            "case": current,
            "detail": _detail(context, query.queue, current),
            "counts": counts[query.queue],
            "answer": done.get(current.key) if current else None,
            "run_id": run_id,
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
        Column("open", word("reviews.look")),
    )
    view = TableView(columns, tuple(rows), QUEUES[name].source, left_out=max(0, count - len(rows)))
    return Panel("queue", word("reviews.queue"), table=view)


PAGE = Page("/reviews", "reviews", build, ReviewQuery, needs="records")
