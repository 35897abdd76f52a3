"""The figures of one measure of the loan book, of all pages, as one table of linked cells; what of it is withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lvshu.core.errors import MethodError
from lvshu.statistics.disclosure.attack import Knowledge
from lvshu.statistics.disclosure.primary import EXACT, Cells, Flag, Rules, Unsafe, unsafe_cells
from lvshu.statistics.disclosure.structure import Array, Index, Key, Structure
from lvshu.statistics.disclosure.suppression import suppress
from lvshu.web.security.loan_book import LoanBook

MOST_KINDS, OF_EACH = 300, 3
"""Kinds of loans that the reader is taken not to know: the largest, and so many of each figure.

All others count as known to them, which only makes the protection stronger.
"""
SECONDS = 8.0
WHOLE_BOOK = 1000.0
"""What the whole book is set to in the linear programmes, whose tolerances are absolute."""


@dataclass(frozen=True)
class _Gap:
    """The difference of two cells, one part of the other, that is unsafe itself."""

    large: int
    small: int
    kinds: Index
    upper: float
    lower: float


@dataclass(frozen=True)
class FigureTable:
    """Cells, the whole book first; figures of the same loans are one.

    inside: shape (cells, kinds), 1 where a kind is of a cell; held: shape (kinds, groups), what each borrower group
    adds; cost: shape (cells + means,), what withholding each loses; parts: cells that add up to the whole; weights:
    shape (means, kinds), means of the kinds that pages show too, such as an intensity, each by its weights.
    """

    inside: sparse.csr_array
    held: sparse.csr_array
    cost: Array
    parts: tuple[tuple[int, ...], ...]
    weights: Array

    @classmethod
    def of(
        cls, book: LoanBook, measure: str, loans: Sequence[Index], cost: Sequence[float], weights: Array
    ) -> FigureTable:
        """Return the table.

        Args:
            book: the loan book.
            measure: one of its measures.
            loans: of each cell its kinds of loans; all kinds first.
            cost: of each cell, then of each mean.
            weights: shape (means, kinds).
        """
        held = book.held[measure]
        place = {kinds.tobytes(): number for number, kinds in enumerate(loans)}
        parts = set()
        for keys in book.parts.values():
            found = {place.get(book.counted(measure, (key,)).tobytes()) for key in keys} - {None}
            numbers = tuple(sorted(number for number in found if number is not None))
            if len(numbers) > 1 and sum(len(loans[one]) for one in numbers) == len(loans[0]):
                parts.add(numbers)
        inside = _matrix(loans, held.shape[0])
        return cls(inside, held, np.array(cost, dtype=float), tuple(sorted(parts)), weights)

    @property
    def count(self) -> int:
        """Return how many cells there are."""
        return int(self.inside.shape[0])

    def withheld(self, rules: Rules) -> Flag:
        """Return which cells and means are withheld, shape (cells + means,).

        Where nothing less protects, all but the whole are.
        """
        shown = len(self.cost)
        unsafe = unsafe_cells(_cells(self.inside @ self.held), rules)
        gaps = self._unsafe_differences(rules, unsafe.flag)
        if not unsafe.flag.any() and not gaps:
            return np.zeros(shown, dtype=bool)
        sums = self._sums(unsafe, gaps)
        size = len(sums.values)
        most = WHOLE_BOOK if not unsafe.flag[0] else 10 * WHOLE_BOOK
        try:
            found = suppress(
                sums.structure, sums.values, sums.unsafe, cost=np.pad(self.cost, (0, size - shown)),
                knowledge=Knowledge(np.zeros(size), np.full(size, most)), union=self._together, rules=rules,
                unpublished=np.arange(size) >= shown, seconds=SECONDS,
            )  # fmt: skip
        except MethodError:
            return np.arange(shown) >= (0 if unsafe.flag[0] else 1)
        return np.asarray(found.hidden[:shown])

    def _kinds(self, cell: int) -> Index:
        start, end = self.inside.indptr[cell : cell + 2]
        return np.asarray(self.inside.indices[start:end], dtype=np.int64)

    def _together(self, cells: Sequence[int]) -> Cells:
        """Return several cells as one; differences and kinds are not asked for."""
        kinds = [self._kinds(cell) for cell in cells if cell < self.count]
        return _cells(_matrix([np.unique(np.concatenate(kinds))], self.held.shape[0]) @ self.held)

    def _unsafe_differences(self, rules: Rules, unsafe: Flag) -> list[_Gap]:
        """Return the differences of a cell and a part of it that are unsafe, and are no cell themselves."""
        sizes = np.diff(self.inside.indptr)
        common = (self.inside @ self.inside.T).toarray()
        known = {self._kinds(cell).tobytes() for cell in range(self.count)}
        pairs: list[tuple[int, int, Index]] = []
        for large, small in np.argwhere(common == sizes[None, :]).tolist():
            if not sizes[small] < sizes[large] or unsafe[large] or unsafe[small]:
                continue
            left = self._left(large, small)
            if left.tobytes() not in known:
                known.add(left.tobytes())
                pairs.append((large, small, left))
        if not pairs:
            return []
        by_group = self.inside @ self.held
        large_ones, small_ones = ([pair[side] for pair in pairs] for side in (0, 1))
        judged = unsafe_cells(_cells(by_group[large_ones, :] - by_group[small_ones, :]), rules)
        return [
            _Gap(large, small, left, float(judged.upper[place]), float(judged.lower[place]))
            for place, (large, small, left) in enumerate(pairs)
            if judged.flag[place]
        ]

    def _left(self, large: int, small: int) -> Index:
        """Return the kinds of one cell that are not of another."""
        is_left = np.zeros(self.inside.shape[1], dtype=bool)
        is_left[self._kinds(large)] = True
        is_left[self._kinds(small)] = False
        return np.flatnonzero(is_left)

    def _sums(self, unsafe: Unsafe, gaps: Sequence[_Gap]) -> _Sums:
        """Return the sums that a reader knows: of kinds to cells, of parts to the whole, differences."""
        amounts = np.asarray(self.held.sum(axis=1)).ravel()
        scale = WHOLE_BOOK / amounts.sum()
        amounts = amounts * scale
        free = self._free(amounts, [gap.kinds for gap in gaps])
        inside = self.inside[:, free].tocsr()
        largest = np.abs(self.weights).max(axis=1, initial=0.0)
        means = sparse.csr_array(self.weights[:, free] / np.where(largest > 0, largest, 1.0)[:, None])
        large, small = ([getattr(gap, side) for gap in gaps] for side in ("large", "small"))
        cells = inside @ amounts[free]
        values = np.concatenate([cells, means @ amounts[free], cells[large] - cells[small], amounts[free]])
        identity = sparse.eye_array(self.count, format="csr")
        rows = [[identity, None, None, -inside]]
        if means.shape[0]:
            rows.append([None, sparse.eye_array(means.shape[0]), None, -means])
        if gaps:
            rows.append([identity[large, :] - identity[small, :], None, -sparse.eye_array(len(gaps)), None])
        if self.parts:
            whole = _matrix([np.array([0])] * len(self.parts), self.count)
            rows.append(
                [whole - _matrix([np.array(one) for one in self.parts], self.count), None, None, None]
            )
        relations = _blocks(rows, (self.count, means.shape[0], len(gaps), len(free)))
        keys: list[Key] = [(("cell", str(number)),) for number in range(len(values))]
        before, after = np.zeros(means.shape[0]), np.zeros(len(free))
        flag = np.concatenate([unsafe.flag, before > 0, np.ones(len(gaps), dtype=bool), after > 0])
        upper = np.concatenate([unsafe.upper, before, [gap.upper for gap in gaps], after]) * scale
        lower = np.concatenate([unsafe.lower, before, [gap.lower for gap in gaps], after]) * scale
        judged = Unsafe(
            flag, np.where(flag, np.maximum(upper, EXACT * WHOLE_BOOK), 0.0), np.minimum(lower, values)
        )
        return _Sums(Structure(tuple(keys), relations), values, judged)

    def _free(self, amounts: Array, more: Sequence[Index]) -> Index:
        """Return the kinds that the reader does not know."""
        chosen = set(np.argsort(-amounts, kind="stable")[:MOST_KINDS].tolist())
        for kinds in [*(self._kinds(cell) for cell in range(self.count)), *more]:
            chosen |= set(kinds[np.argsort(-amounts[kinds], kind="stable")[:OF_EACH]].tolist())
        return np.array(sorted(one for one in chosen if amounts[one] > 0), dtype=np.int64)


@dataclass(frozen=True)
class _Sums:
    structure: Structure
    values: Array
    unsafe: Unsafe


def _blocks(rows: Sequence[Sequence[sparse.sparray | None]], widths: Sequence[int]) -> sparse.csr_array:
    """Return a matrix from its blocks; None is a block of zeros."""
    stacked = []
    for row in rows:
        height = next(block.shape[0] for block in row if block is not None)
        full = [
            sparse.csr_array((height, width)) if block is None else block
            for block, width in zip(row, widths, strict=True)
        ]
        stacked.append(sparse.hstack(full))
    found = sparse.csr_array(sparse.vstack(stacked))
    found.eliminate_zeros()
    return found


def _matrix(rows: Sequence[Index], width: int) -> sparse.csr_array:
    """Return rows of ones at the places given, shape (rows, width)."""
    lengths = [len(row) for row in rows]
    indices = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    pointers = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return sparse.csr_array((np.ones(len(indices)), indices, pointers), shape=(len(rows), width))


def _cells(by_group: sparse.csr_array) -> Cells:
    """Return the cells from what each borrower group adds to each, shape (cells, groups)."""
    by_group = sparse.csr_array(by_group)
    largest = np.zeros((by_group.shape[0], 2))
    count = np.zeros(by_group.shape[0], dtype=np.int64)
    for cell, (start, end) in enumerate(zip(by_group.indptr[:-1], by_group.indptr[1:], strict=True)):
        size = np.sort(np.abs(by_group.data[start:end]))[::-1]
        size = size[size > ROUNDING * size.max(initial=0.0)]
        count[cell] = len(size)
        largest[cell, : min(2, len(size))] = size[:2]
    return Cells(np.asarray(by_group.sum(axis=1)).ravel(), count, largest)


ROUNDING = 1e-12
"""Of the largest part: what a difference of floats leaves where nothing is."""
