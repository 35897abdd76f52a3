"""Names in pinyin or English and Chinese names as pairs to be scored: both in pinyin letters and English words of
trade.

Only what the names at hand call for is read in pinyin: of the Chinese names those two of whose characters sound like
two
syllables of a name in Latin letters. How common a spelling is, is counted among all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from lvshu.core.enterprise_name import EnterpriseName, parse_name
from lvshu.linkage.names.blocking import GramIndex, Limits, Pairs
from lvshu.linkage.names.encoding import EncodedNames, Numbers, encode
from lvshu.linkage.names.pinyin import neighbours, plain_letters, readings
from lvshu.linkage.names.romanised import RomanWords, each_region, parse_roman, romanised
from lvshu.linkage.names.scoring import Rarity, evidence

_SHIFT = 21


@dataclass(frozen=True)
class Spelt:
    """Names in pinyin letters. row: row of each among all names, one row once for each reading
    and region that it may be; names: the parts."""

    row: list[int]
    names: list[EnterpriseName]

    @classmethod
    def of_latin(cls, texts: Sequence[str], script: np.ndarray, words: RomanWords) -> Spelt:
        """Return those of the names in Latin letters that are pinyin or English names of Chinese enterprises.

        Args:
            texts: names as written.
            script: of each name (`EncodedNames.script`), shape (names,).
            words: words that mark the parts.
        """
        found = cls([], [])
        for row in np.flatnonzero(script == 2).tolist():
            name = parse_roman(texts[row], words)
            for one in each_region(name) if name is not None else ():
                found.row.append(row)
                found.names.append(one)
        return found

    def with_chinese(
        self, texts: Sequence[str], encoded: EncodedNames, sounds: frozenset[str], words: RomanWords
    ) -> Spelt:
        """Return these names and the Chinese ones among texts that sound like some of `sounds`.

        Args:
            texts: names as written.
            encoded: the same, encoded.
            sounds: two syllables each; a region that stands for a trade name counts as one.
            words: words that mark the parts.
        """
        found = Spelt(list(self.row), list(self.names))
        for row in np.flatnonzero(sounding(encoded, sounds)).tolist():
            for name in romanised(parse_name(texts[row], words.names), words):
                found.row.append(row)
                found.names.append(name)
        return found

    def sounds(self) -> frozenset[str]:
        """Return every two syllables that follow each other in a trade name; regions that stand for one as they are."""
        trades = {name.trade_name for name in self.names}
        return frozenset(two for trade in trades for two in neighbours(trade) or (trade,))


def sounding(encoded: EncodedNames, sounds: frozenset[str]) -> np.ndarray:
    """Return which Chinese names have a trade name two of whose characters are read like one of `sounds`, or are it,
    boolean, shape (names,)."""
    told = np.zeros(len(encoded), dtype=bool)
    if not sounds:
        return told
    row, place = np.nonzero((encoded.trade[:, 1:] > 0) & (encoded.script == 1)[:, None])
    first, second = encoded.trade[row, place].astype(np.int64), encoded.trade[row, place + 1]
    known, at = np.unique((first << _SHIFT) + second, return_inverse=True)
    last = (1 << _SHIFT) - 1
    like = np.array(
        [sounds_like(chr(one >> _SHIFT) + chr(one & last), sounds) for one in known.tolist()], dtype=bool
    )
    told[row[like[at]]] = True
    return told


def sounds_like(pair: str, sounds: frozenset[str]) -> bool:
    """Return whether two characters may be read like one of `sounds`, or are it."""
    return pair in sounds or not sounds.isdisjoint(_read(pair))


@cache
def _read(pair: str) -> frozenset[str]:
    return frozenset(plain_letters(one + two) for one in readings(pair[0]) for two in readings(pair[1]))


def worth_hearing(candidates: Sequence[str], queries: Iterable[str], words: RomanWords) -> np.ndarray:
    """Return which candidate names sound like a name looked for in pinyin or English, boolean, shape (candidates,).

    Args:
        candidates: names as written.
        queries: names looked for, as written.
        words: words that mark the parts.
    """
    asked = [name for text in queries if (name := parse_roman(text, words)) is not None]
    if not asked:
        return np.zeros(len(candidates), dtype=bool)
    sounds = Spelt([], asked).sounds()
    known: dict[str, bool] = {}

    def like(pair: str) -> bool:
        if pair not in known:
            known[pair] = sounds_like(pair, sounds)
        return known[pair]

    plain = (text.translate(words.names.simplified) for text in candidates)
    return np.fromiter(
        (any(like(text[place : place + 2]) for place in range(len(text) - 1)) for text in plain),
        dtype=bool, count=len(candidates),
    )  # fmt: skip


def pairs_by_sound(
    queries: Spelt, candidates: Spelt, words: RomanWords, limits: Limits, counts: Mapping[str, int], size: int
) -> tuple[Pairs, np.ndarray]:
    """Return pairs of names in pinyin letters, by rows of the names themselves, and their evidence, shape (pairs,
    len(EVIDENCE)), in the order of the queries.

    Args:
        queries, candidates: names in pinyin letters; of candidates all that sound like a query.
        words: words that mark the parts.
        limits: how far blocking goes.
        counts: candidates, Chinese or not, with each English word of trade.
        size: candidates altogether.
    """
    numbers = Numbers()
    theirs = encode(candidates.names, numbers, words.names)
    mine = encode(queries.names, numbers, words.names)
    index = replace(GramIndex.of(theirs, limits), candidates=size)
    word = np.full(len(numbers.known), max(float(np.log(size + 1.0)), 0.05))
    for told, times in counts.items():
        if told in numbers.known:
            word[numbers.known[told]] = np.clip(
                np.log((size + 1.0) / (times + 0.5)), 0.05, np.log(size + 1.0)
            )
    bearers = np.unique(np.stack([theirs.trade_id, np.asarray(candidates.row, dtype=np.int64)]), axis=1)[0]
    rarity = Rarity(np.bincount(bearers, minlength=len(numbers.known)), word)
    found = [(pairs, evidence(mine, theirs, pairs, rarity)) for pairs in index.pairs(mine, limits)]
    own, other = np.array(queries.row, dtype=np.int64), np.array(candidates.row, dtype=np.int64)
    pairs = Pairs(
        query=np.concatenate([own[one.query] for one, _ in found]),
        candidate=np.concatenate([other[one.candidate] for one, _ in found]),
        share=np.concatenate([one.share for one, _ in found]),
    )
    return pairs, np.concatenate([rows for _, rows in found])
