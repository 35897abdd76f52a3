"""Drift: whether the texts of a month still look like those that a model was calibrated on.

p, q: shares of classes (or of bins) then and now, shape (classes,), dimensionless, each adding up to one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_EXPECTED = 5.0
"""Texts expected in a class at least, for the index to follow its distribution."""


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


def pooled(then: Array, now: Array, texts: tuple[int, int]) -> tuple[Array, Array]:
    """Return both shares with rare classes put together, five texts at least expected in each, shape (kept,).

    Expected of either sample are the shares of both together; the index of rare or empty classes follows no χ².

    Args:
        then: shares at calibration, shape (classes,).
        now: shares of the month, shape (classes,).
        texts: texts at calibration and of the month, counts.

    Source: rule of the least expected count, Cochran (1954), Biometrics 10.
    """
    both = (then * texts[0] + now * texts[1]) / max(sum(texts), 1)
    order = np.argsort(-both, kind="stable")
    enough = both[order] * min(texts) >= LEAST_EXPECTED
    kept, rest = order[enough], order[~enough]
    if len(rest) and both[rest].sum() * min(texts) < LEAST_EXPECTED and len(kept):
        rest = np.append(rest, kept[-1])
        kept = kept[:-1]
    if not len(rest):
        return then[kept], now[kept]
    return np.append(then[kept], then[rest].sum()), np.append(now[kept], now[rest].sum())


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


def stability_limit(then: Array, texts: int, deviations: float) -> float:
    """Return the index that drawing alone passes as seldom as a normal value passes so many deviations, dimensionless.

    Args:
        then: shares at calibration, shape (classes,).
        texts: texts of the month, count.
        deviations: of a standard normal value.

    Source: upper quantile of χ² with k − 1 degrees of freedom, Kullback (1959), chapter 6.
    """
    from scipy.stats import chi2, norm

    free = max(int((then > 0).sum()) - 1, 0)
    return float(chi2.isf(norm.sf(deviations), free) / max(texts, 1)) if free else float("inf")


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
