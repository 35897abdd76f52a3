"""A classification as numbers: the codes of every level, and which class stands above which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem

INDUSTRIES = "gbt4754_2017"
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Hierarchy:
    """Levels of a classification, finest first.

    Attributes:
        name: of the classification, e.g. the pack's id.
        levels: names of the levels, finest first.
        codes: codes of each level; the finest in the order of their paths, so that classes under one stand together.
        above: for each level, the number of the class above of every finest class, shape (finest,).
    """

    name: str
    levels: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    above: tuple[Index, ...]

    @classmethod
    def of_paths(cls, name: str, levels: Sequence[str], paths: Iterable[Sequence[str]]) -> Hierarchy:
        """Return the classification from each finest class's path.

        Args:
            name: of the classification.
            levels: names, finest first.
            paths: codes of one class and those above it, finest first.

        Raises:
            InputError: coding.no_classes: there is none.
        """
        ordered = sorted({tuple(path) for path in paths}, key=lambda path: path[::-1])
        if not ordered:
            raise InputError(Problem("coding.no_classes", values={"name": name}))
        codes, above = [], []
        for level in range(len(levels)):
            listed = list(dict.fromkeys(path[level] for path in ordered))
            place = {code: number for number, code in enumerate(listed)}
            codes.append(tuple(listed))
            above.append(np.array([place[path[level]] for path in ordered], dtype=np.int64))
        return cls(name, tuple(levels), tuple(codes), tuple(above))

    @classmethod
    def by_prefix(cls, name: str, codes: Iterable[str], lengths: Sequence[int]) -> Hierarchy:
        """Return a classification whose upper levels are the first characters of its codes.

        Args:
            name: of the classification.
            codes: of the finest level.
            lengths: characters of each level, finest first.
        """
        levels = tuple(str(length) for length in lengths)
        return cls.of_paths(name, levels, ([code[:length] for length in lengths] for code in codes))

    @classmethod
    def of_pack(cls, library: PackLibrary, pack: str = INDUSTRIES) -> Hierarchy:
        """Return the classification of a pack with the columns code, level and parent; its finest level is coded into.

        Args:
            library: with the pack.
            pack: its id; the levels are those that its card allows, the finest last.
        """
        rows = {str(row["code"]): row for row in library[pack].rows}
        column = next(one for one in library[pack].card.columns if one.name == "level")
        levels = tuple(reversed(column.allowed))
        paths = [_path(code, rows) for code, row in rows.items() if row["level"] == levels[0]]
        return cls.of_paths(pack, levels, paths)

    @staticmethod
    def is_pack(library: PackLibrary, pack: str) -> bool:
        """Return whether an id is that of a pack that holds a classification by levels with Chinese titles."""
        if pack not in library:
            return False
        return {"code", "level", "parent", "name_zh"} <= {one.name for one in library.card(pack).columns}

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the codes of the finest level."""
        return self.codes[0]

    @property
    def coarse(self) -> int:
        """Return the number of the coarsest level with ten classes or more; the finest where none has."""
        return max((level for level, codes in enumerate(self.codes) if len(codes) >= 10), default=0)

    def numbers(self, codes: Sequence[str | None]) -> Index:
        """Return the number of each finest code, shape (codes,); −1 for a code outside the classification."""
        place = {code: number for number, code in enumerate(self.classes)}
        return np.array([place.get(code or "", -1) for code in codes], dtype=np.int64)

    def as_json(self) -> dict[str, Any]:
        """Return the classification as plain data."""
        paths = [
            [self.codes[level][int(self.above[level][number])] for level in range(len(self.levels))]
            for number in range(len(self.classes))
        ]
        return {"name": self.name, "levels": list(self.levels), "paths": paths}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Hierarchy:
        """Return the classification that as_json wrote."""
        return cls.of_paths(str(content["name"]), tuple(content["levels"]), content["paths"])


def _path(code: str, rows: Mapping[str, Any]) -> list[str]:
    path = [code]
    while rows[path[-1]]["parent"]:
        path.append(str(rows[path[-1]]["parent"]))
    return path
