"""The formulas of environmental benefit by type of project: what each avoids, saves or removes in a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.finance.benefit_factors import COAL_EQUIVALENT, ELECTRICITY, HEAT
from lvshu.finance.benefit_project import Benefit, Project
from lvshu.finance.methods import benefit as method

Array = NDArray[np.float64]
GREENHOUSE, COAL = "greenhouse_gas", "coal_saved"
FOSSIL_METHANE = frozenset({"coal_mine_methane"})


def calculate(project: Project, formula: str, indicators: Sequence[str]) -> list[Benefit]:
    """Return each indicator of a project by the formula of its type.

    Args:
        project: its quantities and the factors.
        formula: code of the formula in the pack benefit_methods.
        indicators: codes of the indicators that the type has.

    Raises:
        MethodError: finance.benefit_no_method, the type has no established method.
    """
    if formula not in FORMULAS:
        raise MethodError(Problem("finance.benefit_no_method", values={"project_type": project.project_type}))
    found = []
    for indicator in indicators:
        project.missing, project.basis, project.power = [], [], None
        values = FORMULAS[formula](project, indicator)
        found.append(
            Benefit(
                indicator,
                np.asarray(values),
                tuple(dict.fromkeys(project.missing)),
                tuple(dict.fromkeys(project.basis)),
                project.power,
            )
        )
    return found


def _power(project: Project, indicator: str) -> Array:
    electricity = project.need("electricity_supplied")
    if indicator == COAL:
        return method.coal_of_power(electricity, project.supply_rate())
    return method.displaced_power(electricity, project.baseline())


def _methane(project: Project, indicator: str) -> Array:
    electricity = project.get("electricity_supplied")
    none = np.zeros(project.repetitions)
    if indicator == COAL:
        return none if electricity is None else method.coal_of_power(electricity, project.supply_rate())
    fossil = project.project_type in FOSSIL_METHANE
    burnt = (
        project.factor(project.book.constant("methane_combustion"), "methane_combustion") if fossil else 0.0
    )
    potential = project.factor(project.book.methane_potential(fossil=fossil), "gwp")
    avoided = method.methane_avoided(project.need("methane_destroyed"), potential, burnt)
    return avoided + (
        none if electricity is None else method.displaced_power(electricity, project.baseline())
    )


def _equal_heat(project: Project, indicator: str) -> Array:
    gas = project.need("natural_gas")
    heat = gas * project.factor(project.book.heat_of("natural_gas"), "natural_gas")
    coal = project.factor(project.book.emission_of_heat("raw_coal"), "raw_coal")
    return method.equal_heat_switch(
        heat, coal, project.factor(project.book.emission_of_heat("natural_gas"), "natural_gas")
    )


def _of_coal(project: Project, indicator: str, coal: Array) -> Array:
    return coal if indicator == COAL else coal * project.need("emission_per_tce")


def _heat_recovered(project: Project, indicator: str) -> Array:
    per_heat = project.factor(project.book.constant("heat_coal_equivalent"), "heat_coal_equivalent")
    return _of_coal(project, indicator, project.need("heat_recovered") * per_heat)


def _waste_power(project: Project, indicator: str) -> Array:
    power = _power(project, indicator)
    if indicator == COAL:
        return power
    potential = project.factor(project.book.methane_potential(fossil=False), "gwp")
    landfill = method.methane_avoided(project.need("methane_avoided"), potential)
    return np.asarray(power + landfill - project.need("fossil_carbon_dioxide"))


def _storage(project: Project, indicator: str) -> Array:
    discharged = method.displaced_power(
        project.need("electricity_discharged"), project.need("discharge_factor")
    )
    return np.asarray(
        discharged
        - method.displaced_power(project.need("electricity_charged"), project.need("charge_factor"))
    )


def _captured(project: Project, indicator: str) -> Array:
    return np.asarray(project.need("carbon_dioxide_stored") - project.need("project_emission"))


def _hydrogen(project: Project, indicator: str) -> Array:
    displaced = project.need("hydrogen_output") * project.need("hydrogen_baseline_factor")
    return np.asarray(displaced - project.need("project_emission"))


def _energy_intensity(project: Project, indicator: str) -> Array:
    before, after = project.need("unit_energy_before"), project.need("unit_energy_after")
    return _of_coal(project, indicator, method.saved_by_intensity(before, after, project.need("output")))


def _of_carriers(project: Project, indicator: str, saved: Mapping[str, Array]) -> Array:
    total = np.zeros(project.repetitions)
    if not saved:
        return project.need("energy_before")
    for carrier, amount in saved.items():
        total = total + amount * _per_unit(project, indicator, carrier)
    return total


def _per_unit(project: Project, indicator: str, carrier: str) -> Array | float:
    """Return tCO2 or tce per unit of a carrier."""
    book = project.book
    if indicator == COAL:
        if carrier == ELECTRICITY:
            return method.coal_of_power(np.ones(project.repetitions), project.supply_rate())
        return project.factor(book.coal_of_fuel(carrier), f"coal_equivalent/{carrier}")
    if carrier == ELECTRICITY:
        return project.baseline()
    if carrier == HEAT:
        return project.need("heat_factor")
    if carrier == COAL_EQUIVALENT:
        return project.need("emission_per_tce")
    return project.factor(book.emission_of_fuel(carrier), f"emission_factor/{carrier}")


def _carriers(project: Project, indicator: str) -> Array:
    saved: dict[str, Array] = {}
    zero = np.zeros(project.repetitions)
    for parameter in ("energy_before", "energy_after"):
        # One carrier may be used no longer; nothing stated at all is missing, not zero.
        if not project.items(parameter):
            return project.need(parameter)
    for carrier in project.items("energy_before", "energy_after"):
        before, after = project.get("energy_before", carrier), project.get("energy_after", carrier)
        saved[carrier] = (zero if before is None else before) - (zero if after is None else after)
    return _of_carriers(project, indicator, saved)


def _equipment(project: Project, indicator: str) -> Array:
    before, after = project.need("efficiency_before"), project.need("efficiency_after")
    return _of_carriers(project, indicator, {
        carrier: method.saved_by_efficiency(project.need("energy_before", carrier), before, after)
        for carrier in project.items("energy_before")
    })  # fmt: skip


def _pollutant(project: Project, indicator: str) -> Array:
    inlet = project.need("concentration_in", indicator)
    return method.pollutant_removed(
        project.need("volume"), inlet, project.need("concentration_out", indicator)
    )


def _water_intensity(project: Project, indicator: str) -> Array:
    before, after = project.need("unit_water_before"), project.need("unit_water_after")
    return method.saved_by_intensity(before, after, project.need("output"))


def _recycling(project: Project, indicator: str) -> Array:
    streams = project.items("recycled")
    if not streams:
        return project.need("recycled")
    total = np.zeros(project.repetitions)
    for stream in streams:
        amount = project.need("recycled", stream)
        if indicator != GREENHOUSE:
            total = total + amount
            continue
        pair = project.book.recycling(stream)
        primary = project.factor(pair[0] if pair else None, f"recycling_savings/{stream}")
        secondary = pair[1].value if pair else float("nan")
        ones = np.ones(project.repetitions)
        total = total + method.saved_by_factor(amount, primary * ones, secondary * ones)
    return total


def _freight(project: Project, indicator: str) -> Array:
    for parameter in ("freight_from", "freight_to"):
        if not project.items(parameter):
            return project.need(parameter)
    total, zero = np.zeros(project.repetitions), np.zeros(project.repetitions)
    for sign, parameter in ((1.0, "freight_from"), (-1.0, "freight_to")):
        for way in project.items(parameter):
            factor = project.factor(project.book.freight(way), f"freight_factors/{way}")
            total = total + sign * method.saved_by_factor(project.need(parameter, way), factor + zero, zero)
    return total


FORMULAS: Mapping[str, Callable[[Project, str], Array]] = {
    "power": _power,
    "methane": _methane,
    "equal_heat": _equal_heat,
    "heat_recovered": _heat_recovered,
    "energy_intensity": _energy_intensity,
    "equipment_efficiency": _equipment,
    "carriers": _carriers,
    "water_pollutant": _pollutant,
    "air_pollutant": _pollutant,
    "water_intensity": _water_intensity,
    "water_reused": lambda project, indicator: project.need("water_reused"),
    "waste_used": lambda project, indicator: project.need("waste_used"),
    "recycling": _recycling,
    "freight_shift": _freight,
    "waste_power": _waste_power,
    "storage": _storage,
    "captured": _captured,
    "hydrogen": _hydrogen,
}
