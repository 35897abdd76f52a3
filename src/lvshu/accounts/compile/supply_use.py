"""Supply and use tables with names, and the symmetric tables made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.compile.check import dense
from lvshu.accounts.compile.compiled import Compiled, compiled, names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import INDUSTRY_LEVELS, NO_ORIGIN, Extension, InputOutputSystem
from lvshu.accounts.methods.compile.aggregation import carried_error
from lvshu.accounts.methods.compile.constructs import Model, symmetric_table
from lvshu.core.origin import Origin

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SupplyUse:
    """Supply and use tables of one or many regions, at basic prices.

    Attributes:
        name, year, money_unit, origin: as in `InputOutputSystem`.
        products: c labels (region, sector); industries: i labels (region, sector); final: k labels (region, category).
        supply: shape (c, i), row = product; use: shape (c, i), of domestic products; final_use: shape (c, k); money.
        value_added: name -> shape (i,), money: wages, taxes, surplus, imported inputs.
        extensions: by name, flows of industries, shape (m, i).
    """

    name: str
    year: int | None
    products: Index
    industries: Index
    final: Index
    supply: Array
    use: Array
    final_use: Array
    value_added: Mapping[str, Array] = field(default_factory=dict)
    money_unit: str = "CNY"
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    origin: Origin = NO_ORIGIN


def from_supply_use(tables: SupplyUse, model: Model) -> Compiled:
    """Return the symmetric table of a model: A, B product by product; C, D industry by industry.

    Standard errors of extensions are carried along as independent ones.

    Raises:
        MethodError: accounts.unknown_construct, accounts.supply_use_shape, accounts.supply_not_square,
            accounts.supply_singular.
    """
    industries = tables.products if model in "AB" else tables.industries
    names = list(tables.value_added)
    rows = np.vstack(
        [np.zeros((0, len(tables.industries))), *(tables.value_added[name][None] for name in names)]
    )
    found = symmetric_table(
        dense(tables.supply), dense(tables.use), tables.final_use, rows, model,
        products=names_of(tables.products), industries=names_of(tables.industries),
    )  # fmt: skip
    carry = found.row_transform
    extensions = {
        name: replace(
            extension, flows=dense(extension.flows) @ carry,
            standard_error=None if extension.standard_error is None
            else carried_error(extension.standard_error, dense(extension.flows), carry),
        )
        for name, extension in tables.extensions.items()
    }  # fmt: skip
    system = InputOutputSystem(
        tables.name, tables.year, Index.of(INDUSTRY_LEVELS, industries.labels), tables.final, found.intermediate_use,
        found.final_use, found.output, {name: found.rows[place] for place, name in enumerate(names)},
        tables.money_unit, extensions, tables.origin,
    )  # fmt: skip
    return compiled(system, found.problems)
