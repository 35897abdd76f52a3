"""An input-output system of one or many regions: labelled money flows, final demand and what they carry.

It holds what a database publishes and nothing else; every account is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.core.origin import Origin

Array = NDArray[np.float64]
Matrix: TypeAlias = Array | sparse.csr_array

INDUSTRY_LEVELS = ("region", "sector")
FINAL_LEVELS = ("region", "category")
STRESSOR_LEVELS = ("stressor",)
NO_ORIGIN = Origin()


@dataclass(frozen=True)
class Extension:
    """What production and final demand carry besides money: energy, emissions, materials, waste, labour.

    Attributes:
        name: e.g. "air_emissions".
        stressors: m labels; more levels where a database has them (stressor, compartment).
        units: unit of each stressor as its publisher states it, m texts.
        flows: emission of each sector, shape (m, n), each row in its unit.
        final_flows: emission of final demand itself (households burning fuel), shape (m, c), or None.
        standard_error: standard error of `flows`, shape (m, n), NaN where a flow has none; None where none has.
        origin: where it was published.
        final_error: standard error of `final_flows`, shape (m, c), NaN where a flow has none; or None.
    """

    name: str
    stressors: Index
    units: tuple[str, ...]
    flows: Matrix
    final_flows: Array | None = None
    standard_error: Array | None = None
    origin: Origin = NO_ORIGIN
    final_error: Array | None = None


@dataclass(frozen=True)
class InputOutputSystem:
    """A closed table: what is made is used as input or by final demand.

    Attributes:
        name: e.g. "EXIOBASE 3.8.2 pxp".
        year: year of the table; None where it has none.
        industries: n labels (region, sector); the sectors of a region stand together.
        final: c labels (region, category).
        intermediate_use: Z, shape (n, n), in `money_unit`; row = product, column = user. Dense (also memory-mapped)
            or sparse (CSR).
        final_demand: Y, shape (n, c), in `money_unit`.
        output: x, shape (n,), in `money_unit`; the row sum of Z and Y where nothing else is given.
        value_added: name -> shape (n,), in `money_unit`.
        money_unit: symbol of the unit registry, e.g. "1e6 EUR".
        extensions: by name.
        origin: where the table was published.
        notes: what its reader had to settle, in words (zh, en) pairs.
    """

    name: str
    year: int | None
    industries: Index
    final: Index
    intermediate_use: Matrix
    final_demand: Array
    output: Array
    value_added: Mapping[str, Array] = field(default_factory=dict)
    money_unit: str = "CNY"
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    origin: Origin = NO_ORIGIN
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def inputs_from_outside(self) -> Array:
        """Return what each sector buys from beyond the system, shape (n,), in `money_unit`; none in a closed one."""
        return np.zeros(len(self.industries))

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the names of the regions, in order."""
        return self.industries.names("region")

    @property
    def sectors(self) -> tuple[str, ...]:
        """Return the different names of sectors, in order."""
        return self.industries.names("sector")
