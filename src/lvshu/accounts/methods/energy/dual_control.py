"""Targets of total and intensity (双控): deductions, rates of decline, the path to a target and where one stands on it.

Symbols: x_t amount of year t (tce or tCO2), g_t output at constant prices (CNY), I_t = x_t / g_t intensity, r_t = 1 -
I_t / I_{t-1} decline of one year, T decline asked for between base year b and target year e, s = (t - b) / (e - b).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

LIGHTS = ("met", "ahead", "between", "behind")


def intensity(amount: Array, output: Array) -> Array:
    """Return amount per output.

    Args:
        amount: shape (t,), unit tce or tCO2.
        output: shape (t,), unit CNY at constant prices.

    Returns:
        Intensity, shape (t,), unit of amount per CNY; NaN where there is no positive output.

    Source: 国家统计局, 单位GDP能耗 = 能源消费总量 / 地区生产总值(不变价).
    """
    positive = np.asarray(output, dtype=float) > 0.0
    safe = np.where(positive, output, 1.0)
    return np.asarray(np.where(positive, np.asarray(amount, dtype=float) / safe, np.nan))


def annual_reductions(levels: Array) -> Array:
    """Return the decline from each level to the next.

    Args:
        levels: shape (t,), any unit, one for each year in order.

    Returns:
        Declines, shape (t - 1,), without unit (0.03 is 3 %); NaN where a level is missing or the earlier one is not
        positive.

    Source: 单位GDP能耗降低率 = 1 - 本期 / 上期 (national and regional communiqués on energy per unit of GDP).
    """
    before, after = np.asarray(levels[:-1], dtype=float), np.asarray(levels[1:], dtype=float)
    usable = before > 0.0
    return np.asarray(np.where(usable, 1.0 - after / np.where(usable, before, 1.0), np.nan))


def cumulative_reduction(rates: Array) -> float:
    """Return the decline over several years: a product, never a sum.

    Args:
        rates: shape (t,), declines of single years, without unit.

    Returns:
        1 - prod(1 - r_t), without unit, unit dimensionless.

    Source: 五年累计降低率 = 1 - Π(1 - 年降低率); identity with 1 - I_e / I_b.
    """
    return float(1.0 - np.prod(1.0 - np.asarray(rates, dtype=float)))


def asked_by(target: float, base_year: int, target_year: int, year: int) -> tuple[float, float]:
    """Return the decline that the straight and the constant-rate path ask for by a year.

    Args:
        target: decline asked for over the whole span, without unit; negative where growth is allowed.
        base_year: year of the base.
        target_year: year of the target, later than the base.
        year: year asked about; before the base 0, after the target the whole target.

    Returns:
        Decline by the linear path (T s) and by equal annual rates (1 - (1 - T)^s), without unit, dimensionless.

    Raises:
        MethodError: accounts.target_span, when the target year is not after the base year;
            accounts.target_whole, when the target is a decline of 100 % or more.

    Source: arithmetic of a product of annual rates; lvshu's convention to show both paths (method card
        accounts.dual_control).
    """
    if target_year <= base_year:
        values = {"base_year": base_year, "target_year": target_year}
        raise MethodError(Problem("accounts.target_span", values=values))
    if target >= 1.0:
        raise MethodError(Problem("accounts.target_whole", values={"target": round(100.0 * target, 4)}))
    share = min(max((year - base_year) / (target_year - base_year), 0.0), 1.0)
    return target * share, float(1.0 - (1.0 - target) ** share)


@dataclass(frozen=True)
class Progress:
    """Where one stands on the way to a target. Returned by `progress`; declines without unit, dimensionless.

    Source: accounts.dual_control.

    Attributes:
        reduction: decline since the base year.
        linear: decline that the straight path asks for by now.
        annualised: decline that equal annual rates ask for by now.
        share: reduction / target; NaN where the target is not a decline.
        gap: reduction less the annualised path, negative = behind.
        needed_rate: equal annual decline that the remaining years need; NaN when none remain.
        forecast: decline in the target year if the average annual rate so far goes on; NaN in the base year.
        light: met, ahead, between or behind.
    """

    reduction: float
    linear: float
    annualised: float
    share: float
    gap: float
    needed_rate: float
    forecast: float
    light: str


def progress(
    level: float, base_level: float, target: float, base_year: int, target_year: int, year: int
) -> Progress:
    """Return where a level stands on the way to a target.

    The light follows from the two paths alone, no threshold is added: `met` once the whole target is reached in the
    target year or after, `ahead` when at least what both paths ask for is done, `behind` when less than what either
    asks for, `between` when only one of them is kept.

    Args:
        level: level of the year, any unit.
        base_level: level of the base year, the same unit, positive.
        target: decline asked for, without unit.
        base_year: year of the base.
        target_year: year of the target.
        year: year of the level.

    Returns:
        Progress, shares without unit, dimensionless.

    Raises:
        MethodError: accounts.base_not_positive, when the base level is zero, negative or missing; those of asked_by.

    Source: lvshu's convention (method card accounts.dual_control); paths as in asked_by.
    """
    if not base_level > 0.0:
        raise MethodError(
            Problem("accounts.base_not_positive", values={"base_year": base_year, "level": base_level})
        )
    linear, annualised = asked_by(target, base_year, target_year, year)
    reduction = 1.0 - level / base_level
    passed, left = year - base_year, target_year - year
    needed = (
        1.0 - ((1.0 - target) / (1.0 - reduction)) ** (1.0 / left) if left > 0 and reduction < 1.0 else np.nan
    )
    forecast = np.nan
    if passed > 0 and reduction < 1.0:
        forecast = 1.0 - (1.0 - reduction) ** ((target_year - base_year) / passed)
    return Progress(reduction, linear, annualised, reduction / target if target > 0.0 else float("nan"),
                    reduction - annualised, float(needed), float(forecast),
                    _light(reduction, target, linear, annualised, done=left <= 0))  # fmt: skip


def forecast_interval(
    levels: Array, base_level: float, left: int, *, coverage: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the decline at the target year, if yearly changes go on as they were.

    Args:
        levels: levels of consecutive years up to now, shape (t,), any unit, positive, at least three.
        base_level: level of the base year, the same unit.
        left: years left to the target year, count.
        coverage: of the interval, without unit.

    Returns:
        Lower and upper end of the decline, without unit; NaN where there are fewer than two yearly changes, where a
        level is not positive or where no year is left.

    Source: random walk with drift of the logarithm: variance s^2 h (1 + h / n) for h years after n changes; Hyndman
        and Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd edition, section 5.5 (drift method), with
        Student's t for n - 1 degrees of freedom.
    """
    found = np.asarray(levels, dtype=float)
    if len(found) < 3 or left <= 0 or not (found > 0.0).all():
        return float("nan"), float("nan")
    change = np.diff(np.log(found))
    n = len(change)
    spread = float(change.std(ddof=1)) * np.sqrt(left * (1.0 + left / n))
    reach = float(student_t.ppf(0.5 + coverage / 2.0, n - 1)) * spread
    middle = float(np.log(found[-1] / base_level) + left * change.mean())
    return float(1.0 - np.exp(middle + reach)), float(1.0 - np.exp(middle - reach))


def _light(reduction: float, target: float, linear: float, annualised: float, *, done: bool) -> str:
    slack = 1e-12
    if done:
        return "met" if reduction >= target - slack else "behind"
    kept = [reduction >= path - slack for path in (linear, annualised)]
    return "ahead" if all(kept) else "between" if any(kept) else "behind"


def assessed(recorded: Array, deductions: Mapping[str, Array]) -> Array:
    """Return what is left of an amount after its deductions.

    Args:
        recorded: amount as recorded, shape (t,), unit tce.
        deductions: name -> amount taken off, shape (t,), unit tce, each at least 0.

    Returns:
        Amount assessed, shape (t,), unit tce.

    Raises:
        MethodError: accounts.deduction_negative or accounts.deductions_exceed, with the name and the amounts.

    Source: 发改环资〔2022〕803号 (feedstock), 发改运行〔2022〕1258号 (new renewable electricity),
        发改环资〔2021〕1310号 (major national projects); pack dual_control_rules.
    """
    left = np.asarray(recorded, dtype=float).copy()
    for name, amount in deductions.items():
        if (np.nan_to_num(np.asarray(amount, dtype=float)) < 0.0).any():
            values = {"deduction": name, "amount": float(np.nanmin(amount))}
            raise MethodError(Problem("accounts.deduction_negative", values=values))
        left = left - np.asarray(amount, dtype=float)
    if (left < 0.0).any():
        worst = int(np.nanargmin(left))
        values = {"recorded": float(recorded[worst]), "left": float(left[worst])}
        raise MethodError(Problem("accounts.deductions_exceed", values=values))
    return left


def increment_since(amount: Array, years: tuple[int, ...], base_year: int) -> Array:
    """Return what was added since the base year: the amount less that of the base year, never below zero.

    Args:
        amount: renewable electricity consumed, as coal equivalent, shape (t,), unit tce.
        years: t years.
        base_year: year whose amount is the base.

    Returns:
        Addition since the base year, shape (t,), unit tce; 0 up to the base year, NaN where base or year is missing.

    Source: 发改运行〔2022〕1258号, 1(2): base 2020, each year's addition is deducted in the assessment of the total.
    """
    found = np.asarray(amount, dtype=float)
    base = found[years.index(base_year)] if base_year in years else np.nan
    added = np.maximum(found - base, 0.0)
    return np.asarray(np.where(np.array(years) <= base_year, 0.0, added))
