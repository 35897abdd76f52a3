"""Groups of records and pairs that fit together: connected components, and one-to-one within them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

DENSE = 400


def components(left: np.ndarray, right: np.ndarray, count: int) -> np.ndarray:
    """Return the group of each record, shape (count,), numbered by their first record.

    Args:
        left, right: records of each linked pair, shape (pairs,), 0 to count - 1.
        count: number of records.

    Source: connected components of an undirected graph, Tarjan (1972).
    """
    ones = np.ones(len(left), dtype=np.int8)
    graph = sparse.coo_matrix((ones, (left, right)), shape=(count, count)).tocsr()
    _, label = connected_components(graph, directed=False)
    _, first = np.unique(label, return_index=True)
    order = np.empty(len(first), dtype=np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(order[label])


def one_to_one(left: np.ndarray, right: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return which pairs are kept, boolean, shape (pairs,): each record at most once, the sum of gains the largest.

    Args:
        left, right: records of the two sides, shape (pairs,), any whole numbers.
        gain: what each pair is worth, shape (pairs,), dimensionless; pairs not above zero are never kept.

    Source: assignment problem; Jonker and Volgenant (1987) as in scipy, on each connected component.
    """
    kept = np.zeros(len(left), dtype=bool)
    use = np.flatnonzero(np.asarray(gain) > 0)
    if not len(use):
        return kept
    _, one = np.unique(left[use], return_inverse=True)
    _, two = np.unique(right[use], return_inverse=True)
    size = int(one.max()) + 1
    group = components(one, two + size, size + int(two.max()) + 1)[one]
    alone = np.bincount(group)[group] == 1
    kept[use[alone]] = True
    order = np.argsort(group, kind="stable")
    order = order[~alone[order]]
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1) if len(order) else ():
        kept[use[rows[_best(one[rows], two[rows], np.asarray(gain)[use[rows]])]]] = True
    return kept


def _best(left: np.ndarray, right: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return which pairs of one component the best assignment keeps, as places."""
    _, row = np.unique(left, return_inverse=True)
    _, column = np.unique(right, return_inverse=True)
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    if rows <= DENSE and columns <= DENSE:
        table = np.zeros((rows, columns))
        np.maximum.at(table, (row, column), gain)
        chosen = set(zip(*linear_sum_assignment(table, maximize=True), strict=True))
    else:
        chosen = _sparse(row, column, gain, rows, columns)
    best: dict[tuple[int, int], int] = {}
    for place in np.argsort(-gain, kind="stable").tolist():
        pair = (int(row[place]), int(column[place]))
        if pair in chosen:
            best.setdefault(pair, place)
    return np.array(sorted(best.values()), dtype=np.int64)


def _sparse(
    row: np.ndarray, column: np.ndarray, gain: np.ndarray, rows: int, columns: int
) -> set[tuple[int, int]]:
    """Return the chosen pairs of a large component. Every row has a way out, a column of its own without gain."""
    order = np.lexsort((-gain, column, row))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(row[order]) != 0) | (np.diff(column[order]) != 0)
    order = order[fresh]
    costs = np.concatenate([-gain[order] - 1.0, np.full(rows, -1.0)])
    places = (
        np.concatenate([row[order], np.arange(rows)]),
        np.concatenate([column[order], columns + np.arange(rows)]),
    )
    found = min_weight_full_bipartite_matching(
        sparse.csr_matrix((costs, places), shape=(rows, columns + rows))
    )
    return {(int(one), int(two)) for one, two in zip(*found, strict=True) if two < columns}
