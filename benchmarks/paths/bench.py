"""Structural paths of one product: lvshu's exact bounds against pyspa."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark

SECTORS = {"small": 287, "full": 1435}
SHARE = 1e-4
STAGES = 30


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write coefficients, direct and total intensities of a productive economy, seeded; return its dimensions."""
    count = SECTORS[size]
    generator = np.random.default_rng(20210913)
    use = generator.lognormal(0.0, 2.5, (count, count)) * (generator.random((count, count)) < 0.2)
    coefficients = use / use.sum(axis=0) * generator.uniform(0.3, 0.7, count)
    direct = generator.lognormal(0.0, 1.5, count)
    total = np.linalg.solve((np.eye(count) - coefficients).T, direct)
    product = int(np.argsort(direct / total)[count // 4])
    np.savez(folder / "table.npz", coefficients=coefficients, direct=direct, total=total, product=product)
    (folder / "limits.json").write_text(json.dumps({"share": SHARE, "stages": STAGES}), encoding="utf-8")
    return {"sectors": count, "cut as share of the footprint": SHARE}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest relative difference of a path's contribution; infinite where the paths differ."""
    first, second = (
        {tuple(path): amount for path, amount in json.loads((folder / "paths.json").read_text("utf-8"))}
        for folder in (ours, rival)
    )
    if set(first) != set(second):
        return float("inf")
    return max(abs(first[path] - second[path]) / abs(second[path]) for path in second)


BENCHMARK = Benchmark(
    name="paths",
    what="all branches of one product's supply chain that carry at least 0.01 % of its footprint",
    rival="pyspa 2.4 (get_spa, without remainders)",
    requirements=("pyspa==2.4",),
    make_input=make_input,
    agree=agree,
    tolerance=1e-10,
)
