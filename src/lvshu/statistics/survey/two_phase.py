"""Two-phase samples: the second phase drawn in strata from the first; double expansion and regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.calibration import calibrate
from lvshu.statistics.survey.controls import controls
from lvshu.statistics.survey.design import Design, codes, design, flags
from lvshu.statistics.survey.estimates import Estimates

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class TwoPhase:
    """A sample of two phases, as `two_phase` makes it.

    Attributes:
        first: design of the first phase, n1 records.
        chosen: shape (n1,), whether a record is in the second phase.
        stratum: shape (n1,), second-phase stratum, from 0.
        raised: shape (n1,), second-phase weight n1g/n2g of the record's stratum, dimensionless.
        counts: shape (strata, 2), records of each second-phase stratum in the first and second phase, count.

    Source: Särndal, Swensson, Wretman (1992), section 9.2.
    """

    first: Design
    chosen: NDArray[np.bool_]
    stratum: Index
    raised: Array
    counts: Array


def two_phase(first: Design, chosen: Any, *, strata: Any = None) -> TwoPhase:
    """Return a two-phase sample, the second phase a simple random sample within strata of the first.

    Args:
        first: design of the first phase, one stage, not calibrated.
        chosen: shape (n1,), whether a record is in the second phase.
        strata: shape (n1,), labels of the second phase's strata; None for one.

    Raises:
        MethodError: a second-phase stratum with fewer than two records chosen (unless it is taken in full); a
            first phase that is calibrated or has several stages.

    Source: Särndal, Swensson, Wretman (1992), section 9.4.
    """
    if first.adjustments or len(first.stages) > 1:
        raise MethodError(Problem("survey.first_phase_plain"))
    chosen_ones = flags(chosen)
    stratum, names = codes(strata) if strata is not None else (np.zeros(first.size, dtype=np.int64), ["1"])
    before = np.bincount(stratum, minlength=len(names)).astype(float)
    after = np.bincount(stratum[chosen_ones], minlength=len(names)).astype(float)
    thin = [str(names[k]) for k in np.flatnonzero((after < 2) & (after < before))]
    if thin:
        values = {"count": len(thin), "stage": 2, "strata": ", ".join(thin[:8])}
        raise MethodError(Problem("survey.lonely_unit", values=values))
    return TwoPhase(first, chosen_ones, stratum, (before / after)[stratum], np.stack([before, after], axis=1))


def two_phase_total(
    sample: TwoPhase,
    values: Any,
    *,
    auxiliary: Any = None,
    labels: Sequence[str] = (),
    statistic: str = "total",
) -> Estimates:
    """Return totals (or means) by double expansion, or by regression on what the first phase knows.

    Args:
        sample: of two phases.
        values: shape (n1,) or (n1, k), in the variables' units; only those of the second phase are read.
        auxiliary: shape (n1, p), variables known in the first phase, a column of ones among them; None for double
            expansion.
        labels: names of the variables.
        statistic: "total" or "mean".

    Raises:
        MethodError: values of the second phase are missing; an auxiliary variable cannot be calibrated.

    Source: Särndal, Swensson, Wretman (1992), results 9.3.1 (double expansion) and 9.7.1 (regression, no totals of
    the population), with the pairwise chances of stratified simple random sampling.
    """
    columns = np.asarray(values, dtype=float).reshape(sample.first.size, -1)
    chosen = sample.chosen
    absent = ~np.isfinite(columns[chosen]).all(axis=1)
    if absent.any():
        counts = {"count": int(absent.sum()), "first": int(np.flatnonzero(chosen)[absent][0]) + 1}
        raise MethodError(Problem("survey.values_missing", values=counts))
    weights = np.where(chosen, sample.first.weights * sample.raised, 0.0)
    columns = np.where(chosen[:, None], columns, 0.0)
    factors = np.ones(sample.first.size)
    known = None if auxiliary is None else np.asarray(auxiliary, dtype=float)
    if known is not None:
        factors[chosen] = _factors(sample, weights, known)
    final = weights * factors
    value = final @ columns
    size = float(final.sum())
    scores = columns
    if statistic == "mean":
        value = value / size
        scores = np.where(chosen[:, None], (columns - value) / size, 0.0)
    left = scores if known is None else (scores - _fitted(sample, weights, scores, known)) * factors[:, None]
    found = [
        _first_phase(sample, scores[:, k] * np.where(chosen, factors, 1.0))
        + _second_phase(sample, left[:, k])
        for k in range(columns.shape[1])
    ]
    names = tuple(labels) or tuple(str(place + 1) for place in range(value.size))
    sampled = np.full(value.size, float(chosen.sum()))
    free = min(sample.first.degrees_of_freedom, float(chosen.sum() - sample.counts.shape[0]))
    return Estimates(statistic, names, value, np.diag(found), free, sampled)


def _factors(sample: TwoPhase, weights: Array, auxiliary: Array) -> Array:
    """Return calibration factors of the second phase's records, shape (n2,)."""
    chosen = sample.chosen
    totals = sample.first.weights @ auxiliary
    known = controls({str(k): (auxiliary[chosen, k], float(totals[k])) for k in range(auxiliary.shape[1])})
    return calibrate(design(weights[chosen]), known).factors


def _fitted(sample: TwoPhase, weights: Array, columns: Array, auxiliary: Array) -> Array:
    """Return the values that the regression of the second phase gives, shape (n1, k), zero outside it."""
    x, w = auxiliary[sample.chosen], weights[sample.chosen, None]
    slopes = np.linalg.lstsq(x.T @ (w * x), x.T @ (w * columns[sample.chosen]), rcond=None)[0]
    return np.where(sample.chosen[:, None], auxiliary @ slopes, 0.0)


def _first_phase(sample: TwoPhase, values: Array) -> float:
    """Return the first phase's variance, estimated from the second phase by its pairwise chances."""
    stage = sample.first.stages[0]
    rest = (1.0 - np.minimum(stage.fraction, 1.0)) * np.where(stage.count > 1, 1.0, 0.0)
    scores = np.where(sample.chosen, sample.first.weights * values, 0.0)
    raised = scores * sample.raised
    own = rest[stage.stratum[stage.unit]]
    variance = _quadratic(sample, raised)
    for group, (before, after) in enumerate(sample.counts):
        inside = np.where(sample.stratum == group, raised, 0.0)
        diagonal = float((own * inside**2).sum())
        pair = 1.0 if after < 2 else (before - 1.0) * after / (before * (after - 1.0))
        variance += (pair - 1.0) * (_quadratic(sample, inside) - diagonal)
        variance += (after / before - 1.0) * diagonal
    return variance


def _quadratic(sample: TwoPhase, scores: Array) -> float:
    """Return Σ (1 - f) n/(n - 1) Σ (z - z̄)² between the first phase's units."""
    stage = sample.first.stages[0]
    totals = np.bincount(stage.unit, weights=scores, minlength=stage.stratum.size)
    strata = stage.count.size
    sums = np.bincount(stage.stratum, weights=totals, minlength=strata)
    apart = totals - (sums / stage.count)[stage.stratum]
    scale = (1.0 - np.minimum(stage.fraction, 1.0)) * np.where(
        stage.count > 1, stage.count / np.maximum(stage.count - 1.0, 1.0), 0.0
    )
    return float((scale[stage.stratum] * apart**2).sum())


def _second_phase(sample: TwoPhase, values: Array) -> float:
    """Return the variance of the second phase given the first: Σ n1² (1 - n2/n1) s²/n2."""
    scores = sample.first.weights * values
    variance = 0.0
    for group, (before, after) in enumerate(sample.counts):
        if after == before:
            continue
        inside = scores[sample.chosen & (sample.stratum == group)]
        variance += before**2 * (1.0 - after / before) * float(inside.var(ddof=1)) / after
    return variance
