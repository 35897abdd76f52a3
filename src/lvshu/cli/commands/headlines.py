"""lvshu headlines: the figures of a book, with interval and mark; the same text as on the report page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from lvshu.cli.console import Output
from lvshu.cli.opened import opened
from lvshu.publish import headline_lines
from lvshu.publish.headlines import mark_label, mark_sign
from lvshu.store.book import Book

_STYLES = {"interval": "green", "point": "green", "partial": "yellow", "not_covered": "dim"}
_WIDE = 110


def execute(*, language: str, as_json: bool, path: Path, run_id: str | None, institution: str = "") -> int:
    """Print the headlines of a run. Returns the exit code."""
    output = Output(language, as_json)
    with opened(path, run_id, output, institution) as book:
        rows = headline_rows(book, language)
        output.json({"ok": True, "run": book.run["run_id"], "headlines": rows})
        show(output, rows)
    return 0


def headline_rows(book: Book, language: str) -> list[dict[str, Any]]:
    """Return the headlines of a book in order, each with its text in a language under `shown`."""
    lines = {line.code: line for line in headline_lines(book, language)}
    return [
        {
            **row,
            "shown": {
                "value": lines[row["code"]].value_text,
                "interval": lines[row["code"]].interval_text,
                "mark": lines[row["code"]].mark,
                "sentence": lines[row["code"]].sentence,
            },
        }
        for row in book.rows("headline", order=["position"])
    ]


def show(output: Output, rows: list[dict[str, Any]]) -> None:
    """Print headlines as a table; what is not covered stands below, by its reason."""
    covered = [row for row in rows if row["status"] != "not_covered"]
    if covered:
        wide = output.out.width >= _WIDE
        names = ["headline", "value", "interval", *(["word.code"] if wide else [])]
        output.table(
            ["", *(output.text(name) for name in names)],
            [_cells(output, row)[: 5 if wide else 4] for row in covered],
            right=(2,),
            whole=(2, 3) if wide else (2,),
        )
        marks = list(dict.fromkeys(row["shown"]["mark"] for row in covered))
        legend = [f"{mark_sign(mark)} {mark_label(mark).of(output.language)}" for mark in marks]
        output.say("  ".join(legend), style="dim")
    _show_missing(output, [row for row in rows if row["status"] == "not_covered"])


def _show_missing(output: Output, missing: list[dict[str, Any]]) -> None:
    if missing:
        output.heading(output.text("quality.not_covered"))
    for reason in dict.fromkeys(output.pick(row, "reason") for row in missing):
        output.say(reason, style="yellow")
        for row in missing:
            if output.pick(row, "reason") == reason:
                output.say(f"  {output.pick(row, 'label')}  ({row['code']})", style="dim")


def _cells(output: Output, row: dict[str, Any]) -> tuple[object, ...]:
    shown = row["shown"]
    sign = Text(mark_sign(shown["mark"]), style=_STYLES[shown["mark"]])
    interval = shown["interval"].strip("（）() ")
    return (
        sign,
        output.pick(row, "label"),
        Text(shown["value"], style="bold"),
        interval,
        Text(row["code"], style="dim"),
    )
