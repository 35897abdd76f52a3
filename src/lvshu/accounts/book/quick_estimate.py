"""Step of the quick monthly estimate (快报): two factor sets side by side, and calibrated to the last inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods.energy import quick_estimate as method
from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

GROUPS = ("coal", "oil", "gas")
CALIBRATED = "calibrated"
SET_NAMES = {
    "target_assessment": {
        "zh": "目标责任考核通知的因子",
        "en": "Factors of the notices on target assessment",
    },
    "older_notices": {"zh": "较早通知的因子", "en": "Factors of older notices"},
}
"""What the factor sets of the pack are called, as the publications call them; a set of the user's own by its code."""
SCOPE_ZH = (
    "含年度清单的相对标准误，以及两组因子校准后的差别（能源结构变化）；"
    "不含月度能源数据本身的误差与校准比随时间的变化。"
)
SCOPE_EN = (
    "Covers the relative standard error of the annual inventory and what the two factor sets differ by once calibrated "
    "(a change of the fuel mix); not the error of the monthly energy figures, nor a drift of the ratio."
)


@dataclass(frozen=True)
class Months:
    """Monthly energy of one area: m months in order (year x 12 + month - 1), shape (m, 3), tce."""

    area: str
    months: NDArray[np.int64]
    energy: Array

    @property
    def years(self) -> NDArray[np.int64]:
        """Return the year of each month, shape (m,)."""
        return self.months // 12

    def name(self, place: int) -> str:
        """Return a month as 2023-05."""
        month = int(self.months[place])
        return f"{month // 12:04d}-{month % 12 + 1:02d}"


def make_quick_estimate(context: StepContext) -> None:
    """Make quick_estimate for each area with monthly energy; only the run's own area is calibrated."""
    columns: dict[str, list[Any]] = {name: [] for name in (
        "area_code", "month", "factor_set", "last_year", "emission", "cumulative", "change", "cumulative_change",
        "ratio", "benchmark_year", "standard_error", "cumulative_standard_error")}  # fmt: skip
    factors = _factors(context)
    sets = [SET_NAMES.get(one, one) for one in sorted(factors)]
    context.find(Problem("accounts.quick_factors_restated", values={"sets": sets}, severity="notice"),
                 table="quick_estimate")  # fmt: skip
    for given in load_months(context.read("energy_month", order=["area_code", "month"]).to_pylist()):
        _tell_missing(context, given)
        raw = np.array([method.estimate(given.energy, factor) for factor in factors.values()])
        ratio, error = None, 0.0
        if given.area == context.settings.area:
            ratio, error = _benchmark(context, given, raw)
        for place, name in enumerate(factors):
            _add(
                columns,
                context.settings.year,
                given,
                name,
                raw[place],
                None if ratio is None else ratio[place],
            )
        if ratio is not None:
            found = method.calibrate(raw, ratio, error)
            sums = np.array([method.running_total(one, given.years) for one in raw])
            errors = (found.standard_error, method.calibrate(sums, ratio, error).standard_error)
            _add(columns, context.settings.year, given, CALIBRATED, found.value, 1.0, errors)
            _write_interval(context, given, raw, ratio, error)
    context.write("quick_estimate", columns)


def load_months(rows: list[dict[str, Any]]) -> list[Months]:
    """Return the monthly energy area by area, without gaps between the first and the last month (NaN where absent)."""
    found = []
    for area in dict.fromkeys(row["area_code"] for row in rows):
        mine = [row for row in rows if row["area_code"] == area]
        numbers = [int(row["month"][:4]) * 12 + int(row["month"][5:7]) - 1 for row in mine]
        months = np.arange(min(numbers), max(numbers) + 1)
        energy = np.full((len(months), len(GROUPS)), np.nan)
        for row, number in zip(mine, numbers, strict=True):
            energy[number - months[0], GROUPS.index(row["fuel_group"])] = float(row["energy"])
        found.append(Months(area, months, energy))
    return found


def _factors(context: StepContext) -> dict[str, Array]:
    rows = context.packs["quick_factors"].rows
    sets = dict.fromkeys(str(row["factor_set"]) for row in rows)
    value = {(row["factor_set"], row["fuel_group"]): float(str(row["factor"])) for row in rows}
    return {name: np.array([value[(name, group)] for group in GROUPS]) for name in sets}


def _tell_missing(context: StepContext, given: Months) -> None:
    absent = [given.name(int(place)) for place in np.flatnonzero(np.isnan(given.energy).any(axis=1))]
    if absent:
        values = {"area": given.area, "months": absent}
        context.find(Problem("accounts.month_not_whole", values=values, severity="warning"), table="energy_month",
                     key=given.area)  # fmt: skip


def _benchmark(context: StepContext, given: Months, raw: Array) -> tuple[Array | None, float]:
    """Return the ratio of each factor set and the relative standard error of the inventory; None without either."""
    rows = context.read("carbon_inventory", columns=["emission"],
                        where="method = 'sectoral' AND bunkers = 'without'").to_pylist()  # fmt: skip
    inventory = float(sum(row["emission"] or 0 for row in rows))
    year = context.settings.year
    members = given.years == year
    if not rows or members.sum() != 12 or np.isnan(raw[:, members]).any():
        values = {"year": year, "months": int(np.isfinite(raw[:, members]).all(axis=0).sum())}
        context.find(Problem("accounts.not_calibrated", values=values, severity="warning"), table="quick_estimate",
                     key=given.area)  # fmt: skip
        return None, 0.0
    ratio = np.array([method.benchmark_ratio(inventory, one[members]) for one in raw])
    drawn: dict[int, float] = {}
    for row in context.read("carbon_inventory_replicate", columns=["replicate", "emission"]).to_pylist():
        drawn[row["replicate"]] = drawn.get(row["replicate"], 0.0) + float(row["emission"])
    totals = np.array([drawn[key] for key in sorted(drawn)])
    error = float(totals.std(ddof=1) / totals.mean()) if len(totals) > 1 else 0.0
    told: dict[str, Any] = {"year": year, "inventory": plain(inventory),
              "ratios": [round(float(one), 4) for one in ratio]}  # fmt: skip
    context.find(Problem("accounts.calibrated", values=told, severity="notice"), table="quick_estimate",
                 key=given.area)  # fmt: skip
    return ratio, error


def _add(
    columns: dict[str, list[Any]], benchmark_year: int, given: Months, name: str, values: Array, ratio: float | None,
    errors: tuple[Array, Array] | None = None,
) -> None:  # fmt: skip
    cumulative = method.running_total(values, given.years)
    for place in range(len(given.months)):
        earlier = place - 12
        change = method.change_on_year(values[place], values[earlier]) if earlier >= 0 else np.nan
        # the sum since January can be compared only where the year before starts in January
        since = (
            method.change_on_year(cumulative[place], cumulative[earlier])
            if _whole(given, earlier)
            else np.nan
        )
        january = _whole(given, place)
        record = (given.area, given.name(place), name, bool(given.years[place] == given.years[-1]),
                  _known(values[place]), _known(cumulative[place]) if january else None, _known(change),
                  _known(since), ratio, None if ratio is None else benchmark_year,
                  None if errors is None else _known(errors[0][place]),
                  None if errors is None or not january else _known(errors[1][place]))  # fmt: skip
        for column, part in zip(columns.values(), record, strict=True):
            column.append(part)


def _whole(given: Months, place: int) -> bool:
    """Whether the data reach back to January of a month's year."""
    return place >= 0 and int(given.months[place]) - int(given.months[0]) >= int(given.months[place]) % 12


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _write_interval(context: StepContext, given: Months, raw: Array, ratio: Array, error: float) -> None:
    """Write the interval of the last year's sum: the sum is calibrated as one figure, its errors move together."""
    last = given.years == given.years[-1]
    if np.isnan(raw[:, last]).any():
        return
    found = method.calibrate(raw[:, last].sum(axis=1, keepdims=True), ratio, error)
    context.write_uncertainty(
        "quick_co2", value=float(found.value[0]), unit="tCO2", standard_error=float(found.standard_error[0]),
        method="benchmark_and_factor_range", scope_zh=SCOPE_ZH, scope_en=SCOPE_EN,
    )  # fmt: skip
