"""The design of a sample: weights, and for each stage strata, sampling units and the finite population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

if TYPE_CHECKING:
    from lvshu.statistics.survey.controls import Adjustment

Array = NDArray[np.float64]
Index = NDArray[np.int64]

LONELY = ("error", "adjust", "average", "certainty")
SHOWN = 8


@dataclass(frozen=True)
class Stage:
    """One stage of sampling.

    Attributes:
        unit: shape (n,), number of the sampling unit of each record, from 0.
        stratum: shape (units,), number of the stratum of each unit, from 0.
        count: shape (strata,), units sampled, count.
        fraction: shape (strata,), share of the stratum's units that is sampled, dimensionless; 0: no correction.
        reach: shape (strata,), product of the fractions of the stages before, dimensionless.
        names: labels of the strata.

    Source: Särndal, Swensson, Wretman (1992), section 4.3 (multistage designs).
    """

    unit: Index
    stratum: Index
    count: Array
    fraction: Array
    reach: Array
    names: tuple[str, ...]

    @property
    def lonely(self) -> NDArray[np.bool_]:
        """Return which strata have one sampled unit that stands for more than itself, shape (strata,)."""
        return np.asarray((self.count == 1) & (self.fraction < 1.0) & (self.reach > 0))


@dataclass(frozen=True)
class Design:
    """A sample's design, as `design` makes it.

    Attributes:
        weights: shape (n,), dimensionless; calibrated ones after a calibration.
        stages: the stages whose variance counts, the first one first.
        lonely: what a stratum with one sampled unit does: "error", "adjust", "average" or "certainty".
        adjustments: calibrations that the weights went through, the first one first.

    Source: as `design`.
    """

    weights: Array
    stages: tuple[Stage, ...]
    lonely: str = "error"
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def size(self) -> int:
        """Return the number of records."""
        return int(self.weights.size)

    @property
    def degrees_of_freedom(self) -> float:
        """Return sampled first-stage units less strata, count."""
        return float(self.stages[0].count.sum() - self.stages[0].count.size)

    def with_weights(self, weights: Array) -> Design:
        """Return the design with other weights, shape (n,), and no calibration behind them."""
        return replace(self, weights=weights, adjustments=())


def codes(values: Any) -> tuple[Index, list[Any]]:
    """Return numbers from 0 for labels, shape (n,), and the label of each number, in order.

    Args:
        values: shape (n,), labels of any one kind.

    Raises:
        MethodError: a label is missing; it would become a class of its own.

    Source: none; bookkeeping.
    """
    given = np.asarray(values)
    absent = _absent(given)
    if absent.size:
        told = {"count": int(absent.size), "first": int(absent[0]) + 1}
        raise MethodError(Problem("survey.label_missing", values=told))
    if given.dtype.kind in "iu" and given.size:
        low, high = int(given.min()), int(given.max())
        if high - low < 8 * given.size:
            there = np.zeros(high - low + 1, dtype=bool)
            there[given - low] = True
            return (np.cumsum(there) - 1)[given - low].astype(np.int64), (
                np.flatnonzero(there) + low
            ).tolist()
    labels, numbers = np.unique(given.astype(str) if given.dtype == object else given, return_inverse=True)
    return numbers.astype(np.int64).reshape(-1), labels.tolist()


def _absent(given: NDArray[Any]) -> Index:
    """Return the places of missing labels: NaN, None."""
    if given.dtype.kind == "f":
        return np.flatnonzero(np.isnan(given))
    if given.dtype.kind == "O":
        return np.array(
            [at for at, one in enumerate(given.ravel().tolist()) if one is None or one != one], dtype=np.int64
        )
    return np.zeros(0, dtype=np.int64)


def numbers(values: Any) -> Array:
    """Return values as floating-point numbers, of the same shape; NaN where not stated.

    Args:
        values: any shape, in their own unit.

    Raises:
        MethodError: a value is no number.

    Source: none; checks.
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise MethodError(Problem("survey.no_numbers", values={"detail": str(error)[:120]})) from None


def flags(values: Any) -> NDArray[np.bool_]:
    """Return truth values, shape (n,), of booleans or of 0 and 1.

    Texts are refused: every text that is not empty would count as true, "0" among them.

    Args:
        values: shape (n,), dimensionless.

    Raises:
        MethodError: values that are neither, or missing.

    Source: none; checks.
    """
    given = np.asarray(values)
    if given.dtype.kind == "b":
        return np.asarray(given, dtype=bool)
    if given.dtype.kind == "O" and all(isinstance(one, bool | np.bool_) for one in given.ravel().tolist()):
        return given.astype(bool)
    fits = np.isin(given, (0, 1)) if given.dtype.kind in "iuf" else np.zeros(given.shape, dtype=bool)
    if not fits.all():
        bad = np.flatnonzero(~fits)
        told = {"count": int(bad.size), "first": int(bad[0]) + 1, "value": str(given.ravel()[bad[0]])}
        raise MethodError(Problem("survey.no_flag", values=told))
    return given.astype(bool)


def design(
    weights: Any,
    *,
    strata: Any = None,
    clusters: Any = None,
    population: Any = None,
    lonely: str = "error",
) -> Design:
    """Return the design of a sample.

    Strata, clusters and population take one array, or a list with one array for each stage (None for a stage
    without). Without clusters the records themselves were sampled. Cluster labels count within their stratum. With
    a correction at the first stage the later stages add their variance; without, the first stage stands for all
    (ultimate clusters).

    Args:
        weights: shape (n,), dimensionless, finite and not negative.
        strata: shape (n,) for each stage, labels.
        clusters: shape (n,) for each stage, labels of the sampling units.
        population: shape (n,) for each stage: sampling units of the record's stratum, count, or where all of them
            are at most 1 the sampled fraction, dimensionless.
        lonely: a stratum with one sampled unit is an "error"; takes its distance from the mean of all units
            ("adjust"); the mean variance of the other strata ("average"); or none, as a unit taken with certainty
            ("certainty").

    Raises:
        MethodError: lengths differ, weights are no weights, a population is smaller than its sample, a stratum has
            one unit (its name is told); all of them at once.

    Source: Särndal, Swensson, Wretman (1992), sections 3.7, 4.3; single units as in R package survey 4, options
    survey.lonely.psu.
    """
    given = numbers(weights).reshape(-1)
    n = given.size
    unit_labels = _listed(clusters, n) or [None]
    stratum_labels, sizes = _listed(strata, n), _listed(population, n)
    depth = max(len(unit_labels), len(sizes), 1)
    problems = _faults(given, [*unit_labels, *stratum_labels, *sizes], lonely)
    if problems:
        raise MethodError(*problems)
    stages: list[Stage] = []
    above: Stage | None = None
    reach = np.ones(n)
    for place in range(depth):
        stage, reach = _stage(
            above,
            _at(unit_labels, place - 1) if place else None,
            _at(stratum_labels, place),
            _at(unit_labels, place),
            _at(sizes, place),
            reach,
            problems,
        )
        if place and not np.any(stage.reach > 0):
            break
        stages.append(stage)
        above = stage
    made = Design(given, tuple(stages), lonely)
    if lonely == "error":
        problems += [_alone(stage, place) for place, stage in enumerate(made.stages) if stage.lonely.any()]
    if problems:
        raise MethodError(*problems)
    return made


def _listed(given: Any, n: int) -> list[Any]:
    """Return one entry for each stage."""
    if given is None:
        return []
    if isinstance(given, list | tuple) and (not given or given[0] is None or np.ndim(given[0]) == 1):
        return [None if one is None else np.asarray(one) for one in given]
    array = np.asarray(given)
    return [np.full(n, array) if array.ndim == 0 else array]


def _at(given: Sequence[Any], place: int) -> Any:
    return given[place] if place < len(given) else None


def _faults(weights: Array, columns: Sequence[Any], lonely: str) -> list[Problem]:
    problems = []
    if lonely not in LONELY:
        problems.append(
            Problem("survey.unknown_choice", values={"given": lonely, "known": ", ".join(LONELY)})
        )
    bad = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if not weights.size or not np.any(weights > 0):
        problems.append(Problem("survey.no_weights"))
    elif bad.size:
        values = {"count": int(bad.size), "first": int(bad[0]) + 1, "value": float(weights[bad[0]])}
        problems.append(Problem("survey.bad_weight", values=values))
    for column in columns:
        if column is not None and len(column) != weights.size:
            values = {"given": len(column), "wanted": int(weights.size)}
            problems.append(Problem("survey.length_differs", values=values))
    return problems


def _stage(
    above: Stage | None,
    above_labels: Any,
    strata: Any,
    units: Any,
    population: Any,
    reach: Array,
    problems: list[Problem],
) -> tuple[Stage, Array]:
    """Return a stage, and the product of sampling fractions down to it, shape (n,)."""
    n = reach.size
    own, names = codes(strata) if strata is not None else (np.zeros(n, dtype=np.int64), ["1"])
    if above is not None:
        own, pairs = codes(above.unit * len(names) + own)
        place = np.zeros(int(above.unit.max()) + 1, dtype=np.int64)
        place[above.unit] = np.arange(n)
        of = place if above_labels is None else np.asarray(above_labels)[place]
        # Labels of units count within their stratum, so it belongs to the name; a stage without strata adds none.
        within = [f"{above.names[k]}/" if len(above.names) > 1 else "" for k in above.stratum.tolist()]
        tails = [f"/{name}" if strata is not None else "" for name in names]
        names = [
            f"{within[pair // len(tails)]}{of[pair // len(tails)]}{tails[pair % len(tails)]}"
            for pair in pairs
        ]
    if units is None:
        unit = np.arange(n, dtype=np.int64)
    else:
        inner, labels = codes(units)
        unit, _ = codes(own * len(labels) + inner)
    total = int(unit.max()) + 1
    stratum = np.zeros(total, dtype=np.int64)
    stratum[unit] = own
    count = np.bincount(stratum, minlength=len(names)).astype(float)
    fraction, share = np.zeros(len(names)), np.zeros(len(names))
    if population is not None:
        size = np.asarray(population, dtype=float)
        fraction[own] = size
        low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
        np.minimum.at(low, own, size)
        np.maximum.at(high, own, size)
        if not np.all(size <= 1.0):
            fraction = count / np.where(fraction > 0, fraction, np.nan)
        problems += _population_faults(names, count, low, high, fraction)
    share[own] = reach
    return Stage(unit, stratum, count, fraction, share, tuple(map(str, names))), reach * fraction[own]


def _population_faults(
    names: Sequence[Any], count: Array, low: Array, high: Array, fraction: Array
) -> list[Problem]:
    problems = []
    uneven = [str(names[k]) for k in np.flatnonzero(high - low > 1e-9 * np.abs(high)).tolist()]
    if uneven:
        problems.append(Problem("survey.population_varies", values={"strata": ", ".join(uneven[:SHOWN])}))
    small = np.flatnonzero(~(fraction > 0) | (fraction > 1.0 + 1e-9))
    if small.size:
        shown = ", ".join(f"{names[k]} ({high[k]:g} < {count[k]:g})" for k in small.tolist()[:SHOWN])
        problems.append(Problem("survey.population_too_small", values={"strata": shown}))
    return problems


def _alone(stage: Stage, place: int) -> Problem:
    alone = np.flatnonzero(stage.lonely)
    names = ", ".join(stage.names[k] for k in alone.tolist()[:SHOWN])
    values = {"count": int(alone.size), "stage": place + 1, "strata": names}
    return Problem("survey.lonely_unit", values=values)
