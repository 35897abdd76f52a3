"""Intensities of a book and the adjustment for changed enterprise values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MILLION = 1e6


def economic_intensity(emission: float, outstanding: float) -> float:
    """Return the financed emission per million lent or invested.

    Args:
        emission: financed emission, tCO2e.
        outstanding: outstanding amount that the emission belongs to, CNY.

    Returns:
        Intensity, a scalar, unit tCO2e per million CNY; NaN where nothing is outstanding.

    Source: PCAF Standard Part A (2022), chapter 6, economic emission intensity.
    """
    return emission / (outstanding / MILLION) if outstanding else float("nan")


def weighted_average_intensity(outstanding: Array, emission: Array, revenue: Array) -> float:
    """Return the weighted average carbon intensity (WACI): sum of weight x (scope 1 + 2) / revenue.

    Companies without emission or with revenue not above 0 are left out, and weights are over the others.

    Args:
        outstanding: shape (n,), CNY.
        emission: shape (n,), the companies' scopes 1 and 2, tCO2e, NaN where missing.
        revenue: shape (n,), the companies' revenue, CNY.

    Returns:
        WACI, a scalar, unit tCO2e per million CNY; NaN where no company is known.

    Source: PCAF Standard Part A (2022), chapter 6; TCFD (2021), Implementing the Recommendations, metrics.
    """
    known = ~np.isnan(emission) & (revenue > 0)
    total = float(outstanding[known].sum())
    if not total:
        return float("nan")
    return float((outstanding[known] * emission[known] / (revenue[known] / MILLION)).sum() / total)


def physical_intensity(financed_emission: Array, attribution_factor: Array, output: Array) -> float:
    """Return the financed emission per unit of the output that is financed with it.

    Args:
        financed_emission: shape (n,), tCO2e.
        attribution_factor: shape (n,), dimensionless.
        output: shape (n,), output of the companies in one unit.

    Returns:
        Intensity, a scalar, unit tCO2e per unit of output; NaN where no output is financed.

    Source: PCAF Standard Part A (2022), chapter 6, physical emission intensity.
    """
    financed = float((attribution_factor * output).sum())
    return float(financed_emission.sum()) / financed if financed else float("nan")


def value_adjustment(weights: Array, value_base: Array, value_now: Array) -> float:
    """Return the factor that takes the change of enterprise values out of a comparison of two years.

    Args:
        weights: shape (n,), portfolio weights of the later year, dimensionless, sum 1.
        value_base: shape (n,), EVIC in the base year, CNY, above 0.
        value_now: shape (n,), EVIC in the later year, CNY, above 0.

    Returns:
        Adjustment, a scalar, dimensionless: compare footprint_now / adjustment with footprint_base.

    Source: PCAF Standard Part A (2022), section 5.1, adjustment of EVIC for inflation.
    """
    return float((weights * value_base / value_now).sum())
