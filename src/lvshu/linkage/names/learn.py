"""Weights and probabilities fitted to names that people judged, and how well they do on names left out of the fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.linkage.names.calibration import Isotonic, calibration_error, fit_choice, fit_isotonic
from lvshu.linkage.names.scoring import HAN_SET, LATIN_SET, PINYIN_SET, SETS, Weights, strengths

FOLDS = 5
ENOUGH = 100
"""Judged names from which on probabilities are calibrated as well (isotonic regression); lvshu's own convention."""
_LEAST = 1e-6


@dataclass(frozen=True)
class Judged:
    """Names that people judged, with their candidates.

    query: row of the name, rising; company: row of the company, once a name; rows: evidence, shape (pairs, columns);
    kind: place in SETS of each pair's weights; sure: may be taken without a look. All of shape (pairs,).
    truth: row of the right company of each name, -1 where it is none of the companies, shape (names,).
    """

    query: np.ndarray
    company: np.ndarray
    rows: np.ndarray
    kind: np.ndarray
    sure: np.ndarray
    truth: np.ndarray

    def right(self) -> np.ndarray:
        """Return which pairs are true, boolean, shape (pairs,)."""
        return np.asarray(self.company == self.truth[self.query])

    def of(self, names: np.ndarray) -> np.ndarray:
        """Return which pairs are of some names, boolean, shape (pairs,)."""
        return np.asarray(np.isin(self.query, names))


@dataclass(frozen=True)
class Outcome:
    """What probabilities make of judged names; dimensionless, shape (names,).

    loss: minus the logarithm of the probability of what is true; taken: taken without a look; correct: taken and right.
    calibration_error: of the best candidates.
    """

    loss: np.ndarray
    taken: np.ndarray
    correct: np.ndarray
    calibration_error: float


@dataclass(frozen=True)
class Learned:
    """Fitted weights and calibration, with their outcome on names left out of the fit.

    scripts: the scripts whose weights were fitted; the others' are those that were given.
    calibration: None where too few names were judged, or none of them is none of its candidates.
    none_known: whether some judged name is none of its candidates; else the intercept stays as given.
    before, after: outcome of the given weights, and of the fitted ones, each name judged by a fit without it.
    """

    weights: Weights
    calibration: Isotonic | None
    scripts: tuple[str, ...]
    none_known: bool
    before: Outcome
    after: Outcome


@dataclass(frozen=True)
class Bars:
    """When a candidate is taken without a look: least probability, and how far ahead of the next."""

    accept: float
    margin: float


def learn(judged: Judged, given: Weights, bars: Bars, generator: np.random.Generator) -> Learned:
    """Return weights and calibration fitted to judged names.

    Args:
        judged: names that people judged, with their candidates.
        given: weights that the fitted ones are drawn to.
        bars: when a candidate is taken.
        generator: deals the names out to the folds.

    Raises:
        MethodError: no script has both a right and a wrong candidate, so nothing can be learned.

    Source: conditional logit with a normal prior at the given weights; isotonic regression on out-of-fold
    probabilities; cross-validation, Stone (1974).
    """
    names = len(judged.truth)
    weights, scripts = _fitted(judged, np.arange(names), given)
    if not scripts:
        raise MethodError(Problem("linkage.one_answer", values={"pairs": len(judged.query)}))
    fold = generator.permutation(names) % min(FOLDS, max(names, 1))
    apart = np.zeros(len(judged.query))
    for one in np.unique(fold):
        others, own = np.flatnonzero(fold != one), judged.of(np.flatnonzero(fold == one))
        apart[own] = probabilities(judged, _fitted(judged, others, given)[0])[own]
    calibration, shown = None, apart
    if names >= ENOUGH and _two_answers(judged.right()) and knows_none(judged):
        calibration, shown = _calibration(apart, judged.right()), apart.copy()
        for one in np.unique(fold):
            own = judged.of(np.flatnonzero(fold == one))
            if _two_answers(judged.right()[~own]):
                shown[own] = _calibration(apart[~own], judged.right()[~own])(apart[own])
        shown = _at_most_one(judged.query, shown)
    before = outcome_of(judged, probabilities(judged, given), bars)
    return Learned(weights, calibration, scripts, knows_none(judged), before, outcome_of(judged, shown, bars))


def knows_none(judged: Judged) -> bool:
    """Return whether some name with candidates is none of them: else nothing tells how often that is so."""
    asked, right = np.unique(judged.query), np.unique(judged.query[judged.right()])
    return len(right) < len(asked)


def probabilities(judged: Judged, weights: Weights) -> np.ndarray:
    """Return the probability of each pair, dimensionless, shape (pairs,)."""
    odds = np.exp(strengths(judged.rows, judged.kind, weights))
    total = np.bincount(judged.query, weights=odds, minlength=len(judged.truth))
    return np.asarray(odds / (1 + total[judged.query]))


def outcome_of(judged: Judged, probability: np.ndarray, bars: Bars) -> Outcome:
    """Return what probabilities of pairs, shape (pairs,), make of the judged names."""
    names = len(judged.truth)
    order = np.lexsort((judged.company, -probability, judged.query))
    query, company, chance = judged.query[order], judged.company[order], probability[order]
    first = np.ones(len(query), dtype=bool)
    first[1:] = query[1:] != query[:-1]
    best, second = np.zeros(names), np.zeros(names)
    best[query[first]] = chance[first]
    after = np.flatnonzero(first) + 1
    after = after[(after < len(query))]
    after = after[~first[after]]
    second[query[after]] = chance[after]
    chosen, sure = np.full(names, -2), np.zeros(names, dtype=bool)
    chosen[query[first]], sure[query[first]] = company[first], judged.sure[order][first]
    taken = (best >= bars.accept) & (best - second >= bars.margin) & sure
    correct = taken & (chosen == judged.truth)
    right = judged.right()
    told = 1 - np.bincount(judged.query, weights=probability, minlength=names)
    told[judged.query[right]] = probability[right]
    loss = -np.log(np.clip(told, _LEAST, 1))
    there = best > 0
    error = calibration_error(best[there], (chosen == judged.truth)[there]) if there.any() else 0.0
    return Outcome(loss, taken, correct, error)


def _fitted(judged: Judged, names: np.ndarray, given: Weights) -> tuple[Weights, tuple[str, ...]]:
    own = judged.of(names)
    right = judged.right()
    made, scripts = given, []
    for script in (HAN_SET, LATIN_SET, PINYIN_SET):
        mask = own & (judged.kind == SETS.index(script))
        if not _two_answers(right[mask]) or getattr(given, script) is None:
            continue
        fitted = fit_choice(judged.rows[mask], judged.query[mask], right[mask], prior=getattr(given, script))
        made = replace(made, **{script: fitted})
        scripts.append(script)
    return made, tuple(scripts)


def _two_answers(right: np.ndarray) -> bool:
    return bool(right.any() and not right.all())


def _calibration(scores: np.ndarray, truth: np.ndarray) -> Isotonic:
    """Return the function with ends at 0 and 1; each step is drawn to its mean score by one pair."""
    made = fit_isotonic(scores, truth, pull=1.0)
    ends = np.concatenate([[0.0], made.scores, [1.0]])
    return Isotonic(ends, np.concatenate([[0.0], made.levels, [float(made.levels[-1])]]))


def _at_most_one(query: np.ndarray, probability: np.ndarray) -> np.ndarray:
    total = np.bincount(query, weights=probability, minlength=int(query.max(initial=-1)) + 1)[query]
    return np.where(total > 1 + 1e-9, probability / np.maximum(total, 1), probability)


def steps_of(made: Isotonic) -> Sequence[tuple[float, float]]:
    """Return the points of a calibration, rising, each probability once: (probability, calibrated)."""
    points: dict[float, float] = {}
    for score, level in zip(made.scores.tolist(), made.levels.tolist(), strict=True):
        points[round(score, 6)] = max(points.get(round(score, 6), 0.0), round(level, 6))
    return sorted(points.items())
