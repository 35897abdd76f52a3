"""The words of a text that decided its code: the shortest stretch that alone speaks for the class as the text does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lvshu.statistics.coding.coder import Coder

MOST_WINDOWS = 160
LONGEST_WORDS, LONGEST_LETTERS = 3, 8
ENOUGH = 0.9
"""Share of the best stretch's probability from which a shorter one is preferred (convention of this project)."""


def deciding_words(coder: Coder, texts: Sequence[str | None], best: Sequence[int]) -> list[str]:
    """Return for each text the stretch of words (of letters in Chinese) that speaks most for its class; "" without one.

    Args:
        coder: the model.
        texts: as they came.
        best: number of each text's class, −1 where there is none.
    """
    found = []
    for text, number in zip(coder.prepared(texts), best, strict=True):
        windows = _windows(text) if number >= 0 else []
        if not windows:
            found.append(text if number >= 0 else "")
            continue
        share = coder.probabilities(windows)[:, number]
        enough = np.flatnonzero(share >= ENOUGH * share.max())
        found.append(windows[min(enough.tolist(), key=lambda at: (len(windows[at]), at))])
    return found


def _windows(text: str) -> list[str]:
    words = text.split()
    if not words:
        return []
    if any("㐀" <= letter <= "鿿" for letter in text):
        spans = [
            word[start : start + length]
            for word in words
            for length in range(2, LONGEST_LETTERS + 1)
            for start in range(max(1, len(word) - length + 1))
        ]
    else:
        spans = [
            " ".join(words[start : start + length])
            for length in range(1, LONGEST_WORDS + 1)
            for start in range(max(0, len(words) - length + 1))
        ]
    return list(dict.fromkeys([*spans[: MOST_WINDOWS - 1], text]))
