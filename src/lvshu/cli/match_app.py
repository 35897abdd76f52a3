"""`lvshu match …`: who the borrowers are, reviews of what is not sure, weights fitted to them. Commands as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "institution": Option("--institution", str, ""),
    "top": Option("--top", int, 20, 1),
    "file": Option("", Path),
    "files": Option("", list[Path]),
    "sample": Option("--sample", int, 0, 0),
    "dry_run": Option("--dry-run", bool, False),
    "force": Option("--force", bool, False),
    "forget": Option("--forget", bool, False),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "status": ("institution", "top", "workspace"),
    "queue": ("file", "sample", "workspace"),
    "take": ("files", "workspace"),
    "fit": ("dry_run", "force", "forget", "workspace"),
    "groups": ("institution", "top", "workspace"),
}


def add_match(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `match` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "match", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
