"""lvshu disclose protect: the table that may be published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.cli.commands.disclose.common import (
    codes_of,
    draft_of,
    number_text,
    origin_of,
    rules_of,
    say_rows,
    weights_of,
    wishes_of,
    write,
)
from lvshu.cli.commands.disclose.earlier import earlier_of
from lvshu.cli.console import Output
from lvshu.statistics.disclosure.table import SafeTable, cell_costs, protect


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    minimum_count: int | None,
    p_percent: float | None,
    dominance: str,
    range_percent: float | None,
    cost: str,
    earlier: Sequence[Path] | None,
    last: Path | None,
    seconds: float,
    to: Sequence[Path] | None,
    internal: Path | None,
    top: int,
    keep: Sequence[str] | None,
    weights: Path | None,
    **reading: Any,
) -> int:
    """Print and write the table that may be published. Returns the exit code."""
    output = Output(language, as_json)
    rules = rules_of(minimum_count, p_percent, dominance, range_percent)
    draft = draft_of(source, **reading)
    dimensions = draft.table.dimensions
    value, levels = str(reading["value"]), reading["levels"]
    before = earlier_of(earlier or (), draft, value, levels)
    kept = earlier_of([last], draft, value, levels).releases if last else ()
    wishes = wishes_of(keep, draft)
    costs = weights_of(weights, draft, cell_costs(draft.table.cells, cost))
    safe = protect(
        draft.table, rules, cost=cost, costs=costs, keep=wishes, seconds=seconds,
        earlier=before.releases, earlier_drafts=before.drafts, earlier_dimensions=before.dimensions,
        last=kept[0] if kept else None,
    )  # fmt: skip
    names = [dimension.name for dimension in dimensions]
    stated = {
        "minimum_count": minimum_count, "p_percent": p_percent, "dominance": dominance or None,
        "range_percent": range_percent,
    }  # fmt: skip
    about = origin_of(draft, stated)
    if keep:
        about["kept_by_wish"] = list(keep)
    public = _public(safe, draft.places)
    heads = [*names, value or output.text("disclose.column.value"), output.text("disclose.column.status")]
    told_rows = [[*row[:-1], output.text(f"disclose.status.{row[-1]}")] for row in public]
    for path in to or ():
        write(path, heads, told_rows, {**about, "summary": _summary(safe)})
    if internal is not None:
        told = {
            **about,
            "rules": stated,
            "summary": _summary(safe),
            "warning": "NOT FOR PUBLICATION 不得公布",
        }
        write(
            internal,
            [*names, "value", "contributors", "status", "low", "high", "need"],
            _internal(safe, draft.places),
            told,
        )
    exact_only = minimum_count is not None and bool(reading["value"]) and range_percent is None
    _tell(output, safe, heads, public, top, [*(to or ()), *([internal] if internal else [])], exact_only)
    if wishes is not None:
        output.say(output.text("disclose.wishes_kept", count=int(wishes.sum())))
    if costs is not None:
        heavier = costs > cell_costs(draft.table.cells, cost) * (1 + 1e-12)
        gone = int((heavier & safe.pattern.hidden).sum())
        output.say(output.text("disclose.weights_told", count=int(heavier.sum()), hidden=gone))
    output.json(
        {"ok": True, "summary": _summary(safe),
         "records": [dict(zip([*names, "value", "status"], row, strict=True)) for row in public],
         "problems": [problem.as_json() for problem in safe.problems],
         "files": [*(to or ()), *([internal] if internal else [])]}
    )  # fmt: skip
    return 0


def _summary(safe: SafeTable) -> dict[str, Any]:
    status = safe.status
    return {
        "cells": len(status), "shown": status.count("shown"), "primary": status.count("primary"),
        "secondary": status.count("secondary"), "optimal": safe.pattern.optimal,
        "cost": round(safe.pattern.cost, 6), "bound": round(safe.pattern.bound, 6), "unions": safe.pattern.unions,
    }  # fmt: skip


def _public(safe: SafeTable, places: int) -> list[list[Any]]:
    values, hidden = safe.draft.cells.value, safe.pattern.hidden
    return [
        [
            *codes,
            None if hidden[n] else number_text(values[n], places),
            "suppressed" if hidden[n] else "shown",
        ]
        for n, codes in enumerate(codes_of(safe.draft))
    ]


def _internal(safe: SafeTable, places: int) -> list[list[Any]]:
    cells, status = safe.draft.cells, safe.status
    return [
        [*codes, number_text(cells.value[n], places), int(cells.count[n]), status[n], number_text(safe.low[n]),
         number_text(safe.high[n]), number_text(safe.unsafe.upper[n])]
        for n, codes in enumerate(codes_of(safe.draft))
    ]  # fmt: skip


def _tell(
    output: Output,
    safe: SafeTable,
    heads: Sequence[str],
    public: Sequence[Sequence[Any]],
    top: int,
    files: Sequence[Path],
    exact_only: bool,
) -> None:
    output.heading(output.text("disclose.title"))
    rows = [
        [*row[:-2], "***" if row[-2] is None else row[-2], output.text(f"disclose.status.{row[-1]}")]
        for row in public
    ]
    say_rows(output, heads, rows, top, (len(heads) - 2,))
    summary = _summary(safe)
    output.say(output.text("disclose.summary", **summary))
    output.say(output.text("disclose.optimal" if safe.pattern.optimal else "disclose.gap", **summary))
    output.say(output.text("disclose.audit_good"))
    if exact_only:
        output.say(output.text("disclose.exact_only"))
    output.problems(safe.problems)
    for path in files:
        output.say(output.text("disclose.written", path=path))
