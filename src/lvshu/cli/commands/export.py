"""lvshu export: tables of a book as files, with units and origin."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.cli.tables import exportable, write_csv, write_json, write_origin, write_parquet
from lvshu.core.errors import Problem, StoreError, Where
from lvshu.store.book import Book
from lvshu.store.disk import told_when_full
from lvshu.store.workspace import Workspace

_WRITERS = {"csv": write_csv, "parquet": write_parquet, "json": write_json}


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    form: str,
    tables: Sequence[str],
    to: Path | None,
    run_id: str | None,
) -> int:
    """Write tables of a run to files. Returns the exit code."""
    output = Output(language, as_json)
    with Workspace.open(path).book(run_id) as book:
        chosen = _chosen(book, tables)
        folder = to or path / "export" / str(book.run["run_id"])
        with told_when_full(folder.parent if folder.parent.exists() else path):
            folder.mkdir(parents=True, exist_ok=True)
            written = _write(book, chosen, folder, form, named=bool(tables), language=language)
    output.json({"ok": True, "tables": chosen, "files": [str(place) for place in written]})
    for place in written:
        output.say(output.text("export.written", path=place))
    return 0


def _chosen(book: Book, tables: Sequence[str]) -> list[str]:
    if not tables:
        return list(exportable(book))
    problems = [
        Problem(
            "store.no_table",
            Where(file=str(book.path)),
            {
                "table": table,
                "known": difflib.get_close_matches(table, book.tables(), n=5) or list(exportable(book)),
            },
        )
        for table in tables
        if not book.has(table)
    ]
    if problems:
        raise StoreError(*problems)
    return list(tables)


def _write(
    book: Book, tables: list[str], folder: Path, form: str, *, named: bool, language: str
) -> list[Path]:
    if form == "xlsx":
        from lvshu.publish import write_workbook

        place = folder / "book.xlsx"
        write_workbook(book, place, tables=tables if named else None, language=language)
        return [place]
    written = [_WRITERS[form](book, table, folder) for table in tables]
    return [*written, write_origin(book, tables, folder)] if form == "csv" else written
