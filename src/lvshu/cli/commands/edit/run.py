"""lvshu edit run: a file of records edited by rules."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.edit_files import edit_file, refuse_overwriting, write_log
from lvshu.statistics.edit_table import write_table

HEADS = ("rule", "records", "before", "after", "changed")
CHANGED = ("record", "variable", "filed", "edited", "rule", "method", "solutions")
SHOWN = 20


def execute(
    *, language: str, as_json: bool, file: Path, rules: Path, to: Path, log: Path, key: str, keep_missing: bool,
    no_donors: bool,
) -> int:  # fmt: skip
    """Edit, write the records and the log, say what was changed. Returns 1 where a record could not be mended."""
    output = Output(language, as_json)
    refuse_overwriting(to, log)
    made = edit_file(file, rules, key=key, fill_missing=not keep_missing, donors=not no_donors)
    write_table(made.table, to)
    write_log(made.log, log)
    records = len({row["record"] for row in made.log})
    output.json(
        {"ok": not (made.unsolved or made.undecided), "changes": made.log, "unsolved": made.unsolved,
         "undecided": made.undecided,
         "without_basis": made.without_basis, "several": made.several,
         "rules": [dict(zip(HEADS, (name, *counts), strict=True)) for name, counts in made.rules.items()],
         "problems": [problem.as_json() for problem in made.told], "file": str(to), "log": str(log)}
    )  # fmt: skip
    output.table(
        [output.text(f"edit.word.{name}") for name in HEADS],
        [(name, *counts) for name, counts in made.rules.items()],
        right=(1, 2, 3, 4),
    )
    if made.log:
        output.heading(output.text("edit.changes"))
        names = ("record", "variable", "old", "new", "rule", "method", "solutions")
        output.table(
            [output.text(f"edit.word.{name}") for name in CHANGED],
            [tuple(row[name][:60] for name in names) for row in made.log[:SHOWN]],
        )
    output.say(
        output.text(
            "edit.done", values=len(made.log), records=records, several=made.several, path=to, log=log
        )
    )
    output.problems(made.told)
    if made.without_basis:
        shown = ", ".join(made.without_basis[:10])
        output.say(
            output.text("edit.without_basis", count=len(made.without_basis), records=shown), style="yellow"
        )
    if made.unsolved:
        shown = ", ".join(made.unsolved[:10])
        output.say(output.text("edit.unsolved", count=len(made.unsolved), records=shown), style="yellow")
    return 1 if made.unsolved or made.undecided else 0
