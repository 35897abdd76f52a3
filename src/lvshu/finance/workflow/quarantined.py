"""Loans of the ledger that were not read: they are on no list and in no figure, so the reconciliation tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lvshu.contract import load
from lvshu.core.errors import Problem
from lvshu.core.units import factor, parse_header_unit, unit
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


@dataclass(frozen=True)
class Unread:
    """Rows of one institution's loan ledger that wait in quarantine.

    Attributes:
        rows: how many.
        shared: of these, the loan numbers that also stand in another institution's ledger, each with its contract
            amount in CNY; None where the row states none that can be read.
    """

    rows: int
    shared: Mapping[str, Decimal | None]


def unread_of(rows: Sequence[Mapping[str, object]], institution: str) -> Unread:
    """Return what of an institution's ledger was not read, by rows of the table `quarantine`.

    Args:
        rows: rows of quarantine.
        institution: the lending institution.
    """
    mine: dict[object, Mapping[str, str]] = {}
    others: set[str] = set()
    for row in rows:
        if row["table_name"] != "loan" or row["code"] in UNRESOLVED_EXCEPT or not row["raw_record"]:
            continue
        record = json.loads(str(row["raw_record"]))
        if _institution(record) == institution:
            mine[row["file"], row["sheet"], row["row_number"]] = record
        elif row["code"] == "intake.duplicate_conflict":
            others.add(_value(record, "loan_id")[1])
    numbers = {_value(record, "loan_id")[1]: record for record in mine.values()}
    shared = {number: _amount(numbers[number]) for number in sorted(numbers.keys() & others) if number}
    return Unread(len(mine), shared)


def problems_of(unread: Unread, institution: str, most: int = 10) -> list[Problem]:
    """Return what an institution is told of its rows in quarantine, of no other's.

    Args:
        unread: its rows in quarantine.
        institution: its code.
        most: how many loan numbers are named.
    """
    found = []
    if unread.rows:
        values: dict[str, object] = {"institution": institution, "rows": unread.rows}
        found.append(Problem("finance.own_rows_quarantined", values=values, severity="warning"))
    if unread.shared:
        known = [amount for amount in unread.shared.values() if amount is not None]
        named = [
            f"{number} ({'-' if amount is None else f'{amount:,.2f}'})"
            for number, amount in unread.shared.items()
        ]
        values = {
            "institution": institution, "loans": len(unread.shared), "named": named[:most],
            "amount": f"{sum(known):,.2f}" if known else "-",
        }  # fmt: skip
        found.append(Problem("finance.loan_number_shared", values=values, severity="warning"))
    return found


def _amount(record: Mapping[str, str]) -> Decimal | None:
    heading, text = _value(record, "contract_amount")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    symbol = parse_header_unit(fold(heading))[1] or "CNY"
    return amount * factor(symbol, "CNY") if unit(symbol).dimension == unit("CNY").dimension else None


def _value(record: Mapping[str, str], column: str) -> tuple[str, str]:
    """Return heading and value of a column in a raw row of the ledger; "" where none can be read from it."""
    known = names_of(load("loan"))
    for heading, value in record.items():
        if any(known.get(key) == column for key in heading_keys(heading)):
            return heading, fold(value or "")
    return "", ""


def _institution(record: Mapping[str, str]) -> str:
    """Return the institution that a raw row of the ledger names; "" where none can be read from it."""
    return _value(record, "institution_id")[1]
