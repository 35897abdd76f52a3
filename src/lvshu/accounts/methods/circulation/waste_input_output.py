"""Waste input-output: goods and waste treatment solved together, whatever wastes and treatments there are.

Letters of the textbook, used in this file only; n goods, k treatments, w wastes, r stressors:
    A  inputs of goods, (n, n + k), CNY per CNY of goods and CNY per tonne treated
    G  net generation of waste, (w, n + k), t per CNY of goods and t per tonne treated; generation minus use, so that
       recycling is negative
    S  allocation, (k, w), without unit: share of each waste that goes to each treatment; each column sums to 1
    y  final demand for goods, (n,) or (n, c), CNY
    q  waste of final demand, (w,) or (w, c), t
    x  output of goods, CNY; z treated waste, t; v net waste, t
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning, lapack, lu_factor

from lvshu.accounts.methods.leontief import LeontiefModel, leontief_model, required_output, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

SHARES_ALLOWED = 1e-9


@dataclass(frozen=True)
class WasteModel:
    """A waste input-output economy ready to be solved. Returned by `waste_model`.

    Attributes:
        inputs: A, shape (n, n + k), unit CNY per CNY of goods and per tonne treated.
        waste: G, shape (w, n + k), unit t per CNY of goods and per tonne treated.
        allocation: S, shape (k, w), without unit.
        model: the factorised system of goods and treatments.

    Source: Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63.
    """

    inputs: Array
    waste: Array
    allocation: Array
    model: LeontiefModel

    @property
    def goods(self) -> int:
        """Return the number of goods sectors n, a count."""
        return len(self.inputs)


@dataclass(frozen=True)
class WasteSolution:
    """What a final demand and its waste need. Returned by `solve_waste`.

    Attributes:
        output: x, shape (n,) or (n, c), unit CNY.
        treated: z, waste treated by each treatment, shape (k,) or (k, c), unit t.
        waste: v, net waste of each kind, shape (w,) or (w, c), unit t; below 0 where recycling needs
            more than there is.
        problems: warning for each waste that recycling over-uses.

    Source: Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63.
    """

    output: Array
    treated: Array
    waste: Array
    problems: tuple[Problem, ...] = ()


def waste_model(inputs: Array, waste: Array, allocation: Array) -> WasteModel:
    """Return the factorised model [[A_I, A_II], [S G_I, S G_II]] of an economy.

    Args:
        inputs: A, shape (n, n + k), unit CNY per CNY of goods (first n columns) and CNY per tonne treated (last k).
        waste: G, shape (w, n + k), unit t per CNY of goods and t per tonne treated; generation minus use.
        allocation: S, shape (k, w), without unit.

    Returns:
        The model; its system has shape (n + k, n + k).

    Raises:
        MethodError: accounts.waste_shapes; accounts.waste_shares, when a waste is not allocated to 100 % or a share is
            negative; accounts.not_productive, when the goods alone use more than they make; accounts.waste_singular.

    Source: Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63; Nakamura and Kondo (2009), Waste
        Input-Output Analysis, chapter 5. With one treatment for each waste it is Leontief (1970), Review of Economics
        and Statistics 52, 262-271.
    """
    n, k, w = inputs.shape[0], allocation.shape[0], allocation.shape[1]
    if inputs.shape[1] != n + k or waste.shape != (w, n + k):
        values = {"inputs": list(inputs.shape), "waste": list(waste.shape), "allocation": [k, w]}
        raise MethodError(Problem("accounts.waste_shapes", values=values))
    sums = allocation.sum(axis=0)
    bad = np.flatnonzero((np.abs(sums - 1.0) > SHARES_ALLOWED) | (allocation < 0.0).any(axis=0))
    if len(bad):
        raise MethodError(*[
            Problem("accounts.waste_shares", values={"waste": int(one) + 1, "sum": float(sums[one]),
                                                     "lowest": float(allocation[:, one].min())})
            for one in bad
        ])  # fmt: skip
    leontief_model(np.ascontiguousarray(inputs[:, :n]))  # goods alone have to be productive
    return WasteModel(inputs, waste, allocation, _factorised(np.vstack([inputs, allocation @ waste])))


def _factorised(system: Array) -> LeontiefModel:
    """Return the factors of I - system; recycling makes entries negative: no radius decides, only the inverse."""
    matrix = np.eye(len(system)) - system
    norm = np.linalg.norm(matrix, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LinAlgWarning)  # a singular matrix is answered below, in words
        factors = lu_factor(matrix)
    inverse_condition = float(lapack.dgecon(factors[0], norm)[0])
    if not inverse_condition > 1e-14:
        raise MethodError(Problem("accounts.waste_singular", values={"condition": inverse_condition}))
    return LeontiefModel(system, factors)


def solve_waste(model: WasteModel, final_demand: Array, final_waste: Array) -> WasteSolution:
    """Return output, treatment and net waste of a final demand and the waste it gives off itself.

    Args:
        model: the economy.
        final_demand: y, shape (n,) or (n, c), unit CNY.
        final_waste: q, shape (w,) or (w, c), unit t.

    Returns:
        The solution; x in CNY, z and v in t, one column for each column of the final demand.

    Source: [x; z] = (I - [[A_I, A_II], [S G_I, S G_II]])^-1 [y; S q], Nakamura and Kondo (2002).
    """
    found = required_output(model.model, np.concatenate([final_demand, model.allocation @ final_waste]))
    output, treated = found[: model.goods], found[model.goods :]
    waste = model.waste @ found + final_waste
    generated = np.maximum(model.waste, 0.0) @ np.abs(found) + np.abs(final_waste)
    wrong = np.argwhere(np.atleast_2d(waste.T) < -1e-9 * np.atleast_2d(generated.T).max(initial=1e-300))
    problems = tuple(
        Problem("accounts.waste_overused", severity="warning",
                values={"waste": int(one) + 1, "amount": float(f"{np.atleast_2d(waste.T)[column, one]:.6g}")})
        for column, one in wrong
    )  # fmt: skip
    return WasteSolution(output, treated, waste, problems)


def waste_imbalance(model: WasteModel, solution: WasteSolution) -> Array:
    """Return treated waste minus the waste allocated to each treatment; zero but for rounding.

    Args:
        model: the economy.
        solution: of `solve_waste`.

    Returns:
        Shape of `solution.treated`, unit t.

    Source: z = S v, the balance of waste in Nakamura and Kondo (2002).
    """
    return np.asarray(solution.treated - model.allocation @ solution.waste)


def waste_multipliers(model: WasteModel, intensity: Array) -> tuple[Array, Array]:
    """Return what a unit of final demand, and a tonne of its waste, cause in all, treatment included.

    Args:
        model: the economy.
        intensity: direct stressors, shape (r, n + k): unit of the stressor per CNY of goods and per tonne treated
            (CO2, energy, landfill volume).

    Returns:
        Multipliers of goods, shape (r, n), unit of the stressor per CNY; of wastes of final demand, shape (r, w), unit
        of the stressor per t.

    Source: transposed solve of the system in Nakamura and Kondo (2002); Miller and Blair (2009), section 10.4.
    """
    found = total_intensity(model.model, np.ascontiguousarray(intensity.T)).T
    return found[:, : model.goods], found[:, model.goods :] @ model.allocation


def treatment_footprint(model: WasteModel, final_demand: Array, final_waste: Array) -> Array:
    """Return the tonnes each treatment handles on behalf of each product and waste of final demand.

    Args:
        model: the economy.
        final_demand: y, shape (n,), unit CNY.
        final_waste: q, shape (w,), unit t.

    Returns:
        Shape (k, n + w), unit t: first by product of final demand, then by its own waste; rows sum to z.

    Source: waste footprint, Tisserant et al. (2017), J. Industrial Ecology 21, 628-640; here with endogenous treatment.
    """
    n, k = model.goods, len(model.allocation)
    by_goods, by_waste = waste_multipliers(model, np.hstack([np.zeros((k, n)), np.eye(k)]))
    return np.hstack([by_goods * final_demand, by_waste * final_waste])


def with_allocation(model: WasteModel, allocation: Array) -> WasteModel:
    """Return the economy with other shares of waste to treatments, e.g. recycling in place of landfill.

    Args:
        model: the economy.
        allocation: the new S, shape (k, w), without unit.

    Returns:
        A model of the same shape.

    Raises:
        MethodError: as `waste_model`.

    Source: scenarios of Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63.
    """
    return waste_model(model.inputs, model.waste, allocation)


def with_recycling(
    model: WasteModel, user: int, waste: int, product: int, *, used: float, displaced: float
) -> WasteModel:
    """Return the economy in which a sector uses more of a waste in place of a primary product.

    Args:
        model: the economy.
        user: position of the using sector or treatment among the n + k columns, a count from 0.
        waste: position of the waste, a count from 0.
        product: position of the product displaced, a count from 0.
        used: additional use of the waste, unit t per CNY of the user's output (per tonne, for a treatment).
        displaced: primary product saved, unit CNY per tonne of waste used.

    Returns:
        A model of the same shape: G falls by `used`, A by `used` x `displaced`.

    Raises:
        MethodError: accounts.waste_displaced, when more would be saved than is used; as `waste_model`.

    Source: recycling as negative generation with displaced input, Nakamura and Kondo (2002).
    """
    inputs, generation = model.inputs.copy(), model.waste.copy()
    saved = used * displaced
    if saved > inputs[product, user] * (1.0 + 1e-12):
        values = {
            "user": user + 1,
            "product": product + 1,
            "saved": saved,
            "used": float(inputs[product, user]),
        }
        raise MethodError(Problem("accounts.waste_displaced", values=values))
    inputs[product, user] = max(0.0, inputs[product, user] - saved)
    generation[waste, user] -= used
    return waste_model(inputs, generation, model.allocation)


@dataclass(frozen=True)
class WasteScenario:
    """Two economies under one final demand. Returned by `compare_waste`.

    Attributes:
        before, after: the two solutions.
        stressors: total of each stressor before and after, shape (2, r), unit of the stressor.

    Source: Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63.
    """

    before: WasteSolution
    after: WasteSolution
    stressors: Array

    @property
    def changes(self) -> Mapping[str, Array]:
        """Return after minus before: output (n,) in CNY, treated (k,) and waste (w,) in t, stressors (r,) in theirs."""
        pairs = {
            name: (getattr(self.before, name), getattr(self.after, name))
            for name in ("output", "treated", "waste")
        }
        found = {name: last - first for name, (first, last) in pairs.items()}
        return found | {"stressors": self.stressors[1] - self.stressors[0]}


def compare_waste(
    before: WasteModel, after: WasteModel, final_demand: Array, final_waste: Array, intensity: Array
) -> WasteScenario:
    """Return what a change of technology or allocation does to output, treatment, waste and stressors.

    Args:
        before: the economy as it is.
        after: as it would be, same shapes.
        final_demand: y, shape (n,), unit CNY.
        final_waste: q, shape (w,), unit t.
        intensity: direct stressors, shape (r, n + k), unit of the stressor per CNY and per tonne treated.

    Returns:
        Both solutions and the stressors, shape (2, r), unit of the stressor.

    Source: Nakamura and Kondo (2002), J. Industrial Ecology 6 (1), 39-63.
    """
    first = solve_waste(before, final_demand, final_waste)
    last = solve_waste(after, final_demand, final_waste)
    totals = [intensity @ np.concatenate([one.output, one.treated]) for one in (first, last)]
    return WasteScenario(first, last, np.array(totals))
