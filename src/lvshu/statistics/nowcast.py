"""Fills `nowcast`, `nowcast_fan` and `nowcast_news`: months of an indicator not delivered yet, from all indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.engine.step import Step, StepContext
from lvshu.statistics.indicator_check import INDICATOR_NAMES
from lvshu.statistics.methods.survey import NORMAL_95
from lvshu.statistics.seasonal import FAN
from lvshu.statistics.series.nowcast.backtest import autoregression
from lvshu.statistics.series.nowcast.model import LEAST_KNOWN, LEAST_MONTHS, Design, Fitted, fit
from lvshu.statistics.series.nowcast.news import Change, explain
from lvshu.statistics.series.nowcast.panel import Panel, month_label, panel_of
from lvshu.statistics.series.nowcast.state_space import LinearModel, smooth
from lvshu.statistics.series.time_series import TimeSeries, series_of

Array = NDArray[np.float64]
Row = Mapping[str, Any]

NOWCAST, SHORT, ALONE, REFUSED = "nowcast", "short", "alone", "refused"
FORM = "cch"
"""Change of logarithms in per cent, of the seasonally adjusted figures."""
LEAST_INDICATORS = 2
LEAST_HISTORY = LEAST_MONTHS + 1
"""Months an indicator needs: one more than the model, as the first has no change."""
TESTED = 24
"""Months at the end of the history over which nowcasts are made anew to measure their error."""
REFITTED = 12
"""Tested months after which the model of the backtest is estimated anew: with what is then known, as in production."""
MOST_AHEAD = 3
FACTOR, PLAIN = "factor", "autoregression"
DESIGN = Design(iterations=60, tolerance=1e-5)
MOST_NEWS = 50
SCOPE = {
    "backtest": (
        "误差为近{months}个月按当时可得数重做的现时预测之误差；参数只用此前的数估计，两种模型取误差较小者；不含所报数字自身的误差"
        "（抽样、覆盖等）、季节因子的误差与以后的修订",
        "the error is that of nowcasts made anew over {months} months with what was then known, parameters estimated "
        "on what came before, of two models the one with the smaller error; not the errors of the delivered figures "
        "themselves (sampling, coverage …), of the seasonal factors, nor revisions to come",
    ),
    "model": (
        "历史不足以回测：误差只由模型给出（滤波与将来的冲击），参数视为已知；不含所报数字自身的误差",
        "history is too short for a backtest: the error is the model's own (filtering and shocks to come), parameters "
        "taken as known; not the errors of the delivered figures themselves",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """An indicator with the months asked for, and how its nowcasts did: errors and those of an autoregression.

    months: places of the months after its last figure. errors, plain: by month asked, nowcast less outcome of the
    sum of changes up to it in per cent, shape (tested, months); no rows where there was no backtest.
    """

    code: str
    months: tuple[int, ...]
    errors: Array
    plain: Array


def make(context: StepContext) -> None:
    """Nowcast every indicator; where the history is too short, say so with the minimum."""
    rows = context.read("seasonal_series", order=("indicator_code", "month")).to_pylist()
    units = {row["indicator_code"]: row["unit"] for row in rows}
    series = _series(rows, "adjusted")
    positive = {code: one for code, one in series.items() if (one.values > 0).all()}
    long = {code: one for code, one in positive.items() if len(one.values) >= LEAST_HISTORY}
    reasons = {code: REFUSED if code not in positive else SHORT for code in series if code not in long}
    fitted: Fitted | None = None
    if len(long) < LEAST_INDICATORS:
        reasons |= dict.fromkeys(long, ALONE)
    else:
        panel = _panel(long)
        try:
            fitted = fit(panel, DESIGN)
        except MethodError as error:
            reasons |= dict.fromkeys(long, REFUSED)
            for problem in error.problems:
                told = Problem(problem.code, problem.where, problem.values, severity="warning")
                context.find(told, table="nowcast")
    _tell_reasons(context, reasons, series)
    for code, reason in sorted(reasons.items()):
        _write_reason(context, code, reason, series[code], units[code])
    if fitted is None:
        return
    earlier = _earlier(context, long)
    tests = _backtest_models(panel)
    for code in sorted(long):
        target = _target(panel, code, tests)
        _one(context, panel, fitted.model, long[code], target, earlier, units[code])


def _series(rows: Sequence[Row], column: str) -> dict[str, TimeSeries]:
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        by_code.setdefault(row["indicator_code"], []).append(row)
    return {
        code: series_of(code, [row["month"] for row in own], [float(row[column]) for row in own], gaps_allowed=True)
        for code, own in by_code.items()
    }  # fmt: skip


def _panel(series: Mapping[str, TimeSeries]) -> Panel:
    return panel_of([series[code] for code in sorted(series)], [FORM] * len(series))


def _earlier(context: StepContext, now: Mapping[str, TimeSeries]) -> Panel | None:
    """Return the panel of the earlier vintage over the same indicators; None without one that has them all."""
    rows = context.read("indicator_vintage", order=("indicator_code", "month")).to_pylist()
    before = _series([row for row in rows if row["value"] is not None and float(row["value"]) > 0], "value")
    if not set(now) <= set(before):
        return None
    return _panel({code: before[code] for code in now})


def _backtest_models(panel: Panel) -> tuple[LinearModel, ...]:
    """Return the models of the backtest, one for each `REFITTED` tested months, estimated before the first of them.

    None of them sees a month that it is tested on, however far ahead is asked. Returns () where too little is left.
    """
    if len(panel.values) < LEAST_MONTHS + TESTED + MOST_AHEAD - 1:
        return ()
    found = []
    for row in range(0, TESTED, REFITTED):
        held = panel.over(panel.first, panel.last - (TESTED - row + MOST_AHEAD - 1))
        if (np.isfinite(held.values).sum(axis=0) < LEAST_KNOWN).any():
            return ()
        found.append(fit(held, DESIGN).model)
    return tuple(found)


def _target(panel: Panel, code: str, models: Sequence[LinearModel]) -> Target:
    """Return the months of an indicator to nowcast, and the errors of nowcasts of its last known months.

    In the backtest every indicator ends as many months before or after the month in question as it does now.
    """
    column = panel.column(code)
    ends = np.array([np.flatnonzero(np.isfinite(own))[-1] for own in panel.values.T])
    last = int(ends[column]) + panel.first
    ahead = min(max(int(ends.max()) + panel.first - last, 1), MOST_AHEAD)
    months = tuple(range(last + 1, last + ahead + 1))
    if not models:
        none = np.empty((0, ahead))
        return Target(code, months, none, none)
    errors, plain = np.full((TESTED, ahead), np.nan), np.full((TESTED, ahead), np.nan)
    for row in range(TESTED):
        shift = TESTED - row + ahead - 1  # so many months earlier than today
        values = np.vstack([panel.values, np.full((ahead, len(ends)), np.nan)])
        outcome = values[:, column].copy()
        for place, end in enumerate(ends):
            values[max(end - shift + 1, 0) :, place] = np.nan
        begin = int(ends[column]) - shift + 1
        told = smooth(models[row // REFITTED], values, variances=False).values[:, column]
        known = values[:begin, column]
        known = known[np.isfinite(known)]
        simple = np.array([autoregression(known, step) for step in range(1, ahead + 1)])
        actual = outcome[begin : begin + ahead].cumsum()
        errors[row] = told[begin : begin + ahead].cumsum() - actual
        plain[row] = simple.cumsum() - actual
    return Target(code, months, errors, plain)


def _one(
    context: StepContext, panel: Panel, model: LinearModel, series: TimeSeries, target: Target,
    earlier: Panel | None, unit: str,
) -> None:  # fmt: skip
    whole = panel.over(panel.first, max(panel.last, *target.months))
    found = smooth(model, whole.values)
    column = whole.column(target.code)
    places = [month - whole.first for month in target.months]
    growth, variance = found.values[places, column], found.variance[places, column]
    errors, basis = np.sqrt(variance.cumsum()), "model"
    known = np.isfinite(target.errors).all(axis=1)
    rmse = benchmark = np.full(len(places), np.nan)
    if known.any():
        rmse = np.sqrt((target.errors[known] ** 2).mean(axis=0))
        benchmark = np.sqrt((target.plain[known] ** 2).mean(axis=0))
        errors, basis = rmse, "backtest"
    chosen = PLAIN if basis == "backtest" and rmse[-1] > benchmark[-1] else FACTOR
    if chosen == PLAIN:
        own = panel.values[:, panel.column(target.code)]
        own = own[np.isfinite(own)]
        growth = np.array([autoregression(own, step) for step in range(1, len(places) + 1)])
        errors = benchmark
    level = float(series.values[-1])
    values = level * np.exp(growth.cumsum() / 100)
    rows: list[dict[str, Any]] = []
    for at, month in enumerate(target.months):
        error = float(errors[at])
        told = earlier if chosen == FACTOR else None  # news are those of the factor model
        change = None if told is None else explain(model, told, panel, target.code, month)
        low, high = (values[at] * np.exp(sign * NORMAL_95 * error / 100) for sign in (-1.0, 1.0))
        label = month_label(month)
        rows.append(
            {
                "indicator_code": target.code, "month": label, "state": NOWCAST, "newest": at + 1 == len(places),
                "value": _decimal(values[at]), "growth": float(growth[at]),
                "standard_error": _decimal(values[at] * error / 100), "low": _decimal(low), "high": _decimal(high),
                "error_basis": basis, "model": chosen, "tested_months": int(known.sum()),
                "rmse": _number(rmse[at]), "benchmark_rmse": _number(benchmark[at]),
                "known_indicators": int(np.isfinite(whole.values[places[at]]).sum()),
                "previous_growth": None if change is None else change.before,
                "revision_effect": None if change is None else change.revisions,
                "news_effect": None if change is None else change.news,
                "history_months": len(series.values), "least_months": LEAST_HISTORY, "unit": unit,
            }
        )  # fmt: skip
        _write_fan(context, target.code, label, values[at], error, unit)
        if change is not None:
            _write_news(context, target.code, label, change)
    _write(context, rows)
    newest = rows[-1]
    scope = tuple(text.format(months=newest["tested_months"]) for text in SCOPE[basis])
    context.write_uncertainty(
        f"nowcast_{target.code}", value=float(newest["value"]), unit=unit,
        standard_error=float(newest["standard_error"]), low=float(newest["low"]), high=float(newest["high"]),
        method=f"nowcast_{basis}", scope_zh=scope[0], scope_en=scope[1],
    )  # fmt: skip
    if chosen == PLAIN:
        values_told = {
            "series": INDICATOR_NAMES.get(target.code, target.code), "factor": f"{rmse[-1]:.2f}",
            "plain": f"{benchmark[-1]:.2f}", "months": newest["tested_months"],
        }  # fmt: skip
        problem = Problem("statistics.nowcast_no_better", values=values_told, severity="notice")
        context.find(problem, table="nowcast", key=target.code, amount=float(rmse[-1]), unit="%")


def _write(context: StepContext, rows: Sequence[Row]) -> None:
    context.write("nowcast", {name: [row[name] for row in rows] for name in rows[0]})


def _write_reason(context: StepContext, code: str, reason: str, series: TimeSeries, unit: str) -> None:
    empty = dict.fromkeys(
        (
            "value", "growth", "standard_error", "low", "high", "error_basis", "model", "rmse", "benchmark_rmse",
            "known_indicators", "previous_growth", "revision_effect", "news_effect",
        )
    )  # fmt: skip
    row = {
        "indicator_code": code, "month": month_label(series.last + 1), "state": reason, "newest": True, **empty,
        "tested_months": 0, "history_months": len(series.values), "least_months": LEAST_HISTORY, "unit": unit,
    }  # fmt: skip
    _write(context, [row])


def _write_fan(context: StepContext, code: str, month: str, value: float, error: float, unit: str) -> None:
    steps = [NormalDist().inv_cdf(level) for level in FAN]
    context.write(
        "nowcast_fan",
        {
            "indicator_code": [code] * len(FAN),
            "month": [month] * len(FAN),
            "quantile": [100 * level for level in FAN],
            "value": [_decimal(value * np.exp(error / 100 * step)) for step in steps],
            "unit": [unit] * len(FAN),
        },
    )


def _write_news(context: StepContext, code: str, month: str, change: Change) -> None:
    largest = sorted(change.releases, key=lambda one: (-abs(one.impact), one.series, one.month))[:MOST_NEWS]
    if largest:
        context.write(
            "nowcast_news",
            {
                "indicator_code": [code] * len(largest),
                "month": [month] * len(largest),
                "source_indicator": [one.series for one in largest],
                "source_month": [one.month for one in largest],
                "expected": [one.expected for one in largest],
                "actual": [one.actual for one in largest],
                "impact": [one.impact for one in largest],
            },
        )


def _tell_reasons(context: StepContext, reasons: Mapping[str, str], series: Mapping[str, TimeSeries]) -> None:
    for code, reason in sorted(reasons.items()):
        if reason == SHORT:
            values: dict[str, Any] = {
                "series": code,
                "months": len(series[code].values),
                "least": LEAST_HISTORY,
            }
            problem = Problem("statistics.nowcast_history", values=values, severity="notice")
        elif reason == ALONE:
            values = {"series": code, "least": LEAST_INDICATORS}
            problem = Problem("statistics.nowcast_alone", values=values, severity="notice")
        else:
            problem = Problem("statistics.nowcast_refused", values={"series": code}, severity="notice")
        context.find(problem, table="nowcast", key=code)


def _decimal(value: float) -> Decimal:
    return Decimal(f"{float(value):.6f}")


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


NOWCAST_STEPS = (
    Step(
        name="statistics.nowcast", makes=("nowcast", "nowcast_fan", "nowcast_news"), action=make,
        reads=("seasonal_series",), reads_if_there=("indicator_vintage",), method="statistics.nowcast_run",
    ),
)  # fmt: skip
