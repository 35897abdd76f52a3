"""Rows of an upload whose key another row among the inputs has already: both would be kept out by the next run."""

from __future__ import annotations

from pathlib import Path

from lvshu.contract import TableContract
from lvshu.core.errors import LvshuError, Problem, Where
from lvshu.engine.duckdb import DuckDB, quote
from lvshu.store.workspace import Workspace

CORRECTED = ".corrected."
"""Part of the name of a file whose rows take the place of those with their key."""
_OURS = "delivered_now"
_PLACE = frozenset({"source_file", "source_row"})


def told_conflicts(
    workspace: Workspace, engine: DuckDB, contract: TableContract, path: Path
) -> Problem | None:
    """Return what is told of rows whose key the current book has with another content; None where there are none.

    Args:
        workspace: where the upload would be taken.
        engine: with the table of the upload, as it was read.
        contract: of the table.
        path: of the upload.
    """
    if CORRECTED in path.name or workspace.runs.current() is None or not engine.count(contract.name):
        return None
    try:
        with workspace.book() as book:
            count = _conflicting(book.engine, engine, contract)
    except LvshuError:  # no book that can be read: the run will judge
        return None
    if not count:
        return None
    values = {"rows": count, "table": contract.name, "file": f"{path.stem}.corrected{path.suffix}"}
    return Problem("web.upload_conflicts", Where(file=path.name), values)


def _conflicting(book: DuckDB, engine: DuckDB, contract: TableContract) -> int:
    if not book.has(contract.name):
        return 0
    there = set(book.columns(contract.name)) & set(engine.columns(contract.name))
    there -= _PLACE
    keys = [name for name in contract.key if name in there]
    others = [name for name in contract.column_names if name in there and name not in keys]
    if not keys or len(keys) < len(contract.key) or not others:
        return 0
    same = " AND ".join(f"new.{quote(name)} = old.{quote(name)}" for name in keys)
    differs = " OR ".join(f"new.{quote(name)} IS DISTINCT FROM old.{quote(name)}" for name in others)
    book.native.register(_OURS, engine.read(contract.name, columns=(*keys, *others)))
    try:
        [(count,)] = book.execute(
            f"SELECT count(*) FROM {_OURS} AS new JOIN {quote(contract.name)} AS old ON {same} WHERE {differs}"
        )
    finally:
        book.native.unregister(_OURS)
    return int(count)
