"""Stocks of many products with one lifetime: lvshu's stock model against flodym."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Benchmark

YEARS = {"small": 101, "full": 201}
PRODUCTS = {"small": 200, "full": 2000}
MEAN, DEVIATION = 30.0, 10.0


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write a growing inflow of every product, seeded, and return the dimensions."""
    years, products = YEARS[size], PRODUCTS[size]
    generator = np.random.default_rng(20211022)
    growth = 1.0 + generator.normal(0.02, 0.01, products)
    inflow = growth ** np.arange(years)[:, None] * generator.lognormal(0.0, 0.1, (years, products))
    np.savez(folder / "inflow.npz", inflow=inflow, mean=MEAN, deviation=DEVIATION)
    return {"years": years, "products": products, "lifetime classes": 1}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest difference of stocks, outflows and inflows found, relative to the largest value of each."""
    first, second = np.load(ours / "result.npz"), np.load(rival / "result.npz")
    return max(
        float(np.abs(first[name] - second[name]).max() / np.abs(second[name]).max())
        for name in ("stock", "outflow", "inflow_again", "outflow_again")
    )


BENCHMARK = Benchmark(
    name="stocks",
    what="inflow to stock and outflow, and that stock back to inflow and outflow; lognormal lifetime",
    rival="flodym 1.1 (InflowDrivenDSM, StockDrivenDSM)",
    requirements=("flodym==1.1.0",),
    make_input=make_input,
    agree=agree,
    tolerance=1e-10,
)
