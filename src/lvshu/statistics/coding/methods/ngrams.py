"""Texts as sparse counts of hashed character n-grams and words, without a Python object per n-gram.

n: length of an n-gram, 1 to `longest`, count.    h: hash of an n-gram, polynomial modulo 2⁶⁴, then mixed.
bucket: the upper bits of h, 0 to 2^bits − 1.       x: counts, sparse, shape (texts, columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Index = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SPACE, _END = np.uint32(32), np.uint32(10)
BLOCK = 4_000_000
"""Characters taken at a time, so that memory does not grow with the number of texts."""


@dataclass(frozen=True)
class GramSettings:
    """Which n-grams are counted. Returns nothing itself: the settings of `gram_counts`.

    Attributes:
        shortest: least length in characters, count.
        longest: greatest length in characters, count.
        words: whether whole words (stretches between spaces) are counted too.
        pairs: whether pairs of neighbouring words are counted too.
        bits: binary logarithm of the number of buckets, count.

    Source: hashed features: Weinberger et al. (2009), Feature Hashing for Large Scale Multitask Learning, ICML.
    """

    shortest: int = 2
    longest: int = 5
    words: bool = True
    pairs: bool = True
    bits: int = 20


def gram_counts(texts: Sequence[str], settings: GramSettings) -> sparse.csr_matrix:
    """Return how often each bucket's n-grams stand in each text, shape (texts, 2^bits), counts, float32.

    Args:
        texts: normalised texts: words apart by one space, no line feed.
        settings: which n-grams.

    Source: hashed features: Weinberger et al. (2009), ICML; n-grams inside word boundaries as in scikit-learn's
        analyzer char_wb.
    """
    width = 1 << settings.bits
    parts = []
    start, size = 0, 0
    for stop, text in enumerate(texts, start=1):
        size += len(text) + 3
        if size >= BLOCK or stop == len(texts):
            parts.append(_block(texts[start:stop], settings, width))
            start, size = stop, 0
    if not parts:
        return sparse.csr_matrix((0, width), dtype=np.float32)
    return parts[0] if len(parts) == 1 else sparse.vstack(parts, format="csr")


@dataclass(frozen=True)
class GramPlaces:
    """Where n-grams stand in texts laid end to end. Returns nothing itself: made by `gram_places`.

    Attributes:
        joined: the texts, each between blanks and followed by a line feed.
        offsets: place of each text's first character, shape (texts,).
        row: text of each n-gram, shape (n-grams,).
        bucket: its bucket, shape (n-grams,).
        first, last: places of its first and last character that is no blank, shape (n-grams,).
        width: number of buckets, count.

    Source: hashed features: Weinberger et al. (2009), ICML.
    """

    joined: str
    offsets: Index
    row: Index
    bucket: Index
    first: Index
    last: Index
    width: int


def gram_places(texts: Sequence[str], settings: GramSettings) -> GramPlaces:
    """Return the n-grams that `gram_counts` counts with where they stand.

    Args:
        texts: normalised texts, not empty.
        settings: which n-grams.

    Source: as `gram_counts`.
    """
    joined = "".join(f" {text} \n" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.flatnonzero(codes == _END)
    row_of = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=-1))
    starts, hashes, lasts = [], [], []
    for at, length, value in _placed_characters(codes, settings):
        starts.append(at)
        hashes.append(_bucket(value, settings.bits))
        lasts.append(at + (length - 1))
    for at, last, value in _placed_words(codes, row_of, settings):
        starts.append(at)
        hashes.append(_bucket(value, settings.bits))
        lasts.append(last)
    first = np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64)
    last = np.concatenate(lasts) if lasts else np.zeros(0, dtype=np.int64)
    bucket = np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.int64)
    row = row_of[first]
    blank = codes == _SPACE
    first, last = first + blank[first], last - blank[last]
    offsets = np.concatenate([[0], ends[:-1] + 1]) + 1
    return GramPlaces(joined, offsets.astype(np.int64), row, bucket, first, last, 1 << settings.bits)


def _block(texts: Sequence[str], settings: GramSettings, width: int) -> sparse.csr_matrix:
    joined = "".join(f" {text} \n" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    ends = np.flatnonzero(codes == _END)
    row_of = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=-1))
    found_rows, found = [], []
    for at, _, hashes in (
        *_placed_characters(codes, settings),
        *_placed_words(codes, row_of, settings),
    ):
        found_rows.append(row_of[at])
        found.append(_bucket(hashes, settings.bits))
    rows, columns = np.concatenate(found_rows), np.concatenate(found)
    counts = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((counts, (rows, columns)), shape=(len(texts), width)).tocsr()


def _placed_characters(codes: NDArray[np.uint32], settings: GramSettings) -> list[tuple[Index, int, Hashes]]:
    """Return for each length the places of n-grams, the length, and their hashes."""
    wide = codes.astype(np.uint64)
    gap = (codes == _SPACE) | (codes == _END)
    gaps_before = np.concatenate([[0], np.cumsum(gap)])
    ends_before = np.concatenate([[0], np.cumsum(codes == _END)])
    result = []
    value = np.zeros(len(codes), dtype=np.uint64)
    for length in range(1, settings.longest + 1):
        room = len(codes) - length + 1
        if room <= 0:
            break
        value = value[:room] * _BASE + wide[length - 1 :]
        if length < settings.shortest:
            continue
        inner = np.arange(room)
        whole = ends_before[inner + length] == ends_before[inner]
        if length > 2:
            whole &= gaps_before[inner + length - 1] == gaps_before[inner + 1]
        if length <= 2:
            whole &= gaps_before[inner + length] - gaps_before[inner] < length
        if length == 1:
            whole &= ~gap
        at = np.flatnonzero(whole)
        result.append((at, length, value[at] + np.uint64(length)))
    return result


def _placed_words(
    codes: NDArray[np.uint32], row_of: Index, settings: GramSettings
) -> list[tuple[Index, Index, Hashes]]:
    """Return the places of the first and the last character of words and of pairs of words, and their hashes."""
    if not settings.words and not settings.pairs:
        return []
    gap = (codes == _SPACE) | (codes == _END)
    edge = np.diff(np.concatenate([[True], gap, [True]]).astype(np.int8))
    starts, stops = np.flatnonzero(edge == -1), np.flatnonzero(edge == 1)
    if not len(starts):
        return []
    values = _word_hashes(codes, starts, stops)
    rows = row_of[starts]
    result = []
    if settings.words:
        result.append((starts, stops - 1, values ^ np.uint64(0x57)))
    if settings.pairs and len(values) > 1:
        together = rows[1:] == rows[:-1]
        both = values[:-1] * _MIX[0] + values[1:]
        result.append((starts[:-1][together], stops[1:][together] - 1, both[together]))
    return result


def _word_hashes(codes: NDArray[np.uint32], starts: Index, stops: Index) -> Hashes:
    """Return a hash of each stretch: the mixed characters, each times a power of its place, added up."""
    lengths = stops - starts
    longest = int(lengths.max())
    powers = np.cumprod(np.full(longest, _BASE, dtype=np.uint64))
    offsets = np.repeat(np.cumsum(lengths) - lengths, lengths)
    inner = np.arange(int(lengths.sum())) - offsets
    at = np.repeat(starts, lengths) + inner
    terms = mixed(codes[at].astype(np.uint64)) * powers[inner]
    return np.add.reduceat(terms, np.cumsum(lengths) - lengths)


def mixed(value: Hashes) -> Hashes:
    """Return 64-bit integers with their bits mixed, same shape, dimensionless.

    Args:
        value: unsigned integers, any shape.

    Source: the finaliser of SplitMix64: Steele, Lea, Flood (2014), Fast Splittable Pseudorandom Number Generators.
    """
    value = (value ^ (value >> np.uint64(30))) * _MIX[0]
    value = (value ^ (value >> np.uint64(27))) * _MIX[1]
    return value ^ (value >> np.uint64(31))


def _bucket(hashes: Hashes, bits: int) -> Index:
    return (mixed(hashes) >> np.uint64(64 - bits)).astype(np.int64)
