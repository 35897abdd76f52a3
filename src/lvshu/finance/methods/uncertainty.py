"""Uncertainty of financed emissions: replicates of sector intensities and of fuel factors, carried through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

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


def components(times: Array, group: Index) -> tuple[Array, float]:
    """Return how single borrowers lie around their division, and how divisions lie around their sector's average.

    Borrowers of a division err together: an average over a sector of several divisions is as wrong for all of them.

    Args:
        times: shape (n,), own emission per emission by the sector's average, dimensionless, above 0.
        group: division of each, shape (n,), from 0.

    Returns:
        Multipliers of single borrowers with mean 1, shape (n,); empty where n is below 2. Standard deviation between
        divisions, in logarithms; 0 where it cannot be told apart from the borrowers'.

    Source: one-way random effects of log ratios by the analysis of variance, not below zero; Searle, Casella &
        McCulloch (1992), Variance Components, chapter 3.
    """
    if times.size < 2:
        return np.empty(0), 0.0
    logs = np.log(times)
    count = np.bincount(group).astype(float)
    there = count > 0
    mean = np.divide(np.bincount(group, weights=logs), count, out=np.zeros_like(count), where=there)
    groups, free = int(there.sum()), times.size - int(there.sum())
    if groups < 2 or free < 1:
        return spread_of(times), 0.0
    within = float(((logs - mean[group]) ** 2).sum()) / free
    square = float((count * (mean - logs.mean()) ** 2).sum()) / (groups - 1)
    typical = (times.size - float((count**2).sum()) / times.size) / (groups - 1)
    between = max((square - within) / typical, 0.0)
    whole = within + between
    single = np.exp((logs - logs.mean()) * np.sqrt(within / whole)) if whole > 0 else np.ones_like(times)
    return np.asarray(single / single.mean()), float(np.sqrt(between))


def carry_spread(
    emission: Array,
    multipliers: Array,
    replicates: int,
    generator: np.random.Generator,
    *,
    group: Index | None = None,
    between: float = 0.0,
) -> Array:
    """Return replicates of what borrowers unlike their sector's average change in the total.

    Each borrower draws its own multiplier, one for all its loans, and all of a division a common one. Few large
    borrowers, or divisions, leave a wide spread, many small ones a narrow one.

    Args:
        emission: shape (s,), financed emission by borrower, tCO2e, estimated by sector averages.
        multipliers: shape (n,), dimensionless, mean 1; empty where the spread is not known.
        replicates: how many draws.
        generator: seeded generator.
        group: division of each borrower, shape (s,), from 0; none: no common multipliers.
        between: standard deviation of the logarithm of the common multipliers, lognormal with mean 1.

    Returns:
        Deviations of the sum over borrowers, shape (replicates,), unit tCO2e, mean about 0.

    Source: residual bootstrap, Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 9.4;
        first order: the product with the error of the average itself is left out.
    """
    deviation = np.zeros(replicates)
    if not multipliers.size:
        return deviation
    common = None
    if group is not None and between > 0 and emission.size:
        normal = generator.standard_normal((replicates, int(group.max()) + 1))
        common = np.exp(normal * between - between**2 / 2.0)
    for start in range(0, emission.size, BORROWERS_AT_ONCE):
        part = emission[start : start + BORROWERS_AT_ONCE]
        drawn = multipliers[generator.integers(0, multipliers.size, (replicates, part.size))]
        if common is not None and group is not None:
            drawn = drawn * common[:, group[start : start + BORROWERS_AT_ONCE]]
        deviation += (drawn - 1.0) @ part
    return deviation
