"""Average balances of loans from their month-ends. A missing month-end is NaN; zero is zero."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Months = NDArray[np.int64]

MONTHS_IN_YEAR = 12


def fill_missing(balances: Array, before: Array, first_month: Months, last_month: Months) -> Array:
    """Return the twelve month-ends with missing ones filled, and zeros where nothing is expected.

    An expected month-end without a figure takes the last known one before it (December of the year before
    included), else the first known one after it. After the last expected month an absent figure means repaid.
    A loan that should have figures and has none in the year stays NaN.

    Args:
        balances: shape (n, 12), CNY, NaN where missing.
        before: shape (n,), balance at the end of the December before, CNY, NaN where missing.
        first_month: shape (n,), month of disbursement in the year, 1 for older loans.
        last_month: shape (n,), last month-end before maturity, 12 for later maturities, 0 for earlier.

    Returns:
        Month-end balances, shape (n, 12), unit CNY.

    Source: rule of this project; the guides do not say what to do with a missing month-end.
    """
    months = np.arange(1, MONTHS_IN_YEAR + 1)
    begun = months >= first_month[:, None]
    inside = np.where(begun, balances, np.nan)
    expected = begun & (months <= last_month[:, None])
    filled = inside.copy()
    for month in range(MONTHS_IN_YEAR):
        earlier = filled[:, month - 1] if month else before
        known = filled[:, month]
        later = np.array([_first_known(row) for row in inside[:, month + 1 :]])
        carried = np.where(np.isnan(earlier), later, earlier)
        filled[:, month] = np.where(np.isnan(known) & expected[:, month], carried, known)
    filled = np.where(np.isnan(filled) & ~expected, 0.0, filled)
    nothing = np.isnan(inside).all(axis=1) & expected.any(axis=1)
    filled[nothing] = np.nan
    return filled


def _first_known(row: Array) -> float:
    known = row[~np.isnan(row)]
    return float(known[0]) if known.size else float("nan")


def monthly_average(
    balances: Array, first_month: Months, rule: Literal["over_12_months", "over_tenure"]
) -> Array:
    """Return the average balance of each loan in the year.

    Args:
        balances: shape (n, 12), CNY, month-ends without gaps (see fill_missing).
        first_month: shape (n,), month of disbursement in the year, 1 for older loans; above 12 for loans
            disbursed after the year: these have no average.
        rule: "over_12_months" divides by 12; "over_tenure" by the months from disbursement to December, so that
            a loan of one month counts like a loan of a whole year.

    Returns:
        Average balance, shape (n,), unit CNY; NaN for loans disbursed after the year.

    Source: practice under the 2026 bank guide on financed emissions: average = sum of month-ends / m.
    """
    tenure = MONTHS_IN_YEAR + 1 - first_month
    divisor = np.where(tenure > 0, MONTHS_IN_YEAR if rule == "over_12_months" else tenure, np.nan)
    return np.asarray(balances.sum(axis=1) / divisor)
