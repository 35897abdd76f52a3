"""lvshu register status: how many records, units and pairs to review there are."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.statistics.register.desk import summary
from lvshu.store.workspace import Workspace

HEADS = (
    "kind",
    "records",
    "units",
    "code",
    "name",
    "probability",
    "review",
    "previous",
    "alone",
    "to_review",
)


def execute(*, language: str, as_json: bool, workspace: Path) -> int:
    """Print the summary. Returns the exit code."""
    output = Output(language, as_json)
    with Workspace.open(workspace).book() as book:
        found = summary(book)
    if not found:
        raise InputError(Problem("statistics.review_no_register"))
    output.json({"ok": True, "register": found})
    output.table(
        [output.text("register.by_name" if name == "name" else f"register.word.{name}") for name in HEADS],
        [[output.text(f"register.kind.{row['kind']}"), *(row[name] for name in HEADS[1:])] for row in found],
        right=tuple(range(1, len(HEADS))),
    )
    return 0
