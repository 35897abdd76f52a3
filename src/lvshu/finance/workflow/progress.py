"""Moves clients from state to state, and tells how far a list is: clients and amounts by branch and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.calculated import calculated
from lvshu.finance.workflow.desk import Desk, total_of
from lvshu.finance.workflow.mirror import write_inputs
from lvshu.finance.workflow.records import FormalList


@dataclass(frozen=True)
class Moved:
    """The clients that were moved, and why others were not."""

    to_state: str
    clients: tuple[str, ...]
    refused: tuple[Problem, ...]
    files: tuple[str, ...]


def move_clients(
    desk: Desk,
    clients: Sequence[str],
    to_state: str,
    *,
    note: str = "",
    list_id: str = "",
    from_state: str = "",
) -> Moved:
    """Return what was moved. Those that the rules allow move, in one step; the others are told.

    Args:
        desk: the desk, opened by whoever may make the transition.
        clients: which clients.
        to_state: the state they are to have.
        note: reason, where one is needed.
        list_id: the list; the only one where none is named.
        from_state: instead of clients: all of the actor's clients in this state.

    Raises:
        InputError: an unknown state or client, or no client may be moved (all reasons).
    """
    desk.demand_actor()
    one = desk.list_of(list_id)
    unknown = [state for state in (to_state, from_state) if state and state not in desk.rules.states]
    if unknown:
        values = {
            "state": unknown,
            "known": [f"{code} {row['zh']}" for code, row in desk.rules.states.items()],
        }
        raise InputError(Problem("finance.desk_unknown_state", values=values))
    states = desk.repository.states(one.list_id)
    names = desk.find_clients(one, clients)
    if from_state and not clients:
        names = [
            name for name in one.clients
            if states[name].state == from_state and desk.actor.branch in ("", states[name].branch)
        ]  # fmt: skip
    if not names:
        raise InputError(
            Problem("finance.desk_nobody_to_move", values={"list": one.list_id, "state": from_state or "–"})
        )
    at = desk.now()
    in_run = calculated(desk, one.list_id) if desk.rules.needs_run(to_state) else set(names)
    moved, refused = [], []
    with desk.repository.transaction():
        for name in names:
            refusal = desk.move(
                one.list_id,
                states[name],
                to_state,
                through="move",
                note=note,
                at=at,
                calculated=name in in_run,
            )
            if refusal:
                refused.append(refusal)
            else:
                moved.append(name)
    if not moved:
        raise InputError(*refused)
    return Moved(to_state, tuple(moved), tuple(refused), write_inputs(desk))


@dataclass(frozen=True)
class Line:
    """Clients and amounts (CNY) of one branch in one state.

    returned: clients whose newest version was accepted; calculated: whose version in use the current run has.
    """

    branch: str
    state: str
    clients: int
    exposure: Decimal | None
    outstanding: Decimal | None
    returned: int
    calculated: int


@dataclass(frozen=True)
class Progress:
    """How far a list is.

    Attributes:
        formal: the list as it stands, with corrections.
        lines: by branch and state, in order.
        total: all together.
        refused: versions that came back with errors and wait for better ones.
        problems: what is wrong with the desk itself (hashes that do not agree).
    """

    formal: FormalList
    lines: tuple[Line, ...]
    total: Line
    refused: int
    problems: tuple[Problem, ...]


def progress_of(desk: Desk, list_id: str = "", branch: str = "") -> Progress:
    """Return how far a list is; of one branch where it is named.

    Raises:
        InputError: no such list.
    """
    one = desk.list_of(list_id)
    states = desk.repository.states(one.list_id)
    order = list(desk.rules.states)
    forms = {form.form_id: form.client for form in desk.repository.forms() if form.list_id == one.list_id}
    latest: dict[str, str] = {}
    for back in desk.repository.returns():
        if back.form_id in forms:
            latest[forms[back.form_id]] = back.status
    groups: dict[tuple[str, str], list[str]] = {}
    for name, client in one.clients.items():
        if not branch or client.lead_branch == branch:
            groups.setdefault((client.lead_branch, states[name].state), []).append(name)
    keys = sorted(groups, key=lambda key: (key[0], order.index(key[1]) if key[1] in order else len(order)))
    in_run = calculated(desk, one.list_id)
    lines = tuple(_line(one, place, state, groups[place, state], latest, in_run) for place, state in keys)
    everyone = [name for names in groups.values() for name in names]
    refused = sum(1 for name in everyone if latest.get(name) == "refused")
    total = _line(one, branch, "", everyone, latest, in_run)
    return Progress(one, lines, total, refused, tuple(desk.tampered()))


def _line(
    one: FormalList, branch: str, state: str, names: Sequence[str], latest: dict[str, str], in_run: set[str]
) -> Line:
    held = [one.clients[name] for name in names]
    return Line(
        branch, state, len(held), total_of([client.exposure for client in held]),
        total_of([client.outstanding for client in held]), sum(1 for name in names if latest.get(name) == "accepted"),
        sum(1 for name in names if name in in_run),
    )  # fmt: skip
