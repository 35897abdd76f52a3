"""Reconciliation of many series at once: rows, columns and time met together, the least reliable figures moved most.

Letters: p preliminary figures; W their variances; A constraints (constraints, figures), b their targets; x reconciled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.linalg import splu

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

MOST_CONSTRAINTS = 6_000
"""More than this are refused: the dependent ones among them are found in a dense matrix."""
CLOSED = 1e-9  # of the size of the figures: how nearly constraints are met
NAMED = 5


@dataclass(frozen=True)
class Reconciled:
    """Figures that meet every constraint.

    values: shape of the preliminary figures. moved: standardised adjustment (x − p)/√W, same shape; 0 where a figure
    is held. gaps: by constraint, what the preliminary figures missed it by. dependent: how many constraints followed
    from others. objective: least sum of squared standardised adjustments.
    """

    values: Array
    moved: Array
    gaps: Array
    dependent: int
    objective: float


@dataclass(frozen=True)
class Constraints:
    """Linear constraints A x = b on figures laid out in a vector, with a name each."""

    matrix: sparse.csr_matrix
    targets: Array
    names: tuple[str, ...]

    def plus(self, other: Constraints) -> Constraints:
        """Return both together."""
        return Constraints(
            sparse.csr_matrix(sparse.vstack([self.matrix, other.matrix])),
            np.concatenate([self.targets, other.targets]), (*self.names, *other.names),
        )  # fmt: skip


def temporal(
    series: int, long: Array, ratio: int, names: Sequence[str] = (), periods: Sequence[str] = ()
) -> Constraints:
    """Return the constraints that every series sums over time to its long-period benchmark.

    Args:
        series: how many series; figures lie series by series, each over all short periods.
        long: benchmarks, shape (series, long periods); NaN where there is none.
        ratio: short periods in a long one.
        names: of the series.
        periods: names of the long periods; their numbers if not given.

    Source: Dagum and Cholette (2006), chapter 11, temporal aggregation constraints.
    """
    count = long.shape[1]
    whole = sparse.kron(sparse.identity(series * count), np.ones((1, ratio)), format="csr")
    keep = np.isfinite(long.ravel())
    told = [
        f"{names[one] if names else one + 1} · {periods[period] if periods else period + 1}"
        for one in range(series)
        for period in range(count)
    ]
    return Constraints(whole[keep], long.ravel()[keep], tuple(np.array(told, dtype=object)[keep]))


def contemporaneous(
    groups: Array, totals: Array, names: Sequence[str] = (), labels: Sequence[str] = ()
) -> Constraints:
    """Return the constraints that weighted sums over series meet their totals in every short period.

    Args:
        groups: weights, shape (totals, series): 1 for each part of a total; −1 for a total that is itself a series.
        totals: shape (totals, short periods); NaN where there is none; 0 for totals that are series.
        names: of the totals.
        labels: names of the short periods; their numbers if not given.

    Source: Dagum and Cholette (2006), chapter 11, contemporaneous aggregation constraints.
    """
    periods = totals.shape[1]
    whole = sparse.kron(groups, sparse.identity(periods), format="csr")
    keep = np.isfinite(totals.ravel())
    told = [
        f"{names[one] if names else one + 1} · {labels[period] if labels else period + 1}"
        for one in range(len(groups)) for period in range(periods)
    ]  # fmt: skip
    return Constraints(whole[keep], totals.ravel()[keep], tuple(np.array(told, dtype=object)[keep]))


def reconcile(
    preliminary: Array, variances: Array, constraints: Constraints, *, keep_movement: bool = False
) -> Reconciled:
    """Return the figures nearest to the preliminary ones, in units of their reliability, that meet all constraints.

    Args:
        preliminary: shape (series, periods), or (figures,).
        variances: of the same shape; 0 for a figure that may not move.
        constraints: that are met exactly.
        keep_movement: whether the change from period to period of the adjustment, in units of the standard error, is
            made least instead of the adjustment itself (Denton's principle for many series).

    Returns:
        Figures and how far each moved. Constraints that follow from others are allowed.

    Raises:
        MethodError: statistics.reconcile_shape, statistics.reconcile_values, statistics.constraints_many,
            statistics.constraints_conflict with those that cannot be met and by how much.

    Source: Stone, Champernowne and Meade (1942), Review of Economic Studies 9; Dagum and Cholette (2006), chapter 11;
        Di Fonzo and Marini (2011), Statistical Methods & Applications 20, for movement preservation.
    """
    p, w = np.ravel(preliminary).astype(float), np.ravel(variances).astype(float)
    a, b = constraints.matrix, constraints.targets
    _check(p, w, a, b)
    gaps = b - np.asarray(a @ p)
    free = w > 0
    inner = sparse.csr_matrix(a[:, free])
    root = np.sqrt(w[free])
    scaled = sparse.csr_matrix(inner @ sparse.diags(root))
    rows, dependent = _independent(scaled)
    periods = preliminary.shape[-1] if np.ndim(preliminary) == 2 else len(p)
    moved = np.zeros(len(p))
    moved[free] = (
        _movement(scaled[rows], gaps[rows], free, periods)
        if keep_movement
        else _level(scaled[rows], gaps[rows])
    )
    values = p.copy()
    values[free] += root * moved[free]
    _met(constraints, values, scaled, rows)
    shape = np.shape(preliminary)
    return Reconciled(values.reshape(shape), moved.reshape(shape), gaps, dependent, float(moved @ moved))


def _check(p: Array, w: Array, a: sparse.csr_matrix, b: Array) -> None:
    if a.shape != (len(b), len(p)) or len(w) != len(p):
        values = {
            "figures": len(p),
            "variances": len(w),
            "matrix": "×".join(map(str, a.shape)),
            "targets": len(b),
        }
        raise MethodError(Problem("statistics.reconcile_shape", values=values))
    bad = int((~np.isfinite(p)).sum() + (~(np.isfinite(w) & (w >= 0))).sum() + (~np.isfinite(b)).sum())
    if bad:
        raise MethodError(Problem("statistics.reconcile_values", values={"count": bad}))
    if len(b) > MOST_CONSTRAINTS:
        values = {"count": len(b), "most": MOST_CONSTRAINTS}
        raise MethodError(Problem("statistics.constraints_many", values=values))


def _independent(scaled: sparse.csr_matrix) -> tuple[NDArray[np.int64], int]:
    """Return rows that none of the others make up, and how many were left out."""
    gram = np.asarray((scaled @ scaled.T).todense())
    size = np.sqrt(np.diag(gram))
    alive = np.flatnonzero(size > 0)
    if alive.size == 0:
        return alive, scaled.shape[0]
    unit = gram[np.ix_(alive, alive)] / np.outer(size[alive], size[alive])
    _, triangle, order = linalg.qr(unit, mode="economic", pivoting=True)
    steps = np.abs(np.diag(triangle))
    rank = int((steps > steps[0] * len(alive) * np.finfo(float).eps * 10).sum())
    kept = np.sort(alive[order[:rank]])
    return kept, scaled.shape[0] - rank


def _level(a: sparse.csr_matrix, gaps: Array) -> Array:
    gram = sparse.csc_matrix(a @ a.T)
    return np.asarray(a.T @ splu(gram).solve(gaps)) if len(gaps) else np.zeros(a.shape[1])


def _movement(a: sparse.csr_matrix, gaps: Array, free: NDArray[np.bool_], periods: int) -> Array:
    """Return the standardised adjustment whose changes over time are least."""
    place = np.flatnonzero(free)
    follow = np.flatnonzero((np.diff(place) == 1) & (place[1:] % periods != 0))
    count = len(place)
    ones = np.ones(len(follow))
    step = sparse.csr_matrix(
        (
            np.concatenate([ones, -ones]),
            (np.tile(np.arange(len(follow)), 2), np.concatenate([follow + 1, follow])),
        ),
        shape=(len(follow), count),
    )
    # A level that nothing determines would leave the system singular: a trace of the adjustment itself decides it.
    hessian = step.T @ step + 1e-9 * sparse.identity(count)
    system = sparse.csc_matrix(sparse.bmat([[hessian, a.T], [a, None]]))
    solved = splu(system).solve(np.concatenate([np.zeros(count), gaps]))
    return np.asarray(solved[:count])


def _met(constraints: Constraints, values: Array, scaled: sparse.csr_matrix, kept: NDArray[np.int64]) -> None:
    left = constraints.targets - np.asarray(constraints.matrix @ values)
    size = np.asarray(abs(constraints.matrix) @ np.abs(values)) + np.abs(constraints.targets)
    open_ones = np.flatnonzero(np.abs(left) > CLOSED * np.maximum(size, 1e-300) * 100)
    if not open_ones.size:
        return
    worst = open_ones[np.argsort(-np.abs(left[open_ones]))][:NAMED]
    told = "; ".join(f"{_contradicting(constraints, scaled, kept, int(at))}: {left[at]:.6g}" for at in worst)
    values_told = {"count": int(open_ones.size), "constraints": told}
    raise MethodError(Problem("statistics.constraints_conflict", values=values_told))


def _contradicting(
    constraints: Constraints, scaled: sparse.csr_matrix, kept: NDArray[np.int64], at: int
) -> str:
    """Return the names of a constraint and of those it follows from: any of them may be the one that is wrong."""
    row = scaled[at].toarray().ravel()
    others: list[int] = []
    if row.any():
        weights = np.linalg.lstsq(scaled[kept].toarray().T, row, rcond=None)[0]
        others = kept[np.abs(weights) > 1e-6].tolist()
    members = sorted({at, *others})
    shown = " + ".join(constraints.names[one] for one in members[: NAMED + 1])
    return shown + (f" + … ({len(members)})" if len(members) > NAMED + 1 else "")
