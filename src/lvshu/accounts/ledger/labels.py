"""Names of the rows and columns of a table: what makes a matrix an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem


@dataclass(frozen=True)
class Index:
    """The labels of one axis, in order.

    Attributes:
        levels: names of the parts of a label, e.g. ("region", "sector") or ("region", "category").
        labels: n labels, each with one part for every level.
    """

    levels: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, levels: Sequence[str], labels: Iterable[Sequence[str] | str]) -> Index:
        """Return an index; a label given as plain text has one part.

        Raises:
            MethodError: accounts.label_parts, when a label has not one part for each level;
                accounts.label_twice, when a label stands twice.
        """
        found = tuple((label,) if isinstance(label, str) else tuple(label) for label in labels)
        names = tuple(levels)
        wrong = [label for label in found if len(label) != len(names)]
        if wrong:
            values = {"levels": list(names), "label": list(wrong[0]), "count": len(wrong)}
            raise MethodError(Problem("accounts.label_parts", values=values))
        index = cls(names, found)
        twice = sorted({label for label, count in _counts(found).items() if count > 1})
        if twice:
            values = {"label": " / ".join(twice[0]), "count": len(twice)}
            raise MethodError(Problem("accounts.label_twice", values=values))
        return index

    @classmethod
    def product(cls, levels: Sequence[str], first: Iterable[str], second: Sequence[str]) -> Index:
        """Return the index of all pairs, e.g. every sector of every region."""
        return cls.of(levels, [(one, other) for one in first for other in second])

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def places(self) -> dict[tuple[str, ...], int]:
        """Return the position of each label."""
        return {label: place for place, label in enumerate(self.labels)}

    def level(self, name: str) -> tuple[str, ...]:
        """Return one part of every label, shape (n,).

        Raises:
            MethodError: accounts.no_such_level.
        """
        if name not in self.levels:
            raise MethodError(
                Problem("accounts.no_such_level", values={"level": name, "levels": list(self.levels)})
            )
        place = self.levels.index(name)
        return tuple(label[place] for label in self.labels)

    def names(self, level: str) -> tuple[str, ...]:
        """Return the different names of a level, in the order in which they first stand."""
        return tuple(dict.fromkeys(self.level(level)))

    def codes(self, level: str) -> NDArray[np.int64]:
        """Return for each label the position of its name among `names(level)`, shape (n,), without unit."""
        place = {name: code for code, name in enumerate(self.names(level))}
        return np.array([place[name] for name in self.level(level)], dtype=np.int64)

    def find(self, words: str) -> NDArray[np.int64]:
        """Return the positions that words mean: a whole label ("region/sector") or any part of one.

        Raises:
            MethodError: accounts.no_such_label, with the nearest ones.
        """
        parts = tuple(part.strip() for part in words.split("/"))
        if parts in self.places:
            return np.array([self.places[parts]])
        found = [place for place, label in enumerate(self.labels) if len(parts) == 1 and parts[0] in label]
        if not found:
            import difflib

            known = list(dict.fromkeys(part for label in self.labels for part in label))
            near = difflib.get_close_matches(words, known, n=5, cutoff=0.4) or known[:5]
            raise MethodError(Problem("accounts.no_such_label", values={"label": words, "near": near}))
        return np.array(found)

    def text(self, place: int) -> str:
        """Return a label as one text."""
        return " / ".join(self.labels[place])


def _counts(labels: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    counts: dict[tuple[str, ...], int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return counts


def check_same(first: Index, second: Index, *, first_name: str, second_name: str) -> None:
    """Check that two axes carry the same labels in the same order.

    Raises:
        MethodError: accounts.labels_differ, with what stands only in one of them.
    """
    if first.labels == second.labels:
        return
    only_first = [" / ".join(label) for label in first.labels if label not in second.places]
    only_second = [" / ".join(label) for label in second.labels if label not in first.places]
    values = {
        "first": first_name, "second": second_name, "first_count": len(first), "second_count": len(second),
        "only_first": only_first[:5], "only_second": only_second[:5],
    }  # fmt: skip
    code = "accounts.labels_differ" if only_first or only_second else "accounts.labels_in_other_order"
    raise MethodError(Problem(code, values=values))
