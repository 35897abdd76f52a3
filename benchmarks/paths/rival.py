"""pyspa's side, with its own entry point; what it prints on the way is kept from the measures."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspa.pyspa import get_spa

from benchmarks.harness import script_main

FLOW = "carbon_(tCO2)"


def prepare(folder: Path) -> dict[str, Any]:
    """Return the matrix, the sheet of sectors that pyspa asks for, and the limits."""
    given = dict(np.load(folder / "table.npz"))
    limits = json.loads((folder / "limits.json").read_text("utf-8"))
    count = len(given["direct"])
    sheet = pd.DataFrame(
        {
            "Sector ID": range(count),
            "Region": "city",
            "Name": [f"s{i}" for i in range(count)],
            "Unit": "CNY",
            f"DR_{FLOW}": given["direct"],
            f"TR_{FLOW}": given["total"],
        }
    )
    product = int(given["product"])
    cut = limits["share"] * float(given["total"][product])
    matrix, stages = given["coefficients"], limits["stages"]
    return {"matrix": matrix, "sheet": sheet, "product": product, "cut": cut, "stages": stages}


def work(table: dict[str, Any]) -> Any:
    """Return pyspa's supply chain."""
    with contextlib.redirect_stdout(io.StringIO()):
        return get_spa(
            target_ID=table["product"], max_stage=table["stages"], a_matrix=table["matrix"],
            infosheet=table["sheet"], thresholds={"carbon": table["cut"]}, breakdown_remainder=False,
            zero_indexing=True,
        )  # fmt: skip


def save(chain: Any, folder: Path) -> None:
    """Write the paths from product to emitter with the contribution of their last node."""
    found = {}
    for pathway in chain.pathways_list:
        for stage in range(len(pathway.nodes)):
            node = pathway.nodes[stage]
            places = tuple(int(one.get_index_reference()) for one in pathway.nodes[: stage + 1])
            found[places] = float(node.get_intensity("carbon", "direct"))
    (folder / "paths.json").write_text(json.dumps(list(found.items())), encoding="utf-8")


if __name__ == "__main__":
    script_main(prepare, work, save)
