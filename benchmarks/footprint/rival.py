"""pymrio's side, with its own functions for each matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymrio

from benchmarks.harness import script_main


def prepare(folder: Path) -> dict[str, Any]:
    """Return the input as the labelled frames that pymrio works on."""
    given = np.load(folder / "table.npz")
    labels = pd.MultiIndex.from_product([["city"], [f"s{i}" for i in range(len(given["output"]))]])
    return {
        "use": pd.DataFrame(given["use"], index=labels, columns=labels),
        "demand": pd.DataFrame(given["demand"], index=labels),
        "output": pd.DataFrame(given["output"], index=labels, columns=["indout"]),
        "emission": pd.DataFrame(given["emission"], columns=labels),
    }


def work(table: dict[str, Any]) -> dict[str, Any]:
    """Return multipliers (stressors, sectors) and footprints (stressors, categories)."""
    coefficients = pymrio.calc_A(table["use"], table["output"])
    inverse = pymrio.calc_L(coefficients)
    intensity = pymrio.calc_S(table["emission"], table["output"])
    multipliers = pymrio.calc_M(intensity, inverse)
    return {"multipliers": multipliers.to_numpy(), "footprint": (multipliers @ table["demand"]).to_numpy()}


def save(result: dict[str, Any], folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.savez(folder / "result.npz", **result)


if __name__ == "__main__":
    script_main(prepare, work, save)
