"""The candidate list as a run made it: clients, what was left out and why, and the check against the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.quarantined import quarantined_loans
from lvshu.finance.workflow.records import NONE, Client, as_text, client_id
from lvshu.store.book import Book, equals


def chosen(book: Book, method: str, institution: str) -> tuple[str, str]:
    """Return the method and the institution that are meant; the only ones where none is named.

    Raises:
        InputError: not in the book, or several and none named.
    """
    problems = []
    found = []
    for column, given in (("method", method), ("institution_id", institution)):
        rows = book.engine.execute(f"SELECT DISTINCT {column} FROM candidate_reconciliation ORDER BY 1")
        known = [str(row[0]) for row in rows]
        pick = given or (known[0] if len(known) == 1 else "")
        if column == "method" and not given and known:
            pick = next((name for name in book.settings.finance_methods if name in known), "")
        if pick not in known:
            code = "finance.desk_which" if known and not given else "finance.desk_unknown_choice"
            values = {"column": column, "value": given, "known": known}
            problems.append(Problem(code, values=values))
        found.append(pick)
    if problems:
        raise InputError(*problems)
    return found[0], found[1]


def _condition(method: str, institution: str) -> str:
    return f"{equals('method', method)} AND {equals('institution_id', institution)}"


def clients_of(book: Book, method: str, institution: str) -> list[Client]:
    """Return the clients on the candidate list, by name, each with its branches."""
    where = _condition(method, institution)
    branches: dict[str, list[Mapping[str, Any]]] = {}
    for row in book.rows("candidate_branch", where=where, order=["uscc", "project_id", "branch_code"]):
        branches.setdefault(client_id(row["uscc"], row["project_id"]), []).append(_branch(row))
    found = []
    for row in book.rows("candidate_client", where=where, order=["uscc", "project_id"]):
        name = client_id(row["uscc"], row["project_id"])
        found.append(
            Client(
                client=name, name=row["name"] or "", sector_code=row["sector_code"] or "",
                industry_group=row["industry_group"], lead_branch=row["lead_branch_code"], loans=int(row["loans"]),
                exposure=row["exposure"], outstanding=row["outstanding_amount"], branches=tuple(branches[name]),
            )
        )  # fmt: skip
    return found


def _branch(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"branch": row["branch_code"], "loans": int(row["loans"]), "exposure": _text(row["exposure"]),
            "outstanding": _text(row["outstanding_amount"])}  # fmt: skip


def _text(amount: object) -> str | None:
    return None if amount is None else str(amount)


def excluded_client(book: Book, method: str, institution: str, client: str) -> Client | None:
    """Return a client that was left out, as it would stand on the list; None where the ledger does not know it."""
    rows = [
        row
        for row in book.rows("candidate_exclusion", where=_condition(method, institution))
        if client_id(row["uscc"], row["project_id"]) == client and row["uscc"] != NONE
    ]
    if not rows:
        return None
    amounts = {
        name: sum(row[name] for row in rows if row[name] is not None)
        if any(row[name] is not None for row in rows)
        else None
        for name in ("exposure", "outstanding_amount")
    }
    lead = min(rows, key=lambda row: (-(row["exposure"] or 0), row["branch_code"]))["branch_code"]
    names = book.rows("enterprise", where=equals("uscc", rows[0]["uscc"]), limit=1)
    return Client(
        client=client, name=str(names[0]["name"]) if names else "", sector_code="", industry_group="other",
        lead_branch=lead, loans=sum(int(row["loans"]) for row in rows), exposure=amounts["exposure"],
        outstanding=amounts["outstanding_amount"], branches=tuple(_branch(row) for row in rows), origin="added",
    )  # fmt: skip


def exclusions_of(book: Book, method: str, institution: str) -> list[dict[str, Any]]:
    """Return what was left out by reason: status, clients, loans and amounts; the largest number of loans first."""
    rows = book.engine.execute(
        "SELECT reason, scope_status, count(DISTINCT uscc), sum(loans), sum(exposure), sum(outstanding_amount) "
        f"FROM candidate_exclusion WHERE {_condition(method, institution)} GROUP BY 1, 2 ORDER BY 4 DESC, 1"
    )
    names = ("reason", "status", "clients", "loans", "exposure", "outstanding_amount")
    return [dict(zip(names, row, strict=True)) for row in rows]


def kept_exclusions_of(book: Book, method: str, institution: str) -> list[str]:
    """Return each exclusion as a text to be kept with a locked list, in order."""
    columns = [
        "uscc",
        "project_id",
        "branch_code",
        "reason",
        "scope_status",
        "loans",
        "exposure",
        "outstanding_amount",
    ]
    rows = book.rows(
        "candidate_exclusion", columns=columns, where=_condition(method, institution), order=columns[:4]
    )
    return [as_text(row) for row in rows]


def reconciliation_of(book: Book, method: str, institution: str) -> dict[str, Any]:
    """Return the check against the ledger over all branches: loans and amounts in, out, unknown, difference.

    Beside them loans_in_ledger, the loans read and those in quarantine, and the latter apart (`quarantined_loans`).
    """
    names = [
        name
        for name in book.columns("candidate_reconciliation")
        if name.split("_")[0] in ("loans", "outstanding")
    ]
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
    row = book.engine.execute(
        f"SELECT {sums} FROM candidate_reconciliation WHERE {_condition(method, institution)}"
    )[0]
    found = dict(zip(names, row, strict=True))
    aside = quarantined_loans(book, institution)
    return {"loans_in_ledger": found["loans_in_book"] + aside["loans_quarantined"], **aside, **found}
