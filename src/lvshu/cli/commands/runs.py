"""lvshu runs: the versions of a workspace's book."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, path: Path) -> int:
    """Print the runs of a workspace, newest first. Returns the exit code."""
    output = Output(language, as_json)
    workspace = Workspace.open(path)
    current = workspace.runs.current()
    rows = []
    for run_id in reversed(workspace.runs.ids()):
        with workspace.book(run_id) as book:
            rows.append({**book.run, "current": run_id == current, "book": str(book.path)})
    output.json({"ok": True, "runs": rows})
    output.table(
        [output.text("run_id"), "", output.text("started"), output.text("version_column"), ""],
        [
            (
                row["run_id"],
                output.text("current") if row["current"] else "",
                row["started_at"],
                row["version"],
                row["engine"],
            )
            for row in rows
        ],
    )
    return 0
