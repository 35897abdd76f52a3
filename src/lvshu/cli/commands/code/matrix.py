"""lvshu code matrix: the audit's rates of wrong codes, and the audit itself as a file for another month's inputs."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.coding.matrix import rates, write_audit
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, to: Path | None, month: str, workspace: Path) -> int:
    """Show the rates and write the file. Returns the exit code."""
    output, place = Output(language, as_json), Workspace.open(workspace)
    found = rates(place, month)
    written = write_audit(place, to, month) if to is not None else 0
    output.json({"ok": True, "rates": found, "file": to, "units": written})
    if not found:
        output.say(output.text("code.no_audit"))
        return 0
    names = ("month", "measure", "given", "coded_group", "true_group", "rate", "error", "audited")
    output.table(
        [output.text(f"code.word.{name}") for name in names],
        [(row["audit_month"], row["measure"], output.text(f"code.given.{row['given']}"), row["coded_group"],
          row["true_group"], row["rate"], row["standard_error"], row["audited"]) for row in found],
        right=(5, 6, 7),
    )  # fmt: skip
    if to is not None:
        output.say(output.text("code.matrix_written", file=to, units=written))
    return 0
