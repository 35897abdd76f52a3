"""Multipliers and footprints of an input-output table: lvshu's accounts kernel against pymrio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark

SECTORS = {"small": 800, "full": 4000}
STRESSORS = 20
CATEGORIES = 7


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write a balanced table of a productive economy, seeded, and return its dimensions."""
    count = SECTORS[size]
    generator = np.random.default_rng(20210913)
    use = generator.lognormal(0.0, 2.0, (count, count)) * (generator.random((count, count)) < 0.3)
    demand = generator.lognormal(6.0, 1.0, (count, CATEGORIES))
    output = use.sum(axis=1) + demand.sum(axis=1)
    spent = use.sum(axis=0)
    use *= np.minimum(1.0, 0.75 * output / np.maximum(spent, 1e-9))[None, :]
    output = use.sum(axis=1) + demand.sum(axis=1)
    emission = generator.lognormal(0.0, 1.5, (STRESSORS, count))
    np.savez(folder / "table.npz", use=use, demand=demand, output=output, emission=emission)
    return {"sectors": count, "stressors": STRESSORS, "final demand categories": CATEGORIES}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest difference of multipliers and footprints, relative to the largest value of each."""
    first, second = np.load(ours / "result.npz"), np.load(rival / "result.npz")
    return max(
        float(np.abs(first[name] - second[name]).max() / np.abs(second[name]).max())
        for name in ("multipliers", "footprint")
    )


BENCHMARK = Benchmark(
    name="footprint",
    what="multipliers of every stressor and footprints by final demand category",
    rival="pymrio 0.7 (calc_A, calc_L, calc_S, calc_M)",
    requirements=("pymrio>=0.6,<0.8",),
    make_input=make_input,
    agree=agree,
    tolerance=1e-10,
)
