"""Where an intermediate-use table lies, and how its rows are read: in memory, mapped from a file, or sparse.

Letters of the textbook, used in this file only:
    Z  intermediate use, (n, n), CNY; row = product, column = using sector
    A  input coefficients Z x^-1, (n, n), CNY per CNY; never stored: products with Z are scaled instead
    x  total output, (n,), CNY
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemm, dgemv
from scipy.sparse import csr_array, issparse

from lvshu.accounts.methods.idle import sector_named
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

CHUNK_BYTES = 64 << 20
CHECK_BYTES = 1 << 20
LEAST_RUN = 128
MOST_RUN = 640


@dataclass(frozen=True)
class Span:
    """A run of neighbouring sectors. Returned by `spans`.

    Attributes:
        start: the first sector, a count from 0.
        stop: one past the last sector.

    Source: lvshu's own bookkeeping.
    """

    start: int
    stop: int

    @property
    def part(self) -> slice:
        """Return the run as a slice."""
        return slice(self.start, self.stop)


class Coefficients:
    """Input coefficients that are read from the intermediate use and never stored beside it.

    Returned by `coefficients_of`; shape (n, n), unit CNY per CNY. A sector without output has a column of zeros.

    Attributes:
        table: Z, a dense array, a mapped file or a CSR matrix; shape (n, n), unit CNY.
        output: x, shape (n,), unit CNY; may be negative or zero.
        column_sums: of A, shape (n,), unit CNY per CNY; known once the table was checked.
        reciprocal: 1 / x, zero where x is zero; shape (n,), unit 1 / CNY.
        names: names of the n sectors for messages; None where nobody gave them.

    Source: Miller and Blair (2009), Input-Output Analysis, 2nd edition, eq. 2.4.
    """

    def __init__(self, table: Any, output: Array) -> None:
        self.table = table
        self.output = output
        self.count = len(output)
        self.is_sparse = bool(issparse(table))
        self.column_sums: Array = np.zeros(self.count)
        self.names: Sequence[str] | None = None
        self._least: float | None = None
        self.is_mapped = _file_mapping(table) is not None
        self.reciprocal: Array = np.zeros(self.count)
        np.divide(1.0, output, out=self.reciprocal, where=output != 0.0)

    @property
    def density(self) -> float:
        """Return the share of cells that are stored: 1 for a dense table."""
        if not self.is_sparse:
            return 1.0
        return float(self.table.nnz) / max(self.count * self.count, 1)

    def chunks(self, size: int | None = None) -> Iterator[Span]:
        """Return runs of rows of about 64 MB (or `size`); after 64 MB, what a mapped file brought in is let go."""
        width = max(1, (size or CHUNK_BYTES) // (8 * max(self.count, 1)))
        every = max(1, CHUNK_BYTES // (8 * max(self.count, 1) * width))
        for number, start in enumerate(range(0, self.count, width)):
            yield Span(start, min(start + width, self.count))
            if (number + 1) % every == 0:
                self.let_go()
        self.let_go()

    def let_go(self) -> None:
        """Return the memory of a mapped file to the system; other tables are left as they are."""
        mapping = _file_mapping(self.table)
        if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)

    def stripe(self, span: Span) -> Any:
        """Return rows of Z without copying them, shape (rows, n), unit CNY."""
        if not self.is_sparse:
            return self.table[span.part]
        table = self.table
        first, last = int(table.indptr[span.start]), int(table.indptr[span.stop])
        return csr_array(
            (table.data[first:last], table.indices[first:last], table.indptr[span.start : span.stop + 1] - first),
            shape=(span.stop - span.start, self.count),
        )  # fmt: skip

    def dense_rows(self, span: Span, out: Array, *, sign: float = 1.0) -> None:
        """Write rows of A times a sign into `out`, shape (rows, n), unit CNY per CNY. Returns nothing."""
        rows = self.stripe(span)
        np.multiply(rows.toarray() if self.is_sparse else rows, sign * self.reciprocal, out=out)

    def square(self, span: Span) -> Array:
        """Return the block of A on the diagonal, shape (rows, rows), unit CNY per CNY."""
        block = self.stripe(span)[:, span.part]
        if self.is_sparse:
            block = block.toarray()
        return np.ascontiguousarray(block * self.reciprocal[span.part])

    def columns(self, which: NDArray[np.intp]) -> Array:
        """Return chosen columns of A, shape (n, c), unit CNY per CNY."""
        found = np.empty((self.count, len(which)))
        for span in self.chunks():
            rows = self.stripe(span)[:, which]
            found[span.part] = rows.toarray() if self.is_sparse else rows
        return found * self.reciprocal[which]

    def left(self, rows: Array) -> Array:
        """Return rows times A, shape (k, n), in the unit of the rows."""
        if not self.is_mapped:
            return np.asarray((rows @ self.table) * self.reciprocal)
        total = np.zeros_like(rows)
        for span in self.chunks():
            add_product(total, np.ascontiguousarray(rows[:, span.part]), self.stripe(span))
        return np.asarray(total * self.reciprocal)

    def right(self, columns: Array) -> Array:
        """Return A times columns, shape (n, c), in the unit of the columns."""
        scaled = columns * self.reciprocal[:, None]
        if not self.is_mapped:
            return np.asarray(self.table @ scaled)
        total = np.empty(columns.shape)
        for span in self.chunks():
            total[span.part] = self.stripe(span) @ scaled
        return total

    def least(self) -> float:
        """Return the smallest coefficient times the size of its output: below 0 where A has a negative cell."""
        if self._least is None:
            self._least = self._check()
        return self._least

    def _check(self) -> float:
        """One pass over the table: nothing infinite or missing, no use without output, and the smallest cell."""
        idle = np.flatnonzero(self.output == 0.0)
        signs = np.sign(self.reciprocal)
        is_plain = bool((signs >= 0.0).all())
        used, total, least = np.zeros(len(idle)), np.zeros(self.count), 0.0
        for span in self.chunks(CHECK_BYTES):
            rows = self.stripe(span)
            total += np.asarray(np.ones(span.stop - span.start) @ rows).reshape(-1)
            if idle.size:
                used += np.asarray(abs(rows[:, idle]).sum(axis=0)).reshape(-1)
            if self.is_sparse:
                cells = rows.data if is_plain else rows.data * signs[rows.indices]
            else:
                cells = rows if is_plain else rows * signs
            least = min(least, float(cells.min(initial=0.0)))
        wrong = [Problem("accounts.use_without_output",
                         values={"sector": sector_named(self.names, int(i)), "amount": float(amount)})
                 for i, amount in zip(idle, used, strict=True) if amount > 0.0]  # fmt: skip
        wrong += [Problem("accounts.kernel_not_finite", values={"sector": int(i) + 1})
                  for i in np.flatnonzero(~np.isfinite(total + self.output))]  # fmt: skip
        if wrong:
            raise MethodError(*wrong)
        self.column_sums = total * self.reciprocal
        return least


def coefficients_of(table: Any, output: Array) -> Coefficients:
    """Return the input coefficients of a table, checked, without copying it.

    Args:
        table: Z, shape (n, n), unit CNY: a C-ordered array, an `np.memmap`, or a SciPy sparse matrix.
        output: x, shape (n,), unit CNY.

    Returns:
        The coefficients, shape (n, n), unit CNY per CNY.

    Raises:
        MethodError: accounts.kernel_shape, accounts.kernel_not_finite, accounts.use_without_output.

    Source: Miller and Blair (2009), eq. 2.4.
    """
    outputs = np.array(output, dtype=np.float64).reshape(-1)
    shape = tuple(int(side) for side in np.shape(table))
    if shape != (len(outputs), len(outputs)):
        raise MethodError(Problem("accounts.kernel_shape", values={
            "name": "intermediate use", "shape": str(shape), "wanted": str((len(outputs),) * 2)}))  # fmt: skip
    stored: Any
    if issparse(table):
        stored = csr_array(table)
        stored.sum_duplicates()
        if stored.dtype != np.float64:
            stored = stored.astype(np.float64)
    else:
        stored = table if isinstance(table, np.ndarray) else np.asarray(table)
        if stored.dtype != np.float64:
            stored = stored.astype(np.float64)
    made = Coefficients(stored, outputs)
    made.least()
    return made


def total_output(table: Any, final_demand: Array) -> Array:
    """Return total output as the sum of a table's rows: x = Z 1 + Y 1, without copying the table.

    Args:
        table: Z, shape (n, n), unit CNY; as for `coefficients_of`.
        final_demand: Y, shape (n, c), unit CNY.

    Returns:
        Output, shape (n,), unit CNY.

    Source: Miller and Blair (2009), eq. 2.1.
    """
    if issparse(table):
        return np.asarray(np.asarray(table.sum(axis=1)).reshape(-1) + final_demand.sum(axis=1))
    found = np.array(final_demand.sum(axis=1), dtype=np.float64)
    reader = Coefficients(table, found)
    ones = np.ones(table.shape[1])
    for span in reader.chunks():
        found[span.part] += reader.stripe(span) @ ones
    return found


def add_product(total: Array, rows: Array, stripe: Any) -> None:
    """Add rows times a stripe of the table to a total, in place where BLAS can. Returns nothing.

    Args:
        total: shape (k, n), C-ordered, any unit; changed.
        rows: shape (k, b), C-ordered.
        stripe: shape (b, n), dense or CSR.

    Source: Dongarra et al. (1990), A set of level 3 basic linear algebra subprograms (dgemm with beta = 1).
    """
    if issparse(stripe) or not stripe.flags.c_contiguous or stripe.dtype != np.float64:
        total += rows @ stripe
    elif len(rows) == 1:
        dgemv(1.0, stripe.T, rows[0], beta=1.0, y=total[0], overwrite_y=1)
    else:
        dgemm(1.0, stripe.T, rows.T, beta=1.0, c=total.T, overwrite_c=1)


def spans(count: int, blocks: NDArray[np.int64] | None) -> tuple[Span, ...]:
    """Return the runs of sectors that are solved together: regions, small ones joined and large ones split.

    Runs of fewer than 128 sectors are joined with the next, those of more than 640 split. Regions that do not lie
    together are not used: the runs are then of even length. Any partition gives the same
    solution; regions only make it arrive sooner.

    Args:
        count: number of sectors n.
        blocks: region of each sector, shape (n,), or None.

    Returns:
        Runs that cover 0 to n, a count of sectors each.

    Source: lvshu's own bookkeeping.
    """
    edges = [0, count]
    if blocks is not None and count:
        changes = (np.flatnonzero(np.diff(blocks)) + 1).tolist()
        if len(changes) + 1 == len(np.unique(blocks)):
            edges = [0, *changes, count]
    joined = [0]
    for edge in edges[1:]:
        if edge - joined[-1] >= LEAST_RUN or edge == count:
            joined.append(edge)
    if len(joined) > 2 and joined[-1] - joined[-2] < LEAST_RUN:
        del joined[-2]
    found: list[Span] = []
    for start, stop in pairwise(joined):
        pieces = max(1, -(-(stop - start) // MOST_RUN))
        cuts = np.linspace(start, stop, pieces + 1).astype(int).tolist()
        found += [Span(low, high) for low, high in pairwise(cuts) if high > low]
    return tuple(found)


def _file_mapping(table: Any) -> mmap.mmap | None:
    """The file mapping under an array, where the array or what it is a view of was opened as np.memmap."""
    if isinstance(table, np.memmap) and table.mode != "c":  # pages of a private copy would be lost
        found = getattr(table, "_mmap", None)
        return found if isinstance(found, mmap.mmap) else None
    return None
