"""Replicate weights: balanced half-samples, Fay, jackknife, bootstrap of clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.controls import Controls
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.variance import unit_totals

Array = NDArray[np.float64]

MOST_UNITS = 5_000


@dataclass(frozen=True)
class Replicates:
    """Replicate weights of a design, kept as factors of its first-stage units.

    Attributes:
        kind: "JK1", "JKn", "BRR", "Fay" or "bootstrap".
        design: the sample.
        factors: shape (units, replicates), dimensionless.
        scale: shape (replicates,), factor on each squared deviation, dimensionless.
        recalibrate: calibrates a design anew for each replicate, or None.
        around: deviations are taken from the "mean" of the replicates or from the "estimate".

    Source: Wolter, Introduction to Variance Estimation (2007), chapters 3 to 5.
    """

    kind: str
    design: Design
    factors: Array
    scale: Array
    recalibrate: Callable[[Design], Design] | None = None
    around: str = "mean"

    def weights(self, replicate: int) -> Array:
        """Return the weights of one replicate, shape (n,), dimensionless.

        Raises:
            MethodError: the replicate cannot be calibrated, though the sample can.
        """
        unit = self.design.stages[0].unit
        drawn = self.design.with_weights(self.design.weights * self.factors[unit, replicate])
        if self.recalibrate is None:
            return drawn.weights
        try:
            return self.recalibrate(drawn).weights
        except MethodError as error:
            told = "; ".join(str(one.values.get("control", one.code)) for one in error.problems)
            values = {"replicate": replicate + 1, "of": self.factors.shape[1], "controls": told}
            raise MethodError(Problem("survey.replicate_not_calibrated", values=values)) from error

    def estimate(self, statistic: Callable[[Array], Any], *, labels: tuple[str, ...] = ()) -> Estimates:
        """Return a statistic of the weights with its replication covariance.

        Args:
            statistic: takes weights of shape (n,), returns k values.
            labels: names of the values.

        Source: Wolter (2007), section 3.3 and following.
        """
        full = self.design.weights if self.recalibrate is None else self.recalibrate(self.design).weights
        value = np.atleast_1d(np.asarray(statistic(full), dtype=float))
        count = self.factors.shape[1]
        drawn = np.stack([np.atleast_1d(np.asarray(statistic(self.weights(r)), float)) for r in range(count)])
        return self._made(value, drawn, labels)

    def totals(self, values: Any, *, labels: tuple[str, ...] = ()) -> Estimates:
        """Return totals, values of shape (n,) or (n, k), by one product of matrices where nothing is recalibrated."""
        columns = np.asarray(values, dtype=float).reshape(self.design.size, -1)
        if self.recalibrate is not None:
            return self.estimate(lambda weights: weights @ columns, labels=labels)
        sums = unit_totals(self.design.stages[0], self.design.weights[:, None] * columns)
        return self._made(sums.sum(axis=0), self.factors.T @ sums, labels)

    def _made(self, value: Array, drawn: Array, labels: tuple[str, ...]) -> Estimates:
        apart = drawn - (drawn.mean(axis=0) if self.around == "mean" else value)
        found = (apart * self.scale[:, None]).T @ apart
        names = labels or tuple(str(place + 1) for place in range(value.size))
        sampled = np.full(value.size, float(self.design.size))
        return Estimates(self.kind, names, value, found, self.design.degrees_of_freedom, sampled)


def covariance_of_controls(known: Controls, statistic: Callable[[Controls], Any]) -> Array:
    """Return the covariance that a calibrated statistic takes from controls that are themselves estimates.

    The replicates of a sample calibrate to the same totals every time; this is what they leave out, and is added to
    their covariance. The totals are moved by one standard deviation along each principal axis of their covariance.

    Args:
        known: the controls with their covariance.
        statistic: takes controls, calibrates the sample to them, returns k values.

    Returns:
        Covariance, shape (k, k), in the unit squared; zeros where the totals are exact.

    Raises:
        MethodError: the moved totals cannot be met.

    Source: Fuller (1998), Replication variance estimation for two-phase samples, Statistica Sinica 8, 1153-1164
    (control totals moved along the axes of their covariance); here in both directions.
    """
    size = np.atleast_1d(np.asarray(statistic(known), dtype=float)).size
    found = np.zeros((size, size))
    if known.covariance is None:
        return found
    spreads, axes = np.linalg.eigh(known.covariance)
    for spread, axis in zip(spreads, axes.T, strict=True):
        if spread <= 1e-14 * max(float(spreads.max()), 1e-300):
            continue
        step = np.sqrt(spread) * axis
        ends = [
            np.atleast_1d(
                np.asarray(statistic(replace(known, totals=known.totals + side * step)), dtype=float)
            )
            for side in (-1.0, 1.0)
        ]
        half = (ends[1] - ends[0]) / 2.0
        found += np.outer(half, half)
    return found


def _alone(design: Design) -> None:
    """Refuse strata with one unit that are to be treated in a way replicates have no counterpart for.

    Raises:
        MethodError: such strata, by name.
    """
    stage = design.stages[0]
    if design.lonely in ("adjust", "average") and stage.lonely.any():
        names = [stage.names[k] for k in np.flatnonzero(stage.lonely).tolist()]
        values = {"count": len(names), "strata": ", ".join(names[:8]), "given": design.lonely}
        raise MethodError(Problem("survey.lonely_replicates", values=values))


def jackknife(
    design: Design, *, recalibrate: Callable[[Design], Design] | None = None, around: str = "mean"
) -> Replicates:
    """Return delete-a-cluster replicates: JK1 for one stratum, JKn for several, with the correction of the design.

    Args:
        design: of the sample, at most 5,000 first-stage units.
        recalibrate: calibrates a design anew.
        around: "mean" or "estimate".

    Raises:
        MethodError: more units than replicates can be kept for; strata with one unit that are adjusted or averaged.

    Source: Wolter (2007), sections 4.3 and 4.5.
    """
    _alone(design)
    stage = design.stages[0]
    units = stage.stratum.size
    if units > MOST_UNITS:
        raise MethodError(Problem("survey.too_many_replicates", values={"units": units, "most": MOST_UNITS}))
    count = stage.count[stage.stratum]
    raised = np.where(count > 1, count / np.where(count > 1, count - 1.0, 1.0), 1.0)
    same = stage.stratum[:, None] == stage.stratum[None, :]
    factors = np.where(same, raised[:, None], 1.0)
    several = count > 1
    factors[np.arange(units)[several], np.arange(units)[several]] = 0.0
    scale = (count - 1.0) / count * (1.0 - np.minimum(stage.fraction[stage.stratum], 1.0))
    kind = "JK1" if stage.count.size == 1 else "JKn"
    return Replicates(kind, design, factors, scale, recalibrate, around)


def brr(design: Design, *, recalibrate: Callable[[Design], Design] | None = None) -> Replicates:
    """Return balanced half-samples; every stratum has exactly two sampled units.

    Args:
        design: of the sample.
        recalibrate: calibrates a design anew.

    Raises:
        MethodError: a stratum with another number of units.

    Source: McCarthy (1969); Wolter (2007), section 3.2.
    """
    return _half_samples(design, 0.0, "BRR", recalibrate)


def fay(
    design: Design, rho: float = 0.5, *, recalibrate: Callable[[Design], Design] | None = None
) -> Replicates:
    """Return Fay's half-samples: the left-out half keeps a share of its weight.

    Args:
        design: of the sample.
        rho: share kept, dimensionless, from 0 to below 1.
        recalibrate: calibrates a design anew.

    Raises:
        MethodError: a stratum that has not two units; a share that is none.

    Source: Judkins (1990), Journal of Official Statistics 6; Wolter (2007), section 3.8.
    """
    if not 0.0 <= rho < 1.0:
        raise MethodError(Problem("survey.bad_share", values={"given": rho}))
    return _half_samples(design, rho, "Fay", recalibrate)


def _half_samples(
    design: Design, rho: float, kind: str, recalibrate: Callable[[Design], Design] | None
) -> Replicates:
    stage = design.stages[0]
    odd = [stage.names[k] for k in np.flatnonzero(stage.count != 2)]
    if odd:
        values = {"count": len(odd), "strata": ", ".join(odd[:8])}
        raise MethodError(Problem("survey.not_two_units", values=values))
    strata = stage.count.size
    signs = balanced_signs(strata)
    order = signs.shape[1]
    first = np.zeros(stage.stratum.size)
    first[np.unique(stage.stratum, return_index=True)[1]] = 1.0
    side = np.where(first > 0, 1.0, -1.0)
    factors = 1.0 + (1.0 - rho) * side[:, None] * signs[stage.stratum]
    scale = np.full(order, 1.0 / (order * (1.0 - rho) ** 2))
    return Replicates(kind, design, factors, scale, recalibrate, "estimate")


def balanced_signs(strata: int) -> Array:
    """Return orthogonal rows of signs that each sum to zero, shape (strata, replicates), dimensionless.

    The order is the least of a power of two or of Paley's first construction (a prime of the form 4k - 1, plus one).

    Args:
        strata: rows wanted, count.

    Source: Paley (1933), Journal of Mathematics and Physics 12; Wolter (2007), section 3.2 and appendix A.
    """
    order = 4
    while order <= strata or not (order & (order - 1) == 0 or _is_prime(order - 1)):
        order += 4
    if order & (order - 1) == 0:
        return np.asarray(hadamard(order)[1 : strata + 1], dtype=float)
    prime = order - 1
    squares = {k * k % prime for k in range(1, prime)}
    apart = (np.arange(prime)[:, None] - np.arange(prime)[None, :]) % prime
    matrix = np.ones((order, order))
    matrix[1:, 0] = -1.0
    matrix[1:, 1:] = np.where(np.isin(apart, list(squares)), 1.0, -1.0)
    matrix[1:, 1:][np.arange(prime), np.arange(prime)] = 1.0
    return matrix[1 : strata + 1]


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % k for k in range(2, int(number**0.5) + 1))


def bootstrap(
    design: Design,
    replicates: int,
    generator: np.random.Generator,
    *,
    recalibrate: Callable[[Design], Design] | None = None,
) -> Replicates:
    """Return Rao and Wu's bootstrap: n_h - 1 of the n_h units of a stratum, drawn with replacement and rescaled.

    Args:
        design: of the sample.
        replicates: how many, count.
        generator: source of the draws.
        recalibrate: calibrates a design anew.

    Raises:
        MethodError: fewer than two replicates; strata with one unit that are adjusted or averaged.

    Source: Rao & Wu (1988), JASA 83; Rao, Wu & Yue (1992), Survey Methodology 18; deviations scaled by √(1 - f).
    """
    if replicates < 2:
        raise MethodError(Problem("survey.few_replicates", values={"given": replicates}))
    _alone(design)
    stage = design.stages[0]
    factors = np.ones((stage.stratum.size, replicates))
    for number, size in enumerate(stage.count.astype(int)):
        rest = 1.0 - min(float(stage.fraction[number]), 1.0)
        if size < 2 or rest <= 0.0:
            continue
        drawn = generator.multinomial(size - 1, np.full(size, 1.0 / size), size=replicates).T
        inside = stage.stratum == number
        factors[inside] = 1.0 + np.sqrt(rest) * (drawn * (size / (size - 1.0)) - 1.0)
    return Replicates("bootstrap", design, factors, np.full(replicates, 1.0 / (replicates - 1)), recalibrate)
