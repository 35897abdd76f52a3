"""lvshu forms template: the workbook to fill in."""

from __future__ import annotations

from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.statistics.forms.check import month_fault, valid_uscc
from lvshu.statistics.forms.ledger import known_of
from lvshu.statistics.forms.write import Known, write_forms
from lvshu.store.workspace import Workspace


def execute(
    *, language: str, as_json: bool, file: Path, platform: str, month: str, workspace: Path | None
) -> int:
    """Write the workbook, filled in with what is known. Returns the exit code.

    Raises:
        InputError: all that is wrong with file, platform and month: a return by them would be refused.
    """
    output = Output(language, as_json)
    faults = [] if file.suffix.lower() == ".xlsx" else [Problem("forms.not_xlsx", values={"file": str(file)})]
    if platform and not valid_uscc(platform):
        faults.append(Problem("forms.uscc", values={"value": platform[:40]}))
    if month and (fault := month_fault(month)) is not None:
        faults.append(fault)
    told = [Problem("forms.january", values={"month": month}, severity="notice")] if month[5:] == "01" else []
    if faults:
        raise InputError(*faults, *told)
    library, known = PackLibrary.load(), Known(identity={"platform_uscc": platform, "month": month})
    if workspace is not None:
        opened = Workspace.open(workspace)
        library = opened.library
        if platform and month:
            known = known_of(opened, platform, month, names=_names(opened, platform))
    forms = write_forms(file, library, known=known)
    output.json(
        {
            "ok": True,
            "file": str(file),
            "forms": forms,
            "filled_in": len(known.amounts),
            "last": len(known.last),
            "problems": [one.as_json() for one in told],
        }
    )
    output.say(
        output.text(
            "forms.written", path=file, forms=len(forms), amounts=len(known.amounts), last=len(known.last)
        )
    )
    output.problems(told)
    return 0


def _names(workspace: Workspace, platform: str) -> dict[str, str]:
    """The platform's name in the register of the latest run, where there is one."""
    if workspace.runs.current() is None:
        return {}
    with workspace.book() as book:
        if not book.has("enterprise"):
            return {}
        where = f"uscc = '{platform.replace(chr(39), chr(39) * 2)}'"
        return {row["uscc"]: row["name"] or "" for row in book.rows("enterprise", where=where, limit=1)}
