"""lvshu series vintage: add what is known on a day to a store of vintages, or list them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lvshu.cli.commands.series.common import read
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.period import day_of
from lvshu.statistics.series.nowcast.vintages import VintageStore


def asked_day(text: str) -> date:
    """Return the day that a text names.

    Raises:
        InputError: statistics.day_form.
    """
    found = day_of(text)
    if found is None:
        raise InputError(Problem("statistics.day_form", values={"text": text[:40]}))
    return found


def execute(*, language: str, as_json: bool, store: Path, known: Sequence[Path] | None, day: str) -> int:
    """Add a vintage where files are given, then list all. Returns the exit code.

    Raises:
        InputError: what is wrong with the files; statistics.no_store where nothing is to be added and there is none.
    """
    output = Output(language, as_json)
    kept = VintageStore(store)
    warnings: list[Problem] = []
    if known:
        told = [read(path, gaps=True) for path in known]
        problems = [problem for one in told for problem in one.problems]
        if problems:
            raise InputError(*problems)
        warnings = kept.withdrawn(kept.add(asked_day(day), [series for one in told for series in one.series]))
    found = kept.vintages()
    if not found:
        raise InputError(Problem("statistics.no_store", Where(file=str(store))))
    output.json(
        {
            "ok": True,
            "vintages": [{**one.__dict__} for one in found],
            "warnings": [one.as_json() for one in warnings],
        }
    )
    output.table(
        [output.text(f"series.vintage.{name}") for name in ("day", "rows", "revised", "added", "withdrawn")],
        [(one.day.isoformat(), one.rows, one.revised, one.added, one.withdrawn) for one in found],
        right=(1, 2, 3, 4),
    )
    output.problems(warnings)
    return 0
