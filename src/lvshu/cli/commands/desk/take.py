"""lvshu desk take: forms that came back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, signed
from lvshu.cli.console import Output
from lvshu.finance.workflow.taking import take


def execute(
    *, language: str, as_json: bool, files: Sequence[Path], reason: str, user: str, role: str | None, branch: str,
    workspace: Path,
) -> int:  # fmt: skip
    """Take the forms and tell everything that is wrong with them. Returns 1 where some were not accepted."""
    output = Output(language, as_json)
    with desk_of(workspace, user, role, branch) as desk:
        taken = take(desk, list(files), reason=reason)
        good = all(one.status in ("accepted", "same", "skipped") for one in taken)
        output.json(
            {"ok": good, "files": [
                {"file": one.file, "form": one.form_id, "client": one.client, "version": one.version,
                 "status": one.status, "problems": [problem.as_json() for problem in one.problems],
                 "differences": list(one.differences)} for one in taken]}
        )  # fmt: skip
        output.table(
            [output.text(f"desk.{name}") for name in ("file", "client", "version", "result")],
            [(one.file, one.client, one.version or "", output.text(f"desk.{one.status}")) for one in taken],
            right=(2,),
        )
        for one in taken:
            if one.differences:
                output.heading(f"{output.text('desk.differences')} · {one.file}")
                output.table(
                    [output.text(f"desk.{name}") for name in ("field", "before", "after")],
                    [(row["field"], row["before"], row["after"]) for row in one.differences],
                )
            output.problems(one.problems)
        signed(output, desk)
    return 0 if good else 1
