"""The quick estimate (快报): coal, oil and gas of each month in coal equivalent, times a factor for each.

Symbols: E (m, 3) energy of m months in tce; f (3,) factors in tCO2/tce; k benchmark ratio, without unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


def estimate(energy: Array, factor: Array) -> Array:
    """Return the CO2 of each month.

    Args:
        energy: coal, oil and gas, shape (m, 3), unit tce; NaN where a month lacks one.
        factor: shape (3,), unit tCO2/tce.

    Returns:
        Emission, shape (m,), unit tCO2; NaN where the month is not whole.

    Source: pack quick_factors (each set with its source and status).
    """
    return np.asarray(np.asarray(energy, dtype=float) @ np.asarray(factor, dtype=float))


def running_total(values: Array, years: NDArray[np.int64]) -> Array:
    """Return the sum since January of each month's year.

    Args:
        values: shape (m,), months in order, unit tCO2.
        years: year of each month, shape (m,).

    Returns:
        Cumulative values, shape (m,), unit tCO2; NaN from the first missing month of a year on.

    Source: 累计数 of monthly statistical reporting: January to the month.
    """
    found = np.empty(len(values))
    for year in np.unique(years):
        members = years == year
        found[members] = np.cumsum(values[members])
    return found


def change_on_year(now: float, before: float) -> float:
    """Return the change on the same period of the year before.

    Args:
        now: value of the period, any unit.
        before: value of the same period a year earlier, the same unit.

    Returns:
        now / before - 1, without unit, dimensionless; NaN where the earlier value is missing or not positive.

    Source: 同比 of monthly statistical reporting.
    """
    return now / before - 1.0 if before > 0.0 else float("nan")


def benchmark_ratio(inventory: float, months: Array) -> float:
    """Return the ratio that brings the twelve months of a year to its inventory.

    Args:
        inventory: annual emission by the inventory, unit tCO2.
        months: raw estimates of the twelve months of that year, shape (12,), unit tCO2.

    Returns:
        Ratio, without unit, dimensionless.

    Raises:
        MethodError: accounts.benchmark_months, when the year is not whole or its estimates add up to nothing.

    Source: pro rata benchmarking with the ratio carried forward, IMF Quarterly National Accounts Manual (2017),
        chapter 6 (benchmark-to-indicator ratio).
    """
    total = float(np.sum(months))
    if len(months) != 12 or not total > 0.0:
        values = {"months": int(np.isfinite(months).sum()), "total": total}
        raise MethodError(Problem("accounts.benchmark_months", values=values))
    return inventory / total


@dataclass(frozen=True)
class Calibrated:
    """Calibrated estimates of several factor sets. Returned by `calibrate`; values in tCO2.

    Source: accounts.quick_estimate.

    Attributes:
        value: mean over the sets, shape (m,), unit tCO2.
        standard_error: shape (m,), unit tCO2.
    """

    value: Array
    standard_error: Array


def calibrate(raw: Array, ratio: Array, inventory_error: float) -> Calibrated:
    """Return estimates brought to the inventory, averaged over the factor sets, with their standard error.

    After calibration the sets differ only where the mix of coal, oil and gas has moved since the benchmark year. The
    width between them is taken as a rectangular distribution and joined with the error of the inventory.

    Args:
        raw: estimates by factor set, shape (s, m), unit tCO2.
        ratio: benchmark ratio of each set, shape (s,), without unit.
        inventory_error: relative standard error of the inventory, without unit.

    Returns:
        Calibrated, shape (m,) each, unit tCO2.

    Source: JCGM 100:2008, 4.3.7 (rectangular distribution: width / sqrt(12)) and 5.1.2 (root of the sum of squares).
    """
    brought = np.asarray(raw, dtype=float) * np.asarray(ratio, dtype=float)[:, None]
    value = brought.mean(axis=0)
    width = brought.max(axis=0) - brought.min(axis=0)
    error = np.sqrt((inventory_error * value) ** 2 + width**2 / 12.0)
    return Calibrated(value, error)
