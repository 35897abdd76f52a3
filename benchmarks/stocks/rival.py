"""flodym's side: its own stock classes, one after the other, so that only one holds its cohorts at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from flodym import Dimension, DimensionSet, InflowDrivenDSM, LogNormalLifetime, StockArray, StockDrivenDSM

from benchmarks.harness import script_main


def prepare(folder: Path) -> dict[str, Any]:
    """Return the input with flodym's dimensions."""
    given = dict(np.load(folder / "inflow.npz"))
    years, products = given["inflow"].shape
    given["dims"] = DimensionSet(
        dim_list=[
            Dimension(name="time", letter="t", items=list(range(1900, 1900 + years)), dtype=int),
            Dimension(name="product", letter="p", items=[f"p{i}" for i in range(products)], dtype=str),
        ]
    )
    return given


def work(given: dict[str, Any]) -> dict[str, Any]:
    """Return stock and outflow of the inflow, and inflow and outflow of that stock."""
    dims = given["dims"]

    def lasting() -> LogNormalLifetime:
        return LogNormalLifetime(dims=dims, mean=float(given["mean"]), std=float(given["deviation"]))

    forward = InflowDrivenDSM(
        dims=dims, lifetime_model=lasting(), inflow=StockArray(dims=dims, values=given["inflow"])
    )
    forward.compute()
    stock, outflow = forward.stock.values.copy(), forward.outflow.values.copy()
    del forward
    back = StockDrivenDSM(dims=dims, lifetime_model=lasting(), stock=StockArray(dims=dims, values=stock))
    back.compute()
    return {
        "stock": stock, "outflow": outflow,
        "inflow_again": back.inflow.values.copy(), "outflow_again": back.outflow.values.copy(),
    }  # fmt: skip


def save(result: dict[str, Any], folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.savez(folder / "result.npz", **result)


if __name__ == "__main__":
    script_main(prepare, work, save)
