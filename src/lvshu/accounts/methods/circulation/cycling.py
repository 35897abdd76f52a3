"""Cycling: how much of what flows through an economy has been there before.

Letters of the textbook, used in this file only:
    F  flows between n compartments (sectors), (n, n), any one unit; row = giver, column = receiver
    x  throughflow of each compartment, (n,), unit of F
    A  flows per throughflow of the receiver F x^-1, (n, n), without unit
    N  (I - A)^-1, (n, n), without unit; its diagonal is that of the Leontief and of the Ghosh inverse alike
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lvshu.accounts.methods.leontief import (
    input_coefficients,
    leontief_inverse,
    leontief_model,
    spectral_radius,
)
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cycling:
    """How much of the throughflow is cycled. Returned by `cycling`.

    Attributes:
        index: Finn's cycling index, in [0, 1), without unit.
        cycled: cycled throughflow of each compartment, shape (n,), unit of the flows.
        efficiency: share of each compartment's throughflow that is cycled, shape (n,), without unit.
        throughflow: total over compartments, unit of the flows.
        boundary: what enters from outside, unit of the flows.
        path_length: compartments that an average unit passes, throughflow / boundary, without unit; NaN where nothing
            enters.

    Source: Finn (1976), J. Theoretical Biology 56, 363-380.
    """

    index: float
    cycled: Array
    efficiency: Array
    throughflow: float
    boundary: float
    path_length: float


def cycling(flows: Array, throughflow: Array) -> Cycling:
    """Return Finn's cycling index, cycled throughflow and mean path length.

    For an input-output table F is intermediate use Z and x is output; what enters is then primary input.

    Args:
        flows: F, shape (n, n), any one unit; row = giver, column = receiver.
        throughflow: x, shape (n,), unit of `flows`: all that enters a compartment.

    Returns:
        The indicators; shape (n,) where by compartment.

    Raises:
        MethodError: accounts.cycling_closed, when something circulates for ever because nothing enters or leaves it;
            accounts.use_without_output.

    Source: sum_j x_j (n_jj - 1) / n_jj / sum_j x_j, Finn (1976), J. Theoretical Biology 56, 363-380; Finn (1980),
        Ecology 61, 562-571; path length: Finn (1976).
    """
    coefficients = input_coefficients(flows, throughflow)
    try:
        diagonal = np.diagonal(leontief_inverse(leontief_model(coefficients)))
    except MethodError as failure:
        radius = round(spectral_radius(coefficients), 9)
        raise MethodError(Problem("accounts.cycling_closed", values={"radius": radius})) from failure
    efficiency = np.where(throughflow == 0.0, 0.0, 1.0 - 1.0 / diagonal)
    cycled = throughflow * efficiency
    total = float(throughflow.sum())
    entering = float((throughflow - flows.sum(axis=0)).sum())
    return Cycling(
        index=float(cycled.sum() / total) if total else 0.0,
        cycled=cycled,
        efficiency=efficiency,
        throughflow=total,
        boundary=entering,
        path_length=total / entering if entering else float("nan"),
    )


def material_cycling(flows: Array, throughflow: Array) -> tuple[Cycling, ...]:
    """Return the cycling of each material, each in its own flows.

    Args:
        flows: shape (m, n, n), for each material in its unit; row = giver, column = receiver.
        throughflow: shape (m, n), unit of the material.

    Returns:
        One `Cycling` for each material.

    Raises:
        MethodError: as `cycling`.

    Source: Finn (1976), applied to one material at a time: Bailey, Allen and Bras (2004), J. Industrial Ecology
        8 (1-2), 45-67.
    """
    return tuple(cycling(one, through) for one, through in zip(flows, throughflow, strict=True))


@dataclass(frozen=True)
class CyclePower:
    """The strongly connected parts of a network. Returned by `cycle_power`.

    Attributes:
        component: number of each compartment's part, shape (n,), without unit.
        members: compartments of each part with a cycle, a tuple of positions for each.
        growth: how fast the number of paths in each part grows with their length, shape (parts,), without unit: 1 for
            a single cycle, above 1 where cycles are interlinked.

    Source: Borrett, Fath and Patten (2007), J. Theoretical Biology 245, 98-111.
    """

    component: NDArray[np.int64]
    members: tuple[tuple[int, ...], ...]
    growth: Array


def cycle_power(flows: Array, *, least: float = 0.0) -> CyclePower:
    """Return the parts of a network within which everything can come back, and how interlinked their cycles are.

    Args:
        flows: F, shape (n, n), any one unit.
        least: flows up to this size are left out, unit of `flows`.

    Returns:
        The parts that hold a cycle, largest first, with the spectral radius of their adjacency, without unit.

    Source: pathway proliferation, Borrett, Fath and Patten (2007), J. Theoretical Biology 245, 98-111; cyclicity, Fath
        and Halnes (2007), Ecological Modelling 208, 17-24.
    """
    adjacency = (np.abs(flows) > least).astype(np.float64)
    count, component = connected_components(sparse.csr_array(adjacency), directed=True, connection="strong")
    parts = [np.flatnonzero(component == one) for one in range(count)]
    cyclic = sorted(
        (part for part in parts if len(part) > 1 or adjacency[part[0], part[0]]), key=len, reverse=True
    )
    growth = [spectral_radius(adjacency[np.ix_(part, part)]) for part in cyclic]
    members = tuple(tuple(int(one) for one in part) for part in cyclic)
    return CyclePower(np.asarray(component, dtype=np.int64), members, np.array(growth))
