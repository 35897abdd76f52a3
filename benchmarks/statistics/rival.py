"""The rival's side: svy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import svy

from benchmarks.statistics.parts import main


def prepare(folder: Path) -> dict[str, Any]:
    """Return the columns as a data frame, and the totals."""
    with np.load(folder / "sample.npz") as kept:
        columns = {name: kept[name] for name in kept.files}
    frame = {name: columns[name] for name in ("unit", "stratum", "district", "kind", "weight", "value")}
    return {"frame": pl.DataFrame(frame), **columns}


def design(given: dict[str, Any]) -> None:
    """Make the design."""
    given["sample"] = svy.Sample(given["frame"], svy.Design(stratum="stratum", psu="unit", wgt="weight"))


def _put(given: dict[str, Any], estimate: Any) -> None:
    table = estimate.to_polars()
    given["found"] += [*table["est"].to_list(), *table["se"].to_list()]


def mean(given: dict[str, Any]) -> None:
    """Estimate the mean."""
    _put(given, given["sample"].estimation.mean("value"))


def total(given: dict[str, Any]) -> None:
    """Estimate the total."""
    _put(given, given["sample"].estimation.total("value"))


def by_district(given: dict[str, Any]) -> None:
    """Estimate the means of districts."""
    table = given["sample"].estimation.mean("value", by="district").to_polars().sort("district")
    given["found"] += [*table["est"].to_list(), *table["se"].to_list()]


def rake(given: dict[str, Any]) -> None:
    """Rake to the margins."""
    controls = {
        "district": dict(enumerate(given["district_totals"].tolist())),
        "kind": dict(enumerate(given["kind_totals"].tolist())),
    }
    given["raked"] = given["sample"].weighting.rake(
        controls=controls, tol=1e-11, max_iter=500, wgt_name="raked"
    )


def raked_total(given: dict[str, Any]) -> None:
    """Estimate the total with the raked weights."""
    _put(given, given["raked"].estimation.total("value"))


if __name__ == "__main__":
    main(
        prepare,
        [("design", design), ("mean", mean), ("total", total), ("districts", by_district), ("raking", rake),
         ("raked total", raked_total)],
    )  # fmt: skip
