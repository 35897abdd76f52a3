"""`lvshu edit …`: records edited by rules, the log of changes, decisions about them. Commands as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "file": Option("", Path),
    "rules_file": Option("", Path),
    "rules": Option("--rules", Path),
    "log": Option("--log", Path),
    "data": Option("--data", Path, None),
    "key": Option("--key", str, ""),
    "to": Option("--to", Path),
    "rule": Option("--rule", str, ""),
    "only_record": Option("--record", str, ""),
    "only_variable": Option("--variable", str, ""),
    "keep_missing": Option("--keep-missing", bool, False),
    "no_donors": Option("--no-donors", bool, False),
    "record": Option("", str),
    "variable": Option("", str),
    "value": Option("", str),
    "user": Option("--user", str, ""),
    "note": Option("--note", str, ""),
    "top": Option("--top", int, 20, 1),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "rules": ("rules_file", "data"),
    "run": ("file", "rules", "to", "log", "key", "keep_missing", "no_donors"),
    "undo": ("file", "log", "to", "key", "rule", "only_record", "only_variable"),
    "show": ("top", "workspace"),
    "keep": ("record", "variable", "user", "note", "workspace"),
    "set": ("record", "variable", "value", "user", "note", "workspace"),
    "withdraw": ("record", "variable", "user", "note", "workspace"),
}


def add_edit(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `edit` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "edit", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)


FORM_OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, None, short="-w"),
    "place": Option("--workspace", Path, Path(), short="-w"),
    "file": Option("", Path),
    "files": Option("", list[Path]),
    "platform": Option("--platform", str, ""),
    "month": Option("--month", str, ""),
    "moved_platform": Option("", str),
    "moved_month": Option("", str),
    "to_state": Option("", str),
    "user": Option("--user", str, ""),
    "note": Option("--note", str, ""),
}
FORM_COMMANDS: dict[str, tuple[str, ...]] = {
    "template": ("file", "platform", "month", "workspace"),
    "check": ("files", "workspace"),
    "take": ("files", "user", "note", "place"),
    "move": ("moved_platform", "moved_month", "to_state", "user", "note", "place"),
    "trail": ("platform", "month", "place"),
}


def add_forms(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `forms` and its commands to the program; the arguments are those of `add_group`."""
    add_group(
        app, "forms", FORM_COMMANDS, FORM_OPTIONS, classes=classes, language=language, t=t, execute=execute
    )
