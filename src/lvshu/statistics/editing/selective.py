"""Selective editing: which records to look at, by their influence on the published total, and what that leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array, Flags
from lvshu.statistics.editing.outliers import ranks


@dataclass(frozen=True)
class Selection:
    """Records by influence; arrays of shape (records,).

    Attributes:
        score: influence of the suspected error on the total, share of it. Dimensionless.
        rank: 1 the most influential.
        selected: whether to look at it.
        left: absolute pseudo-bias of the total when this record and all before it were looked at, share of it.
        cost: what is left when the selected ones were looked at, the cost of the threshold. Dimensionless.
        looked_at: how many are selected.
    """

    score: Array
    rank: NDArray[np.int64]
    selected: Flags
    left: Array
    cost: float
    looked_at: int


def select(
    values: Array, expected: Array, *, weights: Array | None = None, suspicion: Array | None = None,
    threshold: float = 0.01,
) -> Selection:  # fmt: skip
    """Return which records to look at so that what is left may shift the total by less than a threshold.

    Local score: w·|value - expected| · suspicion / Σ w·expected. Records are taken by score until the sum of the
    scores that are left is no more than the threshold.

    Args:
        values: shape (records,), as filed, in one unit; NaN counts as the whole expected value.
        expected: shape (records,), anticipated values in the same unit; a record without one is not scored.
        weights: shape (records,), of the total; None: 1.
        suspicion: shape (records,), from 0 (surely right) to 1; None: 1.
        threshold: share of the total that may stay unlooked at. Dimensionless.

    Returns:
        Selection: scores are dimensionless.

    Source: Latouche and Berthelot (1992); Lawrence and McKenzie (2000), Journal of Official Statistics 16; absolute
        pseudo-bias: de Waal, Pannekoek, Scholtus (2011).
    """
    weight = np.ones(len(values)) if weights is None else weights
    total = abs(float(np.nansum(weight * expected)))
    gap = np.abs(np.nan_to_num(values, nan=0.0) - expected) * weight
    doubt = np.ones(len(values)) if suspicion is None else np.clip(suspicion, 0.0, 1.0)
    score = np.nan_to_num(gap * doubt, nan=0.0) / total if total > 0 else np.zeros(len(values))
    rank = ranks(score)
    order = np.argsort(rank)
    after = np.maximum(0.0, score.sum() - np.cumsum(score[order]))
    left = np.empty(len(score))
    left[order] = after
    # as many as are needed: the first prefix after which no more than the threshold is left
    needed = 0 if score.sum() <= threshold else int(np.argmax(after <= threshold)) + 1
    selected = rank <= needed
    cost = float(score[~selected].sum())
    return Selection(score, rank, selected, left, cost, needed)
