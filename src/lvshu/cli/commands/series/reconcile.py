"""lvshu series reconcile: many series made to meet their totals and their long-period benchmarks at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, NAMED, deliver, read, single, sound
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem, Where
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.aggregation import align
from lvshu.statistics.series.reconcile import contemporaneous, reconcile, temporal
from lvshu.statistics.series.time_series import TimeSeries

USUAL_ERROR = 0.05  # of a figure, where no variances are given: only its ratio to others' matters


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    low: Path,
    sheet: str,
    totals: Path | None,
    variances: Path | None,
    movement: bool,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Reconcile, show and write. Returns the exit code."""
    short, long = read(source, sheet=sheet), read(low, sheet=sheet)
    parts, benchmarks = sound(short), {one.name: one for one in sound(long)}
    same_span(parts, source)
    named = [benchmarks.get(one.name) for one in parts]
    there = next((one for one in named if one is not None), None)
    if there is None or len(benchmarks) > sum(one is not None for one in named):
        unknown = next(name for name in benchmarks if name not in {one.name for one in parts})
        values = {"series": unknown, "known": ", ".join(one.name for one in parts[:NAMED])}
        raise InputError(Problem("statistics.series_not_there", Where(file=source.name), values))
    place = align(there, parts[0].kind, parts[0])
    if place.before or place.after:
        parts = tuple(one.between(one.first + place.before, one.last - place.after) for one in parts)
    same_span([one for one in named if one is not None], low)
    long_values = np.array(
        [np.full(len(there.values), np.nan) if one is None else one.values for one in named]
    )
    names = [one.name for one in parts]
    constraints = temporal(len(parts), long_values, place.ratio, names, there.labels())
    origins = [short.origin, long.origin]
    if totals is not None:
        told = read(totals, sheet=sheet)
        total = single(told, totals)
        same_span([parts[0], total.between(parts[0].first, parts[0].last)], totals)
        line = total.between(parts[0].first, parts[0].last).values
        sums = contemporaneous(np.ones((1, len(parts))), line[None], [total.name], parts[0].labels())
        constraints = constraints.plus(sums)
        origins.append(told.origin)
    table = np.array([one.values for one in parts])
    spread = _variances(variances, sheet, parts) if variances is not None else (USUAL_ERROR * table) ** 2
    found = reconcile(table, spread, constraints, keep_movement=movement)
    results = tuple(
        SeriesResult(
            one.name, one.labels(),
            {"reconciled": found.values[at], "preliminary": one.values, "moved": found.moved[at]},
            {code: COLUMNS[code] for code in ("reconciled", "preliminary", "moved")}, ("reconciled", "preliminary"),
            {"largest_move": float(np.abs(found.moved[at]).max())},
        )
        for at, one in enumerate(parts)
    )  # fmt: skip
    notes = ((f"约束 {len(constraints.targets)} 个，其中 {found.dependent} 个由其他约束推出",
              f"{len(constraints.targets)} constraints, {found.dependent} of which follow from others"),)  # fmt: skip
    title = ("多元调和", "Reconciliation")
    report = SeriesReport("reconcile", title, "statistics.reconciliation", tuple(origins), results, notes)
    return deliver(Output(language, as_json), report, to=to, top=top)


def same_span(series: Sequence[TimeSeries], path: Path) -> None:
    """Refuse series of different periods.

    Raises:
        InputError: statistics.parts_periods.
    """
    first = series[0]
    for one in series[1:]:
        if (one.kind, one.first, len(one.values)) != (first.kind, first.first, len(first.values)):
            values = {"series": one.name, "total": first.name}
            raise InputError(Problem("statistics.parts_periods", Where(file=path.name), values))


def _variances(path: Path, sheet: str, parts: Sequence[TimeSeries]) -> np.ndarray:
    told = {one.name: one for one in sound(read(path, sheet=sheet))}
    absent = [one.name for one in parts if one.name not in told]
    if absent:
        values = {"series": absent[0], "known": ", ".join(list(told)[:NAMED])}
        raise InputError(Problem("statistics.series_not_there", Where(file=path.name), values))
    cut = [told[one.name].between(one.first, one.last) for one in parts]
    same_span([parts[0], *cut], path)
    return np.array([one.values for one in cut])
