"""Totals of areas, skewed as those of enterprises are, of which some are known only together with others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

POINTS = 400
NARROWEST, WIDEST = 1e-6, 1e4
DRAWS = 20_000


@dataclass(frozen=True)
class LogAreas:
    """Posterior of the totals of m areas.

    Attributes:
        estimates: shape (m,), posterior means, in the unit of the totals.
        made: shape (m,), the same made to add up to the whole, in that unit.
        errors: shape (m,), roots of the posterior mean squares about `made`, in that unit.
        low: shape (m,), 2.5 % quantiles, moved as the estimates are, in that unit.
        high: shape (m,), 97.5 % quantiles, so moved, in that unit.
        weight: shape (m,), mean weight of the own direct total in the logarithm, dimensionless; 0 without one.
        effective: Kish's number of draws, count.

    Source: as `log_pooled`.
    """

    estimates: Array
    made: Array
    errors: Array
    low: Array
    high: Array
    weight: Array
    effective: float


@dataclass(frozen=True)
class _Fit:
    """Of the known areas by variance of the effects: grid, and mean and precision of the level, shape (g,) each."""

    variance: Array
    level: Array
    precision: Array
    score: Array


def log_pooled(
    direct: Any, variances: Any, sizes: Any, known: Any, whole: float, rest_variance: float,
    generator: np.random.Generator, *, draws: int = DRAWS,
) -> LogAreas:  # fmt: skip
    """Return totals of all areas from those of some and from what is left of the whole for the others together.

    The logarithm of total over size is a level common to the areas and an effect of each, whose variance is inverse to
    the size: fewer enterprises differ more from the mean. Areas that are not known have such an effect too, and their
    sum is what is left, with its sampling error; where nothing is left the sum says nothing.

    Args:
        direct: shape (m,), direct totals, positive where known, in one unit.
        variances: shape (m,), of the logarithms of the known totals, dimensionless.
        sizes: shape (m,), positive, in one unit.
        known: shape (m,), whether an area's direct total is known.
        whole: the direct total of all areas, in the unit of the totals.
        rest_variance: variance of the logarithm of what is left for the areas that are not known, dimensionless.
        generator: of the draws.
        draws: how many, count.

    Source: Fay & Herriot (1979), JASA 74, on logarithms (Slud & Maiti 2006, Journal of the Royal Statistical Society
    B 68); flat priors of the level and of the variance of the effects, integrated over a grid as in Rao & Molina
    (2015), section 10.3. An effect splits into its GLS mean over the unknown areas and a rest that is independent of
    it; given the rest, mean and level are normal given the sum, and a draw counts by the sum's likelihood.
    """
    y, psi, size = (np.asarray(one, dtype=float) for one in (direct, variances, sizes))
    there = np.asarray(known, dtype=bool)
    shape = size.mean() / size
    own, spread, scale = np.log(y[there] / size[there]), psi[there], shape[there]
    fit = _fit(own, spread, scale)
    chosen = generator.choice(fit.variance.size, size=draws, p=_probabilities(fit))
    variance, level, precision = fit.variance[chosen], fit.level[chosen], fit.precision[chosen]
    theta = np.empty((draws, size.size))
    weight = np.full(draws, 1.0 / draws)
    if there.all():
        common = level + generator.standard_normal(draws) / np.sqrt(precision)
    else:
        left = whole - float(y[there].sum())
        common, theta[:, ~there], log = _rest(
            left, rest_variance, size[~there], shape[~there], variance, level, precision, generator
        )
        weight = np.exp(log - log.max())
        weight /= weight.sum()
    share = variance[:, None] * scale / (variance[:, None] * scale + spread)
    noise = generator.standard_normal((draws, own.size))
    theta[:, there] = share * own + (1.0 - share) * common[:, None] + np.sqrt(share * spread) * noise
    totals = size * np.exp(theta)
    mean = weight @ totals
    made = mean * (whole / float(mean.sum()))
    ends = (
        np.array([_quantiles(totals[:, place], weight) for place in range(size.size)])
        * (made / mean)[:, None]
    )
    own_weight = np.zeros(size.size)
    own_weight[there] = weight @ share
    return LogAreas(
        mean, made, np.sqrt(weight @ (totals - made) ** 2), ends[:, 0], ends[:, 1], own_weight,
        float(1.0 / (weight**2).sum()),
    )  # fmt: skip


def _fit(own: Array, spread: Array, scale: Array) -> _Fit:
    """Return level and restricted log likelihood by variance of the effects."""
    grid = max(float(spread.mean()), float(own.var())) * np.geomspace(NARROWEST, WIDEST, POINTS)
    total = grid[:, None] * scale + spread
    precision = (1.0 / total).sum(axis=1)
    level = (own / total).sum(axis=1) / precision
    left = ((own - level[:, None]) ** 2 / total).sum(axis=1)
    return _Fit(grid, level, precision, -0.5 * (np.log(total).sum(axis=1) + np.log(precision) + left))


def _probabilities(fit: _Fit) -> Array:
    steps = np.diff(fit.variance)
    widths = np.append(steps, 0.0) / 2.0 + np.insert(steps, 0, 0.0) / 2.0
    made = np.exp(fit.score - fit.score.max()) * widths
    return np.asarray(made / made.sum())


def _rest(
    left: float, rest_variance: float, size: Array, shape: Array, variance: Array, level: Array, precision: Array,
    generator: np.random.Generator,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Return draws of the level and of the areas that are not known, given their sum, and logarithms of weights."""
    draws = variance.size
    effect = np.sqrt(variance[:, None] * shape) * generator.standard_normal((draws, size.size))
    inverse = 1.0 / shape
    effect -= (effect @ inverse / inverse.sum())[:, None]
    between = variance / inverse.sum()
    prior = 1.0 / precision + between
    if left > 0.0:
        seen = np.log(left) - np.log(np.exp(effect) @ size)
        total = prior + rest_variance
        log = -0.5 * (np.log(total) + (seen - level) ** 2 / total)
        gain = prior / total
        place = level + gain * (seen - level)
        width = np.sqrt((1.0 - gain) * prior)
    else:
        log, place, width = np.zeros(draws), level, np.sqrt(prior)
    together = place + width * generator.standard_normal(draws)
    part = (1.0 / precision) / prior
    common = level + part * (together - level)
    common += np.sqrt(part * between) * generator.standard_normal(draws)
    return common, together[:, None] + effect, log


def _quantiles(values: Array, weight: Array) -> tuple[float, float]:
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order])
    low, high = np.minimum(np.searchsorted(below, (0.025, 0.975)), values.size - 1)
    return float(values[order[low]]), float(values[order[high]])
