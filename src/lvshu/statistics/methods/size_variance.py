"""How the spread of units' log growth around a common one depends on their size: estimated, with a test of need.

m_i = (size_i / c) ** slope: factor of a unit's variance, dimensionless; 1 for all where the test finds no dependence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOG_CHI2_VARIANCE = 4.9348
"""Variance of the logarithm of a chi-squared variable with one degree of freedom, π²/2."""
NEEDED = 3.841
"""5 percent point of chi-squared with one degree of freedom."""
ROUNDS = 8
LEAST = 4
"""Units whose growth was seen at least once: with fewer no dependence is looked for."""


@dataclass(frozen=True)
class SizeVariance:
    """How a unit's variance depends on its size.

    Attributes:
        slope: of the log variance in the log size, dimensionless; 0 where it is not needed.
        statistic: Wald's, of slope 0; chi-squared with one degree of freedom.
        low, high: least and largest log size seen; beyond them nothing was measured and the ends are taken.
    """

    slope: float = 0.0
    statistic: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def factor(self, size: Array) -> Array:
        """Return the factor of the variance of units of some sizes, dimensionless, of the same shape.

        Args:
            size: positive, in the unit of the amounts; NaN gives 1.
        """
        if self.slope == 0.0:
            return np.ones_like(size)
        middle = (self.low + self.high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.clip(np.log(size), self.low, self.high)
        return np.where(np.isfinite(log), np.exp(self.slope * (log - middle)), 1.0)


def sizes(amounts: Array) -> Array:
    """Return the size of each unit: the mean of what it reported, shape (units,); NaN without anything above zero.

    Args:
        amounts: shape (units, months), in one unit of money; NaN where not reported.

    Source: Harvey (1976), for the variable that the variance is a power of; its choice is lvshu's.
    """
    known = np.where(amounts > 0, amounts, np.nan)
    count = np.isfinite(known).sum(axis=-1)
    total = np.nansum(known, axis=-1)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))


def size_variance(residuals: Array, share: Array, size: Array) -> SizeVariance:
    """Return how the variance of residuals depends on size; slope 0 where the test does not reject it at 5 percent.

    Args:
        residuals: of log growth around the common growth weighted by the shares, shape (units, steps); NaN where not
            both months were reported.
        share: of each unit in the growth of its step, shape (units, steps).
        size: shape (units,).

    Returns:
        SizeVariance. That a large unit draws the common growth to itself, E r² = v (m (1 - 2w) + Σ w² m), is allowed
        for.

    Source: multiplicative heteroscedasticity, Harvey (1976), Econometrica 44: scoring of the likelihood from log
    squared residuals; the test with the variance 4.9348 (Z'Z)⁻¹ of the latter, which is the more cautious.
    """
    usable = np.isfinite(residuals) & (residuals != 0) & np.isfinite(size)[:, None] & (share < 1)
    if usable.any(axis=1).sum() < LEAST:
        return SizeVariance()
    log = np.log(np.where(np.isfinite(size), size, 1.0))
    seen = log[usable.any(axis=1)]
    low, high = float(seen.min()), float(seen.max())
    z = np.broadcast_to((log - (low + high) / 2)[:, None], residuals.shape)[usable]
    if np.ptp(z) == 0:
        return SizeVariance(0.0, 0.0, low, high)
    centred = z - z.mean()
    information = float((centred**2).sum())
    slope = 0.0
    for _ in range(ROUNDS):
        m = np.exp(slope * (log - (low + high) / 2))[:, None]
        own = np.where(np.isfinite(residuals), share, 0.0)
        drawn = np.maximum(m * (1 - 2 * own) + (own**2 * m).sum(axis=0), 1e-3 * m) / m
        scaled = residuals[usable] ** 2 / np.exp(slope * z) / drawn[usable]
        step = float((centred * scaled).sum() / scaled.mean() / information)
        slope = float(np.clip(slope + step, -4.0, 4.0))
        if abs(step) < 1e-6:
            break
    statistic = slope**2 * information / LOG_CHI2_VARIANCE
    return SizeVariance(slope if statistic > NEEDED else 0.0, statistic, low, high)


__all__ = ["SizeVariance", "size_variance", "sizes"]
