"""lvshu export: tables of a book as files, with units and origin."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.cli.opened import opened
from lvshu.cli.tables import write_origin, write_parquet
from lvshu.core.errors import InputError, Problem, StoreError, Where
from lvshu.publish import write_csv, write_json, write_report, write_workbook
from lvshu.publish.quality import write_quality
from lvshu.publish.reader import Reader
from lvshu.publish.workbook import publishable
from lvshu.store.book import Book
from lvshu.store.disk import told_when_full
from lvshu.store.own_columns import ride_along


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    form: str,
    tables: Sequence[str],
    own: bool,
    to: Path | None,
    run_id: str | None,
    institution: str = "",
    agency: str = "LVSHU",
) -> int:
    """Write tables of a run to files. Returns the exit code."""
    output = Output(language, as_json)
    with opened(path, run_id, output, institution) as book:
        chosen = _chosen(book, tables)
        carried = ride_along(book, tables) if own else {}
        folder = to or path / "export" / str(book.run["run_id"]) / institution
        with told_when_full(path):
            folder.mkdir(parents=True, exist_ok=True)
            if form == "html":
                chosen, written = [], [write_report(book, folder, language=language)]
            elif form == "quality":
                chosen, written = [], write_quality(book, folder, language=language)
            elif form == "xlsx":
                named = list(tables) if tables else None
                written = [write_workbook(book, folder / "book.xlsx", tables=named, language=language)]
            elif form == "sdmx":
                written, without = _sdmx(book, chosen, bool(tables), folder, agency, language)
                chosen = [table for table in chosen if table not in without]
                for table in without:
                    output.say(output.text("export.no_sdmx", table=table), style="dim")
            else:
                written = [_write(book, table, folder, form, language) for table in chosen]
                written.append(write_origin(book, chosen, folder))
    output.json(
        {"ok": True, "tables": chosen, "files": [str(place) for place in written], "own_columns": carried}
    )
    for table, columns in carried.items():
        output.say(output.text("export.own_columns", table=table, columns=", ".join(columns)), style="dim")
    for place in written:
        output.say(output.text("export.written", path=place))
    return 0


def _chosen(book: Book, tables: Sequence[str]) -> list[str]:
    """Return the tables asked for; unasked, all that name no single person, firm, loan or platform.

    Raises:
        StoreError: tables are not there (all of them).
    """
    if not tables:
        return publishable(Reader(book))
    problems = []
    for table in tables:
        if not book.has(table):
            near = difflib.get_close_matches(table, book.tables(), n=5) or list(book.tables())
            problems.append(
                Problem("store.no_table", Where(file=str(book.path)), {"table": table, "known": near})
            )
    if problems:
        raise StoreError(*problems)
    return list(tables)


def _sdmx(
    book: Book, tables: Sequence[str], is_named: bool, folder: Path, agency: str, language: str
) -> tuple[list[Path], list[str]]:
    """Return the files written, and tables that have no SDMX structure; where they were asked for that is an error."""
    from lvshu.publish.sdmx.write import write_sdmx_table

    written, without = [], []
    for table in tables:
        try:
            written += write_sdmx_table(book, table, folder, agency=agency, language=language)
        except InputError as error:
            if is_named or error.code != "sdmx.no_structure":
                raise
            without.append(table)
    return written, without


def _write(book: Book, table: str, folder: Path, form: str, language: str) -> Path:
    path = folder / f"{table}.{form}"
    if form == "csv":
        return write_csv(book, table, path, language=language)
    if form == "json":
        return write_json(book, table, path)
    return write_parquet(book, table, path)
