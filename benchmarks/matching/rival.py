"""The rule of r2dii.match, written after its description: alias of both names, Jaro-Winkler, best at least 0.8.

alias: to Latin letters, lower case, symbols to spaces, ownership types and common words shortened, spaces dropped. The
list of words is a part of r2dii's; Chinese names become pinyin, as they do there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist
from unidecode import unidecode

from benchmarks.harness import script_main

MINIMUM = 0.8
SHORTER = (
    (" and ", " & "), (" und ", " & "), ("company", "co"), ("corporation", "corp"), ("limited", "ltd"),
    ("group", "grp"), ("holdings", "hldgs"), ("holding", "hldgs"), ("international", "intl"), ("generation", "gen"),
    ("development", "dev"), ("resources", "res"),
)  # fmt: skip
OWNERSHIP = re.compile(r" (co ltd|ltd|inc|corp|plc|llc|gmbh|ag|spa|sa|co)$")


def alias(name: str) -> str:
    """Return the alias of a name."""
    text = re.sub(r"[.,_/()]", " ", unidecode(name).lower())
    text = " ".join(text.split())
    for word, short in SHORTER:
        text = text.replace(word, short)
    found = OWNERSHIP.search(text)
    ending = f" {found.group(1).replace(' ', '')}" if found else ""
    text = text[: found.start()] if found else text
    return re.sub(r"[^a-z0-9&]", "", text) + ending


def prepare(folder: Path) -> dict[str, Any]:
    """Return the names."""
    return dict(json.loads((folder / "names.json").read_text(encoding="utf-8")))


def work(given: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the best company of every name, its score, and the truth; every pair is scored."""
    companies = [alias(name) for name in given["companies"]]
    queries = [alias(name) for name in given["queries"]]
    best = np.zeros(len(queries), dtype=int)
    score = np.zeros(len(queries))
    for start in range(0, len(queries), 500):
        scores = cdist(
            queries[start : start + 500], companies, scorer=JaroWinkler.similarity, score_cutoff=MINIMUM
        )
        best[start : start + 500] = scores.argmax(axis=1)
        score[start : start + 500] = scores.max(axis=1)
    return best, score, np.array(given["truth"])


def measures(best: np.ndarray, score: np.ndarray, truth: np.ndarray, minimum: float) -> dict[str, float]:
    """Return recall and precision of best companies with a score of at least the minimum."""
    taken = score >= minimum
    right = taken & (best == truth)
    return {
        "precision": float(right.sum() / max(taken.sum(), 1)),
        "recall": float(right.sum() / max((truth >= 0).sum(), 1)),
    }  # fmt: skip


def save(result: tuple[np.ndarray, np.ndarray, np.ndarray], folder: Path) -> None:
    """Write recall and precision at 0.8, and at other scores."""
    told: dict[str, Any] = measures(*result, MINIMUM)
    told["at"] = {str(minimum): measures(*result, minimum) for minimum in np.arange(80, 101) / 100}
    (folder / "measures.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    script_main(prepare, work, save)
