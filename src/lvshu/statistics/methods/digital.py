"""Value added of the core digital economy from a stratified survey: domains, coefficients and the roll-up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.methods.survey import Estimate, moment_variance

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def domain_total(
    part: Array, stratum: Index, first: Array, second: Array, count: Array, population: Array
) -> Estimate:
    """Return the total of a domain whose classes count with a part each, from the moments of stratum and class.

    A unit has one class, so the moments of the domain are Σ k z and Σ k² z² over classes; units of other classes
    of the stratum enter the variance with zero.

    Args:
        part: shape (cells,), factor k with which the cell's class counts, dimensionless: its part in the domain, 0 to
            1, or that part over its price index.
        stratum: shape (cells,), number of the stratum, from 0.
        first: shape (cells,), Σ of expanded values of the cell, CNY (or another unit of money).
        second: shape (cells,), Σ of their squares, that unit squared.
        count: shape (strata,), units sampled in the stratum, count.
        population: shape (strata,), units of the stratum, count.

    Returns:
        Estimate, scalars in the unit of `first`.

    Source: VA = Σ k_i VA_i, 数字经济及其核心产业统计分类(2021); domains: Cochran (1977), section 5A.14.
    """
    strata = count.size
    total = np.bincount(stratum, weights=part * first, minlength=strata).astype(float)
    square = np.bincount(stratum, weights=part**2 * second, minlength=strata).astype(float)
    variance = moment_variance(count, population, total, square)
    return Estimate(float(total.sum()), float(np.sqrt(variance)))


def share_of_all(
    part: Array, stratum: Index, first: Array, second: Array, count: Array, population: Array
) -> Estimate:
    """Return the share of a domain in the total of all classes.

    Args:
        part: shape (cells,), part of the cell's class in the domain, dimensionless.
        stratum: shape (cells,), number of the stratum, from 0.
        first: shape (cells,), Σ of expanded values, CNY (or another unit of money).
        second: shape (cells,), Σ of their squares, that unit squared.
        count: shape (strata,), units sampled, count.
        population: shape (strata,), units of the stratum, count.

    Returns:
        Estimate, scalars, dimensionless (0 to 1); NaN when the total is 0.

    Source: Taylor linearisation of a ratio of totals, Särndal, Swensson, Wretman (1992), section 5.6.
    """
    base = float(first.sum())
    if base == 0.0:
        return Estimate(float("nan"), float("nan"))
    value = float((part * first).sum()) / base
    residual = domain_total(part - value, stratum, first / base, second / base**2, count, population)
    return Estimate(value, residual.standard_error)


def roll_up(values: Mapping[str, float], parents: Mapping[str, str]) -> dict[str, float]:
    """Return the values of every class above the given ones, up to the core.

    Args:
        values: code -> value of the lowest classes known, in one unit of money (CNY or a multiple).
        parents: code -> code above it in the classification, empty at the top.

    Returns:
        Code -> value of all classes given and of all above them, in the unit of `values`; "core" is the total of
        majors 01 to 04. No shape: a mapping.

    Source: 数字经济及其核心产业统计分类(2021), majors, mediums and minors; core industries are majors 01 to 04.
    """
    total: dict[str, float] = {}
    for code, value in values.items():
        step = code
        while step:
            total[step] = total.get(step, 0.0) + value
            step = parents.get(step, "")
    total["core"] = sum(total.get(major, 0.0) for major in ("01", "02", "03", "04"))
    return total
