"""Controlled rounding: every cell to a multiple of a base, and the table still adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.disclosure.structure import Array, Structure


@dataclass(frozen=True)
class Rounded:
    """A rounded table. values: shape (cells,), multiples of the base; steps: how many multiples beyond the two
    nearest a cell had to go (0: every cell went to one of its two neighbours); distance: sum of |rounded - value|."""

    values: Array
    steps: int
    distance: float


def controlled_rounding(
    structure: Structure, values: Array, base: float, *, most_steps: int = 2, seconds: float = 60.0
) -> Rounded:
    """Return the additive table of multiples of a base that is nearest to the values.

    Multiples of the base stay as they are and every other cell goes to one of its two neighbouring multiples
    (zero-restricted). Tables of three and more dimensions may have no such rounding; then cells may go further,
    one multiple at a time.

    Args:
        structure: cells and relations.
        values: shape (cells,), in any unit.
        base: the base, in that unit; above zero.
        most_steps: how many multiples beyond the neighbours a cell may go.
        seconds: time for each programme.

    Raises:
        MethodError: the base is not above zero, or no rounding was found within the steps or the time.

    Source: Cox, A constructive procedure for unbiased controlled rounding, JASA 82 (1987), 520-524; Willenborg &
    de Waal, Elements of Statistical Disclosure Control (2001) (zero-restricted and general rounding).
    """
    if not base > 0:
        raise MethodError(
            Problem("disclosure.rule_outside", values={"rule": "base", "value": base, "allowed": "> 0"})
        )
    scaled = np.asarray(values, dtype=float) / base
    scaled = np.where(np.abs(scaled - np.round(scaled)) < 1e-9, np.round(scaled), scaled)
    count = len(scaled)
    # programme over multiples m and their distances d: least sum of d with d >= |m - scaled|, relations @ m = 0
    distance = np.concatenate([np.zeros(count), np.ones(count)])
    ones = sparse.eye_array(count)
    constraints = [
        LinearConstraint(sparse.hstack([structure.relations, 0 * structure.relations]).tocsr(), 0, 0),
        LinearConstraint(sparse.hstack([ones, ones]).tocsr(), scaled, np.inf),
        LinearConstraint(sparse.hstack([-ones, ones]).tocsr(), -scaled, np.inf),
    ]
    whole = np.concatenate([np.ones(count), np.zeros(count)])
    for steps in range(most_steps + 1):
        fixed = (scaled == np.round(scaled)) & (steps == 0)
        low = np.where(fixed, scaled, np.floor(scaled) - steps)
        high = np.where(fixed, scaled, np.ceil(scaled) + steps)
        low = np.where(scaled >= 0, np.maximum(low, 0), low)
        bounds = Bounds(
            np.concatenate([low, np.zeros(count)]), np.concatenate([high, np.full(count, np.inf)])
        )
        found = milp(
            distance,
            integrality=whole,
            bounds=bounds,
            constraints=constraints,
            options={"time_limit": seconds},
        )
        if found.x is not None:
            rounded = np.round(found.x[:count]) * base
            return Rounded(rounded, steps, float(np.abs(rounded - values).sum()))
    raise MethodError(Problem("disclosure.no_rounding", values={"base": base, "steps": most_steps}))
