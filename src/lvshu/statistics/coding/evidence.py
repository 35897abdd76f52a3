"""The words of a text that decided its code: the shortest stretch that bears most of what speaks for the class.

Every n-gram adds its part to the score of a class; the parts are added up over the words that it stands in. Nothing is
scored again, so that evidence costs about as much as the code itself. A stretch begins and ends where words do; words
of Chinese are those of the classification's own titles and of enterprise names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.statistics.coding.coder import Coder, EntryIndex
from lvshu.statistics.coding.methods.linear import LinearModel
from lvshu.statistics.coding.methods.ngrams import GramPlaces, gram_places
from lvshu.statistics.coding.methods.weights import Columns

NAMES = "name_parts"
BLOCK = 2_048
MOST_WORDS, MOST_LETTERS = 5, 8
MOST_FOREIGN = 3
"""A stretch has at most so many words and, in Chinese, letters (convention of this project)."""
ENOUGH = 0.9
"""Share of the best stretch's part in the score from which a shorter one is preferred (convention of this project)."""
LONGEST_WORD = 6
JOINTS = "及和与或的、"
"""Characters between words."""
VARIETY = 3
"""Different neighbours on either side from which a string of titles counts as a word."""

Index = NDArray[np.int64]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Words:
    """Words of texts laid end to end. Arrays of shape (words,): text of each, first character, and one past the last;
    of: word of each character, −1 between words."""

    row: Index
    start: Index
    stop: Index
    of: Index


def deciding_words(
    coder: Coder, texts: Sequence[str | None], best: Sequence[int], lexicon: Iterable[str] = ()
) -> list[str]:
    """Return for each text the stretch of words that speaks most for its class; "" without one.

    Args:
        coder: the model.
        texts: as they came.
        best: number of each text's class, −1 where there is none.
        lexicon: words of Chinese, besides those that the titles of the coder's index show.
    """
    known = frozenset(lexicon) | (
        words_of_titles(coder.index.words) if coder.index is not None else frozenset()
    )
    ready = coder.prepared(texts)
    chosen = np.asarray(best, dtype=np.int64)
    found = [""] * len(ready)
    asked = np.array([row for row, text in enumerate(ready) if text and chosen[row] >= 0], dtype=np.int64)
    cuts: dict[str, list[int]] = {}
    for begin in range(0, len(asked), BLOCK):
        rows = asked[begin : begin + BLOCK]
        own = [ready[row] for row in rows]
        for row, words in zip(rows.tolist(), _block(coder, own, chosen[rows], known, cuts), strict=True):
            found[row] = words
    return found


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters: cut between words where there are any, with … in the place."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    gap = kept.rstrip().rfind(" ")
    if not text[longest - 1].isspace() and gap > longest // 2:
        kept = kept[:gap]
    return kept.rstrip() + "…"


@lru_cache(maxsize=8)
def words_of_titles(titles: tuple[str, ...]) -> frozenset[str]:
    """Return the strings of Chinese that stand in titles beside several different characters on both sides.

    Source: accessor variety: Feng, Chen, Deng, Zheng (2004), Accessor Variety Criteria for Chinese Word Extraction,
        Computational Linguistics 30(1).
    """
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for number, title in enumerate(titles):
        for word in title.split():
            if not _han(word):
                continue
            for length in range(2, LONGEST_WORD + 1):
                for start in range(len(word) - length + 1):
                    part, stop = word[start : start + length], start + length
                    # the edge of a title is a neighbour of its own each time
                    before.setdefault(part, set()).add(word[start - 1] if start else f"^{number}")
                    after.setdefault(part, set()).add(word[stop] if stop < len(word) else f"${number}")
    free = {part for part, ones in before.items() if len(ones) >= VARIETY and len(after[part]) >= VARIETY}
    # 品批发 is no word but the end of one and a word: what a shorter word leaves over is cut there
    return frozenset(
        part for part in free if not any(part[:at] in free or part[at:] in free for at in range(1, len(part)))
    )


def _block(
    coder: Coder, texts: list[str], best: Index, lexicon: frozenset[str], cuts: dict[str, list[int]]
) -> list[str]:
    places = gram_places(texts, coder.grams)
    words = _words(texts, places, lexicon, cuts)
    part = np.zeros(len(words.row))
    if coder.model is not None and coder.columns is not None:
        part += _linear(coder.model, coder.columns, places, words, best)
    if coder.index is not None and coder.index_weight:
        own = places if coder.index.grams == coder.grams else gram_places(texts, coder.index.grams)
        part += coder.index_weight * _indexed(coder.index, own, words, best, len(texts))
    first, last = _stretches(words, part, texts)
    joined = places.joined
    found = [joined[words.start[one] : words.stop[other]] for one, other in zip(first, last, strict=True)]
    return [words.strip(JOINTS) or words for words in found]


def _han(text: str) -> bool:
    return any("㐀" <= letter <= "鿿" for letter in text)


def _words(
    texts: list[str], places: GramPlaces, lexicon: frozenset[str], cuts: dict[str, list[int]]
) -> _Words:
    """Return where words are: stretches between blanks, those of Chinese cut further."""
    row: list[int] = []
    start: list[int] = []
    stop: list[int] = []
    for number, (text, offset) in enumerate(zip(texts, places.offsets.tolist(), strict=True)):
        at = offset
        for word in text.split(" "):
            if word not in cuts:
                cuts[word] = _cut(word, lexicon)
            for begin, end in zip(cuts[word], [*cuts[word][1:], len(word)], strict=True):
                row.append(number)
                start.append(at + begin)
                stop.append(at + end)
            at += len(word) + 1
    starts, stops = np.array(start, dtype=np.int64), np.array(stop, dtype=np.int64)
    of = np.full(len(places.joined), -1, dtype=np.int64)
    lengths = stops - starts
    inner = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    of[np.repeat(starts, lengths) + inner] = np.repeat(np.arange(len(starts)), lengths)
    return _Words(np.array(row, dtype=np.int64), starts, stops, of)


def _cut(word: str, lexicon: frozenset[str]) -> list[int]:
    """Return where the words of a stretch without blanks begin: the longest known ones, from its end."""
    if not word:
        return []
    if not _han(word):
        return [0]
    begins: list[int] = []
    stop, loose = len(word), False
    while stop:
        start = stop - 1
        known = True
        if word[start].isascii():
            while start and word[start - 1].isascii():
                start -= 1
        elif word[start] not in JOINTS:
            length = next(
                (
                    size
                    for size in range(min(LONGEST_WORD, stop), 1, -1)
                    if word[stop - size : stop] in lexicon
                ),
                0,
            )
            start, known = (stop - length, True) if length else (start, False)
        if begins and not known and loose:
            begins[-1] = start  # characters of no known word stay together
        else:
            begins.append(start)
        loose = not known
        stop = start
    begins.reverse()
    return begins


def _by_word(places: GramPlaces, words: _Words, columns: Columns, texts: int) -> sparse.csr_matrix:
    """Return what each word adds to each known column of its text's features, shape (words, columns).

    An n-gram over several words is shared by them; one that is repeated counts each time like one that is not.
    """
    at = columns.places(places.width)[places.bucket]
    known = at >= 0
    row, column = places.row[known], at[known]
    weight = columns.weight[column].astype(float)
    length = np.sqrt(np.bincount(row, weights=weight**2, minlength=texts))
    value = weight / np.where(length > 0, length, 1.0)[row]
    one, other = words.of[places.first[known]], words.of[places.last[known]]
    one, other = np.where(one < 0, other, one), np.where(other < 0, one, other)
    inside = one >= 0
    one, other, column, value = one[inside], other[inside], column[inside], value[inside]
    spans = other - one + 1
    if spans.max(initial=1) > 1:
        inner = np.arange(int(spans.sum())) - np.repeat(np.cumsum(spans) - spans, spans)
        one, column, value = (
            np.repeat(one, spans) + inner,
            np.repeat(column, spans),
            np.repeat(value / spans, spans),
        )
    shape = (len(words.row), len(columns.buckets))
    return sparse.coo_matrix((value.astype(np.float32), (one, column)), shape=shape).tocsr()


def _linear(model: LinearModel, columns: Columns, places: GramPlaces, words: _Words, best: Index) -> Array:
    """Return each word's part in the score of its text's class above the mean of all classes, shape (words,)."""
    hidden = _by_word(places, words, columns, len(best)) @ model.factors
    direction = (model.classes - model.classes.mean(axis=0))[best[words.row]]
    return np.asarray(np.einsum("ij,ij->i", hidden, direction), dtype=float)


def _indexed(index: EntryIndex, places: GramPlaces, words: _Words, best: Index, texts: int) -> Array:
    """Return each word's part in the cosine of its text with the nearest entry of its class, shape (words,)."""
    own = _by_word(places, words, index.columns, texts)
    summed = index.summed()
    starts, entries = index.of_classes()
    counts = starts[best + 1] - starts[best]
    pairs = np.repeat(np.arange(texts), counts)
    if not len(pairs):
        return np.zeros(len(words.row))
    inner = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    entry = entries[starts[best][pairs] + inner]
    nearest = np.full(texts, -1, dtype=np.int64)
    if counts.max() > 1:
        ones = np.ones(len(words.row), dtype=np.float32)
        rows = sparse.csr_matrix(
            (ones, (words.row, np.arange(len(words.row)))), shape=(texts, len(words.row))
        )
        whole = rows @ own
        cosine = np.asarray(whole[pairs].multiply(summed[entry]).sum(axis=1)).ravel()
        order = np.lexsort((entry, -cosine, pairs))
        first = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        nearest[pairs[order][first]] = entry[order][first]
    else:
        nearest[pairs] = entry
    there = nearest[words.row] >= 0
    found = np.zeros(len(words.row))
    product = own[there].multiply(summed[nearest[words.row[there]]])
    found[there] = np.asarray(product.sum(axis=1)).ravel()
    return found


def _stretches(words: _Words, part: Array, texts: list[str]) -> tuple[list[int], list[int]]:
    """Return first and last word of each text's shortest stretch with nearly the greatest part of any."""
    count = len(words.row)
    begins = np.flatnonzero(np.diff(words.row, prepend=-1))
    summed = np.concatenate([[0.0], np.cumsum(part)])
    han = np.array([_han(text) for text in texts])[words.row]
    sums = np.full((MOST_WORDS, count), -np.inf)
    for length in range(1, MOST_WORDS + 1):
        at = np.arange(count - length + 1)
        last = at + length - 1
        fits = words.row[last] == words.row[at]
        if length > 1:
            letters = words.stop[last] - words.start[at]
            fits &= np.where(han[at], letters <= MOST_LETTERS, length <= MOST_FOREIGN)
        sums[length - 1, at] = np.where(fits, summed[last + 1] - summed[at], -np.inf)
    greatest = np.maximum.reduceat(sums, begins, axis=1)
    best = greatest.max(axis=0)
    enough = np.where(best > 0, ENOUGH * best, best)
    length_of = (greatest >= enough).argmax(axis=0)
    number = np.repeat(np.arange(len(begins)), np.diff([*begins, count]))
    own = sums[length_of[number], np.arange(count)]
    hit = np.flatnonzero(own >= greatest[length_of[number], number])
    _, place = np.unique(number[hit], return_index=True)
    first = hit[place]
    return first.tolist(), (first + length_of).tolist()


def lexicon_of(rows: Iterable[Mapping[str, object]]) -> frozenset[str]:
    """Return the words for trades among the rows of the pack name_parts."""
    return frozenset(str(row["word"]) for row in rows if row["kind"] == "industry")
