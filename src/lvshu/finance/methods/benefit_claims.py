"""Claims of benefit against what was calculated: slips of unit, and what is claimed more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNIT_FACTORS = (1e3, 1e4, 1e6, 1e8)
"""Factors between units in use side by side: kg and t, 10 thousand and one, g and t, 100 million and one."""


def suspected_factor(claimed: Array, computed: Array, low: float, high: float) -> Array:
    """Return the factor between units by which a claim seems to be wrong, shape (n,), dimensionless; nan for none.

    A claim is suspected when claimed per computed, divided by a factor of `UNIT_FACTORS` or an inverse of one, lies
    from `low` to `high`; the factor nearest to the ratio is taken.

    Args:
        claimed: shape (n,), unit of the indicator.
        computed: shape (n,), same unit; 0 or nan is never compared.
        low: lower bound, dimensionless, above 0.
        high: upper bound, dimensionless.

    Source: lvshu's own rule; its bounds stand in the pack benefit_factors. The case 462 t against 4.62 million t is
        that of a press report on distributed solar power in Shanghai (2024-03-21).
    """
    factors = np.array([*UNIT_FACTORS, *(1.0 / factor for factor in UNIT_FACTORS)])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(np.isfinite(computed) & (computed != 0.0), claimed / computed, np.nan)
        rest = ratio[:, None] / factors[None, :]
        distance = np.where((rest >= low) & (rest <= high), np.abs(np.log(rest)), np.inf)
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
