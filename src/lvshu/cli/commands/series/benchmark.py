"""lvshu series benchmark: a preliminary series moved to its benchmarks, its movement kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, deliver, read, single
from lvshu.cli.console import Output
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.benchmark import benchmark, sign_changes


def execute(
    *,
    language: str,
    as_json: bool,
    low: Path,
    high: Path | None,
    sheet: str,
    series: Sequence[str] | None,
    variant: str,
    criterion: str,
    order: int,
    conversion: str,
    kind: str,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Benchmark, show and write. Returns the exit code."""
    long = read(low, sheet=sheet)
    short = read(high, sheet=sheet, wanted=series) if high is not None else None
    preliminary = single(short, high) if short and high else None
    found = benchmark(
        single(long, low), preliminary, kind=kind, variant=variant, criterion=criterion, order=order,
        conversion=conversion,
    )  # fmt: skip
    columns = {"value": found.values}
    if preliminary is not None:
        columns |= {"preliminary": preliminary.values, "ratio": found.ratio}
    facts = {
        "variant": variant, "criterion": criterion, "order": order,
        "largest_discrepancy": float(np.abs(found.discrepancy).max()),
    }  # fmt: skip
    odd = sign_changes(preliminary) if preliminary is not None and criterion == "proportional" else None
    notes = (
        ()
        if odd is None
        else (
            (
                f"{odd.what('zh')}。{odd.why('zh')}。{odd.fix('zh')}。",
                f"{odd.what('en')}. {odd.why('en')}. {odd.fix('en')}.",
            ),
        )
    )
    drawn = tuple(code for code in ("value", "preliminary") if code in columns)
    one = SeriesResult(
        found.series.name,
        found.series.labels(),
        columns,
        {code: COLUMNS[code] for code in columns},
        drawn,
        facts,
        notes,
    )
    origins = (long.origin, *([short.origin] if short else []))
    title = ("基准化", "Benchmarking")
    report = SeriesReport("benchmark", title, "statistics.benchmarking", origins, (one,))
    return deliver(Output(language, as_json), report, to=to, top=top)
