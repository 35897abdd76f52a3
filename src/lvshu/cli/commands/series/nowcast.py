"""lvshu series nowcast: a quarter that is not over, from monthly and quarterly series; why it changed since a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, deliver, pairs, read
from lvshu.cli.commands.series.vintage import asked_day
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.nowcast.model import Design, Fitted, fit, nowcast
from lvshu.statistics.series.nowcast.news import Change, explain
from lvshu.statistics.series.nowcast.panel import QUARTER, Panel, panel_of
from lvshu.statistics.series.nowcast.vintages import VintageStore
from lvshu.statistics.series.time_series import TimeSeries

SHOWN = 16  # periods of the past beside the nowcast
NORMAL_95 = 1.959963984540054


def panel_in(
    sources: Sequence[Path], forms: Mapping[str, str], day: date | None
) -> tuple[Panel, list[Origin]]:
    """Return the panel of some files, or of a store of vintages as known on a day.

    Raises:
        InputError: what reading says; as `panel_of`.
    """
    series: list[TimeSeries] = []
    origins: list[Origin] = []
    problems: list[Problem] = []
    for path in sources:
        if path.is_dir():
            series += VintageStore(path).read(day or date.max)
            origins.append(Origin(title=path.name, version=day.isoformat() if day else ""))
            continue
        told = read(path, gaps=True)
        series += told.series
        problems += told.problems
        origins.append(told.origin)
    if problems:
        raise InputError(*problems)
    return panel_of(series, [forms.get(one.name, "lin") for one in series]), origins


def execute(
    *,
    language: str,
    as_json: bool,
    sources: Sequence[Path],
    target: str,
    transformations: Sequence[str] | None,
    ahead: int,
    since: str,
    day: str,
    iterations: int,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Nowcast, show and write. Returns the exit code."""
    output = Output(language, as_json)
    forms = pairs(transformations)
    panel, origins = panel_in(sources, forms, asked_day(day) if day else None)
    column = panel.column(target)
    fitted = fit(panel, Design(iterations=iterations))
    step = QUARTER if panel.quarterly[column] else 1
    last = int(np.flatnonzero(np.isfinite(panel.values[:, column]))[-1]) + panel.first
    months = [last + step * number for number in range(1 - SHOWN, ahead + 1)]
    told = nowcast(fitted.model, panel, target, [month for month in months if month >= panel.first])
    errors = np.array([one.standard_error for one in told])
    values = np.array([one.value for one in told])
    columns = {
        "value": values, "standard_error": errors, "low": values - NORMAL_95 * errors,
        "high": values + NORMAL_95 * errors,
    }  # fmt: skip
    extra: dict[str, Any] = {
        "nowcasts": [
            {"period": one.period, "value": one.value, "standard_error": one.standard_error,
             "intervals": {str(key): list(ends) for key, ends in one.intervals.items()}}
            for one in told if not one.known
        ],
    }  # fmt: skip
    change = None
    if since:
        old, _ = panel_in(sources, forms, asked_day(since))
        change = explain(fitted.model, old, panel, target, last + step)
        extra["change"] = _change(change)
    one = SeriesResult(
        target, [each.period for each in told], columns, {code: COLUMNS[code] for code in columns}, ("value",),
        {"log_likelihood": fitted.log_likelihood, "converged": fitted.converged, "iterations": fitted.iterations,
         "form": forms.get(target, "lin")},
        _notes(fitted), ("low", "high"),
    )  # fmt: skip
    title = ("现时预测", "Nowcast")
    report = SeriesReport("nowcast", title, "statistics.nowcast", tuple(origins), (one,))
    code = deliver(output, report, to=to, top=top, extra=extra)
    if change is not None:
        _show(output, change, top)
    return code


def _notes(fitted: Fitted) -> tuple[tuple[str, str], ...]:
    notes = [
        (
            "区间只含滤波误差与将来的冲击，参数视为已知",
            "Intervals hold filtering error and shocks to come; parameters are taken as known",
        )
    ]
    if not fitted.converged:
        notes.append(
            (
                "估计未在允许的次数内收敛；用 --iterations 增加",
                "The estimation did not converge within the iterations allowed; raise --iterations",
            )
        )
    return tuple(notes)


def _change(change: Change) -> dict[str, Any]:
    return {
        "before": change.before, "revisions": change.revisions, "news": change.news, "after": change.after,
        "releases": [
            {"series": one.series, "month": one.month, "expected": one.expected, "actual": one.actual,
             "weight": one.weight, "impact": one.impact}
            for one in change.releases
        ],
    }  # fmt: skip


def _show(output: Output, change: Change, top: int) -> None:
    output.heading(
        output.text("series.change", before=change.before, revisions=change.revisions, news=change.news,
                    after=change.after)
    )  # fmt: skip
    largest = sorted(change.releases, key=lambda one: -abs(one.impact))[:top]
    output.table(
        [output.text(f"series.news.{name}") for name in ("series", "month", "expected", "actual", "impact")],
        [(one.series, one.month, one.expected, one.actual, one.impact) for one in largest],
        right=(2, 3, 4),
    )
