"""Capture and recapture: the size of a population from two lists and their overlap."""

from __future__ import annotations

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.methods.survey import Estimate


def chapman(first: float, second: float, both: float) -> Estimate:
    """Return the size of a population from two independent lists.

    Args:
        first: units of the first list, count.
        second: units of the second list, count.
        both: units on both lists, count.

    Returns:
        Estimate, scalars in unit count: (n1+1)(n2+1)/(m+1) - 1 and Seber's standard error.

    Raises:
        MethodError: the overlap is larger than a list, or negative.

    Source: Chapman (1951); Seber (1970), The effects of trap response on tag recapture estimates, Biometrics 26.
    """
    if both < 0 or both > min(first, second):
        values = {"first": first, "second": second, "both": both}
        raise MethodError(Problem("statistics.overlap_outside_lists", values=values))
    size = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return Estimate(size, variance**0.5)


def effective_sample(share: Estimate, sampled: float) -> float:
    """Return the size of a simple random sample that would know a share as well as a weighted, clustered one does.

    Args:
        share: share of the sampled units that the register holds, dimensionless, with its design-based error.
        sampled: units sampled, count; the size is never more.

    Returns:
        Effective size, a scalar in unit count: p(1 - p)/V(p), at most `sampled`; `sampled` where nothing varies.

    Source: Kish, Survey Sampling (1965), section 8.2 (design effect); n* = n / deff.
    """
    variance = share.standard_error**2
    if not variance > 0.0:
        return sampled
    return min(sampled, share.value * (1.0 - share.value) / variance)


def least_listed_share(sampled: float, error: float = 0.025) -> float:
    """Return the lower confidence bound of the registered share when every sampled unit is registered.

    Nothing outside the register was seen, so the sample has no spread and gives no standard error; the share may
    still be below one.

    Args:
        sampled: units sampled, an effective count where the design is not simple.
        error: chance of a share below the bound, dimensionless; 0.025 for the lower end of a 95 % interval.

    Returns:
        Bound, a scalar, dimensionless: error^(1/n); 0 without a sampled unit.

    Source: Clopper & Pearson (1934), Biometrika 26, with n successes in n trials.
    """
    return float(error ** (1.0 / sampled)) if sampled > 0 else 0.0


def by_listed_share(register: float, share: Estimate) -> Estimate:
    """Return the size of a population from a register and the share of a sample of it that is registered.

    N = N_B / p; the second list is a weighted sample, so its sampling error comes from p and not from Seber's
    formula, which would take the weighted counts for independent captures.

    Args:
        register: units of the register, count.
        share: share of the sampled units that the register holds, dimensionless.

    Returns:
        Estimate, scalars in unit count; NaN when no sampled unit is registered.

    Source: Lincoln–Petersen with an estimated share, variance by the delta method: N_B² V(p) / p⁴; Seber, The
    Estimation of Animal Abundance (1982), section 3.1.
    """
    if not share.value > 0.0:
        return Estimate(float("nan"), float("nan"))
    return Estimate(register / share.value, register * share.standard_error / share.value**2)
