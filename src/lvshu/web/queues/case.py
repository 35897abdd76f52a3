"""What a review queue is: cases that wait for a person, the answers that may be given, where they are written back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Protocol

from lvshu.publish.model import Cell, Column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text
from lvshu.web.workbench import Workbench

SKIP = "skip"
Stretch = tuple[str, bool]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One answer, a button: the decision, what is chosen with it, its words or a name with what differs, its weight."""

    decision: str
    chosen: str = ""
    signs: tuple[Stretch, ...] = ()
    label: Text = NO_TEXT
    code: str = ""
    weight: str = ""


@dataclass(frozen=True)
class Case:
    """One thing that waits for a person.

    Attributes:
        key: names it in its queue.
        title: what it is about.
        row: its line in the list of the queue, by column.
        about: what the queue needs to show and write it, plain data.
    """

    key: str
    title: str
    row: Mapping[str, Cell]
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Detail:
    """A case as it is put before a person.

    Attributes:
        facts: name and text of what is known.
        beside: records side by side: name, left, right, whether they differ.
        evidence: sentences with where they stand.
        options: answers that are one key away.
        asks: words for naming something else; empty where nothing else can be named.
    """

    facts: tuple[tuple[Text, Text], ...] = ()
    beside: tuple[tuple[Text, str, str, bool], ...] = ()
    evidence: tuple[tuple[Text, str], ...] = ()
    options: tuple[Option, ...] = ()
    asks: Text = NO_TEXT


@dataclass(frozen=True)
class Given:
    """An answer that was given: by whom and when, and what, in short."""

    by: str
    on: str
    what: str = ""

    @property
    def mark(self) -> str:
        """Return by what a page tells whether the answer is still the one that it showed."""
        return hashlib.sha256("|".join((self.by, self.on, self.what)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Decision:
    """An answer as it is to be kept: the decision, what is chosen, a note, who decides, in which run, when (UTC)."""

    decision: str
    chosen: str
    note: str
    by: str
    run_id: str
    at: str


class Queue(Protocol):
    """A kind of decisions."""

    @property
    def name(self) -> str:
        """Return its word in the address."""

    @property
    def other(self) -> str:
        """Return the decision that names something else; empty where nothing else can be named."""

    @property
    def none(self) -> str:
        """Return the decision that it is none of the options; empty where there is no such."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the list."""

    @property
    def source(self) -> tuple[str, ...]:
        """Return the tables of the book that it is made from."""

    def cases(self, reader: Reader) -> list[Case]:
        """Return what waits in a book, what matters most first."""

    def count(self, reader: Reader) -> int:
        """Return how many wait in a book, those beyond the list included."""

    def detail(self, reader: Reader, case: Case) -> Detail:
        """Return a case as it is put before a person."""

    def given(self, workbench: Workbench) -> Mapping[str, Given]:
        """Return the settling answers that the next run will use, by case."""

    def check(self, reader: Reader, case: Case, decision: Decision) -> None:
        """Make sure that an answer can be kept.

        Raises:
            InputError: it names what is no candidate, or unknown.
        """

    def write(self, workbench: Workbench, case: Case, decision: Decision) -> None:
        """Write an answer back, so that the next run uses it."""

    def kept(self, workbench: Workbench) -> dict[str, Row]:
        """Return the rows that the next run will read, each by a key of its own."""

    def put(self, workbench: Workbench, rows: Mapping[str, Row | None], by: str) -> None:
        """Put rows in the place of those of the same keys; None takes a row away. by: who withdraws."""


def differing(left: str, right: str) -> tuple[Stretch, ...]:
    """Return the signs of the right text in stretches, each with whether the left text lacks it there."""
    found: list[Stretch] = []
    for kind, _, _, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if last > first:
            found.append((right[first:last], kind != "equal"))
    return tuple(found)


def any_of(column: str, values: Iterable[str]) -> str:
    """Return the SQL condition that a column is one of some texts; false for none."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))
    return f"{column} IN ({listed})" if listed else "false"
