"""lvshu's side: train, then code the test phrases."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coding.data import LEVELS, accuracy
from benchmarks.harness import repeat
from lvshu.statistics.coding.coder import answer
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.training import Settings, train


def work(given: dict[str, Any], parts: dict[str, float]) -> dict[str, Any]:
    """Return accuracy by level: of the best class, and of the best class of each level."""
    hierarchy = Hierarchy.by_prefix("uksic2007", [*given["codes"], *given["test_codes"]], LEVELS)
    before = time.process_time()
    coder = train(given["texts"], given["codes"], hierarchy, Settings(test_share=0.0))
    parts["train"] = time.process_time() - before
    before = time.process_time()
    found = answer(coder, given["test_texts"])
    parts["predict"] = time.process_time() - before
    true = np.array(given["test_codes"])
    said = np.array(hierarchy.classes)[found.best]
    levels = coder.by_level(coder.probabilities(coder.prepared(given["test_texts"])))
    best = {
        str(length): float((np.array(codes)[level.argmax(axis=1)] == true.astype(f"U{length}")).mean())
        for length, level, codes in zip(LEVELS, levels, hierarchy.codes, strict=True)
    }
    return {"of_class": accuracy(said, true), "of_level": best}


def main() -> None:
    """Run as the harness asks."""
    given = json.loads((Path(sys.argv[1]) / "index.json").read_text(encoding="utf-8"))
    parts: dict[str, float] = {}
    kept: list[Any] = []
    measured = repeat(lambda: kept.append(work(given, parts)), int(sys.argv[3]), warm_up=0)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accuracy.json").write_text(json.dumps(kept[-1]), encoding="utf-8")
    print(json.dumps({**measured, "parts": parts}))


if __name__ == "__main__":
    main()
