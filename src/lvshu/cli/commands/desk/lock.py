"""lvshu desk lock: the candidate list becomes the formal list."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.candidates import tell_quarantined
from lvshu.cli.commands.desk.common import desk_of, signed
from lvshu.cli.console import Output
from lvshu.finance.workflow.candidates import reconciliation_of
from lvshu.finance.workflow.formal import lock


def execute(
    *, language: str, as_json: bool, method: str, institution: str, note: str, user: str, role: str | None,
    branch: str, workspace: Path,
) -> int:  # fmt: skip
    """Lock the list and say so. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace, user, role, branch) as desk:
        one = lock(desk, method=method, institution=institution, note=note)
        with desk.book() as book:
            sums = reconciliation_of(book, one.method, one.institution_id) if book else {}
        values = {"list": one.list_id, "count": len(one.clients), "run": one.run_id, "hash": one.list_hash}
        output.json({"ok": True, **values, "reconciliation": sums})
        output.say(output.text("desk.locked", **values))
        if sums:
            tell_quarantined(output, sums)
        signed(output, desk)
    return 0
