"""lvshu accounts balance: does a table balance; and, with margins, the table that meets them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.compile.check import check_system
from lvshu.accounts.compile.margins import balance_to, read_margins
from lvshu.cli.commands.accounts.common import deliver, opened
from lvshu.cli.commands.accounts.convert import save
from lvshu.cli.console import Output
from lvshu.core.errors import Problem

SHOWN_OF_A_KIND = 3


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    margins: Path | None,
    folder: Path | None,
    saved: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Check or balance a table. Returns the exit code: 1 where it has errors, or warnings that nothing mended."""
    output = Output(language, as_json)
    system = opened(source, **reading)
    if margins is None:
        return _told(output, check_system(system))
    made, moved = balance_to(system, read_margins(margins, system))
    if folder is not None:
        save(Output(language), made.system, folder, saved)
    deliver(output, [moved], to=to or (), top=top)
    output.problems(made.findings)
    return 0


def _told(output: Output, problems: Sequence[Problem]) -> int:
    wrong = [problem for problem in problems if problem.severity in ("error", "warning")]
    output.json({"ok": not wrong, "problems": [problem.as_json() for problem in problems]})
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.code, []).append(problem)
    for kind in kinds.values():
        output.problems(kind[:SHOWN_OF_A_KIND])
        if len(kind) > SHOWN_OF_A_KIND:
            output.say(output.text("more", count=len(kind) - SHOWN_OF_A_KIND), style="dim")
    if not problems:
        output.say(output.text("accounts.balanced"), style="green")
    return 1 if wrong else 0
