"""The change of financed emissions between two years, split exactly by logarithmic means (additive LMDI-I).

Letters: L(a, b) = logarithmic mean of a and b, shape (n,), tCO2e; E = financed emission, shape (n,), tCO2e.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
NEAR = 1e-4


def logarithmic_mean(first: Array, second: Array) -> Array:
    """Return the logarithmic mean (a - b) / (ln a - ln b); a where both are equal, 0 where one is 0.

    Close to equality the series sqrt(ab) (1 + x^2/24 + x^4/1920), x = ln(a/b), keeps every digit.

    Args:
        first: shape (n,), not below 0.
        second: shape (n,), not below 0, in the same unit.

    Returns:
        Logarithmic mean, shape (n,), in the unit of the arguments.

    Source: Ang (2005), The LMDI approach to decomposition analysis: a practical guide, Energy Policy 33, appendix.
    """
    positive = (first > 0) & (second > 0)
    a, b = np.where(positive, first, 1.0), np.where(positive, second, 1.0)
    x = np.log(a / b)
    near = np.abs(x) < NEAR
    series = np.sqrt(a) * np.sqrt(b) * (1 + x**2 / 24 + x**4 / 1920)
    exact = (a - b) / np.where(near, 1.0, x)
    return np.asarray(np.where(positive, np.where(near, series, exact), 0.0))


def split_change(before: Mapping[str, Array], after: Mapping[str, Array]) -> dict[str, Array]:
    """Return the effect of each factor on products of factors; effects of a row add up to its change.

    Where factors are 0 in one of the two years, the whole change is theirs, in equal parts: the limit of LMDI as
    they go to 0 together. Where factors are 0 in both years there is no change.

    Args:
        before: factor -> shape (n,), not below 0; their product is the quantity in the first year.
        after: the same factors in the second year.

    Returns:
        Factor -> effect, shape (n,), in the unit of the product.

    Raises:
        MethodError: the two years have other factors, or a factor is negative or missing.

    Source: Ang (2005), Energy Policy 33; zero values: Ang and Liu (2007), Energy Policy 35, 238-246.
    """
    _checked(before, after)
    names = list(before)
    old = np.prod([before[name] for name in names], axis=0)
    new = np.prod([after[name] for name in names], axis=0)
    weight = logarithmic_mean(new, old)
    switched = {name: (before[name] > 0) != (after[name] > 0) for name in names}
    count = np.sum([switched[name] for name in names], axis=0)
    effects = {}
    for name in names:
        usable = (before[name] > 0) & (after[name] > 0) & (weight > 0)
        logarithm = np.log(np.where(usable, after[name], 1.0) / np.where(usable, before[name], 1.0))
        shared = np.where(switched[name], (new - old) / np.maximum(count, 1), 0.0)
        effects[name] = np.where(weight > 0, weight * logarithm, shared)
    return _closed(effects, new - old)


def _closed(effects: dict[str, Array], change: Array) -> dict[str, Array]:
    """Give what rounding leaves to the largest effect of each row, so that the sum is the change."""
    stacked = np.array(list(effects.values()))
    left = change - stacked.sum(axis=0)
    place = np.abs(stacked).argmax(axis=0)
    stacked[place, np.arange(change.size)] += left
    return dict(zip(effects, stacked, strict=True))


def _checked(before: Mapping[str, Array], after: Mapping[str, Array]) -> None:
    problems = []
    if set(before) != set(after):
        values = {"before": ", ".join(before), "after": ", ".join(after)}
        problems.append(Problem("finance.change_factors", values=values))
    for name in before:
        for year in (before, after):
            bad = int((~(year.get(name, np.zeros(0)) >= 0)).sum())
            if bad:
                problems.append(Problem("finance.change_negative", values={"factor": name, "rows": bad}))
    if problems:
        raise MethodError(*problems)
