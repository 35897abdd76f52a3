"""Who may change which state into which: the packs desk_states and desk_transitions, and refusals in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import Problem
from lvshu.finance.workflow.records import Actor, Change, State

STATES, TRANSITIONS = "desk_states", "desk_transitions"
ROLES = {
    "head_office": {"zh": "总行", "en": "head office"},
    "branch": {"zh": "分行", "en": "branch"},
    "account_manager": {"zh": "客户经理", "en": "account manager"},
}
NOBODY = {"zh": "（无人）", "en": "(nobody)"}
NOTHING = {"zh": "（无）", "en": "(none)"}


@dataclass(frozen=True)
class Rules:
    """The states and transitions of a workspace's packs."""

    library: PackLibrary

    @cached_property
    def states(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the pack of states by code, in order."""
        rows = sorted(self.library[STATES].rows, key=lambda row: int(str(row["position"])))
        return {str(row["code"]): dict(row) for row in rows}

    @cached_property
    def transitions(self) -> list[dict[str, Any]]:
        """Return the rows of the pack of transitions."""
        return [dict(row) for row in self.library[TRANSITIONS].rows]

    def name(self, state: str) -> dict[str, str]:
        """Return a state's name in both languages."""
        row = self.states.get(state)
        return {"zh": str(row["zh"]), "en": str(row["en"])} if row else {"zh": state, "en": state}

    def in_use(self, state: str) -> bool:
        """Return whether a client's figures are used while it is in a state."""
        row = self.states.get(state)
        return bool(row and row["in_use"])

    def refusal(
        self,
        present: State,
        to_state: str,
        actor: Actor,
        *,
        through: str,
        note: str,
        log: Sequence[Change] = (),
        calculated: bool = True,
    ) -> Problem | None:
        """Return why a transition is refused, or None where it is allowed.

        Args:
            present: where the client is.
            to_state: where it is to go.
            actor: who asks.
            through: the command by which: lock, forms, take, move or correct.
            note: the reason given.
            log: the client's log, for the rule of the other person.
            calculated: whether the current run has the client's figures.
        """
        values: dict[str, object] = {
            "client": present.client, "from_state": self.name(present.state), "to_state": self.name(to_state),
            "user": actor.user, "role": ROLES.get(actor.role, actor.role), "branch": present.branch,
            "own": actor.branch or NOTHING,
        }  # fmt: skip
        ways = [
            row
            for row in self.transitions
            if row["from_state"] == present.state and row["through"] == through
        ]
        onward = [row for row in ways if row["to_state"] == to_state]
        if not onward:
            ahead = sorted({str(row["to_state"]) for row in ways}, key=list(self.states).index)
            values["ahead"] = [
                f"{code} {self.name(code)['zh']}/{self.name(code)['en']}" for code in ahead
            ] or NOTHING
            return Problem("finance.desk_no_way", values=values)
        mine = [row for row in onward if row["role"] == actor.role]
        if not mine:
            values["roles"] = sorted(str(row["role"]) for row in onward)
            return Problem("finance.desk_not_your_role", values=values)
        if actor.role != "head_office" and actor.branch != present.branch:
            return Problem("finance.desk_not_your_branch", values=values)
        if mine[0]["needs_note"] and not note.strip():
            return Problem("finance.desk_needs_note", values=values)
        if mine[0]["other_user"] and log and log[-1].user == actor.user:
            return Problem("finance.desk_same_user", values=values)
        if mine[0].get("needs_run") and not calculated:
            return Problem("finance.desk_not_calculated", values=values)
        return None

    def needs_run(self, to_state: str) -> bool:
        """Return whether some way into a state asks that the figures were calculated."""
        return any(row["to_state"] == to_state and row.get("needs_run") for row in self.transitions)


def role_problem(actor: Actor) -> Problem | None:
    """Return what is wrong with a stated user and role, or None."""
    if not actor.user.strip():
        return Problem("finance.desk_who")
    if actor.role not in ROLES:
        return Problem("finance.desk_unknown_role", values={"role": actor.role, "known": list(ROLES)})
    if actor.role != "head_office" and not actor.branch:
        return Problem("finance.desk_which_branch", values={"role": ROLES[actor.role]})
    return None
