"""lvshu compare: what changed between two runs, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.cli.console import Output
from lvshu.cli.figures import in_display_unit, number, places_for, unit_name
from lvshu.core.errors import Problem, StoreError, Where
from lvshu.pipeline.compare import Comparison, compare
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, path: Path, old: str, new: str) -> int:
    """Print what differs between two runs. Returns the exit code."""
    output = Output(language, as_json)
    workspace = Workspace.open(path)
    newer = workspace.runs.path(new or None).name
    older = workspace.runs.path(old).name if old else workspace.runs.before(newer)
    if older is None:
        raise StoreError(Problem("pipeline.one_run_only", Where(file=str(workspace.runs.folder))))
    with workspace.book(older) as before, workspace.book(newer) as after:
        found = compare(before, after)
    output.json({"ok": True, **found.as_json()})
    if not as_json:
        _show(output, found)
    return 0


def _show(output: Output, found: Comparison) -> None:
    output.heading(output.text("compare.title", old=found.old_run, new=found.new_run))
    if found.same:
        output.say(output.text("compare.same"))
        return
    for title, rows in (("compare.settings", found.settings), ("compare.about", found.about)):
        if rows:
            output.heading(output.text(title))
            output.table(
                ["", output.text("old"), output.text("new_value")],
                [(row["key"], str(row["old"]), str(row["new"])) for row in rows],
            )
    for title, rows, name in (
        ("compare.inputs", found.inputs, "file"),
        ("compare.packs", found.packs, "pack"),
    ):
        if rows:
            output.heading(output.text(title))
            output.table(
                ["", "", output.text("old"), output.text("new_value")],
                [
                    (
                        _place(row, name),
                        output.text(f"compare.{row['change']}"),
                        _short(row["old"]),
                        _short(row["new"]),
                    )
                    for row in rows
                ],
            )
    if found.code:
        output.heading(output.text("compare.code"))
        output.say(", ".join(found.code))
    _show_records(output, found.records)
    _show_headlines(output, [row for row in found.headlines if row["changed"]])


def _place(row: dict[str, Any], name: str) -> str:
    return f"{row['table']}: {row[name]}" if "table" in row else str(row[name])


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "–"


def _show_records(output: Output, records: list[dict[str, Any]]) -> None:
    if not records:
        return
    output.heading(output.text("compare.records"))
    output.table(
        [output.text("table"), *(output.text(f"compare.{name}") for name in ("added", "removed", "changed"))],
        [
            (f"{one[output.language]} ({one['table']})", one["added"], one["removed"], one["changed"])
            for one in records
        ],
        right=(1, 2, 3),
    )
    cells = [(one["table"], cell) for one in records for cell in one["sample"][:10]]
    if cells:
        output.say()
        output.table(
            [output.text(name) for name in ("table", "key", "column", "old", "new_value")],
            [
                (
                    table,
                    ", ".join(str(part) for part in cell["key"].values()),
                    cell["column"],
                    cell["old"],
                    cell["new"],
                )
                for table, cell in cells
            ],
            right=(3, 4),
        )


def _show_headlines(output: Output, rows: list[dict[str, Any]]) -> None:
    output.heading(output.text("compare.headlines"))
    if not rows:
        output.say(output.text("compare.no_headline"))
        return
    output.table(
        [output.text(name) for name in ("headline", "old", "new_value", "difference", "unit", "cause")],
        [_cells(output, row) for row in rows],
        right=(1, 2, 3),
    )


def _cells(output: Output, row: dict[str, Any]) -> tuple[object, ...]:
    values = [in_display_unit(row, name) for name in ("old", "new", "difference")]
    known = [value for value in values[:2] if value is not None]
    places = max((places_for(value) for value in known), default=0)
    if values[2]:
        places = max(places, min(6, places_for(values[2])))
    causes = [output.text(f"cause.{one['kind']}", name=one["name"]) for one in row["causes"]]
    shown = ("；" if output.language == "zh" else "; ").join(causes[:4])
    unit = unit_name(row["display_unit"] or row["unit"], output.language)
    return output.pick(row, "label"), *(number(value, places) for value in values), unit, shown
