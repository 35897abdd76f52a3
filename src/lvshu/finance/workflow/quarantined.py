"""Loans of the ledger that were not read: they are on no list and in no figure, so the reconciliation tells them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.intake.heading import heading_keys, names_of
from lvshu.intake.numbering import LEDGER, OF_ANOTHER, OF_SEVERAL
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.intake.text import fold, literal
from lvshu.store.book import Book


def quarantined_loans(book: Book, institution: str) -> dict[str, int]:
    """Return how many rows of the loan ledger are in quarantine, waiting for a correction.

    loans_quarantined: rows that name the institution, and rows of which nobody can say whose they are, when the book
    holds this institution alone. loans_quarantined_unnamed: rows that name none, in a book of several institutions.
    Rows that a correction replaced, and identical copies, are not counted: others stand for them.

    Args:
        book: the book of a run.
        institution: the lending institution.
    """
    if not book.engine.has("quarantine"):
        return {"loans_quarantined": 0, "loans_quarantined_unnamed": 0}
    left_out = ", ".join(literal(code) for code in sorted(UNRESOLVED_EXCEPT))
    rows = book.engine.execute(
        "SELECT DISTINCT file, sheet, row_number, raw_record FROM quarantine "
        f"WHERE table_name = 'loan' AND code NOT IN ({left_out})"
    )
    several = book.engine.execute("SELECT count(DISTINCT institution_id) FROM loan")[0][0] > 1
    own = unnamed = 0
    for *_, raw in rows:
        named = _institution(json.loads(raw))
        own += named == institution or (not named and not several)
        unnamed += not named and several
    return {"loans_quarantined": own, "loans_quarantined_unnamed": unnamed}


@dataclass(frozen=True)
class Unread:
    """Rows of one institution that wait in quarantine.

    Attributes:
        rows: of its loan ledger.
        unnamed: by table, rows that name one of its loans by a number which another institution uses as well, and no
            institution: they may be its own.
        misnamed: by table, rows whose number is not that of the institution which they name: those that name this
            institution, and those of a number that it uses.
    """

    rows: int
    unnamed: Mapping[str, int]
    misnamed: Mapping[str, int] = field(default_factory=dict)


def unread_of(
    rows: Sequence[Mapping[str, object]],
    institution: str,
    shared: Collection[str] = (),
    own: Collection[str] = (),
) -> Unread:
    """Return what of an institution's records was not read, by rows of the table `quarantine`.

    Args:
        rows: rows of quarantine.
        institution: the lending institution.
        shared: its loan numbers that another institution uses as well.
        own: its other loan numbers, as far as rows in quarantine state them.
    """
    ledger: set[object] = set()
    unnamed: dict[str, set[object]] = {}
    misnamed: dict[str, set[object]] = {}
    for row in rows:
        place = row["file"], row["sheet"], row["row_number"]
        if row["code"] == OF_SEVERAL and fold(str(row["value"] or "")) in shared:
            unnamed.setdefault(str(row["table_name"]), set()).add(place)
        if row["code"] == OF_ANOTHER and (
            fold(str(row["value"] or "")) in {*shared, *own}
            or _institution(json.loads(str(row["raw_record"])), str(row["table_name"])) == institution
        ):
            misnamed.setdefault(str(row["table_name"]), set()).add(place)
        if row["table_name"] != "loan" or row["code"] in UNRESOLVED_EXCEPT or not row["raw_record"]:
            continue
        if _institution(json.loads(str(row["raw_record"]))) == institution:
            ledger.add(place)
    unnamed_rows, misnamed_rows = (
        {table: len(places) for table, places in sorted(found.items())} for found in (unnamed, misnamed)
    )
    return Unread(len(ledger), unnamed_rows, misnamed_rows)


def problems_of(unread: Unread, institution: str) -> list[Problem]:
    """Return what an institution is told of its rows in quarantine, of no other's.

    Args:
        unread: its rows in quarantine.
        institution: its code.
    """
    found = []
    if unread.rows:
        values: dict[str, object] = {"institution": institution, "rows": unread.rows}
        found.append(Problem("finance.own_rows_quarantined", values=values, severity="warning"))
    told = (("finance.loan_of_several", unread.unnamed), ("finance.loan_of_another", unread.misnamed))
    for code, tables in told:
        for table, rows in tables.items():
            contract = load(table)
            values = {
                "institution": institution, "rows": rows,
                "table": {"zh": f"{contract.zh}（{table}）", "en": f"{contract.en} ({table})"},
            }  # fmt: skip
            found.append(Problem(code, values=values, severity="warning"))
    return found


def _value(record: Mapping[str, str], column: str, table: str = LEDGER) -> tuple[str, str]:
    """Return heading and value of a column in a raw row of a table; "" where none can be read from it."""
    known = names_of(load(table))
    for heading, value in record.items():
        if any(known.get(key) == column for key in heading_keys(heading)):
            return heading, fold(value or "")
    return "", ""


def _institution(record: Mapping[str, str], table: str = LEDGER) -> str:
    """Return the institution that a raw row of a table names; "" where none can be read from it."""
    return _value(record, "institution_id", table)[1]
