"""Replicates: random repetitions of an inventory, within the ranges that the guidelines give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Z_95 = 1.959963984540054


def two_sided_draws(low: Array, high: Array, count: int, generator: np.random.Generator) -> Array:
    """Return random relative factors around 1 whose 95 % interval is the given one.

    A split normal distribution: each side of 1 has its own standard deviation, (1 - low) / 1.96 below and
    (high - 1) / 1.96 above. Each side keeps half of the probability, so the median is 1. Draws below 0 become 0.

    Args:
        low: lower 95 % bounds relative to the value, shape (k,), without unit, at most 1.
        high: upper 95 % bounds relative to the value, shape (k,), without unit, at least 1.
        count: number of replicates r.
        generator: random numbers.

    Returns:
        Factors, shape (k, r), without unit.

    Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.2 (approach 2, Monte Carlo).
    """
    normal = generator.standard_normal((len(low), count))
    below = ((1.0 - low) / Z_95)[:, None]
    above = ((high - 1.0) / Z_95)[:, None]
    return np.asarray(np.maximum(1.0 + np.where(normal < 0.0, normal * below, normal * above), 0.0))


def key_mixture(count: int, generator: np.random.Generator) -> Array:
    """Return how far each replicate moves from the first allocation key to the second one.

    A triangular distribution on 0 to 1 with its peak at 0: the first key is held to be the best, and any mixture
    with the second is possible. It is a stated judgement, not an estimate.

    Args:
        count: number of replicates r.
        generator: random numbers.

    Returns:
        Weights of the second key, shape (r,), without unit.

    Source: lvshu's own convention (method card accounts.sector_allocation); triangular distributions for expert
        judgement: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.2.4.
    """
    return np.asarray(1.0 - np.sqrt(1.0 - generator.random(count)))


def interval(replicates: Array) -> tuple[float, float, float]:
    """Return standard error and 95 % interval of replicates.

    Args:
        replicates: shape (r,), any unit.

    Returns:
        Standard error, lower and upper bound (2.5 % and 97.5 % points), in the unit of the replicates.

    Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.2 (approach 2, Monte Carlo).
    """
    low, high = np.quantile(replicates, [0.025, 0.975])
    return float(np.std(replicates, ddof=1)), float(low), float(high)
