"""The draw of an audit: by how near a unit is to the digital economy and by its size, the largest with certainty.

A wrongly coded large unit outside the sample moves a total of persons by more than any standard error says; so the
largest units are all audited and the others drawn in strata of like size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.origin import sha256_of_text

NEAR = 0.02
"""Probability of being digital from which a unit coded otherwise is audited with those near the border."""
IN, CLOSE, FAR = "in", "near", "far"
CERTAIN = "all"
FEWEST_IN_STRATUM = 8
"""Units drawn in a stratum of sizes at least, so that its variance can be told: our convention."""
MOST_SIZES = 6
"""Strata of sizes in a group at most: Cochran (1977), section 5A.8, finds little gain beyond six."""


@dataclass(frozen=True)
class Drawn:
    """A unit that was drawn: its stratum, the units of that, and how many of them were drawn."""

    stratum: str
    units: int
    drawn: int


def group_of(stratum: str) -> str:
    """Return the group of a stratum: what comes before the point; strata of sizes in a group share it."""
    return stratum.partition(".")[0]


def draw_audit(
    coded: Sequence[Mapping[str, Any]], sizes: Mapping[str, float], digital: frozenset[str], wanted: int, seed: int
) -> dict[str, Drawn]:  # fmt: skip
    """Return the units drawn, by their keys.

    A third each of the audit goes to units coded digital ("in"), near it and far from it: errors of a rare group hide
    among many right codes. In each, units so large that a draw in proportion to the mean of their share of units and of
    their share of size would expect them once or more are taken with certainty (stratum "in.all"); the others fall into
    up to six strata of like size ("in.1", …, from the smallest), simple random samples without replacement in each.

    Args:
        coded: rows of `activity_code`: uscc, best_code, digital_probability.
        sizes: persons of each unit, by key; 0 where not known.
        digital: classes of the digital economy.
        wanted: units to draw.
        seed: of the draw; the same units and seed give the same draw.

    Source: certainty units and size strata, Särndal, Swensson, Wretman (1992), sections 3.6.2 and 3.7; Cochran (1977),
        sections 5A.7 and 5A.8.
    """
    if wanted <= 0:
        return {}
    groups: dict[str, list[str]] = {IN: [], CLOSE: [], FAR: []}
    for row in coded:
        near = (row["digital_probability"] or 0.0) >= NEAR
        groups[IN if row["best_code"] in digital else CLOSE if near else FAR].append(row["uscc"])
    random = np.random.default_rng(
        int(sha256_of_text(str(seed), "coding.audit", *(row["uscc"] for row in coded))[:32], 16)
    )
    found: dict[str, Drawn] = {}
    filled = sorted(((name, one) for name, one in groups.items() if one), key=lambda one: len(one[1]))
    counts = shared_out(wanted, [len(members) for _, members in filled])
    for (name, members), count in zip(filled, counts, strict=True):
        size = np.array([float(sizes.get(key, 0.0)) for key in members])
        for own, (place, drawn) in size_strata(size, count).items():
            label = f"{name}.{own}" if own else name
            for at in random.choice(place, drawn, replace=False).tolist():
                found[members[at]] = Drawn(label, len(place), drawn)
    return found


def size_strata(size: NDArray[np.float64], count: int) -> dict[str, tuple[NDArray[np.int64], int]]:
    """Return strata of like size: name -> (places of its units, how many of them to draw); "" where there is one alone.

    Args:
        size: of each unit, shape (units,), not negative.
        count: units to draw, at most the number of units.

    Source: as `draw_audit`.
    """
    units = len(size)
    if count >= units or not np.ptp(size):
        return {"": (np.arange(units), min(count, units))}
    share = (1 / units + size / size.sum()) / 2
    rest, left = np.ones(units, dtype=bool), count
    while True:  # taking a unit raises what is expected of the others
        expected = np.where(rest, share, 0.0) * left / share[rest].sum()
        sure = rest & (expected >= 1)
        if not sure.any() or left - int(sure.sum()) < 2:
            break
        rest &= ~sure
        left -= int(sure.sum())
    found: dict[str, tuple[NDArray[np.int64], int]] = {}
    if not rest.all():
        found[CERTAIN] = (np.flatnonzero(~rest), int((~rest).sum()))
    place = np.flatnonzero(rest)
    place = place[np.argsort(size[place], kind="stable")]
    strata = max(1, min(MOST_SIZES, left // FEWEST_IN_STRATUM))
    grown = np.cumsum(share[place])
    cut = np.minimum(np.floor(grown / grown[-1] * strata - 1e-9), strata - 1)
    parts = [place[cut == number] for number in range(strata) if (cut == number).any()]
    order = sorted(range(len(parts)), key=lambda number: len(parts[number]))
    counts = shared_out(left, [len(parts[number]) for number in order])
    named = dict(zip(order, counts, strict=True))
    for number, members in enumerate(parts):
        found[str(number + 1) if len(parts) > 1 or CERTAIN in found else ""] = (members, named[number])
    return found


def shared_out(count: int, units: Sequence[int]) -> list[int]:
    """Return how many of a draw fall to each group, the smallest first: alike, two at least, no more than it has.

    Args:
        count: to draw in all.
        units: of each group, in rising order.
    """
    found, left = [], count
    for place, size in enumerate(units):
        found.append(min(size, max(2, left // (len(units) - place))))
        left -= found[-1]
    return found
