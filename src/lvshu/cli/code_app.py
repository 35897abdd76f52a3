"""`lvshu code …`: free texts into classes, models trained and watched, reviews out and back. Commands as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

OPTIONS: dict[str, Option] = {
    "workspace": Option("--workspace", Path, Path(), short="-w"),
    "file": Option("", Path),
    "files": Option("", list[Path]),
    "to": Option("--to", Path, None),
    "model": Option("--model", Path, None),
    "text": Option("--text", str, ""),
    "code": Option("--code", str, ""),
    "levels": Option("--levels", str, ""),
    "scope": Option("--scope", bool, False),
    "knowledge": Option("--knowledge", Path, None),
    "accuracy": Option("--accuracy", float, 0.8, 0.0),
    "error": Option("--error", float, 0.1, 0.0),
    "by_class": Option("--by-class", bool, False),
    "audit": Option("--audit", int, 0, 0),
    "month": Option("--month", str, ""),
    "top": Option("--top", int, 20, 1),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "train": ("file", "to", "text", "code", "levels", "scope", "knowledge", "accuracy", "error"),
    "texts": ("file", "model", "to", "text", "levels", "scope", "knowledge", "by_class", "top"),
    "card": ("model",),
    "revise": ("file", "model", "to", "code", "text", "scope", "top"),
    "drift": ("file", "model", "text", "scope"),
    "status": ("workspace",),
    "queue": ("file", "audit", "month", "workspace"),
    "take": ("files", "workspace"),
    "matrix": ("to", "month", "workspace"),
}


def add_code(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `code` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "code", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
