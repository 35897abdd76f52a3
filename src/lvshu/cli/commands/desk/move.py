"""lvshu desk move: clients from state to state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, refused, signed, state_name
from lvshu.cli.console import Output
from lvshu.finance.workflow.progress import move_clients


def execute(
    *, language: str, as_json: bool, clients: Sequence[str] | None, to_state: str, from_state: str, note: str,
    list_id: str, user: str, role: str | None, branch: str, workspace: Path,
) -> int:  # fmt: skip
    """Move the clients. Returns 1 where some were refused."""
    output = Output(language, as_json)
    with desk_of(workspace, user, role, branch) as desk:
        moved = move_clients(
            desk, tuple(clients or ()), to_state, note=note, list_id=list_id, from_state=from_state
        )
        output.json(
            {"ok": not moved.refused, "to": to_state, "clients": list(moved.clients), "inputs": list(moved.files),
             "refused": [one.as_json() for one in moved.refused]}
        )  # fmt: skip
        name = state_name(desk, to_state, output)
        output.say(output.text("desk.moved", count=len(moved.clients), state=name))
        output.say(output.text("desk.inputs", files=", ".join(moved.files)), style="dim")
        signed(output, desk)
        return refused(output, moved.refused)
