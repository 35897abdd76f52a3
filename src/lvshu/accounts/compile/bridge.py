"""Bridges: which old sector (or region) goes to which new one, and with what weight."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.methods.compile.aggregation import check_bridge
from lvshu.core.errors import MethodError, Problem, Where
from lvshu.core.text import normalise

COLUMNS = {
    "from": ("from", "old", "source", "原部门", "原地区", "旧部门"),
    "to": ("to", "new", "target", "新部门", "新地区", "汇总部门"),
    "weight": ("weight", "share", "权重", "比重"),
}
SHOWN = 20


@dataclass(frozen=True)
class Bridge:
    """Lines (old name, new name, weight) on one level of a table's labels.

    Attributes:
        level: "sector" or "region": which part of the labels is renamed.
        lines: (old, new, weight); the weights of an old name sum to 1.
        source: where the correspondence is published.
    """

    level: str
    lines: tuple[tuple[str, str, float], ...]
    source: str = ""

    @classmethod
    def of(cls, level: str, lines: Iterable[Sequence[object]], *, source: str = "") -> Bridge:
        """Return a bridge from rows (old, new) or (old, new, weight); an absent weight is 1.

        Raises:
            MethodError: accounts.bridge_number, with every weight that is not a number.
        """
        found, wrong = [], []
        for number, line in enumerate(lines, start=1):
            parts = ["" if part is None else str(part) for part in line]
            text = parts[2].strip() if len(parts) > 2 else ""
            try:
                weight = float(text) if text else 1.0
            except ValueError:
                wrong.append(
                    Problem("accounts.bridge_number", Where(row=number), {"row": number, "text": text})
                )
                continue
            found.append((normalise(parts[0]), normalise(parts[1]), weight))
        if wrong:
            raise MethodError(*wrong)
        return cls(level, tuple(found), source)

    @classmethod
    def read(cls, path: Path, level: str = "sector", *, source: str = "") -> Bridge:
        """Return the bridge of a csv file with the columns from, to and perhaps weight (原部门, 新部门, 权重).

        Raises:
            MethodError: accounts.bridge_columns; accounts.bridge_number.
            OSError: the file cannot be read.
        """
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if any(cell.strip() for cell in row)]
        header = [normalise(cell).lower() for cell in rows[0]] if rows else []
        places = {name: next((header.index(word) for word in words if word in header), None)
                  for name, words in COLUMNS.items()}  # fmt: skip
        missing = [name for name in ("from", "to") if places[name] is None]
        if missing:
            values = {"missing": missing, "found": header or ["-"]}
            raise MethodError(Problem("accounts.bridge_columns", Where(file=path.name), values))
        at = [place for place in places.values() if place is not None]
        return cls.of(level, ([*[row[place] if place < len(row) else "" for place in at]] for row in rows[1:]),
                      source=source)  # fmt: skip

    def table(self, index: Index) -> tuple[sparse.csr_array, Index, tuple[Problem, ...]]:
        """Return the bridge for the labels of a table: S (n, m), the new labels, and what does not fit.

        The other parts of a label stay: with level "sector" every region gets the new sectors, region by region.

        Raises:
            MethodError: accounts.bridge_unmatched, accounts.bridge_unknown, accounts.bridge_weights,
                accounts.bridge_negative; accounts.no_such_level.
        """
        names = index.names(self.level)
        new_names = tuple(dict.fromkeys(new for _, new, _ in self.lines))
        small, unknown = self._between(names, new_names)
        missing = [name for name, row in zip(names, small.toarray(), strict=True) if not row.any()]
        if missing:
            values = {"count": len(missing), "places": missing[:SHOWN]}
            raise MethodError(Problem("accounts.bridge_unmatched", values=values), *unknown)
        told = check_bridge(small, old_names=names, new_names=new_names)
        place = index.levels.index(self.level)
        code = {name: number for number, name in enumerate(names)}
        lines: list[tuple[tuple[str, ...], int, float]] = []
        for row, label in enumerate(index.labels):
            at = small.indptr[code[label[place]]], small.indptr[code[label[place]] + 1]
            for column, weight in zip(small.indices[slice(*at)], small.data[slice(*at)], strict=True):
                lines.append(((*label[:place], new_names[column], *label[place + 1 :]), row, float(weight)))
        order = {name: number for number, name in enumerate(new_names)}
        new_index = Index(index.levels, _sorted({label for label, _, _ in lines}, index, place, order))
        matrix = sparse.csr_array(
            (np.array([weight for _, _, weight in lines]),
             (np.array([row for _, row, _ in lines]), np.array([new_index.places[label] for label, _, _ in lines]))),
            shape=(len(index), len(new_index)),
        )  # fmt: skip
        return matrix, new_index, (*unknown, *told)

    def _between(
        self, names: tuple[str, ...], new_names: tuple[str, ...]
    ) -> tuple[sparse.csr_array, tuple[Problem, ...]]:
        """The bridge between names, (old, new), and a warning about names the table does not have."""
        place = {normalise(name): number for number, name in enumerate(names)}
        column = {name: number for number, name in enumerate(new_names)}
        known = [(place[old], column[new], weight) for old, new, weight in self.lines if old in place]
        unknown = list(dict.fromkeys(old for old, _, _ in self.lines if old not in place))
        rows, columns, weights = (np.array(part) for part in zip(*known, strict=True)) if known else (
            np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0),
        )  # fmt: skip
        small = sparse.csr_array((weights, (rows, columns)), shape=(len(names), len(new_names)))
        if not unknown:
            return small, ()
        near = [close for name in unknown[:5] for close in difflib.get_close_matches(name, list(place), n=1)]
        values = {"count": len(unknown), "places": unknown[:SHOWN], "near": near or list(names[:3])}
        return small, (Problem("accounts.bridge_unknown", values=values, severity="warning"),)


def _sorted(
    labels: set[tuple[str, ...]], index: Index, place: int, order: dict[str, int]
) -> tuple[tuple[str, ...], ...]:
    """The new labels: renamed parts in the order of the bridge, the others in that of the table."""
    ranks = [
        order if number == place else {name: rank for rank, name in enumerate(index.names(level))}
        for number, level in enumerate(index.levels)
    ]
    return tuple(
        sorted(labels, key=lambda label: [rank[part] for rank, part in zip(ranks, label, strict=True)])
    )
