"""How much wider the interval of a domain is than the few sampled units of it say: a variance smoothed by strata.

What a sample finds of a small domain in a stratum, and how large it is, is chance: where none of it was found the
variance of that stratum is zero, and where the largest was missed both the total and its error are too low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.methods.survey import stratum_variances

Array = NDArray[np.float64]

BORROWED = 3.0
"""Sampled units that the relvariance of all strata counts as beside a stratum's own: lvshu's convention."""
STEP = 1.2
"""Steps of the factor: finer ones would tell what the squares of strata are that no table shows."""
LEAST_CORRELATION, MOST_CORRELATION = 1e-4, 0.999


@dataclass(frozen=True)
class Strata:
    """All sampled units by stratum, each of shape (strata,).

    count: units sampled; population: units there are; first, second: sums of the expanded values of all of them and of
    their squares, in the unit of the total; is_positive: whether no value is negative.
    """

    count: Array
    population: Array
    first: Array
    second: Array
    is_positive: NDArray[np.bool_]


def smoothed_shares(members: Array, within: Array) -> Array:
    """Return the share of each stratum's units that are of a domain, drawn towards that of all strata together.

    Args:
        members: shape (strata,), sampled units of the domain, count.
        within: shape (strata,), sampled units of what the domain is a part of, count.

    Returns:
        Shares of `within`, shape (strata,), dimensionless; 0 where `within` is 0.

    Source: mean of the beta distribution after the sample, with the intraclass correlation r of the shares by the
    analysis of variance, Ridout, Demétrio, Firth (1999), Biometrics 55, 137-148; its precision is 1/r - 1.
    """
    seen = within > 0
    y, n = members[seen], within[seen]
    shares = np.zeros_like(within)
    if not n.size:
        return shares
    precision = 0.0
    spare = float(n.sum()) - n.size
    if n.size > 1 and spare > 0:
        between = max(float((y**2 / n).sum() - y.sum() ** 2 / n.sum()), 0.0) / (n.size - 1)
        inside = max(float((y - y**2 / n).sum()), 0.0) / spare
        size = float(n.sum() - (n**2).sum() / n.sum()) / (n.size - 1)
        scale = between + (size - 1) * inside
        correlation = (between - inside) / scale if scale > 0 else 0.0
        precision = 1 / float(np.clip(correlation, LEAST_CORRELATION, MOST_CORRELATION)) - 1
    shares[seen] = (y + precision * y.sum() / n.sum()) / (n + precision)
    return shares


def smoothed_variances(members: Array, within: Array, strata: Strata, parts: tuple[float, float]) -> Array:
    """Return the variance of a domain's total that is expected in each stratum if its units are like all of these.

    Args:
        members: shape (strata,), sampled units of the domain, count.
        within: shape (strata,), sampled units of what the domain is a part of, count.
        strata: of all sampled units.
        parts: of the value of a unit that counts in the domain, and of its square, dimensionless; 1 and 1 for all.

    Returns:
        Variances, shape (strata,), in the unit of the total squared.

    Source: variance of the total of a domain, Cochran, Sampling Techniques (1977), section 5A.14, with shares of
    `smoothed_shares`; squares from the mean and a relvariance that all strata share in part, Wolter, Introduction to
    Variance Estimation (2007), chapter 7 (generalised variance functions).
    """
    n = np.maximum(strata.count, 1.0)
    rest = 1.0 - np.minimum(strata.count / np.maximum(strata.population, 1e-300), 1.0)
    rest[rest < 1e-9] = 0.0
    mean, square = strata.first / n, strata.second / n
    alike = strata.is_positive & (mean > 0)
    told = alike & (rest > 0) & (strata.count > 1)
    if told.any():
        own = np.divide(square, mean**2, out=np.zeros_like(mean), where=alike)
        common = float(np.average(own[told], weights=strata.count[told]))
        square = np.where(alike, mean**2 * (n * own + BORROWED * common) / (n + BORROWED), square)
    share = smoothed_shares(members, within) * within / n
    spread = share * square * parts[1] - (share * mean * parts[0]) ** 2
    return np.asarray(rest * n**2 / np.maximum(n - 1.0, 1.0) * np.maximum(spread, 0.0))


def widening(
    members: Array,
    own: tuple[Array, Array],
    strata: Strata,
    *,
    within: Array | None = None,
    parts: tuple[float, float] = (1.0, 1.0),
) -> tuple[float, float]:
    """Return by what the standard error of a domain's total is multiplied for its interval, and degrees of freedom.

    The variance is the mean of the domain's own, which is without bias and unsteady, and the smoothed one, which is
    steady and has a model in it.

    Args:
        members: shape (strata,), sampled units of the domain, count.
        own: sums of its expanded values and of their squares, each of shape (strata,), in the unit of the total.
        strata: of all sampled units.
        within: shape (strata,), sampled units of what the domain is a part of, count; None: all.
        parts: see `smoothed_variances`.

    Returns:
        The factor, dimensionless, a power of `STEP`: 1 where the domain's own variance is 0; and the degrees of
        freedom: units less one of the strata where it was found.

    Source: see `smoothed_variances`. Equal weights, steps and degrees of freedom are lvshu's convention; repeated
    surveys of sample cities and of lognormal and Pareto populations tell what they cover (benchmarks/statistics).
    """
    free = float(np.maximum(strata.count - 1.0, 0.0)[members > 0].sum())
    variance = float(stratum_variances(strata.count, strata.population, *own).sum())
    if not variance > 0.0:
        return 1.0, free
    smooth = smoothed_variances(members, strata.count if within is None else within, strata, parts).sum()
    factor = float(np.log((1.0 + smooth / variance) / 2.0) / 2.0 / np.log(STEP))
    return STEP ** round(factor), free
