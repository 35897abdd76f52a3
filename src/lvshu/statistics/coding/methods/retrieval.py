"""Retrieval from an index of entries: cosine of a text with each entry, and the best entry of each class.

x, e: features of texts and entries, sparse, unit rows, shape (texts or entries, columns), dimensionless.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float32]
Index = NDArray[np.int64]


def entry_scores(features: sparse.csr_matrix, fields: Sequence[tuple[sparse.csr_matrix, float]]) -> Array:
    """Return Σ_f weight_f · cosine with field f of each entry, shape (texts, entries), dimensionless.

    Args:
        features: of the texts, unit rows, shape (texts, columns).
        fields: of the entries (its own words, those of the class above, …) with weights; unit rows, shape
            (entries, columns) each.

    Source: vector space with zones: Manning, Raghavan, Schütze (2008), sections 6.1 and 6.3.
    """
    entries = fields[0][0].shape[0]
    total = np.zeros((features.shape[0], entries), dtype=np.float32)
    for matrix, weight in fields:
        total += np.float32(weight) * (features @ matrix.T).toarray()
    return total


def best_of_class(scores: Array, class_of_entry: Index, classes: int) -> tuple[Array, Index]:
    """Return each class's best score and the entry that gave it; −1 and entry −1 for a class without entries.

    Args:
        scores: shape (texts, entries), dimensionless.
        class_of_entry: number of each entry's class, shape (entries,).
        classes: count.

    Returns:
        Scores, shape (texts, classes), dimensionless; entries, shape (texts, classes).

    Source: nearest neighbour by class: Hastie, Tibshirani, Friedman (2009), section 13.3.
    """
    texts = scores.shape[0]
    best = np.full((texts, classes), -1.0, dtype=np.float32)
    entry = np.full((texts, classes), -1, dtype=np.int64)
    order = np.argsort(class_of_entry, kind="stable")
    own = class_of_entry[order]
    starts = np.flatnonzero(np.diff(own, prepend=-1))
    if not len(starts):
        return best, entry
    if len(starts) == len(order):
        best[:, own], entry[:, own] = scores[:, order], order[None, :]
        return best, entry
    sorted_scores = scores[:, order]
    best[:, own[starts]] = np.maximum.reduceat(sorted_scores, starts, axis=1)
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(order)
        entry[:, own[start]] = order[start:stop][sorted_scores[:, start:stop].argmax(axis=1)]
    return best, entry


def ranks(scores: Array, truth: Index) -> Index:
    """Return the place of the true class in each row's order, 0 the best; ties count against it, shape (texts,), count.

    Args:
        scores: shape (texts, classes).
        truth: number of the true class, shape (texts,).

    Source: definition of top-k accuracy: share of ranks below k.
    """
    own = scores[np.arange(len(truth)), truth][:, None]
    return np.asarray((scores >= own).sum(axis=1) - 1, dtype=np.int64)
