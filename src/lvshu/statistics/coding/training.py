"""Training a coder: texts split in four, the model fitted, scores calibrated, guarantees set, the card written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import sha256_of_text
from lvshu.statistics.coding.card import measures, model_card
from lvshu.statistics.coding.coder import ZERO_SHOT_WEIGHT, Coder, EntryIndex
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.methods.calibration import Curve, fit_curve, fit_temperature
from lvshu.statistics.coding.methods.conformal import fit_threshold, least_familiar
from lvshu.statistics.coding.methods.linear import LinearSettings, fit_linear, softmax
from lvshu.statistics.coding.methods.ngrams import GramSettings, gram_counts
from lvshu.statistics.coding.methods.weights import fit_columns, known_share, weighted
from lvshu.statistics.coding.texts import foreign_words, is_han, plain, without_exclusions

Index = NDArray[np.int64]
FEWEST = 40
"""Labelled texts below which nothing is trained; below five times as many nothing is calibrated."""
MANY = 2_000
"""Texts from which on an n-gram that stands in one text only is left out."""
INDEX_WEIGHTS = (0.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Settings:
    """How a coder is trained.

    Attributes:
        grams: n-grams of the linear model; chosen by the texts' script when left out.
        linear: of the linear model.
        tune_share, promise_share: parts of the texts kept from training, for temperature and curves and for the
            conformal promise; each used for nothing else.
        test_share: part kept from a first training, whose measures on it stand on the card; the coder itself learns
            from it afterwards.
        error: of the conformal promise.
        accuracy: probability of being right that an answer must reach, at every level.
        seed: of the split.
    """

    grams: GramSettings | None = None
    linear: LinearSettings = field(default_factory=LinearSettings)
    tune_share: float = 0.1
    promise_share: float = 0.1
    test_share: float = 0.1
    error: float = 0.1
    accuracy: float = 0.8
    seed: int = 20210913


@dataclass(frozen=True)
class Entries:
    """Titles, notes or other texts of classes, by code; `above` are the titles over each entry, nearest first."""

    codes: tuple[str, ...]
    words: tuple[str, ...]
    above: tuple[tuple[str, ...], ...] = ()


ABOVE_WEIGHTS = (0.2, 0.1)
"""Weight of the titles of the group and the division beside the class's own (chosen on notes against titles)."""
ENTRY_GRAMS = GramSettings(1, 3, words=False, pairs=False)
LATIN_GRAMS = GramSettings(2, 5, words=True, pairs=True)
HAN_GRAMS = GramSettings(1, 4, words=True, pairs=False)


def grams_for(texts: Sequence[str]) -> GramSettings:
    """Return the n-grams that suit the script of most texts."""
    sample = "".join(texts[:2_000])
    han = sum("㐀" <= letter <= "鿿" for letter in sample)
    return HAN_GRAMS if han * 3 > len(sample) else LATIN_GRAMS


def build_index(
    entries: Entries,
    hierarchy: Hierarchy,
    unlabelled: Sequence[str] = (),
    spelling: Mapping[int, int] | None = None,
) -> EntryIndex:
    """Return the index of entries; n-gram weights come from entries and, where given, texts without labels.

    Args:
        entries: words by code.
        hierarchy: the classification.
        unlabelled: texts that only show which n-grams are common.
        spelling: character -> character.

    Raises:
        InputError: coding.unknown_code: every code that is not in the classification.
    """
    numbers = hierarchy.numbers(entries.codes)
    unknown = sorted({code for code, number in zip(entries.codes, numbers, strict=True) if number < 0})
    if unknown:
        raise InputError(_unknown(unknown, hierarchy))
    words = plain(entries.words, spelling)
    own = gram_counts(words, ENTRY_GRAMS)
    rest = gram_counts(plain(unlabelled, spelling), ENTRY_GRAMS)
    columns = fit_columns(sparse.vstack([own, rest], format="csr"), power=0.8)
    fields = [(weighted(own, columns), 1.0)]
    for place, weight in enumerate(ABOVE_WEIGHTS):
        titles = [one[place] if len(one) > place else "" for one in entries.above]
        if any(titles):
            fields.append((weighted(gram_counts(plain(titles, spelling), ENTRY_GRAMS), columns), weight))
    return EntryIndex(tuple(words), numbers, columns, tuple(fields), ENTRY_GRAMS)


def without_labels(
    entries: Entries,
    hierarchy: Hierarchy,
    unlabelled: Sequence[str] = (),
    spelling: Mapping[int, int] | None = None,
) -> Coder:
    """Return a coder that knows only the classification's own words. It is not calibrated: it suggests, never decides.

    Args:
        entries: words by code.
        hierarchy: the classification.
        unlabelled: texts that only show which n-grams are common.
        spelling: character -> character.
    """
    index = build_index(entries, hierarchy, [without_exclusions(text) for text in unlabelled], spelling)
    coder = Coder(hierarchy, ENTRY_GRAMS, None, None, index, ZERO_SHOT_WEIGHT, spelling=spelling or {})
    return replace(coder, card=model_card(coder, {"entries": len(entries.words), "labelled": 0}, {}, {}))


def train(
    texts: Sequence[str | None],
    codes: Sequence[str | None],
    hierarchy: Hierarchy,
    settings: Settings | None = None,
    *,
    entries: Entries | None = None,
    spelling: Mapping[int, int] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Coder:
    """Return a trained coder. Rows without text or without a code are left out and counted on the card.

    The card's measures are those of a coder that has not seen the texts for the test. The one that is returned has
    learned from them too; it has seen neither the texts of its temperature and curves nor those of its conformal
    promise, and is calibrated on them anew, so that the promise holds for it as it stands.

    Args:
        texts: as they came.
        codes: finest codes of the classification.
        hierarchy: the classification.
        settings: of the training.
        entries: words of classes, which are texts of the linear model and the index besides.
        spelling: character -> character.
        about: where the texts come from, for the card.

    Raises:
        InputError: coding.unknown_code (every code outside the classification), coding.too_few (too few texts).
    """
    settings = settings or Settings()
    rows = _usable(texts, codes, hierarchy, spelling)
    parts = split(len(rows.texts), settings, rows.texts)
    held = {"tune": parts["tune"], "promise": parts["promise"]}
    found: Mapping[str, Any] = {}
    if len(parts["test"]):
        tried = _calibrated(
            _fitted(rows, parts["fit"], hierarchy, settings, entries, spelling), rows, held, settings
        )
        found = measures(tried, [rows.texts[i] for i in parts["test"]], rows.label[parts["test"]])
    learned = np.sort(np.concatenate([parts["fit"], parts["test"]]))
    coder = _calibrated(_fitted(rows, learned, hierarchy, settings, entries, spelling), rows, held, settings)
    return _carded(coder, rows, parts, settings, about or {}, found)


def _fitted(
    rows: _Rows, learned: Index, hierarchy: Hierarchy, settings: Settings, entries: Entries | None,
    spelling: Mapping[int, int] | None,
) -> Coder:  # fmt: skip
    """Return a coder that has learned from some of the texts and is not calibrated."""
    grams = settings.grams or grams_for(rows.texts)
    index = build_index(entries, hierarchy, [rows.texts[i] for i in learned], spelling) if entries else None
    own = ([rows.texts[i] for i in learned], rows.label[learned])
    if index is not None:
        own = (own[0] + list(index.words), np.concatenate([own[1], index.class_of]))
    counts = gram_counts(own[0], grams)
    columns = fit_columns(counts, least=2 if len(own[0]) >= MANY else 1)
    model = fit_linear(weighted(counts, columns), own[1], len(hierarchy.classes), settings.linear)
    return Coder(
        hierarchy, grams, columns, model, index, 0.0, spelling=dict(spelling or {}), foreign=_foreign(own[0])
    )


def _foreign(texts: Sequence[str]) -> frozenset[str] | None:
    """Return the words of texts that are not Chinese; None where the texts are not Chinese for the most part."""
    if sum(map(is_han, texts)) * 2 <= len(texts):
        return None
    return frozenset().union(*map(foreign_words, texts))


@dataclass(frozen=True)
class _Rows:
    texts: list[str]
    label: Index
    left_out: dict[str, int]
    sha256: str


def _usable(
    texts: Sequence[str | None],
    codes: Sequence[str | None],
    hierarchy: Hierarchy,
    spelling: Mapping[int, int] | None,
) -> _Rows:
    words, numbers = plain(texts, spelling), hierarchy.numbers(codes)
    unknown = sorted({str(code) for code, number in zip(codes, numbers, strict=True) if code and number < 0})
    if unknown:
        raise InputError(_unknown(unknown, hierarchy))
    kept = [i for i, text in enumerate(words) if text and numbers[i] >= 0]
    if len(kept) < FEWEST:
        counts = {"texts": len(kept), "given": len(words), "needed": FEWEST}
        raise InputError(Problem("coding.too_few", values=counts))
    if len(set(numbers[kept].tolist())) < 2:
        values: dict[str, Any] = {"texts": len(kept), "code": hierarchy.classes[int(numbers[kept[0]])]}
        raise InputError(Problem("coding.one_class", values=values))
    left_out = {"no_text": sum(not text for text in words), "no_code": int((numbers < 0).sum())}
    digest = sha256_of_text(*(f"{words[i]}\t{hierarchy.classes[numbers[i]]}" for i in sorted(kept)))
    return _Rows([words[i] for i in kept], numbers[kept], left_out, digest)


def _unknown(codes: Sequence[str], hierarchy: Hierarchy) -> Problem:
    shown = ", ".join(code[:40] for code in codes[:20]) + (" …" if len(codes) > 20 else "")
    return Problem(
        "coding.unknown_code", values={"count": len(codes), "codes": shown, "classification": hierarchy.name}
    )


def split(texts: int, settings: Settings, words: Sequence[str]) -> dict[str, Index]:
    """Return rows to fit, tune, promise and test, at random; equal texts go to one part, so that none is met twice.

    Where the parts kept apart hold too few different texts, all are learned from and nothing is calibrated.

    Args:
        texts: how many, count.
        settings: with shares and seed.
        words: the plain texts.
    """
    _, group = np.unique(np.array(words, dtype=object).astype(str), return_inverse=True)
    groups = int(group.max()) + 1 if texts else 0
    draw = np.random.default_rng(settings.seed).random(groups) if texts else np.zeros(0)
    ends = np.cumsum((settings.tune_share, settings.promise_share, settings.test_share))
    part = np.searchsorted(ends, draw, side="right")
    kept_apart = [
        int((part == place).sum())
        for place, share in enumerate((settings.tune_share, settings.promise_share))
        if share
    ]
    if texts < 5 * FEWEST or (kept_apart and min(kept_apart) < different_needed(settings.error)):
        part = np.full(groups, 3)
    of_text = part[group]
    return {
        name: np.flatnonzero(of_text == place)
        for place, name in enumerate(("tune", "promise", "test", "fit"))
    }


def different_needed(error: float) -> int:
    """Return how many different texts a promise needs: fewer, and the set would hold every class.

    Args:
        error: α of the promise.

    Source: ⌈(n + 1)(1 − α)⌉ ≤ n: Angelopoulos, Bates (2023), section 1.
    """
    return int(np.ceil(1 / error - 1e-9)) - 1


def _calibrated(coder: Coder, rows: _Rows, held: Mapping[str, Index], settings: Settings) -> Coder:
    """Return the coder with temperature, curves and conformal promise from texts that it has not learned from."""
    tune, promise = held["tune"], held["promise"]
    if len(tune):
        coder = _tuned(coder, [rows.texts[i] for i in tune], rows.label[tune])
        coder = replace(coder, least=(settings.accuracy,) * len(coder.hierarchy.levels))
    if len(promise):
        coder = _promised(coder, [rows.texts[i] for i in promise], rows.label[promise], settings)
    return coder


def _carded(
    coder: Coder, rows: _Rows, parts: Mapping[str, Index], settings: Settings, about: Mapping[str, Any],
    found: Mapping[str, Any],
) -> Coder:  # fmt: skip
    """Return the coder with its card.

    Args:
        coder: calibrated.
        rows: the texts.
        parts: how they were split.
        settings: of the training.
        about: where the texts come from.
        found: measures of the coder that has not learned from the texts for the test.
    """
    data = {
        **about, "labelled": len(rows.texts), "different": len(set(rows.texts)),
        "several_codes": several_codes(rows.texts, [coder.hierarchy.classes[one] for one in rows.label.tolist()]),
        "left_out": rows.left_out, "sha256": rows.sha256,
        "entries": len(coder.index.words) if coder.index else 0,
        "split": {name: len(part) for name, part in parts.items()}, "seed": settings.seed,
        "learned": len(parts["fit"]) + len(parts["test"]),
    }  # fmt: skip
    chosen = {
        "grams": asdict(coder.grams), "linear": asdict(settings.linear), "index_weight": coder.index_weight,
        "temperature": coder.temperature, "accuracy_wanted": settings.accuracy, "conformal_error": settings.error,
    }  # fmt: skip
    return replace(coder, card=model_card(coder, data, chosen, found))


def several_codes(texts: Sequence[str], codes: Sequence[str]) -> dict[str, Any]:
    """Return how many texts bear several codes, on how many rows, and the one with most rows; empty where none does.

    Args:
        texts: plain texts.
        codes: of each.
    """
    found: dict[str, dict[str, int]] = {}
    for text, code in zip(texts, codes, strict=True):
        counts = found.setdefault(text, {})
        counts[code] = counts.get(code, 0) + 1
    several = {text: counts for text, counts in found.items() if len(counts) > 1}
    if not several:
        return {}
    most = max(several, key=lambda text: (sum(several[text].values()), text))
    rows = sum(sum(counts.values()) for counts in several.values())
    return {"texts": len(several), "rows": rows, "most": most[:60], "codes": several[most]}


def _tuned(coder: Coder, texts: list[str], truth: Index) -> Coder:
    """Return the coder with the weight of the index and the temperature that lose least, and a curve a level."""
    linear = coder.scores(texts)
    cosine = coder.cosines(texts) if coder.index is not None else None
    best = (np.inf, 0.0, 1.0)
    for weight in INDEX_WEIGHTS if cosine is not None else (0.0,):
        scores = linear if cosine is None else np.asarray(linear + np.float32(weight) * cosine, np.float32)
        temperature = fit_temperature(scores, truth)
        own = softmax(scores / np.float32(temperature))[np.arange(len(truth)), truth].astype(float)
        loss = float(-np.log(np.maximum(own, 1e-12)).mean())
        best = min(best, (loss, weight, temperature))
    coder = replace(coder, index_weight=best[1], temperature=best[2])
    curves: list[Curve] = []
    for level, above in zip(coder.by_level(coder.probabilities(texts)), coder.hierarchy.above, strict=True):
        top = level.argmax(axis=1)
        curves.append(fit_curve(level.max(axis=1).astype(float), top == above[truth]))
    return replace(coder, curves=tuple(curves))


def _promised(coder: Coder, texts: list[str], truth: Index, settings: Settings) -> Coder:
    probability = coder.probabilities(texts)
    group = coder.hierarchy.above[-1]
    known = known_share(gram_counts(texts, coder.grams), coder.columns) if coder.columns is not None else None
    best = probability.max(axis=1).astype(float)
    shares = np.bincount(probability.argmax(axis=1), minlength=probability.shape[1])
    upper = np.bincount(coder.hierarchy.above[coder.hierarchy.coarse], weights=shares)
    baseline = {
        "texts": len(texts), "shares": (upper / upper.sum()).tolist(),
        "confidence": [float(best.mean()), float(best.std(ddof=1))],
        "known": [float(np.nanmean(known)), float(np.nanstd(known, ddof=1))] if known is not None else None,
    }  # fmt: skip
    thresholds = {
        "overall": fit_threshold(probability, truth, settings.error),
        "by_class": fit_threshold(probability, truth, settings.error, group),
    }
    if known is not None:
        least = float(np.nanmin(known))
        coder = replace(coder, familiar=least_familiar(known, settings.error), least_known=least)
    return replace(coder, thresholds=thresholds, baseline=baseline)
