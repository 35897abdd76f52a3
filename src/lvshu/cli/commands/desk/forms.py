"""lvshu desk forms: a workbook for each client."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, record, refused, signed
from lvshu.cli.console import Output
from lvshu.finance.workflow.issue import issue_forms


def execute(
    *, language: str, as_json: bool, clients: Sequence[str] | None, list_id: str, folder: Path | None, user: str,
    role: str | None, branch: str, workspace: Path,
) -> int:  # fmt: skip
    """Issue the forms. Returns 1 where some clients were refused."""
    output = Output(language, as_json)
    with desk_of(workspace, user, role, branch) as desk:
        issued = issue_forms(desk, tuple(clients or ()), list_id=list_id, to=folder, language=language)
        output.json(
            {"ok": not issued.refused, "forms": [record(one) for one in issued.forms], "files": list(issued.files),
             "refused": [one.as_json() for one in issued.refused]}
        )  # fmt: skip
        folders = sorted({path.parent for path in issued.files})
        root = folders[0] if len(folders) == 1 else folders[0].parent if folders else "–"
        output.say(output.text("desk.issued", count=len(issued.files), folder=root))
        signed(output, desk)
        return refused(output, issued.refused)
