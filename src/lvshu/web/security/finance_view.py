"""What of finance is withheld from those who may not see records, worked out once a book."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lvshu.core.errors import LvshuError
from lvshu.publish.model import Panel
from lvshu.publish.panels import finance
from lvshu.publish.reader import Reader
from lvshu.store.book import Book
from lvshu.web.security import kept
from lvshu.web.security.loan_views import ShownFigures, finding_of
from lvshu.web.security.panel_figures import headline_figures
from lvshu.web.security.row_rules import withheld_rows
from lvshu.web.security.row_sources import read_parts
from lvshu.web.security.sums import Part
from lvshu.web.security.withheld_view import FinanceView

if TYPE_CHECKING:
    from lvshu.web.workbench import Workbench


def finance_view(workbench: Workbench, run_id: str) -> FinanceView:
    """Return what is withheld of a run's finance from those who may not see records.

    It takes seconds, is made once a run and kept in the run's folder; meanwhile others read the book.
    """
    least = workbench.options.least_units

    def made(reader: Reader) -> _Once:
        known = kept.load(reader.book, least)
        if known is not None:
            return _Once(None, known)
        panels = workbench.made(run_id, ("chapter", "finance"), finance.section).panels
        return _Once(_read(reader, least, panels), store=_storing(reader.book, least))

    return workbench.made(run_id, ("finance view", least), made).view


def keep_view(book: Book, folder: Path) -> None:
    """Write what is withheld of a book into its run's folder, where an earlier run of the workspace has it."""
    for least in kept.wanted(folder):
        reader = Reader(book)
        try:
            sources = _read(reader, least, finance.section(reader).panels)
            view = FinanceView() if sources is None else _worked_out(sources)
        except LvshuError as error:  # the run goes on: whoever asks for the page works it out, and is told
            logging.getLogger(__name__).warning("%s", error)
            continue
        kept.store(folder, kept.mark_of(book, least), least, view)


def _storing(book: object, least: int) -> Callable[[FinanceView], None]:
    folder, mark = kept.folder_of(book), kept.mark_of(book, least)

    def store(view: FinanceView) -> None:
        if folder is not None:
            kept.store(folder, mark, least, view)

    return store


@dataclass(frozen=True)
class _Sources:
    """What was read of a book to work out what is withheld."""

    shown: ShownFigures
    parts: Mapping[str, list[Part]]
    panels: Mapping[str, Panel]
    methods: tuple[str, ...]


class _Once:
    """Works out what is withheld for whoever asks first; the others wait for it, but not the book."""

    def __init__(
        self,
        sources: _Sources | None,
        view: FinanceView | None = None,
        store: Callable[[FinanceView], None] | None = None,
    ) -> None:
        self._sources, self._store = sources, store
        self._lock = threading.Lock()
        self._view = view or FinanceView()

    @property
    def view(self) -> FinanceView:
        """Return what is withheld."""
        with self._lock:
            if self._sources is not None:
                self._view, self._sources = _worked_out(self._sources), None
                if self._store is not None:
                    self._store(self._view)
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
