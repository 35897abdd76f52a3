"""A synthetic table of many regions, of the size of EXIOBASE or of China's inter-city tables, as .npy files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

SEED = 20210913
CATEGORIES = 7
FOREIGN_SHARE = 0.2
WANTED = {1435: (41, 35, 50), 4900: (49, 100, 1100), 9800: (49, 200, 1100), 14364: (342, 42, 1100)}


def write_table(
    folder: Path, regions: int, sectors: int, stressors: int, *, density: float = 0.2, split: bool = True
) -> dict[str, Any]:
    """Write use.npy, demand.npy, stressors.npy and regions.npy; return the dimensions.

    Inputs take 30 to 70 % of output; a fifth of them comes from other regions; x = y + A x by iteration.
    """
    count = regions * sectors
    generator = np.random.default_rng(SEED)
    home = np.repeat(np.arange(regions), sectors)
    use = np.lib.format.open_memmap(folder / "use.npy", mode="w+", dtype=np.float64, shape=(count, count))
    local, total = np.zeros(count), np.zeros(count)
    for region in range(regions):
        rows = slice(region * sectors, (region + 1) * sectors)
        block = generator.random((sectors, count))
        block[block > density] = 0.0
        block **= 2
        local[rows] = block[:, rows].sum(axis=0)
        total += block.sum(axis=0)
        use[rows] = block
    inputs = generator.uniform(0.3, 0.7, count)
    foreign = inputs * (FOREIGN_SHARE if regions > 1 else 0.0) / np.maximum(total - local, 1e-12)
    own = inputs * (1.0 - FOREIGN_SHARE if regions > 1 else 1.0) / np.maximum(local, 1e-12)
    for region in range(regions):
        rows = slice(region * sectors, (region + 1) * sectors)
        use[rows] *= np.where(home == region, own, foreign)
    bought = generator.lognormal(4.0, 1.0, count)
    output = bought.copy()
    for _ in range(80):
        output = bought + use @ output
    for region in range(regions):
        use[region * sectors : (region + 1) * sectors] *= output
    use.flush()
    columns = regions * CATEGORIES if split else regions
    demand = generator.random((count, columns))
    demand *= np.where(np.repeat(np.arange(regions), columns // regions) == home[:, None], 4.0 * regions, 1.0)
    demand *= (bought / demand.sum(axis=1))[:, None]
    np.save(folder / "demand.npy", demand)
    flows = np.lib.format.open_memmap(
        folder / "stressors.npy", mode="w+", dtype=np.float64, shape=(stressors, count)
    )
    for row in range(stressors):
        flows[row] = generator.lognormal(0.0, 1.5, count) * (generator.random(count) < 0.5)
    flows.flush()
    np.save(folder / "regions.npy", home)
    return {"sectors": count, "regions": regions, "stressors": stressors, "density": density,
            "final demand columns": columns}  # fmt: skip
