"""Splitting one sector of a table into parts, so that the parts add up to what was there.

Letters of the textbook, used in this file only:
    Z  intermediate use, (n, n); Y  final demand, (n, c); x  output, (n,); W  value added and other rows, (w, n)
    s  the sector that is split; k  number of its parts
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.balancing import gras
from lvshu.accounts.methods.compile.wording import figure
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SplitTable:
    """A table with one sector in parts. Returned by `split_sector`.

    Attributes:
        intermediate_use: shape (n + k - 1, n + k - 1), unit as given; the parts stand where the sector stood.
        final_demand: shape (n + k - 1, c), same unit.
        output: shape (n + k - 1,), same unit.
        rows: value added and other rows of the column account, shape (w, n + k - 1), same unit.

    Source: Wolsky (1984), Review of Economics and Statistics 66, 283-291; Lindner, Legault and Guan (2012), Economic
        Systems Research 24, 329-347.
    """

    intermediate_use: Array
    final_demand: Array
    output: Array
    rows: Array


def split_sector(
    intermediate_use: Array,
    final_demand: Array,
    output: Array,
    rows: Array,
    sector: int,
    output_weights: Array,
    *,
    sales_proxy: Array | None = None,
    input_proxy: Array | None = None,
    own_proxy: Array | None = None,
    part_names: Sequence[str] | None = None,
) -> SplitTable:
    """Return the table with a sector split by output weights, and by proxies of who buys and what is used.

    Without proxies every part sells and buys as the whole did. With them the proxies' cells are the prior, and
    GRAS brings them to two kinds of totals: the parts of a cell add up to the cell, and each part's row and column
    add up to its output. So aggregating the parts gives the old table back.

    Args:
        intermediate_use: Z, shape (n, n), any unit.
        final_demand: Y, shape (n, c), same unit; all final uses, so that rows add up to output.
        output: x, shape (n,), same unit.
        rows: W, shape (w, n), same unit; with Z the whole column account, so that columns add up to output.
        sector: position of the sector, counted from 0.
        output_weights: share of each part in output, shape (k,), without unit; sums to 1.
        sales_proxy: how much each part sells to each column, shape (k, n + c), any unit; the column of the sector
            itself stands at its place. None = by output weights.
        input_proxy: how much of each row each part uses, shape (n + w, k), any unit. None = by output weights.
        own_proxy: sales of the parts to each other, shape (k, k), any unit. None = weights of seller times buyer.
        part_names: names of the parts for messages.

    Returns:
        The table with n + k - 1 sectors, same unit.

    Raises:
        MethodError: accounts.split_weights; accounts.split_unbalanced, when the sector's row or column does not add
            up to its output; what `gras` raises when proxies forbid the totals.

    Source: Wolsky (1984), Review of Economics and Statistics 66, 283-291; Lindner, Legault and Guan (2012), Economic
        Systems Research 24, 329-347; balancing as in Junius and Oosterhaven (2003).
    """
    weights = np.asarray(output_weights, dtype=np.float64)
    k = len(weights)
    _check(intermediate_use, final_demand, output, rows, sector, weights)
    sales = np.concatenate([intermediate_use[sector], final_demand[sector]])
    inputs = np.concatenate([intermediate_use[:, sector], rows[:, sector]])
    part_output = weights * output[sector]
    sold = _split(sales, part_output, weights, sales_proxy, part_names)
    used = _split(inputs, part_output, weights, None if input_proxy is None else input_proxy.T, part_names).T
    prior = np.outer(weights, weights) if own_proxy is None else np.asarray(own_proxy, dtype=np.float64)
    own_sold, own_used = sold[:, sector], used[sector]
    if own_proxy is None or not np.abs(prior).sum():
        whole = float(own_sold.sum())
        own = np.outer(own_sold, own_used) / whole if whole else np.zeros((k, k))
    else:
        own = np.asarray(
            gras(np.sign(intermediate_use[sector, sector]) * np.abs(prior), own_sold, own_used,
                 names=(part_names, part_names)).matrix
        )  # fmt: skip
    return _put_in(intermediate_use, final_demand, output, rows, sector, (sold, used, own, part_output))


def _put_in(
    use: Array,
    final: Array,
    output: Array,
    rows: Array,
    sector: int,
    parts: tuple[Array, Array, Array, Array],
) -> SplitTable:
    """The table with the parts in the place of the sector."""
    sold, used, own, made = parts
    n, k = len(output), len(made)
    around = np.concatenate([np.arange(sector), np.arange(sector + k, n + k - 1)])
    others = np.delete(np.arange(n), sector)
    at = np.arange(sector, sector + k)
    found = np.zeros((n + k - 1, n + k - 1))
    found[np.ix_(around, around)] = use[np.ix_(others, others)]
    found[np.ix_(at, around)], found[np.ix_(around, at)] = sold[:, others], used[others]
    found[np.ix_(at, at)] = own
    demand = np.vstack([final[:sector], sold[:, n:], final[sector + 1 :]])
    account = np.hstack([rows[:, :sector], used[n:], rows[:, sector + 1 :]])
    return SplitTable(found, demand, np.concatenate([output[:sector], made, output[sector + 1 :]]), account)


def _check(use: Array, final: Array, output: Array, rows: Array, sector: int, weights: Array) -> None:
    wrong = []
    if abs(float(weights.sum()) - 1.0) > 1e-9 or (weights < 0.0).any():
        values = {
            "sum": f"{float(weights.sum()):.9g}",
            "weights": [f"{weight:.6g}" for weight in weights[:8]],
        }
        wrong.append(Problem("accounts.split_weights", values=values))
    row = float(use[sector].sum() + final[sector].sum())
    column = float(use[:, sector].sum() + rows[:, sector].sum())
    made = float(output[sector])
    if max(abs(row - made), abs(column - made)) > 1e-9 * max(abs(made), abs(row), abs(column)):
        values = {"row": figure(row), "column": figure(column), "output": figure(made)}
        wrong.append(Problem("accounts.split_unbalanced", values=values))
    if wrong:
        raise MethodError(*wrong)


def _split(
    cells: Array, part_output: Array, weights: Array, proxy: Array | None, part_names: Sequence[str] | None
) -> Array:
    """Cells in parts, shape (k, cells): parts of a cell add up to it, cells of a part to its output."""
    even = np.outer(weights, cells)
    if proxy is None:
        return even
    given = np.abs(np.asarray(proxy, dtype=np.float64))
    silent = given.sum(axis=0) == 0.0
    prior = np.where(silent, np.abs(even), given) * np.sign(cells)
    size = np.abs(prior).sum(axis=0)
    prior = prior * np.divide(np.abs(cells), size, out=np.zeros(len(cells)), where=size != 0.0)
    return np.asarray(gras(prior, part_output, cells, names=(part_names, None)).matrix)
