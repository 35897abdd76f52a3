"""Which records are one unit: codes and people's decisions first, then probabilities, each record in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lvshu.linkage.methods.assignment import components

CODE, PROBABILITY, REVIEW, PREVIOUS, ALONE = "code", "probability", "review", "previous", "alone"
NAME = "name"
_ORDER = (REVIEW, PREVIOUS, CODE, NAME, PROBABILITY)


@dataclass(frozen=True)
class Grouped:
    """group: unit of each record, shape (records,); taken: which pairs were taken, shape (pairs,); edges: linked pairs
    by what decided them, rows of records of shape (2, pairs); chained: pairs of units with codes that were likely
    enough, but would have joined codes that are nothing alike, shape (pairs,)."""

    group: np.ndarray
    taken: np.ndarray
    edges: Mapping[str, np.ndarray]
    chained: np.ndarray


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
    of different codes join only from a probability of their own, and only where each of them is that likely with every
    other: one code borrowed by many would join them all. Records that people said are apart never end in one
    unit, by whatever path: not even records of one code.

    Args:
        left, right: records of the pairs, shape (pairs,).
        weight, probability: of the pairs, shape (pairs,).
        code: number of the code of each record, -1 without one, shape (records,).
        accept: least probability of a pair.
        accept_codes: least probability of a pair of two codes; None where codes never join.
        given: pairs that are settled (shape (2, pairs)), by what settled them: review, previous, name.
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
    likely = (
        both & (probability >= accept_codes) if accept_codes is not None else np.zeros(len(left), dtype=bool)
    )
    taken = likely & _all_alike(likely, one, two, count)
    chained = likely & ~taken
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
    group = _components(edges, count)
    parted = np.asarray(apart).reshape(2, -1)
    if (group[parted[0]] == group[parted[1]]).any():
        strength = np.argsort(-weight[taken], kind="stable")
        edges, group = _kept_apart(edges, strength, group, parted, code, count)
        taken = taken & (group[left] == group[right])
    return Grouped(group, taken, edges, chained)


def _kept_apart(
    edges: Mapping[str, np.ndarray], strength: np.ndarray, group: np.ndarray, apart: np.ndarray, code: np.ndarray,
    count: int,
) -> tuple[dict[str, np.ndarray], np.ndarray]:  # fmt: skip
    """Return edges and units in which no two records that people said are apart are one unit, by whatever path.

    Only units that hold such a pair are made anew: their edges are taken one by one, people's before those of an
    earlier register, of codes and of probabilities (the heaviest first), and one that would bring an apart pair
    together is left out.
    """
    broken = np.unique(group[apart[0]][group[apart[0]] == group[apart[1]]])
    inside = np.isin(group, broken)
    never: dict[int, set[int]] = {}
    for one, two in apart.T.tolist():
        never.setdefault(one, set()).add(two)
        never.setdefault(two, set()).add(one)
    unit = {int(row): {int(row)} for row in np.flatnonzero(inside)}
    listed = {name: pairs.T.tolist() for name, pairs in edges.items()}
    listed[PROBABILITY] = [listed[PROBABILITY][at] for at in strength.tolist()]
    listed[CODE] = [pair for pair in listed[CODE] if not inside[pair[0]]] + _every_pair(code, inside)
    if PREVIOUS in edges:
        earlier = _components({PREVIOUS: edges[PREVIOUS]}, count)
        one, two = edges[PREVIOUS]
        known = np.zeros(count, dtype=bool)
        known[np.concatenate([one, two])] = True
        outside = [pair for pair in listed[PREVIOUS] if not inside[pair[0]]]
        listed[PREVIOUS] = outside + _every_pair(np.where(known, earlier, -1), inside)
    kept: dict[str, list[list[int]]] = {name: [] for name in edges}
    for name in sorted(listed, key=_ORDER.index):
        for one, two in listed[name]:
            if not inside[one]:
                kept[name].append([one, two])
                continue
            own, other = unit[one], unit[two]
            if own is not other and any(never.get(row, set()) & other for row in own):
                continue
            kept[name].append([one, two])
            if own is not other:
                own |= other
                for row in other:
                    unit[row] = own
    found = {name: np.array(pairs, dtype=np.int64).reshape(-1, 2).T for name, pairs in kept.items()}
    return found, _components(found, count)


def _every_pair(code: np.ndarray, inside: np.ndarray) -> list[list[int]]:
    """Return all pairs of one code (or earlier unit) among records: one's parting must not cut the chain of others."""
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(inside & (code >= 0)).tolist():
        members.setdefault(int(code[row]), []).append(row)
    return [[one, two] for own in members.values() for at, one in enumerate(own) for two in own[at + 1 :]]


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


def _all_alike(use: np.ndarray, one: np.ndarray, two: np.ndarray, count: int) -> np.ndarray:
    """Return which pairs in use join units that are all joined to each other directly, shape (pairs,)."""
    rows = np.flatnonzero(use)
    found = np.zeros(len(use), dtype=bool)
    if not len(rows):
        return found
    low, high = np.minimum(one[rows], two[rows]), np.maximum(one[rows], two[rows])
    group = components(low, high, count)
    pairs = np.unique(np.stack([low, high]), axis=1)
    joined = np.bincount(group[pairs[0]], minlength=count)
    units = np.bincount(group[np.unique(pairs)], minlength=count)
    found[rows] = (joined == units * (units - 1) // 2)[group[low]]
    return found


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
