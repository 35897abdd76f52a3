"""Mappings that were confirmed, remembered by the set of headings: a file with the same ones gets them proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lvshu.core.origin import sha256_of_text
from lvshu.intake.text import heading_key
from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text
from lvshu.web.upload_draft import Draft, of_json

LEAST_HEADINGS = 2
"""A single heading does not tell one kind of file from another."""


@dataclass(frozen=True)
class Remembered:
    """A mapping that somebody confirmed earlier, for a file of the same headings."""

    draft: Draft
    file: str
    by: str
    at: str


def digest_of(headings: Iterable[object]) -> str:
    """Return the digest of a set of headings, whatever their order, case and spaces; "" of too few."""
    keys = sorted({key for one in headings if one is not None and (key := heading_key(str(one)))})
    return sha256_of_text(*keys) if len(keys) >= LEAST_HEADINGS else ""


def remember(database: Database, headings: Sequence[object], draft: Draft, *, file: str, by: str) -> None:
    """Remember the mapping of a file that was put among the inputs."""
    digest = digest_of(headings)
    if not digest:
        return
    row = {
        "headings": digest,
        "table_name": draft.table,
        "draft": draft.without_problems.as_json(),
        "file": file,
        "user_name": by,
        "at": now_text(),
    }
    database.add(tables.mapping_memory, row)


def remembered(database: Database, rows: Sequence[Sequence[object]]) -> tuple[Remembered, int] | None:
    """Return the latest mapping of a file with the headings of one of these rows, and that row, from 1; or None."""
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        digest = digest_of(row)
        if digest:
            places.setdefault(digest, number)
    table = tables.mapping_memory
    query = (
        select(table).where(table.c.headings.in_(sorted(places))).order_by(table.c.memory_id.desc()).limit(1)
    )
    found = database.rows(query) if places else []
    if not found:
        return None
    one = found[0]
    return Remembered(of_json(one["draft"]), one["file"], one["user_name"], one["at"]), places[
        one["headings"]
    ]
