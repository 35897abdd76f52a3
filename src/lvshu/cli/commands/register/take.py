"""lvshu register take: review files that came back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.city_time import city_today
from lvshu.statistics.register.desk import take
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, files: Sequence[Path], workspace: Path) -> int:
    """Take the answers, or tell everything that is wrong with them. Returns the exit code."""
    output = Output(language, as_json)
    found = take(Workspace.open(workspace), list(files), today=city_today())
    output.json({"ok": True, "answers": dict(found.answers), "changed": found.changed, "file": found.file,
                 "undrawn": found.undrawn})  # fmt: skip
    output.say(output.text("register.taken", answers=sum(found.answers.values()), **found.answers))
    if found.changed:
        output.say(output.text("register.changed", changed=found.changed), style="yellow")
    if found.undrawn:
        output.say(output.text("register.undrawn", undrawn=found.undrawn), style="yellow")
    output.say(output.text("register.next", file=found.file), style="dim")
    return 0
