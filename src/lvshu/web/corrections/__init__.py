"""What was changed of what came in: rows replaced, values edited, answers of reviews, corrections of the desk.

Each kind of change has its own source; a page counts them and shows them a slice at a time, read from the book or
the database by limit and offset, never whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lvshu.web.context import Context
from lvshu.web.corrections.answers import Answers
from lvshu.web.corrections.change import Change, Chosen, Source, Tally
from lvshu.web.corrections.desk import Desk
from lvshu.web.corrections.edits import Decided, Edited
from lvshu.web.corrections.replaced import Replaced
from lvshu.web.corrections.reviewed import Reviewed

KINDS = ("replaced", "copy", "edited", "proposed", "decided", "answer", "review", "desk")
"""Kinds of changes, in the order in which a page shows them."""


def sources() -> tuple[Source, ...]:
    """Return where changes are read from, in the order in which a page shows them."""
    return (
        Replaced("replaced", "intake.superseded"),
        Replaced("copy", "intake.duplicate_identical"),
        Edited("edited", "applied"),
        Edited("proposed", "proposed"),
        Decided(),
        Answers(),
        Reviewed(),
        Desk(),
    )


def tallies(context: Context) -> list[Tally]:
    """Return how many changes there are by kind, table and rule; those of the book are counted once a run."""
    found: list[Tally] = []
    for one in sources():
        count = partial(one.tally, context)
        if one.of_book:
            found += context.made(("corrections", "tally", one.kind), count)
        else:
            with context.workbench.shelf.reading(context.run or None) as reader:
                found += count(reader)
    return found


def changes(
    context: Context, chosen: Chosen, counts: Sequence[Tally], limit: int, offset: int
) -> list[Change]:
    """Return a slice of the changes that are chosen, kind after kind.

    Args:
        context: of the request.
        chosen: kind, table and rule; empty ones are all.
        counts: of `tallies`.
        limit: how many changes of what came in; a row that was replaced gives one line for each value.
        offset: how many are left out before them.
    """
    found: list[Change] = []
    with context.workbench.shelf.reading(context.run or None) as reader:
        for one in sources():
            count = sum(each.changes for each in counts if each.kind == one.kind and chosen.takes(each))
            if offset >= count:
                offset -= count
                continue
            if limit <= 0:
                break
            took = min(limit, count - offset)
            found += one.rows(context, reader, chosen, took, offset)
            limit, offset = limit - took, 0
    return found


__all__ = ["KINDS", "Change", "Chosen", "Source", "Tally", "changes", "sources", "tallies"]
