"""lvshu users change: another role or password, or shut out."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.users.common import asked_password, database_of
from lvshu.cli.console import Output
from lvshu.web.state.users import change_user


def execute(
    *,
    language: str,
    as_json: bool,
    name: str,
    role: str | None,
    password: bool,
    disable: bool,
    enable: bool,
    database: str,
    workspace: Path,
) -> int:
    """Change a user. Returns the exit code."""
    output = Output(language, as_json)
    disabled = True if disable else False if enable else None
    with database_of(workspace, database) as kept:
        new = asked_password(output) if password else ""
        change_user(kept, name, role=role or "", password=new, disabled=disabled)
    output.json({"ok": True, "name": name})
    output.say(output.text("users.changed", name=name))
    return 0
