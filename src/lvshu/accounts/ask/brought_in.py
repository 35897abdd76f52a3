"""What a region causes elsewhere by what it buys: the other half of its consumption-based account."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.compile.check import dense
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import COMING_IN, RegionalSystem
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.footprint import embodied_in_imports
from lvshu.accounts.methods.kernel.accounts import stressor_intensity
from lvshu.accounts.methods.leontief import input_coefficients, leontief_model

Array = NDArray[np.float64]

ASSUMED = (
    "按本地技术假设：外来产品视同用本地的技术和强度生产；本地不生产的产品因此为零，偏低。",
    "Domestic-technology assumption: what comes in is taken to be made with the region's own technology and intensity; "
    "a product that is not made here carries nothing, which understates it.",
)


def technology_coefficients(system: RegionalSystem) -> Array:
    """Return inputs of products of all origins per unit of output, shape (n, n), money per money."""
    whole = dense(system.intermediate_use) + sum(system.coming_in.values())
    return input_coefficients(np.asarray(whole), system.output, names_of(system.industries))


def brought_in(
    accounts: Accounts, words: Words = None, *, region: str = "", final: str = ""
) -> Result | None:
    """Return what each final demand causes in the rest of the country and abroad; None for a closed system.

    Args:
        accounts: of a system of one region that knows what comes in, n sectors, c kinds of final demand.
        words: stressors, m of them.
        region: only the final demand of this region.
        final: only this kind of final demand.

    Returns:
        Rows (stressor, source), columns final demand, shape (2 m, c), unit of the stressor.
    """
    system = accounts.system
    if not isinstance(system, RegionalSystem) or not system.coming_in:
        return None
    chosen = accounts.stressors(words)
    columns = accounts.demand_columns(region, final)
    technology = leontief_model(technology_coefficients(system))
    local = np.asarray(system.final_demand[:, columns], dtype=np.float64)
    labels, units, values = [], [], []
    for place, label in enumerate(chosen.index.labels):
        intensity = stressor_intensity(chosen.flows[[place]], system.output, names_of(system.industries))[0]
        for source in COMING_IN:
            coefficients = input_coefficients(
                system.coming_in[source], system.output, names_of(system.industries)
            )
            imported = np.asarray(system.coming_in_final[source][:, columns])
            found = embodied_in_imports(
                accounts.leontief, technology, intensity, coefficients, local, imported
            )
            labels.append((" / ".join(label), source))
            units.append(chosen.units[place])
            values.append(found.sum(axis=0))
    return Result(
        "brought_in", ("本地消费引起的外地排放", "Caused elsewhere by what is bought"),
        Index.of(("stressor", "source"), labels),
        Index.of(system.final.levels, [system.final.labels[place] for place in columns]), np.vstack(values),
        tuple(units), "accounts.footprint", accounts.origins(chosen), notes=(ASSUMED,),
    )  # fmt: skip
