"""Donor imputation: values of the most similar record that passes every rule, fitted to the recipient's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.adjust import adjust
from lvshu.statistics.editing.evaluate import Array, Flags
from lvshu.statistics.editing.literals import CATEGORY
from lvshu.statistics.editing.locate import Localiser

NEAREST = 10
MOST_DONORS = 20_000
"""Of more clean records than this, evenly spaced ones are asked."""


@dataclass
class Donated:
    """What donors gave; arrays of shape (records, variables) and (records,).

    Attributes:
        records: with values filled where `solved`, in the unit of each variable.
        solved: whether the record obeys every hard rule.
        donor: row of the donor, -1 where there is none.
        distance: to the donor, of ranks between 0 and 1.
        moved: which donated values had to be adjusted.
    """

    records: Array
    solved: Flags
    donor: NDArray[np.int64]
    distance: Array
    moved: Flags


def impute_from_donors(
    localiser: Localiser, records: Array, change: Flags, *, match: Sequence[int] = (), size: int | None = None,
    classes: NDArray[np.int64] | None = None, random: np.random.Generator | None = None, passes: Flags | None = None,
) -> Donated:  # fmt: skip
    """Return records filled from the nearest of those that pass every rule and lack nothing.

    The nearest donor whose values obey the rules at once is taken; where none of the NEAREST does, the values of the
    nearest are moved as little as possible. With `random` one of the nearest is drawn: for multiple imputation.

    Args:
        localiser: of the hard rules.
        records: shape (records, variables), in the unit of each variable.
        change: shape (records, variables), what to fill.
        match: columns that distance is measured on, as far as they stay; all that stay when empty.
        size: column whose ratio scales donated amounts to the recipient's size; None: as they are.
        classes: shape (records,), donors come from the same class; None: one class.
        random: draws among the nearest instead of taking the first.
        passes: shape (records,), which pass every rule, where that is known.

    Returns:
        Donated: the filled records.

    Source: nearest-neighbour donor imputation that satisfies edits: de Waal, Pannekoek, Scholtus (2011); the
        greatest difference of ranks as the distance: Banff (minimax).
    """
    if passes is None:
        passes = ~localiser.compiled.test(records).not_passed
    clean = np.asarray(passes & ~change.any(axis=1) & ~np.isnan(records).any(axis=1))
    rows = np.flatnonzero(change.any(axis=1))
    donor = np.full(len(records), -1, dtype=np.int64)
    distance = np.full(len(records), np.nan)
    labels = np.zeros(len(records), dtype=np.int64) if classes is None else classes
    proposals: dict[int, list[int]] = {}
    packed = np.packbits(change[rows], axis=1) if len(rows) else np.empty((0, 1), dtype=np.uint8)
    keys = np.column_stack([labels[rows], packed])
    pools: dict[int, NDArray[np.int64]] = {}
    for key in np.unique(keys, axis=0):
        members = rows[(keys == key).all(axis=1)]
        label = int(labels[members[0]])
        if label not in pools:
            pools[label] = _pool(clean, labels, label)
        donors = pools[label]
        if not len(donors):
            continue
        stays = [c for c in (match or range(records.shape[1])) if not change[members[0], c]]
        near, far = _nearest(localiser, records, donors, members, stays)
        for place, member in enumerate(members):
            order = donors[near[place]].tolist()
            if random is not None:
                order = random.permutation(order).tolist()
            proposals[int(member)] = order
            donor[member], distance[member] = order[0], float(far[place][0])
    made = _fill(localiser, records, change, proposals, donor, size)
    return Donated(made.records, made.solved, donor, distance, made.moved)


def _pool(clean: Flags, labels: NDArray[np.int64], label: int) -> NDArray[np.int64]:
    donors = np.flatnonzero(clean & (labels == label))
    if len(donors) > MOST_DONORS:
        donors = donors[np.linspace(0, len(donors) - 1, MOST_DONORS).astype(np.int64)]
    return donors


def _nearest(
    localiser: Localiser,
    records: Array,
    donors: NDArray[np.int64],
    members: NDArray[np.int64],
    stays: list[int],
) -> tuple[NDArray[np.int64], Array]:
    from scipy.spatial import cKDTree

    count = min(NEAREST, len(donors))
    if not stays:
        return np.tile(np.arange(count), (len(members), 1)), np.zeros((len(members), count))
    spread = []
    for column in stays:
        given = np.nan_to_num(records[members, column], nan=0.0)
        if localiser.compiled.rules.variables[column].kind == CATEGORY:
            spread.append((records[donors, column] * 2, given * 2))
            continue
        ordered = np.sort(records[donors, column])
        both = [
            (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right"))
            / (2 * len(ordered))
            for values in (records[donors, column], given)
        ]
        spread.append((both[0], both[1]))
    tree = cKDTree(np.column_stack([one for one, _ in spread]))
    far, near = tree.query(np.column_stack([one for _, one in spread]), k=count, p=np.inf)
    return np.asarray(near).reshape(len(members), count), np.asarray(far).reshape(len(members), count)


def _fill(
    localiser: Localiser, records: Array, change: Flags, proposals: dict[int, list[int]],
    donor: NDArray[np.int64], size: int | None,
) -> Donated:  # fmt: skip
    """Try the nearest donors in turn, all records at once; adjust what no donor fits."""
    rows = np.array(sorted(proposals), dtype=np.int64)
    first = np.where(change, np.nan, records)
    solved = np.zeros(len(records), dtype=bool)
    final = first.copy()
    moved = np.zeros(records.shape, dtype=bool)
    waiting = rows
    for turn in range(NEAREST):
        waiting = np.array([r for r in waiting if turn < len(proposals[int(r)])], dtype=np.int64)
        if not len(waiting):
            break
        given = np.array([proposals[int(row)][turn] for row in waiting])
        tried = _donated(localiser, records, change, waiting, given, size)
        if turn == 0:
            first[waiting] = tried
        tested = localiser.compiled.test(tried)
        good = ~(tested.failed | tested.unknown).any(axis=1)
        final[waiting[good]], donor[waiting[good]] = tried[good], given[good]
        solved[waiting[good]] = True
        waiting = waiting[~good]
    rest = rows[~solved[rows]]
    if len(rest):
        made = adjust(localiser, first[rest], change[rest])
        final[rest], solved[rest], moved[rest] = made.records, made.solved, made.moved
        for row in rest:
            donor[row] = proposals[int(row)][0]
    final = np.where(solved[:, None], final, np.where(change, np.nan, records))
    return Donated(final, solved, donor, np.empty(0), moved)


def _donated(
    localiser: Localiser, records: Array, change: Flags, rows: NDArray[np.int64], donors: NDArray[np.int64],
    size: int | None,
) -> Array:  # fmt: skip
    given = records[donors].copy()
    if size is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = records[rows, size] / records[donors, size]
        ratio = np.where(np.isfinite(ratio) & (ratio > 0) & ~change[rows, size], ratio, 1.0)
        numeric = np.array([v.kind != CATEGORY for v in localiser.compiled.rules.variables])
        given = np.where(numeric, given * ratio[:, None], given)
    return np.asarray(np.where(change[rows], given, records[rows]))
