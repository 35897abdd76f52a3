"""What a change is, how changes are counted and chosen, and what a source of them can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from lvshu.engine.duckdb import text_literal
from lvshu.publish.model import Cell
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, contract_of, same, value_label
from lvshu.web.context import Context
from lvshu.web.words import word

FIGURES = frozenset({"money", "quantity", "ratio", "integer", "number"})
LONGEST = 240
"""Characters of a value that are shown; the book and the rejects files hold all of it."""


@dataclass(frozen=True)
class Tally:
    """How many changes there are of one kind, in one table, by one rule."""

    kind: str
    table: str
    rule: str
    changes: int


@dataclass(frozen=True)
class Chosen:
    """Which changes are asked for; an empty text is any."""

    kind: str = ""
    table: str = ""
    rule: str = ""

    def takes(self, one: Tally) -> bool:
        """Return whether changes of a tally are asked for."""
        return self.kind in ("", one.kind) and self.table in ("", one.table) and self.rule in ("", one.rule)

    def conditions(self, **columns: str) -> str:
        """Return the SQL of a choice of rows: `table` and `rule` name the columns (or expressions) they stand in."""
        wanted = {"table": self.table, "rule": self.rule}
        parts = [
            f"{columns[name]} = {text_literal(value)}"
            for name, value in wanted.items()
            if value and name in columns
        ]
        return " AND ".join(parts) or "TRUE"


@dataclass(frozen=True)
class Change:
    """One value that is another than the one that came in, or one answer about it.

    Attributes:
        kind, table, rule: as they are counted.
        key: of the row, its parts joined by |.
        column: which value; empty where the whole row is meant.
        before, after: of the value, with its unit where it has one.
        unit: symbol; empty where there is none.
        who: person, file or method that made it.
        when: city time, or empty where nobody wrote it down.
        back: how it is taken back.
        place: page with what it was decided from.
    """

    kind: str
    table: str
    rule: str
    key: str
    column: Text
    before: Cell
    after: Cell
    who: Text
    back: Text
    unit: str = ""
    when: str = ""
    note: str = ""
    place: tuple[str, Mapping[str, str]] | None = field(default=None)


class Source(Protocol):
    """A kind of changes."""

    @property
    def kind(self) -> str:
        """Return its word in the address."""

    @property
    def of_book(self) -> bool:
        """Return whether all of it stands in the book, so that it never changes with the run."""

    def tally(self, context: Context, reader: Reader) -> list[Tally]:
        """Return how many there are, by table and rule."""

    def rows(
        self, context: Context, reader: Reader, chosen: Chosen, limit: int, offset: int
    ) -> Sequence[Change]:
        """Return some of those chosen, in a fixed order."""


def counted(reader: Reader, kind: str, sql: str, table: str) -> list[Tally]:
    """Return the tallies of a query that gives table, rule, count."""
    rows = reader.book.engine.execute(sql, table=table)  # type: ignore[attr-defined]
    return [Tally(kind, str(name), str(rule), int(count)) for name, rule, count in rows]


def shortened(text: str) -> str:
    """Return a text of at most LONGEST characters, on one line."""
    line = " ".join(text[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST and len(text) <= 4 * LONGEST else line[:LONGEST] + "…"


def told(table: str, column: str, value: object) -> Cell:
    """Return a value of the book as it is shown: figures exact, years and places as they are, coded values by name."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (Decimal, int, float)):
        figure = value if isinstance(value, Decimal) else Decimal(repr(value))
        contract = contract_of(table)
        is_figure = (
            contract is None or column not in contract.column_names or contract.column(column).type in FIGURES
        )
        return figure if is_figure else f"{figure:f}"
    if isinstance(value, date):
        return value.isoformat()
    shown = value_label(table, column, value)
    return same(shortened(str(value))) if shown == same(str(value)) else shown


def by_person(name: str) -> Text:
    """Return who made a change, by name; words where nobody is named."""
    return same(shortened(name)) if name else word("corrections.nobody")
