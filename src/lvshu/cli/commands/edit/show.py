"""lvshu edit show: the editing of the latest run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.cli.allowed import names_of
from lvshu.cli.console import Output
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace

RESULTS = ("rule", "text", "severity", "records", "before", "after", "changed", "amount")
CHANGES = ("record", "variable", "filed", "edited", "rule", "method", "solutions", "influence")
SUSPICIOUS = ("record", "detector", "value", "expected", "score")
SELECTION = ("rank", "record", "value", "expected", "left")


def execute(*, language: str, as_json: bool, top: int, workspace: Path) -> int:
    """Print results, changes, suspicions and selection. Returns the exit code."""
    output = Output(language, as_json)
    with Workspace.open(workspace).book() as book:
        results = _rows(book, "edit_rule_result", None, ("table_name", "rule"))
        changes = _rows(book, "edit_change", top, ("-influence", "change_id"))
        suspicious = _rows(book, "edit_suspicion", top, ("-score", "table_name", "record_key"))
        chosen = _rows(book, "edit_selection", top, ("rank",), "selected")
    output.json(
        {"ok": True, "rules": results, "changes": changes, "suspicious": suspicious, "selection": chosen}
    )
    if not as_json:
        _show(output, results, changes, suspicious, chosen)
    return 0


def _rows(
    book: Book, table: str, limit: int | None, order: tuple[str, ...], where: str | None = None
) -> list[dict[str, Any]]:
    if not book.has(table):
        return []
    rows: list[dict[str, Any]] = book.read(table, order=order, limit=limit, where=where).to_pylist()
    return rows


def _show(
    output: Output, results: list[dict[str, Any]], changes: list[dict[str, Any]], suspicious: list[dict[str, Any]],
    chosen: list[dict[str, Any]],
) -> None:  # fmt: skip
    if not results:
        output.say(output.text("edit.none"))
        return
    names = {
        (table, column): names_of(table, column, output.language)
        for table, column in (
            ("edit_rule_result", "severity"), ("edit_change", "method"), ("edit_suspicion", "detector"),
        )
    }  # fmt: skip
    output.heading(output.text("edit.results"))
    output.table(
        [output.text(f"edit.word.{name}") for name in RESULTS],
        [(row["rule"], output.pick(row, "text"), names["edit_rule_result", "severity"][row["severity"]], row["records"],
          row["failed_before"], row["failed_after"], row["changed_values"], row["changed_amount"]) for row in results],
        right=(3, 4, 5, 6, 7),
    )  # fmt: skip
    output.heading(output.text("edit.changes"))
    output.table(
        [output.text(f"edit.word.{name}") for name in CHANGES],
        [(row["record_key"], row["variable"], row["filed_value"], row["edited_value"], row["rule"],
          names["edit_change", "method"][row["method"]], row["solutions"],
          None if row["influence"] is None else f"{row['influence']:.4%}") for row in changes],
        right=(2, 3, 6, 7),
    )  # fmt: skip
    output.heading(output.text("edit.suspicious"))
    output.table(
        [output.text(f"edit.word.{name}") for name in SUSPICIOUS],
        [(row["record_key"], names["edit_suspicion", "detector"][row["detector"]], row["value"], row["expected"],
          f"{row['score']:.2f}") for row in suspicious],
        right=(2, 3, 4),
    )  # fmt: skip
    output.heading(output.text("edit.selection"))
    output.table(
        [output.text(f"edit.word.{name}") for name in SELECTION],
        [(row["rank"], row["record_key"], row["value"], row["expected"], f"{row['left_share']:.2%}") for row in chosen],
        right=(0, 2, 3, 4),
    )  # fmt: skip
