"""Fills `seasonal_series`, `seasonal_quality` and `indicator_fan`: indicators adjusted, raw figures beside, ahead."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np

from lvshu.core.errors import InputError, LvshuError, Problem
from lvshu.engine.step import Step, StepContext
from lvshu.statistics.desk_months import DESKS, with_desk
from lvshu.statistics.methods.survey import NORMAL_95
from lvshu.statistics.series.calendar.regressors import (
    Schedule,
    schedule_of,
    spans_of,
    spring_festival_regressors,
    working_days,
)
from lvshu.statistics.series.time_series import TimeSeries, label_of, listed, series_of
from lvshu.statistics.series.x13.adjustment import Adjustment, adjust, not_positive
from lvshu.statistics.series.x13.policy import held_from, held_of, update
from lvshu.statistics.series.x13.specification import Regressor, Specification

HOLIDAYS = "public_holidays"
MODEL = "(0 1 1)(0 1 1)"
"""The airline model, of indicators without a revision policy (table seasonal_policy)."""
AHEAD = 12
FAN = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
LEAST_FESTIVAL_YEARS = 5  # fewer festivals do not tell their effect from the month's season


def make(context: StepContext) -> None:
    """Adjust every indicator; one that cannot be is told and left out."""
    rows = context.read("indicator_month", order=("indicator_code", "month")).to_pylist()
    schedule = schedule_of(context.packs[HOLIDAYS].rows)
    by_code: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_code.setdefault(row["indicator_code"], []).append(row)
    by_code = {code: with_desk(context, code, own) for code, own in by_code.items()}
    policies = {row["indicator_code"]: row for row in context.read("seasonal_policy").to_pylist()}
    _tell_strangers(context, sorted(set(policies) - set(by_code)))
    for code, own in sorted(by_code.items()):
        try:
            series = _series(code, own)
            wanted, without = specification(series, schedule)
            found = _adjusted(context, code, series, wanted, policies.get(code))
        except LvshuError as error:
            for problem in error.problems:
                told = Problem(problem.code, problem.where, problem.values, severity="warning")
                context.find(told, table="monthly_indicator", key=code)
            continue
        _write(context, code, own[0]["unit"], found)
        _write_fan(context, code, own[0]["unit"], found)
        _tell(context, code, found)
        if without:
            problem = Problem(
                "statistics.holidays_partial", values={"years": spans_of(without)}, severity="notice"
            )
            context.find(problem, table="seasonal_series", key=code)


def _adjusted(
    context: StepContext, code: str, series: TimeSeries, wanted: Specification, policy: dict[str, Any] | None
) -> Adjustment:
    """Return the adjustment by the indicator's revision policy, and keep its model for the next run.

    Without a policy the airline model is estimated anew in every run. With one the model is searched for the first
    time, and what it left is held as the policy says.
    """
    if policy is None:
        found, chosen, name = adjust(series, wanted), "airline", "concurrent"
        held = held_of(found)
    else:
        name, kept = policy["policy"], _kept(code, policy["held"])
        wanted = replace(wanted, model="", transform="auto")
        before = None if kept is None else held_from(kept, wanted)
        found = update(series, wanted, before, name)
        chosen = "automatic" if before is None or found.selection in ("automatic", "picked") else "held"
        held = before if before is not None and name == "current" else held_of(found)
    context.write(
        "seasonal_model",
        {
            "indicator_code": [code],
            "policy": [name],
            "model": [found.model],
            "chosen": [chosen],
            "last_month": [label_of(held.kind, held.last)],
            "held": [json.dumps(held.as_dict(), sort_keys=True)],
        },
    )
    return found


def _kept(code: str, text: str | None) -> dict[str, Any] | None:
    """Return what was held; None without it.

    Raises:
        InputError: statistics.held_unreadable.
    """
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(
            Problem("statistics.held_unreadable", values={"detail": f"{code}: {error}"[:200]})
        ) from None
    if not isinstance(found, dict):
        raise InputError(Problem("statistics.held_unreadable", values={"detail": f"{code}: {text[:40]}"}))
    return found


def _tell_strangers(context: StepContext, codes: Sequence[str]) -> None:
    if codes:
        problem = Problem(
            "statistics.policy_stranger", values={"codes": ", ".join(codes)}, severity="warning"
        )
        context.find(problem, table="seasonal_policy", amount=float(len(codes)), unit="1")


def _series(code: str, rows: Sequence[dict[str, Any]]) -> TimeSeries:
    units = sorted({row["unit"] for row in rows})
    if len(units) > 1:
        values = {"series": code, "units": ", ".join(units)}
        raise InputError(Problem("statistics.series_units", values=values))
    figures = [None if row["value"] is None else float(row["value"]) for row in rows]
    return series_of(code, [row["month"] for row in rows], figures)


def specification(series: TimeSeries, schedule: Schedule) -> tuple[Specification, list[int]]:
    """Return how a series is adjusted, and the years whose working days rest on no schedule of holidays.

    Airline model; festival and working days where there are years enough.
    """
    length = len(series.values) + AHEAD
    regressors: list[Regressor] = []
    without: list[int] = []
    if len(series.values) >= LEAST_FESTIVAL_YEARS * 12:
        windows = spring_festival_regressors(series.kind, series.first, length)
        regressors = [Regressor(window) for window in windows.values()]
        days = working_days(series.kind, series.first, length, schedule)
        regressors.append(Regressor(days.regressor, kind="td"))
        years = (series.first + np.arange(length)) // 12
        without = [int(year) for year in np.unique(years[~days.established])]
    transform = "log" if (series.values > 0).all() else "none"
    wanted = Specification(
        transform=transform, model=MODEL, outliers=("ao", "ls"), regressors=tuple(regressors), forecasts=AHEAD,
        sliding_spans=True, history=len(series.values) >= 84,
    )  # fmt: skip
    return wanted, without


def _write(context: StepContext, code: str, unit: str, found: Adjustment) -> None:
    adjusted = found.adjusted
    change = np.full(len(adjusted), np.nan)
    change[1:] = 100 * (adjusted[1:] / adjusted[:-1] - 1)
    count = len(adjusted)
    context.write(
        "seasonal_series",
        {
            "indicator_code": [code] * count,
            "month": found.raw.labels(),
            "raw": _decimals(found.raw.values),
            "adjusted": _decimals(adjusted),
            "trend": _decimals(found.parts["trend"]) if "trend" in found.parts else [None] * count,
            "seasonal_factor": found.parts.get("seasonal", found.parts["combined"]).tolist(),
            "calendar_factor": _calendar(found).tolist(),
            "change_on_month": [None if np.isnan(one) else float(one) for one in change],
            "mode": ["multiplicative" if found.multiplicative else "additive"] * count,
            "unit": [unit] * count,
        },
    )
    measures = _measures(found)
    context.write(
        "seasonal_quality",
        {
            "indicator_code": [code] * len(measures),
            "measure": list(measures),
            "value": list(measures.values()),
            "model": [found.model] * len(measures),
        },
    )


def _calendar(found: Adjustment) -> np.ndarray:
    """Return the calendar factors; neutral where held factors hold season and calendar together."""
    neutral = 1.0 if found.multiplicative else 0.0
    return found.parts.get("calendar", np.full(len(found.adjusted), neutral))


def _write_fan(context: StepContext, code: str, unit: str, found: Adjustment) -> None:
    quantiles = fan(found)
    months = [label_of(found.raw.kind, found.raw.last + step) for step in range(1, len(quantiles) + 1)]
    cells = [
        (month, level, value)
        for month, row in zip(months, quantiles, strict=True)
        for level, value in zip(FAN, row.tolist(), strict=True)
    ]
    if cells:
        context.write(
            "indicator_fan",
            {
                "indicator_code": [code] * len(cells),
                "month": [month for month, _, _ in cells],
                "quantile": [100 * level for _, level, _ in cells],
                "value": [Decimal(f"{value:.6f}") for _, _, value in cells],
                "unit": [unit] * len(cells),
            },
        )


def fan(found: Adjustment) -> np.ndarray:
    """Return quantiles of the forecast, shape (forecasts, quantiles of `FAN`), in the unit of the series.

    The distribution is normal in the scale of the model, its width that of the program's own 95 % interval: on
    logarithms the quantiles are those of a lognormal. Errors of the coefficients and of the choice of the model are
    not in it.

    Args:
        found: an adjustment with forecasts.

    Source: X-13ARIMA-SEATS Reference Manual, version 1.1, section 7.7 (forecast).
    """
    if not len(found.forecast):
        return np.empty((0, len(FAN)))
    point, low, high = found.forecast[:, 0], found.forecast[:, 1], found.forecast[:, 2]
    steps = np.array([NormalDist().inv_cdf(level) for level in FAN])
    if found.transform == "log":
        width = np.log(high / low) / (2 * NORMAL_95)
        return np.asarray(point[:, None] * np.exp(width[:, None] * steps))
    return np.asarray(point[:, None] + ((high - low) / (2 * NORMAL_95))[:, None] * steps)


def _decimals(values: np.ndarray) -> list[Decimal]:
    return [Decimal(f"{value:.6f}") for value in values.tolist()]


def _measures(found: Adjustment) -> dict[str, float]:
    quality = found.quality
    told = {f"m{place}": value for place, value in enumerate(quality.m, start=1)}
    told |= {
        "q": quality.q, "q2": quality.q2, "qs_original": quality.qs_original[0],
        "qs_adjusted": quality.qs_adjusted[0], "months": float(len(found.adjusted)),
    }  # fmt: skip
    told |= {f"spans_{name}": value for name, value in quality.spans.items()}
    told |= {
        f"revision_{name}": quality.revisions[name]
        for name in ("mean", "mean_absolute", "largest_absolute")
        if name in quality.revisions
    }
    return {name: float(value) for name, value in told.items() if np.isfinite(value)}


def _tell(context: StepContext, code: str, found: Adjustment) -> None:
    low = found.not_positive or not_positive(found.raw)
    if low and not found.multiplicative:
        values = {"series": code, "count": len(low), "periods": listed(low)}
        additive = Problem("statistics.series_additive", values=values, severity="warning")
        context.find(additive, table="seasonal_quality", key=code, amount=float(len(low)), unit="1")
    for doubt, figure in found.quality.doubts():
        values = {"series": code, "measure": doubt, "figure": f"{figure:.3g}"}
        problem = Problem("statistics.adjustment_doubt", values=values, severity="warning")
        context.find(problem, table="seasonal_quality", key=f"{code}|{doubt}", amount=figure, unit="1")


SERIES_STEPS = (
    Step(
        name="statistics.seasonal_adjustment",
        makes=("seasonal_series", "seasonal_quality", "seasonal_model", "indicator_fan"), action=make,
        reads=("indicator_month",), reads_if_there=("seasonal_policy", *(desk.table for desk in DESKS.values())),
        packs=(HOLIDAYS,),
        method="statistics.seasonal_adjustment",
    ),
)  # fmt: skip
