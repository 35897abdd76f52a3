"""lvshu desk carry: last year's results into this year's workspace."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.finance.workflow.carrying import carry
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, source: Path | None, run_id: str, workspace: Path) -> int:
    """Write the inputs and say of which run they are. Returns the exit code."""
    output = Output(language, as_json)
    place = Workspace.open(workspace)
    done = carry(place, Workspace.open(source) if source else place, run_id)
    content = dataclasses.asdict(dataclasses.replace(done, told=()))
    output.json({"ok": True, **content, "told": [problem.as_json() for problem in done.told]})
    for table, rows in done.rows.items():
        output.say(
            output.text("desk.carried", table=table, rows=rows, run=done.source_run, year=done.source_year)
        )
    output.say(output.text("desk.inputs", files=", ".join(done.files)), style="dim")
    output.problems(done.told)
    return 0
