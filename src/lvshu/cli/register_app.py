"""`lvshu register …`: records linked, pairs to judge, error rates, the register as at a day. Commands as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "kind": Option("--kind", str, ""),
    "file": Option("", Path),
    "files": Option("", list[Path]),
    "no_sample": Option("--no-sample", bool, False),
    "day": Option("", str),
    "known_on": Option("--known-on", str, ""),
    "top": Option("--top", int, 20, 1),
    "columns": Option("--columns", str, ""),
    "names": Option("--names", str, ""),
    "salt_file": Option("--salt-file", Path, Path()),
    "to": Option("--to", Path, Path()),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "link": ("workspace",),
    "status": ("workspace",),
    "queue": ("file", "kind", "no_sample", "workspace"),
    "take": ("files", "workspace"),
    "rates": ("kind", "workspace"),
    "as-at": ("day", "kind", "known_on", "top", "workspace"),
    "hash": ("file", "to", "columns", "names", "salt_file"),
}


def add_register(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `register` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "register", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
