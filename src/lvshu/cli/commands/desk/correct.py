"""lvshu desk correct: a locked list, with a reason."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, record, signed
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.finance.workflow.formal import correct_list


def execute(
    *, language: str, as_json: bool, client: str, add: bool, remove: bool, lead_branch: str, reason: str, list_id: str,
    user: str, role: str | None, branch: str, workspace: Path,
) -> int:  # fmt: skip
    """Record the correction. Returns the exit code."""
    output = Output(language, as_json)
    kinds = [
        name for name, asked in (("add", add), ("remove", remove), ("lead_branch", lead_branch)) if asked
    ]
    if len(kinds) != 1:
        raise ConfigError(Problem("finance.desk_one_correction", values={"given": kinds or ["–"]}))
    with desk_of(workspace, user, role, branch) as desk:
        one = correct_list(desk, client, kinds[0], reason=reason, list_id=list_id, branch=lead_branch)
        output.json({"ok": True, "correction": record(one)})
        output.say(output.text("desk.corrected", number=one.correction_id, kind=one.kind, client=one.client))
        signed(output, desk)
    return 0
