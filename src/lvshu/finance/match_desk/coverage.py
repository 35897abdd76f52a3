"""How far the ledger is identified: loans and balances by status, means and level, and the largest that are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import text_literal
from lvshu.finance.borrower_code import masked
from lvshu.store.book import Book

STATUSES = ("matched", "natural_person", "review", "unknown")


@dataclass(frozen=True)
class Line:
    """Loans of one kind: how many, their year-end balance (CNY), and shares of all loans and balances."""

    status: str
    matched_by: str
    level: str
    reason: str
    loans: int
    outstanding_amount: Decimal
    loan_share: float
    outstanding_share: float


@dataclass(frozen=True)
class Coverage:
    """Lines that add up to the ledger; totals by status; the largest names that are unknown or wait for review."""

    lines: tuple[Line, ...]
    totals: tuple[Line, ...]
    loans: int
    outstanding_amount: Decimal
    largest: tuple[dict[str, Any], ...]


def coverage_of(book: Book, institution: str = "", most: int = 20) -> Coverage:
    """Return how far the ledger of a book is identified.

    Args:
        book: a book with loans.
        institution: one institution's ledger; all when empty.
        most: largest names to be listed.

    Raises:
        InputError: no loans were matched, or an unknown institution.
    """
    if not book.count("loan_match"):
        raise InputError(Problem("finance.match_no_ledger"))
    own = institution_filter(book, institution)
    rows = book.engine.execute(
        "SELECT m.status, m.matched_by, m.level, m.reason, count(*), coalesce(sum(m.outstanding_amount), 0) "
        f"FROM loan_match AS m JOIN loan ON loan.loan_id = m.loan_id {own} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    loans, amount = sum(row[4] for row in rows), sum((row[5] for row in rows), Decimal(0))
    lines = tuple(_line(row, loans, amount) for row in rows)
    totals = []
    for status in STATUSES:
        some = [line for line in lines if line.status == status]
        row = (status, "", "", "", sum(line.loans for line in some),
               sum((line.outstanding_amount for line in some), Decimal(0)))  # fmt: skip
        totals.append(_line(row, loans, amount))
    return Coverage(lines, tuple(totals), loans, amount, tuple(_largest(book, own, most)))


def institution_filter(book: Book, institution: str) -> str:
    """Return the SQL condition on the ledger of an institution; "" for all.

    Raises:
        InputError: the ledger has no such institution.
    """
    if not institution:
        return ""
    known = [
        str(row[0]) for row in book.engine.execute("SELECT DISTINCT institution_id FROM loan ORDER BY 1")
    ]
    if institution not in known:
        values = {"column": "institution_id", "value": institution, "known": known}
        raise InputError(Problem("finance.desk_unknown_choice", values=values))
    return f"WHERE loan.institution_id = {text_literal(institution)}"


def _line(row: Sequence[Any], loans: int, amount: Decimal) -> Line:
    status, matched_by, level, reason, count, balance = row
    shares = (count / loans if loans else 0.0, float(balance / amount) if amount else 0.0)
    return Line(status, matched_by, level, reason, int(count), balance, *shares)


def _largest(book: Book, own: str, most: int) -> list[dict[str, Any]]:
    condition = f"{own} {'AND' if own else 'WHERE'} m.status IN ('unknown', 'review')"
    rows = book.engine.execute(
        "SELECT s.name, s.code, f.code_kind, m.status, m.reason, m.entity_id, m.probability, count(*), "
        "coalesce(sum(m.outstanding_amount), 0) FROM loan_match AS m JOIN loan ON loan.loan_id = m.loan_id "
        "JOIN match_subject AS s ON s.subject_key = m.subject_key "
        f"JOIN subject_match AS f ON f.subject_key = m.subject_key {condition} "
        f"GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 9 DESC, 1, 2 LIMIT {int(most)}"
    )
    names = (
        "name",
        "code",
        "code_kind",
        "status",
        "reason",
        "entity_id",
        "probability",
        "loans",
        "outstanding_amount",
    )
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return [{**row, "code": masked(row["code"])} for row in found]


def groups_of(book: Book, institution: str = "", most: int = 20) -> list[dict[str, Any]]:
    """Return the largest exposures by ultimate parent, institution by institution; rows of group_exposure.

    Raises:
        InputError: no exposures, or an unknown institution.
    """
    if not book.count("group_exposure"):
        raise InputError(Problem("finance.match_no_ledger"))
    known = [
        str(row[0])
        for row in book.engine.execute("SELECT DISTINCT institution_id FROM group_exposure ORDER BY 1")
    ]
    if institution and institution not in known:
        values = {"column": "institution_id", "value": institution, "known": known}
        raise InputError(Problem("finance.desk_unknown_choice", values=values))
    where = f"institution_id = {text_literal(institution)}" if institution else None
    return book.rows("group_exposure", where=where, order=["-gross_amount", "institution_id"], limit=most)
