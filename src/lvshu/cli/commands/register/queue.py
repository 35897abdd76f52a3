"""lvshu register queue: the review file out."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.register.kinds import kind_asked
from lvshu.cli.console import Output
from lvshu.statistics.register.desk import write_queue
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, file: Path, kind: str, no_sample: bool, workspace: Path) -> int:
    """Write the review file and say what is in it. Returns the exit code."""
    output = Output(language, as_json)
    counts = write_queue(
        Workspace.open(workspace), file, kind=kind_asked(kind), sample=not no_sample, language=language
    )
    every = {name: counts.get(name, 0) for name in ("waiting", "pair", "record")}
    output.json({"ok": True, "file": file, **every})
    output.say(output.text("register.queued", path=file, **every))
    return 0
