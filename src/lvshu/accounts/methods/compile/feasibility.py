"""Why a table cannot meet its totals: the nearest totals that its cells could reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from lvshu.accounts.methods.compile.wording import SHOWN, figure, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Names: TypeAlias = tuple[Sequence[str] | None, Sequence[str] | None]

CELLS_EXPLAINED = 200_000
SMALL = 1e-4


def nearest_totals(prior: Array | sparse.csr_array, row_totals: Array, column_totals: Array) -> Array:
    """Return by how much the totals must move, at least, before cells of the prior's signs can meet them.

    Args:
        prior: shape (n, k), any unit; only its signs count.
        row_totals: shape (n,), same unit.
        column_totals: shape (k,), same unit.

    Returns:
        Changes of the n row totals and then of the k column totals, shape (n + k,), same unit; all 0 where the
        totals can be met. The sum of their absolute values is as small as can be.

    Source: the transportation problem with slacks, solved as a linear programme; feasibility of biproportional
        fitting as in Bacharach (1970), Biproportional Matrices and Input-Output Change.
    """
    meets, _, wanted, scale = _programme(prior, row_totals, column_totals)
    totals, cells = meets.shape
    slack = sparse.eye_array(totals)
    cost = np.concatenate([np.zeros(cells), np.ones(2 * totals)])
    found = linprog(cost, A_eq=sparse.hstack([meets, slack, -slack]).tocsc(), b_eq=wanted, method="highs")
    more = found.x[cells : cells + totals] - found.x[cells + totals :]
    return np.asarray(np.where(np.abs(more) < 1e-8, 0.0, -more * scale))


def cells_at_zero(
    prior: Array | sparse.csr_array, row_totals: Array, column_totals: Array
) -> list[tuple[int, int]]:
    """Return the cells that have to become 0 for the totals to be met: totals at the edge of what is possible.

    Args:
        prior: shape (n, k), any unit; only its signs count.
        row_totals: shape (n,), same unit.
        column_totals: shape (k,), same unit; totals that can be met.

    Returns:
        Rows and columns of these cells, counted from 0; dimensionless.

    Source: as `nearest_totals`, with the sum of min(x, small) as the objective: a cell that can be positive in any
        solution is positive in this one.
    """
    meets, places, wanted, _ = _programme(prior, row_totals, column_totals)
    totals, cells = meets.shape
    below = sparse.hstack([-sparse.eye_array(cells), sparse.eye_array(cells)])
    found = linprog(
        np.concatenate([np.zeros(cells), -np.ones(cells)]), A_ub=below.tocsc(), b_ub=np.zeros(cells),
        A_eq=sparse.hstack([meets, sparse.csr_array((totals, cells))]).tocsc(), b_eq=wanted,
        bounds=[(0.0, None)] * cells + [(0.0, SMALL)] * cells, method="highs",
    )  # fmt: skip
    if found.x is None:
        return []
    return [(int(places[0][at]), int(places[1][at])) for at in np.flatnonzero(found.x[cells:] < 1e-9)]


def _programme(
    prior: Array | sparse.csr_array, row_totals: Array, column_totals: Array
) -> tuple[sparse.csr_array, tuple[NDArray[np.int64], NDArray[np.int64]], Array, float]:
    """Sizes of cells -> totals, shape (n + k, cells); where the cells stand; the totals over their largest; it."""
    table = sparse.coo_array(prior)
    table.eliminate_zeros()
    rows, columns = table.coords
    signs = np.sign(table.data)
    n, k = table.shape
    place = np.arange(len(signs))
    meets = sparse.csr_array(
        (
            np.concatenate([signs, signs]),
            (np.concatenate([rows, n + columns]), np.concatenate([place, place])),
        ),
        shape=(n + k, len(signs)),
    )
    scale = max(
        float(np.abs(row_totals).max(initial=0.0)), float(np.abs(column_totals).max(initial=0.0)), 1e-300
    )
    return meets, (rows, columns), np.concatenate([row_totals, column_totals]) / scale, scale


def impossible_totals(
    prior: Array | sparse.csr_array, row_totals: Array, column_totals: Array, names: Names
) -> MethodError | None:
    """Return the error that names the smallest changes without which the totals cannot be met, or None.

    Args:
        prior: shape (n, k), any unit.
        row_totals: shape (n,), same unit.
        column_totals: shape (k,), same unit.
        names: names of rows and columns.

    Returns:
        accounts.margins_impossible where the zeros and signs of the table forbid the totals; None where they do not
        or where the table is too large to be asked.

    Source: see `nearest_totals`.
    """
    if _count(prior) > CELLS_EXPLAINED:
        return None
    changes = nearest_totals(prior, row_totals, column_totals)
    moved = np.flatnonzero(changes)
    if not len(moved):
        return None
    wanted = np.concatenate([row_totals, column_totals])
    order = sorted(moved, key=lambda place: -abs(float(changes[place])))[:SHOWN]
    n = len(row_totals)
    places = []
    for place in order:
        step = f"{figure(float(wanted[place]))} → {figure(float(wanted[place] + changes[place]))}"
        axis = ("行", "row") if place < n else ("列", "column")
        name = name_of(names[0], place) if place < n else name_of(names[1], place - n)
        places.append({"zh": f"{axis[0]} {name}：{step}", "en": f"{axis[1]} {name}: {step}"})
    told = {"places": places, "least": figure(float(np.abs(changes).sum()))}
    return MethodError(Problem("accounts.margins_impossible", values=told))


def _count(prior: Array | sparse.csr_array) -> int:
    return int(np.count_nonzero(prior.data if sparse.issparse(prior) else prior))


def not_reached(
    prior: Array | sparse.csr_array,
    row_totals: Array,
    column_totals: Array,
    rounds: int,
    gap: float,
    names: Names,
) -> MethodError:
    """Return the error that explains why balancing did not end.

    Args:
        prior: shape (n, k), any unit.
        row_totals: shape (n,), same unit.
        column_totals: shape (k,), same unit.
        rounds: rounds done.
        gap: largest difference left, same unit.
        names: names of rows and columns.

    Returns:
        accounts.margins_impossible, with the smallest changes that would do, where the zeros of the table forbid
        the totals; accounts.margins_at_the_edge, with the cells that would have to be 0; accounts.balance_not_reached
        otherwise.

    Source: see `nearest_totals`.
    """
    impossible = impossible_totals(prior, row_totals, column_totals, names)
    if impossible is not None:
        return impossible
    if _count(prior) <= CELLS_EXPLAINED:
        edge = cells_at_zero(prior, row_totals, column_totals)
        if edge:
            at = [f"{name_of(names[0], i)} → {name_of(names[1], j)}" for i, j in edge[: 2 * SHOWN]]
            forced = {"count": len(edge), "places": at, "gap": figure(gap)}
            return MethodError(Problem("accounts.margins_at_the_edge", values=forced))
    values = {"rounds": rounds, "gap": figure(gap)}
    return MethodError(Problem("accounts.balance_not_reached", values=values))
