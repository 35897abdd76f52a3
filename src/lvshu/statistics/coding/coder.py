"""A coder: features, linear model, index, calibration and guarantees, and the answers it gives for texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.methods.calibration import Curve, on_curve
from lvshu.statistics.coding.methods.conformal import Threshold, draws, sets
from lvshu.statistics.coding.methods.levels import added_up, backed_off
from lvshu.statistics.coding.methods.linear import LinearModel, linear_scores, softmax
from lvshu.statistics.coding.methods.ngrams import GramSettings, gram_counts
from lvshu.statistics.coding.methods.retrieval import best_of_class, entry_scores
from lvshu.statistics.coding.methods.weights import Columns, known_share, unit_rows, weighted
from lvshu.statistics.coding.texts import foreign_words, is_han, plain, without_exclusions

BLOCK = 8_192
CODED, BACKED_OFF, ABSTAINED = "coded", "backed_off", "abstained"
NO_TEXT, UNREAD = "no_text", "unread"
DECISIONS = (CODED, BACKED_OFF, ABSTAINED, NO_TEXT, UNREAD)
ZERO_SHOT_WEIGHT = 20.0
"""Score of a cosine of one where no labelled text has shown what it is worth (convention of this project)."""
RESIDUAL_DISCOUNT = 0.7
"""Share of its cosine that a residual class (其他…) keeps where the text does not say that it means others: chosen by
cross-validation over divisions on notes of GB/T 4754-2017 against titles (0.5 to 0.9 serve about as well)."""
_RESIDUAL_TITLE, _SAYS_OTHER = re.compile("^其他|未列明"), re.compile("其他|未列明|上述|以外|之外|除")
Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class EntryIndex:
    """Entries that texts are compared with: titles or notes of classes, or texts coded before.

    Attributes:
        words: the entries as plain texts.
        class_of: number of each entry's class, shape (entries,).
        columns: n-grams that entries know, and weights.
        fields: features of the entry, and of the titles above it, with weights.
        grams: n-grams of the index.
    """

    words: tuple[str, ...]
    class_of: Index
    columns: Columns
    fields: tuple[tuple[sparse.csr_matrix, float], ...]
    grams: GramSettings

    def summed(self) -> sparse.csr_matrix:
        """Return the features of each entry, its fields by their weights together, shape (entries, columns)."""
        return self._summed

    @cached_property
    def _summed(self) -> sparse.csr_matrix:
        total = self.fields[0][0] * np.float32(self.fields[0][1])
        for matrix, weight in self.fields[1:]:
            total = total + matrix * np.float32(weight)
        return sparse.csr_matrix(total)

    @cached_property
    def residual(self) -> NDArray[np.bool_]:
        """Return which entries are titles of residual classes, shape (entries,)."""
        return np.array([bool(_RESIDUAL_TITLE.search(one)) for one in self.words], dtype=bool)

    def touches(self, text: str, class_number: int) -> bool:
        """Return whether a plain text and an entry of a class share two neighbouring characters.

        One character in common is chance: 外卖骑手 is no 外科医师.
        """
        starts, entries = self.of_classes()
        pairs = {text[place : place + 2] for place in range(len(text) - 1)}
        of_class = (
            entries[starts[class_number] : starts[class_number + 1]] if class_number + 1 < len(starts) else ()
        )
        return any(pair in self.words[entry] for entry in of_class for pair in pairs)

    def of_classes(self) -> tuple[Index, Index]:
        """Return entries in the order of their classes, and where each class begins, shape (last class + 2,)."""
        return self._of_classes

    @cached_property
    def _of_classes(self) -> tuple[Index, Index]:
        order = np.argsort(self.class_of, kind="stable")
        counts = np.bincount(self.class_of, minlength=1)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order.astype(np.int64)


@dataclass(frozen=True)
class Coder:
    """Everything that answers need. Made by `train` or `without_labels`, kept by `store`.

    Attributes:
        hierarchy: the classification.
        grams: n-grams of the linear model.
        columns: n-grams it knows; None without labelled texts.
        model: the linear model; None without labelled texts.
        index: entries; None where there are none.
        index_weight: score of a cosine of one, added to the linear score.
        temperature: of all scores.
        curves: of each level, finest first; empty when not calibrated.
        least: probability of being right that each level must reach, finest first.
        thresholds: of conformal sets, by name ("overall", "by_class"); empty when not calibrated.
        baseline: what texts looked like at calibration, for drift.
        familiar: least share of known n-grams of a text that is like those of calibration; 0 where none was told.
        least_known: least share of known n-grams of the texts of calibration; below it probabilities fall in
            proportion, as they do below the least sure text; 0 where none was told.
        spelling: character -> character before anything else.
        foreign: words that are not Chinese in the texts of a model of Chinese: a text without Chinese and without any
            of them is not read. None where any text is.
        card: what the model is and how good, as plain data.
    """

    hierarchy: Hierarchy
    grams: GramSettings
    columns: Columns | None
    model: LinearModel | None
    index: EntryIndex | None
    index_weight: float = ZERO_SHOT_WEIGHT
    temperature: float = 1.0
    curves: tuple[Curve, ...] = ()
    least: tuple[float, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    baseline: Mapping[str, Any] = field(default_factory=dict)
    familiar: float = 0.0
    least_known: float = 0.0
    spelling: Mapping[int, int] = field(default_factory=dict)
    foreign: frozenset[str] | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    def scores(self, texts: Sequence[str], counts: sparse.csr_matrix | None = None) -> NDArray[np.float32]:
        """Return scores of plain texts before the temperature, shape (texts, classes), dimensionless.

        Args:
            texts: plain texts.
            counts: their n-grams, where they are known already.
        """
        if self.model is not None and self.columns is not None:
            counts = gram_counts(texts, self.grams) if counts is None else counts
            total = linear_scores(weighted(counts, self.columns), self.model)
        else:
            total = np.zeros((len(texts), len(self.hierarchy.classes)), dtype=np.float32)
        if self.index is not None and self.index_weight:
            total += np.float32(self.index_weight) * self.cosines(texts)
        return total

    def cosines(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the best cosine of plain texts with an entry of each class, shape (texts, classes); 0 without one."""
        if self.index is None:
            return np.zeros((len(texts), len(self.hierarchy.classes)), dtype=np.float32)
        features = unit_rows(weighted(gram_counts(texts, self.index.grams), self.index.columns))
        every = entry_scores(features, self.index.fields)
        if self.index.residual.any():
            silent = np.array([not _SAYS_OTHER.search(text) for text in texts], dtype=bool)
            every[np.ix_(silent, self.index.residual)] *= np.float32(RESIDUAL_DISCOUNT)
        best, _ = best_of_class(every, self.index.class_of, len(self.hierarchy.classes))
        return np.maximum(best, 0.0)

    def probabilities(
        self, texts: Sequence[str], counts: sparse.csr_matrix | None = None
    ) -> NDArray[np.float32]:
        """Return probabilities of the finest classes for plain texts, shape (texts, classes), dimensionless."""
        return softmax(self.scores(texts, counts) / np.float32(self.temperature))

    def prepared(self, texts: Sequence[str | None]) -> list[str]:
        """Return texts as the model reads them; without labels, apart from what they say they do not mean."""
        if self.model is None:
            texts = [without_exclusions(text) for text in texts]
        return plain(texts, self.spelling)

    def by_level(self, probability: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return probabilities of every level, finest first."""
        rest = [
            added_up(probability, above, len(codes))
            for above, codes in zip(self.hierarchy.above[1:], self.hierarchy.codes[1:], strict=True)
        ]
        return [probability, *rest]

    def reads(self, text: str) -> bool:
        """Return whether a plain text holds anything that the model can go by."""
        return self.foreign is None or is_han(text) or not self.foreign.isdisjoint(foreign_words(text))

    def known(self, counts: sparse.csr_matrix) -> Array:
        """Return the share of each text's n-grams that the model knows, shape (texts,); NaN where it knows of none."""
        columns = self.columns if self.columns is not None else self.index.columns if self.index else None
        return np.full(counts.shape[0], np.nan) if columns is None else known_share(counts, columns)

    def sure(self, stated: Sequence[Array], known: Array) -> list[Array]:
        """Return the calibrated probability of being right at every level, finest first, each of shape (texts,).

        Args:
            stated: probability of the best of each level.
            known: share of each text's n-grams that the model knows.
        """
        seen = np.minimum(1.0, known / self.least_known) if self.least_known > 0 else np.ones(len(known))
        return [on_curve(curve, one) * seen for curve, one in zip(self.curves, stated, strict=True)]

    @property
    def calibrated(self) -> bool:
        """Return whether labelled texts have shown what the scores are worth."""
        return bool(self.curves)


@dataclass(frozen=True)
class Answers:
    """What a coder says of texts, arrays of shape (texts,).

    Attributes:
        code: the answer, at the level that is sure enough; "" when abstained.
        level: number of its level, 0 the finest; −1 when abstained.
        probability: calibrated probability that `code` is right; that of the top level's best when abstained; as
            stated, not calibrated, from a coder without labels; NaN where nothing could be read, and where a text that
            got no code is unlike those of calibration: nothing says how often such an answer is right.
        best: number of the likeliest finest class; −1 where nothing could be read.
        best_probability: calibrated probability that it is right; NaN where `probability` is.
        set_size: classes in the conformal set; −1 where there is no guarantee.
        decision: one of DECISIONS; unread: words alone of which the model knows none, so that only the shares of the
            classes would speak.
        known: share of the text's n-grams that the model knows.
        inside: probability of the classes asked for together; NaN where none were.
        unlike: whether the model knows a smaller share of its n-grams than of nearly all texts of calibration, as of a
            text of another field.
    """

    code: NDArray[np.str_]
    level: Index
    probability: Array
    best: Index
    best_probability: Array
    set_size: Index
    decision: NDArray[np.str_]
    known: Array
    inside: Array
    unlike: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.level)


def answer(
    coder: Coder,
    texts: Sequence[str | None],
    *,
    guarantee: str = "overall",
    inside: NDArray[np.bool_] | None = None,
) -> Answers:
    """Return the answers for texts, block by block: memory does not grow with the number of texts.

    Args:
        coder: the model.
        texts: as they came.
        guarantee: name of the conformal threshold, "overall" or "by_class".
        inside: classes whose probability together is wanted, shape (classes,).
    """
    return _joined([_block(coder, block, guarantee, inside)[0] for block in _blocks(coder.prepared(texts))])


def answer_listed(
    coder: Coder, texts: Sequence[str | None], *, guarantee: str = "overall", most: int = 20
) -> tuple[Answers, list[list[tuple[str, float]]]]:
    """Return what `answer` and `candidates` return, from one scoring.

    Args:
        coder: the model.
        texts: as they came.
        guarantee: name of the conformal threshold, "overall" or "by_class".
        most: classes listed at most.
    """
    parts, listed = [], []
    for block in _blocks(coder.prepared(texts)):
        part, probability = _block(coder, block, guarantee, None)
        parts.append(part)
        listed += _likeliest(coder, block, probability, part.set_size, most)
    return _joined(parts), listed


def _joined(parts: list[Answers]) -> Answers:
    return Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS))


_FIELDS = (
    "code", "level", "probability", "best", "best_probability", "set_size", "decision", "known", "inside",
    "unlike",
)  # fmt: skip


def _blocks(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, max(len(texts), 1), BLOCK):
        yield texts[start : start + BLOCK]


def _block(
    coder: Coder, texts: list[str], guarantee: str, inside: NDArray[np.bool_] | None
) -> tuple[Answers, NDArray[np.float32]]:
    """Return answers, and the probabilities of the finest classes that they rest on."""
    told = np.array([bool(text) for text in texts], dtype=bool)
    there = told & np.array([coder.reads(text) for text in texts], dtype=bool)
    counts = gram_counts(texts, coder.grams)
    levels = coder.by_level(coder.probabilities(texts, counts))
    tops = [level.argmax(axis=1) if len(texts) else np.zeros(0, dtype=np.int64) for level in levels]
    rows = np.arange(len(texts))
    stated = [level[rows, top].astype(float) for level, top in zip(levels, tops, strict=True)]
    known = coder.known(counts)
    sure = coder.sure(stated, known) if coder.calibrated else stated
    level = backed_off(sure, coder.least or [1.01] * len(sure))
    level[~there] = -1
    code = np.full(len(texts), "", dtype=f"<U{max(len(c) for codes in coder.hierarchy.codes for c in codes)}")
    probability = np.where(there, sure[-1], np.nan)
    for number, (top, codes) in enumerate(zip(tops, coder.hierarchy.codes, strict=True)):
        chosen = level == number
        code[chosen] = np.array(codes)[top[chosen]]
        probability[chosen] = sure[number][chosen]
    threshold = coder.thresholds.get(guarantee)
    size = np.full(len(texts), -1, dtype=np.int64)
    if threshold is not None:
        size = sets(levels[0], threshold, draws(texts)).sum(axis=1)
        size[~there] = -1
    decision = np.where(level == 0, CODED, np.where(level > 0, BACKED_OFF, ABSTAINED)).astype("<U10")
    decision[~there] = UNREAD
    decision[~told] = NO_TEXT
    unlike = there & (known < coder.familiar)
    withheld = unlike & (level < 0)
    answers = Answers(
        code, level, np.where(withheld, np.nan, probability), np.where(there, tops[0], -1),
        np.where(there & ~withheld, sure[0], np.nan), size, decision, known,
        np.full(len(texts), np.nan) if inside is None else levels[0][:, inside].sum(axis=1).astype(float),
        unlike,
    )  # fmt: skip
    return answers, levels[0]


def candidates(
    coder: Coder, texts: Sequence[str | None], *, guarantee: str = "overall", most: int = 20
) -> list[list[tuple[str, float]]]:
    """Return each text's likeliest finest classes with stated probabilities, the likeliest first.

    Those are the classes of its conformal set, at most `most`; five without a guarantee, or where the set is empty.
    """
    found: list[list[tuple[str, float]]] = []
    threshold = coder.thresholds.get(guarantee)
    for block in _blocks(coder.prepared(texts)):
        probability = coder.probabilities(block)
        size = np.full(len(block), -1, dtype=np.int64)
        if threshold is not None:
            size = sets(probability, threshold, draws(block)).sum(axis=1)
        found += _likeliest(coder, block, probability, size, most)
    return found


def _likeliest(
    coder: Coder, texts: list[str], probability: NDArray[np.float32], size: Index, most: int
) -> list[list[tuple[str, float]]]:
    """Return the classes of each text's set, at most so many, the likeliest first; five without a guarantee."""
    if not texts:
        return []
    most = min(most, probability.shape[1])
    wanted = np.minimum(np.where(size > 0, size, 5), most)
    deepest = int(wanted.max())
    near = np.argpartition(-probability, deepest - 1, axis=1)[:, :deepest]
    near.sort(axis=1)  # so that equal ones stand in the order of classes
    own = np.take_along_axis(probability, near, axis=1)
    order = np.argsort(-own, axis=1, kind="stable")
    near, own = np.take_along_axis(near, order, axis=1), np.take_along_axis(own, order, axis=1)
    classes = coder.hierarchy.classes
    return [
        [(classes[one], share) for one, share in zip(ones[:count], shares[:count], strict=True)]
        if text and coder.reads(text)
        else []
        for text, ones, shares, count in zip(texts, near.tolist(), own.tolist(), wanted.tolist(), strict=True)
    ]
