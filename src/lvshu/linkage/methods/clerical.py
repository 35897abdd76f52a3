"""Precision and recall of links from a sample that people judged, with standard errors and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 4_000
TAIL = 0.025
LEAST = 12
PRIOR = 1 / 3  # Kerman's neutral prior: a class without observed errors is not certain to have none


@dataclass(frozen=True)
class Cell:
    """A class of pairs, all linked or none. Returned by and given to this module.

    size: pairs in it; judged: of them judged; true: of those, pairs of one unit. Counts.

    Source: stratum of a stratified sample, Cochran (1977), chapter 5.
    """

    size: int
    linked: bool
    judged: int
    true: int


@dataclass(frozen=True)
class Lost:
    """What a sample of records, drawn apart from blocking, found of pairs that were never compared.

    records: records there are; judged: records judged; found: true pairs found on them; ends: from how many records
    one pair can be found (2 within a list, 1 where only one side was sampled). Each a count.

    Source: multiplicity estimator, Sirken (1970).
    """

    records: int
    judged: int
    found: int
    ends: int = 2


@dataclass(frozen=True)
class Rate:
    """A share, dimensionless, and how well it is known; None where nobody judged.

    Source: see `link_rates`.
    """

    value: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    judged: int


def allocate(sizes: np.ndarray, spread: np.ndarray, total: int) -> np.ndarray:
    """Return how many to draw of each class, counts, shape (classes,): by size times spread, a few of each at least.

    Args:
        sizes: pairs in each class, counts, shape (classes,).
        spread: expected standard deviation of the truth in each class, dimensionless, shape (classes,).
        total: pairs to draw, a count; exceeded where the least of each class needs it.

    Source: Neyman (1934) allocation, Cochran (1977), section 5.5.
    """
    sizes = np.asarray(sizes, dtype=np.int64)
    share = sizes * np.maximum(spread, 0.02)
    wanted = np.ceil(total * share / max(float(share.sum()), 1e-12)).astype(np.int64)
    return np.asarray(np.minimum(sizes, np.maximum(wanted, LEAST)))


def link_rates(
    cells: Sequence[Cell], lost: Lost | None, generator: np.random.Generator
) -> Mapping[str, Rate]:
    """Return precision, recall, false_link_rate and missed_link_rate, dimensionless.

    Standard errors are those of the stratified estimate with finite population correction; intervals are quantiles of
    posteriors of the classes under a neutral prior, drawn for the pairs that nobody judged, so that they stay honest
    where a class showed no error. Classes of which nothing was judged are outside the estimate; say so beside it.

    Args:
        cells: classes of pairs.
        lost: the sample of records apart from blocking; without it recall is that of compared pairs only.
        generator: of the draws.

    Source: stratified estimation, Cochran (1977), chapters 5 and 6; ratio by linearisation; intervals by
        Kerman (2011), Electronic Journal of Statistics 5, with beta-binomial draws for the unjudged pairs.
    """
    known = [cell for cell in cells if cell.judged]
    judged_linked = sum(cell.judged for cell in known if cell.linked)
    judged = sum(cell.judged for cell in known) + (lost.judged if lost else 0)
    linked = _total([cell for cell in known if cell.linked], generator)
    missed = _total([cell for cell in known if not cell.linked], generator)
    size = sum(cell.size for cell in known if cell.linked)
    if not size or not judged_linked:
        empty = Rate(None, None, None, None, judged)
        return dict.fromkeys(("precision", "recall", "false_link_rate", "missed_link_rate"), empty)
    if lost is not None and lost.judged:
        missed = missed.plus(_lost(lost, generator))
    precision = _rate(linked.value / size, linked.variance**0.5 / size, linked.draws / size, judged_linked)
    whole = linked.value + missed.value
    if whole <= 0:
        recall = Rate(None, None, None, None, judged)
    else:
        variance = (missed.value**2 * linked.variance + linked.value**2 * missed.variance) / whole**4
        drawn = linked.draws / np.maximum(linked.draws + missed.draws, 1e-9)
        recall = _rate(linked.value / whole, variance**0.5, drawn, judged)
    return {
        "precision": precision, "recall": recall, "false_link_rate": _rest(precision),
        "missed_link_rate": _rest(recall),
    }  # fmt: skip


@dataclass(frozen=True)
class _Total:
    value: float
    variance: float
    draws: np.ndarray

    def plus(self, other: _Total) -> _Total:
        return _Total(self.value + other.value, self.variance + other.variance, self.draws + other.draws)


def _total(cells: Sequence[Cell], generator: np.random.Generator) -> _Total:
    """Return the number of true pairs in cells."""
    found = _Total(0.0, 0.0, np.zeros(DRAWS))
    for cell in cells:
        rest = cell.size - cell.judged
        drawn = cell.true + _unjudged(rest, cell.true, cell.judged, generator)
        smooth = (cell.true + PRIOR) / (cell.judged + 2 * PRIOR)
        spread = cell.size * rest * smooth * (1 - smooth) / max(cell.judged - 1, 1)
        found = found.plus(_Total(cell.size * cell.true / cell.judged, spread, drawn))
    return found


def _lost(lost: Lost, generator: np.random.Generator) -> _Total:
    rest = lost.records - lost.judged
    share = min((lost.found + PRIOR) / (lost.judged + 2 * PRIOR), 1.0)
    variance = lost.records * rest * share * (1 - share) / max(lost.judged - 1, 1)
    found = min(lost.found, lost.judged)
    drawn = lost.found + _unjudged(rest, found, lost.judged, generator)
    ends = lost.ends
    return _Total(lost.records * lost.found / lost.judged / ends, variance / ends**2, drawn / ends)


def _unjudged(rest: int, true: int, judged: int, generator: np.random.Generator) -> np.ndarray:
    if rest <= 0:
        return np.zeros(DRAWS)
    share = generator.beta(true + PRIOR, judged - true + PRIOR, DRAWS)
    return np.asarray(generator.binomial(rest, share), dtype=float)


def _rate(value: float, error: float, draws: np.ndarray, judged: int) -> Rate:
    low, high = (float(one) for one in np.quantile(draws, (TAIL, 1 - TAIL)))
    return Rate(value, float(error), max(0.0, min(low, value)), min(1.0, max(high, value)), judged)


def _rest(one: Rate) -> Rate:
    if one.value is None or one.low is None or one.high is None:
        return one
    return Rate(1 - one.value, one.standard_error, 1 - one.high, 1 - one.low, one.judged)
