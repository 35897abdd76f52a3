"""Fills `digital_core_month`: the core digital economy by month, so that the months of a year add up to its account.

A monthly indicator gives the movement, the yearly accounts the level. Without an indicator there are no months: a year
spread evenly would show a movement that nobody observed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, LvshuError, Problem
from lvshu.core.money import half_away
from lvshu.core.units import registry
from lvshu.engine.step import Step, StepContext
from lvshu.statistics.keys import CORE
from lvshu.statistics.methods.survey import NORMAL_95
from lvshu.statistics.protection import SHOWN
from lvshu.statistics.series.benchmark import Benchmarked, benchmark
from lvshu.statistics.series.time_series import MOST_NAMED, TimeSeries, label_of, series_of

Array = NDArray[np.float64]

TABLE = "digital_core_month"
INDICATOR = "digital_value_added"
BENCHMARKED, EXTRAPOLATED = "benchmarked", "extrapolated"
DIGITS = 6
WIDE = 0.1
"""Share from which the gap between account and indicator is a warning (lvshu's convention)."""


def make(context: StepContext) -> None:
    """Fill the table, or tell why there are no months."""
    errors: dict[int, float] = {}
    accounts = accounts_of(context, errors)
    if not accounts:
        return
    rows = context.read(
        "indicator_month", where=f"indicator_code = '{INDICATOR}'", order=("month",)
    ).to_pylist()
    if not rows:
        problem = Problem("statistics.month_no_indicator", values={"series": INDICATOR}, severity="notice")
        context.find(problem, table=TABLE, key=INDICATOR)
        return
    try:
        indicator = indicator_of(rows)
        years = _covered(context, sorted(accounts), indicator)
        low = TimeSeries(CORE, "year", years[0], np.array([float(accounts[year]) for year in years]))
        _positive("accounts", low)
        found = benchmark(low, indicator)
        _positive("months", found.series)
    except LvshuError as error:
        for one in error.problems:
            told = Problem(one.code, one.where, one.values, severity="warning")
            context.find(told, table="monthly_indicator", key=INDICATOR)
        return
    weights = _weights(low, indicator)
    adjusted = {
        row["month"]: row["adjusted"] / row["raw"]
        for row in context.read("seasonal_series", where=f"indicator_code = '{INDICATOR}'").to_pylist()
        if row["adjusted"] is not None and row["raw"]
    }
    spread = np.array([errors.get(year, np.nan) for year in years])
    figures = exact(found.series, {year: accounts[year] for year in years})
    made = []
    for place, (month, value) in enumerate(zip(found.series.labels(), figures, strict=True)):
        year = int(month[:4])
        carried = None  # in years whose account has no stated error, or that have no account
        if year in errors and year in years:
            carried = float(np.sqrt(np.nansum((weights[place] * spread) ** 2)))
        factor = adjusted.get(month)
        made.append({
            "month": month, "status": BENCHMARKED if year in years else EXTRAPOLATED,
            "value_added": value, "standard_error": carried,
            "low": None if carried is None else float(value) - NORMAL_95 * carried,
            "high": None if carried is None else float(value) + NORMAL_95 * carried,
            "adjusted": None if factor is None else half_away(value * factor, DIGITS),
            "indicator": half_away(Decimal(repr(float(indicator.values[place]))), DIGITS),
            "indicator_unit": rows[0]["unit"], "ratio": float(found.ratio[place]),
        })  # fmt: skip
    context.write(TABLE, {name: [row[name] for row in made] for name in made[0]})
    _tell(context, found, low, rows[0]["unit"])


def accounts_of(context: StepContext, errors: dict[int, float]) -> dict[int, Decimal]:
    """Return the value added of whole classes by year in yuan, as published; fills the error of this year's.

    Earlier years are taken as they were last released, without an error.
    """
    found: dict[int, Decimal] = {}
    released = context.read(
        "digital_economy_account_previous", where=f"code = '{CORE}'", order=("year", "released_on")
    )
    for row in released.to_pylist():
        found[int(row["year"])] = row["value_added_full"]  # the newest release of a year stands last
    found = {year: value for year, value in found.items() if year < context.settings.year}
    for row in context.read("digital_economy_account_public", where=f"code = '{CORE}'").to_pylist():
        if row["value_status"] == SHOWN and row["value_added_full"] is not None:
            found[context.settings.year] = row["value_added_full"]
            if row["error_status"] == SHOWN and row["standard_error"] is not None:
                errors[context.settings.year] = float(row["standard_error"])
    return found


def consecutive(years: Sequence[int]) -> list[int]:
    """Return the last years without a gap between them, in order."""
    kept = [years[-1]]
    for year in reversed(years[:-1]):
        if year != kept[0] - 1:
            break
        kept.insert(0, year)
    return kept


def _covered(context: StepContext, accounts: Sequence[int], indicator: TimeSeries) -> list[int]:
    """Return the last consecutive years with an account and twelve months of the indicator; tell those left out.

    Raises:
        InputError: statistics.month_none_covered.
    """
    there = [one for one in accounts if indicator.first <= 12 * one and 12 * one + 11 <= indicator.last]
    if not there:
        needed = {"series": INDICATOR, "years": ", ".join(map(str, accounts))}
        raise InputError(Problem("statistics.month_none_covered", values=needed))
    uncovered = sorted(set(accounts) - set(there))
    if uncovered:
        values: dict[str, object] = {
            "series": INDICATOR, "years": ", ".join(map(str, uncovered)), "count": len(uncovered)
        }  # fmt: skip
        context.find(
            Problem("statistics.month_year_uncovered", values=values, severity="warning"), table=TABLE
        )
    years = consecutive(there)
    left = sorted(set(there) - set(years))
    if left:
        gap: dict[str, object] = {"years": ", ".join(map(str, left)), "count": len(left), "first": years[0]}
        context.find(Problem("statistics.month_year_gap", values=gap, severity="warning"), table=TABLE)
    return years


_REASONS = {
    "indicator": {"zh": "月度指标有零或负数", "en": "the indicator has zeros or negative months"},
    "accounts": {"zh": "核算数有零或负数", "en": "an account is zero or negative"},
    "months": {"zh": "对准之后有负的月份", "en": "benchmarking gives negative months"},
}


def _positive(what: str, series: TimeSeries) -> None:
    """Refuse a series with zeros or negative figures.

    Raises:
        InputError: statistics.month_not_positive.
    """
    bad = [label_of(series.kind, series.first + int(at)) for at in np.flatnonzero(series.values <= 0)]
    if bad:
        values = {"reason": _REASONS[what], "periods": ", ".join(bad[:MOST_NAMED])}
        raise InputError(Problem("statistics.month_not_positive", values=values))


def indicator_of(rows: Sequence[dict[str, Any]]) -> TimeSeries:
    """Return the indicator's months, which must be levels of single months.

    Raises:
        InputError: statistics.series_units, statistics.series_gap, statistics.month_indicator_rate,
            statistics.month_indicator_cumulative, statistics.month_not_positive; what `series_of` raises.
    """
    units = sorted({row["unit"] for row in rows})
    if len(units) > 1:
        values = {"series": INDICATOR, "units": ", ".join(units)}
        raise InputError(Problem("statistics.series_units", values=values))
    one = registry().get(units[0])
    if one is not None and one.dimension == registry()["1"].dimension:
        raise InputError(
            Problem("statistics.month_indicator_rate", values={"series": INDICATOR, "unit": units[0]})
        )
    figures = [None if row["value"] is None else float(row["value"]) for row in rows]
    series = series_of(INDICATOR, [row["month"] for row in rows], figures)
    if not np.isfinite(series.values).all():
        gaps = [
            label_of("month", series.first + int(at)) for at in np.flatnonzero(~np.isfinite(series.values))
        ]
        told: dict[str, object] = {
            "series": INDICATOR,
            "count": len(gaps),
            "periods": ", ".join(gaps[:MOST_NAMED]),
        }
        raise InputError(Problem("statistics.series_gap", values=told))
    _positive("indicator", series)
    if _is_cumulative(series):
        raise InputError(Problem("statistics.month_indicator_cumulative", values={"series": INDICATOR}))
    return series


def _is_cumulative(series: TimeSeries) -> bool:
    """Return whether every year grows from month to month to four times its January or more, as running totals do.

    One month in all may fall: a running total that was revised downwards once is one all the same (lvshu's convention).
    """
    begins = -series.first % 12
    whole = series.values[begins : begins + (len(series.values) - begins) // 12 * 12].reshape(-1, 12)
    falls = int((np.diff(whole, axis=1) < 0).sum())
    return bool(len(whole) and falls <= 1 and (whole[:, -1] >= 4 * whole[:, 0]).all())


def _weights(low: TimeSeries, indicator: TimeSeries) -> Array:
    """Return how much each month moves with each year's account, shape (months, years); benchmarking is linear."""
    columns = []
    for place in range(len(low.values)):
        unit = np.zeros(len(low.values))
        unit[place] = 1.0
        columns.append(benchmark(replace(low, values=unit), indicator).values)
    return np.stack(columns, axis=1)


def exact(series: TimeSeries, accounts: dict[int, Decimal]) -> list[Decimal]:
    """Return the months to the millionth; of an accounted year they add up to the account to the last digit.

    Args:
        series: benchmarked months.
        accounts: of the years that are benchmarks; what rounding leaves goes to the year's largest month.
    """
    values = [half_away(Decimal(repr(float(one))), DIGITS) for one in series.values]
    years = [place // 12 for place in range(series.first, series.last + 1)]
    for year, account in accounts.items():
        own = [place for place, of in enumerate(years) if of == year]
        largest = max(own, key=lambda place: abs(values[place]))
        values[largest] += account - sum((values[place] for place in own), Decimal(0))
    return values


def _tell(context: StepContext, found: Benchmarked, low: TimeSeries, unit: str) -> None:
    """Tell how far the indicator's year is from the account, where both are money."""
    if unit != "CNY":
        return
    last, gap = low.values[-1], found.discrepancy[-1]
    apart = gap / (last - gap)
    values = {"year": low.last, "percent": f"{100 * apart:+.3g}"}
    severity = "warning" if abs(apart) > WIDE else "notice"
    context.find(
        Problem("statistics.month_discrepancy", values=values, severity=severity),
        table=TABLE, key=INDICATOR, amount=float(gap), unit="CNY",
    )  # fmt: skip


DIGITAL_MONTH_STEPS = (
    Step(
        name="statistics.digital_core_month", makes=(TABLE,), action=make,
        reads_if_there=(
            "digital_economy_account_public", "digital_economy_account_previous", "indicator_month", "seasonal_series",
        ),
        method="statistics.digital_core_month",
    ),
)  # fmt: skip
