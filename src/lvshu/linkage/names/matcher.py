"""One best company for each name, with the probability that it is the one and the distance to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lvshu.core.enterprise_name import NameWords, parse_names
from lvshu.linkage.names.blocking import GramIndex, Limits, Pairs
from lvshu.linkage.names.by_sound import Spelt, pairs_by_sound
from lvshu.linkage.names.encoding import EncodedNames, Numbers, encode
from lvshu.linkage.names.romanised import RomanWords
from lvshu.linkage.names.scoring import (
    EVIDENCE,
    HAN_SET,
    LATIN_SET,
    PINYIN_SET,
    SETS,
    Rarity,
    Weights,
    evidence,
    plain,
    strengths,
)


@dataclass(frozen=True)
class Ranked:
    """Candidates of names, best first. Arrays of shape (rows,).

    query: row of the name looked for; company: row of the company; rank: 1 is the best.
    probability: that this company is the one, where all candidates and the chance that it is none of them share what
    there is; sure: whether it may be taken without a look; name: row of the candidate name that matched.
    """

    query: np.ndarray
    company: np.ndarray
    rank: np.ndarray
    probability: np.ndarray
    sure: np.ndarray
    name: np.ndarray


@dataclass(frozen=True)
class Matcher:
    """Company names ready to be searched; made by `Matcher.of`."""

    words: NameWords
    weights: Weights
    limits: Limits
    numbers: Numbers
    names: EncodedNames
    company: np.ndarray
    index: GramIndex
    rarity: Rarity
    texts: Sequence[str]
    roman: RomanWords | None

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        words: NameWords,
        weights: Weights,
        *,
        company: np.ndarray | None = None,
        limits: Limits | None = None,
        roman: RomanWords | None = None,
    ) -> Matcher:
        """Return a matcher for the names of companies.

        Args:
            names: names and other names of companies, in Chinese or Latin.
            words: words that mark the parts of names.
            weights: weights of the evidence.
            company: row of the company that each name belongs to; each name its own company when left out.
            limits: how far blocking goes.
            roman: words of names in pinyin and English; when left out, or without weights for pinyin, such names are
                compared with Latin ones only, as they are written.
        """
        bounds = limits or Limits()
        numbers = Numbers()
        encoded = encode(parse_names(names, words), numbers, words)
        owner = np.arange(len(names)) if company is None else np.asarray(company)
        index = GramIndex.of(encoded, bounds)
        rarity = Rarity.of(encoded, len(numbers.known))
        return cls(words, weights, bounds, numbers, encoded, owner, index, rarity, names, roman)

    def rank(self, names: Sequence[str]) -> Ranked:
        """Return the candidates of each name, best first; names without any have no row."""
        parts = []
        for pairs, rows, kind in self._compared(names):
            strength = strengths(rows, kind, self.weights)
            company = self.company[pairs.candidate]
            parts.append(
                share_out(pairs.query, company, strength, self._sure(pairs, rows, kind), pairs.candidate)
            )
        if not parts:
            nothing = np.zeros(0, dtype=int)
            return Ranked(nothing, nothing, nothing, np.zeros(0), np.zeros(0, dtype=bool), nothing)
        return Ranked(
            **{
                name: np.concatenate([getattr(part, name) for part in parts])
                for name in Ranked.__dataclass_fields__
            }
        )

    def evidence_of(self, names: Sequence[str]) -> tuple[Pairs, np.ndarray, np.ndarray]:
        """Return pairs, their evidence and the kind of each (its place in SETS): what weights are fitted on."""
        parts = list(self._compared(names))
        pairs = Pairs(
            *(np.concatenate([getattr(one[0], name) for one in parts]) for name in Pairs.__dataclass_fields__)
        )
        return pairs, np.concatenate([one[1] for one in parts]), np.concatenate([one[2] for one in parts])

    def _compared(self, names: Sequence[str]) -> Iterator[tuple[Pairs, np.ndarray, np.ndarray]]:
        """Return pairs, evidence and kinds chunk by chunk, each query in one chunk."""
        encoded = encode(parse_names(names, self.words), self.numbers, self.words)
        rarity = self.rarity.grown(len(self.numbers.known), len(self.names))
        heard, spelt = self._by_sound(names, encoded)
        for place, pairs in enumerate(self.index.pairs(encoded, self.limits)):
            rows = evidence(encoded, self.names, pairs, rarity)
            kind = np.where(_both_han(encoded, self.names, pairs), SETS.index(HAN_SET), SETS.index(LATIN_SET))
            start = place * self.limits.chunk
            own = np.flatnonzero((heard.query >= start) & (heard.query < start + self.limits.chunk))
            if len(own):
                pairs = Pairs(*(np.concatenate([getattr(pairs, name), getattr(heard, name)[own]])
                                for name in Pairs.__dataclass_fields__))  # fmt: skip
                rows = np.concatenate([rows, spelt[own]])
                kind = np.concatenate([kind, np.full(len(own), SETS.index(PINYIN_SET))])
                order = np.argsort(pairs.query, kind="stable")
                pairs = Pairs(*(getattr(pairs, name)[order] for name in Pairs.__dataclass_fields__))
                rows, kind = rows[order], kind[order]
            yield pairs, rows, kind

    def _by_sound(self, names: Sequence[str], encoded: EncodedNames) -> tuple[Pairs, np.ndarray]:
        """Return pairs of a name in pinyin or English and a Chinese one (either may be looked for), or of two such
        names,
        with their evidence."""
        whole = np.zeros(0, dtype=np.int64)
        found = [(Pairs(whole, whole, np.zeros(0)), np.zeros((0, len(EVIDENCE))))]
        if self.roman is None or self.weights.pinyin is None or not len(self.names):
            return found[0]
        asked = Spelt.of_latin(names, encoded.script, self.roman)
        size = len(self.names)
        if asked.row:
            listed = self._latin.with_chinese(self.texts, self.names, asked.sounds(), self.roman)
            if listed.row:
                found.append(pairs_by_sound(asked, listed, self.roman, self.limits, self._english, size))
        if self._lone.row:
            chinese = Spelt([], []).with_chinese(names, encoded, self._lone.sounds(), self.roman)
            if chinese.row:
                found.append(
                    pairs_by_sound(chinese, self._lone, self.roman, self.limits, self._english, size)
                )
        pairs = Pairs(
            *(np.concatenate([getattr(one, name) for one, _ in found]) for name in Pairs.__dataclass_fields__)
        )
        return pairs, np.concatenate([rows for _, rows in found])

    @cached_property
    def _latin(self) -> Spelt:
        """Return the companies' names in pinyin and English."""
        return Spelt.of_latin(self.texts, self.names.script, self.roman) if self.roman else Spelt([], [])

    @cached_property
    def _lone(self) -> Spelt:
        """Return those of companies that have no Chinese name."""
        chinese = set(self.company[self.names.script == 1].tolist())
        kept = [place for place, row in enumerate(self._latin.row) if int(self.company[row]) not in chinese]
        return Spelt([self._latin.row[place] for place in kept], [self._latin.names[place] for place in kept])

    @cached_property
    def _english(self) -> dict[str, int]:
        """Return how many companies' names have each English word of trade."""
        counts: dict[str, int] = {}
        if self.roman is None:
            return counts
        text = list(self.numbers.known)
        times = np.bincount(self.names.words[self.names.script == 1].ravel(), minlength=1)
        for number in np.flatnonzero(times[1:]) + 1:
            for word in self.roman.english((text[number],)):
                counts[word] = counts.get(word, 0) + int(times[number])
        for name in self._latin.names:
            for word in name.industry:
                counts[word] = counts.get(word, 0) + 1
        return counts

    def _sure(self, pairs: Pairs, rows: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Return which pairs may be taken without a look: in pinyin only with a company's Chinese name, for how many
        Chinese names sound like an English one is not counted where that is the company's."""
        spelt = (kind == SETS.index(PINYIN_SET)) & (self.names.script[pairs.candidate] != 1)
        return np.asarray(plain(rows, kind) & ~spelt)


def calibrated(ranked: Ranked, calibration: Callable[[np.ndarray], np.ndarray]) -> Ranked:
    """Return candidates with calibrated probabilities; those of a name still add up to one at most, in their order.

    Args:
        ranked: candidates of names.
        calibration: rising function of a probability, arrays of shape (rows,) to the same.
    """
    probability = np.clip(calibration(ranked.probability), 0.0, 1.0)
    total = np.bincount(ranked.query, weights=probability, minlength=int(ranked.query.max(initial=-1)) + 1)
    excess = total[ranked.query]
    probability = np.where(excess > 1 + 1e-9, probability / np.maximum(excess, 1), probability)
    return replace(ranked, probability=probability)


def share_out(
    query: np.ndarray, company: np.ndarray, strength: np.ndarray, sure: np.ndarray, name: np.ndarray
) -> Ranked:
    """Return candidates ranked, each company once a query, with probabilities that exclude each other.

    A name belongs to one company at most: P(company) = exp(strength) / (1 + sum of exp(strength) of all).

    Args:
        query: rows of names, shape (pairs,).
        company: rows of companies, shape (pairs,).
        strength: logarithm of the odds of each pair against none, shape (pairs,).
        sure: which pairs may be taken without a look, shape (pairs,).
        name: rows of candidate names, shape (pairs,).
    """
    order = np.lexsort((name, -strength, company, query))
    fresh = _first(query[order], company[order])
    order = order[fresh]
    query, company, strength, sure, name = (one[order] for one in (query, company, strength, sure, name))
    odds = np.exp(strength)
    total = np.bincount(query, weights=odds, minlength=int(query.max(initial=-1)) + 1)
    probability = odds / (1 + total[query])
    order = np.lexsort((company, -probability, query))
    query, company, probability, sure, name = (
        one[order] for one in (query, company, probability, sure, name)
    )
    place = np.arange(len(query))
    start = np.maximum.accumulate(np.where(_first(query), place, 0)) if len(query) else place
    return Ranked(query, company, place - start + 1, probability, sure, name)


def _first(*keys: np.ndarray) -> np.ndarray:
    """Return which rows differ from the row before in one of the keys."""
    fresh = np.zeros(len(keys[0]), dtype=bool)
    fresh[:1] = True
    for key in keys:
        fresh[1:] |= key[1:] != key[:-1]
    return fresh


def _both_han(queries: EncodedNames, candidates: EncodedNames, pairs: Pairs) -> np.ndarray:
    return np.asarray((queries.script[pairs.query] == 1) & (candidates.script[pairs.candidate] == 1))
