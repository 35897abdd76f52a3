"""lvshu edit set: one value set to what was verified."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.statistics.edit_decisions import decide
from lvshu.store.workspace import Workspace


def execute(
    *, language: str, as_json: bool, record: str, variable: str, value: str, user: str, note: str, workspace: Path
) -> int:  # fmt: skip
    """Put the decision on file. Returns the exit code."""
    output = Output(language, as_json)
    try:
        amount = Decimal(value.replace(",", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise InputError(Problem("editing.decision_value", values={"value": value[:60]}))
    made = decide(
        Workspace.open(workspace), record=record, variable=variable, decision="set", value=amount, user=user,
        note=note,
    )  # fmt: skip
    output.json({"ok": True, "decision": made})
    output.say(output.text("edit.decided", number=made["decision_id"]))
    return 0
