"""A green project as the calculator sees it: its quantities in units and repetitions, its factors, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import LvshuError, MethodError, Problem
from lvshu.core.units import convert
from lvshu.finance.benefit_factors import Factor, FactorBook

Array = NDArray[np.float64]
ALL = "all"
CARBON_INCLUSION = "distributed_solar"  # the project type whose scheme sets a factor of its own


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
        """Return tCO2/MWh of displaced or saved power: the user's, else that of the area's scheme for the project
        type where the pack has one (carbon inclusion), else by the choice of the settings."""
        given = self.get("baseline_factor")
        if given is not None:
            self.basis.append("baseline_factor")
            self.power = Factor(float(given[0]), "baseline_factor", "given", self.year)
            return given
        if self.project_type == CARBON_INCLUSION and (
            own := self.book.carbon_inclusion(self.area, self.year)
        ):
            self.power = own
            return np.full(self.repetitions, self.factor(own, "baseline_factor"))
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
