"""What the commands of `lvshu desk` share: who acts, names of states, plain records, problems."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lvshu.cli.console import Output
from lvshu.core.errors import Problem
from lvshu.finance.workflow.desk import Desk, open_desk
from lvshu.finance.workflow.records import Actor
from lvshu.finance.workflow.rules import ROLES
from lvshu.store.workspace import Workspace


@contextmanager
def desk_of(workspace: Path, user: str = "", role: str | None = None, branch: str = "") -> Iterator[Desk]:
    """Give the desk of a workspace, opened by whoever is stated."""
    with open_desk(Workspace.open(workspace), Actor(user, role or "", branch)) as desk:
        yield desk


def state_name(desk: Desk, state: str, output: Output) -> str:
    """Return a state's name in the language of the output."""
    return desk.rules.name(state)[output.language]


def role_name(role: str, output: Output) -> str:
    """Return a role's name in the language of the output."""
    return ROLES[role][output.language] if role in ROLES else role


def record(one: Any) -> dict[str, Any]:
    """Return a record as plain data for --json."""
    return dataclasses.asdict(one)


def signed(output: Output, desk: Desk) -> None:
    """Print who is recorded as having acted."""
    role = role_name(desk.actor.role, output)
    output.say(output.text("desk.unverified", user=desk.actor.user, role=role), style="dim")


def refused(output: Output, problems: Sequence[Problem]) -> int:
    """Print why some were refused. Returns the exit code: 1 where there are any."""
    output.problems(problems)
    return 1 if problems else 0
