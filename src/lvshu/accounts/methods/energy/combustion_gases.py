"""Methane and nitrous oxide of combustion: energy burned times the default factor of its sector and fuel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def energy_burned(quantity: Array, calorific_value: Array) -> Array:
    """Return the energy of burned quantities.

    Args:
        quantity: shape (l, k), each fuel in its unit.
        calorific_value: net calorific value, shape (k,), GJ per unit of the fuel; NaN where unknown.

    Returns:
        Energy, shape (l, k), unit TJ; 0 where nothing was burned, NaN where the calorific value is unknown.

    Source: IPCC 2006, volume 2, chapter 1, section 1.4.1 (activity data).
    """
    burned = np.asarray(quantity, dtype=float)
    return np.asarray(np.where(burned == 0.0, 0.0, burned * np.asarray(calorific_value) / 1000.0))


def gas_emission(energy: Array, factor: Array) -> Array:
    """Return the emission of one gas.

    Args:
        energy: shape (l, k), unit TJ.
        factor: default factor of the line's sector and the fuel, shape (l, k), unit kg/TJ; NaN where there is none.

    Returns:
        Emission, shape (l, k), unit t of the gas; 0 where nothing was burned, NaN where there is no factor.

    Source: IPCC 2006, volume 2, chapter 2, eq. 2.1 (tier 1), tables 2.2 to 2.5.
    """
    return np.asarray(np.where(energy == 0.0, 0.0, energy * factor / 1000.0))


def equivalent(emission: Array, potential: float) -> Array:
    """Return an emission as CO2 equivalent.

    Args:
        emission: any shape, unit t of the gas.
        potential: global warming potential over 100 years, without unit.

    Returns:
        Emission, the same shape, unit tCO2e.

    Source: pack gwp (IPCC assessment reports).
    """
    return np.asarray(emission, dtype=float) * potential
