"""Uncertainty of financed emissions: replicates of sector intensities and of fuel factors, carried through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORMAL_QUANTILE_975 = 1.959963984540054
BORROWERS_AT_ONCE = 10_000


def carry_intensities(emission: Array, intensity: Array, replicates: Array) -> Array:
    """Return replicates of the emission that rests on sector intensities.

    The estimate is linear in the intensity of each division, so each division's emission moves in proportion.

    Args:
        emission: shape (d,), financed emission by division, tCO2e.
        intensity: shape (d,), intensity used, tCO2 per CNY, above 0.
        replicates: shape (r, d), replicates of the intensity, tCO2 per CNY.

    Returns:
        Replicates of the sum over divisions, shape (r,), unit tCO2e.

    Source: replication methods for functions of estimates, e.g. Wolter, Introduction to Variance Estimation,
        2nd edition, chapter 1; the relation is linear here.
    """
    used = intensity > 0
    return np.asarray((replicates[:, used] / intensity[used]) @ emission[used] + emission[~used].sum())


def draw_fuel_factors(
    low_percent: Array, high_percent: Array, replicates: int, generator: np.random.Generator
) -> Array:
    """Return draws of the relative error of each fuel's factor.

    A factor is the same for every enterprise that burns the fuel, so one draw serves all. The two halves of a
    lopsided interval are normal with their own width.

    Args:
        low_percent: shape (f,), lower end of the 95 % interval relative to the factor, %, not above 0.
        high_percent: shape (f,), upper end, %, not below 0.
        replicates: how many draws.
        generator: seeded generator.

    Returns:
        Multipliers of the factor, shape (replicates, f), dimensionless, not below 0.

    Source: 2006 IPCC Guidelines, volume 1, chapter 3, section 3.2.3.2 (Monte Carlo); ranges of volume 2, table 1.4.
    """
    normal = generator.standard_normal((replicates, low_percent.size))
    width = np.where(normal < 0, -low_percent, high_percent) / 100.0 / NORMAL_QUANTILE_975
    return np.asarray(np.maximum(1.0 + normal * width, 0.0))


def carry_fuel_factors(emission: Array, multipliers: Array) -> Array:
    """Return replicates of the emission that rests on fuel factors.

    Args:
        emission: shape (f,), financed emission by fuel, tCO2e.
        multipliers: shape (r, f), dimensionless.

    Returns:
        Replicates of the sum over fuels, shape (r,), unit tCO2e.

    Source: 2006 IPCC Guidelines, volume 1, chapter 3, section 3.2.3.2.
    """
    return np.asarray(multipliers @ emission)


def spread_of(times: Array) -> Array:
    """Return how single borrowers lie around the average of their kind: multipliers with mean 1.

    Args:
        times: shape (n,), own emission per emission by the sector's average, dimensionless, above 0.

    Returns:
        Multipliers, shape (n,), dimensionless; empty where fewer than two borrowers are known: a spread cannot be
        seen in one.

    Source: empirical distribution of ratios; Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 6.
    """
    return np.asarray(times / times.mean()) if times.size > 1 else np.empty(0)


def carry_spread(
    emission: Array, multipliers: Array, replicates: int, generator: np.random.Generator
) -> Array:
    """Return replicates of what borrowers unlike their sector's average change in the total.

    Each borrower draws its own multiplier, one for all its loans. Few large borrowers leave a wide spread, many
    small ones a narrow one.

    Args:
        emission: shape (s,), financed emission by borrower, tCO2e, estimated by sector averages.
        multipliers: shape (n,), dimensionless, mean 1; empty where the spread is not known.
        replicates: how many draws.
        generator: seeded generator.

    Returns:
        Deviations of the sum over borrowers, shape (replicates,), unit tCO2e, mean about 0.

    Source: residual bootstrap, Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 9.4;
        first order: the product with the error of the average itself is left out.
    """
    deviation = np.zeros(replicates)
    if not multipliers.size:
        return deviation
    for start in range(0, emission.size, BORROWERS_AT_ONCE):
        part = emission[start : start + BORROWERS_AT_ONCE]
        drawn = multipliers[generator.integers(0, multipliers.size, (replicates, part.size))]
        deviation += (drawn - 1.0) @ part
    return deviation
