"""Coding of free text against scikit-learn's linear support vector machine on the British index of activities."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coding.alone import chinese, coverage, share, speed
from benchmarks.coding.cross import cross
from benchmarks.coding.data import british_index, reference_split
from benchmarks.harness import Benchmark

TRAINED = {"small": 3_000, "full": 12_831}


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write phrases to learn and to code: the reference's split, for `small` a part of what is learned."""
    texts, codes = british_index()
    learned = np.flatnonzero(reference_split(len(texts)))
    tested = np.setdiff1d(np.arange(len(texts)), learned)
    kept = np.random.default_rng(1).permutation(learned)[: TRAINED[size]]
    content = {
        "texts": texts[kept].tolist(), "codes": codes[kept].tolist(), "test_texts": texts[tested].tolist(),
        "test_codes": codes[tested].tolist(),
    }  # fmt: skip
    (folder / "index.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return {"learned": len(kept), "coded": len(tested), "codes": len(set(codes.tolist()))}


def agree(ours: Path, rival: Path) -> float:
    """Return by how much the rival is ahead at the level where it is most ahead, 0 where it is at none."""
    first, second = (
        json.loads((side / "accuracy.json").read_text(encoding="utf-8")) for side in (ours, rival)
    )
    sys.stderr.write(json.dumps({"lvshu": first, "rival": second}) + "\n")
    return max(0.0, *(second["of_level"][level] - first["of_level"][level] for level in first["of_level"]))


BENCHMARK = Benchmark(
    name="coding",
    what="train and code activity phrases; the figure of agreement is how far the rival is ahead in accuracy",
    rival="scikit-learn 1.9 (character and word n-grams, LinearSVC)",
    requirements=("scikit-learn==1.9.1", "scipy", "numpy"),
    make_input=make_input,
    agree=agree,
    tolerance=0.0,
    repetitions=1,
    pin_threads=True,
    alone={"coverage": coverage, "chinese": chinese, "speed": speed, "share": share, "cross": cross},
)
