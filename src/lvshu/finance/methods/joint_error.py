"""The joint error of a total: links, turnover and the rest drawn at once, and what each of them adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from lvshu.core.variance_parts import not_below_zero

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def shapley_parts(names: Sequence[str], variance: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Return what each source adds to a variance, on average over the orders in which they can be let loose.

    Args:
        names: of the sources.
        variance: of the total with a set of sources let loose and the others at their point, in the unit squared.

    Returns:
        The part of each source, in the unit squared; they add up to the variance with all of them. A part below zero
        counts as zero and the others are scaled (`not_below_zero`).

    Source: Song, Nelson & Staum (2016), SIAM/ASA Journal on Uncertainty Quantification 4.
    """
    count = len(names)
    sets = [frozenset(chosen) for size in range(count + 1) for chosen in combinations(names, size)]
    known = {chosen: variance(chosen) for chosen in sets}
    found = dict.fromkeys(names, 0.0)
    for chosen in sets:
        weight = factorial(len(chosen)) * factorial(max(count - len(chosen) - 1, 0)) / factorial(count)
        for name in names:
            if name not in chosen:
                found[name] += weight * (known[chosen | {name}] - known[chosen])
    return not_below_zero(found)


@dataclass(frozen=True)
class JointVariance:
    """The variance of Σ_d (held_d + Σ_s moved_sd) × times_d + Σ_s apart_s, with any of its sources let loose.

    Sources are independent, so their draws' chance correlation does not enter, as it would in the variance of few
    replicates of the sum.

    Attributes:
        name: of the source that multiplies, `times`.
        held: by division, shape (d,), in the unit of the total.
        times: draws of the multiplier, shape (r, d), dimensionless, 1 at the point.
        moved: by source, draws of what it adds by division, shape (r, d), in the unit; around zero.
        apart: by source, draws of what it adds to the total, shape (r,), in the unit.

    Source: Var(X) = E Var(X | times) + Var E(X | times); Wolter, Introduction to Variance Estimation (2007), chapter 1.
    """

    name: str
    held: Array
    times: Array
    moved: Mapping[str, Array]
    apart: Mapping[str, Array]

    def by_set(self) -> Callable[[frozenset[str]], float]:
        """Return the function from a set of sources to the variance with them let loose, in the unit squared."""
        around = np.atleast_2d(np.cov(self.times.T)) if self.held.size else np.zeros((0, 0))
        middle = self.times.mean(axis=0)
        second = around + np.outer(middle, middle)
        alone, within = {}, {}
        for name, drawn in self.moved.items():
            spread = np.atleast_2d(np.cov(drawn.T)) if self.held.size else np.zeros((0, 0))
            alone[name], within[name] = float(spread.sum()), float((spread * second).sum())
        other = {name: float(drawn.var(ddof=1)) for name, drawn in self.apart.items()}

        def variance(chosen: frozenset[str]) -> float:
            found = sum(value for name, value in other.items() if name in chosen)
            if self.name not in chosen:
                return found + sum(value for name, value in alone.items() if name in chosen)
            found += float(self.held @ around @ self.held)
            return found + sum(value for name, value in within.items() if name in chosen)

        return variance


def draw_links(
    subject: Index,
    chance: Array,
    taken: NDArray[np.bool_],
    rows: Sequence[tuple[Index, Index, Array]],
    divisions: int,
    replicates: int,
    generator: np.random.Generator,
) -> list[tuple[Array, Array]]:
    """Return what other links than those taken change, by division: in each replicate, and on average.

    In a replicate each name is one of its alternatives, or none of them: its loans are then not counted.

    Args:
        subject: of each alternative, shape (a,), rising from 0.
        chance: posterior of each alternative, shape (a,), dimensionless; those of a subject add up to 1 at most.
        taken: whether the total counts it, shape (a,).
        rows: of each total: alternative, division and emission, each of shape (n,), tCO2e.
        divisions: how many; a place of its own for what rests on no division is among them.
        replicates: how many draws, the same for all totals.
        generator: of the draws.

    Returns:
        For each total the change, shapes (replicates, divisions) and (divisions,), unit tCO2e.

    Source: multiple imputation of links from their posterior, Goldstein, Harron & Wade (2012), Statistics in
        Medicine 31; a name is one enterprise at most.
    """
    made = [np.zeros((replicates, divisions)) for _ in rows]
    high = np.cumsum(chance)
    first = np.flatnonzero(np.diff(subject, prepend=-1))
    start = np.concatenate([[0.0], high[:-1]])[first][subject] if subject.size else high
    low, high = high - chance - start, high - start
    names = int(subject[-1]) + 1 if subject.size else 0
    for replicate in range(replicates):
        drawn = generator.random(names)[subject]
        change = ((drawn >= low) & (drawn < high)).astype(float) - taken
        for place, (alternative, division, emission) in enumerate(rows):
            made[place][replicate] = np.bincount(
                division, weights=change[alternative] * emission, minlength=divisions
            )
    mean = chance - taken
    averages = [
        np.bincount(division, weights=mean[alternative] * emission, minlength=divisions).astype(float)
        for alternative, division, emission in rows
    ]
    return list(zip(made, averages, strict=True))


def draw_categories(group: Index, shares: Array, generator: np.random.Generator) -> Index:
    """Return a category for each unit in each replicate.

    Args:
        group: of each unit, shape (u,), from 0.
        shares: of categories by replicate and group, shape (r, g, c), dimensionless, adding up to 1.
        generator: of the draws.

    Returns:
        Place of the category, shape (r, u), dimensionless.

    Source: inverse of the distribution function, Devroye, Non-Uniform Random Variate Generation (1986), section 3.2.
    """
    found = np.zeros((shares.shape[0], group.size), dtype=np.int64)
    for replicate, share in enumerate(shares):
        ends = np.cumsum(share, axis=1)[:, :-1]
        drawn = generator.random(group.size)
        for number in range(ends.shape[0]):
            own = group == number
            found[replicate, own] = np.searchsorted(ends[number], drawn[own], side="right")
    return found


def turnover_errors(group: Index, revenue: Array, assets: Array, groups: int) -> Array:
    """Return the relative standard error of each group's revenue over assets.

    Args:
        group: of each enterprise with a statement, shape (n,), from 0.
        revenue: shape (n,), CNY, above 0.
        assets: shape (n,), CNY, above 0.
        groups: how many.

    Returns:
        Relative standard errors, shape (groups,), dimensionless; not a number where fewer than two enterprises tell.

    Source: ratio estimator by linearisation, Särndal, Swensson & Wretman (1992), section 5.6; the enterprises of a
        division with statements taken as a sample of those that the ratio is applied to, without a finite population.
    """

    def total(values: Array) -> Array:
        return np.bincount(group, weights=values, minlength=groups).astype(float)

    count = np.bincount(group, minlength=groups).astype(float)
    made, owned = total(revenue), total(assets)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = made / owned
        squares = total((revenue - rate[group] * assets) ** 2)
        error = np.sqrt(squares * count / (count - 1.0)) / made
    return np.where(count > 1, error, np.nan)


def draw_multipliers(relative: Array, replicates: int, generator: np.random.Generator) -> Array:
    """Return multipliers of positive estimates with relative errors: lognormal with mean 1.

    Args:
        relative: relative standard errors, shape (d,), dimensionless; not a number: 1 in every replicate.
        replicates: how many draws.
        generator: of the draws.

    Returns:
        Multipliers, shape (replicates, d), dimensionless.

    Source: 2006 IPCC Guidelines, volume 1, chapter 3, section 3.2.2.4 (choice of a density; lognormal above zero).
    """
    known = np.nan_to_num(relative, nan=0.0)
    width = np.sqrt(np.log1p(known**2))
    normal = generator.standard_normal((replicates, relative.size))
    return np.asarray(np.exp(normal * width - width**2 / 2.0))
