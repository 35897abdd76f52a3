"""What only lvshu is asked: coverage over many splits, retrieval without labels, speed, corrected shares."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coding.data import ICT, LEVELS, british_index, reference_split, shared
from lvshu.catalog.pack_library import PackLibrary
from lvshu.statistics.coding.coder import Coder, answer, answer_listed
from lvshu.statistics.coding.drawing import NEAR
from lvshu.statistics.coding.evidence import NAMES, deciding_words, lexicon_of
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.knowledge import title_entries, titles
from lvshu.statistics.coding.methods.conformal import draws, fit_threshold, sets
from lvshu.statistics.coding.methods.misclassification import Audit, difference_estimate
from lvshu.statistics.coding.methods.retrieval import ranks
from lvshu.statistics.coding.training import Settings, train, without_labels


def _trained() -> tuple[Coder, np.ndarray, np.ndarray]:
    texts, codes = british_index()
    learned = reference_split(len(texts))
    hierarchy = Hierarchy.by_prefix("uksic2007", codes, LEVELS)
    coder = train(texts[learned].tolist(), codes[learned].tolist(), hierarchy, Settings(test_share=0.0))
    return coder, texts[~learned], codes[~learned]


def coverage(folder: Path) -> dict[str, Any]:
    """Return coverage on the test part, and over 100 draws of which texts calibrate and which are tested."""
    coder, texts, codes = _trained()
    truth = coder.hierarchy.numbers(codes.tolist())
    probability = coder.probabilities(coder.prepared(texts.tolist()))
    draw = draws(coder.prepared(texts.tolist()))
    random, lines = (
        np.random.default_rng(1),
        ["coding (coverage): conformal sets, UK SIC index, promised 0.9"],
    )
    for name, threshold in coder.thresholds.items():
        inside = sets(probability, threshold, draw)
        hit = inside[np.arange(len(truth)), truth]
        lines.append(f"  {name}: covered {hit.mean():.4f}, mean size {inside.sum(axis=1).mean():.1f}")
    group = coder.hierarchy.above[-1]
    for name, by in (("overall", None), ("by_class", group)):
        found, size = [], []
        for _ in range(100):
            order = random.permutation(len(truth))
            half = order[: len(order) // 2], order[len(order) // 2 :]
            threshold = fit_threshold(probability[half[0]], truth[half[0]], 0.1, by)
            inside = sets(probability[half[1]], threshold, draw[half[1]])
            found.append(inside[np.arange(len(half[1])), truth[half[1]]].mean())
            size.append(inside.sum(axis=1).mean())
        lines.append(
            f"  {name}, 100 random halves: mean {np.mean(found):.4f}, spread {np.std(found, ddof=1):.4f}, "
            f"mean size {np.mean(size):.1f}"
        )
    return {"name": "coding", "size": "coverage", "text": "\n".join(lines)}


def chinese(folder: Path) -> dict[str, Any]:
    """Return how often a class's note finds its title among all titles, and among those of classes with a note."""
    with (shared() / "gbt4754_2017_with_notes.csv").open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["level"] == "4" and row["note"]]
    library = PackLibrary.load(None)
    hierarchy, names = Hierarchy.of_pack(library), titles(library)
    rows = [row for row in rows if row["code"] in names]
    notes = [row["note"] for row in rows]
    coder = without_labels(title_entries(hierarchy, names), hierarchy, notes)
    truth = hierarchy.numbers([row["code"] for row in rows])
    scores = coder.cosines(coder.prepared(notes))
    noted = np.zeros(len(hierarchy.classes), dtype=bool)
    noted[truth] = True
    lines = [f"coding (chinese): {len(rows)} notes of GB/T 4754-2017 against titles, no labels"]
    for name, kept in (("classes with a note", noted), ("all classes", np.ones_like(noted))):
        restricted = np.where(kept, scores, -1.0)
        place = ranks(restricted, truth)
        tops = ", ".join(f"top-{k} {(place < k).mean():.4f}" for k in (1, 3, 5, 10))
        division = (hierarchy.above[2][restricted.argmax(axis=1)] == hierarchy.above[2][truth]).mean()
        lines.append(f"  {int(kept.sum())} {name}: {tops}; division {division:.4f}")
    return {"name": "coding", "size": "chinese", "text": "\n".join(lines)}


def speed(folder: Path) -> dict[str, Any]:
    """Return texts a CPU second: 250,000 phrases of the British index, 250,000 made of Chinese titles."""
    coder, texts, _ = _trained()
    many = np.resize(texts, 250_000).tolist()
    lines = [
        "coding (speed): answers with calibrated probability, back-off and set, texts a CPU second; "
        "and with ten candidates and the words that decided"
    ]
    lines.append(f"  UK SIC, 729 classes: {_timed(coder, many)}")
    library = PackLibrary.load(None)
    hierarchy, names = Hierarchy.of_pack(library), titles(library)
    random = np.random.default_rng(3)
    codes = random.choice(hierarchy.classes, 250_000).tolist()
    scopes = [f"{names[code]}{random.integers(0, 9_999)}号" for code in codes]
    chinese_coder = train(scopes[:20_000], codes[:20_000], hierarchy, Settings(test_share=0.0))
    lexicon = lexicon_of(library[NAMES].rows)
    lines.append(f"  GB/T 4754, 1,381 classes: {_timed(chinese_coder, scopes, lexicon)}")
    return {"name": "coding", "size": "speed", "text": "\n".join(lines)}


def _timed(coder: Coder, texts: list[str], lexicon: frozenset[str] = frozenset()) -> str:
    before = time.process_time()
    answer(coder, texts)
    bare = time.process_time()
    found, _ = answer_listed(coder, texts, most=10)
    deciding_words(coder, texts, found.best.tolist(), lexicon)
    whole = time.process_time() - bare
    return f"{len(texts) / (bare - before):,.0f}; with evidence {len(texts) / whole:,.0f}"


def share(folder: Path) -> dict[str, Any]:
    """Return the share of ICT as coded and corrected by 1,000 audits, by two designs and two sizes."""
    coder, texts, codes = _trained()
    probability = coder.probabilities(coder.prepared(texts.tolist()))
    listed = np.isin(np.array(coder.hierarchy.classes).astype("U3"), ICT)
    true, said = (
        np.isin(codes.astype("U3"), ICT).astype(np.int64),
        listed[probability.argmax(axis=1)].astype(np.int64),
    )
    near = (said == 0) & (probability[:, listed].sum(axis=1) >= NEAR)
    lines = [
        f"coding (share): ICT sector in {len(true)} test phrases, true {true.mean():.4f}, as coded {said.mean():.4f} "
        f"({said.sum() / true.sum() - 1:+.1%}); corrected by 1,000 audits of about 300 and 600"
    ]
    for name, stratum in (
        ("coded in or out", said),
        ("coded in, near, far", np.where(said == 1, 0, np.where(near, 1, 2))),
    ):
        lines += [_audited(name, true, said, stratum, audits) for audits in (300, 600)]
    return {"name": "coding", "size": "share", "text": "\n".join(lines)}


def _audited(name: str, true: np.ndarray, said: np.ndarray, stratum: np.ndarray, audits: int) -> str:
    random, total = np.random.default_rng(4), np.bincount(said, minlength=2).astype(float)
    units = np.bincount(stratum).astype(float)
    sizes = [min(audits // len(units), int(count) * 2 // 3) for count in units]
    found = []
    for _ in range(1_000):
        chosen = [
            random.choice(np.flatnonzero(stratum == part), size, replace=False)
            for part, size in enumerate(sizes)
        ]
        rows = np.concatenate(chosen)
        audit = Audit(true[rows], said[rows], np.ones(len(rows)), stratum[rows], units, 2)
        one = difference_estimate(total, audit, np.zeros((0, len(rows))))
        found.append((one.value[1], one.standard_error[1]))
    value, error = np.array(found).T / len(true)
    covered = (np.abs(value - true.mean()) <= 1.959963984540054 * error).mean()
    return (
        f"  strata {name} ({sizes} of {units.astype(int).tolist()}): mean {value.mean():.4f} "
        f"({value.mean() / true.mean() - 1:+.2%}), standard error stated {error.mean():.5f}, found "
        f"{value.std(ddof=1):.5f}, 95 % intervals cover {covered:.3f}"
    )
