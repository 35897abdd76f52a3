"""Persons linked to themselves: lvshu against Splink's defaults, on postcodes of one size and on Zipf-skewed ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark
from benchmarks.records.synthetic import measures, persons, write

SIZES = {
    "small": (20_000, True),
    "full": (300_000, True),
    "even": (1_000_000, False),
    "million": (1_000_000, True),
}
"""Records and whether postcodes are skewed. `million` needs a quarter of an hour and more for the rival alone."""


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write the records of a size with the person of each, and return the dimensions."""
    count, skewed = SIZES[size]
    made = persons(count, skewed=skewed)
    write(made, folder)
    return {"records": count, "postcodes": "Zipf(1.3)" if skewed else "even"}


def agree(ours: Path, rival: Path) -> float:
    """Return by how much the rival is ahead in precision or recall, 0 where it is in neither."""
    person = np.load(ours.parent / "input" / "person.npy")
    told = {}
    for name, side in (("lvshu", ours), ("rival", rival)):
        pairs = np.load(side / "pairs.npy")
        told[name] = measures(person, pairs[0], pairs[1])
    sys.stderr.write(json.dumps(told) + "\n")
    return max(0.0, *(told["rival"][name] - told["lvshu"][name] for name in ("precision", "recall")))


BENCHMARK = Benchmark(
    name="records",
    what="one register of persons from records with slips; the figure of agreement is how far the rival is ahead in "
    "precision or recall",
    rival="Splink 5 (five blocking rules, defaults)",
    requirements=("splink==5.0.0", "duckdb==1.5.6", "pyarrow", "numpy"),
    make_input=make_input,
    agree=agree,
    tolerance=0.002,
    repetitions=1,
    sizes=tuple(SIZES),
)
