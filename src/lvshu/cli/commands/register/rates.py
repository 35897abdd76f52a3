"""lvshu register rates: precision, recall and error rates of the links by source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.cli.commands.register.kinds import kind_asked
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.statistics.register.desk import rates, whole_withheld
from lvshu.store.workspace import Workspace

HEADS = (
    "kind",
    "source",
    "scope",
    "measure",
    "basis",
    "value",
    "standard_error",
    "interval",
    "judged",
    "blocking_covered",
)


def execute(*, language: str, as_json: bool, kind: str, workspace: Path) -> int:
    """Print the rates; where nobody judged a sample, or one of the deliveries, it says so. Returns the exit code."""
    output = Output(language, as_json)
    with Workspace.open(workspace).book() as book:
        found = rates(book, kind=kind_asked(kind))
        withheld = whole_withheld(book, kind=kind_asked(kind))
        members = book.count("register_member") if not found and book.has("register_member") else 0
    if not found:
        raise InputError(
            Problem("statistics.review_nothing_new" if members else "statistics.review_no_register")
        )
    output.json({"ok": True, "rates": found, "whole_withheld": withheld})
    output.table(
        [output.text(f"register.word.{name}") for name in HEADS],
        [
            (output.text(f"register.kind.{row['kind']}"), row["source"],
             output.text(f"register.scope.{row['scope']}"),
             output.text(f"register.measure.{row['measure']}"), output.text(f"register.basis.{row['basis']}"),
             _share(row["value"]), _share(row["standard_error"]),
             "–" if row["low"] is None else f"{_share(row['low'])} – {_share(row['high'])}", row["judged"],
             output.text(f"register.{'yes' if row['blocking_covered'] else 'no'}"))
            for row in found
        ],
        right=(5, 6, 7, 8),
    )  # fmt: skip
    for name, told in withheld.items():
        for part in ("now", "earlier"):
            if told[part]:
                values = {"kind": output.text(f"register.kind.{name}"), "pairs": told[part],
                          "sources": ", ".join(told[f"{part}_sources"]), "judged": told["judged"]}  # fmt: skip
                output.say(output.text(f"register.withheld_{part}", **values), style="yellow")
    if all(row["basis"] == "model" for row in found):
        if any(not withheld.get(row["kind"], {}).get("now") for row in found):
            output.say(output.text("register.model_only"), style="yellow")
    elif not any(row["blocking_covered"] for row in found):
        output.say(output.text("register.no_blocking"), style="yellow")
    return 0


def _share(value: Any) -> str:
    return "–" if value is None else f"{value:.4f}"
