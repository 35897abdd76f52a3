"""lvshu edit undo: changes taken back with their log."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.statistics.edit_files import read_log, refuse_overwriting, undo_file
from lvshu.statistics.edit_table import read_table, write_table


def execute(
    *, language: str, as_json: bool, file: Path, log: Path, to: Path, key: str, rule: str, only_record: str,
    only_variable: str,
) -> int:  # fmt: skip
    """Take changes back and write the records. Returns the exit code."""
    output = Output(language, as_json)
    refuse_overwriting(to)
    changes = read_log(log)
    table = read_table(file, [key, *dict.fromkeys(change["variable"] for change in changes)])
    made = undo_file(table, changes, key=key, rule=rule, record=only_record, variable=only_variable)
    write_table(made.table, to)
    output.json({"ok": True, "undone": made.count, "undone_before": made.before, "file": str(to)})
    output.say(output.text("edit.undone", count=made.count, path=to))
    if made.before:
        output.say(output.text("edit.undone_before", count=made.before))
    return 0
