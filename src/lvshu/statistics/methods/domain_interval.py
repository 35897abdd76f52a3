"""The interval of the total of a domain that a sample for another purpose found a few skewed units of."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

LEAST_FREE = 2.0
"""Degrees of freedom that are taken at least: with one, the interval of a logarithm is thousands of times as wide."""


def domain_interval(
    value: float, standard_error: float, free: float, *, is_positive: bool
) -> tuple[float, float]:
    """Return the 95 % interval of a domain's total, on a logarithmic scale where no unit of it is negative.

    With x, its standard error s and t the quantile of Student's distribution, x / c to x · c with
    c = exp(t √ln(1 + (s/x)²)): estimates from few units of a skewed variable are too low more often than too high, and
    a sum of positive values is not below zero. Where a unit is negative, or the total not above zero, x ± t s.

    Args:
        value: total, in its unit.
        standard_error: of the total, in that unit.
        free: degrees of freedom of that error; two are taken at least.
        is_positive: whether no unit of the domain that was sampled is negative.

    Returns:
        Lower and upper end, in the unit of the total.

    Source: lognormal interval as in Chao (1987), Biometrics 43, p. 787, with Student's t. How well it covers depends on
    the standard error: that of few units is too low together with the total (`domain_variance.widening`).
    """
    reach = float(stdtrit(max(free, LEAST_FREE), 0.975))
    if not (is_positive and value > 0.0):
        return value - reach * standard_error, value + reach * standard_error
    ratio = float(np.exp(reach * np.sqrt(np.log1p((standard_error / value) ** 2))))
    return value / ratio, value * ratio


def told_by(low: float, high: float, value: float, within: float) -> tuple[float, float]:
    """Return what the ends of an interval of `domain_interval` tell of the total, to one who knows its scale.

    Args:
        low: lower end as printed, in the unit of the total.
        high: upper end as printed, in that unit.
        value: the total, in that unit; it tells the scale: whichever of the two means of the ends is nearer to it.
        within: half a unit of the last printed place of the ends, in that unit.

    Returns:
        The total by the ends, and to within how much of it the places that are printed tell it, in the unit.

    Source: the middle of the ends, or the root of their product; error propagation.
    """
    middle = (low + high) / 2
    if not low > 0.0:
        return middle, within
    root = float(np.sqrt(low) * np.sqrt(high))
    if abs(middle - value) <= abs(root - value):
        return middle, within
    return root, root * (within / low + within / high) / 2
