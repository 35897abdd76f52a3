"""Backward and forward linkages: how much a sector pulls on its suppliers and pushes its buyers.

Letters of the textbook, used in this file only:
    A  input coefficients Z x^-1, (n, n), CNY per CNY;  L = (I - A)^-1
    B  allocation coefficients x^-1 Z, (n, n), CNY per CNY;  G = (I - B)^-1 = x^-1 L x, the Ghosh inverse
    x  total output, (n,), CNY;  y  final demand, (n,), CNY
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigs

from lvshu.accounts.methods.leontief import LeontiefModel, required_output, total_intensity
from lvshu.accounts.methods.structure.inverse import InverseSummary
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

LARGE = 300
INDEPENDENT, FORWARD, BACKWARD, KEY = 0, 1, 2, 3
KINDS = ("independent", "forward", "backward", "key")


@dataclass(frozen=True)
class Linkages:
    """Linkages of every sector; returned by `linkages`, each of shape (n,), unit CNY per CNY.

    Attributes:
        backward_direct: inputs per unit of output, column sums of A.
        backward_total: output of all sectors per unit of final demand, column sums of L.
        forward_direct: sales to sectors per unit of output, row sums of B; 0 for a sector without output.
        forward_total: output of all sectors enabled per unit of primary input, row sums of G (Ghosh); 1 for a sector
            without output.
        sensitivity: output per unit of final demand of every product at once, row sums of L (Rasmussen).

    Source: Rasmussen (1956), Studies in Inter-Sectoral Relations; Jones (1976), Quarterly Journal of Economics 90
        (forward linkages by the output inverse); Miller and Blair (2009), section 12.2.
    """

    backward_direct: Array
    backward_total: Array
    forward_direct: Array
    forward_total: Array
    sensitivity: Array


@dataclass(frozen=True)
class CellaLinkages:
    """Linkages by cutting a sector off from all others; returned by `cella_linkages`, shape (n,), unit CNY.

    Attributes:
        total: output lost when the sector neither buys from nor sells to others.
        backward: the part that its own final demand calls for.
        forward: the part that the final demand of others calls for through it.

    Source: Cella (1984), Oxford Bulletin of Economics and Statistics 46; Clements (1990), Economics Letters 33.
    """

    total: Array
    backward: Array
    forward: Array


def linkages(model: LeontiefModel, output: Array) -> Linkages:
    """Return the backward and forward linkages of every sector: three solves, no inverse.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        output: x, shape (n,), unit CNY.

    Returns:
        Five arrays of shape (n,), unit CNY per CNY.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), sections 12.1 (G = x^-1 L x) and 12.2.
    """
    ones = np.ones(len(output))
    delivered = model.coefficients @ output
    enabled = required_output(model, output)
    running = output != 0.0
    divisor = np.where(running, output, 1.0)
    return Linkages(
        backward_direct=model.coefficients.sum(axis=0),
        backward_total=total_intensity(model, ones),
        forward_direct=np.where(running, delivered / divisor, 0.0),
        forward_total=np.where(running, enabled / divisor, 1.0),
        sensitivity=required_output(model, ones),
    )


def normalised(linkage: Array) -> Array:
    """Return a linkage over its mean: above 1 is more than the average sector.

    Args:
        linkage: shape (n,), unit CNY per CNY.

    Returns:
        The index, shape (n,), without unit; its mean is 1.

    Raises:
        MethodError: accounts.no_linkage, when the mean is 0.

    Source: Rasmussen (1956), index of power and of sensitivity of dispersion; Miller and Blair (2009), section 12.2.
    """
    mean = float(linkage.mean())
    if mean == 0.0:
        raise MethodError(Problem("accounts.no_linkage", values={"sectors": len(linkage)}))
    return np.asarray(linkage / mean)


def key_sectors(backward: Array, forward: Array) -> NDArray[np.int64]:
    """Return the class of every sector by its normalised linkages.

    Args:
        backward: normalised backward linkage, shape (n,), without unit.
        forward: normalised forward linkage, shape (n,), without unit.

    Returns:
        0 independent (both at most 1), 1 depends on the demand of sectors (forward above 1), 2 depends on the supply
        of sectors (backward above 1), 3 key sector (both above 1); shape (n,), positions in `KINDS`.

    Source: Miller and Blair (2009), section 12.2.4.
    """
    return np.asarray(FORWARD * (forward > 1.0) + BACKWARD * (backward > 1.0), dtype=np.int64)


def variation(summary: InverseSummary) -> tuple[Array, Array]:
    """Return how unevenly each sector pulls (columns of L) and is pulled (rows of L).

    Args:
        summary: of the Leontief inverse, n sectors (2 or more), unit CNY per CNY.

    Returns:
        Coefficients of variation of the columns and of the rows, shape (n,) each, without unit: standard deviation
        with n - 1, over the mean; a low figure means that the pull is spread over all sectors.

    Raises:
        MethodError: accounts.no_linkage, when there is a single sector or a mean is 0.

    Source: Rasmussen (1956); Hazari (1970), Review of Economics and Statistics 52.
    """
    n = len(summary.diagonal)
    found = []
    for total, square in (
        (summary.column_sum, summary.column_square), (summary.row_sum, summary.row_square)
    ):  # fmt: skip
        mean = total / n
        if n < 2 or bool((mean == 0.0).any()):
            raise MethodError(Problem("accounts.no_linkage", values={"sectors": n}))
        spread = np.maximum(square - n * mean**2, 0.0) / (n - 1)
        found.append(np.sqrt(spread) / mean)
    return found[0], found[1]


def cella_linkages(model: LeontiefModel, final_demand: Array, diagonal: Array) -> CellaLinkages:
    """Return the linkages of every sector by cutting it off from all others, in closed form.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        final_demand: y, shape (n,), unit CNY.
        diagonal: diagonal of L, shape (n,), unit CNY per CNY.

    Returns:
        (1'L)_j x_j / l_jj - y_j / (1 - a_jj), and its parts: ((1'L)_j - 1 / (1 - a_jj)) y_j backward,
        (1'L)_j (x_j / l_jj - y_j) forward; shape (n,), unit CNY.

    Raises:
        MethodError: accounts.own_use_too_large, when a sector needs its whole output itself.

    Source: Cella (1984), Oxford Bulletin of Economics and Statistics 46; Miller and Blair (2009), section 12.2.
    """
    alone = 1.0 - model.coefficients.diagonal()
    wrong = np.flatnonzero(alone <= 0.0)
    if wrong.size:
        raise MethodError(*(
            Problem("accounts.own_use_too_large", values={"sector": int(j) + 1, "share": float(1.0 - alone[j])})
            for j in wrong
        ))  # fmt: skip
    pulled = total_intensity(model, np.ones(len(final_demand)))
    output = required_output(model, final_demand)
    backward = (pulled - 1.0 / alone) * final_demand
    forward = pulled * (output / diagonal - final_demand)
    return CellaLinkages(backward + forward, backward, forward)


def eigenvector_linkages(coefficients: Array, output: Array) -> tuple[Array, Array]:
    """Return the linkages by the dominant eigenvectors: suppliers' and buyers' own linkages count in turn.

    Args:
        coefficients: A, shape (n, n), unit CNY per CNY, none negative.
        output: x, shape (n,), unit CNY.

    Returns:
        Backward (left eigenvector of A) and forward (right eigenvector of B = x^-1 A x), shape (n,) each, without
        unit, mean 1; a sector without output has 0 forward.

    Raises:
        MethodError: accounts.linkage_needs_trade, when a coefficient is negative or no sector uses another's product.

    Source: Dietzenbacher (1992), The measurement of interindustry linkages: key sectors in the Netherlands, Economic
        Modelling 9, 419-437.
    """
    if coefficients.size == 0 or coefficients.min() < 0.0 or not coefficients.any():
        negative = int((coefficients < 0.0).sum())
        raise MethodError(Problem("accounts.linkage_needs_trade", values={"negative": negative}))
    backward = _dominant(coefficients.T)
    running = output != 0.0
    forward = np.where(running, _dominant(coefficients) / np.where(running, output, 1.0), 0.0)
    return normalised(backward), normalised(forward)


def _dominant(matrix: Array) -> Array:
    """The eigenvector of the largest eigenvalue of a matrix without negative entries, itself not negative."""
    if len(matrix) > LARGE:
        _, found = eigs(matrix, k=1, v0=np.ones(len(matrix)), which="LR")
        vector = found[:, 0].real
    else:
        values, vectors = np.linalg.eig(matrix)
        vector = vectors[:, int(np.argmax(values.real))].real
    return np.asarray(np.abs(vector), dtype=np.float64)
