"""Covariance of two totals of overlapping samples, from the units that are in both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

LEAST_COMMON = 5
"""Degrees of freedom that a correlation of common units must have before it narrows the error of a change."""
Totals = Mapping[str, Mapping[str, float]]


def common_units(early: Totals, late: Totals) -> int:
    """Return how many sampled units both samples have in strata of the same name, a count.

    Args:
        early: expanded total of each unit by stratum.
        late: the same of the later sample.

    Source: matching by label, lvshu's convention.
    """
    return sum(len(early[one].keys() & late[one].keys()) for one in early.keys() & late.keys())


def overlap_covariance(early: Totals, late: Totals, population: Mapping[str, float] | None = None) -> float:
    """Return the covariance of two totals from units that were in both samples, in the totals' unit squared.

    Of a stratum with n1 and n2 units, n of them in common and N in the population, it is (n - n1 n2/N) s12. Where all
    units are common, s12 is their own covariance. Elsewhere it is ρ s1 s2, with the standard deviations of all units of
    each time and one correlation ρ of all strata from the common units: so it never exceeds what both variances allow,
    however few units are common. With fewer than LEAST_COMMON degrees of freedom such strata add nothing, which is on
    the safe side where levels move together.

    Args:
        early: expanded total of each sampling unit by stratum, in the total's unit.
        late: the same of the later sample.
        population: units of each stratum, count; None leaves out the finite population's part.

    Source: Tam (1984), Australian Journal of Statistics 26; Berger & Priam (2016), Journal of the Royal Statistical
        Society A 179 (correlation times the errors of both); the pooling of ρ and its least degrees of freedom are
        lvshu's convention, simulated in tests/statistics/test_employment_month.py.
    """
    known, partial = 0.0, 0.0
    products, first, second, degrees = 0.0, 0.0, 0.0, 0
    for stratum in sorted(early.keys() & late.keys()):
        before, after = early[stratum], late[stratum]
        common = sorted(before.keys() & after.keys())
        if len(common) < 2:
            continue
        whole = np.inf if population is None else population.get(stratum, np.inf)
        reach = len(common) - len(before) * len(after) / whole
        pairs = np.array([[before[one], after[one]] for one in common])
        pairs = pairs - pairs.mean(axis=0)
        if len(common) == len(before) == len(after):
            known += reach * float((pairs[:, 0] * pairs[:, 1]).sum()) / (len(common) - 1)
        else:
            spread = [float(np.std(list(one.values()), ddof=1)) for one in (before, after)]
            partial += reach * spread[0] * spread[1]
        products += float((pairs[:, 0] * pairs[:, 1]).sum())
        first, second = first + float((pairs[:, 0] ** 2).sum()), second + float((pairs[:, 1] ** 2).sum())
        degrees += len(common) - 1
    if degrees < LEAST_COMMON or first <= 0.0 or second <= 0.0:
        return known
    return known + products / float(np.sqrt(first * second)) * partial
