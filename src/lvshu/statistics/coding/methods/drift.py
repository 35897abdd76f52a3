"""Drift: whether the texts of a month still look like those that a model was calibrated on.

p, q: shares of classes (or of bins) then and now, shape (classes,), dimensionless, each adding up to one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def stability_index(then: Array, now: Array, floor: float = 1e-4) -> float:
    """Return Σ (q − p) ln(q / p), the population stability index, dimensionless scalar, 0 when nothing moved.

    Args:
        then: shares at calibration, shape (classes,).
        now: shares of the month, shape (classes,).
        floor: least share, so that an empty class does not make it infinite.

    Source: symmetric divergence of Jeffreys (1946), Proceedings of the Royal Society A 186; used as population
        stability index in credit scoring.
    """
    p, q = np.maximum(then, floor), np.maximum(now, floor)
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def stability_expected(then: Array, texts: int) -> tuple[float, float]:
    """Return mean and standard deviation of the index when the month's texts are drawn from the old shares.

    Args:
        then: shares at calibration, shape (classes,).
        texts: texts of the month, count.

    Returns:
        (mean, standard deviation), dimensionless: (k − 1) / n and √(2 (k − 1)) / n.

    Source: n times the index is asymptotically χ² with k − 1 degrees of freedom, Kullback (1959), chapter 6.
    """
    free = max(int((then > 0).sum()) - 1, 0)
    return free / max(texts, 1), float(np.sqrt(2 * free) / max(texts, 1))


def mean_shift(then: tuple[float, float, int], now: Array) -> float:
    """Return the shift of a mean in standard errors, (x̄ − x̄₀) / √(s²/n + s₀²/n₀), dimensionless scalar.

    Args:
        then: mean, standard deviation and number of texts at calibration.
        now: values of the month, shape (texts,); NaN is left out.

    Source: two-sample statistic of Welch (1938), Biometrika 29.
    """
    mean, deviation, texts = then
    values = now[np.isfinite(now)]
    if len(values) < 2 or not texts:
        return float("nan")
    error = np.sqrt(values.var(ddof=1) / len(values) + deviation**2 / texts)
    return float((values.mean() - mean) / error) if error > 0 else 0.0
