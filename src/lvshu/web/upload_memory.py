"""Mappings that were confirmed, remembered by the set of headings: a file with the same ones gets them proposed.

What an earlier file stated of itself alone – whose it is, of which month – is not taken over with it, unless the new
file says the same in its name or in the lines above its headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import delete, select

from lvshu.contract import Column, TableContract
from lvshu.core.origin import sha256_of_text
from lvshu.intake.text import heading_key
from lvshu.web.state import tables
from lvshu.web.state.database import Database, now_text
from lvshu.web.upload_draft import Draft, of_json

LEAST_HEADINGS = 2
"""A single heading does not tell one kind of file from another."""


@dataclass(frozen=True)
class Remembered:
    """A mapping that somebody confirmed earlier, for a file of the same headings.

    Attributes:
        draft: the mapping, as far as it is proposed.
        file: for which it was confirmed.
        by: who confirmed it.
        at: when, ISO 8601, UTC.
        headings: digest of the headings under which it is remembered.
        left: what that file stated of itself alone, by column, and is not proposed: one value, or its own words.
    """

    draft: Draft
    file: str
    by: str
    at: str
    headings: str = ""
    left: Mapping[str, str] = field(default_factory=dict)


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
    draft = of_json(one["draft"])
    return Remembered(draft, one["file"], one["user_name"], one["at"], one["headings"]), places[
        one["headings"]
    ]


def forget(database: Database, headings: str) -> int:
    """Forget the mappings of files with these headings; return how many there were. The log of uploads keeps them.

    Args:
        database: of what people write.
        headings: their digest.
    """
    table = tables.mapping_memory
    with database.writing() as connection:
        return int(connection.execute(delete(table).where(table.c.headings == headings)).rowcount)


def names_sender(column: Column, contract: TableContract) -> bool:
    """Return whether a column says whose a record is: an institution, its branch, a platform or an enterprise.

    Args:
        column: of the table.
        contract: of the table.
    """
    whose = ("institution_", "branch_", "platform_")
    named = column.name == contract.numbered_within or column.name.startswith(whose)
    return named or column.check == "uscc" or column.foreign_key == "enterprise.uscc"


def for_file(found: Remembered, contract: TableContract, said: Sequence[str]) -> Remembered:
    """Return a remembered mapping as it is proposed for another file: without what only the earlier file was.

    Args:
        found: as remembered.
        contract: of its table.
        said: what the new file says of itself: its name, and the lines above its headings.
    """
    draft = found.draft
    whole = heading_key(" ".join(said))
    senders = {one.name for one in contract.columns if names_sender(one, contract)}
    times = {one.name for one in contract.columns if one.type in ("year", "month", "date")}
    same = {
        name for name, value in draft.constants.items() if heading_key(value) and heading_key(value) in whole
    }
    kept = times & same | (senders if senders & same else set())
    left = {name: value for name, value in draft.constants.items() if name in (senders | times) - kept}
    words = {name: pairs for name, pairs in draft.values.items() if name in senders - kept}
    left |= {name: ", ".join(pairs) for name, pairs in words.items() if pairs}
    proposed = replace(
        draft,
        constants={name: value for name, value in draft.constants.items() if name not in left},
        values={name: pairs for name, pairs in draft.values.items() if name not in words},
    )
    return replace(found, draft=proposed, left=left)
