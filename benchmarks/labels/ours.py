"""lvshu's side: an index of character pairs, then the phrase itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.finance.methods.label_text import Phrase, build_index, find


def prepare(folder: Path) -> dict[str, Any]:
    """Return phrases and texts."""
    return dict(json.loads((folder / "texts.json").read_text(encoding="utf-8")))


def work(given: dict[str, Any]) -> np.ndarray:
    """Return which texts hold a whole phrase, boolean, shape (texts,)."""
    phrases = [Phrase(number, words, True) for number, words in enumerate(given["phrases"])]
    found = np.zeros(len(given["texts"]), dtype=bool)
    found[[hit.text for hit in find(build_index(phrases), given["texts"], least_share=1.0)]] = True
    return found


def save(result: np.ndarray, folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.save(folder / "found.npy", result)


if __name__ == "__main__":
    script_main(prepare, work, save)
