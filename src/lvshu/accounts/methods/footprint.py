"""Production-based and consumption-based accounts of one region, with what it brings in shown apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.idle import sector_named
from lvshu.accounts.methods.leontief import LeontiefModel, required_output, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

IDENTITY_ALLOWED = 1e-9


@dataclass(frozen=True)
class Footprint:
    """Emissions by the final demand that causes them.

    Attributes:
        local: emissions of local sectors by (product bought, category), shape (n, c), tCO2.
        by_emitter: the same by (emitting sector, category), shape (n, c), tCO2.
        rest_of_country: embodied in products from the rest of the country, (n, c), tCO2, under the
            domestic-technology assumption; row = product that crosses the border.
        abroad: the same for products from abroad, shape (n, c), tCO2.
    """

    local: Array
    by_emitter: Array
    rest_of_country: Array
    abroad: Array


def direct_intensity(emission: Array, output: Array, names: Sequence[str] | None = None) -> Array:
    """Return emission per unit of output, 0 for a sector without output.

    Args:
        emission: shape (n,) or (n, r), unit tCO2.
        output: shape (n,), unit CNY.
        names: names of the n sectors for messages.

    Returns:
        Intensity, same shape as the emission, unit tCO2 per CNY.

    Raises:
        MethodError: accounts.emission_without_output, when a sector emits and has no output.

    Source: Miller and Blair (2009), chapter 10 (direct impact coefficients).
    """
    idle = output == 0.0
    emitted = emission if emission.ndim == 1 else np.abs(emission).sum(axis=1)
    wrong = np.flatnonzero(idle & (emitted != 0.0))
    if wrong.size:
        raise MethodError(
            *(
                Problem(
                    "accounts.emission_without_output",
                    values={"sector": sector_named(names, int(i)), "amount": float(emitted[i])},
                )
                for i in wrong
            )
        )
    divisor = np.where(idle, 1.0, output)
    return np.asarray(emission / (divisor if emission.ndim == 1 else divisor[:, None]))


def local_footprint(model: LeontiefModel, intensity: Array, final_demand: Array) -> tuple[Array, Array]:
    """Return the emissions of local sectors by product bought and by emitting sector, for each category.

    Args:
        model: the local economy, n sectors (coefficients of local products only).
        intensity: shape (n,), unit tCO2 per CNY.
        final_demand: local products bought, shape (n, c), unit CNY.

    Returns:
        Two arrays, shape (n, c), unit tCO2: by product bought, by emitting sector; their column sums agree.

    Source: Miller and Blair (2009), chapter 10; identity: the sum over all categories is the direct emission.
    """
    by_product = total_intensity(model, intensity)[:, None] * final_demand
    by_emitter = intensity[:, None] * required_output(model, final_demand)
    return by_product, by_emitter


def check_identity(footprint: Array, direct_emission: Array) -> float:
    """Return the relative difference between the sum of footprints and the sum of direct emissions.

    Args:
        footprint: shape (n, c), unit tCO2.
        direct_emission: shape (n,), unit tCO2.

    Returns:
        The difference relative to the direct emissions, without unit.

    Raises:
        MethodError: accounts.footprint_identity, when it is above 1e-9.

    Source: Miller and Blair (2009), chapter 10: s L y = s x for y = (I - A) x.
    """
    total = float(direct_emission.sum())
    difference = abs(float(footprint.sum()) - total) / (abs(total) or 1.0)
    if difference > IDENTITY_ALLOWED:
        values = {"footprint": float(footprint.sum()), "direct": total}
        raise MethodError(Problem("accounts.footprint_identity", values=values))
    return difference


def embodied_in_imports(
    local_model: LeontiefModel,
    technology_model: LeontiefModel,
    intensity: Array,
    import_coefficients: Array,
    final_demand_local: Array,
    final_demand_imported: Array,
) -> Array:
    """Return what is embodied in the products of one origin that a final demand calls for.

    The products bought from elsewhere are those in the final demand itself and those that local sectors need to
    serve it. They are assumed to be made with the region's own technology and intensity (domestic-technology
    assumption): a product that the region does not make at all carries only what its inputs would, that is zero.

    Args:
        local_model: coefficients of local products, n sectors.
        technology_model: coefficients of products of all origins, n sectors.
        intensity: shape (n,), unit tCO2 per CNY.
        import_coefficients: products of this origin per unit of local output, shape (n, n), unit CNY per CNY.
        final_demand_local: local products bought, shape (n, c), unit CNY.
        final_demand_imported: products of this origin bought, shape (n, c), unit CNY.

    Returns:
        Emissions elsewhere by (product of this origin, category), shape (n, c), unit tCO2.

    Source: Miller and Blair (2009), chapter 10; domestic-technology assumption: Eurostat, Manual of Supply, Use and
        Input-Output Tables (2008), environmental extensions.
    """
    needed = import_coefficients @ required_output(local_model, final_demand_local) + final_demand_imported
    return np.asarray(total_intensity(technology_model, intensity)[:, None] * needed)
