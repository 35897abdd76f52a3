"""The ledger loan by loan, as one method sees it, with the columns of the bank's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import quote, text_literal
from lvshu.finance.workflow.records import client_id
from lvshu.store.book import Book
from lvshu.store.own_columns import ride_along

COLUMNS = (
    "loan_id", "branch_code", "uscc", "project_id", "borrower_name", "product_type", "asset_class", "scope_status",
    "reason", "exposure", "outstanding_amount", "calculation_method", "quality_score", "emission",
)  # fmt: skip


@dataclass(frozen=True)
class Loans:
    """Loans, the largest exposures first.

    Attributes:
        own: headings of the bank's own columns; each row has them.
        count: how many there are; rows: as many of them as were asked for.
    """

    own: tuple[str, ...]
    count: int
    rows: tuple[dict[str, Any], ...]


def loans_of(
    book: Book,
    method: str,
    institution: str,
    *,
    clients: Sequence[str] = (),
    branch: str = "",
    most: int = 20,
) -> Loans:
    """Return the loans of an institution under a method, by the institution's own numbers.

    Args:
        book: an open book.
        method: accounting method.
        institution: the lending institution.
        clients: credit codes, code/project or names in the ledger; all when empty.
        branch: one branch alone.
        most: at most so many.

    Raises:
        InputError: no loan is that of a client who was named.
    """
    own = ride_along(book, ["loan"]).get("loan", ())
    given = f"s.method = {text_literal(method)} AND s.institution_id = {text_literal(institution)}"
    given += f" AND s.branch_code = {text_literal(branch)}" if branch else ""
    source = (
        "FROM loan_scope AS s JOIN loan ON loan.loan_id = s.loan_id JOIN loan_subject AS j ON j.loan_id = s.loan_id "
        "LEFT JOIN attributed_emission AS a ON a.loan_id = s.loan_id AND a.method = s.method "
        "LEFT JOIN shared_loan_number AS own ON own.loan_id = s.loan_id"
    )
    project = "CASE WHEN s.subject_kind = 'project' THEN s.subject_id END"
    told = []
    for word in clients:
        text = text_literal(word)
        told.append(
            f"(j.uscc = {text} OR loan.borrower_name = {text} OR concat(j.uscc, '/', {project}) = {text})"
        )
    where = given + (f" AND ({' OR '.join(told)})" if told else "")
    count = int(book.engine.execute(f"SELECT count(*) {source} WHERE {where}")[0][0])
    if clients and not count:
        raise InputError(Problem("finance.desk_nobody_known", values={"word": ", ".join(clients)}))
    names = ", ".join(f"loan.{quote(name)}" for name in own)
    rows = book.engine.execute(
        f"SELECT coalesce(own.loan_number, s.loan_id), s.branch_code, j.uscc, {project}, loan.borrower_name, "
        "loan.product_type, loan.asset_class, s.scope_status, s.reason, s.exposure, s.outstanding_amount, "
        "a.calculation_method, a.quality_score, a.emission"
        f"{', ' + names if names else ''} {source} WHERE {where} "
        f"ORDER BY s.exposure DESC NULLS LAST, s.loan_id LIMIT {int(most)}"
    )
    found = [dict(zip((*COLUMNS, *own), row, strict=True)) for row in rows]
    return Loans(
        own,
        count,
        tuple({**row, "client": client_id(row["uscc"] or "–", row["project_id"])} for row in found),
    )
