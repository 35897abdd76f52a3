"""Drift of a batch of texts against what a model saw at calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvshu.core.errors import InputError, Problem
from lvshu.statistics.coding.coder import BLOCK, Coder
from lvshu.statistics.coding.methods.drift import (
    Array,
    mean_shift,
    pooled,
    stability_expected,
    stability_index,
    stability_limit,
)
from lvshu.statistics.coding.methods.ngrams import gram_counts
from lvshu.statistics.coding.methods.weights import known_share

ALARM = 4.0
"""Standard errors from which on a sign counts; the index of shares by the same chance: convention of this project."""


@dataclass(frozen=True)
class Drift:
    """Signs of drift.

    Attributes:
        texts: texts with words.
        index: stability index of the likeliest classes, at the coarsest level with ten classes or more; None where the
            texts are too few for two classes with five expected in each.
        expected, deviation: its mean and standard deviation without drift; both samples vary. None as `index`.
        confidence_shift, known_shift: of the best probability and the share of known n-grams, in standard errors; None
            where fewer than two texts have words.
        signs: which of "shares", "confidence", "known" went beyond ALARM.
    """

    texts: int
    index: float | None
    expected: float | None
    deviation: float | None
    confidence_shift: float | None
    known_shift: float | None
    signs: tuple[str, ...]


def drift(coder: Coder, texts: Sequence[str | None]) -> Drift:
    """Return how far a batch has moved.

    Args:
        coder: calibrated.
        texts: as they came; empty ones are left out.

    Raises:
        InputError: coding.no_baseline: the model was never calibrated; coding.no_words: nothing is left of any text.
    """
    if not coder.baseline or coder.columns is None:
        raise InputError(Problem("coding.no_baseline"))
    words = [text for text in coder.prepared(texts) if text]
    if not words:
        raise InputError(Problem("coding.no_words", values={"texts": len(texts)}))
    level = coder.hierarchy.above[coder.hierarchy.coarse]
    then = np.array(coder.baseline["shares"])
    count, best, known = np.zeros(len(then)), [], []
    for start in range(0, len(words), BLOCK):
        block = words[start : start + BLOCK]
        counts = gram_counts(block, coder.grams)
        probability = coder.probabilities(block, counts)
        count += np.bincount(level[probability.argmax(axis=1)], minlength=len(then))
        best.append(probability.max(axis=1).astype(float))
        known.append(known_share(counts, coder.columns))
    now, size = count / max(count.sum(), 1), int(coder.baseline["texts"])
    both = (
        len(words) * size / max(len(words) + size, 1)
    )  # the index of two samples varies like one of this size
    old, new = pooled(then, now, (size, len(words)))
    index, mean, deviation = None, None, None
    signs = []
    if len(old) > 1:
        index = stability_index(old, new)
        mean, deviation = stability_expected(old, max(int(both), 1))
        if index > stability_limit(old, max(int(both), 1), ALARM) and index > 0.1:
            signs.append("shares")
    confidence = _shift((*coder.baseline["confidence"], size), best)
    familiar = _shift((*coder.baseline["known"], size), known)
    signs += [
        name for name, shift in (("confidence", confidence), ("known", familiar)) if abs(shift or 0.0) > ALARM
    ]
    return Drift(len(words), index, mean, deviation, confidence, familiar, tuple(signs))


def _shift(then: tuple[float, float, int], blocks: Sequence[Array]) -> float | None:
    """Return the shift of a mean in standard errors; None where it cannot be told."""
    found = mean_shift(then, np.concatenate(blocks))
    return found if np.isfinite(found) else None
