"""Accounts of many regions: lvshu's kernel against pymrio, on a synthetic table of the size of EXIOBASE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accounts.alone import curve, large
from benchmarks.accounts.table import WANTED, write_table
from benchmarks.harness import Benchmark

COMPARED = (
    "M",
    "D_cba",
    "D_pba",
    "D_exp",
    "D_imp_reg",
    "M_1",
    "M_10",
    "M_50",
    "changed_footprint",
    "M_changed",
)


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write a table with a changed demand and a changed technology of its first region; return the dimensions."""
    regions, sectors, stressors = WANTED[{"small": 1435, "full": 9800}.get(size) or int(size)]
    described = write_table(folder, regions, sectors, stressors)
    use, demand = np.load(folder / "use.npy", mmap_mode="r"), np.load(folder / "demand.npy")
    output = np.asarray(use.sum(axis=1)) + demand.sum(axis=1)
    generator = np.random.default_rng(7)
    count = regions * sectors
    changed = demand.reshape(count, regions, -1).sum(axis=2)
    changed[:, 0] *= generator.uniform(0.8, 1.2, count)
    np.save(folder / "changed_demand.npy", changed)
    new = use[:, :sectors] / output[:sectors] * generator.uniform(0.6, 1.0, (count, sectors))
    np.save(folder / "changed_coefficients.npy", new)
    return described


def agree(ours: Path, rival: Path) -> float:
    """Return the largest difference of every result, relative to the largest value of each."""
    worst = 0.0
    for name in COMPARED:
        first, second = (np.load(folder / f"{name}.npy", mmap_mode="r") for folder in (ours, rival))
        worst = max(worst, float(np.abs(first - second).max() / np.abs(second).max()))
    return worst


BENCHMARK = Benchmark(
    name="accounts",
    what="multipliers, D_cba, D_pba, D_exp by sector, D_imp by region; few indicators; changed demand and technology",
    rival="pymrio 0.7 (calc_x, calc_A, calc_L, calc_S, calc_M, calc_accounts)",
    requirements=("pymrio==0.7.0",),
    make_input=make_input,
    agree=agree,
    tolerance=1e-10,
    pin_threads=True,
    sizes=("small", "full", "1435", "4900", "9800"),
    alone={"14364": large, "curve": curve},
)
