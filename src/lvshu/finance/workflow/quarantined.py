"""Records of an institution that were not read: they are on no list and in no figure, so they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.intake.numbering import LEDGER
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.intake.text import literal
from lvshu.intake.whose import ANYONE
from lvshu.store.book import Book

COLUMNS = ("table_name", "file", "sheet", "row_number", "code", "institution_id", "may_be_of")
"""The columns of quarantine that are read here."""


def quarantined_loans(book: Book, institution: str) -> dict[str, int]:
    """Return how many rows of the loan ledger are in quarantine, waiting for a correction.

    loans_quarantined: rows that are the institution's, and rows of which nobody can say whose they are, when the book
    holds this institution alone. loans_quarantined_unnamed: rows that may be its, in a book of several institutions.
    Rows that a correction replaced, identical copies and totals are not counted.

    Args:
        book: the book of a run.
        institution: the lending institution.
    """
    if not book.engine.has("quarantine"):
        return {"loans_quarantined": 0, "loans_quarantined_unnamed": 0}
    left_out = ", ".join(literal(code) for code in sorted(UNRESOLVED_EXCEPT))
    rows = book.rows(
        "quarantine", columns=COLUMNS, where=f"table_name = '{LEDGER}' AND code NOT IN ({left_out})"
    )
    unread = unread_of(rows, institution)
    own, unnamed = unread.rows, unread.unattributed.get(LEDGER, 0)
    several = book.engine.execute("SELECT count(DISTINCT institution_id) FROM loan")[0][0] > 1
    if several:
        return {"loans_quarantined": own, "loans_quarantined_unnamed": unnamed}
    return {"loans_quarantined": own + unnamed, "loans_quarantined_unnamed": 0}


@dataclass(frozen=True)
class Unread:
    """Rows that wait in quarantine, as one institution is concerned by them.

    Attributes:
        own: by table, rows that are the institution's.
        unattributed: by table, rows of which it cannot be established whose they are, and that may be its.
    """

    own: Mapping[str, int] = field(default_factory=dict)
    unattributed: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Return how many rows of its loan ledger wait."""
        return self.own.get(LEDGER, 0)


def unread_of(rows: Iterable[Mapping[str, Any]], institution: str, *, of_all: bool = False) -> Unread:
    """Return what of an institution's records was not read. See `intake.whose` for how that is established.

    Args:
        rows: rows of quarantine.
        institution: its code.
        of_all: for all institutions together; the code is not looked at.
    """
    own: dict[str, set[object]] = {}
    unattributed: dict[str, set[object]] = {}
    for row in rows:
        if row["code"] in UNRESOLVED_EXCEPT:
            continue
        place, table = (row["file"], row["sheet"], row["row_number"]), str(row["table_name"])
        if of_all or row["institution_id"] == institution:
            own.setdefault(table, set()).add(place)
        elif not row["institution_id"] and {ANYONE, institution} & {*str(row["may_be_of"] or "").split("|")}:
            unattributed.setdefault(table, set()).add(place)
    counted = (
        {table: len(places) for table, places in sorted(found.items())} for found in (own, unattributed)
    )
    return Unread(*counted)


def problems_of(unread: Unread, institution: str) -> list[Problem]:
    """Return what an institution is told of rows in quarantine: its own, then those that may be; of no other's.

    Args:
        unread: the rows that concern it.
        institution: its code.
    """
    told: Sequence[tuple[str, str, Mapping[str, int]]] = (
        ("finance.own_rows_quarantined", "warning", unread.own),
        ("finance.rows_unattributed", "notice", unread.unattributed),
    )
    return [
        Problem(
            code, values={"institution": institution, "rows": rows, "table": named(table)}, severity=severity
        )
        for code, severity, tables in told
        for table, rows in tables.items()
    ]


def named(table: str) -> dict[str, str]:
    """Return a table with its name, in Chinese and English."""
    contract = load(table)
    return {"zh": f"{contract.zh}（{table}）", "en": f"{contract.en} ({table})"}
