"""Weights and probabilities from pairs whose truth is known: logistic and isotonic regression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lvshu.core.errors import MethodError, Problem

STEPS = 100
_HELD = 1e9


def fit_logistic(rows: np.ndarray, truth: np.ndarray, *, ridge: float = 1.0) -> np.ndarray:
    """Return the weights of a logistic regression, shape (columns,), dimensionless.

    Args:
        rows: evidence, shape (pairs, columns); the first column is the intercept and is not drawn to zero.
        truth: whether both names are one enterprise, shape (pairs,).
        ridge: how strongly the other weights are drawn to zero (variance of the prior is 1 / ridge).

    Raises:
        MethodError: the truth has only one answer, so nothing can be learned.

    Source: Newton's method on the penalised likelihood, Hastie, Tibshirani, Friedman (2009), section 4.4.1.
    """
    told = np.asarray(truth, dtype=float)
    if told.min(initial=1.0) == told.max(initial=0.0) or not len(told):
        raise MethodError(Problem("linkage.one_answer", values={"pairs": len(told)}))
    penalty = np.full(rows.shape[1], ridge)
    penalty[0] = 1e-9
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-np.clip(rows @ weights, -35, 35)))
        slope = rows.T @ (told - expected) - penalty * weights
        curve = (rows * np.maximum(expected * (1 - expected), 1e-9)[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights


def fit_choice(
    rows: np.ndarray,
    query: np.ndarray,
    truth: np.ndarray,
    *,
    ridge: float = 1.0,
    prior: np.ndarray | None = None,
) -> np.ndarray:
    """Return the weights of a choice among a name's candidates or none of them, shape (columns,), dimensionless.

    The probability of candidate i of a name is exp(w x_i) / (1 + sum over its candidates of exp(w x_j)).

    Args:
        rows: evidence, shape (pairs, columns); the first column is the intercept and is not drawn to zero.
        query: the name of each pair, shape (pairs,), rising.
        truth: whether the pair is the true one, at most one a name, shape (pairs,).
        ridge: how strongly the weights are drawn to the prior (its variance is 1 / ridge).
        prior: weights that they are drawn to, shape (columns,), the intercept as well, which stays where no name is
            none of its candidates: nothing then tells how often that is so. When left out: zero, and a free intercept.

    Raises:
        MethodError: the truth has only one answer, so nothing can be learned.

    Source: conditional logit, McFadden (1974), with an outside option of utility zero; Newton's method.
    """
    told = np.asarray(truth, dtype=float)
    if told.min(initial=1.0) == told.max(initial=0.0) or not len(told):
        raise MethodError(Problem("linkage.one_answer", values={"pairs": len(told)}))
    _, name = np.unique(query, return_inverse=True)
    count = int(name.max()) + 1
    penalty = np.full(rows.shape[1], ridge)
    if prior is None:
        penalty[0] = 1e-9
    elif len(np.unique(query[told > 0])) == len(np.unique(query)):
        penalty[0] = _HELD
    centre = np.zeros(rows.shape[1]) if prior is None else np.asarray(prior, dtype=float)
    weights = centre.copy()
    for _ in range(STEPS):
        odds = np.exp(np.clip(rows @ weights, -35, 35))
        chance = odds / (1 + np.bincount(name, weights=odds, minlength=count)[name])
        slope = rows.T @ (told - chance) - penalty * (weights - centre)
        mean = np.stack(
            [np.bincount(name, weights=chance * column, minlength=count) for column in rows.T], axis=1
        )
        curve = (
            (rows * chance[:, None]).T @ rows - mean.T @ mean + np.diag(penalty) + 1e-9 * np.eye(len(weights))
        )
        step = np.linalg.solve(curve, slope)
        weights = weights + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-7:
            break
    return weights


@dataclass(frozen=True)
class Isotonic:
    """A rising step function from a score to a probability. Returned by `fit_isotonic`.

    scores, levels: shape (steps,); dimensionless.
    """

    scores: np.ndarray
    levels: np.ndarray

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return probabilities of scores, shape (pairs,), linear between the steps."""
        return np.asarray(np.interp(scores, self.scores, self.levels))

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, object]]) -> Isotonic:
        """Return the function of the rows of the pack `name_match_calibration`: probability, calibrated."""
        points = sorted((float(str(row["probability"])), float(str(row["calibrated"]))) for row in rows)
        return cls(np.array([point[0] for point in points]), np.array([point[1] for point in points]))


def fit_isotonic(scores: np.ndarray, truth: np.ndarray, *, pull: float = 0.0) -> Isotonic:
    """Return the rising function of the score that is closest to the truth.

    Args:
        scores: probabilities before, shape (pairs,).
        truth: whether both names are one enterprise, shape (pairs,).
        pull: how many pairs the mean score of a step counts for, beside those observed: no step is then quite sure.

    Raises:
        MethodError: no pairs, or one answer only.

    Source: pool adjacent violators, Ayer et al. (1955); for probabilities Zadrozny and Elkan (2002).
    """
    told = np.asarray(truth, dtype=float)
    if told.min(initial=1.0) == told.max(initial=0.0) or not len(told):
        raise MethodError(Problem("linkage.one_answer", values={"pairs": len(told)}))
    distinct, place = np.unique(np.asarray(scores, dtype=float), return_inverse=True)
    size = np.bincount(place)
    share = np.bincount(place, weights=told) / size
    blocks: list[list[float]] = []
    for score, value, many in zip(distinct, share, size, strict=True):
        blocks.append([float(value), float(many), float(score), float(score), float(score)])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            last = blocks.pop()
            mine = blocks[-1]
            count = mine[1] + last[1]
            level, middle = ((mine[part] * mine[1] + last[part] * last[1]) / count for part in (0, 4))
            blocks[-1] = [level, count, mine[2], last[3], middle]
    ends = [
        (score, (block[0] * block[1] + block[4] * pull) / (block[1] + pull))
        for block in blocks for score in (block[2], block[3])
    ]  # fmt: skip
    levels = np.maximum.accumulate([end[1] for end in ends])
    return Isotonic(np.array([end[0] for end in ends]), levels)


def calibration_error(probabilities: np.ndarray, truth: np.ndarray, *, bins: int = 10) -> float:
    """Return the mean distance between stated probability and observed share, weighted by pairs, dimensionless.

    Args:
        probabilities: stated, shape (pairs,).
        truth: observed, shape (pairs,).
        bins: equal parts of the interval from 0 to 1.

    Source: expected calibration error, Naeini, Cooper, Hauskrecht (2015).
    """
    place = np.minimum((np.asarray(probabilities) * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.abs(
        np.bincount(place, weights=probabilities, minlength=bins)
        - np.bincount(place, weights=np.asarray(truth, dtype=float), minlength=bins)
    )
    return float(gap.sum() / max(count.sum(), 1))
