"""Counts of n-grams as weighted features of unit length: rare n-grams count more, repetitions less than twice.

x: counts, sparse, shape (texts, buckets).    d: texts that hold a bucket, count.    n: texts, count.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """The buckets that a model knows and their weights. Returns nothing itself: made by `fit_columns`.

    Attributes:
        buckets: numbers of the buckets, ascending, shape (columns,).
        weight: ln((1 + n) / (1 + d)) + 1, shape (columns,), dimensionless.

    Source: inverse document frequency, smoothed: Manning, Raghavan, Schütze (2008), Introduction to Information
        Retrieval, section 6.2.
    """

    buckets: Index
    weight: NDArray[np.float32]

    def places(self, width: int) -> Index:
        """Return the column of each of `width` buckets, −1 for an unknown one, shape (width,)."""
        if width not in self._places:
            place = np.full(width, -1, dtype=np.int64)
            place[self.buckets] = np.arange(len(self.buckets))
            self._places[width] = place
        return self._places[width]

    @cached_property
    def _places(self) -> dict[int, Index]:
        return {}


def fit_columns(counts: sparse.csr_matrix, least: int = 1, power: float = 1.0) -> Columns:
    """Return the buckets that stand in at least `least` texts, with their weights, shape (columns,), dimensionless.

    Args:
        counts: of n-grams, shape (texts, buckets).
        least: texts that must hold a bucket, count.
        power: exponent of the weight, dimensionless.

    Source: Manning, Raghavan, Schütze (2008), section 6.2.
    """
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    buckets = np.flatnonzero(texts >= max(least, 1))
    weight = np.log((1 + counts.shape[0]) / (1 + texts[buckets])) + 1
    return Columns(buckets.astype(np.int64), (weight**power).astype(np.float32))


def weighted(counts: sparse.csr_matrix, columns: Columns) -> sparse.csr_matrix:
    """Return features log₂(1 + x) times weight, rows of unit length (zero rows stay zero), shape (texts, columns).

    Args:
        counts: of n-grams, or weighted sums of counts, shape (texts, buckets).
        columns: known buckets and weights.

    Source: sublinear term frequency: Manning, Raghavan, Schütze (2008), section 6.4.1; dimensionless.
    """
    at = columns.places(counts.shape[1])[counts.indices]
    known = at >= 0
    data = np.log2(1 + counts.data[known]) * columns.weight[at[known]]
    kept = np.concatenate([[0], np.cumsum(known)])[counts.indptr]
    features = sparse.csr_matrix(
        (data.astype(np.float32), at[known], kept), shape=(counts.shape[0], len(columns.buckets))
    )
    return unit_rows(features)


def unit_rows(features: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return rows of Euclidean length one; zero rows stay zero, shape as given, dimensionless.

    Args:
        features: shape (texts, columns).

    Source: cosine normalisation: Manning, Raghavan, Schütze (2008), section 6.3.1.
    """
    rows = np.repeat(np.arange(features.shape[0]), np.diff(features.indptr))
    square = np.bincount(rows, weights=features.data.astype(float) ** 2, minlength=features.shape[0])
    length = np.sqrt(np.where(square > 0, square, 1.0))
    result = features.copy()
    result.data = (features.data / length[rows]).astype(np.float32)
    return result


def known_share(counts: sparse.csr_matrix, columns: Columns) -> NDArray[np.float64]:
    """Return the share of each text's n-grams that the model knows, shape (texts,), dimensionless; NaN when empty.

    Args:
        counts: shape (texts, buckets).
        columns: known buckets.

    Source: rule of this project: the share of unknown n-grams is a sign of drift.
    """
    known = np.zeros(counts.shape[1])
    known[columns.buckets] = 1.0
    every = np.asarray(counts.sum(axis=1)).ravel().astype(float)
    found = np.asarray(counts @ known).ravel().astype(float)
    share = np.divide(found, every, out=np.full(len(every), np.nan), where=every > 0)
    return np.asarray(share)
