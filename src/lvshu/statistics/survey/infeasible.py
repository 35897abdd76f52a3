"""Which controls a calibration cannot meet, and how near to each the weights can come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from lvshu.core.errors import Problem
from lvshu.statistics.survey.controls import Controls
from lvshu.statistics.survey.distances import Distance

Array = NDArray[np.float64]

MOST_KINDS = 100_000
SHOWN = 8


def unmet(
    known: Controls, base: Array, kind: Distance, loose: NDArray[np.bool_] | None = None
) -> list[Problem]:
    """Return a problem for each control that cannot be met; none where all can be.

    The gaps are those of the weights, inside the bounds, whose relative gaps add up to the least.

    Args:
        known: the controls.
        base: shape (cells,), weights before, added by kind of record, dimensionless.
        kind: the distance, for its bounds.
        loose: shape (p,), controls of a ridge, which need not hold; None for none.

    Source: linear programme min Σ|s_j|/|X_j| subject to Σ d g x + s = X, L ≤ g ≤ U; Deville & Särndal (1992),
    section 3, on when a solution exists.
    """
    if loose is not None and loose.any():
        hard = ~loose
        names = tuple(name for name, one in zip(known.names, hard.tolist(), strict=True) if one)
        known = Controls(names, known.rows[:, hard], known.cell, known.totals[hard])
        if not names:
            return []
    rows, weights = known.rows, base
    if known.cell is None:
        rows, inverse = np.unique(known.rows, axis=0, return_inverse=True)
        weights = np.bincount(inverse.reshape(-1), weights=base, minlength=rows.shape[0]).astype(float)
    used = weights > 0
    rows, weights = rows[used], weights[used]
    if rows.shape[0] > MOST_KINDS:
        return _alone(known, rows, weights, kind)
    scale = np.maximum(np.abs(known.totals), 1e-9 * max(float(np.abs(known.totals).max()), 1.0))
    count, size = rows.shape
    body = hstack(
        [csr_array((rows * weights[:, None]).T / scale[:, None]), eye_array(size), -eye_array(size)]
    )
    cost = np.concatenate([np.zeros(count), np.ones(2 * size)])
    limits = [
        (None if np.isneginf(kind.low) else kind.low, None if np.isposinf(kind.high) else kind.high)
    ] * count
    found = linprog(
        cost,
        A_eq=body,
        b_eq=known.totals / scale,
        bounds=[*limits, *[(0, None)] * (2 * size)],
        method="highs",
    )
    if found.x is None:
        return []
    slack = (found.x[count : count + size] - found.x[count + size :]) * scale
    return [
        _problem(known, k, known.totals[k] - slack[k])
        for k in np.flatnonzero(np.abs(slack) > 1e-7 * scale).tolist()
    ][:SHOWN]


def _alone(known: Controls, rows: Array, weights: Array, kind: Distance) -> list[Problem]:
    """Return the controls that cannot be met even one at a time."""
    problems = []
    for place, total in enumerate(known.totals.tolist()):
        part = weights * rows[:, place]
        ends = np.array([kind.low, kind.high])
        with np.errstate(invalid="ignore"):
            low = float(np.nansum(np.minimum(part * ends[0], part * ends[1])))
            high = float(np.nansum(np.maximum(part * ends[0], part * ends[1])))
        if not low - 1e-9 * abs(total) <= total <= high + 1e-9 * abs(total):
            problems.append(_problem(known, place, low if total < low else high))
    return problems[:SHOWN]


def _problem(known: Controls, place: int, nearest: float) -> Problem:
    total = float(known.totals[place])
    values = {
        "control": known.names[place],
        "total": f"{total:.10g}",
        "nearest": f"{nearest:.10g}",
        "gap": f"{total - nearest:.6g}",
    }
    return Problem("survey.control_unmet", values=values)
