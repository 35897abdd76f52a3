"""Uncertainty of financed emissions: replicates of sector intensities and of fuel factors, carried through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NORMAL_QUANTILE_975 = 1.959963984540054


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
