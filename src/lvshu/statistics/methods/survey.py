"""Totals, means and ratios from stratified and clustered samples, with variances by linearisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A point estimate and its standard error, in one unit, as the estimators here return it.

    Source: Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), section 2.11 (normal interval).
    """

    value: float
    standard_error: float

    @property
    def low(self) -> float:
        """Return the lower end of the normal 95 % interval, in the estimate's unit. Source: see the class."""
        return self.value - NORMAL_95 * self.standard_error

    @property
    def high(self) -> float:
        """Return the upper end of the normal 95 % interval, in the estimate's unit. Source: see the class."""
        return self.value + NORMAL_95 * self.standard_error


def count_interval(found: Estimate, *, least: float = 0.0) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a number of units, on a scale that cannot go below what is there for certain.

    What lies above the certain part is taken as lognormal with its mean and error: x = value - least lies between
    x / c and x · c, with c = exp(1.96 √ln(1 + (s/x)²)). A total of a sample of which few units count is skewed: its
    normal interval reaches below zero and misses the truth above.

    Args:
        found: a total, in units, of which `least` is counted without error.
        least: units known to be there, count.

    Returns:
        Lower and upper end, in units; None for both where nothing lies above the certain part or no error is known.

    Source: Chao (1987), Biometrics 43, p. 787, with the units seen as the certain part.
    """
    over = found.value - least
    if not over > 0.0 or not found.standard_error > 0.0:
        return None, None
    reach = float(np.exp(NORMAL_95 * np.sqrt(np.log1p((found.standard_error / over) ** 2))))
    return least + over / reach, least + over * reach


def stratum_variances(count: Array, population: Array, first: Array, second: Array) -> Array:
    """Return each stratum's part of the variance of a total, from the moments of its expanded values.

    A stratum is n_h units z (weight times value; a unit outside the domain counts with zero). Its part is
    (1 - n_h/N_h) n_h/(n_h - 1) (Σz² - (Σz)²/n_h). A stratum with one sampled unit that stands for more than itself
    has no variance of its own: it takes the larger of its squared distance from the mean of all units and the
    variance of all units, which is on the safe side.

    Args:
        count: shape (strata,), sampled units n_h, count.
        population: shape (strata,), units N_h of the stratum, count; n_h or more.
        first: shape (strata,), Σz, in the unit of the total.
        second: shape (strata,), Σz², in that unit squared.

    Returns:
        Variances, shape (strata,), in the unit of the total squared.

    Source: Cochran, Sampling Techniques (1977), chapter 5 (estimated variance) and section 5A.12 (one unit per
    stratum); Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), section 10.3 (domains).
    """
    rest = 1.0 - np.minimum(count / np.maximum(population, 1e-300), 1.0)
    several = count > 1
    n = np.where(several, count, 2.0)
    spread = np.maximum(second - first**2 / n, 0.0)
    own: Array = np.where(several, rest * n / (n - 1.0) * spread, 0.0)
    single = lonely_strata(count, population)
    if single.any():
        units = count.sum()
        mean = first.sum() / units
        overall = max(second.sum() - units * mean**2, 0.0) / max(units - 1.0, 1.0)
        own[single] = rest[single] * np.maximum((first[single] - mean) ** 2, overall)
    return own


def moment_variance(count: Array, population: Array, first: Array, second: Array) -> float:
    """Return the variance of a total from the moments of each stratum's expanded values.

    Args:
        count: shape (strata,), sampled units, count.
        population: shape (strata,), units of the stratum, count; no fewer than sampled.
        first: shape (strata,), sum of the expanded values, in the unit of the total.
        second: shape (strata,), sum of their squares, in that unit squared.

    Returns:
        Variance, a scalar in the unit of the total squared.

    Source: as `stratum_variances`, whose sum it is.
    """
    return float(stratum_variances(count, population, first, second).sum())


def lonely_strata(count: Array, population: Array) -> NDArray[np.bool_]:
    """Return which strata have one sampled unit that stands for more than itself.

    Args:
        count: shape (strata,), sampled units, count.
        population: shape (strata,), units of the stratum, count.

    Returns:
        Boolean, shape (strata,), dimensionless.

    Source: Cochran, Sampling Techniques (1977), section 5A.12.
    """
    return np.asarray((count == 1) & (population > count * (1.0 + 1e-9)))


def clustered_variance(
    values: Array, stratum: Index, cluster: Index, clusters_in_population: Array | None = None
) -> float:
    """Return the variance of a total by the differences between clusters within strata.

    Args:
        values: shape (n,), expanded values (weight times value, or weight times residual), in the total's unit.
        stratum: shape (n,), number of the stratum, from 0.
        cluster: shape (n,), number of the cluster, unique over all strata, from 0.
        clusters_in_population: shape (strata,), clusters of each stratum, count; None leaves out the finite
            population correction, which is on the safe side.

    Returns:
        Variance, a scalar in the unit of the total squared.

    Source: ultimate cluster estimator, Wolter, Introduction to Variance Estimation (2007), section 1.4; the same
    formula in R package survey, svyrecvar.
    """
    if values.size == 0:
        return 0.0
    clusters = int(cluster.max()) + 1
    totals = np.bincount(cluster, weights=values, minlength=clusters)
    place = np.zeros(clusters, dtype=np.int64)
    place[cluster] = stratum
    present = np.bincount(cluster, minlength=clusters) > 0
    totals, place = totals[present], place[present]
    strata = int(stratum.max()) + 1
    count = np.bincount(place, minlength=strata).astype(float)
    first = np.bincount(place, weights=totals, minlength=strata).astype(float)
    second = np.bincount(place, weights=totals**2, minlength=strata).astype(float)
    units = np.full(strata, np.inf) if clusters_in_population is None else clusters_in_population
    used = count > 0
    return moment_variance(count[used], units[used], first[used], second[used])


def total(
    values: Array,
    weights: Array,
    stratum: Index,
    *,
    cluster: Index | None = None,
    population: Array | None = None,
) -> Estimate:
    """Return the total of a variable.

    Args:
        values: shape (n,), in the variable's unit; zero outside a domain.
        weights: shape (n,), dimensionless.
        stratum: shape (n,), number of the stratum, from 0.
        cluster: shape (n,), number of the cluster; None when units were sampled themselves.
        population: shape (strata,), sampling units (clusters or units) of each stratum, count; None: no correction.

    Returns:
        Estimate, scalars in the variable's unit.

    Source: Horvitz–Thompson; Cochran, Sampling Techniques (1977), section 5.3.
    """
    expanded = weights * values
    groups = np.arange(values.size, dtype=np.int64) if cluster is None else cluster
    variance = clustered_variance(expanded, stratum, groups, population)
    return Estimate(float(expanded.sum()), float(np.sqrt(variance)))


def ratio(
    numerator: Array,
    denominator: Array,
    weights: Array,
    stratum: Index,
    *,
    cluster: Index | None = None,
    population: Array | None = None,
) -> Estimate:
    """Return the ratio of two totals; with a denominator of ones, the mean.

    Args:
        numerator: shape (n,), in its unit.
        denominator: shape (n,), in its unit.
        weights: shape (n,), dimensionless.
        stratum: shape (n,), number of the stratum, from 0.
        cluster: shape (n,), number of the cluster; None when units were sampled themselves.
        population: shape (strata,), sampling units of each stratum, count; None: no correction.

    Returns:
        Estimate, scalars in unit of numerator over unit of denominator; NaN when the denominator is 0.

    Source: Taylor linearisation, Särndal, Swensson, Wretman (1992), section 5.6.
    """
    base = float((weights * denominator).sum())
    if base == 0.0:
        return Estimate(float("nan"), float("nan"))
    value = float((weights * numerator).sum()) / base
    residual = total(
        (numerator - value * denominator) / base, weights, stratum, cluster=cluster, population=population
    )
    return Estimate(value, residual.standard_error)


def mean(
    values: Array,
    weights: Array,
    stratum: Index,
    *,
    cluster: Index | None = None,
    population: Array | None = None,
) -> Estimate:
    """Return the weighted mean of a variable.

    Args:
        values: shape (n,), in the variable's unit.
        weights: shape (n,), dimensionless.
        stratum: shape (n,), number of the stratum, from 0.
        cluster: shape (n,), number of the cluster; None when units were sampled themselves.
        population: shape (strata,), sampling units of each stratum, count; None: no correction.

    Returns:
        Estimate, scalars in the variable's unit.

    Source: Hájek's ratio of totals, Särndal, Swensson, Wretman (1992), section 5.7.
    """
    return ratio(values, np.ones_like(values), weights, stratum, cluster=cluster, population=population)


def covariance(first: Array, second: Array, stratum: Index, cluster: Index) -> float:
    """Return the covariance of two estimated totals, by the polarisation of variances.

    Args:
        first: shape (n,), expanded values of the first total, in its unit.
        second: shape (n,), expanded values of the second, in its unit.
        stratum: shape (n,), number of the stratum, from 0.
        cluster: shape (n,), number of the cluster, unique over all strata.

    Returns:
        Covariance, a scalar in the product of the units.

    Source: Cov(x, y) = (V(x + y) - V(x - y)) / 4; Wolter (2007), section 1.4.
    """
    plus = clustered_variance(first + second, stratum, cluster)
    minus = clustered_variance(first - second, stratum, cluster)
    return (plus - minus) / 4.0
