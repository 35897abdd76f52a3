"""Figures by who stands behind them: which are unsafe, and which must go with them where figures add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from scipy import sparse

from lvshu.core.errors import MethodError
from lvshu.statistics.disclosure.attack import Knowledge
from lvshu.statistics.disclosure.primary import EXACT, Rules, Unsafe, summarise, unsafe_cells
from lvshu.statistics.disclosure.structure import Key, Structure
from lvshu.statistics.disclosure.suppression import suppress

Part = tuple[str, str, str, float]
"""Row and column of a figure, who adds to it, and how much, in the unit of the book."""
Cell = tuple[str, str]
"""Row and column of a figure, by their keys."""
WHOLE = 1000.0
SECONDS = 10.0


def unsafe_figures(parts: Iterable[Part], rules: Rules) -> dict[Cell, float]:
    """Return the unsafe figures, each with the doubt that must be left about it, in the unit of the parts."""
    held = held_by(parts)
    cells = summarise([{who: abs(amount) for who, amount in one.items()} for one in held.values()], 2)
    judged = unsafe_cells(cells, rules)
    return {
        cell: float(max(judged.upper[place], EXACT * cells.value[place]))
        for place, cell in enumerate(held)
        if judged.flag[place]
    }


def held_by(parts: Iterable[Part]) -> dict[Cell, dict[str, float]]:
    """Return what each contributor adds to each figure."""
    held: dict[Cell, dict[str, float]] = {}
    for row, column, who, amount in parts:
        one = held.setdefault((row, column), {})
        one[who] = one.get(who, 0.0) + amount
    return held


def closed(
    values: Mapping[Cell, float],
    sums: Sequence[tuple[Cell, Sequence[Cell]]],
    unsafe: Mapping[Cell, float],
    *,
    signed: Set[Cell] = frozenset(),
    shown: Set[Cell] = frozenset(),
) -> set[Cell]:
    """Return the figures to withhold so that no unsafe one follows from the sums; all that may be where none protects.

    Args:
        values: of every figure, in one unit.
        sums: a figure and those that add up to it.
        unsafe: figures that must not follow, with the doubt that must be left about each.
        signed: figures that may be negative.
        shown: figures that other pages show whatever is done here.
    """
    wanted = {cell: need for cell, need in unsafe.items() if cell in values and cell not in shown}
    if not wanted:
        return set()
    cells = list(values)
    place = {cell: number for number, cell in enumerate(cells)}
    scale = WHOLE / max(max(abs(value) for value in values.values()), 1e-9)
    found = np.array([values[cell] for cell in cells]) * scale
    relations = sparse.lil_array((len(sums), len(cells)))
    for row, (whole, parts) in enumerate(sums):
        relations[row, place[whole]] = 1.0
        for part in parts:
            relations[row, place[part]] = -1.0
    free = np.array([cell in signed for cell in cells])
    need = np.array([wanted.get(cell, 0.0) for cell in cells]) * scale
    flag = need > 0
    need = np.where(flag, np.maximum(need, EXACT * WHOLE), 0.0)
    keys: list[Key] = [(("row", row), ("column", column)) for row, column in cells]
    public = np.array([cell in shown for cell in cells])
    try:
        pattern = suppress(
            Structure(tuple(keys), relations.tocsr()),
            found,
            Unsafe(flag, need, np.where(free, need, np.minimum(need, np.abs(found)))),
            knowledge=Knowledge(np.where(free, -np.inf, 0.0), np.full(len(cells), np.inf)),
            must_show=public,
            seconds=SECONDS,
        )
    except MethodError:
        return {cell for cell in cells if cell not in shown}
    return {cell for cell, gone in zip(cells, pattern.hidden, strict=True) if gone}
