"""lvshu's side: whole waves of the tree at a time, inputs ranked by what hangs on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.accounts.methods.structure.paths import PathLimits, StructuralPaths, structural_paths


def prepare(folder: Path) -> dict[str, Any]:
    """Return the arrays of the input and the limits."""
    given = dict(np.load(folder / "table.npz"))
    limits = json.loads((folder / "limits.json").read_text("utf-8"))
    demand = np.zeros(len(given["direct"]))
    demand[int(given["product"])] = 1.0
    return {**given, "demand": demand, "limits": PathLimits(cut_share=limits["share"])}


def work(table: dict[str, Any]) -> StructuralPaths:
    """Return the paths."""
    return structural_paths(
        table["coefficients"], table["direct"], table["total"], table["demand"], table["limits"]
    )


def save(found: StructuralPaths, folder: Path) -> None:
    """Write every node whose branch is above the cut, as the rival lists them."""
    every = [(found.path(node), float(found.direct[node])) for node in range(len(found.sector))]
    (folder / "paths.json").write_text(json.dumps(every), encoding="utf-8")


if __name__ == "__main__":
    script_main(prepare, work, save)
