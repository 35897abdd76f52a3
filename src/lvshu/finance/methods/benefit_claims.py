"""Claims of benefit against what was calculated: slips of unit, and what is claimed more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNIT_FACTORS = (1e3, 1e4, 1e6, 1e8)
"""Factors between units in use side by side: kg and t, 10 thousand and one, g and t, 100 million and one."""
CARBON_FACTOR = 44.0 / 12.0
"""Mass of carbon dioxide per mass of carbon."""
CARBON_WIDTH = 0.005
"""How near to it a ratio must be: lvshu's own, narrow because such a ratio may also be true."""


def suspected_factor(claimed: Array, computed: Array, low: float, high: float) -> Array:
    """Return the factor between units by which a claim seems to be wrong, shape (n,), dimensionless; nan for none.

    A claim is suspected when claimed per computed, divided by a factor of `UNIT_FACTORS` or an inverse of one, lies
    from `low` to `high`; the factor nearest to the ratio is taken. So it is when claimed per computed is 44/12 or 12/44
    within `CARBON_WIDTH`: carbon written for carbon dioxide.

    Args:
        claimed: shape (n,), unit of the indicator.
        computed: shape (n,), same unit; 0 or nan is never compared.
        low: lower bound, dimensionless, above 0.
        high: upper bound, dimensionless.

    Source: lvshu's own rule; its bounds stand in the pack benefit_factors. The case 462 t against 4.62 million t is
        that of a press report on distributed solar power in Shanghai (2024-03-21).
    """
    carbon = (CARBON_FACTOR, 1.0 / CARBON_FACTOR)
    factors = np.array([*UNIT_FACTORS, *(1.0 / factor for factor in UNIT_FACTORS), *carbon])
    wide = len(factors) - len(carbon)
    lower = np.array([low] * wide + [1.0 - CARBON_WIDTH] * len(carbon))
    upper = np.array([high] * wide + [1.0 + CARBON_WIDTH] * len(carbon))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(np.isfinite(computed) & (computed != 0.0), claimed / computed, np.nan)
        rest = ratio[:, None] / factors[None, :]
        distance = np.where((rest >= lower) & (rest <= upper), np.abs(np.log(rest)), np.inf)
    nearest = distance.argmin(axis=1)
    found = np.isfinite(distance[np.arange(len(ratio)), nearest])
    return np.where(found, factors[nearest], np.nan)


def claimed_beyond(claimed: Array, computed: Array) -> Array:
    """Return how much of a total of claims goes beyond what was calculated, shape (n,), unit of the indicator.

    Args:
        claimed: sum of all claims on one benefit, shape (n,), unit of the indicator.
        computed: the benefit, shape (n,), same unit; nan gives nan.

    Source: policy that a benefit is counted once whatever the title (loan, bond, ETS, carbon inclusion, certificate).
    """
    return np.where(np.isfinite(computed), np.maximum(claimed - np.nan_to_num(computed), 0.0), np.nan)
