"""Precision and recall of links from a sample that people judged, with standard errors and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 4_000
TAIL = 0.025
LEAST = 12
PRIOR = 1 / 3  # Kerman's neutral prior: a class without observed errors is not certain to have none
LOST_PRIOR = (
    1 / 2
)  # Jeffreys: of few records drawn the neutral one is too sure where none or one shows a loss


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

    records: records there are; counts: true pairs found on each record judged, shape (judged,); ends: from how many
    records one pair can be found (2 within a list, 1 where only one side was sampled); most: pairs that could have been
    found on a record, as many as were shown. Each a count.

    Source: multiplicity estimator, Sirken (1970).
    """

    records: int
    counts: tuple[int, ...]
    ends: int = 2
    most: int = 1

    @property
    def judged(self) -> int:
        """Return how many records were judged, a count."""
        return len(self.counts)

    @property
    def found(self) -> int:
        """Return how many true pairs were found on them, a count."""
        return sum(self.counts)


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
    cells: Sequence[Cell],
    lost: Lost | Sequence[Lost] | None,
    generator: np.random.Generator,
    *,
    unseen: float = 0.0,
) -> Mapping[str, Rate]:
    """Return precision, recall, false_link_rate and missed_link_rate, dimensionless.

    The standard error of precision is that of the stratified estimate with finite population correction. Intervals are
    quantiles of posteriors of the classes under a neutral prior, drawn for the pairs that nobody judged, so that they
    stay honest where a class showed no error. The standard error of recall is the deviation of the same draws: recall
    is no linear function of its parts where few pairs are linked, and a share's error cannot exceed one half. Classes
    of which nothing was judged are outside the estimate; say so beside it.

    Args:
        cells: classes of pairs.
        lost: the sample of records apart from blocking, or the samples of several linkages; without it recall is that
            of compared pairs only.
        generator: of the draws.
        unseen: true pairs that may be lost besides, at most, of which no sample tells: in the worse bound alone.

    Source: stratified estimation, Cochran (1977), chapter 5; intervals by
        Kerman (2011), Electronic Journal of Statistics 5, with beta-binomial draws for the unjudged pairs; each bound
        with a prior of its own, as by Clopper and Pearson (1934): the better one counts no error that nobody saw.
    """
    known = [cell for cell in cells if cell.judged]
    judged_linked = sum(cell.judged for cell in known if cell.linked)
    searched = [] if lost is None else [lost] if isinstance(lost, Lost) else list(lost)
    judged = sum(cell.judged for cell in known) + sum(one.judged for one in searched)
    linked = _total([cell for cell in known if cell.linked], generator)
    missed = _total([cell for cell in known if not cell.linked], generator)
    size = sum(cell.size for cell in known if cell.linked)
    if not size or not judged_linked:
        empty = Rate(None, None, None, None, judged)
        return dict.fromkeys(("precision", "recall", "false_link_rate", "missed_link_rate"), empty)
    for one in searched:
        if one.judged:
            missed = missed.plus(_lost(one, generator))
    missed = missed.plus(_Total(0.0, 0.0, np.full(DRAWS, unseen), np.zeros(DRAWS)))
    precision = _rate(
        linked.value / size,
        linked.variance**0.5 / size,
        linked.draws / size,
        linked.good / size,
        judged_linked,
    )
    whole = linked.value + missed.value
    if whole <= 0:
        recall = Rate(None, None, None, None, judged)
    else:
        drawn = linked.draws / np.maximum(linked.draws + missed.draws, 1e-9)
        good = linked.good / np.maximum(linked.good + missed.good, 1e-9)
        recall = _rate(linked.value / whole, float(drawn.std(ddof=1)), drawn, good, judged)
    return {
        "precision": precision, "recall": recall, "false_link_rate": _rest(precision),
        "missed_link_rate": _rest(recall),
    }  # fmt: skip


@dataclass(frozen=True)
class _Total:
    """draws: with errors that nobody saw, for the worse bound; good: without, for the better one."""

    value: float
    variance: float
    draws: np.ndarray
    good: np.ndarray

    def plus(self, other: _Total) -> _Total:
        return _Total(
            self.value + other.value, self.variance + other.variance, self.draws + other.draws,
            self.good + other.good,
        )  # fmt: skip


def _total(cells: Sequence[Cell], generator: np.random.Generator) -> _Total:
    """Return the number of true pairs in cells."""
    found = _Total(0.0, 0.0, np.zeros(DRAWS), np.zeros(DRAWS))
    for cell in cells:
        rest = cell.size - cell.judged
        drawn = cell.true + _unjudged(rest, cell.true + PRIOR, cell.judged - cell.true + PRIOR, generator)
        # of many classes without a seen error the unseen ones add up: the better bound counts seen ones alone
        best = (PRIOR, 0.0) if cell.linked else (0.0, PRIOR)
        good = cell.true + _unjudged(rest, cell.true + best[0], cell.judged - cell.true + best[1], generator)
        smooth = (cell.true + PRIOR) / (cell.judged + 2 * PRIOR)
        spread = cell.size * rest * smooth * (1 - smooth) / max(cell.judged - 1, 1)
        found = found.plus(_Total(cell.size * cell.true / cell.judged, spread, drawn, good))
    return found


def _lost(lost: Lost, generator: np.random.Generator) -> _Total:
    """Return the number of lost pairs: a mean of counts, whose variance is that of the counts themselves.

    Lost pairs come in clusters where a block was dropped, so counts above one must not be taken for single ones. The
    draws are those of shares of records with 0, 1, 2 … lost pairs under a neutral prior on none and on the largest
    count seen; where none was seen, on as many as could have been.
    """
    counts = np.array(lost.counts, dtype=float)
    rest = lost.records - lost.judged
    top = int(counts.max()) or lost.most
    seen = np.bincount(counts.astype(np.int64), minlength=top + 1)
    prior = np.zeros(top + 1)
    prior[[0, top]] = LOST_PRIOR
    values = np.arange(top + 1, dtype=float)
    shares = generator.dirichlet(np.maximum(seen + prior, 1e-12), DRAWS)
    drawn = counts.sum() + generator.multinomial(max(rest, 0), shares) @ values
    least = seen + np.where(np.arange(top + 1) == 0, LOST_PRIOR, 0.0)
    fewest = generator.dirichlet(np.maximum(least, 1e-12), DRAWS)
    good = counts.sum() + generator.multinomial(max(rest, 0), fewest) @ values
    smooth = (seen + prior) / (lost.judged + prior.sum())
    spread = float(smooth @ values**2 - (smooth @ values) ** 2)
    variance = lost.records * max(rest, 0) * spread / max(lost.judged - 1, 1)
    ends = lost.ends
    value = lost.records * lost.found / lost.judged / ends
    return _Total(value, variance / ends**2, np.asarray(drawn) / ends, np.asarray(good) / ends)


def _unjudged(rest: int, true: float, false: float, generator: np.random.Generator) -> np.ndarray:
    """Return draws of how many of the pairs not judged are true, from so many true and false ones."""
    if rest <= 0 or true <= 0:
        return np.zeros(DRAWS)
    if false <= 0:
        return np.full(DRAWS, float(rest))
    share = generator.beta(true, false, DRAWS)
    return np.asarray(generator.binomial(rest, share), dtype=float)


def _rate(value: float, error: float, draws: np.ndarray, good: np.ndarray, judged: int) -> Rate:
    low, high = float(np.quantile(draws, TAIL)), float(np.quantile(good, 1 - TAIL))
    return Rate(value, float(error), max(0.0, min(low, value)), min(1.0, max(high, value)), judged)


def _rest(one: Rate) -> Rate:
    if one.value is None or one.low is None or one.high is None:
        return one
    return Rate(1 - one.value, one.standard_error, 1 - one.high, 1 - one.low, one.judged)
