"""Structural decomposition: what each factor of a product did to a change between two periods.

The Shapley value weighs every order in which the factors may have changed; it needs 2^n evaluations, not n! orders.

Letters of the textbook, used in this file only:
    n  number of factors; S a set of factors that stand at their end values, the others at their start values
    f  what is explained: any array that `evaluate` makes of n factors, unit e.g. tCO2
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import factorial

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Evaluate = Callable[[Sequence[Array]], Array]

RESIDUAL_ALLOWED = 1e-9
MOST_FACTORS = 16


@dataclass(frozen=True)
class Change:
    """A change between two periods and what each factor did to it. Returned by the decompositions of this file.

    Attributes:
        names: n names of the factors.
        terms: shape (n, ...), unit of the figure explained; they sum to end - start over the first axis.
        start, end: the figure explained in the two periods, shape (...).
        low, high: smallest and largest contribution of each factor over all orders, shape (n, ...); equal to
            `terms` for a method that knows one order only.

    Source: Dietzenbacher and Los (1998), Economic Systems Research 10(4), who show the range over the orders.
    """

    names: tuple[str, ...]
    terms: Array
    start: Array
    end: Array
    low: Array
    high: Array

    def term(self, name: str) -> Array:
        """Return the contribution of one factor, shape (...), unit of the figure explained.

        Source: none; a look-up.
        """
        return np.asarray(self.terms[self.names.index(name)])


def shapley(start: Sequence[Array], end: Sequence[Array], evaluate: Evaluate, names: Sequence[str]) -> Change:
    """Return the contributions averaged over all n! orders, from 2^n evaluations.

    Args:
        start: n factors of the first period, any shapes and units; evaluate gives them a meaning.
        end: n factors of the second period, same shapes and units.
        evaluate: makes the figure explained of n factors, any shape (...), unit e.g. tCO2.
        names: n names.

    Returns:
        The change; `low` and `high` over all orders, shape (n, ...).

    Raises:
        MethodError: accounts.decomposition_shapes, accounts.decomposition_not_finite,
            accounts.decomposition_too_many, accounts.decomposition_residual.

    Source: Dietzenbacher and Los (1998), eq. 13 and 14 (average of n! forms); Shapley value, as in Ang, Liu and
        Chew (2003), Energy Policy 31(14).
    """
    _check_factors(start, end, names)
    n = len(names)
    table = [evaluate([e if subset >> k & 1 else s for k, (s, e) in enumerate(zip(start, end, strict=True))])
             for subset in range(1 << n)]  # fmt: skip
    values = np.asarray(table, dtype=np.float64)
    subsets = np.arange(1 << n)
    weights = np.array([factorial(m) * factorial(n - m - 1) / factorial(n) for m in range(n)])
    terms, low, high = [], [], []
    for k in range(n):
        without = subsets[(subsets >> k & 1) == 0]
        steps = values[without | 1 << k] - values[without]
        terms.append(np.tensordot(weights[_sizes(without)], steps, axes=1))
        low.append(steps.min(axis=0))
        high.append(steps.max(axis=0))
    return _closed(Change(tuple(names), np.asarray(terms), values[0], values[-1], np.asarray(low),
                          np.asarray(high)))  # fmt: skip


def polar_average(
    start: Sequence[Array], end: Sequence[Array], evaluate: Evaluate, names: Sequence[str]
) -> Change:
    """Return the average of the two polar decompositions: factors changed first to last, and last to first.

    Args:
        start: n factors of the first period, any shapes and units.
        end: n factors of the second period, same shapes and units.
        evaluate: makes the figure explained of n factors, any shape (...), unit e.g. tCO2.
        names: n names.

    Returns:
        The change; `low` and `high` are the two polar forms, shape (n, ...); 2 n evaluations.

    Raises:
        MethodError: as `shapley`.

    Source: Dietzenbacher and Los (1998), section 3 (the average of the two polar decompositions).
    """
    _check_factors(start, end, names)
    n = len(names)
    forms, ends = [], []
    for order in (range(n), range(n - 1, -1, -1)):
        mixed = list(start)
        path = [evaluate(mixed)]
        for k in order:
            mixed[k] = end[k]
            path.append(evaluate(mixed))
        steps = [after - before for before, after in pairwise(path)]
        forms.append(np.asarray([steps[list(order).index(k)] for k in range(n)], dtype=np.float64))
        ends.append((np.asarray(path[0]), np.asarray(path[-1])))
    return _closed(Change(tuple(names), (forms[0] + forms[1]) / 2.0, ends[0][0], ends[1][1], np.minimum(*forms),
                          np.maximum(*forms)))  # fmt: skip


def split_term(
    start: Sequence[Array], end: Sequence[Array], evaluate: Evaluate, factor: int, parts: Sequence[Array]
) -> Array:
    """Return the Shapley term of one factor split into parts of that factor's change.

    The figure must be linear in this factor (as a footprint is in s, L and y); then each part has a term of its
    own and they sum to the factor's term. So the technology term splits by the columns of A that changed, the
    intensity term by gas or sector, the demand term by region.

    Args:
        start: n factors of the first period, any shapes and units.
        end: n factors of the second period, same shapes and units.
        evaluate: makes the figure explained, any shape (...), unit e.g. tCO2; linear in the factor.
        factor: place of the factor, counted from 0.
        parts: g arrays of the factor's shape and unit that sum to end[factor] - start[factor].

    Returns:
        Terms, shape (g, ...), unit of the figure explained.

    Raises:
        MethodError: accounts.decomposition_parts, when the parts do not sum to the change of the factor.

    Source: Dietzenbacher and Los (1998), with Miller and Blair (2009), section 13.1.3 (decomposition of changes in
        the direct inputs matrix).
    """
    total = np.asarray(end[factor]) - np.asarray(start[factor])
    gap = float(np.abs(np.sum(np.asarray(parts), axis=0) - total).max(initial=0.0))
    size = max(float(np.abs(side[factor]).max(initial=0.0)) for side in (start, end))
    if gap > RESIDUAL_ALLOWED * max(size, 1e-300):
        raise MethodError(Problem("accounts.decomposition_parts", values={"gap": gap, "size": size}))
    n = len(start)
    terms: list[Array] = []
    others = [k for k in range(n) if k != factor]
    for part in parts:
        term: Array | float = 0.0
        for subset in range(1 << (n - 1)):
            mixed = list(start)
            for bit, k in enumerate(others):
                if subset >> bit & 1:
                    mixed[k] = end[k]
            mixed[factor] = part
            m = subset.bit_count()
            term = term + factorial(m) * factorial(n - m - 1) / factorial(n) * evaluate(mixed)
        terms.append(np.asarray(term))
    return np.asarray(terms)


def _sizes(subsets: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.array([int(subset).bit_count() for subset in subsets])


def _check_factors(start: Sequence[Array], end: Sequence[Array], names: Sequence[str]) -> None:
    if not len(start) == len(end) == len(names) or not names:
        raise MethodError(Problem("accounts.decomposition_shapes", values={
            "name": "", "start": len(start), "end": len(end), "names": len(names)}))  # fmt: skip
    if len(names) > MOST_FACTORS:
        raise MethodError(
            Problem("accounts.decomposition_too_many", values={"count": len(names), "most": MOST_FACTORS})
        )
    wrong = []
    for name, first, last in zip(names, start, end, strict=True):
        if np.shape(first) != np.shape(last):
            shapes = {"start": str(np.shape(first)), "end": str(np.shape(last))}
            wrong.append(
                Problem("accounts.decomposition_shapes", values={"name": name, **shapes, "names": len(names)})
            )
            continue
        bad = int(np.sum(~np.isfinite(first)) + np.sum(~np.isfinite(last)))
        if bad:
            wrong.append(Problem("accounts.decomposition_not_finite", values={"name": name, "count": bad}))
    if wrong:
        raise MethodError(*wrong)


def _closed(change: Change) -> Change:
    gap = float(np.abs(change.terms.sum(axis=0) - (change.end - change.start)).max(initial=0.0))
    size = max(float(np.abs(part).max(initial=0.0)) for part in (change.start, change.end, change.terms))
    if not gap <= RESIDUAL_ALLOWED * size:
        raise MethodError(Problem("accounts.decomposition_residual", values={"gap": gap, "size": size}))
    return change
