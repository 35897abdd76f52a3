"""Loans of the ledger that were not read: they are on no list and in no figure, so the reconciliation tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lvshu.contract import load
from lvshu.intake.heading import heading_keys, names_of
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


def _institution(record: Mapping[str, str]) -> str:
    """Return the institution that a raw row of the ledger names; "" where none can be read from it."""
    known = names_of(load("loan"))
    for heading, value in record.items():
        if any(known.get(key) == "institution_id" for key in heading_keys(heading)):
            return fold(value)
    return ""
