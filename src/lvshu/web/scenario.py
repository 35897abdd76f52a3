"""What if: the accounts of a book under changed demand, power, recovery, carbon price and capital, at once.

First-round accounting answers with fixed input coefficients: output follows demand, prices follow costs, nobody
substitutes. Letters of the textbook, used in this file only:
    L  Leontief inverse (I - A)^-1, (n, n), kept as a factorisation
    Y  final demand, (n, c), CNY;  x  output, (n,), CNY
    s  direct intensity, (n,), tCO2 per CNY
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, input_coefficients, leontief_model, required_output
from lvshu.accounts.methods.price.carbon import CarbonPrice, carbon_burden, carbon_cost
from lvshu.core.errors import InputError, MethodError, Problem
from lvshu.core.text import LANGUAGES
from lvshu.publish.texts import Text

Array = NDArray[np.float64]
GROUPS: dict[str, tuple[str, ...]] = {
    "household": ("household_rural", "household_urban", "household"),
    "government": ("government",),
    "investment": ("fixed_capital", "inventory"),
    "export": ("export",),
    "outflow": ("outflow",),
}
CLOSED = 1e-9


@dataclass(frozen=True)
class Levers:
    """What is changed. Shares in percent; money in CNY.

    Attributes:
        demand: change of each group of final demand, percent.
        power: cut of the direct intensity of local power generation, percent.
        grid: cut of the emission factor of purchased electricity, percent.
        recovery: share of the breaks of the loop that is closed, percent.
        price: carbon price, CNY per tCO2.
        pass_through: share of the carbon cost that goes into prices, percent.
        moved: investment demand moved between sectors, CNY.
        moved_from: code of the sector that it is taken from.
        moved_to: code of the sector that it goes to.
    """

    demand: dict[str, float] = field(default_factory=dict)
    power: float = 0.0
    grid: float = 0.0
    recovery: float = 0.0
    price: float = 0.0
    pass_through: float = 100.0
    moved: float = 0.0
    moved_from: str = ""
    moved_to: str = ""


@dataclass(frozen=True)
class Economy:
    """One city's economy of n sectors and c categories of final demand, ready to be asked.

    Attributes:
        codes: of sectors, n texts.
        categories: of final demand, c codes.
        final_demand: Y of local products, shape (n, c), CNY.
        output: x of the table, shape (n,), CNY.
        value_added: shape (n,), CNY.
        emission: direct CO2, shape (n,), tCO2.
        own_emission: CO2 that final demand itself emits, shape (c,), tCO2.
        electricity_emission: CO2 of purchased electricity, shape (n,), tCO2.
        energy: shape (n,), tce.
        power: places of power generation among the sectors.
        saving_forgone: saving that the breaks of the loop forgo, tCO2e.
        model: the factorised input coefficients.
    """

    codes: tuple[str, ...]
    categories: tuple[str, ...]
    final_demand: Array
    output: Array
    value_added: Array
    emission: Array
    own_emission: Array
    electricity_emission: Array
    energy: Array
    power: tuple[int, ...]
    saving_forgone: float
    model: LeontiefModel

    @classmethod
    def of(cls, *, intermediate_use: Array, **given: Any) -> Economy:
        """Return an economy whose input coefficients are factorised now; shapes (n, n) and those of the attributes.

        Raises:
            MethodError: a sector uses inputs and has no output, or the table is not productive.
        """
        return cls(**given, model=leontief_model(input_coefficients(intermediate_use, given["output"])))


@dataclass(frozen=True)
class Answer:
    """What comes out. Totals by name; per sector arrays of shape (n,); buyers of shape (c,).

    Attributes:
        totals: output, value_added (CNY), emission, electricity, avoided (tCO2), energy (tce), revenue, profits (CNY).
        output: shape (n,), CNY.
        emission: shape (n,), tCO2.
        price_change: shape (n,), without unit.
        buyers: of the carbon cost, shape (c,), CNY.
    """

    totals: dict[str, float]
    output: Array
    emission: Array
    price_change: Array
    buyers: Array


def answer(economy: Economy, levers: Levers, *, names: Mapping[str, Text] | None = None) -> Answer:
    """Return the accounts of an economy under changed levers: one triangular solution for output, one for prices.

    Args:
        economy: of n sectors.
        levers: what is changed.
        names: of sectors, for what is told of them.

    Returns:
        Totals and arrays, shape (n,) each, units as the attributes of `Answer` state.

    Raises:
        InputError: an unknown sector, or more is moved than there is.
        MethodError: of the price model.

    Source: Miller and Blair (2009), sections 2.2 (demand) and 2.6 (price).
    """
    demand = changed_demand(economy, levers, names)
    output = required_output(economy.model, demand.sum(axis=1))
    ratio = np.divide(output, economy.output, out=np.zeros_like(output), where=economy.output != 0.0)
    cut = np.ones(len(output))
    cut[list(economy.power)] -= levers.power / 100.0
    emission = economy.emission * cut * ratio
    own = economy.own_emission * _factors(economy, levers)
    electricity = float((economy.electricity_emission * ratio).sum()) * (1.0 - levers.grid / 100.0)
    rules = CarbonPrice(levers.price, pass_through=np.full(len(output), levers.pass_through / 100.0))
    intensity = np.divide(emission, output, out=np.zeros_like(output), where=output != 0.0)
    cost = carbon_cost(economy.model, intensity, rules)
    burden = carbon_burden(economy.model, cost, demand, rules=rules)
    totals = {
        "output": float(output.sum()),
        "value_added": float((economy.value_added * ratio).sum()),
        "emission": float(emission.sum() + own.sum()),
        "electricity": electricity,
        "energy": float((economy.energy * ratio).sum()),
        "avoided": economy.saving_forgone * levers.recovery / 100.0,
        "revenue": burden.net_revenue,
        "profits": float(burden.profits.sum()),
    }
    return Answer(totals, output, emission, np.asarray(cost.price_change), np.asarray(burden.buyers))


def investment(economy: Economy) -> Array:
    """Return the fixed capital formation that each sector delivers, shape (n,), CNY; zeros where the table has none."""
    columns = [place for place, one in enumerate(economy.categories) if one == "fixed_capital"]
    return np.asarray(economy.final_demand[:, columns].sum(axis=1))


def changed_demand(economy: Economy, levers: Levers, names: Mapping[str, Text] | None = None) -> Array:
    """Return final demand under the levers, shape (n, c), CNY.

    Raises:
        InputError: an unknown sector, or more is moved than the sector has.
    """
    demand = economy.final_demand * _factors(economy, levers)
    if not levers.moved:
        return demand
    places = {code: place for place, code in enumerate(economy.codes)}
    unknown = [code for code in (levers.moved_from, levers.moved_to) if code not in places]
    if unknown:
        values = {"kind": {"zh": "部门", "en": "sector"}, "name": unknown[0] or "–"}
        raise InputError(Problem("web.no_such_thing", values=values))
    columns = [place for place, one in enumerate(economy.categories) if one == "fixed_capital"]
    if not columns:
        raise MethodError(Problem("web.no_investment"))
    source, target, column = places[levers.moved_from], places[levers.moved_to], columns[0]
    there = float(demand[source, column])
    if levers.moved > max(0.0, there):
        called = (names or {}).get(levers.moved_from)
        name = {side: f"{called.of(side)} ({levers.moved_from})" for side in LANGUAGES} if called else None
        values = {"sector": name or levers.moved_from, "there": f"{there / 1e8:.2f}"}
        raise InputError(Problem("web.moved_too_much", values=values))
    demand[source, column] -= levers.moved
    demand[target, column] += levers.moved
    return demand


def _factors(economy: Economy, levers: Levers) -> Array:
    """Return the factor of each category of final demand, shape (c,), without unit."""
    factors = np.ones(len(economy.categories))
    for name, change in levers.demand.items():
        for place, category in enumerate(economy.categories):
            if category in GROUPS[name]:
                factors[place] += change / 100.0
    return factors


def gap(economy: Economy) -> float:
    """Return by how much the baseline's output differs from the table's, relative to the largest output."""
    needed = required_output(economy.model, economy.final_demand.sum(axis=1))
    return float(np.abs(needed - economy.output).max() / np.abs(economy.output).max())
