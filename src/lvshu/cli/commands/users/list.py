"""lvshu users list: who may use the workbench."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.users.common import database_of
from lvshu.cli.console import Output
from lvshu.web.state.users import list_users


def execute(*, language: str, as_json: bool, database: str, workspace: Path) -> int:
    """Print the users. Returns the exit code."""
    output = Output(language, as_json)
    with database_of(workspace, database) as kept:
        found = list_users(kept)
    output.json({"ok": True, "users": found})
    if not found:
        output.say(output.text("users.none"))
        return 0
    heads = [output.text(f"users.word.{name}") for name in ("name", "role", "created", "disabled")]
    output.table(heads, [(one["name"], one["role"], one["created_at"], one["disabled"]) for one in found])
    return 0
