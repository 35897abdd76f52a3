"""Labels of loans: 100,000 loans through the whole desk; whole phrases in 100,000 texts against rapidfuzz."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import HOME, Benchmark, run_side
from lvshu.catalog.pack_library import PackLibrary
from lvshu.finance.methods.label_text import title_phrases
from lvshu.sample.label_texts import GREEN_TEXTS, MISLEADING

TEXTS = {"small": 10_000, "full": 100_000}
DETAILS = ("由{}号车间使用", "项目编号{}", "位于{}号地块", "第{}期", "合同{}号")


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write phrases of the green catalogue of 2021 and as many distinct purpose texts as the size says."""
    titles = [
        str(row["name_zh"])
        for row in PackLibrary.load(None)["green_bond_catalogue_2021"].rows
        if int(str(row["level"])) == 4
    ]
    phrases = sorted({phrase.words for phrase in title_phrases(titles)})
    given = [text for texts in GREEN_TEXTS.values() for text in texts] + list(MISLEADING)
    given += [f"用于{title}项目" for title in titles] + ["日常经营周转，采购原材料", "票据贴现，用于支付货款"]
    random = np.random.default_rng(20210913)
    texts = []
    for number in range(TEXTS[size]):
        first, second = random.integers(0, len(given), 2)
        detail = DETAILS[number % len(DETAILS)].format(number)
        texts.append(f"{given[first]}，{detail}。" + (f"另{given[second]}。" if number % 4 == 0 else ""))
    content = json.dumps({"phrases": phrases, "texts": texts}, ensure_ascii=False)
    (folder / "texts.json").write_text(content, encoding="utf-8")
    return {"texts": len(texts), "phrases": len(phrases)}


def agree(ours: Path, rival: Path) -> float:
    """Return the share of texts on which the two differ: whether a whole phrase stands in the text."""
    first, second = (np.load(folder / "found.npy") for folder in (ours, rival))
    return float((first != second).mean())


def whole(output: Path) -> dict[str, Any]:
    """Return seconds and peak memory of all label steps on 100,000 loans of the sample city, and how right they are."""
    with tempfile.TemporaryDirectory() as place:
        measured = run_side(
            sys.executable, HOME / "labels" / "whole.py", Path(place), Path(place), 1, pin_threads=True
        )
    lines = [
        f"labels (whole): {measured['loans']} loans, {measured['texts']} distinct texts, "
        f"{measured['candidates']} candidates, wall {measured['wall_seconds']:.1f} s  "
        f"cpu {measured['cpu_seconds']:.1f} s  peak {measured['peak_memory_mb']:.0f} MB"
    ]
    lines += [f"  {step:<32} {seconds:7.2f} s" for step, seconds in measured["steps"].items()]
    lines += [f"  {name}: {value}" for name, value in measured["quality"].items()]
    return {"name": "labels", "size": "whole", **measured, "text": "\n".join(lines)}


BENCHMARK = Benchmark(
    name="labels",
    what="which of many purpose texts hold a whole phrase of the green catalogue",
    rival="rapidfuzz 3.14 (partial_ratio of every phrase and text, on all cores)",
    requirements=("rapidfuzz==3.14.3", "numpy"),
    make_input=make_input,
    agree=agree,
    tolerance=0.0,
    pin_threads=True,
    alone={"whole": whole},
)
