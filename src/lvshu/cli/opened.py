"""The book that a command reads: of a run, made by this version; of one institution where one is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.errors import Problem
from lvshu.store.book import Book
from lvshu.store.book_version import demand_this_version
from lvshu.store.workspace import Workspace

_SHOWN = 4


@contextmanager
def opened(path: Path, run_id: str | None, output: Output, institution: str = "") -> Iterator[Book]:
    """Give the book of a run in a workspace; of one institution, with what is left out told.

    Args:
        path: folder of the workspace.
        run_id: a run; None: the current one.
        output: where what is left out is told.
        institution: code of an institution; empty: the whole book.

    Raises:
        StoreError: no book, or one of another version.
        InputError: finance.no_institution.
    """
    with Workspace.open(path).book(run_id) as whole:
        demand_this_version(whole)
        if not institution:
            yield whole
            return
        place = whole.path
    from lvshu.pipeline.institution import of_institution

    own = of_institution(place, institution)
    with own.book as book:
        values = {
            "institution": institution,
            "count": len(own.withheld),
            "tables": list(own.withheld[:_SHOWN]) or "–",
        }
        output.say(Problem("pipeline.own_book", values=values).what(output.language), style="yellow")
        yield book
