"""Conformal sets: sets of classes that hold the true one with a promised probability, whatever the model's faults.

p: stated probabilities, shape (texts, classes).     s = 1 − p of the true class: non-conformity, dimensionless.
α: promised error, dimensionless.    P(true class in set) ≥ 1 − α for texts drawn like those of calibration.
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


def quantile(scores: Array, error: float) -> float:
    """Return the ⌈(n + 1)(1 − α)⌉-th smallest score, infinity when n is too small for the promise, dimensionless.

    Args:
        scores: non-conformities of calibration texts, shape (texts,).
        error: α.

    Source: split conformal prediction, Papadopoulos et al. (2002); Angelopoulos, Bates (2023), section 1.
    """
    place = int(np.ceil((len(scores) + 1) * (1 - error) - 1e-9))
    if place > len(scores):
        return float("inf")
    return float(np.partition(scores, place - 1)[place - 1])


def fit_threshold(
    probability: Stated, truth: Index, error: float, group: Index | None = None, least: int = 0
) -> Threshold:
    """Return thresholds from texts that the model was not trained on.

    Args:
        probability: stated, shape (texts, classes), dimensionless.
        truth: number of the true class, shape (texts,).
        error: α.
        group: group of each class, shape (classes,); the promise then holds in each group apart. One group when left
            out.
        least: texts that a group needs to stand alone; smaller ones share one threshold, and the promise holds for
            them together. 0: ⌈1/α⌉ − 1, the fewest that give a finite threshold.

    Returns:
        Threshold, shape (classes,), dimensionless.

    Source: Vovk, Gammerman, Shafer (2005), section 4.5; Angelopoulos, Bates (2023), A Gentle Introduction to Conformal
        Prediction, section 4.2 (class-conditional).
    """
    classes = probability.shape[1]
    score = np.asarray(1 - probability[np.arange(len(truth)), truth], dtype=float)
    if group is None:
        value = quantile(score, error)
        return Threshold(error, np.full(classes, value), np.full(classes, len(truth)), False)
    needed = least or int(np.ceil(1 / error)) - 1
    count = np.bincount(group[truth], minlength=int(group.max()) + 1)
    pooled = np.where(count >= needed, np.arange(len(count)), -1)[group]
    own = pooled[truth]
    of_class, texts = np.empty(classes), np.empty(classes, dtype=np.int64)
    for one in np.unique(pooled):
        inside = own == one
        of_class[pooled == one] = quantile(score[inside], error)
        texts[pooled == one] = int(inside.sum())
    return Threshold(error, of_class, texts, True)


def sets(probability: Stated, threshold: Threshold) -> NDArray[np.bool_]:
    """Return which classes are in each text's set, shape (texts, classes); the set may be empty.

    Args:
        probability: stated, shape (texts, classes), dimensionless.
        threshold: of the classes.

    Source: Sadinle, Lei, Wasserman (2019), JASA 114 (least ambiguous sets).
    """
    return np.asarray(1 - probability <= threshold.of_class + 1e-12)
