"""lvshu match queue: the review file out."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of
from lvshu.cli.console import Output
from lvshu.finance.match_desk.queue import write_queue


def execute(*, language: str, as_json: bool, file: Path, sample: int, workspace: Path) -> int:
    """Write the review file and say what is in it. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        made = write_queue(desk, file, sample=sample, language=language)
    output.json(
        {"ok": True, "file": made.path, "rows": made.rows, "names": dict(made.names), "all_names": dict(made.all_names),
         "answered": made.answered}
    )  # fmt: skip
    every = {f"all_{kind}": count for kind, count in made.all_names.items()}
    output.say(
        output.text("match.queued", path=made.path, rows=made.rows, names=sum(made.names.values()),
                    answered=made.answered, **made.names, **every)
    )  # fmt: skip
    return 0
