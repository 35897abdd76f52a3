"""The levels of a classification: probabilities added up, and how far up the tree an answer must go to be sure.

p: probabilities of the finest classes, shape (texts, classes).     g: number of the class above, shape (classes,).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Stated = NDArray[np.float32]
Index = NDArray[np.int64]


STRIP = 64
"""Texts taken at a time."""


def added_up(probability: Stated, above: Index, classes: int) -> Stated:
    """Return probabilities of the classes above, sums over those below, shape (texts, classes), dimensionless.

    Args:
        probability: of the finest classes, shape (texts, finest).
        above: number of the class above of each, shape (finest,).
        classes: number of classes above, count.

    Source: law of total probability.
    """
    order = np.argsort(above, kind="stable")
    own = above[order]
    starts = np.flatnonzero(np.diff(own, prepend=-1))
    result = np.zeros((probability.shape[0], classes), dtype=probability.dtype)
    if not len(starts):
        return result
    sorted_already = bool((np.diff(above) >= 0).all())
    for begin in range(0, len(result), STRIP):
        # rows are added far faster than short stretches of rows, while a strip of them stays in the cache
        turned = np.ascontiguousarray(probability[begin : begin + STRIP].T)
        rows = turned if sorted_already else turned[order]
        result[begin : begin + STRIP, own[starts]] = np.add.reduceat(rows, starts, axis=0).T
    return result


def backed_off(sure: Sequence[Array], least: Sequence[float]) -> Index:
    """Return the finest level that is sure enough for each text, 0 the finest; −1 where none is: the text is abstained.

    Args:
        sure: for each level, finest first, the calibrated probability that its best class is right, shape (texts,).
        least: probability that each level must reach, dimensionless.

    Returns:
        Level of each text, shape (texts,), count.

    Source: selective classification with a reject option, Chow (1970), IEEE Transactions on Information Theory 16,
        applied level by level.
    """
    level = np.full(len(sure[0]), -1, dtype=np.int64)
    for number in reversed(range(len(sure))):
        level = np.where(sure[number] >= least[number], number, level)
    return level


def main_activity(value: Array, kind: Sequence[str]) -> int:
    """Return which activity is the main one: the kind with the largest value, in it the largest single entry.

    Entries of one kind are one activity and add up.

    Args:
        value: value added (or revenue, or persons) of each entry, one unit for all, shape (entries,).
        kind: class of each, shape (entries,).

    Returns:
        Number of the entry; the earliest where values are equal; scalar.

    Source: GB/T 4754-2017, section 2, 主要活动: of two or more activities carried out for others the one with the
        largest share of the unit's value added; failing that by sales, operating revenue or persons.
    """
    return main_activity_top_down(value, [(one,) for one in kind])


def main_activity_top_down(value: Array, path: Sequence[Sequence[str]]) -> int:
    """Return which activity is the main one by ISIC: the section with most value, in it the division, and so on.

    Args:
        value: value added (or revenue, or persons) of each activity, one unit for all, shape (activities,).
        path: codes of each activity from the top level to the finest.

    Returns:
        Number of the activity; the earliest where values are equal; scalar.

    Source: top-down method, ISIC Rev. 4 (2008), paragraphs 114 to 117. It is not the rule of GB/T 4754.
    """
    left = list(range(len(path)))
    for level in range(max(len(one) for one in path)):
        totals: dict[str, float] = {}
        for number in left:
            code = path[number][level] if level < len(path[number]) else ""
            totals[code] = totals.get(code, 0.0) + float(value[number])
        best = max(totals.values())
        chosen = next(code for code, total in totals.items() if total == best)
        left = [
            number for number in left if (path[number][level] if level < len(path[number]) else "") == chosen
        ]
    return max(left, key=lambda number: (float(value[number]), -number))
