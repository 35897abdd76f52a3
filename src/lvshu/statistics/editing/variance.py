"""What imputation adds to the error of an estimate: rules of Rubin over several completed data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.statistics.editing.evaluate import Array


@dataclass(frozen=True)
class Combined:
    """An estimate over several completed data sets, all in the unit of the estimate or its square.

    Attributes:
        estimate: mean of the estimates.
        within: mean of their sampling variances.
        between: variance between them.
        total: within + (1 + 1/m) between.
        degrees_of_freedom: of the t distribution, dimensionless.
        missing_information: share of the information lost to missing values, dimensionless.
    """

    estimate: float
    within: float
    between: float
    total: float
    degrees_of_freedom: float
    missing_information: float

    @property
    def standard_error(self) -> float:
        """Return the root of the total variance, in the unit of the estimate."""
        return float(np.sqrt(self.total))

    @property
    def imputation_error(self) -> float:
        """Return the part of the standard error that imputation adds, in the unit of the estimate."""
        return float(np.sqrt(max(0.0, self.total - self.within)))


def combine(estimates: Array, variances: Array, *, complete_freedom: float = np.inf) -> Combined:
    """Return estimates of several completed data sets as one.

    Args:
        estimates: shape (imputations,), at least two, in the unit of the estimate.
        variances: shape (imputations,), sampling variance of each as if nothing were missing.
        complete_freedom: degrees of freedom without missing values.

    Returns:
        Combined: in the unit of the estimate.

    Raises:
        ValueError: fewer than two imputations.

    Source: Rubin (1987); degrees of freedom: Barnard and Rubin (1999), Biometrika 86, 948-955.
    """
    count = len(estimates)
    if count < 2:
        raise ValueError("at least two imputations")
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1))
    added = (1 + 1 / count) * between
    total = within + added
    share = added / total if total > 0 else 0.0
    freedom = (count - 1) / share**2 if share > 0 else np.inf
    if np.isfinite(complete_freedom):
        observed = (complete_freedom + 1) / (complete_freedom + 3) * complete_freedom * (1 - share)
        freedom = observed if not np.isfinite(freedom) else freedom * observed / (freedom + observed)
    ratio = added / within if within > 0 else np.inf
    lost = (ratio + 2 / (freedom + 3)) / (ratio + 1) if np.isfinite(ratio) else 1.0
    return Combined(float(np.mean(estimates)), within, between, total, float(freedom), float(lost))
