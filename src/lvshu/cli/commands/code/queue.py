"""lvshu code queue: the review file out."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.coding.queue import write_queue
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, file: Path, audit: int, month: str, workspace: Path) -> int:
    """Write the file and say what is in it. Returns the exit code."""
    output = Output(language, as_json)
    made = write_queue(Workspace.open(workspace), file, audit=audit, month=month, language=language)
    output.json({"ok": True, "file": made.path, "reviews": made.reviews, "audits": made.audits})
    output.say(output.text("code.queued", file=made.path, reviews=made.reviews, audits=made.audits))
    return 0
