"""The rival's side: rapidfuzz compares every phrase with every text; a partial ratio of 100 is the whole phrase."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.harness import script_main


def prepare(folder: Path) -> dict[str, Any]:
    """Return phrases and texts."""
    return dict(json.loads((folder / "texts.json").read_text(encoding="utf-8")))


def work(given: dict[str, Any]) -> np.ndarray:
    """Return which texts hold a whole phrase, boolean, shape (texts,)."""
    found = []
    for start in range(0, len(given["texts"]), 10_000):
        block = given["texts"][start : start + 10_000]
        scores = process.cdist(
            block, given["phrases"], scorer=fuzz.partial_ratio, score_cutoff=100, dtype=np.uint8, workers=-1
        )
        found.append((scores == 100).any(axis=1))
    return np.concatenate(found)


def save(result: np.ndarray, folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.save(folder / "found.npy", result)


if __name__ == "__main__":
    script_main(prepare, work, save)
