"""The environmental benefit of one project: its quantities, the formula of its type, what is missing, from where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import LvshuError, MethodError, Problem
from lvshu.core.units import convert
from lvshu.finance.benefit_factors import COAL_EQUIVALENT, ELECTRICITY, HEAT, Factor, FactorBook
from lvshu.finance.methods import benefit as method

Array = NDArray[np.float64]
ALL = "all"
GREENHOUSE, COAL = "greenhouse_gas", "coal_saved"
FOSSIL_METHANE = frozenset({"coal_mine_methane"})


@dataclass(frozen=True)
class Quantity:
    """One parameter of a project as its user gives it."""

    parameter: str
    item: str
    value: Decimal
    unit: str
    relative_standard_error: float | None = None


@dataclass
class Project:
    """What is known of a project in one year and stage, in the calculator's units, with repetitions.

    values: (parameter, item) -> shape (r,), the first the point estimate. missing and basis are filled as it is used.
    """

    project_type: str
    year: int
    area: str | None
    values: dict[tuple[str, str], Array]
    book: FactorBook
    repetitions: int
    missing: list[str] = field(default_factory=list)
    basis: list[str] = field(default_factory=list)
    power: Factor | None = None

    def get(self, parameter: str, item: str = ALL) -> Array | None:
        """Return a quantity, or None."""
        return self.values.get((parameter, item))

    def need(self, parameter: str, item: str = ALL) -> Array:
        """Return a quantity, nan (and noted as missing) where it is absent."""
        found = self.get(parameter, item)
        if found is None:
            self.missing.append(parameter if item == ALL else f"{parameter}/{item}")
            return np.full(self.repetitions, np.nan)
        return found

    def factor(self, found: Factor | None, name: str) -> float:
        """Return a factor, its source noted; nan (and noted as missing) where there is none."""
        if found is None:
            self.missing.append(name)
            return float("nan")
        if found.basis and found.basis not in self.basis:
            self.basis.append(found.basis)
        return found.value

    def items(self, *parameters: str) -> list[str]:
        """Return the items that the parameters have, in order of the alphabet."""
        return sorted({item for parameter, item in self.values if parameter in parameters})

    def baseline(self) -> Array:
        """Return tCO2/MWh of displaced or saved power: the user's, else by the choice of the settings."""
        given = self.get("baseline_factor")
        if given is not None:
            self.basis.append("baseline_factor")
            self.power = Factor(float(given[0]), "baseline_factor", "given", self.year)
            return given
        rows = self.book.packs["benefit_methods"].find(code=self.project_type)
        group = str(rows[0]["project_group"] or "other") if rows else "other"
        self.power = self.book.avoided_power(self.area, self.year, group)
        return np.full(self.repetitions, self.factor(self.power, "baseline_factor"))

    def supply_rate(self) -> Array:
        """Return the coal rate of thermal supply, gce/kWh: the user's, else the pack's for the year before."""
        given = self.get("thermal_supply_rate")
        if given is not None:
            return given
        return np.full(self.repetitions, self.factor(self.book.supply_rate(self.year), "thermal_supply_rate"))


@dataclass(frozen=True)
class Benefit:
    """One indicator of a project: r repetitions (the first the point estimate), what is missing, the factors used.

    power: the factor of power in it, None where there is none.
    """

    indicator: str
    values: Array
    missing: tuple[str, ...]
    basis: tuple[str, ...]
    power: Factor | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the repetitions, or None where no input in use states an error."""
        drawn = self.values[1:]
        if not self.known or len(drawn) < 2 or float(np.ptp(drawn)) == 0.0:
            return None
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)

    @property
    def known(self) -> bool:
        """Return whether the indicator could be calculated."""
        return bool(np.isfinite(self.values[0]))


def standard_value(quantity: Quantity, unit: str | None, book: FactorBook) -> float:
    """Return a quantity in the unit that the formula needs.

    Raises:
        MethodError: finance.benefit_unit, a unit of another dimension.
    """
    if quantity.parameter in ("energy_before", "energy_after"):
        unit = book.unit_of_energy(quantity.item)
        if unit is None:
            raise MethodError(_unit_problem(quantity, "?"))
    scale = 1.0
    if quantity.parameter.startswith("concentration"):
        unit, scale = "mg/L", 1e-6
    if quantity.parameter == "methane_destroyed" and quantity.unit.endswith("m3"):
        unit, scale = "m3", book.constant("methane_density").value
    if quantity.parameter.startswith("unit_energy") and quantity.unit == "GJ/t":
        unit, scale = "GJ/t", book.constant("heat_coal_equivalent").value
    try:
        return float(convert(quantity.value, quantity.unit, unit or "1")) * scale
    except MethodError as error:
        raise MethodError(_unit_problem(quantity, unit or "1")) from error


def _unit_problem(quantity: Quantity, expected: str) -> Problem:
    return Problem("finance.benefit_unit", values={
        "parameter": quantity.parameter, "item": quantity.item, "unit": quantity.unit, "expected": expected,
    })  # fmt: skip


def read_project(
    project_type: str,
    year: int,
    given: Sequence[Quantity],
    book: FactorBook,
    generator: np.random.Generator,
    area: str | None = None,
) -> tuple[Project, tuple[Problem, ...]]:
    """Return a project in the calculator's units, with repetitions where an input states its error, and problems.

    Args:
        project_type: code of the pack benefit_methods.
        year: of the quantities.
        given: what its user gives; a quantity with a problem is left out.
        book: factors and settings (number of repetitions).
        generator: random numbers.
        area: province of the project; None: that of the settings.
    """
    parameters = {str(row["code"]): row["unit"] for row in book.packs["benefit_parameters"].rows}
    stated = any(quantity.relative_standard_error for quantity in given)
    repetitions = 1 + (book.settings.replicates if stated else 0)
    values: dict[tuple[str, str], Array] = {}
    problems: list[Problem] = []
    for quantity in sorted(given, key=lambda one: (one.parameter, one.item)):
        if quantity.parameter not in parameters:
            problems.append(Problem("finance.benefit_parameter", values={"parameter": quantity.parameter}))
            continue
        unit = parameters[quantity.parameter]
        try:
            value = standard_value(quantity, None if unit is None else str(unit), book)
        except LvshuError as error:
            problems += error.problems
            continue
        factors = random_factors(quantity.relative_standard_error, repetitions, generator)
        values[(quantity.parameter, quantity.item)] = value * factors
    return Project(project_type, year, area, values, book, repetitions), tuple(problems)


def random_factors(error: float | None, repetitions: int, generator: np.random.Generator) -> Array:
    """Return 1 and random factors of expectation 1 after it (lognormal, never negative), shape (repetitions,)."""
    factors = np.ones(repetitions)
    if error and repetitions > 1:
        variance = np.log1p(error**2)
        normal = generator.standard_normal(repetitions - 1)
        factors[1:] = np.exp(np.sqrt(variance) * normal - variance / 2.0)
    return factors


def indicators_of(project: Project, indicators: Sequence[str]) -> list[str]:
    """Return which indicators of its type a project is asked for: of several pollutants only those it has."""
    told = set(project.items("concentration_in", "concentration_out"))
    return [one for one in indicators if one in told] or list(indicators[:1]) if told else list(indicators)


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
}
