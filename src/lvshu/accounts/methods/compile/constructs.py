"""From supply and use tables to a symmetric input-output table: models A, B, C and D.

Letters of the manual, used in this file only:
    U  use, (c, i); row = product, column = industry; V  make, (i, c), the transposed supply table
    q  output of products, (c,); g  output of industries, (i,); Y  final use of products, (c, k)
    W  value added and other rows of industries, (w, i); T  transformation, see `symmetric_table`
    Z  intermediate use of the symmetric table, (n, n); A  its coefficients, (n, n)
Money in one unit; coefficients in CNY per CNY.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.methods.compile.wording import SHOWN, figure, largest, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Model = Literal["A", "B", "C", "D"]

MODELS: tuple[Model, ...] = ("A", "B", "C", "D")
SINGULAR = 1e-12
ILL_CONDITIONED = 1e6
NOTHING = 1e-12


@dataclass(frozen=True)
class NegativeCell:
    """A cell below 0 that no cell of the use table explains. Returned by `symmetric_table`.

    Attributes:
        table: "intermediate", "final" or "rows".
        row, column: positions counted from 0.
        amount: unit of the tables.

    Source: Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 11 (negatives of models A and C).
    """

    table: str
    row: int
    column: int
    amount: float


@dataclass(frozen=True)
class SymmetricTable:
    """A symmetric input-output table. Returned by `symmetric_table`.

    Attributes:
        model: A, B (product by product), C or D (industry by industry).
        coefficients: shape (n, n), CNY per CNY.
        intermediate_use: Z, shape (n, n), money.
        final_use: shape (n, k), money.
        rows: value added and other rows, shape (w, n), unit of each row.
        row_transform: what turns rows of industries into those of the table, shape (i, n), without unit.
        output: q or g, shape (n,), money.
        negatives: cells below 0 that the model made, the largest first.
        problems: negatives, lost amounts and a badly conditioned supply table, as warnings.

    Source: Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 11.
    """

    model: Model
    coefficients: Array
    intermediate_use: Array
    final_use: Array
    rows: Array
    row_transform: Array
    output: Array
    negatives: tuple[NegativeCell, ...]
    problems: tuple[Problem, ...]


def symmetric_table(
    supply: Array,
    use: Array,
    final_use: Array,
    rows: Array,
    model: Model,
    *,
    products: Sequence[str] | None = None,
    industries: Sequence[str] | None = None,
) -> SymmetricTable:
    """Return the symmetric table of a model.

    A, product technology: Z = U (V')^-1 q, rows W (V')^-1 q. B, industry technology: Z = U g^-1 V, rows W g^-1 V.
    C, fixed industry sales: T = g (V')^-1, Z = T U, final T Y. D, fixed product sales: T = V q^-1, Z = T U, final T Y.

    Products and industries without output are kept as rows and columns of 0; what they use or are used for cannot be
    transformed and is told.

    Args:
        supply: V', shape (c, i), unit of money; row = product, column = industry, at basic prices, domestic output.
        use: U, shape (c, i), same unit; use of domestic products, or of all where the row total is output.
        final_use: Y, shape (c, k), same unit.
        rows: W, shape (w, i), each row in its unit: value added, taxes, imported inputs, emissions, jobs.
        model: A, B, C or D.
        products: names of products for messages.
        industries: names of industries for messages.

    Returns:
        The table, shape (n, n), with n products (A, B) or n industries (C, D), same unit.

    Raises:
        MethodError: accounts.unknown_construct; accounts.supply_use_shape; accounts.supply_not_square and
            accounts.supply_singular (A and C).

    Source: Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 11, models A to D; United Nations,
        Handbook on Supply and Use Tables and Input-Output Tables with Extensions and Applications (2018), chapter 12.
    """
    if model not in MODELS:
        raise MethodError(
            Problem("accounts.unknown_construct", values={"model": model, "models": list(MODELS)})
        )
    _check_shapes(supply, use, final_use, rows)
    q, g = supply.sum(axis=1), supply.sum(axis=0)
    names = products if model in "AB" else industries
    problems: list[Problem] = []
    if model in "AC":
        inverse, conditioned = _inverse(supply, products, industries)
        problems += conditioned
    if model == "A":
        carry = inverse * q
        z, y, x = use @ carry, final_use, q
    elif model == "B":
        carry = _divided(supply.T, g[:, None])
        z, y, x = use @ carry, final_use, q
    else:
        transform = g[:, None] * inverse if model == "C" else _divided(supply.T, q)
        carry = np.eye(len(g))
        z, y, x = transform @ use, transform @ final_use, g
    w = rows @ carry
    problems += _lost(supply, use, final_use, rows, model, products, industries)
    coefficients = _divided(z, x)
    negatives = _negatives(z, y, w, use, final_use, rows)
    problems += _told(negatives, z, names)
    return SymmetricTable(model, coefficients, z, y, w, carry, x, negatives, tuple(problems))


def _check_shapes(supply: Array, use: Array, final_use: Array, rows: Array) -> None:
    if (
        use.shape != supply.shape or len(final_use) != len(supply)
        or rows.ndim != 2 or rows.shape[1] != supply.shape[1]
    ):  # fmt: skip
        values = {
            name: " x ".join(str(length) for length in matrix.shape)
            for name, matrix in (("supply", supply), ("use", use), ("final", final_use), ("rows", rows))
        }
        raise MethodError(Problem("accounts.supply_use_shape", values=values))


def _inverse(
    supply: Array, products: Sequence[str] | None, industries: Sequence[str] | None
) -> tuple[Array, list[Problem]]:
    """(V')^-1, shape (i, c), over the products and industries that have output; 0 elsewhere."""
    made = np.flatnonzero(np.abs(supply).sum(axis=1) > 0.0)
    working = np.flatnonzero(np.abs(supply).sum(axis=0) > 0.0)
    if len(made) != len(working):
        counts = {"products": len(made), "industries": len(working)}
        raise MethodError(Problem("accounts.supply_not_square", values=counts))
    core = supply[np.ix_(made, working)]
    output = core.sum(axis=0)
    mix = core / np.where(output == 0.0, 1.0, output)
    left, sizes, right = np.linalg.svd(mix)
    condition = float(sizes[0] / sizes[-1]) if len(sizes) and sizes[-1] > 0.0 else np.inf
    if len(sizes) and sizes[-1] <= SINGULAR * sizes[0]:
        flat = int((sizes <= SINGULAR * sizes[0]).sum())
        alike = np.argsort(-np.abs(right[-1]))[:SHOWN]
        in_words = [
            name_of(industries, int(working[place])) for place in alike if abs(right[-1][place]) > 0.1
        ]
        their = np.argsort(-np.abs(left[:, -1]))[:SHOWN]
        of_products = [name_of(products, int(made[place])) for place in their if abs(left[place, -1]) > 0.1]
        values = {
            "rank": len(sizes) - flat,
            "size": len(sizes),
            "industries": in_words,
            "products": of_products,
        }
        raise MethodError(Problem("accounts.supply_singular", values=values))
    inverse = np.zeros(supply.T.shape)
    inverse[np.ix_(working, made)] = np.linalg.inv(core)
    problems = []
    if condition > ILL_CONDITIONED:
        told = {"condition": f"{condition:.2g}"}
        problems.append(Problem("accounts.supply_ill_conditioned", severity="warning", values=told))
    return inverse, problems


def _lost(
    supply: Array, use: Array, final_use: Array, rows: Array, model: Model,
    products: Sequence[str] | None, industries: Sequence[str] | None,
) -> list[Problem]:  # fmt: skip
    """What a product or an industry without output uses or is used for: the model has nowhere to put it."""
    q, g = supply.sum(axis=1), supply.sum(axis=0)
    if model in "AB":
        amounts = np.abs(use).sum(axis=0) + np.abs(rows).sum(axis=0)
        places, names, code = (
            np.flatnonzero((g == 0.0) & (amounts > 0.0)),
            industries,
            "accounts.idle_industry_inputs",
        )
    else:
        amounts = np.abs(use).sum(axis=1) + np.abs(final_use).sum(axis=1)
        places, names, code = (
            np.flatnonzero((q == 0.0) & (amounts > 0.0)),
            products,
            "accounts.unmade_product_use",
        )
    if not len(places):
        return []
    values = {"count": len(places), "amount": figure(float(amounts[places].sum())),
              "places": largest(names, places, amounts)}  # fmt: skip
    return [Problem(code, severity="warning", values=values)]


def _negatives(
    z: Array, y: Array, w: Array, use: Array, final: Array, rows: Array
) -> tuple[NegativeCell, ...]:
    found: list[NegativeCell] = []
    for table, made, given in (("intermediate", z, use), ("final", y, final), ("rows", w, rows)):
        allowed = NOTHING * float(np.abs(made).max(initial=0.0))
        below = made < -allowed
        if made.shape == given.shape:
            below &= ~((given < 0.0) & (made == given))
        found += [
            NegativeCell(table, int(i), int(j), float(made[i, j]))
            for i, j in zip(*np.nonzero(below), strict=True)
        ]
    return tuple(sorted(found, key=lambda cell: cell.amount))


def _told(negatives: tuple[NegativeCell, ...], z: Array, names: Sequence[str] | None) -> list[Problem]:
    inside = [cell for cell in negatives if cell.table == "intermediate"]
    if not inside:
        return []
    whole = float(np.abs(z).sum())
    total = -sum(cell.amount for cell in inside)
    values = {
        "count": len(inside), "amount": figure(-total), "share": f"{100.0 * total / whole:.3g}",
        "places": [f"{name_of(names, cell.row)} → {name_of(names, cell.column)} ({figure(cell.amount)})"
                   for cell in inside[:SHOWN]],
    }  # fmt: skip
    return [Problem("accounts.construct_negatives", severity="warning", values=values)]


def _divided(numerator: Array, denominator: Array) -> Array:
    return np.divide(
        numerator,
        denominator,
        out=np.zeros(np.broadcast(numerator, denominator).shape),
        where=denominator != 0.0,
    )
