"""What the desk keeps, as plain records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NONE = "none"
"""Stands in tables of the book for no project and no branch."""


def client_id(uscc: str, project_id: str | None) -> str:
    """Return the desk's name of a client: its credit code, and the project after a slash where there is one."""
    return f"{uscc}/{project_id}" if project_id and project_id != NONE else uscc


def parts_of(client: str) -> tuple[str, str | None]:
    """Return (credit code, project or None) of a client's name."""
    uscc, _, project = client.partition("/")
    return uscc, project or None


def as_text(content: object) -> str:
    """Return content as JSON in one canonical form: the same content is the same text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def hash_of(*texts: str) -> str:
    """Return the SHA-256 of texts, each on a line of its own."""
    return hashlib.sha256("\n".join(texts).encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Actor:
    """Who acts: as stated with the command. Nothing is verified on a single machine.

    Attributes:
        user: name.
        role: head_office, branch or account_manager.
        branch: code of the branch; "" for head office.
    """

    user: str
    role: str
    branch: str = ""


@dataclass(frozen=True)
class Client:
    """A client on a formal list; amounts in CNY as they were when the list was locked.

    Attributes:
        client: the desk's name of it (`client_id`).
        branches: loans, exposure and outstanding amount by branch.
        origin: locked, added or changed.
    """

    client: str
    name: str
    sector_code: str
    industry_group: str
    lead_branch: str
    loans: int
    exposure: Decimal | None
    outstanding: Decimal | None
    branches: Sequence[Mapping[str, Any]] = ()
    origin: str = "locked"

    def content(self) -> dict[str, Any]:
        """Return what is kept of the client, as plain data."""
        return {
            "name": self.name, "sector_code": self.sector_code, "industry_group": self.industry_group,
            "lead_branch": self.lead_branch, "loans": self.loans, "exposure": self.exposure,
            "outstanding": self.outstanding, "branches": list(self.branches),
        }  # fmt: skip

    @classmethod
    def of(cls, client: str, text: str, origin: str = "locked") -> Client:
        """Return the client that a kept text describes."""
        kept = json.loads(text)
        for name in ("exposure", "outstanding"):
            kept[name] = None if kept[name] is None else Decimal(kept[name])
        return cls(client=client, origin=origin, **kept)


@dataclass(frozen=True)
class FormalList:
    """A locked list: who locked it, when, from which run; its hash; its clients by name."""

    list_id: str
    method: str
    year: int
    institution_id: str
    run_id: str
    locked_at: str
    locked_by: str
    role: str
    note: str
    list_hash: str = ""
    clients: Mapping[str, Client] = field(default_factory=dict)

    def hashed(self, clients: Mapping[str, str], exclusions: Sequence[str]) -> str:
        """Return the hash of the list: of its head, of each client's kept text, and of the exclusions."""
        head = as_text([self.list_id, self.method, self.year, self.institution_id, self.run_id, self.locked_at,
                        self.locked_by, self.role, self.note])  # fmt: skip
        return hash_of(head, *(f"{name} {clients[name]}" for name in sorted(clients)), *exclusions)


@dataclass(frozen=True)
class State:
    """Where a client is now, in which branch's hands, since when and by whom."""

    client: str
    state: str
    branch: str
    since: str
    user: str
    role: str


@dataclass(frozen=True)
class Change:
    """One row of the log of states."""

    change_id: int
    list_id: str
    client: str
    branch: str
    from_state: str
    to_state: str
    moment: str
    user: str
    role: str
    note: str
    chain_hash: str = ""

    def chained(self, before: str) -> str:
        """Return the hash of this row and of the one before it."""
        return hash_of(before, as_text([self.change_id, self.list_id, self.client, self.branch, self.from_state,
                                        self.to_state, self.moment, self.user, self.role, self.note]))  # fmt: skip


@dataclass(frozen=True)
class Form:
    """A collection form that was issued."""

    form_id: str
    list_id: str
    client: str
    branch: str
    year: int
    issued_at: str
    issued_by: str
    role: str
    file: str


@dataclass(frozen=True)
class Return:
    """One version of a form that came back: what it says, and what is wrong with it.

    Attributes:
        status: accepted or refused.
        problems: as plain data, in both languages.
        content: figures by section, as plain data.
    """

    form_id: str
    version: int
    status: str
    problems: Sequence[Mapping[str, Any]]
    content: Mapping[str, Any]
    taken_at: str
    taken_by: str
    role: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Correction:
    """A change after the lock, with its reason; the run before it, and the first run that holds it ("" until then)."""

    correction_id: int
    list_id: str
    client: str
    kind: str
    reason: str
    before: str
    after: str
    moment: str
    user: str
    role: str
    run_before: str
    run_after: str = ""


WITHDRAWN = "withdrawn"
"""Decision of a row that takes an earlier answer about a name back."""


@dataclass(frozen=True)
class MatchAnswer:
    """One answer about a name of the ledger: accept or reject a candidate, another company, or none; and its file.

    With the decision `withdrawn` it takes back the earlier answer about the same name that has the same sha256.
    """

    answer_id: int
    file: str
    sha256: str
    run_id: str
    subject_key: str
    company_id: str
    decision: str
    other_company_id: str
    reviewer: str
    reviewed_on: str
    note: str
    taken_at: str
