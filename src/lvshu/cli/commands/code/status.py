"""lvshu code status: how the last run coded units without an industry, and the corrected totals."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, workspace: Path) -> int:
    """Show both. Returns the exit code."""
    output = Output(language, as_json)
    with Workspace.open(workspace).book() as book:
        coded = book.rows("activity_code", columns=["decision"]) if book.has("activity_code") else []
        totals = book.rows("coded_total", order=["measure", "group_code", "estimator"]) if coded else []
    counts = dict(Counter(row["decision"] for row in coded))
    output.json({"ok": True, "decisions": counts, "totals": totals})
    if not coded:
        output.say(output.text("code.no_run"))
        return 0
    output.table(
        [output.text("code.word.decision"), output.text("code.word.units")],
        [(output.text(f"code.decision.{name}"), count) for name, count in counts.items()], right=(1,),
    )  # fmt: skip
    output.table(
        [
            output.text(f"code.word.{name}")
            for name in ("measure", "group", "estimator", "total", "error", "share", "audit")
        ],
        [(row["measure"], row["group_code"], row["estimator"] + (" ●" if row["published"] else ""),
          _whole(row["value"]), _whole(row["standard_error"]), row["share"], row["audit_month"])
         for row in totals],
        right=(3, 4, 5),
    )  # fmt: skip
    output.say(output.text("code.published_mark"), style="dim")
    return 0


def _whole(value: object) -> str:
    """Return a number of units or persons without decimals: no estimate is known to a part of one."""
    return "" if value is None else f"{float(str(value)):,.0f}"
