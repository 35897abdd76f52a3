"""pymrio's side, with its own functions for each matrix, in the order of its calc_all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymrio
from pymrio.tools.iomath import calc_accounts

from benchmarks.accounts.measure import FULL, WARMED_BELOW, Parts, arguments


def read(source: Path) -> dict[str, pd.DataFrame]:
    """Return the labelled frames that pymrio works on; the arrays are not copied."""
    regions = np.load(source / "regions.npy")
    demand, flows = np.load(source / "demand.npy"), np.load(source / "stressors.npy")
    count = 1 + int(regions.max())
    names = [f"r{i}" for i in range(count)]
    rows = pd.MultiIndex.from_product(
        [names, [f"s{i}" for i in range(len(regions) // count)]], names=["region", "sector"]
    )
    columns = pd.MultiIndex.from_product(
        [names, [f"y{i}" for i in range(demand.shape[1] // count)]], names=["region", "category"]
    )
    return {
        "use": pd.DataFrame(np.load(source / "use.npy"), index=rows, columns=rows, copy=False),
        "demand": pd.DataFrame(demand, index=rows, columns=columns, copy=False),
        "flows": pd.DataFrame(flows, index=[f"f{i}" for i in range(len(flows))], columns=rows, copy=False),
    }


def main() -> None:
    """Run every part, save the results, print the measures."""
    source, target, _ = arguments()
    parts = Parts(1)
    kept: dict[str, Any] = {}

    def step(name: str, work: Any) -> Any:
        return parts.measure("pymrio " + name, work)

    def full() -> None:
        kept.update(step("read", lambda: read(source)))
        kept["output"] = step("calc_x", lambda: pymrio.calc_x(kept["use"], kept["demand"]))
        kept["A"] = step("calc_A", lambda: pymrio.calc_A(kept["use"], kept["output"]))
        kept["L"] = step("calc_L", lambda: pymrio.calc_L(kept["A"]))
        kept["S"] = step("calc_S", lambda: pymrio.calc_S(kept["flows"], kept["output"]))
        kept["M"] = step("calc_M", lambda: pymrio.calc_M(kept["S"], kept["L"]))
        bought = kept["demand"].T.groupby(level="region", sort=False).sum().T
        kept["D"] = step("calc_accounts", lambda: calc_accounts(kept["S"], kept["L"], bought))
        kept["D_imp_reg"] = kept["D"][2].T.groupby(level="region", sort=False).sum().T

    if len(np.load(source / "regions.npy")) < WARMED_BELOW:
        full()
    parts.measure(FULL, full)
    parts.keep_peak()
    for name, result in (
        ("M", kept["M"]), ("D_cba", kept["D"][0]), ("D_pba", kept["D"][1]), ("D_exp", kept["D"][3]),
        ("D_imp_reg", kept["D_imp_reg"]),
    ):  # fmt: skip
        np.save(target / f"{name}.npy", result.to_numpy())
    del kept["D"]
    making = sum(parts.cpu["pymrio " + name][0] for name in ("calc_A", "calc_L"))
    for rows in (1, 10, 50):
        name = f"multipliers of {rows} indicators, from Z and x"
        some = kept["S"].iloc[:rows]
        np.save(
            target / f"M_{rows}.npy", parts.measure(name, lambda some=some: pymrio.calc_M(some, kept["L"]))
        )
        parts.cpu[name] = [making + parts.cpu[name][0]]
    changed = pd.DataFrame(
        np.load(source / "changed_demand.npy"), index=kept["use"].index,
        columns=kept["demand"].columns.get_level_values("region").unique(),
    )  # fmt: skip
    name = "changed final demand of one region: footprints"
    found = parts.measure(name, lambda: calc_accounts(kept["S"], kept["L"], changed))
    footprint = found[0].T.groupby(level="region", sort=False).sum().T
    np.save(target / "changed_footprint.npy", footprint.to_numpy())
    np.save(target / "changed_footprints.npy", footprint.to_numpy())
    parts.cpu["changed final demand of all regions: footprints"] = parts.cpu[name]
    del found
    step("calc_e of a changed final demand (M Y alone)", lambda: pymrio.calc_e(kept["M"], changed))
    new = np.load(source / "changed_coefficients.npy")
    coefficients = kept["A"]
    coefficients.iloc[:, : new.shape[1]] = new
    del kept["use"], kept["L"]
    name = "changed technology of one region: all multipliers"
    found = parts.measure(name, lambda: pymrio.calc_M(kept["S"], pymrio.calc_L(coefficients)))
    np.save(target / "M_changed.npy", found.to_numpy())
    parts.tell(version=pymrio.__version__)


if __name__ == "__main__":
    main()
