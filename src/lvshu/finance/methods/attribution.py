"""What part of a borrower's or a project's emission a loan finances: denominators, factors, emissions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def average_total_assets(begin: Array, end: Array) -> Array:
    """Return the denominator of the 2026 bank guide: the mean of total assets at begin and end of the year.

    Args:
        begin: shape (n,), CNY, NaN where missing.
        end: shape (n,), CNY, NaN where missing.

    Returns:
        Average total assets, shape (n,), unit CNY; the one that is known where the other is missing.

    Source: guide on carbon accounting of bank financing (2026), attribution of non-project financing.
    """
    both = (begin + end) / 2
    one = np.where(np.isnan(end), begin, end)
    return np.asarray(np.where(np.isnan(both), one, both))


def attribution_factor(exposure: Array, denominator: Array) -> Array:
    """Return the share of the emission that belongs to the exposure. Not capped at 1.

    Args:
        exposure: shape (n,), CNY.
        denominator: shape (n,), CNY.

    Returns:
        Attribution factor, shape (n,), dimensionless; NaN where the denominator is missing or not above 0.

    Source: PCAF Standard Part A (2022), chapter 5; bank guide (2026); trial guide (2021).
    """
    usable = np.where(denominator > 0, denominator, np.nan)
    return np.asarray(exposure / usable)


def attributed_emission(entity_emission: Array, exposure: Array, denominator: Array) -> Array:
    """Return the financed emission by attribution: entity emission x exposure / denominator.

    Args:
        entity_emission: shape (n,), tCO2e.
        exposure: shape (n,), CNY.
        denominator: shape (n,), CNY.

    Returns:
        Financed emission, shape (n,), unit tCO2e; NaN where it cannot be attributed.

    Source: bank guide (2026), E_business = E_entity x B / A; trial guide (2021), B / revenue; PCAF (2022).
    """
    return np.asarray(entity_emission * attribution_factor(exposure, denominator))
