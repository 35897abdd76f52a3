"""lvshu's side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.statistics.parts import main
from lvshu.statistics import survey


def prepare(folder: Path) -> dict[str, Any]:
    """Return the columns."""
    with np.load(folder / "sample.npz") as kept:
        return {name: kept[name] for name in kept.files}


def design(given: dict[str, Any]) -> None:
    """Make the design."""
    given["design"] = survey.design(given["weight"], strata=given["stratum"], clusters=given["unit"])


def mean(given: dict[str, Any]) -> None:
    """Estimate the mean."""
    found = survey.mean(given["design"], given["value"])
    given["found"] += [found.value, found.standard_error]


def total(given: dict[str, Any]) -> None:
    """Estimate the total."""
    found = survey.total(given["design"], given["value"])
    given["found"] += [found.value, found.standard_error]


def by_district(given: dict[str, Any]) -> None:
    """Estimate the means of districts."""
    found = survey.by("mean", given["design"], given["value"], given["district"])
    given["found"] += [*found.values, *found.standard_errors]


def rake(given: dict[str, Any]) -> None:
    """Rake to the margins."""
    known = survey.margins(
        {
            "district": (given["district"], dict(enumerate(given["district_totals"]))),
            "kind": (given["kind"], dict(enumerate(given["kind_totals"]))),
        }
    )
    given["raked"] = survey.calibrate(given["design"], known, distance="raking").design


def raked_total(given: dict[str, Any]) -> None:
    """Estimate the total with the raked weights."""
    found = survey.total(given["raked"], given["value"])
    given["found"] += [found.value, found.standard_error]


if __name__ == "__main__":
    main(
        prepare,
        [("design", design), ("mean", mean), ("total", total), ("districts", by_district), ("raking", rake),
         ("raked total", raked_total)],
    )  # fmt: skip
