"""Aggregating a table by a bridge, and what the aggregation does to its multipliers.

Letters of the textbook, used in this file only:
    S  bridge, (n, m); row = old sector, column = new sector; every row sums to 1, without unit
    Z  intermediate use, (n, n); Y  final demand, (n, c); x  output, (n,); rows  value added and extensions, (w, n)
    A  input coefficients, (n, n), CNY per CNY
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.methods.compile.wording import SHOWN, figure, name_of
from lvshu.accounts.methods.leontief import input_coefficients, leontief_model, total_intensity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Matrix: TypeAlias = Array | sparse.csr_array

WEIGHTS_ALLOWED = 1e-9


@dataclass(frozen=True)
class AggregatedTable:
    """A table of fewer sectors. Returned by `aggregate_table`.

    Attributes:
        intermediate_use: shape (m, m), unit as given, dense or sparse as given.
        final_demand: shape (m, c), same unit.
        output: shape (m,), same unit.
        rows: value added and extensions, shape (w, m), unit of each row.

    Source: Miller and Blair (2009), section 4.9 (the aggregation matrix).
    """

    intermediate_use: Matrix
    final_demand: Array
    output: Array
    rows: Array


def check_bridge(
    bridge: Matrix, *, old_names: Sequence[str] | None = None, new_names: Sequence[str] | None = None
) -> tuple[Problem, ...]:
    """Check that a bridge gives every old sector away exactly once.

    Args:
        bridge: S, shape (n, m), without unit.
        old_names: names of the old sectors for messages.
        new_names: names of the new sectors for messages.

    Returns:
        Notices about new sectors that nothing goes to; without unit.

    Raises:
        MethodError: accounts.bridge_unmatched, old sectors that go nowhere; accounts.bridge_weights, weights that do
            not sum to 1; accounts.bridge_negative.

    Source: Miller and Blair (2009), section 4.9; United Nations, Handbook on Supply and Use Tables (2018), chapter on
        classifications (correspondence tables).
    """
    table = sparse.csr_array(bridge)
    sums = np.asarray(table.sum(axis=1)).ravel()
    nowhere = np.flatnonzero(np.asarray(abs(table).sum(axis=1)).ravel() == 0.0)
    uneven = np.setdiff1d(np.flatnonzero(np.abs(sums - 1.0) > WEIGHTS_ALLOWED), nowhere)
    negative = np.unique(table.nonzero()[0][table.data[table.data != 0.0] < 0.0])
    wrong = []
    if len(nowhere):
        values = {"count": len(nowhere), "places": [name_of(old_names, int(i)) for i in nowhere[: 4 * SHOWN]]}
        wrong.append(Problem("accounts.bridge_unmatched", values=values))
    if len(uneven):
        places = [f"{name_of(old_names, int(i))} ({sums[i]:.6g})" for i in uneven[:SHOWN]]
        wrong.append(Problem("accounts.bridge_weights", values={"count": len(uneven), "places": places}))
    if len(negative):
        places = [name_of(old_names, int(i)) for i in negative[:SHOWN]]
        wrong.append(Problem("accounts.bridge_negative", values={"count": len(negative), "places": places}))
    if wrong:
        raise MethodError(*wrong)
    unused = np.flatnonzero(np.asarray(table.sum(axis=0)).ravel() == 0.0)
    if not len(unused):
        return ()
    values = {"count": len(unused), "places": [name_of(new_names, int(j)) for j in unused[: 4 * SHOWN]]}
    return (Problem("accounts.bridge_empty_target", values=values, severity="notice"),)


def aggregate_table(
    intermediate_use: Matrix, final_demand: Array, output: Array, rows: Array, bridge: Matrix
) -> AggregatedTable:
    """Return a table of fewer (or split) sectors: S' Z S, S' Y, S' x, rows S.

    A sector that goes to several new ones is split by its weights in its row and its column alike: the new sectors
    then share its technology and its market.

    Args:
        intermediate_use: Z, shape (n, n), any unit; dense or CSR.
        final_demand: Y, shape (n, c), same unit.
        output: x, shape (n,), same unit.
        rows: shape (w, n), unit of each row: value added, extensions.
        bridge: S, shape (n, m), without unit; checked by `check_bridge`.

    Returns:
        The table of m sectors, unit as given; every total is unchanged.

    Source: Miller and Blair (2009), section 4.9.
    """
    thin = sparse.csr_array(bridge)
    if sparse.issparse(intermediate_use):
        use: Matrix = sparse.csr_array(thin.T @ intermediate_use @ thin)
    else:
        use = np.asarray((thin.T @ (thin.T @ intermediate_use).T).T)
    return AggregatedTable(use, thin.T @ final_demand, thin.T @ output, np.asarray(rows @ thin))


@dataclass(frozen=True)
class AggregationBias:
    """What an aggregation does to multipliers. Returned by `aggregation_bias`.

    Attributes:
        fine: multiplier of each new sector from the fine table, weighted by final demand, shape (m,).
        coarse: multiplier from the aggregated table, shape (m,), same unit.
        bias: coarse minus fine, shape (m,), same unit.
        problem: the largest differences in words, a notice.

    Source: Miller and Blair (2009), section 4.9; Morimoto (1970), Review of Economics and Statistics 52, 119-126.
    """

    fine: Array
    coarse: Array
    bias: Array
    problem: Problem


def aggregation_bias(
    intermediate_use: Array,
    output: Array,
    intensity: Array,
    weights: Array,
    bridge: Array,
    *,
    new_names: Sequence[str] | None = None,
) -> AggregationBias:
    """Return the multipliers of an aggregated table beside those of the fine one.

    Args:
        intermediate_use: Z, shape (n, n), CNY.
        output: x, shape (n,), CNY.
        intensity: direct intensity of each sector, shape (n,), e.g. tCO2 per CNY; ones for output multipliers.
        weights: final demand that weighs the fine multipliers within a new sector, shape (n,), CNY; where a new
            sector has none, output weighs.
        bridge: S, shape (n, m), without unit.
        new_names: names of the new sectors for messages.

    Returns:
        Multipliers from both tables and their difference, shape (m,), unit of the intensity.

    Raises:
        MethodError: accounts.use_without_output, accounts.not_productive.

    Source: Miller and Blair (2009), section 4.9; Morimoto (1970).
    """
    fine_multiplier = total_intensity(leontief_model(input_coefficients(intermediate_use, output)), intensity)
    weight = bridge * np.maximum(weights, 0.0)[:, None]
    without = weight.sum(axis=0) == 0.0
    weight[:, without] = (bridge * np.abs(output)[:, None])[:, without]
    size = weight.sum(axis=0)
    fine = np.divide(fine_multiplier @ weight, size, out=np.zeros(len(size)), where=size != 0.0)
    coarse_output = bridge.T @ output
    load = (intensity * output) @ bridge
    direct = np.divide(load, coarse_output, out=np.zeros(len(size)), where=coarse_output != 0.0)
    model = leontief_model(input_coefficients(bridge.T @ intermediate_use @ bridge, coarse_output))
    coarse = total_intensity(model, direct)
    bias = coarse - fine
    order = np.argsort(-np.abs(bias))[:SHOWN]
    relative = np.divide(bias, fine, out=np.zeros(len(bias)), where=fine != 0.0)
    values = {
        "largest": f"{100.0 * float(np.abs(relative).max(initial=0.0)):.3g}",
        "places": [f"{name_of(new_names, int(j))}: {figure(float(fine[j]))} → {figure(float(coarse[j]))}"
                   for j in order],
    }  # fmt: skip
    return AggregationBias(
        fine, coarse, bias, Problem("accounts.aggregation_bias", values=values, severity="notice")
    )


def carried_error(error: Array, flows: Array, weights: Array | sparse.sparray) -> Array:
    """Return standard errors of flows that are carried along by weights, errors being independent.

    Args:
        error: shape (m, n), unit of the flows; NaN where a flow states none.
        flows: shape (m, n); a flow of 0 without a stated error has none.
        weights: shape (n, k), without unit: what part of each old column goes to each new one.

    Returns:
        Shape (m, k), unit of the flows; NaN where an unknown error enters.

    Source: variance of a sum of independent figures, sum_i w_i^2 var_i.
    """
    table = sparse.csr_array(weights)
    unknown = np.isnan(error) & (flows != 0.0)
    variance = (np.nan_to_num(error) ** 2) @ table.power(2)
    mixed = unknown.astype(np.float64) @ (table != 0.0).astype(np.float64)
    return np.asarray(np.where(mixed > 0.0, np.nan, np.sqrt(variance)))
