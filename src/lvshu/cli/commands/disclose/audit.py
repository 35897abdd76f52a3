"""lvshu disclose audit: what a reader can work out of a table whose cells are hidden already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.disclose.common import (
    codes_of,
    draft_of,
    number_text,
    origin_of,
    rules_of,
    say_rows,
    write,
)
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.statistics.disclosure.primary import unsafe_cells
from lvshu.statistics.disclosure.structure import key_of
from lvshu.statistics.disclosure.table import audit, given_away

HIDDEN = ("suppressed", "hidden", "primary", "secondary", "隐去", "保密", "***")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    minimum_count: int | None,
    p_percent: float | None,
    dominance: str,
    range_percent: float | None,
    to: Sequence[Path] | None,
    top: int,
    count: str,
    **reading: Any,
) -> int:
    """Print and write the feasible range of every hidden cell. Returns 1 where an unsafe cell is given away."""
    output = Output(language, as_json)
    rules = rules_of(minimum_count, p_percent, dominance, range_percent)
    if not count:
        raise InputError(Problem("disclosure.audit_needs_cells", Where(file=str(source))))
    draft = draft_of(source, count=count, **reading)
    table = draft.table
    roots = {dimension.name: dimension.root for dimension in table.dimensions}
    columns = [draft.source.texts(dimension.name) for dimension in table.dimensions]
    hidden = np.zeros(len(table.structure.keys), dtype=bool)
    place = table.structure.place
    for status, *codes in zip(draft.source.texts("status"), *columns, strict=True):
        hidden[place[key_of(dict(zip(roots, codes, strict=True)), roots)]] = status.lower() in HIDDEN
    unsafe = unsafe_cells(table.cells, rules)
    low, high = audit(table, hidden)
    weak = given_away(table.cells, unsafe, low, high)
    names = list(roots)
    heads = [*names, "value", "low", "high", "need", "given_away"]
    rows = [
        [*codes, number_text(table.cells.value[n], draft.places), number_text(low[n]), number_text(high[n]),
         number_text(unsafe.upper[n]), bool(weak[n])]
        for n, codes in enumerate(codes_of(table)) if hidden[n] or weak[n]
    ]  # fmt: skip
    for path in to or ():
        write(path, heads, rows, {**origin_of(draft, {}), "warning": "NOT FOR PUBLICATION 不得公布"})
    words = [output.text(f"disclose.column.{name}") for name in ("value", "low", "high", "need")]
    say_rows(output, [*names, *words, ""], [[*row[:-1], "!" if row[-1] else ""] for row in rows], top,
             range(len(names), len(names) + 4))  # fmt: skip
    output.say(output.text("disclose.audit_bad", count=int(weak.sum())) if weak.any() else
               output.text("disclose.audit_good"))  # fmt: skip
    for path in to or ():
        output.say(output.text("disclose.written", path=path))
    output.json({"ok": not weak.any(), "records": [dict(zip(heads, row, strict=True)) for row in rows]})
    return 1 if weak.any() else 0
