"""The weights of the pack `name_match_weights`, fitted on names that do not exist.

`python -m benchmarks.matching.fit OUTPUT.csv` writes them and prints how well they do on names drawn apart.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.matching.synthetic import Maker, Names
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.linkage.names.calibration import calibration_error, fit_choice
from lvshu.linkage.names.matcher import Matcher, Ranked
from lvshu.linkage.names.scoring import EVIDENCE, Weights

SEED, TEST_SEED = 20261125, 7
COMPANIES, QUERIES = 40_000, 40_000


def words_of(library: PackLibrary) -> NameWords:
    """Return the words of the packs."""
    return NameWords.of(library["name_parts"].rows, library["traditional_characters"].rows)


def fit(names: Names, words: NameWords) -> Weights:
    """Return weights fitted on names whose truth is known."""
    nothing = np.zeros(len(EVIDENCE))
    matcher = Matcher.of(names.companies, words, Weights(nothing, nothing))
    pairs, rows, han = matcher.evidence_of(names.queries)
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
    weights = fit(Maker.of(library, SEED).names(COMPANIES, QUERIES), words)
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("script", "evidence", "weight"))
        for script, values in (("han", weights.han), ("latin", weights.latin)):
            writer.writerows(
                (script, name, f"{value:.4f}") for name, value in zip(EVIDENCE, values, strict=True)
            )
    test = Maker.of(library, TEST_SEED).names(COMPANIES, QUERIES)
    ranked = Matcher.of(test.companies, words, weights).rank(test.queries)
    for accept in (0.5, 0.8, 0.9, 0.95):
        sys.stdout.write(json.dumps({"accept": accept, **measures(ranked, test.truth, accept=accept)}) + "\n")


if __name__ == "__main__":
    main()
