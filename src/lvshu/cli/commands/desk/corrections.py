"""lvshu desk corrections: everything that was corrected since the lock."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, record
from lvshu.cli.console import Output


def execute(*, language: str, as_json: bool, list_id: str, workspace: Path) -> int:
    """Print the corrections. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        found = desk.repository.corrections(list_id or None)
    output.json({"ok": True, "corrections": [record(one) for one in found]})
    if not found:
        output.say(output.text("desk.nothing"))
        return 0
    heads = ("when", "kind", "client", "reason", "before", "after", "user", "run_before", "run_after")
    output.table(
        ["#", *(output.text(f"desk.{name}") for name in heads)],
        [
            (one.correction_id, one.moment, one.kind, one.client, one.reason, one.before, one.after, one.user,
             one.run_before, one.run_after)
            for one in found
        ],
    )  # fmt: skip
    return 0
