"""lvshu users add: a user of the workbench."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.users.common import asked_password, database_of
from lvshu.cli.console import Output
from lvshu.web.state.users import add_user


def execute(
    *, language: str, as_json: bool, name: str, role: str | None, database: str, workspace: Path
) -> int:
    """Add a user. Returns the exit code."""
    output = Output(language, as_json)
    chosen = role or "viewer"
    with database_of(workspace, database) as kept:
        add_user(kept, name, chosen, asked_password(output))
    output.json({"ok": True, "name": name, "role": chosen})
    output.say(output.text("users.added", name=name, role=chosen))
    return 0
