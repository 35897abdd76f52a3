"""What of finance is withheld from those who may not see records, worked out once a book, and applied to panels."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lvshu.publish.display import Absence
from lvshu.publish.model import Panel
from lvshu.publish.panels import finance
from lvshu.publish.reader import Reader
from lvshu.web.security.loan_views import LoanFigures, ShownFigures, finding_of
from lvshu.web.security.panel_figures import headline_figures, shown_figures
from lvshu.web.security.row_rules import withheld_rows
from lvshu.web.security.row_sources import Part, read_parts
from lvshu.web.workbench import Workbench

EVERY = "*"
Place = tuple[int, str]
"""Place of a row, key of a column."""


@dataclass(frozen=True)
class FinanceView:
    """What is withheld: figures of the loan book; rows and columns of further panels; findings; headlines."""

    figures: LoanFigures = field(default_factory=LoanFigures)
    rows: Mapping[str, set[tuple[str, str]]] = field(default_factory=dict)
    findings: frozenset[str] = frozenset()
    headlines: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ()

    def judges(self, panel: Panel) -> bool:
        """Return whether a panel is one whose every figure is judged here."""
        return bool(self.methods) and panel.id in JUDGED

    def withheld(self, panel: Panel) -> set[Place]:
        """Return the cells of a panel that are withheld."""
        if panel.table is None or not self.methods:
            return set()
        gone: set[Place] = set()
        for one in shown_figures(panel, self.methods):
            if self.figures.hides(one.measure, one.figure):
                gone |= {(one.place, column) for column in (one.column, *one.with_it)}
        numbers = [column.key for column in panel.table.columns if column.kind == "number"]
        for row_key, column_key in self.rows.get(panel.id, set()):
            for place, row in enumerate(panel.table.rows):
                if row_key in (EVERY, _key(row)):
                    gone |= {(place, column) for column in numbers if column_key in (EVERY, column)}
        return {
            (place, column)
            for place, column in gone
            if column in numbers and panel.table.rows[place].get(column) not in (None, Absence.SUPPRESSED)
        }


def _key(row: Mapping[str, object]) -> str:
    """Return the key of a panel's row; of a gap in the data with its method."""
    return f"{row.get('key')}/{row['by']}" if "by" in row else str(row.get("key"))


JUDGED = frozenset(
    {
        "methods",
        "groups",
        "quality",
        "coverage",
        "capital",
        "finance_gap",
        "matching",
        "label_check",
        "switch",
    }
)
"""Panels that are cuts of the loan book, whose figures and counts are judged together."""


def finance_view(workbench: Workbench, run_id: str) -> FinanceView:
    """Return what is withheld of a run's finance from those who may not see records.

    It takes seconds and is made once a book; meanwhile others read the book.
    """
    least = workbench.options.least_units

    def made(reader: Reader) -> _Once:
        panels = workbench.made(run_id, ("chapter", "finance"), finance.section).panels
        return _Once(_read(reader, least, panels))

    return workbench.made(run_id, ("finance view", least), made).view


@dataclass(frozen=True)
class _Sources:
    """What was read of a book to work out what is withheld."""

    shown: ShownFigures
    parts: Mapping[str, list[Part]]
    panels: Mapping[str, Panel]
    methods: tuple[str, ...]


class _Once:
    """Works out what is withheld for whoever asks first; the others wait for it, but not the book."""

    def __init__(self, sources: _Sources | None) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._view = FinanceView()

    @property
    def view(self) -> FinanceView:
        """Return what is withheld."""
        with self._lock:
            if self._sources is not None:
                self._view, self._sources = _worked_out(self._sources), None
            return self._view


def _read(reader: Reader, least: int, panels: Sequence[Panel]) -> _Sources | None:
    """Return what is needed of a book; None where it has no loan ledger."""
    if not (reader.count("loan") and reader.count("loan_scope")):
        return None
    shown = {panel.id: panel for panel in panels if panel.table is not None}
    methods = tuple(reader.settings.finance_methods)
    return _Sources(ShownFigures.read(reader, least, panels), read_parts(reader, shown), shown, methods)


def _worked_out(sources: _Sources) -> FinanceView:
    figures = sources.shown.withheld()
    rows = withheld_rows(sources.parts, sources.shown.rules, figures, sources.panels, sources.methods)
    headlines = {
        code
        for code, (measure, figure) in headline_figures(sources.methods).items()
        if figures.hides(measure, figure)
    }
    return FinanceView(figures, rows, finding_of(figures), frozenset(headlines), sources.methods)
