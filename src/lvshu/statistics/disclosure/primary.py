"""Which cells are unsafe by themselves, and how wide a reader's doubt about them must stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.disclosure.structure import Array, Dimension, Index, Structure, key_of

Flag = NDArray[np.bool_]
EXACT = 2e-6  # of the largest figure: what the linear programmes can tell apart, so "not known exactly"


@dataclass(frozen=True)
class Rules:
    """The rules of a bureau. A rule that is None is not applied; no threshold is set here.

    minimum_count: fewer contributors than this make a cell unsafe (zero contributors do not).
    p_percent: unsafe when the second largest contributor can estimate the largest to within p % of it.
    dominance: (n, k): unsafe when the n largest contributors hold more than k % of the cell.
    range_percent: how far, in % of its value, an amount that is unsafe by its count must stay in doubt on either side;
    without it only that it cannot be known exactly.

    Source: Hundepool et al., Statistical Disclosure Control (2012), sensitivity rules.
    """

    minimum_count: int | None = None
    p_percent: float | None = None
    dominance: tuple[int, float] | None = None
    range_percent: float | None = None

    def __post_init__(self) -> None:
        """Refuse rules that rule nothing or make no sense.

        Raises:
            MethodError: no rule at all, or a figure outside its range.
        """
        problems = []
        if self.minimum_count is None and self.p_percent is None and self.dominance is None:
            problems.append(Problem("disclosure.no_rule"))
        if self.minimum_count is not None and self.minimum_count < 2:
            problems.append(_outside("minimum_count", self.minimum_count, ">= 2"))
        if self.p_percent is not None and not 0 < self.p_percent <= 100:
            problems.append(_outside("p_percent", self.p_percent, "0 < p <= 100"))
        if self.dominance is not None and not (self.dominance[0] >= 1 and 0 < self.dominance[1] < 100):
            problems.append(_outside("dominance", self.dominance, "n >= 1, 0 < k < 100"))
        if self.range_percent is not None and not self.range_percent > 0:
            problems.append(_outside("range_percent", self.range_percent, "> 0"))
        if problems:
            raise MethodError(*problems)


def _outside(name: str, value: object, allowed: str) -> Problem:
    return Problem("disclosure.rule_outside", values={"rule": name, "value": str(value), "allowed": allowed})


@dataclass(frozen=True)
class Cells:
    """What is known inside the bureau about each cell of a structure; all of shape (cells,).

    value: the figure; count: contributors with a value other than zero; largest: shape (cells, n), their largest
    absolute values in falling order, zero where there are fewer.
    """

    value: Array
    count: Index
    largest: Array


@dataclass(frozen=True)
class Unsafe:
    """The unsafe cells and the protection they need; all of shape (cells,), in the unit of the values.

    flag: whether a cell is unsafe; upper, lower: how far above and below its value a reader must be left in doubt.
    """

    flag: Flag
    upper: Array
    lower: Array


def gather(
    dimensions: Sequence[Dimension],
    structure: Structure,
    codes: Mapping[str, Sequence[str]],
    value: Array,
    contributor: Sequence[str] | None = None,
    top: int = 2,
) -> tuple[Cells, list[dict[str, float]]]:
    """Return the cells of a table made from its records, and each cell's contributors.

    Args:
        dimensions: the table's dimensions.
        structure: its structure, or one that holds it.
        codes: for each dimension the code of every record, at any level.
        value: shape (records,), in the unit of the table; for a table of counts all ones.
        contributor: who stands behind each record; each record is a contributor of its own when left out.
        top: how many of the largest contributors to keep.

    Returns:
        The cells, and for each a mapping of contributor to value (empty dictionaries for empty cells).

    Raises:
        MethodError: a code is not of its dimension; all such codes are told.
    """
    who = contributor if contributor is not None else [str(number) for number in range(len(value))]
    roots = {dimension.name: dimension.root for dimension in dimensions}
    known = {dimension.name: set(dimension.codes) for dimension in dimensions}
    strange = sorted(
        {
            (name, code)
            for name, column in codes.items()
            for code in column
            if code not in known.get(name, {code})
        }
    )
    if strange:
        told = ", ".join(f"{name} = {code}" for name, code in strange[:20])
        raise MethodError(Problem("disclosure.unknown_code", values={"codes": told, "count": len(strange)}))
    place = structure.place
    held: list[dict[str, float]] = [{} for _ in structure.keys]
    cache: dict[tuple[str, ...], list[int]] = {}
    for number, one in enumerate(zip(*(codes[d.name] for d in dimensions), strict=True)):
        if one not in cache:
            paths = [dimension.above(code) for dimension, code in zip(dimensions, one, strict=True)]
            cells: list[dict[str, str]] = [{}]
            for dimension, path in zip(dimensions, paths, strict=True):
                cells = [{**cell, dimension.name: code} for cell in cells for code in path]
            cache[one] = [place[key_of(cell, roots)] for cell in cells]
        for cell_number in cache[one]:
            cell_held = held[cell_number]
            cell_held[who[number]] = cell_held.get(who[number], 0.0) + float(value[number])
    return summarise(held, top), held


Union = Callable[[Sequence[int]], Cells]


def union_of_records(held: Sequence[Mapping[str, float]], top: int = 2) -> Union:
    """Return a function that gives several cells together as one, by their contributors (see `gather`)."""

    def together(cells: Sequence[int]) -> Cells:
        joined: dict[str, float] = {}
        for cell in cells:
            for who, amount in held[cell].items():
                joined[who] = joined.get(who, 0.0) + amount
        return summarise([joined], top)

    return together


def union_of_cells(known: Cells) -> Union:
    """Return a function that gives several cells together as one where only their sums are known.

    Who stands behind two cells is not known here: contributors are taken as different, so one contributor behind
    several cells goes unseen.
    """

    def together(cells: Sequence[int]) -> Cells:
        chosen = np.asarray(cells, dtype=np.int64)
        width = known.largest.shape[1]
        largest = np.sort(known.largest[chosen].ravel())[::-1][:width]
        return Cells(
            np.array([known.value[chosen].sum()]),
            np.array([known.count[chosen].sum()]),
            largest[None, :].copy(),
        )

    return together


def summarise(held: Sequence[Mapping[str, float]], top: int) -> Cells:
    """Return the cells from the contributors of each. Shapes as in `Cells`."""
    total = np.array([sum(cell.values()) for cell in held], dtype=float)
    count = np.array([sum(1 for amount in cell.values() if amount) for cell in held], dtype=np.int64)
    largest = np.zeros((len(held), max(top, 2)))
    for number, cell in enumerate(held):
        best = sorted((abs(amount) for amount in cell.values()), reverse=True)[: largest.shape[1]]
        largest[number, : len(best)] = best
    return Cells(total, count, largest)


def unsafe_cells(cells: Cells, rules: Rules) -> Unsafe:
    """Return which cells are unsafe, and the protection each needs.

    p % rule: unsafe when value - x1 - x2 < p/100 x1; protection p/100 x1 - (value - x1 - x2). (n,k): unsafe when
    x1 + … + xn > k/100 value; protection 100/k (x1 + … + xn) - value. Minimum count: the interval must reach the
    smallest count that would be safe where the value is the count itself; for an amount it must be as wide as
    `range_percent` asks, else just not exact. The largest need of the rules that hold counts; the lower side is the
    same, cut at zero where amounts are not negative.

    Source: Hundepool et al., Statistical Disclosure Control (2012), sensitivity rules and protection levels;
    Federal Committee on Statistical Methodology, Statistical Policy Working Paper 22 (2005).
    """
    size = np.abs(cells.value)
    flag = np.zeros(len(size), dtype=bool)
    need = np.zeros(len(size))
    first, second = cells.largest[:, 0], cells.largest[:, 1]
    if rules.p_percent is not None:
        lack = rules.p_percent / 100 * first - (size - first - second)
        hit = (lack > _rounding(size)) & (first > 0)
        flag, need = flag | hit, np.where(hit, np.maximum(need, lack), need)
    if rules.dominance is not None:
        n, k = rules.dominance
        held = cells.largest[:, :n].sum(axis=1)
        lack = 100 / k * held - size
        hit = (lack > _rounding(size)) & (first > 0)
        flag, need = flag | hit, np.where(hit, np.maximum(need, lack), need)
    if rules.minimum_count is not None:
        hit = (cells.count > 0) & (cells.count < rules.minimum_count)
        counts = cells.value == cells.count
        scale = max(float(size.max(initial=0.0)), 1.0)
        doubt = (
            EXACT * scale
            if rules.range_percent is None
            else np.maximum(rules.range_percent / 100 * size, EXACT * scale)
        )
        lack = np.where(counts, rules.minimum_count - cells.count, doubt)
        flag, need = flag | hit, np.where(hit, np.maximum(need, lack), need)
    signed = bool((cells.value < 0).any())
    return Unsafe(flag, need, need.copy() if signed else np.minimum(need, size))


def _rounding(size: Array) -> Array:
    return np.asarray(1e-9 * np.maximum(size, 1.0), dtype=float)
