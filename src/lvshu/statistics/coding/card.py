"""The card of a model: its data, split, accuracy by level, calibration, coverage, hashes and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

from lvshu import __version__
from lvshu.statistics.coding.methods.calibration import calibration_error
from lvshu.statistics.coding.methods.conformal import draws, sets
from lvshu.statistics.coding.methods.ngrams import gram_counts
from lvshu.statistics.coding.methods.retrieval import ranks

if TYPE_CHECKING:
    from lvshu.statistics.coding.coder import Coder

FORMAT = 1
Index = NDArray[np.int64]


def measures(coder: Coder, texts: Sequence[str], truth: Index) -> dict[str, Any]:
    """Return how good a coder is on plain texts that it has not seen, with standard errors.

    Args:
        coder: trained.
        texts: plain texts.
        truth: number of the true finest class, shape (texts,).
    """
    probability = coder.probabilities(texts)
    found: dict[str, Any] = {"texts": len(texts), "levels": {}}
    place = ranks(probability, truth)
    levels = coder.by_level(probability)
    tops = [level.max(axis=1).astype(float) for level in levels]
    sures = coder.sure(tops, coder.known(gram_counts(texts, coder.grams))) if coder.calibrated else tops
    for number, level in enumerate(levels):
        own = coder.hierarchy.above[number][truth]
        right = level.argmax(axis=1) == own
        entry: dict[str, float | None] = {"accuracy": float(right.mean()), "standard_error": _error(right)}
        if coder.calibrated:
            sure = sures[number]
            taken = sure >= coder.least[number]
            entry["calibration_error"] = calibration_error(sure, right)
            entry["share_sure_enough"] = float(taken.mean())
            entry["accuracy_where_sure"] = float(right[taken].mean()) if taken.any() else None
        found["levels"][coder.hierarchy.levels[number]] = entry
    found["top"] = {str(k): float((place < k).mean()) for k in (1, 3, 5, 10)}
    for name, threshold in coder.thresholds.items():
        inside = sets(probability, threshold, draws(texts))
        covered = inside[np.arange(len(truth)), truth]
        found.setdefault("conformal", {})[name] = {
            "promised": 1 - threshold.error, "covered": float(covered.mean()), "standard_error": _error(covered),
            "mean_size": float(inside.sum(axis=1).mean()), "median_size": float(np.median(inside.sum(axis=1))),
        }  # fmt: skip
    return found


def _error(right: NDArray[np.bool_]) -> float:
    """Return the standard error of a share, above zero also where all or none are right: few texts prove no certainty.

    Source: standard deviation of the posterior under the neutral prior, Beta(1/3, 1/3), of Kerman (2011), Electronic
        Journal of Statistics 5, as for the rates of links.
    """
    hits, misses = float(right.sum()) + 1 / 3, float((~right).sum()) + 1 / 3
    whole = hits + misses
    return float(np.sqrt(hits * misses / (whole**2 * (whole + 1.0))))


def model_card(
    coder: Coder, data: Mapping[str, Any], settings: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the card as plain data.

    Args:
        coder: the model.
        data: where its texts come from, how many, how split, their hash.
        settings: of the training.
        found: measures on texts that it has not seen.
    """
    return {
        "format": FORMAT,
        "kind": "linear" if coder.model is not None else "index",
        "classification": coder.hierarchy.name,
        "levels": list(coder.hierarchy.levels),
        "classes": len(coder.hierarchy.classes),
        "data": dict(data),
        "settings": dict(settings),
        "measures": dict(found),
        "calibrated": coder.calibrated,
        "guarantee": _guarantee(coder),
        "versions": {"lvshu": __version__, "numpy": np.__version__, "scipy": scipy.__version__},
    }


def _guarantee(coder: Coder) -> dict[str, str]:
    if not coder.thresholds:
        return {
            "zh": "没有留出的已知答案（没有，或不同的文本太少），没有任何保证；只作建议",
            "en": "no labelled texts were held out (there are none, or too few different ones): nothing is promised; "
            "suggestions only",
        }
    promise = f"{1 - coder.thresholds['overall'].error:.0%}"
    return {
        "zh": f"与校准样本同样抽取的文本，集合含正确代码的概率不低于{promise}（分割共形，对抽样取平均）；"
        "by_class 对每个门类分别成立，校准样本不足的门类合并后成立。文本来源变了就不再成立，见漂移监测。",
        "en": f"for texts drawn like the calibration sample the set holds the true code with probability at least "
        f"{promise} (split conformal, averaged over draws); by_class: in each section apart, sections with too few "
        "calibration texts together. It no longer holds when the texts change: see drift.",
    }


def as_markdown(card: Mapping[str, Any]) -> str:
    """Return the card for people, in Chinese and English."""
    lines = [
        f"# 模型卡 · Model card: {card['classification']}", "",
        f"- 种类 kind: {card['kind']}; 小类 classes: {card['classes']}; 已校准 calibrated: {card['calibrated']}",
    ]  # fmt: skip
    lines += [f"- {name}: {value}" for name, value in card["data"].items()]
    lines += ["", "## 保证 · Guarantee", "", card["guarantee"]["zh"], "", card["guarantee"]["en"], ""]
    found = card["measures"]
    if found:
        lines += [f"## 准确率 · Accuracy ({found['texts']} texts)", "",
                  "由没有学过这些文本的模型测得；所存模型随后也学了它们，校准与保证用的文本仍未学。",
                  "Measured of a model that had not learned from these texts; the model kept here has learned from "
                  "them since, not from those of its calibration and guarantee.", "",
                  "| level | accuracy | s.e. | calibration error | share sure enough | accuracy where sure |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for level, one in found["levels"].items():
            cells = [one["accuracy"], one["standard_error"], one.get("calibration_error"),
                     one.get("share_sure_enough"), one.get("accuracy_where_sure")]  # fmt: skip
            lines.append(f"| {level} | " + " | ".join("–" if c is None else f"{c:.4f}" for c in cells) + " |")
        lines += ["", "| conformal set | promised | covered | s.e. | mean size |", "|---|---|---|---|---|"]
        for name, one in found.get("conformal", {}).items():
            lines.append(
                f"| {name} | {one['promised']:.3f} | {one['covered']:.4f} | {one['standard_error']:.4f} | "
                f"{one['mean_size']:.2f} |"
            )
    lines += ["", "## 设定与版本 · Settings and versions", ""]
    lines += [f"- {name}: {value}" for name, value in {**card["settings"], **card["versions"]}.items()]
    return "\n".join(lines) + "\n"
