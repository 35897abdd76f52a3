"""lvshu's side: one factorisation or an iteration, and no inverse."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from scipy.linalg.lapack import dgetrf, dgetrs

from benchmarks.accounts.measure import FULL, WARMED_BELOW, Parts, arguments
from lvshu.accounts.methods.kernel import Kernel
from lvshu.accounts.methods.kernel.accounts import (
    RegionalAccounts,
    changed_consumption,
    consumption_by_sector,
    demand_by_region,
    regional_accounts,
    stressor_intensity,
)
from lvshu.accounts.methods.kernel.storage import total_output

Full = tuple[Kernel, np.ndarray, RegionalAccounts, np.ndarray]


def full(source: Path) -> Full:
    """Return multipliers and all accounts, from the files: the table is mapped and never read into memory whole."""
    use = np.load(source / "use.npy", mmap_mode="r")
    demand = np.load(source / "demand.npy")
    regions = np.load(source / "regions.npy")
    output = total_output(use, demand)
    kernel = Kernel(use, output, regions)
    intensity = stressor_intensity(np.load(source / "stressors.npy"), output)
    count = 1 + int(regions.max())
    columns = np.repeat(np.arange(count), demand.shape[1] // count)
    accounts = regional_accounts(
        kernel, intensity, demand, blocks=regions, demand_blocks=columns, output=output
    )
    sectors = np.tile(np.arange(len(output) // count), count)
    bought = demand_by_region(demand, columns, count)
    return kernel, intensity, accounts, consumption_by_sector(accounts.multipliers, bought, sectors)


def bound(count: int, rows: int) -> float:
    """Return the CPU seconds of LAPACK alone: one LU of this size in place and the solves of all stressors."""
    matrix = np.random.default_rng(1).random((count, count)) * (0.5 / count)
    matrix.reshape(-1)[:: count + 1] += 1.0
    sides = np.random.default_rng(2).random((rows, count))
    before = time.process_time()
    factors, pivots, _ = dgetrf(matrix.T, overwrite_a=1)
    dgetrs(factors, pivots, sides.T, overwrite_b=1)
    return time.process_time() - before


def main() -> None:
    """Run every part, save the results, print the measures."""
    source, target, repetitions = arguments()
    parts = Parts(repetitions)
    if len(np.load(source / "regions.npy")) < WARMED_BELOW:
        full(source)
    kernel, intensity, accounts, by_sector = parts.measure(FULL, lambda: full(source))
    parts.keep_peak()
    count = accounts.consumption_by_region.shape[1]
    for name, result in (
        ("M", accounts.multipliers), ("D_cba", by_sector.reshape(len(intensity), -1)), ("D_pba", accounts.production),
        ("D_exp", accounts.exports), ("D_imp_reg", accounts.imports_by_region),
    ):  # fmt: skip
        np.save(target / f"{name}.npy", result)
    use, output, regions = np.load(source / "use.npy"), kernel.output, kernel.blocks
    for rows in (1, 10, 50):
        found = parts.measure(
            f"multipliers of {rows} indicators, from Z and x",
            lambda rows=rows: Kernel(use, output, regions).multipliers(intensity[:rows]),
        )
        np.save(target / f"M_{rows}.npy", found)
    after = np.load(source / "changed_demand.npy")
    demand = np.load(source / "demand.npy").reshape(len(output), count, -1).sum(axis=2)
    before = accounts.consumption_by_region
    found = parts.measure(
        "changed final demand of one region: footprints",
        lambda: changed_consumption(accounts.multipliers, before, demand, after),
    )
    np.save(target / "changed_footprint.npy", found)
    found = parts.measure(
        "changed final demand of all regions: footprints", lambda: accounts.multipliers @ after
    )
    np.save(target / "changed_footprints.npy", found)
    columns, new = np.flatnonzero(regions == 0), np.load(source / "changed_coefficients.npy")
    found = parts.measure(
        "changed technology of one region: all multipliers",
        lambda: kernel.changed(columns, new).multipliers_from(intensity, accounts.multipliers),
    )
    np.save(target / "M_changed.npy", found)
    least = bound(len(output), len(intensity))
    parts.tell(lu_bound=least, over_lu_bound=min(parts.cpu[FULL]) / least, regions=count)


if __name__ == "__main__":
    main()
