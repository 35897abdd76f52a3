"""Calibration: a temperature for all scores; a monotone curve from a best probability to how often it is right.

z: scores, shape (texts, classes).    T: temperature, dimensionless, positive.    p = softmax(z / T).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize_scalar

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """A monotone step-free curve through points. Returns nothing itself: made by `fit_curve`, read by `on_curve`.

    Attributes:
        given: probabilities as stated, ascending, shape (points,), dimensionless.
        right: how often they are right, ascending, shape (points,), dimensionless.

    Source: Zadrozny, Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability Estimates, KDD.
    """

    given: Array
    right: Array


def fit_temperature(scores: NDArray[np.float32], truth: Index) -> float:
    """Return the temperature T that minimises the log loss of softmax(z / T), dimensionless scalar.

    Args:
        scores: of texts not used in training, shape (texts, classes).
        truth: number of the true class, shape (texts,).

    Source: Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, ICML, section 4.2.
    """
    wide = scores.astype(float)

    def loss(log_temperature: float) -> float:
        scaled = wide * np.exp(-log_temperature)
        top = scaled.max(axis=1, keepdims=True)
        normal = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        return float((normal - scaled[np.arange(len(truth)), truth]).mean())

    found = minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def fit_curve(given: Array, right: NDArray[np.bool_], grid: int = 50) -> Curve:
    """Return the isotonic curve, on bins of equal numbers of texts, each moved half a text towards one half.

    Args:
        given: stated probability of the best class, shape (texts,), dimensionless.
        right: whether it was right, shape (texts,).
        grid: most bins, count.

    Source: Zadrozny, Elkan (2002), KDD; the half text is the Krichevsky–Trofimov estimate, so that no curve states
        certainty that its texts cannot show.
    """
    order = np.argsort(given, kind="stable")
    bins = min(grid, max(1, len(given) // 20))
    parts = np.array_split(order, bins)
    size = np.array([len(part) for part in parts], dtype=float)
    hits = np.array([right[part].sum() for part in parts], dtype=float)
    fitted = isotonic_regression(hits / size, weights=size)
    stretches = np.split(np.arange(bins), np.flatnonzero(np.diff(fitted.x)) + 1)
    x = np.array([given[np.concatenate([parts[i] for i in one])].mean() for one in stretches])
    y = np.array([(hits[one].sum() + 0.5) / (size[one].sum() + 1) for one in stretches])
    return Curve(x, np.maximum.accumulate(y))


def on_curve(curve: Curve, given: Array) -> Array:
    """Return the probability of being right, straight between points, flat above them, and down to zero below them.

    Below the lowest point nothing was calibrated: there no more is stated than in proportion to the stated probability,
    so that words unlike all that calibration saw are not as sure as the least sure of those.

    Args:
        curve: fitted.
        given: stated probabilities, any shape.

    Returns:
        Probabilities, shape as given, dimensionless.

    Source: Zadrozny, Elkan (2002), KDD; the line to zero is lvshu's convention.
    """
    if curve.given[0] <= 0:
        return np.asarray(np.interp(given, curve.given, curve.right), dtype=float)
    return np.asarray(np.interp(given, [0.0, *curve.given], [0.0, *curve.right]), dtype=float)


def calibration_error(stated: Array, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return Σ n_b / n · |mean stated − share right| over bins of equal numbers, dimensionless scalar.

    Args:
        stated: probability of being right, shape (texts,).
        right: whether it was, shape (texts,).
        bins: count.

    Source: expected calibration error, Guo et al. (2017), ICML, equation 3, with bins of equal numbers.
    """
    if not len(stated):
        return float("nan")
    parts = np.array_split(np.argsort(stated, kind="stable"), min(bins, len(stated)))
    gaps = [len(part) * abs(float(stated[part].mean()) - float(right[part].mean())) for part in parts]
    return float(sum(gaps) / len(stated))
