"""lvshu register link: run the book (what is known is taken over), then say what was linked."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands import run
from lvshu.cli.commands.register import status


def execute(*, language: str, as_json: bool, workspace: Path) -> int:
    """Run the workspace and print the summary of the register. Returns the exit code of the run."""
    if as_json:
        return run.execute(
            language=language,
            as_json=True,
            path=workspace,
            engine=None,
            open_report=False,
            again=False,
            accept=True,
        )
    code = run.execute(
        language=language,
        as_json=False,
        path=workspace,
        engine=None,
        open_report=False,
        again=False,
        accept=True,
    )
    return status.execute(language=language, as_json=False, workspace=workspace) or code
