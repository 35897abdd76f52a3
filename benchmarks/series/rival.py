"""statsmodels' side: dentonm, series by series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from statsmodels.tsa.interp import dentonm

from benchmarks.harness import script_main


def prepare(folder: Path) -> dict[str, Any]:
    """Return the arrays of the input."""
    return dict(np.load(folder / "series.npz"))


def work(given: dict[str, Any]) -> np.ndarray:
    """Return the benchmarked series."""
    return np.array(
        [dentonm(p, b, freq="other", k=12).ravel() for p, b in zip(given["p"], given["b"], strict=True)]
    )


def save(result: np.ndarray, folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.save(folder / "result.npy", result)


if __name__ == "__main__":
    script_main(prepare, work, save)
