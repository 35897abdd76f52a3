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


def company_value(evic: Array, equity: Array, debt: Array, assets_end: Array) -> Array:
    """Return the denominator of PCAF for companies: EVIC, else equity plus debt, else total assets.

    Args:
        evic: shape (n,), enterprise value including cash, CNY, NaN where missing.
        equity: shape (n,), total equity, CNY; a negative one counts as 0.
        debt: shape (n,), total debt, CNY.
        assets_end: shape (n,), total assets at year-end, CNY: used where equity or debt is missing.

    Returns:
        Company value, shape (n,), unit CNY; NaN where nothing is known.

    Source: PCAF Standard Part A, 2nd edition (2022), sections 5.1 and 5.2.
    """
    book = np.where(np.isnan(equity), np.nan, np.maximum(equity, 0.0)) + debt
    value = np.where(np.isnan(book), assets_end, book)
    return np.asarray(np.where(evic > 0, evic, value))


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


def fallback_emission(exposure: Array, intensity_revenue: Array, asset_turnover: Array) -> Array:
    """Return the financed emission where nothing is known of the borrower but its division.

    Args:
        exposure: shape (n,), CNY.
        intensity_revenue: shape (n,), tCO2 per CNY of revenue of the division.
        asset_turnover: shape (n,), revenue per average total assets of the division, dimensionless.

    Returns:
        Financed emission, shape (n,), unit tCO2e.

    Source: PCAF Standard Part A (2022), option 3c; bank guide (2026), other calculation.
    """
    return np.asarray(exposure * intensity_revenue * asset_turnover)
