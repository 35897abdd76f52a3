"""lvshu users log: who did what on the workbench."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.users.common import database_of
from lvshu.cli.console import Output
from lvshu.web.state.log import entries


def execute(*, language: str, as_json: bool, top: int, database: str, workspace: Path) -> int:
    """Print the newest entries. Returns the exit code."""
    output = Output(language, as_json)
    with database_of(workspace, database) as kept:
        found = entries(kept, top)
    output.json({"ok": True, "log": found})
    heads = [output.text(f"users.word.{name}") for name in ("at", "name", "role", "action", "target")]
    rows = [(one["at"], one["user_name"], one["role"], one["action"], one["target"]) for one in found]
    output.table(heads, rows)
    return 0
