"""Reviews: names of the ledger that wait for a person, one after the other, by keyboard."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from lvshu.publish.model import Cell, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import short_amount
from lvshu.publish.texts import same, value_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.reviews import Waiting, settled, skipped, waiting
from lvshu.web.view import PageView
from lvshu.web.words import word

MONEY = "1e4 CNY"


class ReviewQuery(PageQuery):
    """Which of the waiting names."""

    subject: str = Field(
        default="", max_length=400, description="key of the name; empty: the largest that waits"
    )


def build(context: Context, query: ReviewQuery) -> PageView:
    """Return the page."""
    run_id = context.made("run id", lambda reader: str(reader.run["run_id"]))
    every = context.made("waiting", waiting)
    done = settled(context.workbench)
    put_off = skipped(context.workbench.database, run_id)
    left = [one for one in every if one.key not in done]
    left.sort(key=lambda one: one.key in put_off)
    current = next((one for one in every if one.key == query.subject), left[0] if left else None)
    return PageView(
        "reviews",
        word("reviews.title"),
        word("reviews.lead"),
        (_queue(every, done, put_off),),
        template="reviews.html.j2",
        data={
            "current": _shown(current) if current else None,
            "counts": {"all": len(every), "left": len(left), "done": len(every) - len(left)},
            "answer": done.get(current.key) if current else None,
            "run_id": run_id,
        },
        facts={"waiting": len(left), "all": len(every)},
    )


def _shown(one: Waiting) -> dict[str, Any]:
    subject, match = one.subject, one.match
    return {
        "key": one.key,
        "name": subject["name"],
        "code": subject["code"] or "–",
        "code_kind": value_label("subject_match", "code_kind", match["code_kind"] or "–"),
        "reason": value_label("subject_match", "reason", match["reason"]),
        "loans": subject["loans"],
        "balance": short_amount(subject["outstanding_amount"] or Decimal(0), "CNY", MONEY),
        "candidates": [
            {
                "id": row["entity_id"],
                "name": row["candidate_name"],
                "probability": f"{float(row['probability']):.1%}",
                "share": float(row["probability"]),
                "signs": differing(subject["name"] or "", row["candidate_name"] or ""),
            }
            for row in one.candidates
        ],
    }


def differing(left: str, right: str) -> list[tuple[str, bool]]:
    """Return the signs of the right name in stretches, each with whether the left name lacks it there."""
    from difflib import SequenceMatcher

    found: list[tuple[str, bool]] = []
    for kind, _, _, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if last > first:
            found.append((right[first:last], kind != "equal"))
    return found


def _queue(every: list[Waiting], done: dict[str, Any], put_off: set[str]) -> Panel:
    if not every:
        return Panel("queue", word("reviews.queue"), empty=word("reviews.empty"))
    rows: list[dict[str, Cell]] = []
    for one in every:
        state = "done" if one.key in done else "skipped" if one.key in put_off else "waits"
        rows.append(
            {
                "name": one.subject["name"] or "–",
                "href:open": ("/reviews", {"subject": one.key}),  # type: ignore[dict-item]
                "state": word(f"reviews.state.{state}"),
                "loans": one.subject["loans"],
                "balance": in_unit(one.subject["outstanding_amount"], "CNY", MONEY),
                "best": same(one.candidates[0]["candidate_name"]) if one.candidates else same("–"),
                "probability": float(one.candidates[0]["probability"]) * 100 if one.candidates else None,
                "open": word("reviews.open"),
            }
        )
    columns = (
        Column("name", word("reviews.name")),
        Column("state", word("column.state")),
        number_column("loans", word("column.loans"), "1", decimals=0),
        number_column("balance", word("column.year_end_balance"), MONEY),
        Column("best", word("reviews.best")),
        number_column("probability", word("reviews.probability"), "%", decimals=1),
        Column("open", word("reviews.look")),
    )
    view = TableView(columns, tuple(rows), ("subject_match", "match_subject", "match_candidate"))
    return Panel("queue", word("reviews.queue"), table=view)


PAGE = Page("/reviews", "reviews", build, ReviewQuery, needs="records")
