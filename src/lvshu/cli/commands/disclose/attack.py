"""lvshu disclose attack: what a reader of all that a run published can work out of the figures it hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.commands.disclose.common import number_text, write
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.store.workspace import Workspace

TABLE = "disclosure_audit"
SAFE = "safe"
FIGURES = ("value", "low", "high", "need_below", "need_above")
HEADS = ("magnitude", "cell", *FIGURES, "unit", "verdict", "through")


def execute(
    *, language: str, as_json: bool, folder: Path, to: Sequence[Path] | None, top: int
) -> int:  # fmt: skip
    """Print and write the audit of the current run. Returns 1 where a figure is given away, or nothing was audited."""
    output = Output(language, as_json)
    with Workspace.open(folder).book() as book:
        rows = book.rows(TABLE, order=["magnitude", "cell"]) if book.has(TABLE) else []
        settled = {"run": book.path.parent.name}
    if not rows:
        raise InputError(Problem("disclosure.nothing_audited", Where(file=str(folder))))
    weak = [row for row in rows if row["verdict"] != SAFE]
    counts = Counter((row["magnitude"], row["verdict"]) for row in rows)
    for path in to or ():
        body = [[_cell(row[name]) for name in HEADS] for row in rows]
        write(path, HEADS, body, {**settled, "warning": "NOT FOR PUBLICATION 不得公布"})
    output.table(
        [output.text(f"disclose.attack.{name}") for name in ("magnitude", "verdict", "figures")],
        [[magnitude, output.text(f"disclose.attack.{verdict}"), count]
         for (magnitude, verdict), count in sorted(counts.items())],
        right=(2,),
    )  # fmt: skip
    if weak:
        heads = [output.text(f"disclose.attack.{name}") for name in ("cell", *FIGURES, "through")]
        shown = [[row["cell"], *(_cell(row[name]) for name in FIGURES), row["through"]] for row in weak[:top]]
        output.table(
            heads, [["…" if cell is None else cell for cell in row] for row in shown], right=range(1, 6)
        )
    output.say(
        output.text("disclose.attack_bad", count=len(weak)) if weak
        else output.text("disclose.attack_good", count=len(rows))
    )  # fmt: skip
    for path in to or ():
        output.say(output.text("disclose.written", path=path))
    output.json({"ok": not weak, "records": rows, "files": list(to or ())})
    return 1 if weak else 0


def _cell(value: Any) -> Any:
    return number_text(value) if isinstance(value, float) else value
