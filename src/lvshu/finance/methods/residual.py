"""What the account of a sector leaves for its enterprises without data, once those with data are taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROUNDING = 1e-9
"""Of the account: enterprises that are the whole sector add up to it but for this."""


@dataclass(frozen=True)
class Sectors:
    """Sectors of the accounts and their enterprises, all of shape (s,).

    Attributes:
        whole: emission in the account, tCO2e.
        error: standard error of it, tCO2e.
        own: emission of the enterprises with data, as they state it, tCO2e.
        average: of the same enterprises by the sector's average, tCO2e.
        rest: of the enterprises without data that the book knows, by the sector's average, tCO2e.
        square: sum of the squares of the latter, enterprise by enterprise, tCO2e squared.
    """

    whole: Array
    error: Array
    own: Array
    average: Array
    rest: Array
    square: Array


@dataclass(frozen=True)
class Residual:
    """How many times the sector's average enterprises without data emit, all of shape (s,), dimensionless.

    Attributes:
        times: 1 where nothing tells.
        error: standard error of it.
        weight: of the account's remainder, the others of 1; 0 where it does not serve.
        left: emission that the sector's average gives to all enterprises without data, known or not, tCO2e.
        serves: whether the remainder serves.
    """

    times: Array
    error: Array
    weight: Array
    left: Array
    serves: NDArray[np.bool_]


def residual_times(sectors: Sectors, spread: float) -> Residual:
    """Return how enterprises without data lie to their sector's average, by what the account leaves for them.

    A sector's emission is known, and so is that of those who report. If these emit more than the sector's average says
    of them, the others emit less: (whole - own) / (whole - average). That ratio is as wrong as the account is; without
    it the best guess is 1, as wrong as so many enterprises of such spread may be. The two are weighed by their
    variances.

    A sector serves where somebody has data, the enterprises in the book fit into the account, and it leaves something.

    Args:
        sectors: the account and its enterprises.
        spread: variance of a single enterprise's emission per emission by the average, dimensionless.

    Source: residual as in a residual mix; best linear unbiased prediction of the mean of a finite population from a
        noisy total, Rao & Molina (2015), Small Area Estimation, section 5.2; here for each sector alone.
    """
    left = sectors.whole - sectors.average
    fits = sectors.rest <= left + ROUNDING * sectors.whole
    serves = (sectors.average > 0) & (sectors.rest > 0) & fits & (sectors.own < sectors.whole)
    safe = np.where(serves, left, 1.0)
    typical = np.divide(sectors.square, sectors.rest, out=np.zeros_like(left), where=sectors.rest > 0)
    between, within = spread * typical / safe, (sectors.error / safe) ** 2
    both = between + within
    weight = np.where(
        serves & (both > 0), np.divide(between, both, out=np.zeros_like(both), where=both > 0), 0.0
    )
    times = 1.0 + weight * ((sectors.whole - sectors.own) / safe - 1.0)
    return Residual(times, np.sqrt(weight * within), weight, np.where(serves, left, 0.0), serves)
