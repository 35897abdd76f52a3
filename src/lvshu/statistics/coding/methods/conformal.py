"""Conformal sets: sets of classes that hold the true one with a promised probability, whatever the model's faults.

p: stated probabilities, shape (texts, classes).     s = 1 − p of the true class: non-conformity, dimensionless.
α: promised error, dimensionless.    P(true class in set) ≥ 1 − α for texts drawn like those of calibration.
n: calibration texts of a group.     t = (n + 1)(1 − α): the place of the threshold among the ordered scores.

A place is a whole number and t is not. The place above it promises more than is asked (12 texts at 0.9: 12 of 13,
0.923), which costs large sets where there are many small groups. Each text therefore draws between the two places
around t, in the mean at t: then every group is promised 1 − α itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
        below: that of texts whose draw is not below `share`, shape (classes,).
        share: share of texts that `of_class` is for, shape (classes,), dimensionless.
        texts: calibration texts behind each class's threshold, shape (classes,), count.
        by_class: whether the promise holds for each group of classes apart, or over all texts only.

    Source: Vovk, Gammerman, Shafer (2005), Algorithmic Learning in a Random World, sections 4.1 and 4.5 (Mondrian).
    """

    error: float
    of_class: Array
    below: Array
    share: Array
    texts: Index
    by_class: bool


def quantile(scores: Array, error: float) -> float:
    """Return the ⌈(n + 1)(1 − α)⌉-th smallest score, infinity when n is too small for the promise, dimensionless.

    Args:
        scores: non-conformities of calibration texts, shape (texts,).
        error: α.

    Source: split conformal prediction, Papadopoulos et al. (2002); Angelopoulos, Bates (2023), section 1.
    """
    return neighbours(scores, error)[0]


def neighbours(scores: Array, error: float) -> tuple[float, float, float]:
    """Return the scores at the places ⌈t⌉ and ⌈t⌉ − 1, t = (n + 1)(1 − α), and the share of texts that take the first.

    A new score is at or below the k-th of n exchangeable ones with probability k / (n + 1), without ties. With a share
    t − ⌈t⌉ + 1 of the texts at the place above and the others at the place below that is 1 − α; with ties no less.
    The place n + 1 is infinity, the place 0 minus infinity.

    Args:
        scores: non-conformities of calibration texts, shape (texts,).
        error: α.

    Returns:
        Two scores and a share, dimensionless.

    Source: smoothed conformal predictors: Vovk, Gammerman, Shafer (2005), chapter 2.
    """
    exact = (len(scores) + 1) * (1 - error)
    place = int(np.ceil(exact - 1e-9))
    ordered = np.concatenate([[-np.inf], np.sort(scores), [np.inf]])
    return float(ordered[place]), float(ordered[place - 1]), min(1.0, exact - place + 1)


def draws(texts: Sequence[str]) -> Array:
    """Return a number from 0 to 1 for each text, the same at every time for one text, shape (texts,), dimensionless.

    Args:
        texts: plain texts.

    Source: BLAKE2, RFC 7693: a hash in place of a random number, so that an answer can be given twice.
    """
    made = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return np.asarray(np.frombuffer(made, dtype=">u8").astype(float) / 2.0**64)


def fit_threshold(
    probability: Stated,
    truth: Index,
    error: float,
    group: Index | None = None,
    least: int = 0,
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

    Returns:
        Threshold, shape (classes,), dimensionless.

    Source: Vovk, Gammerman, Shafer (2005), section 4.5; Angelopoulos, Bates (2023), A Gentle Introduction to Conformal
        Prediction, section 4.2 (class-conditional). Rare classes in one pool: Ding, Angelopoulos, Bates, Jordan,
        Tibshirani (2023), Class-Conditional Conformal Prediction with Many Classes, NeurIPS 36, section 2.
    """
    classes = probability.shape[1]
    score = np.asarray(1 - probability[np.arange(len(truth)), truth], dtype=float)
    if group is None:
        whole = np.full(classes, quantile(score, error))
        return Threshold(error, whole, whole, np.ones(classes), np.full(classes, len(truth)), False)
    needed = least or int(np.ceil(1 / error)) - 1
    count = np.bincount(group[truth], minlength=int(group.max()) + 1)
    pooled = _alone(count, needed)[group]
    own = pooled[truth]
    found, texts = np.empty((classes, 3)), np.empty(classes, dtype=np.int64)
    for one in np.unique(pooled):
        inside = own == one
        found[pooled == one] = neighbours(score[inside], error)
        texts[pooled == one] = int(inside.sum())
    return Threshold(error, found[:, 0].copy(), found[:, 1].copy(), found[:, 2].copy(), texts, True)


def _alone(count: Index, needed: int) -> Index:
    """Return the number of each group that stands alone, −1 for those that share one threshold, shape (groups,)."""
    order = np.argsort(count, kind="stable")
    pool = int((count < needed).sum())
    while 0 < pool < len(count) and int(count[order[:pool]].sum()) < needed:
        pool += 1
    alone = np.arange(len(count))
    alone[order[:pool]] = -1
    return alone


def sets(probability: Stated, threshold: Threshold, draw: Array | None = None) -> NDArray[np.bool_]:
    """Return which classes are in each text's set, shape (texts, classes); the likeliest class always is.

    Args:
        probability: stated, shape (texts, classes), dimensionless.
        threshold: of the classes.
        draw: a number from 0 to 1 for each text that its classes know nothing of, shape (texts,), dimensionless; none:
            the place above for all, which promises no less.

    Source: Sadinle, Lei, Wasserman (2019), JASA 114 (least ambiguous sets, empty sets filled).
    """
    score = 1 - probability
    if draw is None:
        inside = score <= threshold.of_class + 1e-12
    else:
        inside = score <= threshold.below + 1e-12
        inside |= (score <= threshold.of_class + 1e-12) & (draw[:, None] < threshold.share)
    if len(inside):
        inside[np.arange(len(inside)), probability.argmax(axis=1)] = True
    return np.asarray(inside)


def least_familiar(known: NDArray[np.float64], error: float) -> float:
    """Return the share of known n-grams below which a text is unlike those of calibration, dimensionless scalar.

    A text is unlike where its conformal p-value, (1 + calibration texts of no greater share) / (n + 1), is at most
    `error`: of texts drawn like those of calibration no more than that share is taken for unlike.

    Args:
        known: shares of the calibration texts, which the model has not learned from, shape (texts,); NaN is left out.
        error: of the promise.

    Returns:
        0 where there are too few texts for any p-value so small.

    Source: Bates, Candès, Lei, Romano, Sesia (2023), Testing for outliers with conformal p-values, Annals of Statistics
        51, section 2.
    """
    shares = np.sort(known[np.isfinite(known)])
    place = int(np.floor(error * (len(shares) + 1) + 1e-9)) - 1
    return float(shares[place]) if 0 <= place < len(shares) else 0.0
