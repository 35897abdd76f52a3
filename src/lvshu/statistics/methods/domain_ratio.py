"""The ratio of two totals of a small domain, with an interval that holds though a handful of units is skewed."""

from __future__ import annotations

import numpy as np

from lvshu.statistics.methods.survey import Array, Index, ratio, stratum_variances
from lvshu.statistics.survey.estimates import Estimates


def domain_ratio(
    numerator: Array, denominator: Array, inside: Index, weights: Array, stratum: Index, population: Array
) -> Estimates:
    """Return the ratio of two totals over the units of a domain, with Student's t by the domain's own units.

    A stratum's variance is the larger of two: that of its linearised residuals, and the one that would be expected
    if the residuals of all units of the domain, relative to their denominators, had one spread. Few units of a skewed
    variable give a variance that is small together with the residuals that it misses; the pooled spread does not.
    Degrees of freedom are Satterthwaite's, of a stratum with m units of the domain m - 1, at least 1.

    Args:
        numerator: shape (n,), in its unit.
        denominator: shape (n,), in its unit, not negative.
        inside: shape (n,), whether a unit is of the domain, 0 or 1.
        weights: shape (n,), dimensionless.
        stratum: shape (n,), number of the stratum, from 0.
        population: shape (strata,), units of each stratum, count.

    Returns:
        One estimate, in unit of numerator over unit of denominator; NaN where the denominator is 0. Its variance is 0
        where every stratum is observed whole. It is NaN where nothing tells of it: the domain was found only in strata
        that are, while others were sampled, or one unit of it stands alone, or beside units of which both are 0.
        Beside strata where it was found, those where it was not count as without it.

    Source: Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), section 5.6 (linearisation) and 7.3
    (ratio model); Satterthwaite (1946), Biometrics Bulletin 2, 110-114. Taking the larger is lvshu's convention.
    """
    of_domain = inside.astype(bool)
    units = np.flatnonzero(of_domain)
    within = np.where(of_domain, numerator, 0.0), np.where(of_domain, denominator, 0.0)
    value = ratio(*within, weights, stratum).value
    base = float((weights * within[1]).sum())
    if base == 0.0:
        return _told(float("nan"), float("nan"), float("inf"), units.size)
    residual = np.where(of_domain, numerator - value * denominator, 0.0)
    expanded = weights * residual / base

    strata = population.size
    count = np.bincount(stratum, minlength=strata).astype(float)
    members = np.bincount(stratum[units], minlength=strata).astype(float)
    unseen = 1.0 - np.minimum(count / np.maximum(population, 1.0), 1.0)
    unseen[unseen < 1e-9] = 0.0
    rest = np.where(members > 0, unseen, 0.0)
    if not unseen.any():
        return _told(value, 0.0, float("inf"), units.size)
    if not rest.any():  # strata that were sampled may hold units of the domain that nobody saw
        return _told(value, float("nan"), float("inf"), units.size)
    told = units[(numerator[units] != 0) | (denominator[units] != 0)]  # a unit of two zeros tells of no ratio
    if told.size < 2:
        return _told(value, float("nan"), float("inf"), units.size)

    first = np.bincount(stratum, weights=expanded, minlength=strata).astype(float)
    second = np.bincount(stratum, weights=expanded**2, minlength=strata).astype(float)
    own = stratum_variances(count, population, first, second)
    sized = units[denominator[units] > 0]
    relative = residual[sized] / denominator[sized]
    spread = float((relative**2).sum()) / max(sized.size - 1, 1)
    scale = np.where(of_domain, weights * denominator / base, 0.0) ** 2
    pooled = rest * spread * np.bincount(stratum, weights=scale, minlength=strata)
    used = np.where(rest > 0, np.maximum(own, pooled), 0.0)
    variance = float(used.sum())
    free = variance**2 / float((used**2 / np.maximum(members - 1.0, 1.0)).sum()) if variance else float("inf")
    return _told(value, variance, free, units.size)


def _told(value: float, variance: float, free: float, units: int) -> Estimates:
    return Estimates(
        "ratio", ("ratio",), np.array([value]), np.array([[variance]]), free, np.array([float(units)])
    )
