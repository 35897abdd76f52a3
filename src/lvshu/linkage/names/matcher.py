"""One best company for each name, with the probability that it is the one and the distance to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lvshu.core.enterprise_name import NameWords, parse_names
from lvshu.linkage.names.blocking import GramIndex, Limits, Pairs
from lvshu.linkage.names.encoding import EncodedNames, Numbers, encode
from lvshu.linkage.names.scoring import Rarity, Weights, evidence, plain, strengths


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

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        words: NameWords,
        weights: Weights,
        *,
        company: np.ndarray | None = None,
        limits: Limits | None = None,
    ) -> Matcher:
        """Return a matcher for the names of companies.

        Args:
            names: names and other names of companies, in Chinese or Latin.
            words: words that mark the parts of names.
            weights: weights of the evidence.
            company: row of the company that each name belongs to; each name its own company when left out.
            limits: how far blocking goes.
        """
        bounds = limits or Limits()
        numbers = Numbers()
        encoded = encode(parse_names(names, words), numbers, words)
        owner = np.arange(len(names)) if company is None else np.asarray(company)
        index = GramIndex.of(encoded, bounds)
        return cls(
            words, weights, bounds, numbers, encoded, owner, index, Rarity.of(encoded, len(numbers.known))
        )

    def rank(self, names: Sequence[str]) -> Ranked:
        """Return the candidates of each name, best first; names without any have no row."""
        encoded = encode(parse_names(names, self.words), self.numbers, self.words)
        rarity = self._rarity()
        parts = [self._ranked(encoded, pairs, rarity) for pairs in self.index.pairs(encoded, self.limits)]
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
        """Return pairs, their evidence and whether both names are Chinese: what weights are fitted on."""
        encoded = encode(parse_names(names, self.words), self.numbers, self.words)
        rarity = self._rarity()
        parts = []
        for pairs in self.index.pairs(encoded, self.limits):
            parts.append(
                (pairs, evidence(encoded, self.names, pairs, rarity), _both_han(encoded, self.names, pairs))
            )
        pairs = Pairs(
            *(np.concatenate([getattr(one[0], name) for one in parts]) for name in Pairs.__dataclass_fields__)
        )
        return pairs, np.concatenate([one[1] for one in parts]), np.concatenate([one[2] for one in parts])

    def _rarity(self) -> Rarity:
        """Return the rarity table, long enough for the texts that queries brought."""
        return self.rarity.grown(len(self.numbers.known), len(self.names))

    def _ranked(self, queries: EncodedNames, pairs: Pairs, rarity: Rarity) -> Ranked:
        rows = evidence(queries, self.names, pairs, rarity)
        han = _both_han(queries, self.names, pairs)
        strength = strengths(rows, han, self.weights)
        return share_out(
            pairs.query, self.company[pairs.candidate], strength, plain(rows, han), pairs.candidate
        )


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
