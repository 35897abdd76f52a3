"""The covariance of linearised totals under a design: between units of each stratum, stage by stage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.survey.design import Design, Stage

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def covariance(design: Design, scores: Array) -> Array:
    """Return the covariance of totals of expanded values, with the calibrations of the weights taken into account.

    Args:
        design: of the sample.
        scores: shape (n, k) or (n,), weight times linearised value, in the unit of the total.

    Returns:
        Covariance, shape (k, k), in the unit squared. A calibration to estimated controls adds their covariance.

    Source: Särndal, Swensson, Wretman (1992), sections 4.3, 5.5 and 6.6; R package survey, svyrecvar; controls that
    are estimated: Dever & Valliant (2010), Survey Methodology 36.
    """
    left = scores.reshape(design.size, -1)
    extra = np.zeros((left.shape[1], left.shape[1]))
    weights = design.weights
    for adjustment in reversed(design.adjustments):
        left, slopes = adjustment.residuals(left, weights)
        if adjustment.controls_covariance is not None:
            extra += slopes.T @ adjustment.controls_covariance @ slopes
    found = extra
    for stage in design.stages:
        found = found + _between(stage, unit_totals(stage, left), design.lonely)
    return found


def covariance_by_group(design: Design, scores: Array, group: Index, groups: int) -> Array:
    """Return the covariance of the totals of disjoint groups.

    Args:
        design: of the sample.
        scores: shape (n,), weight times linearised value, in the unit of the total.
        group: shape (n,), number of the group of each record, from 0; -1 for a record in none.
        groups: how many, count.

    Returns:
        Covariance, shape (groups, groups), in the unit squared.

    Source: as `covariance`; domains, Särndal, Swensson, Wretman (1992), section 10.3.
    """
    if design.adjustments:
        apart = np.zeros((design.size, groups))
        inside = np.flatnonzero(group >= 0)
        apart[inside, group[inside]] = scores[inside]
        return covariance(design, apart)
    found = np.zeros((groups, groups))
    kept = group >= 0
    for stage in design.stages:
        units = stage.stratum.size
        place = stage.unit[kept] * groups + group[kept]
        totals = np.bincount(place, weights=scores[kept], minlength=units * groups).astype(float)
        totals = totals.reshape(units, groups)
        found += _between(stage, totals, design.lonely)
    return found


def unit_totals(stage: Stage, scores: Array) -> Array:
    """Return the totals of the sampling units of a stage, shape (units, k), in the unit of the scores.

    Args:
        stage: of the design.
        scores: shape (n, k), expanded values.

    Source: Särndal, Swensson, Wretman (1992), section 4.2.
    """
    units = stage.stratum.size
    if units == scores.shape[0] and np.array_equal(stage.unit, np.arange(units)):
        return scores
    columns = [np.bincount(stage.unit, weights=column, minlength=units) for column in scores.T]
    return np.stack(columns, axis=1)


def _between(stage: Stage, totals: Array, lonely: str) -> Array:
    """Return the part of one stage: Σ reach (1 - f) n/(n - 1) Σ (z - z̄)(z - z̄)'."""
    strata = stage.count.size
    sums = np.stack(
        [np.bincount(stage.stratum, weights=column, minlength=strata) for column in totals.T], axis=1
    )
    several = stage.count > 1
    apart = totals - (sums / stage.count[:, None])[stage.stratum]
    scale = stage.reach * (1.0 - np.minimum(stage.fraction, 1.0))
    scale *= np.where(several, stage.count / np.where(several, stage.count - 1.0, 1.0), 1.0)
    alone = stage.lonely
    if alone.any() and lonely == "adjust":
        theirs = alone[stage.stratum]
        apart[theirs] = totals[theirs] - totals.sum(axis=0) / totals.shape[0]
    if alone.any() and lonely == "average":
        scale = scale * strata / max(strata - int(alone.sum()), 1)
    scaled = apart * np.sqrt(scale)[stage.stratum][:, None]
    return np.asarray(scaled.T @ scaled)
