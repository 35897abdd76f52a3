"""lvshu edit keep: a decision about one value."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.edit_decisions import decide
from lvshu.store.workspace import Workspace


def execute(
    *, language: str, as_json: bool, record: str, variable: str, user: str, note: str, workspace: Path
) -> int:
    """Put the decision on file. Returns the exit code."""
    output = Output(language, as_json)
    made = decide(
        Workspace.open(workspace),
        record=record,
        variable=variable,
        decision="keep_filed",
        user=user,
        note=note,
    )
    output.json({"ok": True, "decision": made})
    output.say(output.text("edit.decided", number=made["decision_id"]))
    return 0
