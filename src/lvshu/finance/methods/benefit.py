"""Environmental benefit of projects: what a project avoids, saves or removes in a year, from its own quantities.

Every function takes arrays of one shape, usually (r,): the point estimate and its random repetitions, so that the
same formula carries the uncertainty. Units are those stated; the caller converts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRAMS_PER_TONNE = 1e6
MILLIGRAMS_PER_TONNE = 1e9
KILOWATT_HOURS_PER_MEGAWATT_HOUR = 1e3


def displaced_power(electricity: Array, baseline: Array) -> Array:
    """Return the CO2 of the grid power that clean power displaces, shape (r,), unit tCO2.

    Args:
        electricity: supplied in the year, shape (r,), unit MWh.
        baseline: emission factor of the grid, shape (r,), unit tCO2/MWh.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), projects of
        power from new and renewable energy; CDM methodology ACM0002, baseline emissions.
    """
    return np.asarray(electricity * baseline)


def coal_of_power(electricity: Array, supply_rate: Array) -> Array:
    """Return the standard coal that thermal power of equal amount would burn, shape (r,), unit tce.

    Args:
        electricity: supplied in the year, shape (r,), unit MWh.
        supply_rate: coal rate of thermal supply in the year before, shape (r,), unit gce/kWh.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), projects of
        power from new and renewable energy.
    """
    return np.asarray(electricity * KILOWATT_HOURS_PER_MEGAWATT_HOUR * supply_rate / GRAMS_PER_TONNE)


def methane_avoided(methane: Array, warming_potential: float, combustion_factor: float = 0.0) -> Array:
    """Return the emission avoided by destroying methane, shape (r,), unit tCO2e.

    Args:
        methane: destroyed in the year, shape (r,), unit t.
        warming_potential: GWP of methane, dimensionless.
        combustion_factor: CO2 of burning it, unit tCO2/t: 0 for biogenic methane, 44/16 for fossil methane.

    Source: CDM methodologies ACM0001 (landfill gas) and ACM0008 (coal mine methane), UNFCCC.
    """
    return np.asarray(methane * (warming_potential - combustion_factor))


def equal_heat_switch(heat: Array, factor_before: float, factor_after: float) -> Array:
    """Return the CO2 avoided when one fuel gives the heat that another gave, shape (r,), unit tCO2.

    Args:
        heat: of the fuel used, shape (r,), unit GJ.
        factor_before: of the fuel displaced, unit tCO2/GJ.
        factor_after: of the fuel used, unit tCO2/GJ.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), use of
        natural gas: coal of equal heat is the baseline; only CO2 counts.
    """
    return np.asarray(heat * (factor_before - factor_after))


def saved_by_intensity(before: Array, after: Array, output: Array) -> Array:
    """Return what a lower use per unit of product saves, shape (r,), in the unit of use per unit times output.

    Args:
        before: use per unit of product before, shape (r,), unit for example tce/t.
        after: use per unit of product after, shape (r,), same unit.
        output: of the year, shape (r,), unit for example t.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), technical
        retrofit; GB/T 28750-2012, general rules for measuring energy saving.
    """
    return np.asarray((before - after) * output)


def saved_by_efficiency(before: Array, efficiency_before: Array, efficiency_after: Array) -> Array:
    """Return what a higher efficiency saves at the same output, shape (r,), in the unit of `before`.

    Args:
        before: energy used before, shape (r,), any unit of energy.
        efficiency_before: shape (r,), dimensionless, above 0.
        efficiency_after: shape (r,), dimensionless, above 0.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), technical
        retrofit of equipment: the ratio of efficiencies.
    """
    return np.asarray(before * (1.0 - efficiency_before / efficiency_after))


def pollutant_removed(volume: Array, inlet: Array, outlet: Array) -> Array:
    """Return the mass of a pollutant removed from water or gas, shape (r,), unit t.

    Args:
        volume: treated in the year, shape (r,), unit m3 (gas at standard conditions).
        inlet: concentration before, shape (r,), unit t/m3 (1 mg/L is 1e-6, 1 mg/m3 is 1e-9).
        outlet: concentration after, shape (r,), unit t/m3.

    Source: Rules for accounting the reduction of main pollutants in the 12th five-year plan (Huanfa 2011 no. 148):
        volume times difference of concentrations.
    """
    return np.asarray(volume * (inlet - outlet))


def saved_by_factor(quantity: Array, factor_before: Array, factor_after: Array) -> Array:
    """Return the emission avoided when a quantity moves from one factor to another, shape (r,), unit tCO2 or tCO2e.

    Args:
        quantity: tonnes recycled, or tonne-kilometres moved, shape (r,), unit t or tonne-km.
        factor_before: emission per unit of what is displaced, shape (r,), unit tCO2e per unit.
        factor_after: emission per unit of what replaces it, shape (r,), unit tCO2e per unit.

    Source: GHG Protocol for Project Accounting (WRI and WBCSD, 2005), chapter 8: baseline less project emission.
    """
    return np.asarray(quantity * (factor_before - factor_after))


def financed_share(balance: Array, investment: Array) -> Array:
    """Return the share of a project's benefit that a loan carries, shape (n,), dimensionless; nan where it has none.

    Args:
        balance: outstanding, shape (n,), unit CNY.
        investment: total investment of the project, shape (n,), unit CNY; 0 or nan gives nan.

    Source: Guide on measuring energy saving and emission reduction of green-credit projects (June 2013), part 1:
        benefit of the loan = benefit of the project × loan balance / total investment.
    """
    known = np.isfinite(investment) & (investment > 0.0)
    return np.where(known, balance / np.where(known, investment, 1.0), np.nan)
