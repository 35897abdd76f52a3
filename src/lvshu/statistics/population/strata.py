"""Populations of strata (district, age, sex) added up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.population.intervals import PopulationInterval
from lvshu.statistics.population.loglinear import LogLinear


def sum_of_strata(
    parts: Mapping[str, LogLinear | PopulationInterval], observed: float, *, level: float = 0.95
) -> PopulationInterval:
    """Return the sum of independent strata, with a lognormal interval of the number on no list.

    Args:
        parts: estimate of each stratum.
        observed: units seen in all strata together, count.
        level: of the interval, dimensionless.

    Raises:
        MethodError: no strata, or more units seen than estimated.

    Source: Burnham et al. (1987), American Fisheries Society Monograph 5 (lognormal interval of what was not seen);
    strata after Sekar & Deming (1949), JASA 44.
    """
    size = sum(part.size for part in parts.values())
    if not parts or size < observed:
        raise MethodError(Problem("population.no_strata", values={"observed": observed, "size": size}))
    error = float(np.sqrt(sum(part.standard_error**2 for part in parts.values())))
    hidden, width = size - observed, float(stats.norm.ppf(0.5 + level / 2.0))
    spread = float(np.exp(width * np.sqrt(np.log1p((error / hidden) ** 2)))) if hidden > 0 else 1.0
    drawn = np.zeros(0)
    replicates = [part.drawn for part in parts.values() if isinstance(part, PopulationInterval)]
    if len(replicates) == len(parts) and min(one.size for one in replicates) > 0:
        count = min(one.size for one in replicates)
        drawn = np.sum([one[:count] for one in replicates], axis=0)
    return PopulationInterval(
        size, error, observed + hidden / spread, observed + hidden * spread, "sum_of_strata", (), drawn
    )
