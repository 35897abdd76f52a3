"""Conformal sets: sets of classes that hold the true one with a promised probability, whatever the model's faults.

p: stated probabilities, shape (texts, classes).     s = 1 − p of the true class: non-conformity, dimensionless.
α: promised error, dimensionless.    P(true class in set) ≥ 1 − α for texts drawn like those of calibration.
n: calibration texts of a group.     t = (n + 1)(1 − α): the place of the threshold among the ordered scores.

A place is a whole number and t is not. The place above it promises more than is asked (12 texts at 0.9: 12 of 13,
0.923), which costs large sets where there are many small groups. Drawn between the two places around t, in the mean
at t, the threshold promises 1 − α itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Stated = NDArray[np.floating[Any]]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Threshold:
    """What a class's non-conformity may be at most. Returns nothing itself: made by `fit_threshold`.

    Attributes:
        error: α, dimensionless.
        of_class: largest s at which a class is in the set, shape (classes,); infinity takes every text.
        texts: calibration texts behind each class's threshold, shape (classes,), count.
        by_class: whether the promise holds for each group of classes apart, or over all texts only.

    Source: Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World, sections 4.1 and 4.5 (Mondrian).
    """

    error: float
    of_class: Array
    texts: Index
    by_class: bool


def quantile(scores: Array, error: float, draw: float | None = None) -> float:
    """Return the threshold of scores, infinity where n is too small for the promise, dimensionless scalar.

    It is the ⌈t⌉-th smallest score, t = (n + 1)(1 − α); with a draw the ⌊t⌋-th or the next, by chance so that the
    place is t in the mean: without ties a new score is then below it with probability 1 − α exactly, with ties with no
    less. Without any score that may be (0 of 0) minus infinity: then no class is in the set.

    Args:
        scores: non-conformities of calibration texts, shape (texts,).
        error: α.
        draw: a random number from 0 to 1, drawn apart from the scores; none: the place above.

    Source: split conformal prediction, Papadopoulos et al. (2002); Angelopoulos, Bates (2023), section 1. The draw:
        smoothed conformal predictors, exact by randomisation, Vovk, Gammerman, Shafer (2005), chapter 2; made here once
        for the threshold in place of once for each text.
    """
    exact = (len(scores) + 1) * (1 - error)
    place = int(np.ceil(exact - 1e-9))
    if draw is not None and draw >= exact - (place - 1) - 1e-9:
        place -= 1
    if place > len(scores):
        return float("inf")
    return float(np.partition(scores, place - 1)[place - 1]) if place > 0 else -float("inf")


def fit_threshold(
    probability: Stated,
    truth: Index,
    error: float,
    group: Index | None = None,
    least: int = 0,
    seed: int = 20210913,
) -> Threshold:
    """Return thresholds from texts that the model was not trained on.

    Args:
        probability: stated, shape (texts, classes), dimensionless.
        truth: number of the true class, shape (texts,).
        error: α.
        group: group of each class, shape (classes,); the promise then holds in each group apart. One group when left
            out.
        least: texts that a group needs to stand alone; smaller ones share one threshold, and the promise holds for
            them together; where even these are too few, the smallest of the others join them. 0: ⌈1/α⌉ − 1, the fewest
            that give a finite threshold.
        seed: of the draws between two places, one for each group; the threshold of one group for all needs none.

    Returns:
        Threshold, shape (classes,), dimensionless.

    Source: Vovk, Gammerman, Shafer (2005), section 4.5; Angelopoulos, Bates (2023), A Gentle Introduction to Conformal
        Prediction, section 4.2 (class-conditional). Rare classes in one pool: Ding, Angelopoulos, Bates, Jordan,
        Tibshirani (2023), Class-Conditional Conformal Prediction with Many Classes, NeurIPS 36, section 2.
    """
    classes = probability.shape[1]
    score = np.asarray(1 - probability[np.arange(len(truth)), truth], dtype=float)
    if group is None:
        value = quantile(score, error)
        return Threshold(error, np.full(classes, value), np.full(classes, len(truth)), False)
    needed = least or int(np.ceil(1 / error)) - 1
    count = np.bincount(group[truth], minlength=int(group.max()) + 1)
    pooled = _alone(count, needed)[group]
    own, draws = pooled[truth], np.random.default_rng(seed).random(len(count) + 1)
    of_class, texts = np.empty(classes), np.empty(classes, dtype=np.int64)
    for one in np.unique(pooled):
        inside = own == one
        of_class[pooled == one] = quantile(score[inside], error, float(draws[one]))
        texts[pooled == one] = int(inside.sum())
    return Threshold(error, of_class, texts, True)


def _alone(count: Index, needed: int) -> Index:
    """Return the number of each group that stands alone, −1 for those that share one threshold, shape (groups,)."""
    order = np.argsort(count, kind="stable")
    pool = int((count < needed).sum())
    while 0 < pool < len(count) and int(count[order[:pool]].sum()) < needed:
        pool += 1
    alone = np.arange(len(count))
    alone[order[:pool]] = -1
    return alone


def sets(probability: Stated, threshold: Threshold) -> NDArray[np.bool_]:
    """Return which classes are in each text's set, shape (texts, classes); the set may be empty.

    Args:
        probability: stated, shape (texts, classes), dimensionless.
        threshold: of the classes.

    Source: Sadinle, Lei, Wasserman (2019), JASA 114 (least ambiguous sets).
    """
    return np.asarray(1 - probability <= threshold.of_class + 1e-12)
