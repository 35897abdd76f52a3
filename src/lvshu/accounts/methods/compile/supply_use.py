"""SUT-RAS: joint projection of supply and use tables without knowing the totals of products.

Letters of the literature, used in this file only:
    V  supply, (c, i); row = product, column = industry; Ud, Um  use of domestic and of imported products, (c, k)
    x  output of industries, (i,); u  use of each column, domestic and imported together, (k,); m  imports, (c,)
    rd, rm  multipliers of products, (c,); ru  of use columns, (k,); rv  of industries, (i,); t  of total imports
Any unit of money, the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.wording import figure, largest
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ProjectedSupplyUse:
    """Supply and use tables that fit together and meet the new totals. Returned by `sut_ras`.

    Attributes:
        supply: V, shape (c, i), unit of the tables given.
        domestic_use, imported_use: shape (c, k) each, same unit.
        imports: by product, shape (c,), same unit.
        rounds: how often all totals were visited.
        largest_gap: largest difference left, same unit.

    Source: Temurshoev and Timmer (2011), Papers in Regional Science 90, 863-882.
    """

    supply: Array
    domestic_use: Array
    imported_use: Array
    imports: Array
    rounds: int
    largest_gap: float


def sut_ras(
    supply: Array,
    domestic_use: Array,
    imported_use: Array,
    imports: Array,
    *,
    output: Array,
    use_totals: Array,
    total_imports: float,
    tolerance: float = 1e-10,
    most_rounds: int = 20_000,
    names: tuple[Sequence[str] | None, Sequence[str] | None, Sequence[str] | None] = (None, None, None),
) -> ProjectedSupplyUse:
    """Return supply and use tables of another year: nearest to the old ones, product by product in balance.

    Known are the outputs of industries, the total of each use column and total imports; how much of each product is
    supplied and imported is found together with the tables.

    Args:
        supply: V, shape (c, i), any unit of money; row = product.
        domestic_use: Ud, shape (c, k), same unit; industries and final uses side by side.
        imported_use: Um, shape (c, k), same unit.
        imports: m, shape (c,), same unit.
        output: new totals of the supply columns, shape (i,), same unit.
        use_totals: new totals of the use columns, shape (k,), same unit.
        total_imports: new total of imports, same unit.
        tolerance: largest gap allowed, relative to the largest total; without unit.
        most_rounds: rounds after which it gives up.
        names: names of products, industries and use columns for messages.

    Returns:
        The new tables: supply (c, i), uses (c, k), imports (c,), same unit.

    Raises:
        MethodError: accounts.totals_shape; accounts.supply_use_totals, when output plus imports is not total use;
            accounts.margin_without_cells; accounts.balance_not_reached.

    Source: Temurshoev and Timmer (2011), Papers in Regional Science 90, 863-882, the setting at basic prices with
        separate use tables of domestic and imported products.
    """
    x, u = np.asarray(output, dtype=np.float64), np.asarray(use_totals, dtype=np.float64)
    _check(supply, domestic_use, imported_use, imports, x, u, total_imports, names)
    pv, nv = _parts(supply)
    pd, nd = _parts(domestic_use)
    pm, nm = _parts(imported_use)
    scale = _largest(x, u, np.array([total_imports]))
    rv, ru, t = np.ones(len(x)), np.ones(len(u)), 1.0
    rd, rm = np.ones(len(imports)), np.ones(len(imports))
    gap = np.inf
    for rounds in range(1, most_rounds + 1):  # noqa: B007
        rd = _balancing(pd @ ru + nv @ (1.0 / rv), nd @ (1.0 / ru) + pv @ rv)
        rm = _balancing(pm @ ru, nm @ (1.0 / ru) + imports * t)
        p, n = rd @ pd + rm @ pm, (1.0 / rd) @ nd + (1.0 / rm) @ nm
        gap_use = ru * p - n / ru - u
        ru = _meeting(p, n, u)
        p, n = (1.0 / rd) @ pv, rd @ nv
        gap_output = rv * p - n / rv - x
        rv = _meeting(p, n, x)
        whole = float((imports / rm).sum())
        gap_imports = t * whole - total_imports
        t = total_imports / whole if whole else 1.0
        gap = _largest(gap_use, gap_output, np.array([gap_imports]))
        if gap <= tolerance * scale:
            break
    else:
        raise MethodError(
            Problem("accounts.balance_not_reached", values={"rounds": most_rounds, "gap": figure(gap)})
        )
    tables = (
        pv * rv / rd[:, None] - nv / rv * rd[:, None],
        pd * rd[:, None] * ru - nd / (rd[:, None] * ru),
        pm * rm[:, None] * ru - nm / (rm[:, None] * ru),
        imports * t / rm,
    )
    return _whole(tables, rounds, gap)


def _whole(tables: tuple[Array, Array, Array, Array], rounds: int, gap: float) -> ProjectedSupplyUse:
    supply, domestic, imported, imports = tables
    products = _largest(supply.sum(axis=1) - domestic.sum(axis=1), imports - imported.sum(axis=1))
    return ProjectedSupplyUse(supply, domestic, imported, imports, rounds, max(gap, products))


def _largest(*amounts: Array) -> float:
    return max(float(np.abs(each).max(initial=0.0)) for each in amounts)


def _check(
    supply: Array, domestic: Array, imported: Array, imports: Array, x: Array, u: Array, total: float,
    names: tuple[Sequence[str] | None, Sequence[str] | None, Sequence[str] | None],
) -> None:  # fmt: skip
    if (
        domestic.shape != (len(imports), len(u)) or imported.shape != domestic.shape
        or supply.shape != (len(imports), len(x))
    ):  # fmt: skip
        values = {
            "rows": supply.shape[0], "columns": domestic.shape[1], "row_totals": len(imports), "column_totals": len(u),
        }  # fmt: skip
        raise MethodError(Problem("accounts.totals_shape", values=values))
    supplied = float(x.sum() + total)
    difference = supplied - float(u.sum())
    wrong = []
    if abs(difference) > 1e-9 * max(abs(supplied), float(np.abs(u).sum())):
        values = {"output": figure(float(x.sum())), "imports": figure(total), "use": figure(float(u.sum())),
                  "difference": figure(difference)}  # fmt: skip
        wrong.append(Problem("accounts.supply_use_totals", values=values))
    for matrix, totals, axis in ((supply, x, 1), (np.abs(domestic) + np.abs(imported), u, 2)):
        empty = np.flatnonzero((totals != 0.0) & (np.abs(matrix).sum(axis=0) == 0.0))
        if len(empty):
            values = {"kind": {"zh": "列", "en": "column"}, "count": len(empty),
                      "places": largest(names[axis], empty, totals)}  # fmt: skip
            wrong.append(Problem("accounts.margin_without_cells", values=values))
    if wrong:
        raise MethodError(*wrong)


def _parts(table: Array) -> tuple[Array, Array]:
    return np.maximum(table, 0.0), np.maximum(-table, 0.0)


def _balancing(p: Array, n: Array) -> Array:
    """The multiplier that makes use equal to supply: p r = n / r; 1 where there is neither."""
    whole = (p > 0.0) & (n > 0.0)
    return np.sqrt(np.divide(n, p, out=np.ones_like(p), where=whole))


def _meeting(p: Array, n: Array, total: Array) -> Array:
    """The multiplier that meets a total: p r - n / r = total; 1 for an empty column; tiny for a total of 0."""
    root = np.sqrt(total * total + 4.0 * p * n)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(total >= 0.0, (total + root) / (2.0 * p), 2.0 * n / (root - total))
        found = np.where(p == 0.0, -n / total, found)
    found = np.where(np.isfinite(found), found, 1.0)
    return np.asarray(np.maximum(found, np.finfo(float).tiny ** 0.25))
