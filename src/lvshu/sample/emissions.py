"""True emission of every unit, consistent with the city's energy by sector, and what units report of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.macro import Macro
from lvshu.sample.streams import Streams, blocks
from lvshu.sample.units import LARGE, MEDIUM, Register

# published unit of the balance -> (unit of an enterprise's return, factor)
RETURN_UNITS = {
    "coke_oven_gas": ("1e4 m3", 1e4),
    "other_gas": ("1e4 m3", 1e4),
    "natural_gas": ("1e4 m3", 1e4),
    "heat": ("GJ", 1e4),
    "electricity": ("MWh", 1e5),
    "other_energy": ("tce", 1e4),
}
REPORTING_SECTORS = frozenset(range(1, 17)) | {18}  # mining to gas and water; transport
HEAT_FACTOR = 0.06  # tCO2/GJ, Shanghai ETS (shanghai_ets_factors)


@dataclass(frozen=True)
class EmissionTruth:
    """True emission of the units in the year.

    fuels: codes; sector_fuel: shape (28, fuels) in the units of `fuel_units`; share: unit's part of its sector's
    energy, shape (units,); scope1, scope2: tCO2, shape (units,); grid_factor: tCO2/MWh used for scope 2.
    """

    fuels: tuple[str, ...]
    fuel_units: tuple[str, ...]
    sector_fuel: np.ndarray
    share: np.ndarray
    scope1: np.ndarray
    scope2: np.ndarray
    sector_direct: np.ndarray
    grid_factor: float


def return_unit(fuel: str) -> tuple[str, float]:
    """Return the unit of a fuel in an enterprise's return and how many of it make one published unit."""
    return RETURN_UNITS.get(fuel, ("t", 1e4))


def emission_truth(
    macro: Macro, register: Register, packs: PackLibrary, *, area: str, year: int
) -> EmissionTruth:
    """Return every unit's true emission.

    A sector's energy is shared out by revenue times the unit's relative intensity, so that the units of a sector
    together burn what the sector burns.

    Args:
        macro: energy by sector.
        register: units.
        packs: library with fuel_factors_p and grid_factors.
        area: six-digit code of the province.
        year: year of the city.
    """
    fuels = tuple(sorted({fuel for _, _, fuel, _ in macro.sector_energy}))
    position = {sector.code: number for number, sector in enumerate(macro.sectors)}
    table = np.zeros((len(macro.sectors), len(fuels)))
    for sector, _, fuel, quantity in macro.sector_energy:
        table[position[sector], fuels.index(fuel)] += quantity * return_unit(fuel)[1]
    factors = fuel_factors(packs)
    direct = table @ np.array([factors.get(fuel, 0.0) for fuel in fuels])
    grid = grid_factor(packs, area=area, year=year)
    indirect = grid * table[:, fuels.index("electricity")] + HEAT_FACTOR * table[:, fuels.index("heat")]
    weight = register.revenue * register.intensity
    inside = np.where(register.overseas, 0.0, weight)
    sums = np.bincount(register.sector, weights=inside, minlength=len(macro.sectors))
    share = weight / sums[register.sector]
    return EmissionTruth(
        fuels=fuels,
        fuel_units=tuple(return_unit(fuel)[0] for fuel in fuels),
        sector_fuel=table,
        share=share,
        scope1=share * direct[register.sector],
        scope2=share * indirect[register.sector],
        sector_direct=direct,
        grid_factor=grid,
    )


def fuel_factors(packs: PackLibrary) -> dict[str, float]:
    """Return tCO2 per unit of an enterprise's return, by fuel; fuels without a factor are left out."""
    return {
        str(row["fuel_code"]): float(str(row["emission_factor"]))
        for row in packs["fuel_factors_p"].rows
        if row["emission_factor"] is not None
    }


def grid_factor(packs: PackLibrary, *, area: str, year: int) -> float:
    """Return the newest province-average grid factor not later than the year, tCO2/MWh."""
    rows = packs["grid_factors"].find(area_code=area, purpose="province_average")
    dated = sorted(
        (int(str(row["year"])), float(str(row["factor_kilogram_per_kilowatt_hour"]))) for row in rows
    )
    usable = [factor for when, factor in dated if when <= year] or [dated[0][1]]
    return usable[-1]


@dataclass(frozen=True)
class Reporters:
    """Rows of the register that report: energy, verified emission, unverified emission, products."""

    energy: np.ndarray
    verified: np.ndarray
    unverified: np.ndarray
    products: np.ndarray


def choose_reporters(register: Register, truth: EmissionTruth, streams: Streams) -> Reporters:
    """Return which units report what; the larger the emission, the likelier a verified report."""
    emission = truth.scope1 + truth.scope2
    usual = np.isin(register.sector, list(REPORTING_SECTORS)) & (register.size <= MEDIUM)
    rows = np.flatnonzero(usual & (emission > 0))
    draws = {name: np.empty(len(register)) for name in ("energy", "report", "product")}
    for block, start, stop in blocks(len(register)):
        random = streams.generator("reporter", block)
        for values in draws.values():
            values[start:stop] = random.random(stop - start)
    great = emission[rows] >= np.quantile(emission[rows], 0.75)
    large = register.size[rows] == LARGE
    verified = great & (draws["report"][rows] < 0.55)
    unverified = ~verified & large & (draws["report"][rows] < 0.75)
    energy = draws["energy"][rows] < np.where(great, 0.85, 0.55)
    products = np.isin(register.sector[rows], [7, 8]) & (draws["product"][rows] < 0.5)
    return Reporters(rows[energy], rows[verified], rows[unverified], rows[products])


def reported_emission(
    rows: np.ndarray, truth: EmissionTruth, streams: Streams, *, verified: bool
) -> np.ndarray:
    """Return reported scope 1 and 2, tCO2, shape (rows, 2): verified ones to the tonne, others with error.

    Unverified reports are 4 % low on average, with a spread of 10 %.
    """
    true = np.stack([truth.scope1[rows], truth.scope2[rows]], axis=1)
    if verified:
        return np.asarray(np.round(true))
    error = np.exp(streams.generator("unverified").normal(-0.045, 0.10, true.shape))
    return np.asarray(np.round(true * error))
