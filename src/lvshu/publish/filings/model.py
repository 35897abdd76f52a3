"""What a filing is made of: sections with figures, tables, texts and gaps, the same for every form it is written in."""

from __future__ import annotations

from dataclasses import dataclass, field

from lvshu.publish.display import Figure
from lvshu.publish.model import TableView
from lvshu.publish.texts import NO_TEXT, Text


@dataclass(frozen=True)
class FigureLine:
    """One figure: as stated in both languages, with its interval or why there is none, its method and its trace."""

    code: str
    basis: str
    name: Text
    value: str | None
    unit: str
    low: str | None
    high: str | None
    shown: dict[str, Figure]
    interval: Text
    method: str
    method_name: Text
    explain: str


@dataclass(frozen=True)
class GapLine:
    """What is missing: where, why, and what to provide."""

    item: str
    element: str
    name: Text
    requirement: Text
    reason: str
    why: Text
    provide: Text


@dataclass(frozen=True)
class FilingTable:
    """A table of a filing, with the method card of what made it."""

    view: str
    title: Text
    table: TableView
    method: str = ""


@dataclass(frozen=True)
class FilingSection:
    """One item of the outline, filled from the book."""

    code: str
    number: str
    title: Text
    level: int
    clause: str
    texts: tuple[Text, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    tables: tuple[FilingTable, ...] = ()
    gaps: tuple[GapLine, ...] = ()


@dataclass(frozen=True)
class Filing:
    """One report of one institution, ready to be written.

    Attributes:
        completeness: of the outline's pack, with its note: what of the standard could not be established.
        methods: cards of every method behind a figure or table, as lvshu.publish.origins gives them.
    """

    report: str
    title: Text
    institution: str
    institution_name: Text
    year: int
    area: Text
    synthetic: bool
    run: str
    version: str
    made_on: str
    document: str
    completeness: str
    note: Text
    sections: tuple[FilingSection, ...]
    methods: tuple[dict[str, object], ...] = ()
    citation: Text = NO_TEXT
    packs: tuple[dict[str, object], ...] = field(default_factory=tuple)

    @property
    def gaps(self) -> tuple[GapLine, ...]:
        """Return all gaps in the order of the outline."""
        return tuple(gap for section in self.sections for gap in section.gaps)

    @property
    def tables(self) -> tuple[FilingTable, ...]:
        """Return all tables in the order of the outline."""
        return tuple(table for section in self.sections for table in section.tables)
