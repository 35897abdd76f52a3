"""Freight: who carries how much, what it emits, what another mode or shore power would save."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


def freight_emission(tonne_km: Array, transport_factor: Array, fuel: Array, fuel_factor: Array) -> Array:
    """Return the emission of freight: by the fuel burned where it is known, else by tonne-kilometres.

    Args:
        tonne_km: shape (k,), unit tonne-km.
        transport_factor: shape (k,), unit tCO2 per tonne-km; nan where there is none.
        fuel: fuel burned, shape (k,), in the unit of its factor; nan where it is not known.
        fuel_factor: shape (k,), unit tCO2 per unit of fuel; nan where there is none.

    Returns:
        Emission, shape (k,), unit tCO2; nan where neither way is open.

    Source: 国发〔2021〕4号, section 3 (circulation); ISO 14083:2023, clause 8: activity x factor, fuel first.
    """
    by_fuel = fuel * fuel_factor
    return np.asarray(np.where(np.isnan(by_fuel), tonne_km * transport_factor, by_fuel))


def modal_split(tonne_km: Array) -> Array:
    """Return the share of each row in all tonne-kilometres.

    Args:
        tonne_km: shape (k,), unit tonne-km.

    Returns:
        Shares, shape (k,), dimensionless, adding up to 1.

    Raises:
        MethodError: accounts.freight_none, when nothing is carried.

    Source: 综合运输结构 as in 国办发〔2021〕54号 (推进多式联运发展优化调整运输结构): shares of turnover.
    """
    total = float(tonne_km.sum())
    if total <= 0.0:
        raise MethodError(Problem("accounts.freight_none", values={"total": total}))
    return np.asarray(tonne_km / total)


@dataclass(frozen=True)
class ModalShift:
    """What moving freight to another mode changes. Returned by `modal_shift`.

    Attributes:
        moved: unit tonne-km.
        emission_before, emission_after: of what is moved, unit tCO2.
        change: after - before, unit tCO2; negative is a saving.

    Source: ISO 14083:2023 (activity x intensity), by difference.
    """

    moved: float
    emission_before: float
    emission_after: float
    change: float


def modal_shift(tonne_km: float, share: float, intensity_from: float, intensity_to: float,
                *, detour: float = 1.0) -> ModalShift:  # fmt: skip
    """Return what moving a share of one mode's freight to another mode changes.

    Args:
        tonne_km: freight of the first mode, unit tonne-km.
        share: part of it that moves, dimensionless, 0 to 1.
        intensity_from: of the first mode, unit tCO2 per tonne-km.
        intensity_to: of the second mode, unit tCO2 per tonne-km.
        detour: distance by the second mode / distance by the first, dimensionless.

    Returns:
        Tonne-kilometres moved (as of the first mode) and the emission of them before and after.

    Raises:
        MethodError: accounts.share_outside, when the share is not between 0 and 1.

    Source: ISO 14083:2023 (activity x intensity), by difference.
    """
    check_share(share)
    moved = tonne_km * share
    before, after = moved * intensity_from, moved * detour * intensity_to
    return ModalShift(moved, before, after, after - before)


@dataclass(frozen=True)
class ShorePower:
    """What shore power displaces. Returned by `shore_power_saving`. Each of shape (k,).

    Attributes:
        fuel: fuel that the auxiliary engines did not burn, unit t.
        avoided: emission of that fuel, unit tCO2.
        grid: emission of the electricity supplied, unit tCO2.
        net: avoided - grid, unit tCO2; negative where the grid emits more than the engine.

    Source: as `shore_power_saving`.
    """

    fuel: Array
    avoided: Array
    grid: Array
    net: Array


def shore_power_saving(
    electricity: Array, specific_consumption: Array, fuel_factor: Array, grid_factor: float
) -> ShorePower:
    """Return fuel and emission that ships at berth save with shore power.

    Args:
        electricity: supplied to ships, shape (k,), unit kWh.
        specific_consumption: fuel burned by the auxiliary engine for a kilowatt-hour, shape (k,), unit kg/kWh.
        fuel_factor: of that fuel, shape (k,), unit tCO2/t.
        grid_factor: of the electricity, unit tCO2/MWh.

    Returns:
        Fuel displaced, emission avoided, emission of the grid and the net saving.

    Source: fuel = P h SFOC, CO2 = fuel x C_F, less P h x grid factor: IMO resolution MEPC.364(79) for C_F and SFOC;
        EPA (2022), Ports Emissions Inventory Guidance, section 3.5 (auxiliary engines).
    """
    fuel = electricity * specific_consumption / 1e3
    avoided = fuel * fuel_factor
    grid = electricity / 1e3 * grid_factor
    return ShorePower(np.asarray(fuel), np.asarray(avoided), np.asarray(grid), np.asarray(avoided - grid))


def check_share(share: float) -> None:
    """Return nothing; a share that is not between 0 and 1 (dimensionless) is refused.

    Args:
        share: dimensionless.

    Raises:
        MethodError: accounts.share_outside.

    Source: definition of a share.
    """
    if not 0.0 <= share <= 1.0:
        raise MethodError(Problem("accounts.share_outside", values={"share": share}))
