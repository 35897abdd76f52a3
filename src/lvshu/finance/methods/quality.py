"""Data quality: the weighted score and its grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def weighted_score(scores: Array, weights: Array) -> float:
    """Return the weighted data-quality score of a book.

    Args:
        scores: shape (n,), 1 best to 5 worst, dimensionless; NaN where there is no score.
        weights: shape (n,), emissions in tCO2e (bank guide) or outstanding amounts in CNY (PCAF).

    Returns:
        Weighted score, a scalar, dimensionless; NaN where the weights add up to 0.

    Source: bank guide (2026), DQR = sum(E x score) / sum(E); PCAF (2022), by outstanding amount.
    """
    known = ~np.isnan(scores) & ~np.isnan(weights)
    total = float(weights[known].sum())
    return float((scores[known] * weights[known]).sum() / total) if total else float("nan")


def grade(
    score: float, limits: Sequence[float], names: Sequence[str] = ("A", "B+", "B", "B-", "C")
) -> str | None:
    """Return the grade of a weighted score.

    Args:
        score: weighted score, dimensionless.
        limits: upper limits of all grades but the last, ascending; empty where the method has no grades.
        names: one more than limits.

    Returns:
        Grade (no unit), or None where there is no score or the method has no grades.

    Source: bank guide (2026) as a bank applies it: A up to 1.5, B+ 2.0, B 3.0, B- 4.0, C above.
    """
    if not limits or score != score:
        return None
    for limit, name in zip(limits, names, strict=False):
        if score <= limit:
            return name
    return names[len(limits)]
