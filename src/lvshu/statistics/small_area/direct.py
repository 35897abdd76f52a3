"""Direct estimates of areas whose sizes are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.small_area.unit_level import known_units
from lvshu.statistics.survey.design import codes, numbers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DirectEstimates:
    """Direct means of areas.

    Attributes:
        areas: labels, in order.
        means: shape (areas,), in the variable's unit.
        standard_errors: shape (areas,), in that unit.
        sampled: shape (areas,), count.

    Source: as `direct`.
    """

    areas: tuple[str, ...]
    means: Array
    standard_errors: Array
    sampled: Array


def direct(values: Any, areas: Any, weights: Any, sizes: dict[Any, float]) -> DirectEstimates:
    """Return expansion means Σ w y / N of areas, with the variance Σ w (w - 1) y² / N² of Poisson sampling.

    Args:
        values: shape (n,), in the variable's unit.
        areas: shape (n,), labels.
        weights: shape (n,), dimensionless.
        sizes: units of each area, count.

    Raises:
        MethodError: areas whose size is not given.

    Source: Rao & Molina, Small Area Estimation (2015), section 2.4; R package sae, direct.
    """
    y, w = numbers(values).reshape(-1), numbers(weights).reshape(-1)
    known_units(y, w)
    area, names = codes(areas)
    known = {str(name): float(size) for name, size in sizes.items()}
    absent = [str(name) for name in names if str(name) not in known]
    if absent:
        raise MethodError(Problem("small_area.size_missing", values={"areas": ", ".join(absent[:8])}))
    size = np.array([known[str(name)] for name in names])
    means = np.bincount(area, weights=w * y) / size
    variance = np.bincount(area, weights=w * (w - 1.0) * y**2) / size**2
    sampled = np.bincount(area).astype(float)
    return DirectEstimates(tuple(map(str, names)), means, np.sqrt(np.maximum(variance, 0.0)), sampled)
