"""What the estimators of surveys return: values, their covariance, degrees of freedom, intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimates:
    """One or several estimates with their covariance, in the unit of the variable.

    Attributes:
        statistic: what was estimated, such as "mean".
        labels: names of the k estimates.
        values: shape (k,), in the variable's unit.
        covariance: shape (k, k), in that unit squared.
        degrees_of_freedom: of the design (sampled clusters less strata), count; infinity for the normal interval.
        sampled: shape (k,), records behind each estimate, count.
        design_effect: shape (k,), dimensionless, or None where it was not asked for.
        notes: remarks in Chinese and English.
        ends: the intervals by level, where they are not symmetric around the estimates (quantiles); None elsewhere.

    Source: Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), section 2.11; degrees of freedom as in
    Korn & Graubard, Analysis of Health Surveys (1999), section 2.2.
    """

    statistic: str
    labels: tuple[str, ...]
    values: Array
    covariance: Array
    degrees_of_freedom: float
    sampled: Array
    design_effect: Array | None = None
    notes: tuple[tuple[str, str], ...] = field(default=())
    ends: Callable[[float], tuple[Array, Array]] | None = None

    @property
    def standard_errors(self) -> Array:
        """Return the standard errors, shape (k,), in the variable's unit."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def value(self) -> float:
        """Return the first estimate, in the variable's unit."""
        return float(self.values[0])

    @property
    def standard_error(self) -> float:
        """Return the standard error of the first estimate, in the variable's unit."""
        return float(self.standard_errors[0])

    def interval(self, level: float = 0.95) -> tuple[Array, Array]:
        """Return ends of intervals, by Student's t or the estimator's own, shape (k,) each, in the variable's unit.

        Raises:
            MethodError: a level that is not between 0 and 1 (95 for 0.95).
        """
        if not 0.0 < level < 1.0:
            raise MethodError(Problem("survey.bad_share", values={"given": level}))
        if self.ends is not None:
            return self.ends(level)
        chance = 0.5 + level / 2.0
        free = self.degrees_of_freedom
        width = float(
            stats.norm.ppf(chance) if not np.isfinite(free) else stats.t.ppf(chance, max(free, 1.0))
        )
        return self.values - width * self.standard_errors, self.values + width * self.standard_errors

    def contrast(self, weights: Sequence[float], label: str = "contrast") -> Estimates:
        """Return a linear combination of the estimates, its covariances used; weights of shape (k,)."""
        along = np.asarray(weights, dtype=float)
        value, variance = float(along @ self.values), float(along @ self.covariance @ along)
        return Estimates(
            f"contrast of {self.statistic}", (label,), np.array([value]), np.array([[variance]]),
            self.degrees_of_freedom, np.array([self.sampled[along != 0].sum()]),
        )  # fmt: skip

    def records(self, level: float = 0.95) -> list[dict[str, Any]]:
        """Return a plain record for each estimate: label, value, error, interval, coefficient of variation, n."""
        low, high = self.interval(level)
        found = []
        for place, label in enumerate(self.labels):
            value, error = float(self.values[place]), float(self.standard_errors[place])
            record: dict[str, Any] = {
                "statistic": self.statistic,
                "label": label,
                "value": value,
                "standard_error": error,
                "low": float(low[place]),
                "high": float(high[place]),
                "coefficient_of_variation": abs(error / value) if value else None,
                "n": int(self.sampled[place]),
            }
            if self.design_effect is not None:
                record["design_effect"] = float(self.design_effect[place])
            found.append(record)
        return found
