"""lvshu forms trail: who did what when, and which amounts changed."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.intake.text import fold
from lvshu.statistics.forms.ledger import STATES, trail_of, untrue
from lvshu.statistics.forms.read import month_of
from lvshu.store.workspace import Workspace

STEPS = ("platform", "month", "from", "to", "at", "user", "file", "changed", "note")
CHANGES = ("platform", "month", "cell", "old", "new")
SHOWN = 40


def execute(*, language: str, as_json: bool, platform: str, month: str, place: Path) -> int:
    """Print the trail. Returns 1 where amounts were altered beside it, or no step is of what was asked for."""
    output = Output(language, as_json)
    workspace, platform, month = Workspace.open(place), fold(platform).upper(), month_of(month)
    events, changes = (
        [row for row in rows if platform in ("", row["platform_uscc"]) and month in ("", row["month"])]
        for rows in trail_of(workspace)
    )
    problems = untrue(workspace, platform=platform, month=month)
    told = [problem.as_json() for problem in problems]
    output.json({"ok": not problems, "events": events, "changes": changes, "problems": told})
    which = 0 if output.language == "zh" else 1
    output.heading(output.text("forms.steps"))
    output.table(
        [output.text(f"forms.word.{name}") for name in STEPS],
        [(row["platform_uscc"], row["month"], STATES[row["from_state"]][which], STATES[row["to_state"]][which],
          row["at"], row["user"], row["file_name"], row["values_changed"], row["note"]) for row in events],
        right=(7,),
    )  # fmt: skip
    if changes:
        output.heading(output.text("forms.changes"))
        output.table(
            [output.text(f"forms.word.{name}") for name in CHANGES],
            [(row["platform_uscc"], row["month"], row["cell"], row["old_amount"], row["new_amount"])
             for row in changes[::-1][:SHOWN]],
            right=(3, 4),
        )  # fmt: skip
    output.problems(problems)
    return 1 if problems else 0
