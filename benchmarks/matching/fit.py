"""The weights of the pack `name_match_weights`, fitted on names that do not exist.

`python -m benchmarks.matching.fit OUTPUT.csv` writes them and prints how well they do on names drawn apart.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.matching.romanised import roman_names
from benchmarks.matching.synthetic import Maker, Names
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.linkage.names.calibration import calibration_error, fit_choice
from lvshu.linkage.names.matcher import Matcher, Ranked
from lvshu.linkage.names.romanised import RomanWords
from lvshu.linkage.names.scoring import EVIDENCE, HAN_SET, PINYIN_SET, SETS, Weights

SEED, TEST_SEED = 20261125, 7
COMPANIES, QUERIES = 40_000, 40_000
ROMAN = 20_000
"""Companies and names for the weights of pairs compared in pinyin."""


def words_of(library: PackLibrary) -> NameWords:
    """Return the words of the packs."""
    return NameWords.of(library["name_parts"].rows, library["traditional_characters"].rows)


def roman_words(library: PackLibrary, words: NameWords) -> RomanWords:
    """Return the words of names in pinyin and English."""
    return RomanWords.of(words, library["name_parts"].rows, library["areas"].rows)


def fit_pinyin(names: Names, words: NameWords, roman: RomanWords, given: Weights) -> np.ndarray:
    """Return the weights of pairs compared in pinyin, fitted on names whose truth is known, shape (len(EVIDENCE),)."""
    matcher = Matcher.of(names.companies, words, replace(given, pinyin=np.zeros(len(EVIDENCE))), roman=roman)
    pairs, rows, kind = matcher.evidence_of(names.queries)
    own = kind == SETS.index(PINYIN_SET)
    query, company, rows = pairs.query[own], pairs.candidate[own], rows[own]
    # of the ways to read a company's name the one nearest to the name looked for
    order = np.lexsort((-pairs.share[own], rows[:, EVIDENCE.index("relative_distance")], company, query))
    query, company, rows = query[order], company[order], rows[order]
    fresh = np.ones(len(query), dtype=bool)
    fresh[1:] = (query[1:] != query[:-1]) | (company[1:] != company[:-1])
    query, company, rows = query[fresh], company[fresh], rows[fresh]
    return fit_choice(rows, query, names.truth[query] == company)


def fit(names: Names, words: NameWords) -> Weights:
    """Return weights fitted on names whose truth is known."""
    nothing = np.zeros(len(EVIDENCE))
    matcher = Matcher.of(names.companies, words, Weights(nothing, nothing))
    pairs, rows, kind = matcher.evidence_of(names.queries)
    han = kind == SETS.index(HAN_SET)
    truth = names.truth[pairs.query] == pairs.candidate
    return Weights(
        fit_choice(rows[han], pairs.query[han], truth[han]),
        fit_choice(rows[~han], pairs.query[~han], truth[~han]),
    )


def measures(ranked: Ranked, truth: np.ndarray, *, accept: float, margin: float = 0.0) -> dict[str, float]:
    """Return precision and recall of what is taken without a look, at a threshold, and the calibration error."""
    best = ranked.rank == 1
    second = np.zeros(len(truth))
    np.maximum.at(second, ranked.query[ranked.rank == 2], ranked.probability[ranked.rank == 2])
    query, company, probability = ranked.query[best], ranked.company[best], ranked.probability[best]
    taken = (probability >= accept) & (probability - second[query] >= margin) & ranked.sure[best]
    right = truth[query] == company
    known = int((truth >= 0).sum())
    return {
        "precision": float(right[taken].mean()) if taken.any() else 0.0,
        "recall": float(right[taken].sum() / known),
        "reached": float(np.isin(np.flatnonzero(truth >= 0), query[right]).sum() / known),
        "calibration_error": calibration_error(probability, right),
    }


def main() -> None:
    """Fit, write the weights, and print how they do on other names."""
    library = PackLibrary.load()
    words = words_of(library)
    roman = roman_words(library, words)
    weights = fit(Maker.of(library, SEED).names(COMPANIES, QUERIES), words)
    spelt = roman_names(Maker.of(library, SEED), ROMAN, ROMAN)
    weights = replace(weights, pinyin=fit_pinyin(spelt, words, roman, weights))
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("script", "evidence", "weight"))
        for script, values in weights.sets().items():
            writer.writerows(
                (script, name, f"{value:.4f}") for name, value in zip(EVIDENCE, values, strict=True)
            )
    test = Maker.of(library, TEST_SEED).names(COMPANIES, QUERIES)
    _tell(test, words, weights, roman)
    _tell(roman_names(Maker.of(library, TEST_SEED), ROMAN, ROMAN), words, weights, roman)


def _tell(test: Names, words: NameWords, weights: Weights, roman: RomanWords) -> None:
    ranked = Matcher.of(test.companies, words, weights, roman=roman).rank(test.queries)
    for accept in (0.5, 0.8, 0.9, 0.95):
        sys.stdout.write(json.dumps({"accept": accept, **measures(ranked, test.truth, accept=accept)}) + "\n")


if __name__ == "__main__":
    main()
