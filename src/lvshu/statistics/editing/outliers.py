"""Outliers: Hidiroglou-Berthelot on ratios of two periods, robust z on values, slips of unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array, Flags

MAD_TO_SIGMA = 1.482602218505602
"""1 / Φ⁻¹(3/4): makes the median absolute deviation of a normal sample an estimate of its standard deviation."""
LEAST = 10
MINIMUM = 0.05
"""A of Hidiroglou and Berthelot (1986): what they set it to."""


@dataclass(frozen=True)
class Outliers:
    """What a test of values found; arrays of shape (records,), NaN where a record could not be tested.

    Attributes:
        effect: the transformed ratio, in the unit of the values to the power U.
        low, high: ends of the acceptance interval of effects, before the least deviation.
        outlier: whether the effect lies outside.
        score: distance from the centre in widths of the interval on that side, or in the least deviation that counts
            where that is more; above 1 is outside. Dimensionless.
        expected: value that the median ratio gives, in the unit of the values.
        tested: how many records were tested.
    """

    effect: Array
    low: float
    high: float
    outlier: Flags
    score: Array
    expected: Array
    tested: int


def quartile(values: Array, share: float) -> float:
    """Return a quantile as SAS's fifth definition has it: the average of two order statistics where n·p is whole.

    Args:
        values: shape (values,), without NaN, at least one; any unit.
        share: between 0 and 1.

    Source: empirical distribution with averaging (Hyndman and Fan, 1996, The American Statistician 50, type 2).
    """
    return float(np.quantile(values, share, method="averaged_inverted_cdf"))


def hidiroglou_berthelot(
    current: Array, previous: Array, *, exponent: float = 0.5, minimum: float = MINIMUM, width: float = 4.0
) -> Outliers:
    """Return records whose ratio to the earlier value is out of line with the others', the more so the larger.

    s = r/M - 1 for r ≥ M, else 1 - M/r (M the median ratio); effect E = s·max(current, previous)^U; accepted are
    effects from E_M - C·max(E_M - E_Q1, |A·E_M|) to E_M + C·max(E_Q3 - E_M, |A·E_M|), and ratios within A of M.

    Effects are centred, so E_M and with it A·E_M is about zero: where nearly all ratios are the same the interval
    vanishes all the same, and a rounding would be an outlier. Hence A is asked of the ratio, too.

    Args:
        current: shape (records,), in one unit; NaN, zero and negative values are not tested.
        previous: shape (records,), in the same unit; as `current`.
        exponent: U, from 0 (size does not count) to 1. Dimensionless.
        minimum: A, keeps the interval from vanishing; also the least |s| that is an outlier. Dimensionless.
        width: C, of the interval. Dimensionless.

    Returns:
        Outliers: effects in the unit to the power U; fewer than LEAST usable records are not tested.

    Source: Hidiroglou and Berthelot (1986), Survey Methodology 12, 73-83, equations (1) to (5), A = 0.05; that A is
        asked of the ratio, too, is lvshu's (univOutl's HBmethod refuses where the quartiles of effects are all zero).
    """
    with np.errstate(invalid="ignore"):
        usable = (current > 0) & (previous > 0) & np.isfinite(current) & np.isfinite(previous)
    effect = np.full(len(current), np.nan)
    nothing = Outliers(
        effect,
        np.nan,
        np.nan,
        np.zeros(len(current), dtype=bool),
        effect.copy(),
        effect.copy(),
        int(usable.sum()),
    )
    if int(usable.sum()) < LEAST:
        return nothing
    ratio = current[usable] / previous[usable]
    middle = quartile(ratio, 0.5)
    turned = np.where(ratio >= middle, ratio / middle - 1, 1 - middle / ratio)
    size = np.maximum(current[usable], previous[usable]) ** exponent
    found = turned * size
    first, centre, third = (quartile(found, share) for share in (0.25, 0.5, 0.75))
    below = width * max(centre - first, abs(minimum * centre))
    above = width * max(third - centre, abs(minimum * centre))
    effect[usable] = found
    score = np.full(len(current), np.nan)
    side = np.maximum(np.where(found >= centre, above, below), abs(minimum) * size)
    with np.errstate(divide="ignore", invalid="ignore"):
        score[usable] = np.where(found == centre, 0.0, np.abs(found - centre) / side)
    with np.errstate(invalid="ignore"):
        outside = score > 1
    return Outliers(
        effect, centre - below, centre + above, outside, score, np.where(previous > 0, middle * previous, np.nan),
        int(usable.sum()),
    )  # fmt: skip


def robust_z(values: Array, *, limit: float = 3.5, least: float = 0.0) -> Outliers:
    """Return values far from the median, in robust standard deviations (median absolute deviation).

    Args:
        values: shape (records,), in one unit; NaN are not tested.
        limit: of the absolute modified z. Dimensionless.
        least: deviation from the median up to which no value is an outlier, however alike the others are, in the unit
            of the values. Values whose zero means nothing have none of their own, so the caller states it.

    Returns:
        Outliers: `effect` is the z, dimensionless; where more than half of the values are equal the mean absolute
        deviation stands in; fewer than LEAST values are not tested.

    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, equation of the modified z-score (3.5);
        they know no least deviation.
    """
    usable = np.isfinite(values)
    effect = np.full(len(values), np.nan)
    if int(usable.sum()) < LEAST:
        none = np.zeros(len(values), dtype=bool)
        return Outliers(effect, np.nan, np.nan, none, effect.copy(), effect.copy(), int(usable.sum()))
    middle = float(np.median(values[usable]))
    away = np.abs(values[usable] - middle)
    scale = MAD_TO_SIGMA * float(np.median(away))
    if scale == 0:
        scale = 1.2533141373155001 * float(away.mean())
    effect[usable] = (values[usable] - middle) / scale if scale > 0 else 0.0
    score, side = np.full(len(values), np.nan), max(limit * scale, least)
    score[usable] = away / side if side > 0 else 0.0
    with np.errstate(invalid="ignore"):
        outside = score > 1
    expected = np.where(usable, middle, np.nan)
    return Outliers(effect, -limit, limit, outside, score, expected, int(usable.sum()))


@dataclass(frozen=True)
class UnitErrors:
    """Values that look as if stated in another unit; arrays of shape (records,).

    Attributes:
        factor: 1 where nothing is suspected, else what the value would have to be multiplied by. Dimensionless.
        distance: |log10| of the ratio to the reference after that. Dimensionless.
    """

    factor: Array
    distance: Array


FAR_OFF = 2.7
"""Powers of ten from which a value is as far off as the smallest slip of unit (10³ less the reach of 0.3)."""


def unit_errors(
    values: Array, reference: Array, *, powers: tuple[int, ...] = (3, 4, -3, -4, 6, -6), reach: float = 0.3
) -> UnitErrors:
    """Return which values differ from a reference by about a power of ten that units differ by.

    A value is suspected where its ratio to the reference, taken out of the median ratio of all, lies within
    10^±reach of 10^power: thousands (10³) and ten thousands (10⁴, 万) above all.

    Args:
        values: shape (records,), in one unit; zero, negative and missing are not tested.
        reference: shape (records,), such as the same unit's value of an earlier period; as `values`.
        powers: of ten that slips of unit make, nearest first.
        reach: half width in powers of ten; at most 0.5, so that 10³ and 10⁴ stay apart.

    Returns:
        UnitErrors: factors to be confirmed by whoever filled the return, never applied here. A value that no slip of
        unit explains keeps its whole distance: from `FAR_OFF` it is as far away as a slip of unit, or farther.

    Source: thousand errors: de Waal, Pannekoek, Scholtus (2011); Al-Hamad, Lewis, Silva (2008).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = (values > 0) & (reference > 0) & np.isfinite(values) & np.isfinite(reference)
        log = np.where(
            usable, np.log10(np.where(usable, values, 1.0) / np.where(usable, reference, 1.0)), np.nan
        )
    if usable.any() and int(usable.sum()) >= LEAST:
        log = log - np.nanmedian(log)
    factor, distance = np.ones(len(values)), np.abs(log)
    for power in sorted(powers, key=abs):
        near = np.abs(log - power)
        hit = usable & (near <= reach) & (near < distance)
        factor[hit] = 10.0**-power
        distance[hit] = near[hit]
    return UnitErrors(factor, distance)


def suspicion_of(values: Array, expected: Array) -> Array:
    """Return how far values lie from what is expected, |log| of the ratio, to choose between equal solutions.

    Args:
        values: shape (records, variables), NaN allowed; any unit.
        expected: the same shape and unit.

    Returns:
        Array: shape (records, variables), dimensionless; 0 where it cannot be told.

    Source: suspicion of a score function: Latouche and Berthelot (1992), Journal of Official Statistics 8.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(np.log((np.abs(values) + 1.0) / (np.abs(expected) + 1.0)))
    return np.asarray(np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0))


def ranks(score: Array) -> NDArray[np.int64]:
    """Return the rank of each score, 1 the highest; records of equal score in their order; a count.

    Args:
        score: shape (records,), dimensionless; NaN last.

    Source: ranking of scores in selective editing: de Waal, Pannekoek, Scholtus (2011).
    """
    order = np.argsort(-np.nan_to_num(score, nan=-np.inf), kind="stable")
    found = np.empty(len(score), dtype=np.int64)
    found[order] = np.arange(1, len(score) + 1)
    return found
