"""Earlier releases: a cell that can be worked out from what was shown before cannot be hidden now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from lvshu.core.errors import Problem
from lvshu.statistics.disclosure.attack import DOWN, UP, Attacker, Knowledge
from lvshu.statistics.disclosure.primary import Flag, Unsafe
from lvshu.statistics.disclosure.structure import Array, Dimension, Key, Structure, table_structure


@dataclass(frozen=True)
class Release:
    """A table that was published: its name, its dimensions and the value of every cell that it showed.

    A cell that it hid has no entry.
    """

    name: str
    dimensions: Sequence[Dimension]
    shown: Mapping[Key, float] = field(default_factory=dict)


def must_show(structure: Structure, earlier: Sequence[Release]) -> Flag:
    """Return which cells are public already, shape (cells,): an earlier release shows them."""
    public = {key for release in earlier for key in release.shown}
    return np.array([key in public for key in structure.keys], dtype=bool)


def kept_cost(structure: Structure, cost: Array, last: Release, factor: float = 0.01) -> Array:
    """Return costs that keep the pattern of the last release: what was hidden then costs a small part to hide now.

    Args:
        structure: cells of the table now.
        cost: shape (cells,), what hiding a cell loses.
        last: the last release.
        factor: the part of the cost of a cell that was hidden last time.
    """
    dimensions = table_structure(last.dimensions)
    hidden = {key for key in dimensions.keys if key not in last.shown}
    return np.array(
        [cost[number] * (factor if key in hidden else 1.0) for number, key in enumerate(structure.keys)],
        dtype=float,
    )


def recomputed(
    dimensions: Sequence[Dimension],
    keys: Sequence[Key],
    values: Array,
    hidden: Flag,
    unsafe: Unsafe,
    earlier: Sequence[Release],
) -> list[Problem]:
    """Return a problem for every unsafe cell that earlier releases and this table together give away.

    The tables are taken as linked: cells of the same name are one, and what an earlier release showed is known. Each
    release is tried by itself first, so that the message can name it, then all of them together.

    Args:
        dimensions: those of the table now; an earlier release may have others, finer or coarser.
        keys: the cells that `values`, `hidden` and `unsafe` are about.
        values: shape (cells,), the true figures now.
        hidden: shape (cells,), what is to be hidden now.
        unsafe: the unsafe cells and their protection.
        earlier: what was published before.

    Returns:
        Problems, empty when nothing is given away. Figures that were revised meanwhile do not add up with those of
        now; such a release is told and not used.

    Source: Hundepool et al., Statistical Disclosure Control (2012), on linked tables.
    """
    problems: dict[int, Problem] = {}
    usable = []
    for release in earlier:
        found = _given_away(dimensions, keys, values, hidden, unsafe, [release])
        if found is None:
            problems[-1 - len(problems)] = Problem(
                "disclosure.revised", values={"release": release.name}, severity="warning"
            )
            continue
        usable.append(release)
        for cell in found:
            problems.setdefault(cell, _problem(keys, cell, release.name))
    if len(usable) > 1:
        names = ", ".join(release.name for release in usable)
        for cell in _given_away(dimensions, keys, values, hidden, unsafe, usable) or []:
            problems.setdefault(cell, _problem(keys, cell, names))
    return list(problems.values())


def _problem(keys: Sequence[Key], cell: int, release: str) -> Problem:
    name = ", ".join(f"{dimension} = {code}" for dimension, code in keys[cell]) or "total"
    return Problem("disclosure.given_away", values={"cell": name, "release": release})


def _given_away(
    dimensions: Sequence[Dimension],
    keys: Sequence[Key],
    values: Array,
    hidden: Flag,
    unsafe: Unsafe,
    earlier: Sequence[Release],
) -> list[int] | None:
    linked = table_structure(dimensions, *(release.dimensions for release in earlier))
    place = {key: number for number, key in enumerate(keys)}
    known: dict[Key, float] = {key: float(values[number]) for key, number in place.items()}
    shown = {key for key, number in place.items() if not hidden[number]}
    for release in earlier:
        for key, value in release.shown.items():
            if key in known and abs(known[key] - value) > 1e-6 * max(1.0, abs(value)):
                return None
            known[key] = value
            shown.add(key)
    filled = _fill(linked, known)
    if filled is None:
        return None
    unseen = np.array([key not in shown for key in linked.keys], dtype=bool)
    attacker = Attacker(linked, filled, Knowledge.of(filled))
    where = linked.place
    found = []
    for cell in np.flatnonzero(unsafe.flag):
        number = where[keys[int(cell)]]
        for direction, need in ((UP, unsafe.upper[cell]), (DOWN, unsafe.lower[cell])):
            distance = attacker.reach(number, direction, unseen).distance
            if need > 0 and distance < need - 1e-6 * attacker.scale:
                found.append(int(cell))
                break
    return found


def _fill(structure: Structure, known: Mapping[Key, float]) -> Array | None:
    """Return a whole table that agrees with the known figures (cells nobody stated filled in), None where none does."""
    floor = None if any(value < 0 for value in known.values()) else 0.0
    bounds = [(known[key], known[key]) if key in known else (floor, None) for key in structure.keys]
    relations = structure.relations
    found = linprog(np.zeros(len(bounds)), A_eq=relations, b_eq=np.zeros(relations.shape[0]), bounds=bounds)
    return None if found.status != 0 else np.asarray(found.x, dtype=float)
