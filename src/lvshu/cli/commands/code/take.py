"""lvshu code take: review files that came back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.coding.queue import take_queue
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, files: Sequence[Path], workspace: Path) -> int:
    """Take the answers, or tell everything that is wrong with them. Returns the exit code."""
    output = Output(language, as_json)
    found = take_queue(Workspace.open(workspace), list(files))
    output.json({"ok": True, "reviews": found.reviews, "audits": found.audits, "open": found.open_rows,
                 "restored": found.restored, "files": list(found.files)})  # fmt: skip
    output.say(
        output.text("code.taken", reviews=found.reviews, audits=found.audits, open=found.open_rows,
                    files=", ".join(found.files))
    )  # fmt: skip
    if found.restored:
        output.say(output.text("code.restored", count=found.restored), style="yellow")
    return 0
