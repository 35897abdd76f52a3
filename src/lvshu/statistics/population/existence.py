"""Whether a log-linear model of sparse lists has an estimate at all, and whether it is the only one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from lvshu.statistics.population.lists import Lists

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Term = frozenset[int]


@dataclass(frozen=True)
class Existence:
    """What `check_existence` found.

    Attributes:
        exists: whether the (extended) maximum of the likelihood exists with a finite population.
        identified: whether the parameters that are left have one solution only.
        at_zero: terms whose overlap was not seen: their parameter is minus infinity, their cells have no units.
        cells: shape (2^K - 1,), cells that the rest of the model is fitted to.
        terms: terms of the rest of the model, that of no list (the intercept) left out.

    Source: Fienberg & Rinaldo (2012), Annals of Statistics 40; Chan, Silverman & Vincent (2021), JASA 116.
    """

    exists: bool
    identified: bool
    at_zero: tuple[Term, ...]
    cells: Flags
    terms: tuple[Term, ...]


def design_matrix(patterns: Flags, terms: Sequence[Term]) -> Array:
    """Return the columns of a model, shape (cells, 1 + terms): ones, then whether a cell is on all lists of a term.

    Args:
        patterns: shape (cells, K).
        terms: sets of lists.

    Source: Bishop, Fienberg & Holland (1975), section 6.4, in the coding by 0 and 1.
    """
    columns = [np.ones(patterns.shape[0])]
    columns += [patterns[:, sorted(term)].all(axis=1).astype(float) for term in terms]
    return np.stack(columns, axis=1)


def check_existence(lists: Lists, terms: Sequence[Term]) -> Existence:
    """Return whether a hierarchical model can be estimated from these counts.

    Terms of two or more lists whose overlap was not seen go to minus infinity, with all terms that contain them;
    their cells are left out. The rest has a maximum if and only if some table with positive cells has the same
    sufficient statistics, which a linear programme decides.

    Args:
        lists: the counts.
        terms: sets of lists of the model.

    Source: Fienberg & Rinaldo (2012), theorem 2 (relative interior of the marginal cone); Chan, Silverman & Vincent
    (2021), section 3 (extended estimates, identifiability).
    """
    cells = np.ones(lists.counts.size, dtype=bool)
    gone: list[Term] = []
    for term in sorted(terms, key=lambda one: (len(one), sorted(one))):
        inside = lists.patterns[:, sorted(term)].all(axis=1)
        if len(term) > 1 and lists.counts[inside].sum() == 0:
            gone.append(term)
            cells &= ~inside
    left = tuple(term for term in terms if term not in gone)
    matrix = design_matrix(lists.patterns[cells], left)
    counts = lists.counts[cells]
    identified = int(np.linalg.matrix_rank(matrix)) == matrix.shape[1]
    if counts.min(initial=1.0) > 0:
        return Existence(True, identified, tuple(gone), cells, left)
    size = counts.size
    scale = max(float(counts.max()), 1.0)
    wanted = matrix.T @ counts / scale
    equal = np.hstack([matrix.T, np.zeros((matrix.shape[1], 1))])
    below = np.hstack([-np.eye(size), np.ones((size, 1))])
    cost = np.zeros(size + 1)
    cost[-1] = -1.0
    found = linprog(
        cost, A_ub=below, b_ub=np.zeros(size), A_eq=equal, b_eq=wanted, bounds=[(0, None)] * size + [(None, 1)],
        method="highs",
    )  # fmt: skip
    least = float(found.x[-1]) if found.x is not None else 0.0
    return Existence(bool(least > 1e-9), identified, tuple(gone), cells, left)
