"""lvshu code card: what a model is and how good."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.statistics.coding.store import load


def execute(*, language: str, as_json: bool, model: Path | None) -> int:
    """Show the card of a model. Returns the exit code."""
    output = Output(language, as_json)
    if model is None:
        raise ConfigError(Problem("coding.name_model"))
    card = load(model).card
    output.json({"ok": True, "card": card})
    show(output, card)
    return 0


def show(output: Output, card: Mapping[str, Any]) -> None:
    """Print accuracy by level, coverage, and the guarantee."""
    found = card["measures"]
    if found:
        output.table(
            [output.text(f"code.word.{name}") for name in ("level", "accuracy", "error")],
            [
                (level, f"{one['accuracy']:.4f}", f"{one['standard_error']:.4f}")
                for level, one in found["levels"].items()
            ],
            right=(1, 2),
        )  # fmt: skip
        for name, one in found.get("conformal", {}).items():
            covered = f"{one['covered']:.4f} (± {one['standard_error']:.4f})"
            output.say(f"{name}: {one['promised']:.2f} → {covered}, {one['mean_size']:.1f}")
    output.say(card["guarantee"][output.language], style="dim")
