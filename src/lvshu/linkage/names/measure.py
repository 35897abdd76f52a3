"""Precision and recall of what is taken without a look, from names that people judged, with their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NORMAL = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A share and how well it is known; dimensionless.

    value: None where no judged name tells; standard_error: None where it cannot be told (a class with one judged name
    of several); low, high: ends of the 95 % interval; judged: how many judged names it rests on.
    """

    value: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    judged: int


def ratio_of_sample(
    numerator: np.ndarray, denominator: np.ndarray, stratum: np.ndarray, whole: np.ndarray
) -> Estimate:
    """Return a ratio of totals from a sample drawn within classes, with the standard error of its linear form.

    Classes from which nothing was drawn are outside the estimate: say so beside it. The error is for names drawn like
    these, those to come included: a class judged whole still has one (no correction for a finite number of names).

    Args:
        numerator: of each sampled name, shape (names,), unit 1 or an amount.
        denominator: of each sampled name, shape (names,), in the same unit.
        stratum: class of each sampled name, 0 to classes - 1, shape (names,).
        whole: names in each class, sampled or not, shape (classes,).

    Source: combined ratio estimate over strata, Cochran (1977), Sampling Techniques, section 6.11; interval of Wilson
    (1927) at the effective size of the sample, Korn and Graubard (1998).
    """
    drawn = np.bincount(stratum, minlength=len(whole))
    weight = np.divide(whole, drawn, out=np.zeros(len(whole)), where=drawn > 0)[stratum]
    below = float(weight @ denominator)
    judged = int((np.asarray(denominator) > 0).sum())
    if below <= 0:
        return Estimate(None, None, None, None, judged)
    value = float(weight @ numerator) / below
    residual = (np.asarray(numerator, dtype=float) - value * np.asarray(denominator, dtype=float)) / below
    variance: float | None = 0.0
    for place in np.flatnonzero(drawn):
        count, all_names = int(drawn[place]), float(whole[place])
        if count < 2:
            if all_names > 1:
                variance = None
                break
            continue
        spread = float(residual[stratum == place].var(ddof=1))
        variance = (variance or 0.0) + all_names**2 / count * spread
    error = None if variance is None else float(np.sqrt(variance))
    low, high = wilson(value, error, judged)
    return Estimate(value, error, low, high, judged)


def wilson(value: float, error: float | None, judged: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, dimensionless.

    Args:
        value: the share.
        error: its standard error; without one, or at 0 or 1, the number of judged names stands for the size.
        judged: names judged.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    size = float(judged)
    if error and 0 < value < 1:
        size = min(size, value * (1 - value) / error**2)
    square = NORMAL**2
    middle = (value + square / (2 * size)) / (1 + square / size)
    half = NORMAL / (1 + square / size) * float(np.sqrt(value * (1 - value) / size + square / (4 * size**2)))
    return max(0.0, middle - half), min(1.0, middle + half)
