"""`lvshu users …`: who may use the workbench. Commands as data."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group


class Role(StrEnum):
    """What a user may do."""

    viewer = "viewer"
    analyst = "analyst"
    reviewer = "reviewer"
    admin = "admin"


OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "database": Option("--database", str, ""),
    "name": Option("", str),
    "role": Option("--role", Role, None),
    "password": Option("--password", bool, False),
    "disable": Option("--disable", bool, False),
    "enable": Option("--enable", bool, False),
    "top": Option("--top", int, 50, 1),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "add": ("name", "role", "database", "workspace"),
    "change": ("name", "role", "password", "disable", "enable", "database", "workspace"),
    "list": ("database", "workspace"),
    "log": ("top", "database", "workspace"),
}


def add_users(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `users` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "users", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
