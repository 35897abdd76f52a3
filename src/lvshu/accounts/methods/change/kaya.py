"""The Kaya identity with sectors and fuels, decomposed by LMDI; the arithmetic of intensity targets.

Letters of the textbook, used in this file only:
    P  population, persons;  G  value added, (n,), CNY at constant prices, sum = GDP
    E  energy use, (n, f), tce: n sectors by f fuels;  C  emissions of it, (n, f), tCO2
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.change.footprint_change import price_year_problem
from lvshu.accounts.methods.change.index import IndexChange, lmdi
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

FACTORS = ("population", "gdp_per_head", "sector_structure", "energy_intensity", "household_energy_per_head",
           "energy_mix", "carbon_content")  # fmt: skip


@dataclass(frozen=True)
class KayaYear:
    """One period of the Kaya identity.

    Attributes:
        population: persons.
        value_added: shape (n,), unit CNY at constant prices.
        energy: shape (n, f), unit tce.
        carbon: shape (n, f), unit tCO2.
        household_energy, household_carbon: shape (h, f), unit tce and tCO2: use that has no value added, h kinds of
            household; none by default.
        price_year: year whose prices value added stands in, or None where nobody said.

    Source: Kaya (1990), Impact of carbon dioxide emission control on GNP growth, IPCC; Ang (2005).
    """

    population: float
    value_added: Array
    energy: Array
    carbon: Array
    household_energy: Array = field(default_factory=lambda: np.zeros((0, 0)))
    household_carbon: Array = field(default_factory=lambda: np.zeros((0, 0)))
    price_year: int | None = None


@dataclass(frozen=True)
class KayaChange:
    """Effects of the Kaya factors. Returned by `kaya`.

    Attributes:
        change: effects of `FACTORS`, rows n x f of the sectors and then h x f of the households, unit tCO2.
        problems: warnings, e.g. that value added stands at prices of two years.

    Source: Ang (2005).
    """

    change: IndexChange
    problems: tuple[Problem, ...]


def kaya(start: KayaYear, end: KayaYear) -> KayaChange:
    """Return what population, income, structure, energy intensity, energy mix and carbon content did to emissions.

    C = sum over sectors i and fuels j of P (GDP/P) (G_i/GDP) (E_i/G_i) (E_ij/E_i) (C_ij/E_ij); households:
    P (E_h/P) (E_hj/E_h) (C_hj/E_hj). A ratio that one year does not define (a fuel not used) takes the other year's
    value, so that the coming or going of the fuel is an effect of the mix, that of a sector one of the structure.

    Args:
        start: the first period; shapes (n,), (n, f), (h, f), units persons, CNY, tce, tCO2.
        end: the second period, same shapes and units.

    Returns:
        The effects, unit tCO2; they sum to the change of emissions.

    Raises:
        MethodError: accounts.kaya_without_base (carbon without energy, energy without value added), and as `lmdi`.

    Source: Kaya (1990); Ang (2005), Energy Policy 33(7); Ang and Liu (2007), Energy Policy 35(1) (zeros).
    """
    for year in (start, end):
        _check_bases(year)
    sides = [_factors(year) for year in (start, end)]
    _check_sides(sides[0], sides[1])
    filled = []
    for own, other in ((sides[0], sides[1]), (sides[1], sides[0])):
        values = np.where(np.isnan(own), other, own)
        filled.append(np.where(np.isnan(values), 1.0, values))
    problems: tuple[Problem, ...] = ()
    if start.price_year is None or start.price_year != end.price_year:
        problems = (price_year_problem(start.price_year, end.price_year),)
    return KayaChange(lmdi(filled[0], filled[1], FACTORS), problems)


def intensity_index(emissions: Array, output: Array) -> Array:
    """Return emissions per unit of output relative to the first period.

    Args:
        emissions: shape (t,), unit tCO2 (or tce).
        output: shape (t,), unit CNY at constant prices.

    Returns:
        Index, shape (t,), first = 1, without unit.

    Raises:
        MethodError: accounts.kaya_no_output, where an output or the first emission is zero or negative.

    Source: policy targets of energy and carbon intensity (单位GDP能耗、单位GDP二氧化碳排放), a ratio to a base year.
    """
    if not (np.all(output > 0.0) and emissions[0] > 0.0):
        raise MethodError(Problem("accounts.kaya_no_output", values={"lowest": float(np.min(output))}))
    intensity = emissions / output
    return np.asarray(intensity / intensity[0])


def cumulative_reduction(rates: Array) -> float:
    """Return the reduction over several years: 1 - product of (1 - yearly rate), not the sum of the rates.

    Args:
        rates: yearly reductions, shape (t,), as fractions (0.03 = 3 %), without unit.

    Returns:
        The cumulative reduction, a fraction without unit.

    Raises:
        MethodError: accounts.kaya_rate, where a rate is above 1 (more than everything).

    Source: 单位国内生产总值二氧化碳排放降低目标: rates of single years are chained, as indices are.
    """
    _check_rates(np.asarray(rates, np.float64))
    return float(1.0 - np.prod(1.0 - np.asarray(rates, np.float64)))


def yearly_rate_needed(target: float, achieved: Array, years: int) -> float:
    """Return the yearly reduction that the remaining years need to reach a cumulative target.

    Args:
        target: cumulative reduction wanted, a fraction (0.18 = 18 %), without unit.
        achieved: yearly reductions so far, shape (t,), fractions without unit.
        years: a count: how many years remain.

    Returns:
        The equal yearly rate, a fraction without unit; 0 or less when the target is already met.

    Raises:
        MethodError: accounts.kaya_rate, accounts.kaya_no_years.

    Source: as `cumulative_reduction`, solved for equal remaining rates.
    """
    if years < 1:
        raise MethodError(Problem("accounts.kaya_no_years", values={"years": years}))
    _check_rates(np.append(np.asarray(achieved, np.float64), target))
    so_far = float(np.prod(1.0 - np.asarray(achieved, np.float64)))
    if so_far == 0.0:
        return 0.0
    return float(1.0 - ((1.0 - target) / so_far) ** (1.0 / years))


def _check_rates(rates: Array) -> None:
    if not np.all(rates <= 1.0):
        raise MethodError(Problem("accounts.kaya_rate", values={"rate": float(np.max(rates))}))


def _ratio(numerator: Array, denominator: Array) -> Array:
    out = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=out, where=np.asarray(denominator) != 0.0))


def _factors(year: KayaYear) -> Array:
    n, f = year.energy.shape
    gdp = year.value_added.sum()
    sector_energy = year.energy.sum(axis=1)
    rows = np.ones((n, f, len(FACTORS)))
    rows[:, :, 0] = year.population
    rows[:, :, 1] = gdp / year.population
    rows[:, :, 2] = _ratio(year.value_added, np.full(n, gdp))[:, None]
    rows[:, :, 3] = _ratio(sector_energy, year.value_added)[:, None]
    rows[:, :, 5] = _ratio(year.energy, sector_energy[:, None])
    rows[:, :, 6] = _ratio(year.carbon, year.energy)
    blocks = [rows.reshape(n * f, -1)]
    if year.household_energy.size:
        h = len(year.household_energy)
        used = year.household_energy.sum(axis=1)
        home = np.ones((h, f, len(FACTORS)))
        home[:, :, 0] = year.population
        home[:, :, 4] = (used / year.population)[:, None]
        home[:, :, 5] = _ratio(year.household_energy, used[:, None])
        home[:, :, 6] = _ratio(year.household_carbon, year.household_energy)
        blocks.append(home.reshape(h * f, -1))
    return np.concatenate(blocks)


def _check_bases(year: KayaYear) -> None:
    wrong = []
    if not (year.population > 0.0 and year.value_added.sum() > 0.0):
        wrong.append(Problem("accounts.kaya_no_output", values={
            "lowest": float(min(year.population, year.value_added.sum()))}))  # fmt: skip
    pairs = (("carbon", year.carbon, "energy", year.energy),
             ("household_carbon", year.household_carbon, "household_energy", year.household_energy),
             ("energy", year.energy.sum(axis=1), "value_added", year.value_added))  # fmt: skip
    for name, above, base, below in pairs:
        if np.shape(above) != np.shape(below):
            values: dict[str, object] = {
                "name": name,
                "start": str(np.shape(above)),
                "end": str(np.shape(below)),
            }
            wrong.append(Problem("accounts.decomposition_shapes", values={**values, "names": len(FACTORS)}))
            continue
        lost = (np.asarray(above) != 0.0) & (np.asarray(below) == 0.0)
        if lost.any():
            amount = float(np.asarray(above)[lost].sum())
            values = {"name": name, "base": base, "count": int(lost.sum()), "amount": amount}
            wrong.append(Problem("accounts.kaya_without_base", values=values))
    if wrong:
        raise MethodError(*wrong)


def _check_sides(start: Array, end: Array) -> None:
    if start.shape != end.shape:
        raise MethodError(Problem("accounts.decomposition_shapes", values={
            "name": "energy", "start": str(start.shape), "end": str(end.shape), "names": len(FACTORS)}))  # fmt: skip
