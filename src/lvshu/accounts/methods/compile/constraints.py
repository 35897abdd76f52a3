"""KRAS: balancing a table to any linear constraints, with reliabilities, when they contradict each other.

Letters of the literature, used in this file only:
    a  prior cells, (m,), any unit;  x  balanced cells, (m,), same unit, x_j = a_j exp(sum_i l_i G_ij sgn(a_j))
    G  coefficients of the constraints, (c, m), without unit;  c  targets, (c,), unit of the cells
    sigma  standard error of each target, (c,), same unit; 0 = the target may not move
    l  multiplier of each constraint, (c,)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.methods.compile.conflicts import conflict_report
from lvshu.accounts.methods.compile.wording import figure, largest, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

PATIENCE = 25
STALLED = 0.97
LARGEST_STEP = 30.0
INNER_ROUNDS = 60


@dataclass(frozen=True)
class Reconciled:
    """Cells that meet their constraints as far as these agree. Returned by `kras`.

    Attributes:
        cells: x, shape (m,), unit of the prior.
        targets: the targets that are met, shape (c,), same unit; other than those asked for where they disagree.
        moved: `targets` minus the targets asked for, shape (c,), same unit.
        moved_in_errors: `moved` divided by the standard error of the target, shape (c,), without unit.
        rounds: how often all constraints were visited.
        largest_gap: largest difference left between a constraint and its target, same unit.
        problems: the conflict report; a warning for each group of targets that disagree and for each that was moved.

    Source: Lenzen, Gallego and Wood (2009), Economic Systems Research 21, 23-45.
    """

    cells: Array
    targets: Array
    moved: Array
    moved_in_errors: Array
    rounds: int
    largest_gap: float
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Block:
    """Constraints that share no cell: all can be visited at once."""

    constraints: NDArray[np.int64]
    owner: NDArray[np.int64]  # for each entry: which of the block's constraints
    cell: NDArray[np.int64]
    coefficient: Array  # g times the sign of the cell
    plain: bool  # all coefficients are 1 or -1: closed form


def kras(
    prior: Array,
    constraints: sparse.csr_array,
    targets: Array,
    standard_error: Array | None = None,
    *,
    step: float = 0.1,
    tolerance: float = 1e-9,
    most_rounds: int = 5000,
    names: Sequence[str] | None = None,
) -> Reconciled:
    """Return the cells nearest to a prior that meet linear constraints; contradicting targets give way by reliability.

    The constraints are visited one after another; each visit is the exact minimum of sum |x| ln(x / (e a)) that
    meets it, so coefficients other than 1 are allowed. When the rounds stop getting nearer, targets move towards
    what the cells give, each visit by at most `step` standard errors, until all agree.

    Args:
        prior: a, shape (m,), any unit; signs are kept, cells of 0 stay 0, and so do those that a target of 0 leaves no
            other number.
        constraints: G, shape (c, m), without unit; CSR.
        targets: c, shape (c,), unit of the cells.
        standard_error: sigma, shape (c,), same unit; 0 for a target that may not move; None = none may move.
        step: the alpha of the source, between 0 and 1, without unit; a smaller one shares a conflict more evenly.
        tolerance: largest gap allowed, relative to the largest target or cell; without unit.
        most_rounds: rounds after which it gives up.
        names: names of the constraints for messages.

    Returns:
        The cells, the targets they meet and by how much each was moved, shape (m,) and (c,), unit of the cells.

    Raises:
        MethodError: accounts.constraints_shape; accounts.constraint_without_cells; accounts.constraints_conflict,
            when targets that may not move contradict each other; accounts.balance_not_reached.

    Source: Lenzen, Gallego and Wood (2009), Economic Systems Research 21, 23-45; exact visits for coefficients other
        than 1: Censor and Zenios (1997), Parallel Optimization (entropy maximisation by row action).
    """
    wanted = np.asarray(targets, dtype=np.float64)
    sigma = np.zeros_like(wanted) if standard_error is None else np.asarray(standard_error, dtype=np.float64)
    prior = np.asarray(prior, dtype=np.float64)
    _check_shapes(prior, constraints, wanted, sigma)
    prior = _emptied(prior, constraints, wanted, sigma)
    table = _checked(prior, constraints, wanted, sigma, names)
    blocks = _blocks(table, np.sign(prior))
    scale = max(float(np.abs(wanted).max(initial=0.0)), float(np.abs(prior).max(initial=0.0)))
    x, met = prior.copy(), wanted.copy()
    relaxing, history = False, [np.inf]
    gaps = np.asarray(table @ x - met)
    for rounds in range(1, most_rounds + 1):
        for block in blocks:
            _visit(block, x, met, sigma, step if relaxing else 0.0)
        gaps = np.asarray(table @ x - met)
        worst = float(np.abs(gaps).max(initial=0.0))
        if worst <= tolerance * scale:
            told = conflict_report(table, wanted, met, sigma, tolerance * scale, names)
            moved = met - wanted
            in_errors = np.divide(moved, sigma, out=np.zeros_like(moved), where=sigma > 0.0)
            return Reconciled(x, met, moved, in_errors, rounds, worst, told)
        history.append(worst)
        if len(history) > PATIENCE and worst > STALLED * history[-PATIENCE]:
            open_ones = np.flatnonzero(np.abs(gaps) > tolerance * scale)
            if relaxing and not (sigma[open_ones] > 0.0).any():
                raise _conflict(open_ones, gaps, wanted, names)
            if not relaxing and not (sigma > 0.0).any():
                raise _conflict(open_ones, gaps, wanted, names)
            relaxing, history = True, [np.inf]
    hard = np.flatnonzero((np.abs(gaps) > tolerance * scale) & (sigma == 0.0))
    if len(hard):
        raise _conflict(hard, gaps, wanted, names)
    values = {"rounds": most_rounds, "gap": figure(float(np.abs(gaps).max(initial=0.0)))}
    raise MethodError(Problem("accounts.balance_not_reached", values=values))


def margin_constraints(rows: int, columns: int) -> sparse.csr_array:
    """Return the constraints that say: these are the row totals and column totals of a table.

    Args:
        rows: n, count.
        columns: k, count.

    Returns:
        G, shape (n + k, n k), without unit, for cells in row order.

    Source: Lenzen, Gallego and Wood (2009), section 2 (the vectorised table).
    """
    each_row = sparse.kron(sparse.eye_array(rows), np.ones((1, columns)))
    each_column = sparse.kron(np.ones((1, rows)), sparse.eye_array(columns))
    return sparse.csr_array(sparse.vstack([each_row, each_column]))


def _check_shapes(prior: Array, constraints: sparse.csr_array, targets: Array, sigma: Array) -> None:
    if constraints.shape != (len(targets), len(prior)) or len(sigma) != len(targets):
        values = {
            "matrix": f"{constraints.shape[0]} x {constraints.shape[1]}",
            "cells": len(prior),
            "targets": len(targets),
            "errors": len(sigma),
        }
        raise MethodError(Problem("accounts.constraints_shape", values=values))


def _emptied(prior: Array, constraints: sparse.csr_array, targets: Array, sigma: Array) -> Array:
    """The prior with 0 in the cells of constraints that can only be met so: target 0, all cells of one sign."""
    cells = prior.copy()
    while True:
        signs = sparse.csr_array(constraints) * np.sign(cells)
        up = np.asarray((signs > 0.0).sum(axis=1)).ravel()
        down = np.asarray((signs < 0.0).sum(axis=1)).ravel()
        closed = np.flatnonzero((targets == 0.0) & (sigma == 0.0) & ((up == 0) != (down == 0)))
        if not len(closed):
            return cells
        touched = sparse.csr_array(sparse.csr_array(constraints)[closed])
        touched.eliminate_zeros()
        cells[np.unique(touched.indices)] = 0.0


def _checked(
    prior: Array, constraints: sparse.csr_array, targets: Array, sigma: Array, names: Sequence[str] | None
) -> sparse.csr_array:
    table = sparse.csr_array(constraints, dtype=np.float64) * (prior != 0.0)
    table = sparse.csr_array(table)
    table.eliminate_zeros()
    wrong = []
    signs = table * np.sign(prior)
    low = np.asarray(signs.min(axis=1).todense()).ravel() if table.shape[1] else np.zeros(len(targets))
    high = np.asarray(signs.max(axis=1).todense()).ravel() if table.shape[1] else np.zeros(len(targets))
    fixed = sigma == 0.0
    empty = np.flatnonzero(fixed & (targets != 0.0) & (low == 0.0) & (high == 0.0))
    if len(empty):
        values = {"count": len(empty), "places": largest(names, empty, targets)}
        wrong.append(Problem("accounts.constraint_without_cells", values=values))
    one_sign = fixed & (
        (low >= 0.0) & (high > 0.0) & (targets <= 0.0) | (high <= 0.0) & (low < 0.0) & (targets >= 0.0)
    )
    if one_sign.any():
        places = np.flatnonzero(one_sign)
        values = {"kind": {"zh": "约束", "en": "constraint"}, "count": len(places),
                  "places": largest(names, places, targets)}  # fmt: skip
        wrong.append(Problem("accounts.margin_of_other_sign", values=values))
    if wrong:
        raise MethodError(*wrong)
    return table


def _blocks(table: sparse.csr_array, sign: Array) -> list[_Block]:
    """The constraints in their order, cut into blocks without a common cell: same result as one by one."""
    free = np.zeros(table.shape[1], dtype=np.int64)
    number = np.zeros(table.shape[0], dtype=np.int64)
    for i in range(table.shape[0]):
        cells = table.indices[table.indptr[i] : table.indptr[i + 1]]
        if len(cells):
            number[i] = free[cells].max()
            free[cells] = number[i] + 1
    blocks = []
    for which in range(int(number.max(initial=-1)) + 1):
        chosen = np.flatnonzero((number == which) & (np.diff(table.indptr) > 0))
        part = sparse.csr_array(table[chosen])
        owner = np.repeat(np.arange(len(chosen)), np.diff(part.indptr))
        coefficient = part.data * sign[part.indices]
        blocks.append(
            _Block(
                chosen,
                owner,
                part.indices.astype(np.int64),
                coefficient,
                bool((np.abs(part.data) == 1.0).all()),
            )
        )
    return blocks


def _visit(block: _Block, x: Array, met: Array, sigma: Array, step: float) -> None:
    """Move the targets of a block if asked to, then the cells so that they meet them; both in place."""
    count, which = len(block.constraints), block.constraints
    size = np.abs(x[block.cell])
    if step > 0.0:
        gap = met[which] - np.bincount(block.owner, block.coefficient * size, minlength=count)
        met[which] -= np.sign(gap) * np.minimum(np.abs(gap), step * sigma[which])
    target = met[which]
    if block.plain:
        up = np.bincount(block.owner, np.where(block.coefficient > 0.0, size, 0.0), minlength=count)
        down = np.bincount(block.owner, np.where(block.coefficient < 0.0, size, 0.0), minlength=count)
        multiplier = _closed_form(up, down, target)
    else:
        multiplier = _by_newton(block, size, target)
    x[block.cell] *= np.exp(multiplier[block.owner] * block.coefficient)


def _closed_form(up: NDArray[Any], down: NDArray[Any], target: Array) -> Array:
    """The logarithm of the root of up r - down / r = target; 0 where no positive r meets it."""
    root = np.sqrt(target * target + 4.0 * up * down)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(target >= 0.0, (target + root) / (2.0 * up), 2.0 * down / (root - target))
        r = np.where(up == 0.0, -down / target, r)
        found = np.log(r)
    return np.asarray(np.where(np.isfinite(found), found, 0.0))


def _by_newton(block: _Block, size: Array, target: Array) -> Array:
    """The multiplier of each constraint whose coefficients are not all 1: safeguarded Newton steps, all at once."""
    count = len(block.constraints)
    h = block.coefficient
    longest = np.zeros(count)
    np.maximum.at(longest, block.owner, np.abs(h))
    scale = np.bincount(block.owner, np.abs(h) * size, minlength=count) + np.abs(target)
    multiplier = np.zeros(count)
    for _ in range(INNER_ROUNDS):
        now = h * size * np.exp(np.clip(multiplier[block.owner] * h, -LARGEST_STEP, LARGEST_STEP))
        gap = target - np.bincount(block.owner, now, minlength=count)
        if (np.abs(gap) <= 1e-13 * scale).all():
            break
        slope = np.bincount(block.owner, h * now, minlength=count)
        move = np.divide(gap, slope, out=np.zeros(count), where=slope > 0.0)
        multiplier += np.clip(move, -1.0 / longest, 1.0 / longest)
        multiplier = np.clip(multiplier, -LARGEST_STEP / longest, LARGEST_STEP / longest)
    return multiplier


def _conflict(
    open_ones: NDArray[np.int64], gaps: Array, wanted: Array, names: Sequence[str] | None
) -> MethodError:
    order = sorted(open_ones, key=lambda i: -abs(float(gaps[i])))[:5]
    places = [
        f"{name_of(names, i)}: {figure(float(wanted[i]))} ≠ {figure(float(wanted[i] + gaps[i]))}"
        for i in order
    ]
    return MethodError(
        Problem("accounts.constraints_conflict", values={"count": len(open_ones), "places": places})
    )
