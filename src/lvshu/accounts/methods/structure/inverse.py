"""Diagonal and norms of the Leontief inverse, without the inverse: a block of its columns at a time.

Letters of the textbook, used in this file only:
    L  Leontief inverse (I - A)^-1, (n, n), CNY per CNY;  l_jj its diagonal
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, required_output

Array = NDArray[np.float64]

COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class InverseSummary:
    """What the structural measures need of the Leontief inverse; returned by `inverse_summary`.

    Attributes:
        diagonal: l_jj, shape (n,), unit CNY per CNY.
        column_sum: sum over i of l_ij, shape (n,), unit CNY per CNY.
        row_sum: sum over j of l_ij, shape (n,), unit CNY per CNY.
        column_square: sum over i of l_ij squared, shape (n,), without unit.
        row_square: sum over j of l_ij squared, shape (n,), without unit.

    Source: Miller and Blair (2009), eq. 2.11 and chapter 12.
    """

    diagonal: Array
    column_sum: Array
    row_sum: Array
    column_square: Array
    row_square: Array


def inverse_summary(model: LeontiefModel) -> InverseSummary:
    """Return the diagonal, sums and squared norms of the Leontief inverse.

    Cost: 2 n^3 operations, as for the inverse itself, but the memory of 256 columns instead of n.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.

    Returns:
        The summary, five arrays of shape (n,).

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), eq. 2.11.
    """
    n = len(model.coefficients)
    diagonal, column_sum, column_square = np.zeros(n), np.zeros(n), np.zeros(n)
    row_sum, row_square = np.zeros(n), np.zeros(n)
    for start in range(0, n, COLUMNS_AT_ONCE):
        places = np.arange(start, min(start + COLUMNS_AT_ONCE, n))
        columns = inverse_columns(model, places)
        diagonal[places] = columns[places, np.arange(len(places))]
        column_sum[places] = columns.sum(axis=0)
        row_sum += columns.sum(axis=1)
        columns *= columns
        column_square[places] = columns.sum(axis=0)
        row_square += columns.sum(axis=1)
    return InverseSummary(diagonal, column_sum, row_sum, column_square, row_square)


def inverse_columns(model: LeontiefModel, sectors: NDArray[np.int64]) -> Array:
    """Return some columns of the Leontief inverse: 2 n^2 operations each.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        sectors: k positions, without unit.

    Returns:
        Columns, shape (n, k), unit CNY per CNY.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), eq. 2.11.
    """
    unit = np.zeros((len(model.coefficients), len(sectors)))
    unit[sectors, np.arange(len(sectors))] = 1.0
    return required_output(model, unit)


def inverse_diagonal(model: LeontiefModel, sectors: NDArray[np.int64] | None = None) -> Array:
    """Return the diagonal of the Leontief inverse, of all sectors or of some.

    Cost: 2 n^2 operations for each sector asked for, and the memory of 256 columns.

    Args:
        model: the factorised economy of n sectors, shape (n, n), unit CNY per CNY.
        sectors: k positions, or None for all, without unit.

    Returns:
        l_jj, shape (k,), unit CNY per CNY.

    Raises:
        MethodError: accounts.residual, when a solution fails its check.

    Source: Miller and Blair (2009), eq. 2.11.
    """
    places = np.arange(len(model.coefficients)) if sectors is None else sectors
    found = np.zeros(len(places))
    for start in range(0, len(places), COLUMNS_AT_ONCE):
        part = places[start : start + COLUMNS_AT_ONCE]
        found[start : start + len(part)] = inverse_columns(model, part)[part, np.arange(len(part))]
    return found
