"""lvshu series adjust: seasonal adjustment of the series in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, deliver, pairs, read, whole
from lvshu.cli.commands.series.totals import directly
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, LvshuError, MethodError, Problem, Where
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.calendar.daily import daily_regressors
from lvshu.statistics.series.calendar.regressors import (
    Schedule,
    schedule_of,
    spans_of,
    spring_festival_regressors,
    working_days,
)
from lvshu.statistics.series.stl import Decomposition, decompose
from lvshu.statistics.series.time_series import TimeSeries, days_of, listed
from lvshu.statistics.series.x13.adjustment import check_series
from lvshu.statistics.series.x13.batch import Done, Task, adjust_many
from lvshu.statistics.series.x13.policy import held_from
from lvshu.statistics.series.x13.specification import Regressor, Specification

SHOWN = ("raw", "adjusted", "trend", "seasonal", "calendar", "irregular", "combined")
TITLE = ("季节调整", "Seasonal adjustment")
_NAN = float("nan")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    series: Sequence[str] | None,
    way: str,
    to: Sequence[Path] | None,
    top: int,
    **options: Any,
) -> int:
    """Adjust, show and write. Returns the exit code: 1 where a series could not be adjusted."""
    output = Output(language, as_json)
    told = read(source, sheet=sheet, wanted=series)
    problems = list(told.problems)
    if way in ("stl", "mstl"):
        results, notes = _by_loess(told.series, way, options, problems)
        report = SeriesReport("adjust", TITLE, "statistics.stl", (told.origin,), tuple(results), notes)
        return deliver(output, report, to=to, top=top, problems=problems)
    tasks, notes = _tasks(told.series, way, options, problems)
    done = list(adjust_many(tasks, workers=options["workers"] or (1 if len(tasks) < 16 else 0),
                            journal=options["journal"]))  # fmt: skip
    place = {one.name: number for number, one in enumerate(told.series)}
    done.sort(key=lambda one: place[one.name])
    for one in done:
        problems += one.problems
    good = {one.name: one for one in done if one.ok}
    results = [_result(one) for one in good.values()]
    extra: dict[str, Any] = {}
    if options["total"]:
        results, compared = directly(options["total"], told.series, good, results)
        extra["aggregation"] = compared
    if options["keep"]:
        kept = {name: one.record["held"] for name, one in good.items()}
        options["keep"].write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    report = SeriesReport(
        "adjust", TITLE, "statistics.seasonal_adjustment", (told.origin,), tuple(results), notes
    )
    return deliver(output, report, to=to, top=top, problems=problems, extra=extra)


def _tasks(
    series: Sequence[TimeSeries], way: str, options: Mapping[str, Any], problems: list[Problem]
) -> tuple[list[Task], tuple[tuple[str, str], ...]]:
    """Return what is to be adjusted, and what is to be said of the calendar; the faults of a series are its own."""
    held = _held(options["held"]) if options["held"] else {}
    schedule = _schedule(options["workspace"]) if options["working_days"] else None
    partial: set[int] = set()
    tasks = []
    for one in series:
        try:
            check_series(one, log=options["transform"] == "log")
            wanted = _specification(one, way, options, schedule, partial)
            kept = held.get(one.name)
            before = held_from(kept, wanted) if kept else None
        except LvshuError as error:
            problems += error.problems
            continue
        tasks.append(Task(one, wanted, options["policy"], before))
    return tasks, _partial(partial)


def _partial(years: set[int]) -> tuple[tuple[str, str], ...]:
    """Return what is to be said of the years without a schedule of holidays."""
    if not years:
        return ()
    values = {"years": spans_of(years)}
    told = Problem("statistics.holidays_partial", values=values, severity="warning")
    return ((told.what("zh"), told.what("en")),)


def _specification(
    one: TimeSeries, way: str, options: Mapping[str, Any], schedule: Schedule | None, partial: set[int]
) -> Specification:
    wanted = Specification(
        transform=options["transform"], model=options["model"], method=way,
        outliers=("ao", "ls", "tc") if options["outliers"] else (),
        tests=("td",) if options["trading_days"] else (), forecasts=2 * one.per_year,
        history=options["history"], sliding_spans=options["spans"], accept_default=options["accept_default"],
    )  # fmt: skip
    length = len(one.values) + wanted.forecasts
    regressors: list[Regressor] = []
    if options["spring_festival"]:
        found = spring_festival_regressors(one.kind, one.first, length, windows=_windows(options))
        regressors += [Regressor(values) for values in found.values()]
    if schedule is not None:
        days = working_days(one.kind, one.first, length, schedule)
        years = (
            one.first + np.arange(length)
        ) // one.per_year  # those of the forecasts too: their factors rest on them
        partial.update(np.unique(years[~days.established]).tolist())
        regressors.append(Regressor(days.regressor, kind="td"))
    return replace(wanted, regressors=tuple(regressors))


def _schedule(workspace: Path) -> Schedule:
    """Return the schedule of holidays: the workspace's own pack, else that of the program."""
    from lvshu.catalog.pack_library import PackLibrary

    folder = workspace / "packs"
    return schedule_of(PackLibrary.load(folder if folder.is_dir() else None)["public_holidays"].rows)


def _held(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(Problem("statistics.file_absent", Where(file=str(path)), {"file": path.name}))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise MethodError(
            Problem("statistics.held_unreadable", Where(file=path.name), {"detail": str(error)[:200]})
        ) from None
    return found if isinstance(found, dict) else {}


def _result(one: Done) -> SeriesResult:
    record = one.record
    frame = TimeSeries(one.name, record["kind"], record["first"], np.array(record["raw"]))
    columns = {"raw": record["raw"], **record["parts"]}
    columns = {code: columns[code] for code in SHOWN if code in columns}
    facts = {
        name: record[name]
        for name in ("model", "transform", "multiplicative", "coefficients", "statistics", "quality", "doubts",
                     "warnings", "not_positive", "held", "forecast")
    }  # fmt: skip
    return SeriesResult(
        one.name, frame.labels(), columns, {code: COLUMNS[code] for code in columns}, ("adjusted", "raw"), facts,
        _notes(one.name, record),
    )  # fmt: skip


def _notes(name: str, record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    quality = record["quality"]
    q = quality["q"]
    told = [
        (f"模型 {record['model']}，{'乘法' if record['multiplicative'] else '加法'}"
         + (f"；Q = {q:.2f}" if q is not None else ""),
         f"Model {record['model']}, {'multiplicative' if record['multiplicative'] else 'additive'}"
         + (f"; Q = {q:.2f}" if q is not None else ""))
    ]  # fmt: skip
    for code, figure in record["doubts"]:
        if code == "not_positive":
            periods = record["not_positive"]
            values = {"series": name, "count": len(periods), "periods": listed(periods)}
            problem = Problem("statistics.series_additive", values=values, severity="warning")
            told.append((problem.what("zh"), problem.what("en")))
            continue
        told.append((DOUBTS[code][0].format(figure), DOUBTS[code][1].format(figure)))
    return tuple(told)


DOUBTS = {
    "q_above_one": ("Q = {:.2f} 大于 1，调整质量不足", "Q = {:.2f} is above 1: the adjustment is poor"),
    "seasonality_not_identifiable": (
        "M7 = {:.2f} 大于 1，季节性难以识别",
        "M7 = {:.2f} is above 1: the season is hard to identify",
    ),
    "seasonality_left": (
        "调整后仍有季节性（QS = {:.2f}）",
        "Seasonality is left after adjustment (QS = {:.2f})",
    ),
    "no_seasonality": (
        "原序列没有显著的季节性（QS = {:.2f}）",
        "The raw series has no clear season (QS = {:.2f})",
    ),
    "unstable_seasonal": (
        "{:.1f}% 的月份在滑动区间间不稳定",
        "{:.1f} % of months are unstable over sliding spans",
    ),
    "unstable_change": (
        "{:.1f}% 的环比在滑动区间间不稳定",
        "{:.1f} % of changes are unstable over sliding spans",
    ),
}


def _by_loess(
    series: Sequence[TimeSeries], way: str, options: Mapping[str, Any], problems: list[Problem]
) -> tuple[list[SeriesResult], tuple[tuple[str, str], ...]]:
    results = []
    partial: set[int] = set()
    log = {"auto": None, "log": True, "none": False}[options["transform"]]
    schedule = _schedule(options["workspace"]) if options["working_days"] else None
    for one in series:
        try:
            usual = {"week": (52,), "day": (7,), "month": (12,), "quarter": (4,)}.get(one.kind, ())
            calendar = _calendar(one, options, schedule, partial)
            found = decompose(one, periods=usual if way == "stl" else (), log=log, calendar=calendar)
        except LvshuError as error:
            problems += error.problems
            continue
        results.append(_loess_result(found))
    return results, _partial(partial)


def _calendar(
    one: TimeSeries, options: Mapping[str, Any], schedule: Schedule | None, partial: set[int]
) -> dict[str, np.ndarray]:
    """Return the calendar's regressors of a daily or weekly series, as far as they are asked for."""
    if not (options["spring_festival"] or schedule):
        return {}
    windows = _windows(options) if options["spring_festival"] else {}
    found = daily_regressors(one.kind, one.first, len(one.values), windows=windows, schedule=schedule)
    if schedule is not None:
        years = {days_of(one.kind, place)[0].year for place in (one.first, one.last)}
        partial |= set(range(min(years), max(years) + 1)) - schedule.years
    return found


def _windows(options: Mapping[str, Any]) -> dict[str, int] | None:
    """Return the windows that were asked for; None for the usual ones."""
    given = pairs([options["windows"]]) if options["windows"] else {}
    return {name: whole(days) for name, days in given.items()} or None


def _loess_result(found: Decomposition) -> SeriesResult:
    seasons = {f"seasonal_{length}": part for length, part in found.seasonal.items()}
    columns = {
        "raw": found.raw.values, "adjusted": found.adjusted, "trend": found.trend, **seasons,
        **({"calendar": found.calendar} if found.coefficients else {}),
        "remainder": found.remainder,
    }  # fmt: skip
    names = {code: COLUMNS[code] for code in columns if code in COLUMNS}
    names |= {
        f"seasonal_{length}": (f"季节因素（{length}期）", f"Season of {length}") for length in found.seasonal
    }
    return SeriesResult(
        found.raw.name, found.raw.labels(), columns, names, ("adjusted", "raw"),
        {"multiplicative": found.multiplicative, "strength": dict(found.strength),
         "coefficients": dict(found.coefficients)},
    )  # fmt: skip
