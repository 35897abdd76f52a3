"""What speaks for and against a pair of names, and the probability that both are one enterprise.

Evidence is a row of numbers; the probability is the logistic function of their weighted sum. The weights are data
(pack `name_match_weights`), one set for Chinese and one for Latin names, and one for a name in pinyin or English
beside a
Chinese one: many trade names share a spelling, so that one proves less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lvshu.linkage.names.blocking import Pairs
from lvshu.linkage.names.encoding import EncodedNames

EVIDENCE = (
    "intercept", "full_equal", "core_equal", "trade_equal", "trade_common", "one_off_long", "one_off_three",
    "one_off_short", "two_off", "far_off", "trade_contained", "abbreviation", "word_overlap", "word_within",
    "word_absent", "word_conflict", "region_equal", "region_conflict", "form_equal", "form_conflict",
    "group_differs", "group_form_differs", "branch_conflict", "regional_word_conflict", "gram_share",
    "relative_distance",
)  # fmt: skip
LATIN_SET, HAN_SET, PINYIN_SET = SETS = ("latin", "han", "pinyin")
"""Sets of weights; the place of its set is the number of a pair's kind."""
_SHORT_WIDTH = 10
_LATIN_SLIP = 0.17


@dataclass(frozen=True)
class Weights:
    """Weights of the evidence, shape (len(EVIDENCE),): for pairs of Chinese names; for pairs of Latin ones and of one
    each as they are written; for pairs compared in pinyin, None where the pack has none: then nothing is."""

    han: np.ndarray
    latin: np.ndarray
    pinyin: np.ndarray | None = None

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, object]]) -> Weights:
        """Return the weights of the rows of the pack: script, evidence, weight."""
        sets = {name: np.zeros(len(EVIDENCE)) for name in (HAN_SET, LATIN_SET)}
        for row in rows:
            own = sets.setdefault(str(row["script"]), np.zeros(len(EVIDENCE)))
            own[EVIDENCE.index(str(row["evidence"]))] = float(str(row["weight"]))
        return cls(sets[HAN_SET], sets[LATIN_SET], sets.get(PINYIN_SET))

    def sets(self) -> dict[str, np.ndarray]:
        """Return the sets that there are, by name."""
        told = {name: getattr(self, name) for name in (HAN_SET, LATIN_SET, PINYIN_SET)}
        return {name: values for name, values in told.items() if values is not None}


@dataclass(frozen=True)
class Rarity:
    """How common trade names and how rare words are among the candidates.

    trade: candidates that bear the trade name of each number, shape (numbers,).
    word: log(candidates / candidates with the word), shape (numbers,), at least a little above zero.
    """

    trade: np.ndarray
    word: np.ndarray

    @classmethod
    def of(cls, names: EncodedNames, numbers: int) -> Rarity:
        """Return the counts and rarities of every number of a text, shape (numbers,)."""
        count = max(len(names), 1)
        trade = np.bincount(names.trade_id, minlength=numbers)
        word = np.bincount(names.words.ravel(), minlength=numbers)
        return cls(trade, np.clip(np.log((count + 1.0) / (word + 0.5)), 0.05, np.log(count + 1.0)))

    def grown(self, numbers: int, candidates: int) -> Rarity:
        """Return the same for more numbers: those of texts that no candidate has."""
        more = numbers - len(self.trade)
        if more <= 0:
            return self
        word = np.full(more, max(float(np.log(candidates + 1.0)), 0.05))
        return Rarity(
            np.concatenate([self.trade, np.zeros(more, dtype=self.trade.dtype)]),
            np.concatenate([self.word, word]),
        )


def evidence(queries: EncodedNames, candidates: EncodedNames, pairs: Pairs, rarity: Rarity) -> np.ndarray:
    """Return the evidence of pairs, shape (pairs, len(EVIDENCE)), dimensionless.

    Args:
        queries: names looked for.
        candidates: names of companies.
        pairs: rows of both.
        rarity: of trade names and words among the candidates.
    """
    a, b = pairs.query, pairs.candidate
    distance, shorter, longer = _distances(queries, candidates, a, b)
    trade_equal = _same(queries.trade_id[a], candidates.trade_id[b])
    core_equal = _same(queries.core_id[a], candidates.core_id[b])
    overlap, within, absent = _overlap(queries.words[a], candidates.words[b], rarity.word)
    conflict = ~absent & (overlap == 0)
    region_equal, region_conflict = _regions(queries.regions[a], candidates.regions[b])
    one_off = ~trade_equal & (distance == 1)
    short = _abbreviated(queries, a, candidates, b) | _abbreviated(candidates, b, queries, a)
    forms = (queries.form[a], candidates.form[b])
    group_differs = queries.group[a] != candidates.group[b]
    branches = (queries.branch[a], candidates.branch[b])
    columns = {
        "intercept": np.ones(len(a)),
        "full_equal": _same(queries.full[a], candidates.full[b]),
        "core_equal": core_equal,
        "trade_equal": trade_equal,
        "trade_common": trade_equal * np.log(np.maximum(rarity.trade[candidates.trade_id[b]], 1)),
        "one_off_long": one_off & (longer >= 4),
        "one_off_three": one_off & (longer == 3),
        "one_off_short": one_off & (longer <= 2),
        "two_off": distance == 2,
        "far_off": distance > 2,
        "trade_contained": ~trade_equal & (shorter >= 2) & (distance == longer - shorter),
        "abbreviation": short,
        "word_overlap": overlap,
        "word_within": within & (overlap < 1),
        "word_absent": absent,
        "word_conflict": conflict,
        "region_equal": region_equal,
        "region_conflict": region_conflict,
        "form_equal": forms[0] == forms[1],
        "form_conflict": (forms[0] > 0) & (forms[1] > 0) & (forms[0] != forms[1]),
        "group_differs": group_differs,
        "group_form_differs": group_differs & (forms[0] > 0) & (forms[1] > 0),
        "branch_conflict": (branches[1] > 0) & (branches[0] != branches[1]),
        "regional_word_conflict": (queries.regional[a] | candidates.regional[b]) & ~core_equal,
        "gram_share": pairs.share,
        "relative_distance": distance / np.maximum(longer, 1),
    }
    return np.stack([np.asarray(columns[name], dtype=float) for name in EVIDENCE], axis=1)


def strengths(rows: np.ndarray, kind: np.ndarray, weights: Weights) -> np.ndarray:
    """Return the weighted evidence of each pair: the logarithm of its odds against no company, shape (pairs,).

    Args:
        rows: evidence, shape (pairs, len(EVIDENCE)).
        kind: place in SETS of the weights of each pair, shape (pairs,).
        weights: weights of the evidence.
    """
    found = np.where(kind == 1, rows @ weights.han, rows @ weights.latin)
    if weights.pinyin is not None:
        found = np.where(kind == 2, rows @ weights.pinyin, found)
    return np.asarray(np.clip(found, -35, 35))


def plain(rows: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return which pairs may be taken without a look, boolean, shape (pairs,).

    Never so, however probable: two-character trade names that differ, an abbreviation, regions that exclude each
    other, trades that share no word, a region for a trade name with another trade (上海电力, 上海电气), another branch,
    a group and a company of it; of Latin names one that differs by more than a slip, or in its legal form; in pinyin a
    trade name that differs, or that both do not bear in one region and in trades that share a word. This is a rule of
    lvshu, not of any standard.

    Args:
        rows: evidence, shape (pairs, len(EVIDENCE)).
        kind: place in SETS of each pair's kind, shape (pairs,).
    """
    told = {name: rows[:, place] > 0 for place, name in enumerate(EVIDENCE)}
    doubtful = np.zeros(len(rows), dtype=bool)
    for name in ("one_off_short", "abbreviation", "region_conflict", "word_conflict", "regional_word_conflict",
                 "branch_conflict", "far_off", "group_form_differs"):  # fmt: skip
        doubtful |= told[name]
    slip = rows[:, EVIDENCE.index("relative_distance")] <= _LATIN_SLIP
    latin = (told["core_equal"] | slip) & ~told["form_conflict"] & ~told["group_differs"]
    alike = told["trade_equal"] & told["region_equal"] & told["word_overlap"] & ~told["group_differs"]
    found = np.where(kind == 1, ~doubtful, latin)
    return np.asarray(np.where(kind == 2, alike & ~doubtful, found))


def edit_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how many single changes make one text of the other, shape (pairs,): a character put in, left out or
    changed, or two neighbours exchanged (each place changed once).

    Args:
        first: character codes padded with 0, shape (pairs, width).
        second: the same.

    Source: Damerau (1964), A technique for computer detection and correction of spelling errors; the restricted form.
    """
    width = max(first.shape[1], second.shape[1])
    count = len(first)
    lengths = (first > 0).sum(axis=1), (second > 0).sum(axis=1)
    before = np.zeros((width + 1, count), dtype=np.int16)
    above = np.repeat(np.arange(width + 1, dtype=np.int16)[:, None], count, axis=1)
    result = above[lengths[1], np.arange(count)].copy()
    for row in range(1, first.shape[1] + 1):
        here = np.empty_like(above)
        here[0] = row
        for column in range(1, second.shape[1] + 1):
            different = first[:, row - 1] != second[:, column - 1]
            value = np.minimum(above[column], here[column - 1]) + 1
            value = np.minimum(value, above[column - 1] + different)
            if row > 1 and column > 1:
                crossed = (first[:, row - 1] == second[:, column - 2]) & (
                    first[:, row - 2] == second[:, column - 1]
                )
                value = np.where(crossed, np.minimum(value, before[column - 2] + 1), value)
            here[column] = value
        at_end = lengths[0] == row
        result[at_end] = here[lengths[1][at_end], np.flatnonzero(at_end)]
        before, above = above, here
    return np.asarray(result.astype(np.int64))


def _distances(
    queries: EncodedNames, candidates: EncodedNames, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lengths = queries.trade_length[a], candidates.trade_length[b]
    longer, shorter = np.maximum(*lengths), np.minimum(*lengths)
    distance = np.zeros(len(a), dtype=np.int64)
    different = queries.trade_id[a] != candidates.trade_id[b]
    brief = longer <= _SHORT_WIDTH
    for chosen, width in ((different & brief, _SHORT_WIDTH), (different & ~brief, queries.trade.shape[1])):
        places = np.flatnonzero(chosen)
        for start in range(0, len(places), 100_000):
            some = places[start : start + 100_000]
            width = int(longer[some].max())
            distance[some] = edit_distance(queries.trade[a[some], :width], candidates.trade[b[some], :width])
    return distance, shorter, longer


def _same(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray((first == second) & (first > 0))


def _overlap(
    first: np.ndarray, second: np.ndarray, rarity: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the part of the words' rarity that is common, whether the words of one are all among the other's, and
    whether one side has no words."""
    absent = (first[:, 0] == 0) | (second[:, 0] == 0)
    common = np.zeros(len(first))
    for place in range(first.shape[1]):
        word = first[:, place]
        common += np.where((word > 0) & (second == word[:, None]).any(axis=1), rarity[word], 0.0)
    totals = [np.where(side > 0, rarity[side], 0.0).sum(axis=1) for side in (first, second)]
    union = totals[0] + totals[1] - common
    within = ~absent & (common >= np.minimum(*totals) * (1 - 1e-9))
    return np.clip(common / np.maximum(union, 1e-9), 0, 1), within, absent


def _regions(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the regions are the same, and whether neither lies in the other."""
    one, other = first[:, 0], second[:, 0]
    both = (one > 0) & (other > 0)
    inside = (second == one[:, None]).any(axis=1) | (first == other[:, None]).any(axis=1)
    return both & (one == other), both & ~inside


def _abbreviated(short: EncodedNames, a: np.ndarray, long: EncodedNames, b: np.ndarray) -> np.ndarray:
    """Return whether the first name is the abbreviation of the second, and nothing else."""
    is_short = (short.words[a, 0] == 0) & (short.trade_id[a] > 0)
    return np.asarray(is_short & (long.short[b] == short.trade_id[a][:, None]).any(axis=1))
