"""What a run writes beside its book, whoever starts it: the report page and the workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lvshu.publish.report import write_report
from lvshu.publish.workbook import write_workbook
from lvshu.store.book import Book

REPORT, WORKBOOK = "report.html", "book.xlsx"
MODULES = ("lvshu.publish",)
"""The modules behind the publications: where their code changes, a run is not the same as before."""


def publications(language: str) -> tuple[Callable[[Book, Path], object], ...]:
    """Return what writes the publications of a book into its folder, first shown in a language."""

    def report_of(book: Book, folder: Path) -> None:
        write_report(book, folder, language=language)

    def workbook_of(book: Book, folder: Path) -> None:
        write_workbook(book, folder / WORKBOOK, language=language)

    return report_of, workbook_of
