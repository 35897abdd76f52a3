"""Models in which persons differ in how easily they are listed: M0, Chao's lower bound, Darroch's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.population.lists import Lists
from lvshu.statistics.population.loglinear import poisson_fit

Array = NDArray[np.float64]

KINDS = ("equal", "chao", "darroch")


def heterogeneity_model(lists: Lists, kind: str = "chao") -> Estimate:
    """Return the population from how many lists each unit is on, all lists alike.

    Args:
        lists: the counts.
        kind: "equal" (M0: one chance for all), "chao" (a lower bound when persons differ), "darroch" (chances that
            vary like a normal distribution on the logistic scale).

    Returns:
        Estimate, scalars in unit count.

    Raises:
        MethodError: an unknown kind.

    Source: Rivest & Baillargeon (2007), Biometrics 63; R package Rcapture, closedp: M0, Mh Chao (LB), Mh Darroch.
    """
    if kind not in KINDS:
        raise MethodError(Problem("survey.unknown_choice", values={"given": kind, "known": ", ".join(KINDS)}))
    times = lists.patterns.sum(axis=1).astype(float)
    columns = [np.ones(times.size), times]
    if kind == "darroch":
        columns.append(times**2 / 2.0)
    if kind == "chao":
        columns += _chao_columns(times, lists.counts)
    found, covariance, _ = poisson_fit(np.stack(columns, axis=1), lists.counts)
    hidden = float(np.exp(found[0]))
    error = float(np.sqrt(hidden + hidden**2 * covariance[0, 0]))
    return Estimate(lists.observed + hidden, error)


def _chao_columns(times: Array, counts: Array) -> list[Array]:
    """Return columns for units on more than two lists, those with a negative effect left out one by one."""
    columns = [np.maximum(times - k + 1.0, 0.0) for k in range(3, int(times.max()) + 1)]
    while columns:
        matrix = np.stack([np.ones(times.size), times, *columns], axis=1)
        effects = poisson_fit(matrix, counts)[0][2:]
        if effects.min() >= 0:
            return columns
        columns.pop(int(effects.argmin()))
    return []
