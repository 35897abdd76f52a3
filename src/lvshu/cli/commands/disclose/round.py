"""lvshu disclose round: a table of multiples of a base that still adds up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.commands.disclose.common import codes_of, draft_of, number_text, origin_of, say_rows, write
from lvshu.cli.console import Output
from lvshu.statistics.disclosure.rounding import controlled_rounding


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    base: float,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print and write the rounded table. Returns the exit code."""
    output = Output(language, as_json)
    draft = draft_of(source, **reading)
    rounded = controlled_rounding(draft.table.structure, draft.table.cells.value, base)
    names = [dimension.name for dimension in draft.table.dimensions]
    heads = [*names, "rounded"]
    rows = [[*codes, number_text(rounded.values[n])] for n, codes in enumerate(codes_of(draft.table))]
    for path in to or ():
        write(path, heads, rows, origin_of(draft, {"base": base}))
    say_rows(output, [*names, output.text("disclose.column.rounded")], rows, top, (len(names),))
    distance = number_text(rounded.distance)
    output.say(output.text("disclose.rounded", distance=distance, steps=rounded.steps))
    for path in to or ():
        output.say(output.text("disclose.written", path=path))
    output.json(
        {"ok": True, "steps": rounded.steps, "distance": distance,
         "records": [dict(zip(heads, row, strict=True)) for row in rows], "files": list(to or ())}
    )  # fmt: skip
    return 0
