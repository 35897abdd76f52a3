"""A page before it is written: its panels, its facts, where it stands; the same for HTML, JSON, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lvshu.publish.model import Panel, Section
from lvshu.publish.texts import NO_TEXT, Text
from lvshu.web.number_trace import Condition


@dataclass(frozen=True)
class Link:
    """A link inside the workbench: its text, its path, and its query without language and run."""

    text: Text
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    current: bool = False


@dataclass(frozen=True)
class Choice:
    """A choice that the reader has on a page, kept in the address: a name and its values."""

    name: str
    label: Text
    options: tuple[tuple[str, Text], ...]
    chosen: str


@dataclass(frozen=True)
class Base:
    """Rows of a table from which a page starts to make a number; column: what it takes of them."""

    table: str
    conditions: tuple[Condition, ...]
    column: str


@dataclass(frozen=True)
class Origin:
    """How a page itself makes a number.

    Attributes:
        told: in a sentence.
        facts: what it was made with: levers, baseline.
        bases: rows of the book that it starts from.
    """

    told: Text
    facts: tuple[tuple[Text, Text], ...]
    bases: tuple[Base, ...]


@dataclass(frozen=True)
class PageView:
    """One page.

    Attributes:
        id: names its downloads.
        title: headline of the page.
        lead: what it is about, one or two sentences.
        panels: findings with chart and table; the twins hold their tables.
        template: file that lays it out.
        data: what the template needs beyond the panels.
        facts: what the JSON twin tells beyond the panels, plain data.
        crumbs: the way back.
        choices: what the reader can choose.
        tabs: sister pages.
        state: name and value of what was chosen beyond sister pages and choices: levers, filters, which runs.
        origin: of a number that the page itself makes: panel, place of its row, key of its column -> how; None of one
            that the book holds.
    """

    id: str
    title: Text
    lead: Text = NO_TEXT
    panels: tuple[Panel, ...] = ()
    template: str = "page.html.j2"
    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    crumbs: tuple[Link, ...] = ()
    choices: tuple[Choice, ...] = ()
    tabs: tuple[Link, ...] = ()
    state: tuple[tuple[Text, Text], ...] = ()
    origin: Callable[[str, int, str], Origin | None] | None = None


def of_section(section: Section, **more: Any) -> PageView:
    """Return a chapter of the report as a page."""
    return PageView(id=section.id, title=section.title, lead=section.lead, panels=section.panels, **more)
