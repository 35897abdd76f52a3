"""Empirical best estimates of any indicator of an area (such as a poverty rate), from the nested-error model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.unit_level import fit_nested, known_units
from lvshu.statistics.survey.design import numbers

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Indicator = Callable[[Array], float]


@dataclass(frozen=True)
class EmpiricalBest:
    """Empirical best estimates.

    Attributes:
        areas: labels of the areas outside the sample's records.
        estimates: shape (areas,), of the indicator, in its unit.
        mse: shape (areas,), by parametric bootstrap, or None.
        coefficients: shape (p,), on the transformed scale.
        between: variance of the areas' effects, on that scale.
        within: variance of the units' errors, on that scale.

    Source: Molina & Rao (2010), Canadian Journal of Statistics 38.
    """

    areas: tuple[str, ...]
    estimates: Array
    mse: Array | None
    coefficients: Array
    between: float
    within: float


def empirical_best(
    values: Any,
    covariates: Any,
    areas: Any,
    outside_covariates: Any,
    outside_areas: Any,
    indicator: Indicator,
    draws: int,
    generator: np.random.Generator,
    *,
    shift: float | None = None,
    replicates: int = 0,
) -> EmpiricalBest:
    """Return the empirical best estimate of an indicator of every area with records outside the sample.

    Args:
        values: shape (n,), in the variable's unit.
        covariates: shape (n, p), a column of ones among them.
        areas: shape (n,), labels.
        outside_covariates: shape (N - n, p), of the units outside the sample.
        outside_areas: shape (N - n,), labels; areas without a sample take part too.
        indicator: takes the values of an area's units, returns a number.
        draws: Monte Carlo draws of the units outside, count.
        generator: source of the draws.
        shift: the model is of log(y + shift); None for y itself.
        replicates: bootstrap populations for the mean squared error, count.

    Raises:
        MethodError: a value that has no logarithm; lengths that differ.

    Source: Molina & Rao (2010), sections 3 and 4.
    """
    y = numbers(values).reshape(-1)
    x, away = np.asarray(covariates, dtype=float), np.asarray(outside_covariates, dtype=float)
    known_units(y, x)
    known_units(np.zeros(away.shape[0]), away)
    if shift is not None and np.any(y + shift <= 0):
        bad = np.flatnonzero(y + shift <= 0)
        told = {"scale": "log", "count": int(bad.size), "first": int(bad[0]) + 1}
        raise MethodError(Problem("small_area.outside_scale", values=told))
    if x.shape[0] != y.size or away.shape[1] != x.shape[1]:
        raise MethodError(Problem("survey.length_differs", values={"given": x.shape[0], "wanted": y.size}))
    labels = np.concatenate([np.asarray(areas).astype(str), np.asarray(outside_areas).astype(str)])
    names, number = np.unique(labels, return_inverse=True)
    inside, others = number[: y.size], number[y.size :]
    work = _Areas(x, inside, away, others, names.size, indicator, shift)
    z = y if shift is None else np.log(y + shift)
    estimates, slopes, between, within = work.estimate(z, draws, generator)
    mse = None
    if replicates:
        mse = work.bootstrap(slopes, between, within, draws, replicates, generator)
    return EmpiricalBest(tuple(names.tolist()), estimates, mse, slopes, between, within)


@dataclass(frozen=True)
class _Areas:
    x: Array
    inside: Index
    away: Array
    others: Index
    count: int
    indicator: Indicator
    shift: float | None

    def back(self, z: Array) -> Array:
        return z if self.shift is None else np.asarray(np.exp(z) - self.shift)

    def estimate(
        self, z: Array, draws: int, generator: np.random.Generator
    ) -> tuple[Array, Array, float, float]:
        _, dense = np.unique(self.inside, return_inverse=True)
        slopes, between, within, _ = fit_nested(z, self.x, dense.reshape(-1), "reml")
        size = np.bincount(self.inside, minlength=self.count).astype(float)
        share = (
            between / (between + within / np.maximum(size, 1e-300)) if between > 0 else np.zeros(self.count)
        )
        left = np.bincount(self.inside, weights=z - self.x @ slopes, minlength=self.count) / np.maximum(
            size, 1.0
        )
        centre, spread = share * left, np.sqrt(between * (1.0 - share))
        found = np.zeros(self.count)
        expected = self.away @ slopes
        for _ in range(draws):
            effect = centre + spread * generator.standard_normal(self.count)
            drawn = (
                expected + effect[self.others] + np.sqrt(within) * generator.standard_normal(expected.size)
            )
            found += self.indicators(z, drawn)
        return found / draws, slopes, between, within

    def indicators(self, z: Array, drawn: Array) -> Array:
        seen, unseen = self.back(z), self.back(drawn)
        return np.array(
            [
                self.indicator(np.concatenate([seen[self.inside == k], unseen[self.others == k]]))
                for k in range(self.count)
            ]
        )

    def bootstrap(
        self,
        slopes: Array,
        between: float,
        within: float,
        draws: int,
        times: int,
        generator: np.random.Generator,
    ) -> Array:
        errors = np.zeros(self.count)
        for _ in range(times):
            effect = np.sqrt(between) * generator.standard_normal(self.count)
            noise = [np.sqrt(within) * generator.standard_normal(k.size) for k in (self.inside, self.others)]
            seen = self.x @ slopes + effect[self.inside] + noise[0]
            unseen = self.away @ slopes + effect[self.others] + noise[1]
            errors += (self.estimate(seen, draws, generator)[0] - self.indicators(seen, unseen)) ** 2
        return errors / times
