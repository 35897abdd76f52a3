"""`lvshu disclose …`: protect a table, audit a hidden one or all that a run published, round, add noise. As data."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

Cost = StrEnum("Cost", ["cells", "value", "logarithm"])

OPTIONS: dict[str, Option] = {
    "source": Option("", Path),
    "folder": Option("", Path, Path()),
    "sheet": Option("--sheet", str, ""),
    "dimensions": Option("--dimension", list[str], short="-d"),
    "value": Option("--value", str, ""),
    "contributor": Option("--contributor", str, ""),
    "count": Option("--count", str, ""),
    "largest": Option("--largest", list[str], None),
    "contributions": Option("--contributions", Path, None),
    "keep": Option("--keep", list[str], None),
    "weights": Option("--weights", Path, None),
    "levels": Option("--levels", list[str], None),
    "minimum_count": Option("--minimum-count", int, None, 2),
    "p_percent": Option("--p-percent", float, None, 0),
    "dominance": Option("--dominance", str, ""),
    "range_percent": Option("--range-percent", float, None, 0),
    "cost": Option("--cost", Cost, Cost["cells"]),
    "earlier": Option("--earlier", list[Path], None),
    "last": Option("--last", Path, None),
    "seconds": Option("--seconds", float, 30.0, 0),
    "base": Option("--base", float),
    "epsilon": Option("--epsilon", float),
    "most_cells": Option("--most-cells", int),
    "low": Option("--low", str, ""),
    "high": Option("--high", str, ""),
    "ledger": Option("--ledger", Path),
    "budget": Option("--budget", float, None),
    "to": Option("--to", list[Path], None, short="-o"),
    "internal": Option("--internal", Path, None),
    "top": Option("--top", int, 20, 1),
}
SOURCE = ("source", "dimensions")
READING = ("sheet", "value", "contributor", "count", "largest", "contributions", "levels")
RULES = ("minimum_count", "p_percent", "dominance", "range_percent")
COMMANDS: dict[str, tuple[str, ...]] = {
    "protect": (
        *SOURCE,
        *READING,
        *RULES,
        "cost",
        "keep",
        "weights",
        "earlier",
        "last",
        "seconds",
        "to",
        "internal",
        "top",
    ),
    "audit": (*SOURCE, *READING, *RULES, "to", "top"),
    "attack": ("folder", "to", "top"),
    "round": (*SOURCE, "base", *READING, "to", "top"),
    "noise": (
        *SOURCE,
        "epsilon",
        "most_cells",
        "ledger",
        "sheet",
        "value",
        "contributor",
        "levels",
        "low",
        "high",
        "budget",
        "to",
        "top",
    ),
}


def add_disclose(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `disclose` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "disclose", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
