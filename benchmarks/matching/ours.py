"""lvshu's side: rare grams, evidence, a choice among the candidates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from benchmarks.matching.fit import measures, roman_words, words_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.linkage.names.matcher import Matcher, Ranked
from lvshu.linkage.names.scoring import Weights

ACCEPT, MARGIN = 0.9, 0.3


def prepare(folder: Path) -> dict[str, Any]:
    """Return the names, the words and the weights."""
    given: dict[str, Any] = json.loads((folder / "names.json").read_text(encoding="utf-8"))
    library = PackLibrary.load()
    words = words_of(library)
    weights = Weights.of(library["name_match_weights"].rows)
    return {**given, "words": words, "weights": weights, "roman": roman_words(library, words)}


def work(given: dict[str, Any]) -> tuple[Ranked, np.ndarray]:
    """Return the ranked candidates of every name, and the truth."""
    matcher = Matcher.of(given["companies"], given["words"], given["weights"], roman=given["roman"])
    return matcher.rank(given["queries"]), np.array(given["truth"])


def save(result: tuple[Ranked, np.ndarray], folder: Path) -> None:
    """Write recall and precision of what is taken without a look."""
    ranked, truth = result
    told = measures(ranked, truth, accept=ACCEPT, margin=MARGIN)
    told["with_review"] = measures(ranked, truth, accept=0.1)["reached"]
    (folder / "measures.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    script_main(prepare, work, save)
