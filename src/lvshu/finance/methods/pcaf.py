"""PCAF Standard Part A, second edition (2022): denominators of the asset classes and sovereign measures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def enterprise_value(ordinary: Array, preferred: Array, debt: Array, minorities: Array) -> Array:
    """Return the enterprise value including cash; cash is not deducted.

    Args:
        ordinary: shape (n,), market value of ordinary shares at the fiscal year's end, CNY.
        preferred: shape (n,), market value of preferred shares, CNY.
        debt: shape (n,), book value of total debt, CNY.
        minorities: shape (n,), book value of minority interests, CNY.

    Returns:
        EVIC, shape (n,), unit CNY.

    Source: PCAF Standard Part A (2022), section 5.1.
    """
    return np.asarray(ordinary + preferred + debt + minorities)


def company_capital(equity: Array, debt: Array, total_assets: Array) -> Array:
    """Return the denominator of loans to and shares of unlisted companies.

    Negative equity counts as 0; where equity or debt is missing, total assets stand for both.

    Args:
        equity: shape (n,), total equity, CNY, NaN where missing.
        debt: shape (n,), total debt, CNY, NaN where missing.
        total_assets: shape (n,), CNY, NaN where missing.

    Returns:
        Total equity plus debt, shape (n,), unit CNY; NaN where nothing is known.

    Source: PCAF Standard Part A (2022), section 5.2.
    """
    both = np.maximum(equity, 0.0) + debt
    return np.asarray(np.where(np.isnan(both), total_assets, both))


def unlisted_equity_outstanding(share: Array, equity: Array) -> Array:
    """Return the outstanding amount of unlisted shares: the share held of the company's equity.

    Args:
        share: shape (n,), part of all shares, dimensionless, 0 to 1.
        equity: shape (n,), total equity, CNY; negative counts as 0.

    Returns:
        Outstanding amount, shape (n,), unit CNY.

    Source: PCAF Standard Part A (2022), section 5.2.
    """
    return np.asarray(share * np.maximum(equity, 0.0))


def property_value(at_origination: Array, latest: Array) -> Array:
    """Return the denominator of real estate: the value at origination, else the latest known, which then stays.

    Args:
        at_origination: shape (n,), CNY, NaN where missing.
        latest: shape (n,), CNY, NaN where missing.

    Returns:
        Property value, shape (n,), unit CNY; NaN where neither is known.

    Source: PCAF Standard Part A (2022), sections 5.4 and 5.5.
    """
    return np.asarray(np.where(np.isnan(at_origination), latest, at_origination))


def vehicle_attribution(outstanding: Array, value_at_origination: Array) -> Array:
    """Return the share of a vehicle's emission that its loan carries; all of it where the value is not known.

    Args:
        outstanding: shape (n,), CNY.
        value_at_origination: shape (n,), CNY, NaN where missing.

    Returns:
        Attribution factor, shape (n,), dimensionless.

    Source: PCAF Standard Part A (2022), section 5.6.
    """
    usable = np.where(value_at_origination > 0, value_at_origination, np.nan)
    return np.asarray(np.where(np.isnan(usable), 1.0, outstanding / usable))


def sovereign_intensity(emission: Array, denominator: Array) -> Array:
    """Return a country's emission per unit of its denominator.

    Args:
        emission: shape (n,), tCO2e.
        denominator: shape (n,), PPP-adjusted GDP, USD (million where the result is wanted per million).

    Returns:
        Intensity, shape (n,), unit tCO2e per unit of the denominator; NaN where it is not above 0.

    Source: PCAF Standard Part A (2022), section 5.7: attribution by PPP-adjusted GDP, not by debt.
    """
    return np.asarray(emission / np.where(denominator > 0, denominator, np.nan))


def consumption_emission(scope1: Array, scope2: Array, scope3: Array, exported: Array) -> Array:
    """Return the emission that a country's consumption causes.

    Args:
        scope1: shape (n,), territorial emission, tCO2e.
        scope2: shape (n,), imported electricity, heat, steam and cooling, tCO2e.
        scope3: shape (n,), other imports, tCO2e.
        exported: shape (n,), emission of exports, tCO2e.

    Returns:
        Consumption emission, shape (n,), unit tCO2e.

    Source: PCAF Standard Part A (2022), section 5.7.
    """
    return np.asarray(scope1 + scope2 + scope3 - exported)
