"""Hypothetical extraction: what an economy would lose without a sector, of every sector at once by closed forms.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  L = (I - A)^-1, l_jj its diagonal
    x  total output L y, (n,), CNY;  y  final demand, (n,), CNY
    s  direct intensity, (n,) or (n, r), e.g. tCO2 per CNY; of ones for output itself;  m  total intensity s L

With one column or one row of A struck out, Sherman and Morrison's formula and A L = L A = L - I leave only l_jj:
    complete (row, column and final demand of j)   m_j x_j / l_jj
    backward (column: j buys nothing)              (m_j - s_j) x_j / l_jj
    forward  (row j of the output coefficients: j sells only to final demand, and what others make of it goes)
             of the Ghosh model, G = x^-1 L x:       ((L s x)_j - s_j x_j) / l_jj
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve

from lvshu.accounts.methods.leontief import LeontiefModel, required_output, total_intensity
from lvshu.accounts.methods.structure.inverse import inverse_columns, inverse_diagonal
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Kind = Literal["complete", "backward", "forward"]

SINGULAR = 1e-9


@dataclass(frozen=True)
class Extraction:
    """What is lost with each sector; returned by `extraction`. total = own + elsewhere.

    Attributes:
        total: loss of the whole economy, shape (n,) or (n, r), unit CNY, or of the stressor (tCO2).
        own: loss in the sector itself, same shape and unit.
        elsewhere: loss in all other sectors, same shape and unit.

    Source: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37.
    """

    total: Array
    own: Array
    elsewhere: Array


def extraction(
    model: LeontiefModel,
    final_demand: Array,
    direct_intensity: Array | None = None,
    kind: Kind = "complete",
    *,
    diagonal: Array | None = None,
) -> Extraction:
    """Return what output, or a stressor, would be lost without each sector, for all n sectors.

    Cost: two solves, and the diagonal of the inverse where it is not given: 2 n^3 operations, a block of columns in
    memory. With the inverse at hand give its diagonal: what is left is 6 n operations.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        final_demand: y, shape (n,), unit CNY.
        direct_intensity: s, shape (n,) or (n, r), unit e.g. tCO2 per CNY; None for output.
        kind: complete (the sector disappears, with its final demand), backward (it buys nothing, its inputs come from
            elsewhere), forward (it sells to final demand only, and what the supply-driven model makes of its
            deliveries goes); purchases from itself go too.
        diagonal: diagonal of L, shape (n,), unit CNY per CNY, or None.

    Returns:
        Losses, shape (n,) or (n, r), unit CNY or of the stressor.

    Raises:
        MethodError: accounts.extraction_singular, when l_jj is 0 and the economy without the sector has no answer.

    Source: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37 (backward by the column of input
        coefficients, forward by the row of output coefficients); closed forms by Sherman and Morrison (1950), Annals of
        Mathematical Statistics 21.
    """
    direct = np.ones(len(final_demand)) if direct_intensity is None else direct_intensity
    output = required_output(model, final_demand)
    total = total_intensity(model, direct)
    own_inverse = inverse_diagonal(model) if diagonal is None else diagonal
    _check_diagonal(own_inverse)
    shape = (-1,) + (1,) * (direct.ndim - 1)
    if kind == "complete":
        lost, factor, own = total, output / own_inverse, output
    elif kind == "backward":
        lost, factor = total - direct, output / own_inverse
        own = output - factor
    else:
        return _forward(model, direct, output, own_inverse)
    everywhere = lost * factor.reshape(shape)
    itself = direct * own.reshape(shape)
    return Extraction(everywhere, itself, everywhere - itself)


def _forward(model: LeontiefModel, direct: Array, output: Array, own_inverse: Array) -> Extraction:
    """Losses of the supply-driven model: row j of G times the direct flows, less the sector's own primary part."""
    shape = (-1,) + (1,) * (direct.ndim - 1)
    flows = direct * output.reshape(shape)
    lost = (required_output(model, flows) - flows) / own_inverse.reshape(shape)
    itself = flows * ((own_inverse - 1.0) / own_inverse).reshape(shape)
    return Extraction(np.asarray(lost), np.asarray(itself), np.asarray(lost - itself))


def group_extraction(
    model: LeontiefModel, final_demand: Array, sectors: NDArray[np.int64], kind: Kind = "complete"
) -> Array:
    """Return the output lost in every sector when a group of sectors is extracted together.

    For a stressor multiply by its direct intensity and sum.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        final_demand: y, shape (n,), unit CNY.
        sectors: k different positions, without unit.
        kind: complete, backward or forward, as in `extraction`; deliveries inside the group go too.

    Returns:
        Loss of output, shape (n,), unit CNY: L_.K (L_KK)^-1 x_K, (L - I)_.K (L_KK)^-1 x_K, and for forward
            x_K' (G_KK)^-1 (G - I)_K. of the Ghosh inverse.

    Raises:
        MethodError: accounts.extraction_singular, when the economy without the group has no answer.

    Source: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37; Woodbury's identity.
    """
    output = required_output(model, final_demand)
    if kind == "forward":
        return _forward_group(model, output, sectors)
    columns = inverse_columns(model, sectors)
    core = columns[sectors]
    if len(sectors) and np.linalg.cond(core) > 1.0 / SINGULAR:
        values = {"sectors": (sectors + 1).tolist(), "diagonal": float(np.abs(core.diagonal()).min())}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
    weight = solve(core, output[sectors]) if len(sectors) else output[sectors]
    if kind == "backward":
        columns[sectors, np.arange(len(sectors))] -= 1.0
    return np.asarray(columns @ weight)


def _forward_group(model: LeontiefModel, output: Array, sectors: NDArray[np.int64]) -> Array:
    """Loss by the rows K of the output coefficients: x_K' (G_KK)^-1 (G - I)_K. with G = x^-1 L x."""
    if not len(sectors):
        return np.zeros(len(output))
    if not output[sectors].all():
        values = {"sectors": (sectors[output[sectors] == 0.0] + 1).tolist(), "diagonal": 0.0}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
    unit = np.zeros((len(output), len(sectors)))
    unit[sectors, np.arange(len(sectors))] = 1.0
    rows = total_intensity(model, unit).T  # L_K.
    ghosh = rows * output / output[sectors][:, None]
    core = ghosh[:, sectors]
    if np.linalg.cond(core) > 1.0 / SINGULAR:
        values = {"sectors": (sectors + 1).tolist(), "diagonal": float(np.abs(core.diagonal()).min())}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
    weight = solve(core.T, output[sectors])
    ghosh[np.arange(len(sectors)), sectors] -= 1.0
    return np.asarray(weight @ ghosh)


def _check_diagonal(diagonal: Array) -> None:
    wrong = np.flatnonzero(np.abs(diagonal) < SINGULAR)
    if wrong.size:
        values = {"sectors": (wrong + 1).tolist(), "diagonal": float(np.abs(diagonal).min())}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
