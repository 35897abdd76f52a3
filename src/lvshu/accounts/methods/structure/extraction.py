"""Hypothetical extraction: what an economy would lose without a sector, of every sector at once by closed forms.

Letters of the textbook, used in this file only:
    A  input coefficients, (n, n), CNY per CNY;  L = (I - A)^-1, l_jj its diagonal
    x  total output L y, (n,), CNY;  y  final demand, (n,), CNY
    s  direct intensity, (n,) or (n, r), e.g. tCO2 per CNY; of ones for output itself;  m  total intensity s L

With one column or one row of A struck out, Sherman and Morrison's formula and A L = L A = L - I leave only l_jj:
    complete (row, column and final demand of j)   m_j x_j / l_jj
    backward (column: j buys nothing)              (m_j - s_j) x_j / l_jj
    forward  (row: j sells only to final demand)   m_j (x_j - y_j) / l_jj
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
            elsewhere), forward (it sells to final demand only, others buy elsewhere); purchases from itself go too.
        diagonal: diagonal of L, shape (n,), unit CNY per CNY, or None.

    Returns:
        Losses, shape (n,) or (n, r), unit CNY or of the stressor; a sector without output loses nothing.

    Raises:
        MethodError: accounts.extraction_singular, when l_jj is 0 and the economy without the sector has no answer.

    Source: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37; Miller and Blair (2009), section
        12.2.6; closed forms by Sherman and Morrison (1950), Annals of Mathematical Statistics 21.
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
        lost, factor, own = total, (output - final_demand) / own_inverse, output - final_demand
    everywhere = lost * factor.reshape(shape)
    itself = direct * own.reshape(shape)
    return Extraction(everywhere, itself, everywhere - itself)


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
        Loss of output, shape (n,), unit CNY: L_K (L_KK)^-1 v with v = x_K, x_K, x_K - y_K.

    Raises:
        MethodError: accounts.extraction_singular, when the economy without the group has no answer.

    Source: Dietzenbacher and van der Linden (1997), Journal of Regional Science 37; Woodbury's identity.
    """
    output = required_output(model, final_demand)
    columns = inverse_columns(model, sectors)
    core = columns[sectors]
    if len(sectors) and np.linalg.cond(core) > 1.0 / SINGULAR:
        values = {"sectors": (sectors + 1).tolist(), "diagonal": float(np.abs(core.diagonal()).min())}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
    moved = (output - final_demand)[sectors] if kind == "forward" else output[sectors]
    weight = solve(core, moved) if len(sectors) else moved
    if kind == "backward":
        columns[sectors, np.arange(len(sectors))] -= 1.0
    return np.asarray(columns @ weight)


def _check_diagonal(diagonal: Array) -> None:
    wrong = np.flatnonzero(np.abs(diagonal) < SINGULAR)
    if wrong.size:
        values = {"sectors": (wrong + 1).tolist(), "diagonal": float(np.abs(diagonal).min())}
        raise MethodError(Problem("accounts.extraction_singular", values=values))
