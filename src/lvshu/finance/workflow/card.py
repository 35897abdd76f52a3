"""One client's card: its loans by branch, its emissions by method and scope, its state, forms, versions and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.core.errors import InputError, Problem
from lvshu.engine.duckdb import text_literal
from lvshu.finance.workflow.account_history import accounts_of, versions_of
from lvshu.finance.workflow.desk import Desk
from lvshu.finance.workflow.form_check import differences
from lvshu.finance.workflow.records import NONE, Change, Correction, Form, Return, parts_of
from lvshu.intake.text import NOTHING, fold, nearest
from lvshu.store.book import Book, equals

EVERY = "*"
NEAR = 5
OF_LENDERS = ("loans", "institutions", "outstanding_amount", "financed_emission", "carried_share")
"""Figures of the account over all lenders of the book: not shown on the card of one institution among several."""


@dataclass(frozen=True)
class Version:
    """One version of a client's return beside the accepted one before it."""

    form: Form
    back: Return
    differences: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Card:
    """Everything that the desk and a run know of one client.

    Attributes:
        institution: whose loans and lists are shown; "" for all.
        uscc: its credit code; cards are of enterprises, with their projects.
        name: as in the register, the list or the ledger.
        other_codes: credit codes under which the ledger has the same name.
        accounts: its carbon account by year (enterprise_carbon_account).
        account_versions: what runs made of the account in their own year, where a run changed it.
        candidates: its rows of the candidate list.
        exclusions: its loans that are not in scope, by method, branch and reason.
        loans: by branch and method: loans, exposure and outstanding amount (CNY).
        emissions: of the enterprise or project by method, with scopes (tCO2e), the way of calculation and the score.
        financed: what its loans finance, by method (tCO2e), with exposure (CNY).
        states: by list and client.
    """

    run_id: str
    institution: str
    uscc: str
    name: str
    other_codes: tuple[str, ...]
    accounts: Sequence[Mapping[str, Any]]
    account_versions: Sequence[Mapping[str, Any]]
    candidates: Sequence[Mapping[str, Any]]
    exclusions: Sequence[Mapping[str, Any]]
    loans: Sequence[Mapping[str, Any]]
    emissions: Sequence[Mapping[str, Any]]
    financed: Sequence[Mapping[str, Any]]
    states: Sequence[Mapping[str, Any]]
    versions: Sequence[Version]
    corrections: Sequence[Correction]
    history: Sequence[Change]


def card_of(desk: Desk, word: str, institution: str = "") -> Card:
    """Return the card of a client, by credit code or by its whole name.

    Args:
        desk: the desk.
        word: credit code or whole name.
        institution: whose loans and lists it shows, "*" for all of the book; when empty that of the lists, where they
            are all of one institution. What the client borrows elsewhere is then not shown.

    Raises:
        InputError: neither the ledger nor a list knows it; a name of several clients; an unknown institution.
    """
    lists = {one.institution_id for one in desk.lists()}
    owner = institution or (next(iter(lists)) if len(lists) == 1 else "")
    owner = "" if owner == EVERY else owner
    with desk.book() as book:
        _known_institution(book, owner)
        uscc, name = _found(desk, book, word, owner)
        own = equals("uscc", uscc)
        tables = _of_book(book, uscc, owner) if book is not None else ((), (), (), (), (), ())
        others = _other_codes(book, uscc, name, owner) if book is not None else ()
        accounts = accounts_of(book, uscc)
        if owner and book is not None and _lenders(book) > 1:
            accounts = [{**row, **dict.fromkeys(OF_LENDERS)} for row in accounts]
        if book is not None and not name:
            rows = book.rows("enterprise", where=own, limit=1)
            name = str(rows[0]["name"]) if rows else ""
    candidates, exclusions, loans, emissions, financed, _ = tables
    states, versions, corrections, history = _of_desk(desk, uscc, owner)
    account_versions = versions_of(desk, uscc)
    if owner:
        account_versions = [
            {**row, "outstanding_amount": None, "financed_emission": None} for row in account_versions
        ]
    return Card(
        desk.run_id, owner, uscc, name, others, accounts, account_versions, candidates, exclusions, loans, emissions,
        financed, states, versions, corrections, history,
    )  # fmt: skip


def _near(desk: Desk, book: Book | None, word: str, owner: str) -> list[str]:
    """Return the clients, of one institution where one asks, whose name or code comes near a word."""
    names: dict[str, str] = {}
    for one in desk.lists():
        if owner in ("", one.institution_id):
            names |= {f"{held.name} {parts_of(client)[0]}": held.name for client, held in one.clients.items()}
    if book is not None and book.has("loan"):
        own = f" AND loan.{equals('institution_id', owner)}" if owner else ""
        sql = (
            "SELECT DISTINCT loan.uscc, coalesce(enterprise.name, loan.borrower_name) FROM loan "
            f"LEFT JOIN enterprise ON enterprise.uscc = loan.uscc WHERE loan.uscc IS NOT NULL{own} ORDER BY 1"
        )
        for uscc, name in book.engine.execute(sql) if book.has("enterprise") else ():
            names.setdefault(f"{name or ''} {uscc}".strip(), str(name or uscc))
    asked = fold(word).casefold()
    holding = [shown for shown in names if asked and asked in fold(shown).casefold()]
    close = nearest(word, names.values(), count=NEAR)
    return list(dict.fromkeys((*holding, *(shown for shown, name in names.items() if name in close))))[:NEAR]


def _found(desk: Desk, book: Book | None, word: str, owner: str = "") -> tuple[str, str]:
    for one in desk.lists():
        for client, held in one.clients.items():
            if word in (client, held.name) or parts_of(client)[0] == word:
                return parts_of(client)[0], held.name
    found: dict[str, str] = {}
    if book is not None:
        for row in book.rows(
            "enterprise", where=f"{equals('uscc', word)} OR {equals('name', word)}", limit=5
        ):
            found[str(row["uscc"])] = str(row["name"])
        columns = ["uscc", "borrower_name"]
        where = f"uscc IS NOT NULL AND ({equals('uscc', word)} OR {equals('borrower_name', word)})"
        for row in book.rows("loan", columns=columns, where=where, limit=5):
            found.setdefault(str(row["uscc"]), str(row["borrower_name"] or ""))
    if len(found) != 1:
        code = "finance.desk_several_clients" if found else "finance.desk_nobody_known"
        shown = [f"{uscc} {name}" for uscc, name in found.items()]
        values = {"word": word, "found": shown, "near": _near(desk, book, word, owner) or NOTHING}
        raise InputError(Problem(code, values=values))
    return next(iter(found.items()))


def _known_institution(book: Book | None, owner: str) -> None:
    if not owner or book is None or not book.has("loan"):
        return
    known = [
        str(row[0]) for row in book.engine.execute("SELECT DISTINCT institution_id FROM loan ORDER BY 1")
    ]
    if owner not in known:
        values = {"column": "institution_id", "value": owner, "known": known}
        raise InputError(Problem("finance.desk_unknown_choice", values=values))


def _lenders(book: Book) -> int:
    if not book.has("loan"):
        return 0
    return int(book.engine.execute("SELECT count(DISTINCT institution_id) FROM loan")[0][0])


def _of_book(book: Book, uscc: str, owner: str) -> tuple[Sequence[Mapping[str, Any]], ...]:
    own = equals("uscc", uscc)
    lent = f" AND {{table}}.{equals('institution_id', owner)}" if owner else ""
    listed = f"{own} AND {equals('institution_id', owner)}" if owner else own
    loans = _select(
        book, ("method", "branch", "status", "loans", "exposure", "outstanding_amount"),
        "SELECT s.method, coalesce(s.branch_code, 'none'), s.scope_status, count(*), sum(s.exposure), "
        "sum(s.outstanding_amount) FROM loan_scope AS s JOIN loan_subject AS j ON j.loan_id = s.loan_id "
        f"WHERE j.{own}{lent.format(table='s')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        "loan_scope",
    )  # fmt: skip
    financed = _select(
        book, ("method", "calculation_method", "loans", "exposure", "emission", "scope1", "scope2", "scope_unsplit",
               "scope3"),
        "SELECT a.method, a.calculation_method, count(*), sum(a.exposure), sum(a.emission), sum(a.scope1), "
        "sum(a.scope2), sum(a.scope_unsplit), sum(a.scope3) FROM attributed_emission AS a "
        f"JOIN loan_subject AS j ON j.loan_id = a.loan_id WHERE j.{own}{lent.format(table='a')} "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        "attributed_emission",
    )  # fmt: skip
    projects = [
        row["project_id"] for row in book.rows("candidate_client", where=listed) if row["project_id"] != NONE
    ]
    subjects = " OR ".join(equals("subject_id", name) for name in dict.fromkeys([uscc, *projects]))
    return (
        book.rows("candidate_client", where=listed), book.rows("candidate_exclusion", where=listed), loans,
        book.rows("entity_emission_choice", where=subjects), financed, (),
    )  # fmt: skip


def _select(book: Book, names: Sequence[str], sql: str, table: str) -> list[dict[str, Any]]:
    if not book.has(table):
        return []
    return [dict(zip(names, row, strict=True)) for row in book.engine.execute(sql)]


def _other_codes(book: Book, uscc: str, name: str, owner: str) -> tuple[str, ...]:
    if not name or not book.has("loan"):
        return ()
    rows = book.engine.execute(
        "SELECT DISTINCT loan.uscc FROM loan LEFT JOIN enterprise ON enterprise.uscc = loan.uscc "
        f"WHERE loan.uscc <> {text_literal(uscc)} "
        f"AND coalesce(enterprise.name, loan.borrower_name) = {text_literal(name)} "
        f"{'AND ' + equals('institution_id', owner) if owner else ''} ORDER BY 1"
    )
    return tuple(str(row[0]) for row in rows)


def _of_desk(
    desk: Desk, uscc: str, owner: str
) -> tuple[list[dict[str, Any]], list[Version], list[Correction], list[Change]]:
    repository = desk.repository
    lists = {one.list_id for one in repository.lists() if not owner or one.institution_id == owner}
    states = [
        {"list": one.list_id, "client": name, "state": state.state, "branch": state.branch, "since": state.since,
         "user": state.user, "role": state.role, "in_use": desk.rules.in_use(state.state)}
        for one in repository.lists() if one.list_id in lists
        for name, state in repository.states(one.list_id).items()
        if parts_of(name)[0] == uscc
    ]  # fmt: skip
    forms = {
        form.form_id: form
        for form in repository.forms() if parts_of(form.client)[0] == uscc and form.list_id in lists
    }  # fmt: skip
    versions: list[Version] = []
    before: dict[tuple[str, str], Return] = {}
    for back in repository.returns():
        if back.form_id not in forms:
            continue
        form = forms[back.form_id]
        last = before.get((form.list_id, form.client))
        changed = tuple(differences(last.content, back.content)) if last else ()
        versions.append(Version(form, back, changed))
        if back.status == "accepted":
            before[form.list_id, form.client] = back
    corrections = [one for one in repository.corrections() if _is_own(one, uscc, lists)]
    history = [one for one in repository.changes() if _is_own(one, uscc, lists)]
    return states, versions, corrections, history


def _is_own(one: Correction | Change, uscc: str, lists: set[str]) -> bool:
    return parts_of(one.client)[0] == uscc and one.list_id in lists
