"""lvshu forms move: the state of a platform's forms of a month."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.forms.ledger import STATES, move
from lvshu.store.workspace import Workspace


def execute(
    *, language: str, as_json: bool, moved_platform: str, moved_month: str, to_state: str, user: str, note: str,
    place: Path,
) -> int:  # fmt: skip
    """Change the state. Returns the exit code."""
    output = Output(language, as_json)
    event = move(Workspace.open(place), moved_platform, moved_month, to_state, user=user, note=note)
    output.json({"ok": True, "event": event})
    which = 0 if output.language == "zh" else 1
    before, after = STATES[event["from_state"]][which], STATES[event["to_state"]][which]
    output.say(
        output.text(
            "forms.moved", platform=event["platform_uscc"], month=event["month"], before=before, after=after
        )
    )
    return 0
