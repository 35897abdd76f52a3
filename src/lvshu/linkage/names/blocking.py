"""Which candidates a name is compared with: those that share its rarest character grams.

Frequent grams (科技, 有限) lead to everything and tell nothing. Each name's grams are taken from the rarest up until
they lead to `budget` candidates, so that the work per name is bounded however skewed the words are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from lvshu.linkage.names.encoding import EncodedNames

_KIND = np.int64(1) << np.int64(56)
_FEW = 0.3


@dataclass(frozen=True)
class Limits:
    """How far blocking goes.

    budget: candidates that the grams of one name may lead to.
    commonest: a gram in more candidate names than this is not used at all.
    kept: candidates of a name that are scored.
    chunk: names worked on at once.
    """

    budget: int = 400
    commonest: int = 2_000
    kept: int = 8
    chunk: int = 20_000


@dataclass(frozen=True)
class Pairs:
    """Pairs to be scored. query, candidate: rows, shape (pairs,); share: part of the query's gram weight that the
    candidate has too, shape (pairs,), between 0 and 1."""

    query: np.ndarray
    candidate: np.ndarray
    share: np.ndarray


def grams(names: EncodedNames) -> tuple[np.ndarray, np.ndarray]:
    """Return the grams of names: rows, shape (grams,), and 64-bit keys, shape (grams,).

    Chinese: neighbouring characters, characters with one between, first character with the first word of industry;
    Latin and pinyin: three neighbouring characters. All: the whole trade name, the whole core, abbreviations.
    """
    core = names.core.astype(np.int64)
    number = np.arange(len(names))
    found: list[tuple[np.ndarray, np.ndarray]] = []

    def add(kind: int, mask: np.ndarray, key: np.ndarray) -> None:
        rows, places = np.nonzero(mask)
        found.append((number[rows], kind * _KIND + key[rows, places]))

    han = (names.script == 1)[:, None]
    add(1, han & (core[:, 1:] > 0), (core[:, :-1] << 21) + core[:, 1:])
    add(2, han & (core[:, 2:] > 0), (core[:, :-2] << 21) + core[:, 2:])
    three = (core[:, :-2] << 28) + (core[:, 1:-1] << 14) + core[:, 2:]
    add(3, (names.script >= 2)[:, None] & (core[:, 2:] > 0), three)
    whole = {4: names.trade_id, 5: names.core_id, 6: names.trade_id}
    for kind, ids in whole.items():
        add(kind, (ids > 0)[:, None], ids.astype(np.int64)[:, None])
    add(6, names.short > 0, names.short.astype(np.int64))
    headed = (core[:, :1] << 32) + names.words[:, :1]
    add(7, han & (names.words[:, :1] > 0), headed)
    rows = np.concatenate([one[0] for one in found])
    keys = np.concatenate([one[1] for one in found])
    order = np.lexsort((keys, rows))
    rows, keys = rows[order], keys[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])
    return rows[fresh], keys[fresh]


@dataclass(frozen=True)
class GramIndex:
    """Candidates by gram: keys, sorted, shape (grams,); how many candidates have each; candidates x grams, sparse."""

    keys: np.ndarray
    frequency: np.ndarray
    by_gram: sparse.csr_matrix
    candidates: int

    @classmethod
    def of(cls, names: EncodedNames, limits: Limits) -> GramIndex:
        """Return the index of candidate names, without grams too common to use."""
        rows, keys = grams(names)
        known, place, count = np.unique(keys, return_inverse=True, return_counts=True)
        usable = count <= max(limits.commonest, 1)
        kept = usable[place]
        ones = np.ones(int(kept.sum()), dtype=np.float32)
        matrix = sparse.csr_matrix((ones, (place[kept], rows[kept])), shape=(len(known), len(names)))
        return cls(known, count, matrix, len(names))

    def pairs(self, queries: EncodedNames, limits: Limits) -> Iterator[Pairs]:
        """Return pairs chunk by chunk, in the order of the queries."""
        for start in range(0, len(queries), limits.chunk):
            yield self._chunk(queries, start, min(start + limits.chunk, len(queries)), limits)

    def _chunk(self, queries: EncodedNames, start: int, stop: int, limits: Limits) -> Pairs:
        rows, keys = grams(_slice(queries, start, stop))
        place = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        there = (self.keys[place] == keys) if len(self.keys) else np.zeros(len(keys), dtype=bool)
        frequency = np.where(there, self.frequency[place] if len(self.keys) else 0, 0)
        weight = np.log1p(self.candidates / np.maximum(frequency, 1)).astype(np.float32)
        total = np.bincount(rows, weights=weight, minlength=stop - start)
        usable = there & (frequency <= limits.commonest)
        rows, place, frequency, weight = rows[usable], place[usable], frequency[usable], weight[usable]
        order = np.lexsort((place, frequency, rows))
        rows, place, frequency, weight = rows[order], place[order], frequency[order], weight[order]
        chosen = _within(rows, frequency, limits.budget)
        wanted = sparse.csr_matrix(
            (weight[chosen], (rows[chosen], place[chosen])), shape=(stop - start, len(self.keys))
        )
        found = (wanted @ self.by_gram).tocsr()
        query = np.repeat(np.arange(stop - start), np.diff(found.indptr))
        return _best(query, found.indices, found.data, total, start, limits.kept)


def _within(rows: np.ndarray, frequency: np.ndarray, budget: int) -> np.ndarray:
    """Return which grams are used: of each name from the rarest up to the budget, and always the rarest."""
    if not len(rows):
        return np.zeros(0, dtype=bool)
    running = np.cumsum(frequency)
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    before = np.maximum.accumulate(np.where(first, running - frequency, 0))
    return np.asarray((running - before <= budget) | first)


def _best(
    query: np.ndarray, candidate: np.ndarray, score: np.ndarray, total: np.ndarray, start: int, kept: int
) -> Pairs:
    if not len(query):
        return Pairs(query, candidate, score.astype(float))
    score = np.round(
        score, 3
    )  # sums of floats differ in their last bits by order; equal scores must stay equal
    top = np.zeros(len(total), dtype=score.dtype)
    np.maximum.at(top, query, score)
    good = score >= _FEW * top[query]
    query, candidate, score = query[good], candidate[good], score[good]
    order = np.lexsort((candidate, -score, query))
    query, candidate, score = query[order], candidate[order], score[order]
    first = np.ones(len(query), dtype=bool)
    first[1:] = query[1:] != query[:-1]
    place = np.arange(len(query)) - np.maximum.accumulate(np.where(first, np.arange(len(query)), 0))
    good = place < kept
    query, candidate, score = query[good], candidate[good], score[good]
    return Pairs(query + start, candidate, np.minimum(score / np.maximum(total[query], 1e-9), 1.0))


def _slice(names: EncodedNames, start: int, stop: int) -> EncodedNames:
    return EncodedNames(**{name: getattr(names, name)[start:stop] for name in names.__dataclass_fields__})


def worth_a_look(candidates: list[str], queries: list[str], *, few: int = 100_000) -> np.ndarray:
    """Return which candidate names share two neighbouring characters, not the commonest, with a name looked for.

    For few names against a large register it saves taking the whole register apart. Short lists are kept whole.

    Args:
        candidates: names as written.
        queries: names looked for, as written.
        few: lists up to this length are kept whole, as are those not ten times as long as the queries.
    """
    if len(candidates) <= max(few, 10 * len(queries)):
        return np.ones(len(candidates), dtype=bool)
    count: dict[str, int] = {}
    wanted = {text[place : place + 2] for text in map(str.lower, queries) for place in range(len(text) - 1)}
    lowered = [text.lower() for text in candidates]
    for text in lowered:
        for place in range(len(text) - 1):
            pair = text[place : place + 2]
            if pair in wanted:
                count[pair] = count.get(pair, 0) + 1
    rare = {pair for pair, times in count.items() if times <= len(candidates) // 50}
    return np.fromiter(
        (any(text[place : place + 2] in rare for place in range(len(text) - 1)) for text in lowered),
        dtype=bool, count=len(candidates),
    )  # fmt: skip
