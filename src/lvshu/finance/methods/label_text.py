"""Finding catalogue items in short Chinese texts: words of the item's title, weighted by how telling they are.

A title is cut at its commas and conjunctions, general words (construction, operation, manufacture …) are left out,
and what remains is a phrase. A phrase matches a text by the share of its information, in pairs of neighbouring
characters weighted by inverse document frequency, that stands in the text. Nothing is learnt and nothing is drawn:
the same text finds the same items, and the shared words and their sentence are the evidence.

Source: inverse document frequency, K. Spärck Jones, 1972, Journal of Documentation 28(1), 11-21; pairs of characters
as the unit of Chinese retrieval, J.-Y. Nie and F. Ren, 1999, Information Processing & Management 35(4), 443-462.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lvshu.core.errors import MethodError, Problem

LEAST_SHARE = 0.75
SHORTEST_TITLE = 3
MOST_HITS = 5

_PARTS = re.compile(r"[、，,；;（）()和及与或]")
_GENERAL = re.compile(
    r"建设运营|建设维护|设施建设|装备制造|设备制造|建设|运营|运行|制造|装备|设备|设施|产业化|产业|项目|系统|工程|管理|养护|服务|供给"
)
_QUALIFIED = ("高效", "节能", "绿色", "无毒")
_MAKING = re.compile(r"制造|生产线|产线|装备|零部件|量产|整机|出厂")
_SENTENCE = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]?")
_CLAUSE = re.compile(r"[，,]")
_NEGATION = re.compile(r"不用于|不投向|不涉及|不得用于|不属于|不包括|不含|未用于|非用于|并非|禁止用于")


@dataclass(frozen=True)
class Phrase:
    """Words that stand for one item: of its title, or a listed term. Returned by `title_phrases`; item is its number.

    A term must stand in the text as it is; of a title a share of its information is enough (shape: none, unit 1).
    making: the title speaks of manufacture (True), of building or running something (False), or of neither (None);
    only texts that speak of manufacture match the first, only others the second.

    Source: this module's header.
    """

    item: int
    words: str
    is_term: bool
    making: bool | None = None


@dataclass(frozen=True)
class Hit:
    """An item found in a text. Returned by `find`; text and item are numbers, score is dimensionless, 0 to 1.

    Source: this module's header.
    """

    text: int
    item: int
    words: str
    sentence: str
    score: float
    is_term: bool
    negated: bool


@dataclass(frozen=True)
class PhraseIndex:
    """Phrases ready for searching. Returned by `build_index`; weights has shape (pairs, phrases), dimensionless.

    Source: this module's header.
    """

    phrases: tuple[Phrase, ...]
    pairs: dict[str, int]
    weights: csr_array


def title_phrases(titles: Sequence[str]) -> list[Phrase]:
    """Return the phrases of each title: its parts without general words, those of three characters and more.

    Args:
        titles: the items' titles; an item is numbered by its place, count n.

    Returns:
        Phrases in the order of the titles, a count of zero or more for each.

    Source:
        This module's header.
    """
    found = []
    for number, title in enumerate(titles):
        making = speaks_of_making(title)
        for part in _parts(title):
            words = _GENERAL.sub("", part).strip()
            if len(words) >= SHORTEST_TITLE:
                found.append(Phrase(number, words, False, making))
    return found


def speaks_of_making(title: str) -> bool | None:
    """Return whether a title speaks of manufacture (True), of building or running (False), or of neither (None).

    Args:
        title: an item's title, count of characters t.

    Source:
        Own rule on the words 制造, 建设 and 运营 of the catalogue of 2021.
    """
    if "制造" in title:
        return True
    return False if "建设" in title or "运营" in title else None


def build_index(phrases: Sequence[Phrase]) -> PhraseIndex:
    """Return the index of phrases: the share of each phrase's information that each of its pairs carries.

    Args:
        phrases: what to look for, count p.

    Returns:
        Weights of shape (pairs, phrases), dimensionless; each phrase's weights add up to 1.

    Raises:
        MethodError: finance.label_no_phrases, there is nothing to look for.

    Source:
        Spärck Jones (1972): weight of a pair = log((1 + phrases) / (1 + phrases with it)) + 1.
    """
    if not phrases:
        raise MethodError(Problem("finance.label_no_phrases"))
    own = [sorted(_pairs(phrase.words)) for phrase in phrases]
    names = sorted({pair for pairs in own for pair in pairs})
    pairs = {pair: place for place, pair in enumerate(names)}
    rows = np.array([pairs[pair] for one in own for pair in one], dtype=np.int64)
    columns = np.repeat(np.arange(len(phrases)), [len(one) for one in own])
    frequency = np.bincount(rows, minlength=len(names))
    telling = np.log((1 + len(phrases)) / (1 + frequency)) + 1.0
    values = telling[rows]
    total = np.bincount(columns, weights=values, minlength=len(phrases))
    weights = csr_array((values / total[columns], (rows, columns)), shape=(len(names), len(phrases)))
    return PhraseIndex(tuple(phrases), pairs, weights)


def find(index: PhraseIndex, texts: Sequence[str], *, least_share: float = LEAST_SHARE) -> list[Hit]:
    """Return the items found in each text, the best first, at most five for each text.

    Args:
        index: phrases to look for.
        texts: what to look in, count t; each a short text in Chinese.
        least_share: how much of a title's information must stand in the text, dimensionless, above 0 up to 1.

    Returns:
        Hits ordered by text, then score from high to low, then item. Of several phrases of one item the best counts.

    Raises:
        MethodError: finance.label_share, least_share is outside its range.

    Source:
        This module's header.
    """
    if not 0 < least_share <= 1 or not math.isfinite(least_share):
        raise MethodError(Problem("finance.label_share", values={"given": least_share}))
    hits: list[Hit] = []
    for start in range(0, len(texts), 20_000):
        block = texts[start : start + 20_000]
        hits += _find_block(index, block, start, least_share)
    return hits


def shared_words(text: str, words: str) -> str:
    """Return the longest run of characters that stands in both, "" where none does.

    Args:
        text: the text, count of characters t.
        words: the phrase, count of characters w; of runs of one length the first counts.

    Source:
        Longest common substring, by trying every run of the phrase from the longest (D. Gusfield, 1997, Algorithms on
        Strings, Trees and Sequences, section 7.4, for faster ones).
    """
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            if run in text:
                return run
    return ""


def sentence_of(text: str, words: str) -> tuple[str, bool]:
    """Return the sentence in which the words stand, and whether its clause says that the loan is not for them.

    Args:
        text: the whole text, count of characters t.
        words: words that stand in it.

    Returns:
        The sentence with its full stop; True where every occurrence follows a negation in its clause.

    Source:
        Own list of negations (不用于, 不涉及, 除外 …); a mark for the reviewer, not a parse.
    """
    first = ""
    for match in _SENTENCE.finditer(text):
        sentence = match.group().strip()
        if words not in sentence:
            continue
        clauses = [clause for clause in _CLAUSE.split(sentence) if words in clause]
        if not clauses or not all(_is_negated(clause, words) for clause in clauses):
            return sentence, False
        first = first or sentence
    return first or text, bool(first)


def _is_negated(clause: str, words: str) -> bool:
    before, _, after = clause.partition(words)
    return bool(_NEGATION.search(before)) or "除外" in after


def _parts(title: str) -> list[str]:
    """A title's parts; only the first where the rest would lose its qualifier (高效…), the whole of remanufacture."""
    if "再制造" in title:
        return [title]
    parts = _PARTS.split(title)
    return parts[:1] if title.startswith(_QUALIFIED) else parts


def _pairs(words: str) -> set[str]:
    return {words[place : place + 2] for place in range(len(words) - 1)}


def _find_block(index: PhraseIndex, texts: Sequence[str], start: int, least_share: float) -> list[Hit]:
    rows: list[int] = []
    columns: list[int] = []
    known = index.pairs
    for number, text in enumerate(texts):
        found = {known[pair] for pair in _pairs(text) if pair in known}
        rows.extend([number] * len(found))
        columns.extend(found)
    ones = np.ones(len(rows))
    present = csr_array((ones, (rows, columns)), shape=(len(texts), len(known)))
    scores = (present @ index.weights).tocoo()
    enough = scores.data >= least_share - 1e-9
    return _best(index, texts, start, scores.row[enough], scores.col[enough], scores.data[enough])


def _best(
    index: PhraseIndex,
    texts: Sequence[str],
    start: int,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
) -> list[Hit]:
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for number, place, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
        phrase = index.phrases[place]
        if phrase.is_term and phrase.words not in texts[number]:
            continue
        if phrase.making is not None and phrase.making != bool(_MAKING.search(texts[number])):
            continue
        key, score = (number, phrase.item), min(round(value, 6), 1.0)
        kept = best.get(key)
        if kept is None or (-score, place) < (-kept[0], kept[1]):
            best[key] = (score, place)
    by_text: dict[int, list[tuple[float, int, int]]] = {}
    for (number, item), (score, place) in best.items():
        by_text.setdefault(number, []).append((-score, item, place))
    hits = []
    for number in sorted(by_text):
        for negative, item, place in sorted(by_text[number])[:MOST_HITS]:
            phrase = index.phrases[place]
            words = shared_words(texts[number], phrase.words)
            sentence, negated = sentence_of(texts[number], words)
            hits.append(Hit(start + number, item, words, sentence, -negative, phrase.is_term, negated))
    return hits
