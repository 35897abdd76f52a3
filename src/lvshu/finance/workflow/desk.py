"""The desk of one workspace, opened by somebody: the database, the rules, the book; and the present lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.fields import FormFields, load_fields
from lvshu.finance.workflow.records import Actor, Client, FormalList, State
from lvshu.finance.workflow.repository import Repository
from lvshu.finance.workflow.rules import Rules, role_problem
from lvshu.store.book import Book
from lvshu.store.book_version import demand_this_version
from lvshu.store.workspace import Workspace

FOLDER, DATABASE = "desk", "desk.sqlite"


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass
class Desk:
    """The desk. Everything that changes it goes through functions of this room, each in one transaction.

    Attributes:
        workspace: the workspace.
        actor: who acts, as stated.
        repository: the database.
    """

    workspace: Workspace
    actor: Actor
    repository: Repository
    clock: Callable[[], datetime] = field(default=_clock)

    @cached_property
    def rules(self) -> Rules:
        """Return who may change which state into which."""
        return Rules(self.workspace.library)

    @cached_property
    def fields(self) -> FormFields:
        """Return the fields of the collection form."""
        return load_fields(self.workspace.library)

    def now(self) -> str:
        """Return the moment, in UTC, ISO 8601."""
        return self.clock().isoformat(timespec="seconds")

    @property
    def run_id(self) -> str:
        """Return the id of the current run, or ""."""
        return self.workspace.runs.current() or ""

    @contextmanager
    def book(self, run_id: str | None = None) -> Iterator[Book | None]:
        """Give the book of a run, of the current one when none is named; None where there is none."""
        wanted = run_id if run_id in self.workspace.runs.ids() else self.run_id
        if not wanted:
            yield None
            return
        with self.workspace.book(wanted) as book:
            if wanted == self.run_id:
                demand_this_version(book)
            yield book

    def demand_actor(self, *roles: str) -> None:
        """Make sure that a user and a role are stated, one of the roles where some are named.

        Raises:
            InputError: nobody, an unknown role, or another role than those that may.
        """
        problem = role_problem(self.actor)
        if problem is None and roles and self.actor.role not in roles:
            problem = Problem(
                "finance.desk_role_may_not", values={"role": self.actor.role, "roles": list(roles)}
            )
        if problem:
            raise InputError(problem)

    def lists(self) -> list[FormalList]:
        """Return the locked lists as they stand now: what was locked, with the corrections recorded since."""
        return [replace(one, clients=self._present(one)) for one in self.repository.lists()]

    def list_of(self, list_id: str = "") -> FormalList:
        """Return a list by its id; the only one where none is named.

        Raises:
            InputError: no list yet, none of that id, or several and none named.
        """
        lists = self.lists()
        if not lists:
            raise InputError(Problem("finance.desk_no_list"))
        found = [one for one in lists if one.list_id == list_id] if list_id else lists
        if len(found) != 1:
            values = {"given": list_id or "–", "known": [one.list_id for one in lists]}
            raise InputError(Problem("finance.desk_which_list", values=values))
        return found[0]

    def _present(self, one: FormalList) -> dict[str, Client]:
        clients = {
            name: Client.of(name, text) for name, text in self.repository.kept_clients(one.list_id).items()
        }
        for correction in self.repository.corrections(one.list_id):
            if correction.kind == "remove":
                clients.pop(correction.client, None)
            elif correction.kind == "add":
                clients[correction.client] = Client.of(correction.client, correction.after, "added")
            elif correction.kind == "lead_branch" and correction.client in clients:
                held = clients[correction.client]
                clients[correction.client] = replace(held, lead_branch=correction.after, origin="changed")
        return dict(sorted(clients.items()))

    def tampered(self) -> list[Problem]:
        """Return a problem for each list, and for the log, whose hash no longer agrees with its content."""
        problems = []
        for one in self.repository.lists():
            kept, left_out = (
                self.repository.kept_clients(one.list_id),
                self.repository.kept_exclusions(one.list_id),
            )
            if one.hashed(kept, left_out) != one.list_hash:
                problems.append(Problem("finance.desk_list_tampered", values={"list": one.list_id}))
        chain = ""
        for change in self.repository.changes():
            chain = change.chained(chain)
            if chain != change.chain_hash:
                problems.append(Problem("finance.desk_log_tampered", values={"row": change.change_id}))
                break
        return problems

    def find_clients(self, one: FormalList, words: Sequence[str]) -> list[str]:
        """Return the names of clients of a list that are meant: by credit code, code/project, or whole name.

        Raises:
            InputError: words that mean no client, all of them.
        """
        found: list[str] = []
        problems = []
        for word in words:
            hits = [
                name
                for name, client in one.clients.items()
                if word in (name, client.name) or name.partition("/")[0] == word
            ]
            if not hits:
                values = {"word": word, "list": one.list_id, "count": len(one.clients)}
                problems.append(Problem("finance.desk_unknown_client", values=values))
            found += [name for name in hits if name not in found]
        if problems:
            raise InputError(*problems)
        return found

    def move(
        self,
        list_id: str,
        present: State,
        to_state: str,
        *,
        through: str,
        note: str,
        at: str,
        calculated: bool = True,
    ) -> Problem | None:
        """Move a client within a transaction. Returns the refusal, or None where it was moved."""
        log = self.repository.changes(list_id, present.client)
        refusal = self.rules.refusal(
            present, to_state, self.actor, through=through, note=note, log=log, calculated=calculated
        )
        if refusal is None:
            self.repository.move(
                list_id, present.client, to_state, present.branch, by=(self.actor.user, self.actor.role), at=at,
                note=note, before=present.state,
            )  # fmt: skip
        return refusal


@contextmanager
def open_desk(workspace: Workspace, actor: Actor | None = None) -> Iterator[Desk]:
    """Give the desk of a workspace; corrections are first linked to the run that holds them.

    Raises:
        StoreError: the database cannot be opened.
    """
    with Repository(workspace.folder / FOLDER / DATABASE) as repository:
        desk = Desk(workspace, actor or Actor("", ""), repository)
        _link_runs(desk)
        yield desk


def _link_runs(desk: Desk) -> None:
    open_ones = {one.correction_id for one in desk.repository.corrections() if not one.run_after}
    if not open_ones:
        return
    first = min(one.run_before for one in desk.repository.corrections() if one.correction_id in open_ones)
    for run_id in (name for name in desk.workspace.runs.ids() if name > first):
        with desk.workspace.book(run_id) as book:
            held = {int(row["correction_id"]) for row in book.rows("correction", columns=["correction_id"])}
        for number in sorted(open_ones & held):
            with desk.repository.transaction():
                desk.repository.link_correction(number, run_id)
            open_ones.discard(number)
        if not open_ones:
            return


def total_of(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of amounts that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def plain(content: object) -> Any:
    """Return content as plain data whose decimals are texts."""
    return json.loads(json.dumps(content, default=str, ensure_ascii=False))
