"""Survey estimates and raking of a million records against svy; and coverage of intervals by repeated samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark
from benchmarks.statistics import coverage, work_records

RECORDS = {"small": 100_000, "full": 1_000_000}
STRATA, UNITS, DOMAINS, CLASSES = 200, 20_000, 16, 5


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write records in strata and clusters, with 16 districts and 5 classes whose totals are known."""
    draw = np.random.default_rng(2026)
    n = RECORDS[size]
    unit = np.sort(draw.integers(0, UNITS, n))
    stratum = unit * STRATA // UNITS
    district, kind = draw.integers(0, DOMAINS, n), draw.integers(0, CLASSES, n)
    weight = draw.uniform(5.0, 40.0, n)
    value = draw.gamma(4.0, 1500.0, n) * (1 + 0.02 * district)
    moved = weight * (1 + 0.02 * district - 0.03 * kind) * draw.uniform(0.9, 1.1, n)
    np.savez(
        folder / "sample.npz", unit=unit, stratum=stratum, district=district, kind=kind, weight=weight, value=value,
        district_totals=np.bincount(district, weights=moved), kind_totals=np.bincount(kind, weights=moved),
    )  # fmt: skip
    return {"records": n, "strata": STRATA, "clusters": int(np.unique(unit).size), "districts": DOMAINS}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest relative difference of estimates and standard errors, but for the raked total's error.

    svy, as R's rake, takes unweighted means of the margins in the residuals of that error; here the regression is
    weighted by the design, as in Deville & Särndal (1992). Where weights are equal the two are the same.
    """
    first, second = (np.load(folder / "found.npy")[:-1] for folder in (ours, rival))
    return float(np.abs(first / second - 1.0).max())


BENCHMARK = Benchmark(
    name="statistics",
    what="mean, total, means of 16 districts, raking to 16 + 5 totals, and the raked total with its error",
    rival="svy 0.35.0 (Rust core)",
    requirements=("svy==0.35.0",),
    make_input=make_input,
    agree=agree,
    tolerance=1e-9,
    pin_threads=True,
    alone={
        "coverage": coverage.run,
        "work-records": work_records.whole,
        "work-records-tenth": work_records.tenth,
    },
)
