"""lvshu's side: one factorisation, one transposed solve; the inverse is never formed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.accounts.methods.leontief import input_coefficients, leontief_model, total_intensity


def prepare(folder: Path) -> dict[str, Any]:
    """Return the arrays of the input."""
    return dict(np.load(folder / "table.npz"))


def work(table: dict[str, Any]) -> dict[str, Any]:
    """Return multipliers (stressors, sectors) and footprints (stressors, categories)."""
    model = leontief_model(input_coefficients(table["use"], table["output"]))
    multipliers = total_intensity(model, (table["emission"] / table["output"]).T).T
    return {"multipliers": multipliers, "footprint": multipliers @ table["demand"]}


def save(result: dict[str, Any], folder: Path) -> None:
    """Write the result where the comparison reads it."""
    np.savez(folder / "result.npz", **result)


if __name__ == "__main__":
    script_main(prepare, work, save)
