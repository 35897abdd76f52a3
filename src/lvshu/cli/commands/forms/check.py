"""lvshu forms check: filled-in workbooks checked at once, without a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.console import Output
from lvshu.statistics.forms.check import Checked, check_forms
from lvshu.statistics.forms.ledger import filed
from lvshu.statistics.returns_edit import Cells, Record
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, files: Sequence[Path], workspace: Path | None) -> int:
    """Print what is wrong. Returns 1 where there are errors."""
    output = Output(language, as_json)
    library, earlier = PackLibrary.load(), dict[Record, Cells]()
    if workspace is not None:
        opened = Workspace.open(workspace)
        library, earlier = opened.library, filed(opened)
    found = [check_forms(path, library, earlier=earlier) for path in files]
    output.json({"ok": all(one.ok for one in found), "files": [plain(one) for one in found]})
    for one in found:
        show(output, one)
    return 0 if all(one.ok for one in found) else 1


def plain(one: Checked) -> Mapping[str, object]:
    """Return a checked file as plain data."""
    return {
        "file": one.returned.file, "ok": one.ok, "identity": one.returned.identity,
        "values": len(one.returned.amounts), "rules": one.rules,
        "problems": [problem.as_json() for problem in one.problems],
    }  # fmt: skip


def show(output: Output, one: Checked) -> None:
    """Print what is wrong with a file, or that nothing is."""
    errors = sum(problem.severity == "error" for problem in one.problems)
    warnings = sum(problem.severity == "warning" for problem in one.problems)
    identity = one.returned.identity
    if errors or warnings:
        output.say(
            output.text("forms.bad", file=one.returned.file, errors=errors, warnings=warnings), style="yellow"
        )
    else:
        output.say(
            output.text("forms.good", file=one.returned.file, platform=identity["platform_uscc"],
                        month=identity["month"], values=len(one.returned.amounts), rules=one.rules)
        )  # fmt: skip
    output.problems(one.problems)
