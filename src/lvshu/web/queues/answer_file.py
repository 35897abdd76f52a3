"""Files of answers among the inputs of the next run: their rows by key, and rows put back in place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from lvshu.store.disk import write_durably
from lvshu.web.queues.case import Row


def key_of(row: Row, names: Sequence[str]) -> str:
    """Return the key of a row: its cells in the columns of the key."""
    return json.dumps([row.get(name) or "" for name in names], ensure_ascii=False)


def rows_by_key(path: Path, names: Sequence[str]) -> dict[str, Row]:
    """Return the rows of a file by their keys, without their empty cells; none where there is no file."""
    return {key_of(row, names): row for row in _rows(path)[1]}


def put_rows(path: Path, names: Sequence[str], changes: Mapping[str, Row | None]) -> None:
    """Put rows in the place of those of the same keys; None takes a row away. The others stay as they are."""
    heads, rows = _rows(path)
    left = dict(changes)
    kept: list[Row] = []
    for row in rows:
        key = key_of(row, names)
        found = left.pop(key, row) if key in left else row
        if found is not None:
            kept.append(found)
    kept += [row for row in left.values() if row is not None]
    heads = list(dict.fromkeys((*heads, *(name for row in kept for name in row))))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, stream.getvalue())


def _rows(path: Path) -> tuple[list[str], list[Row]]:
    if not path.is_file():
        return [], []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        rows: list[Row] = [{name: cell for name, cell in row.items() if name and cell} for row in reader]
        return list(reader.fieldnames or ()), rows
