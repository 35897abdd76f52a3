"""lvshu's side: one survival matrix for the class, two products of matrices, one triangular solve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.accounts.methods.circulation.lifetimes import lifetime, survival_matrix
from lvshu.accounts.methods.circulation.stocks import inflow_driven, stock_driven


def prepare(folder: Path) -> dict[str, Any]:
    """Return the arrays of the input."""
    return dict(np.load(folder / "inflow.npz"))


def work(given: dict[str, Any]) -> dict[str, Any]:
    """Return stock and outflow of the inflow, and inflow and outflow of that stock."""
    inflow = given["inflow"]
    lasting = lifetime("lognormal", mean=given["mean"], deviation=given["deviation"])
    shares = survival_matrix(lasting, len(inflow), entry_age=0.5)
    forward = inflow_driven(shares, inflow)
    back = stock_driven(shares, forward.stock)
    return {
        "stock": forward.stock, "outflow": forward.outflow,
        "inflow_again": back.inflow, "outflow_again": back.outflow,
    }  # fmt: skip


def save(result: dict[str, Any], folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.savez(folder / "result.npz", **result)


if __name__ == "__main__":
    script_main(prepare, work, save)
