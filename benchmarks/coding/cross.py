"""Cross-conformal sets (CV+) on the British index: a model of all texts beside those of the folds.

s_i: non-conformity of text i by the model that has not seen its fold.
s_k(y): non-conformity of a new text's class y by the model of fold k.
The set holds y where fewer than (1 − α)(n + 1) of the s_i are below s_k(y) of their own fold.
Proved: 1 − 2α, less a term that vanishes with n / K (Barber, Candès, Ramdas, Tibshirani, 2021, Annals of Statistics 49,
theorem 4; for classes Romano, Sesia, Candès, 2020, NeurIPS 33; sets after Vovk, 2015, Annals of Mathematics and AI 74).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coding.data import LEVELS, british_index, reference_split
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.methods.calibration import fit_temperature
from lvshu.statistics.coding.methods.linear import softmax
from lvshu.statistics.coding.training import Settings, train

FOLDS = 5


def cross(folder: Path) -> dict[str, Any]:
    """Return accuracy of a model of all texts, and coverage and size of cross-conformal sets beside it."""
    texts, codes = british_index()
    learned = reference_split(len(texts))
    hierarchy = Hierarchy.by_prefix("uksic2007", codes, LEVELS)
    whole = Settings(tune_share=0.0, promise_share=0.0, test_share=0.0)
    own, label = texts[learned], hierarchy.numbers(codes[learned].tolist())
    tested, truth = texts[~learned].tolist(), hierarchy.numbers(codes[~learned].tolist())
    _, group = np.unique(np.char.lower(own.astype(str)), return_inverse=True)
    fold = np.random.default_rng(7).integers(0, FOLDS, group.max() + 1)[group]
    below = np.zeros((len(tested), len(hierarchy.classes)), dtype=np.int64)
    temperature = 0.0
    for one in range(FOLDS):
        inside = fold != one
        coder = train(own[inside].tolist(), codes[learned][inside].tolist(), hierarchy, whole)
        scores = coder.scores(coder.prepared(own[~inside].tolist()))
        temperature = temperature or fit_temperature(scores, label[~inside])
        held = softmax(scores / np.float32(temperature))[np.arange(int((~inside).sum())), label[~inside]]
        new = softmax(coder.scores(coder.prepared(tested)) / np.float32(temperature))
        order = np.sort(1 - held.astype(float))
        below += np.searchsorted(order, (1 - new).ravel(), side="left").reshape(new.shape)
    coder = train(own.tolist(), codes[learned].tolist(), hierarchy, whole)
    right = coder.scores(coder.prepared(tested)).argmax(axis=1) == truth
    lines = [
        f"coding (cross): a model of all {len(own)} texts beside {FOLDS} of the folds: accuracy {right.mean():.4f}"
    ]
    for error in (0.1, 0.05):
        sets = below < (1 - error) * (len(own) + 1)
        covered = sets[np.arange(len(truth)), truth].mean()
        lines.append(
            f"  α = {error}: proved {1 - 2 * error:.2f}, covered {covered:.4f}, mean size {sets.sum(axis=1).mean():.1f}"
        )
    return {"name": "coding", "size": "cross", "text": "\n".join(lines)}
