"""Whether the survey's own estimate of who is in the platforms' register agrees with the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.desk_error.reinterview import Checked
from lvshu.statistics.methods.survey import Estimate, clustered_variance

Array = NDArray[np.float64]

RESTING = frozenset(
    {
        "dual_frame", "dual_frame_as_linked", "capture_recapture", "chapman", "corrected_all_registers",
        "corrected_total", "corrected_as_linked",
    }
)  # fmt: skip
"""Definitions that rest on the platforms' register beside the survey."""
ENDS = {"low": None, "high": None}
WITHIN, SHORT, BEYOND = "within", "short", "beyond"


def expected(
    cells: Array, stratum: NDArray[np.int64], cluster: NDArray[np.int64], again: Checked | None
) -> Estimate:
    """Return how many persons the platforms' register should hold by the survey, in persons.

    Args:
        cells: expanded persons by cell of cluster and by flexible × linked, shape (cells, 4), in persons.
        stratum: of each cell, shape (cells,), number from 0.
        cluster: of each cell, shape (cells,), number from 0.
        again: what re-interviews found of links; None: links as they are.

    The error is that of sampling, and binomial by the effective number of the re-interviews. Source: calibration
    probabilities as in `outside_register`.
    """
    share = np.array([1.0, 0.0, 1.0, 0.0]) if again is None else again.register_share
    values = cells @ share
    variance = clustered_variance(values, stratum, cluster)
    if again is not None:
        judged = np.maximum(again.judged, 1.0)
        variance += float((cells.sum(axis=0) ** 2 * share * (1.0 - share) / judged).sum())
    return Estimate(float(values.sum()), float(np.sqrt(variance)))


def reach(found: Estimate, workers: float) -> str:
    """Return `within`, `short` or `beyond`: where a register of so many workers lies by the survey's 95 % interval.

    A register beyond it may hold workers living elsewhere, or those whom the survey misses. One that falls short cannot
    hold those who should be in it by the survey: what rests on both contradicts itself.
    """
    return SHORT if workers < found.low else BEYOND if workers > found.high else WITHIN


def without_ends(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of definitions with no interval on those that rest on a register short of what was met in it.

    Their standard errors are those of sampling and stay; an interval would pass for one that covers.
    """
    return [{**row, **ENDS} if row["definition_code"] in RESTING else row for row in rows]


def tell(context: StepContext, found: Estimate, workers: float) -> None:
    """Tell a register that does not agree with the survey, and which figure does not rest on it."""
    where = reach(found, workers)
    if where == WITHIN:
        return
    values = {"workers": round(workers), "low": round(found.low), "high": round(found.high)}
    code = "statistics.register_short_of_survey" if where == SHORT else "statistics.register_outside_survey"
    problem = Problem(code, values=values, severity="warning")
    context.find(problem, table="flexible_employment", amount=workers - found.value, unit="person")
