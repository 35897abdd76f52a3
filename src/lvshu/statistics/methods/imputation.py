"""Imputation of months that a unit did not report, from the growth of the units that did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

OWN_MEAN, FORWARD, BACKWARD = "own_mean", "growth_forward", "growth_backward"


@dataclass(frozen=True)
class Growth:
    """Growth from each month to the next as `common_growth` returns it; arrays of shape (months - 1,).

    Source: see `common_growth`.
    """

    ratio: Array
    donors: Index
    residual_variance: float


@dataclass(frozen=True)
class Imputed:
    """One imputed month as `impute_month` returns it; amounts in the unit of the series.

    Source: see `impute_month`.
    """

    amount: float
    standard_error: float
    method: str
    base: int | None
    donors: int


def common_growth(amounts: Array) -> Growth:
    """Return the growth of the units that report both months, and how far single units stray from it.

    Args:
        amounts: shape (units, months), in one unit of money; NaN where not reported.

    Returns:
        Growth: ratio of totals, shape (months - 1,), dimensionless, NaN without donors; donors, count; and the
        residual variance of log growth pooled over months, dimensionless, NaN when no month has two donors.

    Source: ratio imputation, de Waal, Pannekoek, Scholtus, Handbook of Statistical Data Editing and Imputation
    (2011), chapter 7; residuals of log growth pooled with one degree of freedom lost per month.
    """
    before, after = amounts[:, :-1], amounts[:, 1:]
    both = (before > 0) & (after > 0)
    donors = both.sum(axis=0)
    base = np.where(both, before, 0.0).sum(axis=0)
    moved = np.where(both, after, 0.0).sum(axis=0)
    ratio = np.divide(moved, base, out=np.full(base.shape, np.nan), where=base > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        strayed = np.where(both, np.log(after) - np.log(before) - np.log(ratio), 0.0)
    usable = donors > 1
    freedom = int((donors[usable] - 1).sum())
    variance = float((strayed[:, usable] ** 2).sum() / freedom) if freedom else float("nan")
    return Growth(ratio, donors.astype(np.int64), variance)


def impute_month(
    series: Array, month: int, growth: Growth, ways: tuple[str, ...] = (FORWARD, BACKWARD)
) -> Imputed:
    """Return an amount for a month that a unit did not report.

    The last month reported before it is moved forward by the common growth; else the first after it is moved
    back; where the growth of a step is not known, the unit's own mean is taken.

    Args:
        series: shape (months,), the unit's amounts, in one unit of money; NaN where not reported, at least one known.
        month: position of the month to impute.
        growth: common growth between the months.
        ways: which moves are tried, in order; the own mean is the last resort.

    Returns:
        Imputed: amount and standard error (scalars, unit of the series; NaN where it cannot be known), method,
        position of the base month, least number of donors of the steps.

    Source: as `common_growth`; standard error amount·√(exp(kσ²) - 1) of a lognormal growth over k steps.
    """
    known = np.flatnonzero(~np.isnan(series))
    earlier, later = known[known < month], known[known > month]
    chains = []
    if earlier.size:
        chains.append((int(earlier[-1]), slice(int(earlier[-1]), month), 1.0, FORWARD))
    if later.size:
        chains.append((int(later[0]), slice(month, int(later[0])), -1.0, BACKWARD))
    for base, steps, power, method in sorted(
        (one for one in chains if one[3] in ways), key=lambda one: ways.index(one[3])
    ):
        chain = growth.ratio[steps]
        if np.all(chain > 0):
            amount = float(series[base] * np.prod(chain**power))
            error = amount * float(np.sqrt(np.expm1(chain.size * growth.residual_variance)))
            return Imputed(amount, error, method, base, int(growth.donors[steps].min()))
    spread = float(series[known].std(ddof=1)) if known.size > 1 else float("nan")
    return Imputed(float(series[known].mean()), spread, OWN_MEAN, None, 0)
