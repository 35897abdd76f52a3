"""The cost of multipliers by sectors, right sides, density and storage: `cost.py FOLDER OUTPUT 1`."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from scipy.sparse import csr_array

from benchmarks.accounts.table import write_table
from lvshu.accounts.methods.kernel import Kernel

SECTORS = (500, 1000, 2000, 4000, 6000, 8000)
RIGHT_SIDES = (1, 10, 50, 200, 1100)
DENSITIES = (0.02, 0.07, 0.2, 0.4)
DENSITY_AT = 4000


def measure(folder: Path, sectors: int, density: float, storages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return one row for each number of right sides and each storage of one table."""
    folder.mkdir()
    write_table(folder, 20, sectors // 20, max(RIGHT_SIDES), density=density)
    use, demand = np.load(folder / "use.npy"), np.load(folder / "demand.npy")
    output, regions = use.sum(axis=1) + demand.sum(axis=1), np.load(folder / "regions.npy")
    intensity = np.load(folder / "stressors.npy") / output
    rows = []
    for storage in storages:
        table = csr_array(use) if storage == "csr" else use
        for count in RIGHT_SIDES:
            before = time.process_time()
            kernel = Kernel(table, output, regions)
            kernel.multipliers(intensity[:count])
            seconds = time.process_time() - before
            solved = kernel.last
            rows.append({
                "sectors": sectors, "rows": count, "density": density, "storage": storage, "way": solved.route.way,
                "iterations": solved.iterations, "residual": solved.residual, "cpu_seconds": seconds,
            })  # fmt: skip
    for path in folder.iterdir():
        path.unlink()
    return rows


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Write the curves as one page."""
    titles = ("CPU seconds by sectors (dense, 20 % filled)", f"CPU seconds by density ({DENSITY_AT} sectors)")
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles)
    for count in RIGHT_SIDES:
        line = [
            row
            for row in rows
            if row["rows"] == count and row["density"] == 0.2 and row["storage"] == "dense"
        ]
        figure.add_scatter(x=[row["sectors"] for row in line], y=[row["cpu_seconds"] for row in line],
                           text=[row["way"] for row in line], name=f"{count} right sides", row=1, col=1)  # fmt: skip
    for storage in ("dense", "csr"):
        for count in (1, 10, 50):
            line = [row for row in rows if row["rows"] == count and row["storage"] == storage
                    and row["sectors"] == DENSITY_AT]  # fmt: skip
            line.sort(key=lambda row: row["density"])
            figure.add_scatter(x=[row["density"] for row in line], y=[row["cpu_seconds"] for row in line],
                               text=[row["way"] for row in line], name=f"{storage}, {count} right sides",
                               line={"dash": "dash" if storage == "csr" else "solid"}, row=1, col=2)  # fmt: skip
    figure.update_xaxes(type="log", title_text="sectors", row=1, col=1)
    figure.update_xaxes(title_text="share of cells filled", row=1, col=2)
    figure.update_yaxes(type="log", title_text="CPU seconds")
    figure.update_layout(template=go.layout.Template(), title_text="lvshu: cost of multipliers from Z and x")
    figure.write_html(path, include_plotlyjs=True)


def main() -> None:
    """Measure everything, write cost.csv and cost.html, print the rows."""
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    measure(folder / "warm", 500, 0.2, ("dense", "csr"))
    rows: list[dict[str, Any]] = []
    for sectors in SECTORS:
        rows += measure(
            folder / str(sectors), sectors, 0.2, ("dense", "csr") if sectors == DENSITY_AT else ("dense",)
        )
    for density in DENSITIES:
        if density != 0.2:
            rows += measure(folder / f"d{density}", DENSITY_AT, density, ("dense", "csr"))
    with (output / "cost.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    draw(rows, output / "cost.html")
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
