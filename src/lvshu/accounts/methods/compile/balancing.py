"""Balancing a table to row and column totals: RAS, and GRAS for tables with negative cells.

Letters of the literature, used in this file only:
    A  prior table, (n, k), any unit; P its positive part, N the absolute values of its negative part: A = P - N
    u  row totals to be met, (n,); v  column totals, (k,), same unit
    r  row multipliers, (n,); s  column multipliers, (k,), without unit
    X  balanced table, (n, k): X = r P s - N / (r s)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.methods.compile.feasibility import impossible_totals, not_reached
from lvshu.accounts.methods.compile.newton import newton_multipliers
from lvshu.accounts.methods.compile.wording import figure, largest, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Matrix: TypeAlias = Array | sparse.csr_array
Names: TypeAlias = tuple[Sequence[str] | None, Sequence[str] | None]

TOTALS_ALLOWED = 1e-9
SLOW_AFTER = 100
NEWTON_UP_TO = 3000
THIN = 0.1
NO_NAMES: Names = (None, None)


@dataclass(frozen=True)
class Balanced:
    """A table that meets its totals. Returned by `ras` and `gras`.

    Attributes:
        matrix: X, shape (n, k), unit of the prior; dense or sparse as the prior was.
        row_factor, column_factor: r, shape (n,), and s, shape (k,), without unit.
        rounds: how often all totals were visited in turn; Newton steps are not counted.
        largest_gap: largest difference between a total and its target, unit of the prior.
        problems: what had to be settled.

    Source: Lenzen, Wood and Gallego (2007), Economic Systems Research 19, 461-465.
    """

    matrix: Matrix
    row_factor: Array
    column_factor: Array
    rounds: int
    largest_gap: float
    problems: tuple[Problem, ...] = ()


def ras(
    prior: Matrix,
    row_totals: Array,
    column_totals: Array,
    *,
    tolerance: float = 1e-10,
    most_rounds: int = 5000,
    reconcile: Literal["rows", "columns"] | None = None,
    names: Names = NO_NAMES,
) -> Balanced:
    """Return the table nearest to a prior without negative cells that meets given totals: X = r A s.

    Args:
        prior: A, shape (n, k), not negative, any unit; dense or CSR.
        row_totals: u, shape (n,), same unit.
        column_totals: v, shape (k,), same unit.
        tolerance: largest gap allowed, relative to the largest total; without unit.
        most_rounds: rounds after which it gives up.
        reconcile: which totals to scale where rows and columns do not add up to the same; None refuses.
        names: names of rows and columns for messages.

    Returns:
        The balanced table with its multipliers, shape (n, k), unit of the prior.

    Raises:
        MethodError: accounts.ras_negative, and all that `gras` raises.

    Source: Stone (1961), Input-Output and National Accounts; Bacharach (1970), Biproportional Matrices and
        Input-Output Change; Miller and Blair (2009), section 7.4.2.
    """
    cells = _cells(prior)
    if cells.size and cells.min() < 0.0:
        table = sparse.coo_array(prior)
        below = np.flatnonzero(table.data < 0.0)
        worst = below[np.argmin(table.data[below])]
        values = {
            "count": len(below), "row": name_of(names[0], int(table.coords[0][worst])),
            "column": name_of(names[1], int(table.coords[1][worst])), "amount": figure(float(table.data[worst])),
        }  # fmt: skip
        raise MethodError(Problem("accounts.ras_negative", values=values))
    return gras(
        prior, row_totals, column_totals,
        tolerance=tolerance, most_rounds=most_rounds, reconcile=reconcile, names=names,
    )  # fmt: skip


def gras(
    prior: Matrix,
    row_totals: Array,
    column_totals: Array,
    *,
    tolerance: float = 1e-10,
    most_rounds: int = 5000,
    reconcile: Literal["rows", "columns"] | None = None,
    names: Names = NO_NAMES,
) -> Balanced:
    """Return the table nearest to a prior, negative cells allowed, that meets given totals; every sign is kept.

    Rows and columns whose total is 0 and whose cells have one sign become 0: nothing else meets such a total.
    After 100 rounds tables with at most 3,000 totals go on by Newton steps on the dual, which reach the same table.

    Args:
        prior: A, shape (n, k), any unit; dense or CSR.
        row_totals: u, shape (n,), same unit.
        column_totals: v, shape (k,), same unit.
        tolerance: largest gap allowed, relative to the largest total; without unit.
        most_rounds: rounds after which it gives up.
        reconcile: which totals to scale where rows and columns do not add up to the same; None refuses.
        names: names of rows and columns for messages.

    Returns:
        The balanced table X = r P s - N / (r s) with its multipliers, shape (n, k), unit of the prior.

    Raises:
        MethodError: accounts.totals_shape; accounts.totals_not_finite; accounts.margins_disagree;
            accounts.margin_without_cells; accounts.margin_of_other_sign; accounts.margins_impossible;
            accounts.margins_at_the_edge; accounts.balance_not_reached.

    Source: Junius and Oosterhaven (2003), Economic Systems Research 15, 87-96; objective and multipliers as corrected
        by Lenzen, Wood and Gallego (2007) and Temurshoev, Miller and Bouwmeester (2013), Economic Systems Research
        25, 361-367 (rows without positive cells).
    """
    u, v, problems = _totals(prior, row_totals, column_totals, reconcile, names)
    positive, negative = _parts(prior)
    positive, negative = _without_empty_totals(positive, negative, u, v, names)
    scale = max(float(np.abs(u).max(initial=0.0)), float(np.abs(v).max(initial=0.0)))
    r, s = np.ones(len(u)), np.ones(len(v))
    gap = np.inf
    for rounds in range(1, most_rounds + 1):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            p, n = positive @ s, negative @ (1.0 / s)
            gap = float(np.abs(r * p - n / r - u).max(initial=0.0))
        if not np.isfinite(gap):
            raise not_reached(prior, u, v, rounds, gap, names)
        if gap <= tolerance * scale and rounds > 1:
            break
        if rounds == SLOW_AFTER and len(u) + len(v) <= NEWTON_UP_TO:
            found = newton_multipliers(positive, negative, u, v, (r, s), tolerance * scale)
            if found is not None:
                r, s = found
                break
            impossible = impossible_totals(prior, u, v, names)
            if impossible is not None:
                raise impossible
        r = _multiplier(p, n, u)
        s = _multiplier(positive.T @ r, negative.T @ (1.0 / r), v)
    else:
        raise not_reached(prior, u, v, most_rounds, gap, names)
    matrix = _as(prior, _scaled(positive, r, s) - _scaled(negative, 1.0 / r, 1.0 / s))
    gap = max(float(np.abs(_sums(matrix, axis) - total).max(initial=0.0)) for axis, total in ((1, u), (0, v)))
    return Balanced(matrix, r, s, rounds - 1, gap, problems)


def _totals(
    prior: Matrix, rows: Array, columns: Array, reconcile: str | None, names: Names
) -> tuple[Array, Array, tuple[Problem, ...]]:
    u, v = np.asarray(rows, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    if prior.shape != (len(u), len(v)):
        values = {
            "rows": prior.shape[0],
            "columns": prior.shape[1],
            "row_totals": len(u),
            "column_totals": len(v),
        }
        raise MethodError(Problem("accounts.totals_shape", values=values))
    cells = _cells(prior)
    if not (np.isfinite(u).all() and np.isfinite(v).all() and np.isfinite(cells).all()):
        wrong = [name_of(names[0], int(i)) for i in np.flatnonzero(~np.isfinite(u))]
        wrong += [name_of(names[1], int(j)) for j in np.flatnonzero(~np.isfinite(v))]
        raise MethodError(Problem("accounts.totals_not_finite", values={"places": wrong[:5] or ["-"]}))
    difference = float(u.sum() - v.sum())
    size = max(float(np.abs(u).sum()), float(np.abs(v).sum()))
    if abs(difference) <= TOTALS_ALLOWED * size:
        weight = np.abs(v)
        whole = float(weight.sum())
        return u, v + difference * weight / whole if whole else v, ()
    values = {
        "row_sum": figure(float(u.sum())), "column_sum": figure(float(v.sum())), "difference": figure(difference),
    }  # fmt: skip
    kept, moved = (v, u) if reconcile == "rows" else (u, v)
    if reconcile is None or moved.sum() == 0.0 or kept.sum() / moved.sum() <= 0.0:
        raise MethodError(Problem("accounts.margins_disagree", values=values))
    factor = float(kept.sum() / moved.sum())
    told = Problem(
        "accounts.margins_reconciled", severity="warning",
        values=values | {"factor": f"{factor:.9g}",
                         "which": {"rows": {"zh": "行合计", "en": "row totals"},
                                   "columns": {"zh": "列合计", "en": "column totals"}}[reconcile]},
    )  # fmt: skip
    return (u * factor, v, (told,)) if reconcile == "rows" else (u, v * factor, (told,))


def _parts(prior: Matrix) -> tuple[Matrix, Matrix]:
    """P and N, sparse where few cells are not 0; N also where few are negative."""
    if sparse.issparse(prior) or np.count_nonzero(prior) < THIN * np.size(prior):
        table = sparse.csr_array(prior, dtype=np.float64)
        positive, negative = table.copy(), table.copy()
        positive.data = np.maximum(table.data, 0.0)
        negative.data = np.maximum(-table.data, 0.0)
        positive.eliminate_zeros()
        negative.eliminate_zeros()
        return positive, negative
    dense = np.asarray(prior, dtype=np.float64)
    below = dense < 0.0
    if np.count_nonzero(below) * 20 < dense.size:
        places = np.nonzero(below)
        return np.maximum(dense, 0.0), sparse.csr_array((-dense[places], places), shape=dense.shape)
    return np.maximum(dense, 0.0), np.maximum(-dense, 0.0)


def _without_empty_totals(
    positive: Matrix, negative: Matrix, u: Array, v: Array, names: Names
) -> tuple[Matrix, Matrix]:
    """P and N without the rows and columns that can only be 0; raises for totals that no cell can meet."""
    while True:
        p_row, n_row = _sums(positive, 1), _sums(negative, 1)
        p_column, n_column = _sums(positive, 0), _sums(negative, 0)
        no_row = (u == 0.0) & ((p_row == 0.0) != (n_row == 0.0))
        no_column = (v == 0.0) & ((p_column == 0.0) != (n_column == 0.0))
        if not (no_row.any() or no_column.any()):
            break
        positive = _scaled(positive, 1.0 - no_row, 1.0 - no_column)
        negative = _scaled(negative, 1.0 - no_row, 1.0 - no_column)
    wrong = []
    for axis, (total, p, n) in enumerate(((u, p_row, n_row), (v, p_column, n_column))):
        kind = {"zh": "列", "en": "column"} if axis else {"zh": "行", "en": "row"}
        empty = np.flatnonzero((total != 0.0) & (p == 0.0) & (n == 0.0))
        other = np.flatnonzero(
            ((total < 0.0) & (n == 0.0) & (p > 0.0)) | ((total > 0.0) & (p == 0.0) & (n > 0.0))
        )
        for code, places in (("margin_without_cells", empty), ("margin_of_other_sign", other)):
            if len(places):
                values = {"kind": kind, "count": len(places), "places": largest(names[axis], places, total)}
                wrong.append(Problem(f"accounts.{code}", values=values))
    if wrong:
        raise MethodError(*wrong)
    return positive, negative


def _multiplier(p: Array, n: Array, total: Array) -> Array:
    """The positive root of p r^2 - total r - n = 0; 1 for an empty row; without loss of digits for either sign."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.sqrt(total * total + 4.0 * p * n)
        above, below = total + root, root - total
        found = np.where(total >= 0.0, above / (2.0 * p), 2.0 * n / below)
        found = np.where(p == 0.0, np.where(n == 0.0, 1.0, -n / total), found)
    return np.asarray(np.where((p == 0.0) & (n == 0.0), 1.0, found))


def _as(prior: Matrix, matrix: Matrix) -> Matrix:
    """The matrix, dense where the prior was."""
    thin = isinstance(matrix, sparse.csr_array) and not sparse.issparse(prior)
    return np.asarray(matrix.toarray()) if thin and isinstance(matrix, sparse.csr_array) else matrix


def _cells(matrix: Matrix) -> Array:
    return np.asarray(matrix.data if sparse.issparse(matrix) else matrix)


def _sums(matrix: Matrix, axis: int) -> Array:
    return np.asarray(matrix.sum(axis=axis), dtype=np.float64).ravel()


def _scaled(matrix: Matrix, rows: Array, columns: Array) -> Matrix:
    if sparse.issparse(matrix):
        return sparse.csr_array(sparse.diags_array(rows) @ matrix @ sparse.diags_array(columns))
    return np.asarray(matrix * rows[:, None] * columns)
