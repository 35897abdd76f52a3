"""The rival's side: scikit-learn's character n-grams with a linear support vector machine, as in the reference."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_union
from sklearn.svm import LinearSVC

from benchmarks.coding.data import accuracy
from benchmarks.harness import repeat


def work(given: dict[str, Any], parts: dict[str, float]) -> dict[str, Any]:
    """Return accuracy by level of the best class."""
    before = time.process_time()
    words = make_union(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        TfidfVectorizer(analyzer="word", ngram_range=(1, 2), sublinear_tf=True),
    )
    model = LinearSVC(C=1.0).fit(words.fit_transform(given["texts"]), given["codes"])
    parts["train"] = time.process_time() - before
    before = time.process_time()
    said = model.predict(words.transform(given["test_texts"]))
    parts["predict"] = time.process_time() - before
    found = accuracy(np.array(said), np.array(given["test_codes"]))
    return {"of_class": found, "of_level": found}


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
