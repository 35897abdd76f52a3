"""Banff's side: errorloc, called as its guide has it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import banff
import numpy as np
import pyarrow as pa

from benchmarks.harness import script_main

LIMIT = 5.0
"""Seconds that Banff may take for one record; what it gives up is not compared."""


def prepare(folder: Path) -> Any:
    """Return the records as a table, and the edits."""
    given = json.loads((folder / "banff.json").read_text("utf-8"))
    records = np.load(folder / "filed.npy")
    columns = {name: records[:, place] for place, name in enumerate(given["names"])}
    keys = [f"R{number:08d}" for number in range(len(records))]
    return pa.table({"IDENT": keys, **columns}), given


def work(given: Any) -> Any:
    """Return what is flagged to be imputed."""
    table, rules = given
    with contextlib.redirect_stdout(io.StringIO()):
        call = banff.errorloc(
            indata=table, edits=rules["edits"], weights="turnover=2; costs=2;", unit_id="IDENT",
            accept_negative=True, time_per_obs=LIMIT, seed=1,
        )  # fmt: skip
    return call.outstatus, call.outreject, len(table)


def save(found: Any, folder: Path) -> None:
    """Write the weight of each record's flagged set."""
    status, rejected, count = found
    weight = np.zeros(count)
    for key, name in zip(
        status.column("IDENT").to_pylist(), status.column("FIELDID").to_pylist(), strict=True
    ):
        weight[int(key[1:])] += 2.0 if name.lower() in ("turnover", "costs") else 1.0
    for key in [] if rejected is None else rejected.column("IDENT").to_pylist():
        weight[int(key[1:])] = np.nan
    np.save(folder / "weight.npy", weight)


if __name__ == "__main__":
    script_main(prepare, work, save)
