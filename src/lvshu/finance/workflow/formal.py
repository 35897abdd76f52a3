"""Locks the candidate list into a formal list, and corrects a locked list: each correction with its reason."""

from __future__ import annotations

from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.candidates import chosen, clients_of, excluded_client, kept_exclusions_of
from lvshu.finance.workflow.desk import Desk
from lvshu.finance.workflow.mirror import write_inputs
from lvshu.finance.workflow.records import Client, Correction, FormalList, State, as_text


def lock(desk: Desk, *, method: str = "", institution: str = "", note: str = "") -> FormalList:
    """Return the formal list that was locked: the candidate list of the current run, whole.

    Args:
        desk: the desk, opened by head office.
        method: accounting method; the first of the settings where none is named.
        institution: the lending institution; the only one where none is named.
        note: anything to be kept with it.

    Raises:
        InputError: not head office; no run; a list of this method, year and institution is locked already; the list is
            empty, or does not add up with the ledger.
    """
    desk.demand_actor("head_office")
    with desk.book() as book:
        if book is None or not book.count("candidate_reconciliation"):
            raise InputError(Problem("finance.desk_no_candidates"))
        method, institution = chosen(book, method, institution)
        year = book.settings.year
        for one in desk.repository.lists():
            if (one.method, one.year, one.institution_id) == (method, year, institution):
                told: dict[str, object] = {
                    "list": one.list_id,
                    "at": one.locked_at,
                    "user": one.locked_by,
                    "run": one.run_id,
                }
                raise InputError(Problem("finance.desk_locked_already", values=told))
        clients = clients_of(book, method, institution)
        exclusions = kept_exclusions_of(book, method, institution)
    if not clients:
        why: dict[str, object] = {"method": method, "institution": institution, "left_out": len(exclusions)}
        raise InputError(Problem("finance.desk_empty_list", values=why))
    at = desk.now()
    head = FormalList(
        list_id=f"{year}-{method}-{institution}", method=method, year=year, institution_id=institution,
        run_id=desk.run_id, locked_at=at, locked_by=desk.actor.user, role=desk.actor.role, note=note,
    )  # fmt: skip
    with desk.repository.transaction():
        locked = desk.repository.add_list(head, clients, exclusions)
        for client in clients:
            _enter(desk, locked, client, at, "candidate", note)
    write_inputs(desk)
    return locked


def _enter(desk: Desk, one: FormalList, client: Client, at: str, before: str, note: str) -> None:
    desk.repository.move(
        one.list_id, client.client, "formal", client.lead_branch, by=(desk.actor.user, desk.actor.role), at=at,
        note=note, before=before,
    )  # fmt: skip


def correct_list(
    desk: Desk, client: str, kind: str, *, reason: str, list_id: str = "", branch: str = ""
) -> Correction:
    """Return the correction of a locked list that was recorded. What was locked stays as it was, beside it.

    Args:
        desk: the desk, opened by head office.
        client: name of the client: credit code, or code/project.
        kind: add, remove or lead_branch.
        reason: why.
        list_id: the list; the only one where none is named.
        branch: the new lead branch, for lead_branch.

    Raises:
        InputError: not head office, no reason, an unknown client, one that is on the list already, a branch that
            does not lend to the client, or a transition that the rules refuse.
    """
    desk.demand_actor("head_office")
    if not reason.strip():
        raise InputError(Problem("finance.desk_needs_reason", values={"client": client}))
    one = desk.list_of(list_id)
    present = desk.repository.states(one.list_id)
    at = desk.now()
    if kind == "add":
        return _add(desk, one, client, reason, at)
    name = desk.find_clients(one, [client])
    if len(name) != 1:
        raise InputError(Problem("finance.desk_several_clients", values={"word": client, "found": name}))
    held = one.clients[name[0]]
    if kind == "remove":
        record = _record(desk, one, held.client, kind, reason, as_text(held.content()), "", at)
        return _written(desk, one, record, present[held.client], "removed", reason, at)
    known = sorted({str(row["branch"]) for row in held.branches})
    if branch not in known or branch == held.lead_branch:
        values = {"branch": branch or "–", "client": held.client, "known": known, "lead": held.lead_branch}
        raise InputError(Problem("finance.desk_not_a_branch", values=values))
    record = _record(desk, one, held.client, kind, reason, held.lead_branch, branch, at)
    state = present[held.client]
    with desk.repository.transaction():
        desk.repository.add_correction(record)
        desk.repository.move(
            one.list_id, held.client, state.state, branch, by=(desk.actor.user, desk.actor.role), at=at,
            note=reason, before=state.state,
        )  # fmt: skip
    write_inputs(desk)
    return desk.repository.corrections(one.list_id)[-1]


def _record(
    desk: Desk, one: FormalList, client: str, kind: str, reason: str, before: str, after: str, at: str
) -> Correction:
    return Correction(
        correction_id=0, list_id=one.list_id, client=client, kind=kind, reason=reason, before=before, after=after,
        moment=at, user=desk.actor.user, role=desk.actor.role, run_before=desk.run_id,
    )  # fmt: skip


def _add(desk: Desk, one: FormalList, client: str, reason: str, at: str) -> Correction:
    if client in one.clients:
        raise InputError(Problem("finance.desk_on_the_list", values={"client": client, "list": one.list_id}))
    with desk.book() as book:
        found = None
        if book is not None:
            candidates = {held.client: held for held in clients_of(book, one.method, one.institution_id)}
            found = candidates.get(client) or excluded_client(book, one.method, one.institution_id, client)
    if found is None:
        values = {"client": client, "institution": one.institution_id}
        raise InputError(Problem("finance.desk_no_loans", values=values))
    before = desk.repository.states(one.list_id).get(client)
    record = _record(desk, one, client, "add", reason, "", as_text(found.content()), at)
    with desk.repository.transaction():
        desk.repository.add_correction(record)
        _enter(desk, one, found, at, before.state if before else "candidate", reason)
    write_inputs(desk)
    return desk.repository.corrections(one.list_id)[-1]


def _written(
    desk: Desk, one: FormalList, record: Correction, present: State, to_state: str, note: str, at: str
) -> Correction:
    with desk.repository.transaction():
        refusal = desk.move(one.list_id, present, to_state, through="correct", note=note, at=at)
        if refusal:
            raise InputError(refusal)
        desk.repository.add_correction(record)
    write_inputs(desk)
    return desk.repository.corrections(one.list_id)[-1]
