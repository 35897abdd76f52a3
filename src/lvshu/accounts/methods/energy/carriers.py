"""Electricity and heat that cross the boundary: by origin, with the factor of the origin; and the heat made here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def inflow_emission(quantity: Array, factor: Array) -> Array:
    """Return the emission that stands behind what came in, by origin.

    Args:
        quantity: net inflow from each origin, shape (o,), unit kWh or GJ; negative where more went out.
        factor: factor of the origin, shape (o,), unit kgCO2/kWh or kgCO2/GJ; NaN where there is none.

    Returns:
        Emission, shape (o,), unit tCO2; 0 where nothing flowed, NaN where an origin has no factor.

    Source: 省级温室气体清单编制指南(试行) 2011, chapter 1 (净调入电力 x 调出省所属电网的因子).
    """
    flowed = np.asarray(quantity, dtype=float)
    return np.asarray(np.where(flowed == 0.0, 0.0, flowed * np.asarray(factor) / 1000.0))


def unallocated(net_inflow: float, quantity: Array) -> float:
    """Return the net inflow of the balance that no stated origin explains.

    Args:
        net_inflow: inflow and import less outflow and export of the balance, unit kWh or GJ.
        quantity: net inflow from each stated origin, shape (o,), the same unit.

    Returns:
        Rest, unit kWh or GJ; negative where the origins state more than the balance.

    Source: identity of the regional energy balance: net inflow = sum over origins.
    """
    return net_inflow - float(np.sum(quantity))


def heat_factor(emission: float, output: float) -> float:
    """Return the average factor of the heat that the region's own heat supply makes.

    Args:
        emission: CO2 of the fuel that heat supply burned, unit tCO2.
        output: heat it put out, unit GJ.

    Returns:
        Factor, unit kgCO2/GJ; NaN where no heat was put out.

    Source: 省级温室气体清单编制指南(试行) 2011, chapter 1 (供热); quotient of the balance's own row 供热.
    """
    return 1000.0 * emission / output if output > 0.0 else float("nan")
