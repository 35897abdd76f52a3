"""The cells of hierarchical and linked tables, and the linear relations between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Dimension:
    """One classification of a table: its codes as a tree with one root, the total.

    `parents` maps each code below the root to the code it adds up to; leaves are codes that are no one's parent.
    """

    name: str
    root: str
    parents: Mapping[str, str]

    @classmethod
    def flat(cls, name: str, codes: Iterable[str], root: str = "total") -> Dimension:
        """Return a dimension without levels: every code adds up to the root."""
        return cls(name, root, {code: root for code in codes if code != root})

    def __post_init__(self) -> None:
        """Refuse a tree that is none.

        Raises:
            MethodError: a code reaches no root (a circle, or a parent that is nowhere); all such codes are told.
        """
        lost = [code for code in self.parents if not self._reaches(code)]
        if lost:
            names = ", ".join(sorted(lost))
            raise MethodError(Problem("disclosure.no_tree", values={"dimension": self.name, "codes": names}))

    def _reaches(self, code: str) -> bool:
        seen = set()
        while code != self.root:
            if code in seen or code not in self.parents:
                return False
            seen.add(code)
            code = self.parents[code]
        return True

    @property
    def children(self) -> dict[str, list[str]]:
        """Return the codes below each code that has any, in the order given."""
        below: dict[str, list[str]] = {}
        for code, parent in self.parents.items():
            below.setdefault(parent, []).append(code)
        return below

    @property
    def codes(self) -> list[str]:
        """Return all codes, the root first."""
        return [self.root, *self.parents]

    def above(self, code: str) -> list[str]:
        """Return a code and all it adds up to, the root last.

        Raises:
            KeyError: the code is not of this dimension.
        """
        path = [code]
        while path[-1] != self.root:
            path.append(self.parents[path[-1]])
        return path


@dataclass(frozen=True)
class Structure:
    """Cells and relations of one table or of several linked ones.

    `keys[i]` names cell i by its codes below the roots, so a margin that two tables share is one cell.
    `relations` has shape (relations, cells): +1 for the total, -1 for each part; relations @ values = 0.
    """

    keys: tuple[Key, ...]
    relations: sparse.csr_array

    @property
    def place(self) -> dict[Key, int]:
        """Return the number of each cell by its key."""
        return {key: number for number, key in enumerate(self.keys)}

    def gaps(self, values: Array) -> Array:
        """Return total minus parts of each relation, shape (relations,), in the unit of the values."""
        return np.asarray(self.relations @ values, dtype=float)


def key_of(codes: Mapping[str, str], roots: Mapping[str, str]) -> Key:
    """Return the key of a cell: its codes without those that are the total of their dimension, by dimension."""
    return tuple(sorted((name, code) for name, code in codes.items() if code != roots[name]))


def table_structure(*tables: Sequence[Dimension]) -> Structure:
    """Return the structure of tables that are published together; equal cells of linked tables are one.

    Args:
        tables: for each table its dimensions; a dimension of the same name must be the same tree everywhere it
            has the same codes.

    Source: Willenborg & de Waal, Elements of Statistical Disclosure Control (2001) (tables as linear
    relations); Hundepool et al., Statistical Disclosure Control (2012) (linked tables).
    """
    keys: dict[Key, int] = {}
    rows: dict[tuple[int, frozenset[int]], None] = {}
    for dimensions in tables:
        roots = {dimension.name: dimension.root for dimension in dimensions}
        names = [dimension.name for dimension in dimensions]

        def number(codes: Sequence[str], names: list[str] = names, roots: dict[str, str] = roots) -> int:
            return keys.setdefault(key_of(dict(zip(names, codes, strict=True)), roots), len(keys))

        for codes in itertools.product(*(dimension.codes for dimension in dimensions)):
            number(codes)
        for place, dimension in enumerate(dimensions):
            others = [d.codes if n != place else [""] for n, d in enumerate(dimensions)]
            for parent, below in dimension.children.items():
                for codes in itertools.product(*others):
                    whole = list(codes)
                    whole[place] = parent
                    parts = []
                    for child in below:
                        whole_child = list(codes)
                        whole_child[place] = child
                        parts.append(number(whole_child))
                    rows[number(whole), frozenset(parts)] = None
    return Structure(tuple(keys), _matrix(list(rows), len(keys)))


def _matrix(rows: list[tuple[int, frozenset[int]]], cells: int) -> sparse.csr_array:
    row, column, value = [], [], []
    for number, (total, parts) in enumerate(rows):
        row += [number] * (1 + len(parts))
        column += [total, *sorted(parts)]
        value += [1.0, *([-1.0] * len(parts))]
    return sparse.csr_array((value, (row, column)), shape=(len(rows), cells))
