"""Earlier releases by other codes or another range: where figures agree, an earlier figure is a sum of cells now.

A revision moves figures a little. Where an earlier release has other codes (north in place of r1 and r2), or covered
less (all regions but r1), its figures and those of now do not lie beside each other: one less the other is a cell, or a
sum of some, exactly. Two guards are here. `changed_codes` compares the lists of codes: what is only in one of them must
be said by levels. `agreeing_unions` holds the earlier figures against the records: it looks for the codes of now whose
sums they are, and a linear programme then tells whether these sums and what is shown now give an unsafe cell away.

Which sets of codes are tried: single ones and all but one; up to three and all but up to three; and of up to 16 codes
every set. A set is taken as meant where it agrees with figures that differ from those of now, contradicts none that do
not, and less than one set in a hundred searches is expected to agree by chance (sets tried times the share of each
figure's range that counts as agreement); that bound is lvshu's own. Where chance is likelier, but less than one set a
search, what would be given away is told and not refused. Beyond that an agreement says nothing and is not looked at.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from lvshu.core.errors import Problem
from lvshu.statistics.disclosure.history import PRINTED, SLACK, Release, cell_name, half_unit
from lvshu.statistics.disclosure.primary import Flag, Unsafe
from lvshu.statistics.disclosure.structure import Array, Dimension, Key, Structure, table_structure

MOST_CODES = 16
MOST_APART = 3
COINCIDENCE = 0.01
NAMED = 10


@dataclass(frozen=True)
class Agreement:
    """An earlier code whose figures are sums of cells now.

    dimension, code: the earlier code, None for all of the dimension; parts: the codes of now; sums: of each figure that
    agrees its cells now, its printed value and half of its last place, in the unit of the values; beside: all cells
    that these figures could be made of; chance: expected sets that agree by chance.
    """

    dimension: str
    code: str | None
    parts: tuple[str, ...]
    sums: tuple[tuple[tuple[Key, ...], float, float], ...]
    beside: frozenset[Key]
    chance: float

    def text(self, root: str) -> str:
        """Return it for people: dimension: code = parts."""
        return f"{self.dimension}: {self.code or root} = {' + '.join(self.parts)}"


def changed_codes(structure: Structure, values: Array, releases: Sequence[Release]) -> list[Problem]:
    """Return a problem for every dimension whose codes differ between a release and the table now.

    Differ: each list has codes that the other knows nothing of; or one has, and a total that both show is the same,
    so that what stood (or stands) under such a code must be somewhere in the other list.

    Args:
        structure: cells and sums of the table now, with all levels stated.
        values: shape (cells,), their figures now, in the unit of the releases.
        releases: what was published before.

    Returns:
        Errors disclosure.codes_changed, empty where every list can be compared.

    Source: the rule is lvshu's own; on linked tables see Hundepool et al., Statistical Disclosure Control (2012).
    """
    now = {key: float(value) for key, value in zip(structure.keys, values, strict=True)}
    known, levels = _codes(now), _levels(structure)
    problems = []
    for release in releases:
        then = dict(release.shown) | dict.fromkeys(release.hidden, math.nan)
        for name, before in _codes(then).items():
            if name not in known:
                continue
            pairs = levels.get(name, set())
            totals = {up for _, up in pairs}
            gone = {code for code in before - known[name] if _moves(then, name, code)}
            new = known[name] - totals - _related(before, pairs)
            new = {code for code in new if _moves(now, name, code)}
            half = half_unit(release.shown.values())
            is_split = _adds_up(then, name, pairs, half) and _same_total(now, then, name, new, now, half)
            if (gone and new) or is_split or _same_total(now, then, name, gone, then, half):
                told = {
                    "dimension": name, "release": release.name,
                    "gone": ", ".join(sorted(gone)[:NAMED]) or "–", "new": ", ".join(sorted(new)[:NAMED]) or "–",
                }  # fmt: skip
                problems.append(Problem("disclosure.codes_changed", values=told))
    return problems


def _levels(structure: Structure) -> dict[str, set[tuple[str, str]]]:
    """Return for each dimension its codes below another, and that one."""
    found: dict[str, set[tuple[str, str]]] = {}
    relations = structure.relations
    for start, end in itertools.pairwise(relations.indptr):
        members, signs = relations.indices[start:end], relations.data[start:end]
        total = dict(structure.keys[int(members[signs > 0][0])])
        for part in members[signs < 0]:
            for name, code in structure.keys[int(part)]:
                if name in total and total[name] != code:
                    found.setdefault(name, set()).add((code, total[name]))
    return found


def _codes(cells: Iterable[Key]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key in cells:
        for name, code in key:
            found.setdefault(name, set()).add(code)
    return found


def _moves(cells: Mapping[Key, float], name: str, code: str) -> bool:
    """Return whether anything but zero stands under a code."""
    return any(value != 0 for key, value in cells.items() if (name, code) in key)


def _related(codes: set[str], pairs: set[tuple[str, str]]) -> set[str]:
    """Return codes with all that stand above or below one of them."""
    above, below = set(codes), set(codes)
    for _ in pairs:  # as many levels as there can be
        more_above = above | {up for code, up in pairs if code in above}
        more_below = below | {code for code, up in pairs if up in below}
        if (more_above, more_below) == (above, below):
            break
        above, below = more_above, more_below
    return above | below


def _without(key: Key, name: str) -> Key:
    return tuple(pair for pair in key if pair[0] != name)


def _same_total(
    now: Mapping[Key, float],
    then: Mapping[Key, float],
    name: str,
    codes: set[str],
    where: Mapping[Key, float],
    half: float,
) -> bool:
    """Return whether a total over the dimension is the same at both times where one of the codes has a figure."""
    totals = {_without(key, name) for key, value in where.items() if value and dict(key).get(name) in codes}
    return any(
        key in now and math.isclose(now[key], then.get(key, math.nan), rel_tol=PRINTED, abs_tol=half)
        for key in totals
    )


def _adds_up(then: Mapping[Key, float], name: str, pairs: set[tuple[str, str]], half: float) -> bool:
    """Return whether the codes that a release shows make up its total somewhere, so that none is left out."""
    below = {code for code, _ in pairs}
    parts: dict[Key, float] = {}
    for key, value in then.items():
        code = dict(key).get(name)
        if code is not None and code not in below:
            parts[_without(key, name)] = parts.get(_without(key, name), 0.0) + value
    return any(
        total and abs(total - then.get(key, math.nan)) <= half * len(then) + PRINTED * abs(total)
        for key, total in parts.items()
    )


def agreeing_unions(
    keys: Sequence[Key], values: Array, structure: Structure, release: Release
) -> list[Agreement]:
    """Return the earlier codes whose figures are not those of now, but agree with sums of other codes now.

    Args:
        keys: the cells that the records tell of.
        values: shape (cells,), their figures now.
        structure: cells and sums of the table now.
        release: what was published before, in the unit of the values.

    Source: lvshu's own; the module's text says what is tried.
    """
    now = {key: float(value) for key, value in zip(keys, values, strict=True)}
    half, unit = half_unit(release.shown.values()), _unit([*release.shown.values(), *now.values()])
    levels, found = _levels(structure), []
    for name, codes in _codes(structure.keys).items():
        leaves = codes - {up for _, up in levels.get(name, ())}
        groups: dict[str | None, dict[Key, float]] = {}
        for key, value in release.shown.items():
            groups.setdefault(dict(key).get(name), {})[_without(key, name)] = value
        for code, figures in groups.items():
            one = _agreement(now, name, code, sorted(leaves), figures, (half, unit))
            if one is not None:
                found.append(one)
    return found


def _unit(values: Iterable[float]) -> float:
    """Return the step in which figures move: their last printed place, or that of means of up to twelve months."""
    figures = np.array([value for value in values if value])
    for months in range(1, 13):
        if np.allclose(figures * months, np.round(figures * months), rtol=0.0, atol=1e-6):
            return 1.0 / months
    return 2.0 * half_unit(figures.tolist())


def _agreement(
    now: Mapping[Key, float],
    name: str,
    code: str | None,
    leaves: Sequence[str],
    figures: Mapping[Key, float],
    printed: tuple[float, float],
) -> Agreement | None:
    """Return what agrees with the figures of one earlier code; printed: half of their last place, and their step."""
    half, unit = printed

    def cell(rest: Key, own: str | None) -> Key:
        return rest if own is None else tuple(sorted((*rest, (name, own))))

    rests = [rest for rest in sorted(figures) if any(cell(rest, leaf) in now for leaf in leaves)]
    if not rests:
        return None
    table = np.array([[now.get(cell(rest, leaf), 0.0) for rest in rests] for leaf in leaves])
    kept = [place for place, row in enumerate(table) if row.any()]
    table, codes = table[kept], [leaves[place] for place in kept]
    then = np.array([figures[rest] for rest in rests])
    near = np.maximum(half, PRINTED * np.abs(then))
    declared = np.array([now.get(cell(rest, code), 0.0) for rest in rests])
    moved = (np.abs(then - declared) > near) & (then != 0)
    if not moved.any() or len(codes) < 2:
        return None
    likeliest: Agreement | None = None
    for sets in _families(len(codes)):
        agrees = np.abs(sets @ table - then) <= near
        score = (agrees & moved).sum(axis=1) - (len(rests) + 1) * (~agrees & ~moved & (then != 0)).sum(axis=1)
        best = int(np.lexsort((sets.sum(axis=1), -score))[0])
        if score[best] <= 0:
            continue
        told = np.flatnonzero(agrees[best] & moved)
        deepest = max(len(rests[place]) for place in told)
        sizes = [
            min(1.0, max(unit, 2 * near[place]) / (float(np.abs(table[:, place]).sum()) or 1.0))
            for place in told if len(rests[place]) == deepest
        ]  # fmt: skip
        alike = sum(len(rest) == deepest and bool(one) for rest, one in zip(rests, moved, strict=True))
        chance = len(sets) * math.comb(alike, len(sizes)) * math.prod(sizes)
        if likeliest is not None and chance >= likeliest.chance:
            continue
        parts = tuple(one for one, is_in in zip(codes, sets[best], strict=True) if is_in)
        sums = tuple(
            (tuple(cell(rests[place], part) for part in parts if cell(rests[place], part) in now),
             float(then[place]), float(near[place]))
            for place in told
        )  # fmt: skip
        beside = frozenset(cell(rests[place], one) for place in told for one in codes)
        likeliest = Agreement(name, code, parts, sums, beside, chance)
        if chance < COINCIDENCE:
            break
    return likeliest if likeliest is not None and likeliest.chance < 1.0 else None


def _families(size: int) -> list[Array]:
    """Return the sets of codes that are tried, one a row, shape (sets, codes) each: the simplest first."""
    families = []
    for most in (1, MOST_APART):
        rows = []
        for count in range(1, min(most, size - 1) + 1):
            for chosen in itertools.combinations(range(size), count):
                row = np.zeros(size)
                row[list(chosen)] = 1.0
                rows += [row, 1.0 - row]
        families.append(np.unique(np.array(rows), axis=0))
    if MOST_APART < size <= MOST_CODES:
        numbers = np.arange(1, 2**size)
        families.append(np.asarray((numbers[:, None] >> np.arange(size)) & 1, dtype=float))
    return families


def recoded(
    dimensions: Sequence[Dimension],
    keys: Sequence[Key],
    values: Array,
    hidden: Flag,
    unsafe: Unsafe,
    earlier: Sequence[Release],
    structure: Structure | None = None,
) -> list[Problem]:
    """Return what earlier figures that are sums of cells now give away, with what is shown now.

    Args: as `history.recomputed`.

    Returns:
        Errors disclosure.union_given_away for every unsafe cell whose range is narrower than its protection; warnings
        disclosure.other_range for agreements that give nothing away, disclosure.maybe_other_range where an agreement
        that may be chance would give cells away.

    Source: as `history.recomputed` on linked tables; the search for agreements is lvshu's own.
    """
    whole = structure or table_structure(dimensions, *(release.dimensions for release in earlier))
    roots = {dimension.name: dimension.root for release in earlier for dimension in release.dimensions}
    roots |= {dimension.name: dimension.root for dimension in dimensions}
    problems: list[Problem] = []
    certain: list[tuple[Release, Agreement]] = []
    for release in earlier:
        for one in agreeing_unions(keys, values, whole, release):
            if one.chance < COINCIDENCE:
                certain.append((release, one))
                continue
            near = np.array([key in one.beside for key in keys], dtype=bool)
            asked = Unsafe(unsafe.flag & near, unsafe.upper, unsafe.lower)
            cells = _narrow(whole, keys, values, hidden, asked, [one])
            if cells:
                told = _told(release.name, [one.text(roots[one.dimension])], keys, cells)
                problems.append(Problem("disclosure.maybe_other_range", values=told, severity="warning"))
    if not certain:
        return problems
    names = ", ".join(dict.fromkeys(release.name for release, _ in certain))
    texts = [one.text(roots[one.dimension]) for _, one in certain]
    cells = _narrow(whole, keys, values, hidden, unsafe, [one for _, one in certain])
    told = _told(names, texts, keys, cells)
    if cells:
        return [*problems, Problem("disclosure.union_given_away", values=told)]
    return [*problems, Problem("disclosure.other_range", values=told, severity="warning")]


def _told(
    release: str, unions: Sequence[str], keys: Sequence[Key], cells: Sequence[int]
) -> dict[str, object]:
    return {
        "release": release, "unions": "; ".join(unions[:NAMED]), "count": len(cells),
        "cells": "; ".join(cell_name(keys[cell]) for cell in cells[:NAMED]),
    }  # fmt: skip


def _narrow(
    structure: Structure,
    keys: Sequence[Key],
    values: Array,
    hidden: Flag,
    unsafe: Unsafe,
    agreements: Sequence[Agreement],
) -> list[int]:
    """Return the unsafe cells whose range is too narrow for who knows the sums; one that is not solved is too."""
    place = structure.place
    scale = float(np.abs(values).max(initial=0.0)) or 1.0
    signed = bool((values < 0).any())
    low = np.full(len(place), -np.inf if signed else 0.0)
    high = np.full(len(place), np.inf)
    for number, key in enumerate(keys):
        if not hidden[number]:
            value = values[number] / scale
            spread = PRINTED * max(1.0, abs(value))
            low[place[key]], high[place[key]] = value - spread, value + spread
    row: list[int] = []
    column: list[int] = []
    right: list[tuple[float, float]] = []
    for cells, value, near in (one for agreement in agreements for one in agreement.sums):
        row += [len(right)] * len(cells)
        column += [place[cell] for cell in cells]
        right.append((value / scale, near / scale + PRINTED))
    sums = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(right), len(place)))
    middle, spread = np.array(right).T
    above = sparse.vstack([sums, -sums])
    limit = np.concatenate([middle + spread, spread - middle])
    found = []
    for cell in (int(one) for one in np.flatnonzero(unsafe.flag)):
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(place))
            cost[place[keys[cell]]] = sign
            for presolve in (True, False):  # its presolve calls programmes with narrow ranges contradictory
                done = linprog(
                    cost, A_ub=above, b_ub=limit, A_eq=structure.relations,
                    b_eq=np.zeros(structure.relations.shape[0]), bounds=np.column_stack([low, high]),
                    method="highs", options={"presolve": presolve},
                )  # fmt: skip
                if done.status in (0, 3):
                    break
            ends.append(-np.inf if done.status == 3 else done.fun if done.status == 0 else np.nan)
        value = values[cell] / scale
        is_wide = (
            ends[0] <= value - unsafe.lower[cell] / scale + SLACK
            and -ends[1] >= value + unsafe.upper[cell] / scale - SLACK
        )
        if not is_wide:
            found.append(cell)
    return found
