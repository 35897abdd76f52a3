"""`lvshu desk …`: the bank's annual exercise, from candidate list to locked figures. Commands and options as data."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

Role = StrEnum("Role", ["head_office", "branch", "account_manager"])
OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "client": Option("", str),
    "clients": Option("", list[str], None),
    "files": Option("", list[Path]),
    "user": Option("--user", str, ""),
    "role": Option("--role", Role, None),
    "branch": Option("--branch", str, ""),
    "list_id": Option("--list", str, ""),
    "method": Option("--method", str, ""),
    "institution": Option("--institution", str, ""),
    "note": Option("--note", str, ""),
    "reason": Option("--reason", str, ""),
    "folder": Option("--folder", Path, None),
    "to_state": Option("--to", str, ""),
    "from_state": Option("--from", str, ""),
    "add": Option("--add", bool, False),
    "remove": Option("--remove", bool, False),
    "lead_branch": Option("--lead-branch", str, ""),
    "each": Option("--clients", bool, False),
    "top": Option("--top", int, 20, 1),
    "source": Option("--from", Path, None),
    "run_id": Option("--run", str, ""),
}
WHO = ("user", "role", "branch")
COMMANDS: dict[str, tuple[str, ...]] = {
    "candidates": ("method", "institution", "branch", "top", "workspace"),
    "lock": ("method", "institution", "note", *WHO, "workspace"),
    "forms": ("clients", "list_id", "folder", *WHO, "workspace"),
    "take": ("files", "reason", *WHO, "workspace"),
    "move": ("clients", "to_state", "from_state", "note", "list_id", *WHO, "workspace"),
    "status": ("list_id", "branch", "each", "workspace"),
    "correct": ("client", "add", "remove", "lead_branch", "reason", "list_id", *WHO, "workspace"),
    "corrections": ("list_id", "workspace"),
    "loans": ("clients", "method", "institution", "branch", "top", "workspace"),
    "card": ("client", "institution", "workspace"),
    "carry": ("source", "run_id", "workspace"),
}


def add_desk(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `desk` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "desk", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
