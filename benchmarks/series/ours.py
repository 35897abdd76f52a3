"""lvshu's side: each series by one sparse system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.statistics.series.benchmark import benchmark
from lvshu.statistics.series.time_series import TimeSeries


def prepare(folder: Path) -> dict[str, Any]:
    """Return the arrays of the input."""
    return dict(np.load(folder / "series.npz"))


def work(given: dict[str, Any]) -> np.ndarray:
    """Return the benchmarked series."""
    return np.array(
        [
            benchmark(TimeSeries("b", "year", 1900, b), TimeSeries("p", "month", 1900 * 12, p)).values
            for p, b in zip(given["p"], given["b"], strict=True)
        ]
    )


def save(result: np.ndarray, folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.save(folder / "result.npy", result)


if __name__ == "__main__":
    script_main(prepare, work, save)
