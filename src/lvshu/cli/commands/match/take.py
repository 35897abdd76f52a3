"""lvshu match take: review files that came back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of
from lvshu.cli.console import Output
from lvshu.finance.match_desk.taking import take_reviews


def execute(*, language: str, as_json: bool, files: Sequence[Path], workspace: Path) -> int:
    """Take the answers, or tell everything that is wrong with them. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        found = take_reviews(desk, list(files))
    output.json(
        {"ok": True, "answers": dict(found.answers), "names": found.names, "same": list(found.same), "file": found.file,
         "problems": [problem.as_json() for problem in found.told]}
    )  # fmt: skip
    output.say(
        output.text("match.taken", answers=sum(found.answers.values()), names=found.names, **found.answers)
    )
    if found.same:
        output.say(output.text("match.same", files=", ".join(found.same)), style="yellow")
    output.say(output.text("match.next", file=found.file), style="dim")
    output.problems(found.told)
    return 0
