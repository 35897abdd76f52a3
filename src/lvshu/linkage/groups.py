"""Which records are one unit: codes and people's decisions first, then probabilities, each record in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lvshu.linkage.methods.assignment import components

CODE, PROBABILITY, REVIEW, PREVIOUS, ALONE = "code", "probability", "review", "previous", "alone"


@dataclass(frozen=True)
class Grouped:
    """group: unit of each record, shape (records,); taken: which pairs were taken, shape (pairs,); edges: linked pairs
    by what decided them, rows of records of shape (2, pairs)."""

    group: np.ndarray
    taken: np.ndarray
    edges: Mapping[str, np.ndarray]


def group_records(
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    probability: np.ndarray,
    code: np.ndarray,
    *,
    accept: float,
    accept_codes: float | None,
    given: Mapping[str, np.ndarray],
    apart: np.ndarray,
) -> Grouped:
    """Return the units of records.

    Records of one code are one unit. A record without a code goes to the one unit with a code that it fits best, so
    that it never joins two; records without a code join each other where no unit with a code claims both apart. Units
    of different codes join only from a probability of their own.

    Args:
        left, right: records of the pairs, shape (pairs,).
        weight, probability: of the pairs, shape (pairs,).
        code: number of the code of each record, -1 without one, shape (records,).
        accept: least probability of a pair.
        accept_codes: least probability of a pair of two codes; None where codes never join.
        given: pairs that are settled (shape (2, pairs)), by what settled them: review, previous.
        apart: pairs that people said are not one unit, shape (2, pairs).
    """
    count = len(code)
    edges = {CODE: _chained(code)} | {name: np.asarray(pairs).reshape(2, -1) for name, pairs in given.items()}
    banned = _among(left, right, np.asarray(apart).reshape(2, -1), count)
    base = _components(edges, count)
    named = np.zeros(count, dtype=bool)
    named[base[code >= 0]] = True
    one, two = base[left], base[right]
    good = (probability >= accept) & ~banned & (one != two)
    both = good & named[one] & named[two]
    taken = (
        both & (probability >= accept_codes) if accept_codes is not None else np.zeros(len(left), dtype=bool)
    )
    single = good & (named[one] != named[two])
    loose = np.where(named[one], two, one)
    taken |= _best_of(single, loose, weight, left, right)
    claimed = np.full(count, -1, dtype=np.int64)
    chosen = np.flatnonzero(taken & single)
    claimed[loose[chosen]] = np.where(named[one], one, two)[chosen]
    free = good & ~named[one] & ~named[two]
    agree = (claimed[one] < 0) | (claimed[two] < 0) | (claimed[one] == claimed[two])
    taken |= free & agree & ~_two_claims(free & agree, one, two, claimed, count)
    edges[PROBABILITY] = np.stack([left[taken], right[taken]])
    return Grouped(_components(edges, count), taken, edges)


def _components(edges: Mapping[str, np.ndarray], count: int) -> np.ndarray:
    joined = np.concatenate(list(edges.values()), axis=1)
    return components(joined[0], joined[1], count)


def _chained(code: np.ndarray) -> np.ndarray:
    """Return pairs that join the records of each code."""
    order = np.flatnonzero(code >= 0)
    order = order[np.argsort(code[order], kind="stable")]
    same = np.flatnonzero(np.diff(code[order]) == 0)
    return np.stack([order[same], order[same + 1]]) if len(same) else np.zeros((2, 0), dtype=np.int64)


def _among(left: np.ndarray, right: np.ndarray, pairs: np.ndarray, count: int) -> np.ndarray:
    listed = np.minimum(pairs[0], pairs[1]) * count + np.maximum(pairs[0], pairs[1])
    return np.isin(np.minimum(left, right) * count + np.maximum(left, right), listed)


def _best_of(
    use: np.ndarray, loose: np.ndarray, weight: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Return of the pairs in use the heaviest of each loose unit."""
    rows = np.flatnonzero(use)
    order = rows[np.lexsort((right[rows], left[rows], -weight[rows], loose[rows]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(loose[order]) != 0
    kept = np.zeros(len(use), dtype=bool)
    kept[order[first]] = True
    return kept


def _two_claims(
    use: np.ndarray, one: np.ndarray, two: np.ndarray, claimed: np.ndarray, count: int
) -> np.ndarray:
    """Return pairs of loose units whose chain would join two units with codes."""
    rows = np.flatnonzero(use)
    group = components(one[rows], two[rows], count)
    known = np.flatnonzero(claimed >= 0)
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1, dtype=np.int64)
    np.minimum.at(low, group[known], claimed[known])
    np.maximum.at(high, group[known], claimed[known])
    mixed = (high >= 0) & (low != high)
    found = np.zeros(len(use), dtype=bool)
    found[rows] = mixed[group[one[rows]]]
    return found
