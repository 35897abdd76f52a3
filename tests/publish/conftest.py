"""A book with every wing filled, and its report, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lvshu.publish.report import write_report
from lvshu.store.book import Book
from tests.publish import fake_book


@pytest.fixture(scope="session")
def book() -> Iterator[Book]:
    """Return a filled book."""
    with fake_book.fake_book() as made:
        yield made


@pytest.fixture(scope="session")
def bare_book() -> Iterator[Book]:
    """Return the book of a run without any input."""
    with fake_book.empty_book() as made:
        yield made


@pytest.fixture(scope="session")
def report_file(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the filled book."""
    return write_report(book, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def bare_report_file(bare_book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of the book without input."""
    return write_report(bare_book, tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def markup(report_file: Path) -> str:
    """Return the report's markup without plotly's own script."""
    return own_part(report_file.read_text(encoding="utf-8"))


def own_part(text: str) -> str:
    """Return a page without the script that comes from plotly's wheel."""
    from lvshu.publish.report import plotly_script

    return text.replace(plotly_script(), "")
