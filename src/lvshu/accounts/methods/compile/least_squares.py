"""Balancing by generalised least squares: every cell and every total gives way by its own reliability.

Letters of the literature, used in this file only:
    a  first estimates, (m,), any unit;  W  their variances, (m,), unit squared
    G  coefficients of the constraints, (c, m);  c  targets, (c,);  T  their variances, (c,); 0 = exact
    x  balanced cells, (m,): x = a + W G' l, (G W G' + T) l = c - G a
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.sparse.linalg import cg

from lvshu.accounts.methods.compile.conflicts import conflict_report
from lvshu.accounts.methods.compile.wording import figure, name_of
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

DENSE_UP_TO = 1500
RANK_ALLOWED = 1e-11


@dataclass(frozen=True)
class Adjusted:
    """Cells balanced by least squares. Returned by `least_squares`.

    Attributes:
        cells: x, shape (m,), unit of the first estimates.
        standard_error: of the balanced cells, shape (m,), same unit; None above 1,500 constraints.
        moved: what each constraint gives minus its target, shape (c,), same unit.
        problems: cells whose sign has changed, targets that gave way.

    Source: Stone, Champernowne and Meade (1942), Review of Economic Studies 9, 111-125.
    """

    cells: Array
    standard_error: Array | None
    moved: Array
    problems: tuple[Problem, ...] = ()


def least_squares(
    prior: Array,
    standard_error: Array,
    constraints: sparse.csr_array,
    targets: Array,
    target_error: Array | None = None,
    *,
    names: Sequence[str] | None = None,
) -> Adjusted:
    """Return the cells with the smallest weighted squared change that meet the constraints.

    Args:
        prior: a, shape (m,), any unit.
        standard_error: of each cell, shape (m,), same unit; 0 for a cell that may not move.
        constraints: G, shape (c, m), without unit; CSR. Redundant ones (rows and columns of a table) are welcome.
        targets: c, shape (c,), same unit.
        target_error: standard error of each target, shape (c,), same unit; None or 0 = exact.
        names: names of the constraints for messages.

    Returns:
        The cells with their new standard errors, shape (m,), unit of the cells.

    Raises:
        MethodError: accounts.constraints_shape; accounts.constraints_conflict, when exact targets contradict each
            other or touch only cells that may not move.

    Source: Stone, Champernowne and Meade (1942), Review of Economic Studies 9, 111-125; van der Ploeg (1982),
        Journal of the Royal Statistical Society A 145, 169-194.
    """
    slack = np.zeros(len(targets)) if target_error is None else np.asarray(target_error, dtype=np.float64)
    if constraints.shape != (len(targets), len(prior)) or len(slack) != len(targets):
        values = {"matrix": f"{constraints.shape[0]} x {constraints.shape[1]}", "cells": len(prior),
                  "targets": len(targets), "errors": len(slack)}  # fmt: skip
        raise MethodError(Problem("accounts.constraints_shape", values=values))
    weights = np.asarray(standard_error, dtype=np.float64) ** 2
    table = sparse.csr_array(constraints, dtype=np.float64)
    weighted = sparse.csr_array(table * weights)
    normal = sparse.csr_array(weighted @ table.T + sparse.diags_array(slack**2))
    gap = targets - table @ prior
    size = max(float(np.abs(targets).max(initial=0.0)), float(np.abs(prior).max(initial=0.0)), 1e-300)
    error: Array | None = None
    if len(targets) <= DENSE_UP_TO:
        inverse = linalg.pinvh(normal.toarray(), rtol=RANK_ALLOWED)
        multiplier = inverse @ gap
        multiplier += inverse @ (gap - normal @ multiplier)
        spread = np.asarray(weighted.T @ inverse)
        gained = np.asarray(sparse.csr_array(weighted.T).multiply(spread).sum(axis=1)).ravel()
        error = np.sqrt(np.maximum(weights - gained, 0.0))
    else:
        diagonal = np.where(normal.diagonal() > 0.0, normal.diagonal(), 1.0)
        multiplier, _ = cg(
            normal, gap, rtol=1e-13, maxiter=20 * len(targets), M=sparse.diags_array(1.0 / diagonal)
        )
    cells = prior + weighted.T @ multiplier
    moved = np.asarray(table @ cells - targets)
    left = np.abs(gap - normal @ multiplier)
    wrong = np.flatnonzero(left > 1e-8 * size)
    if len(wrong):
        order = sorted(wrong, key=lambda i: -float(left[i]))[:5]
        places = [f"{name_of(names, i)}: {figure(float(targets[i]))} ≠ {figure(float(targets[i] + moved[i]))}"
                  for i in order]  # fmt: skip
        values = {"count": len(wrong), "places": places}
        raise MethodError(Problem("accounts.constraints_conflict", values=values))
    return Adjusted(
        cells, error, moved, _told(table, prior, cells, targets, moved, slack, 1e-9 * size, names)
    )


def _told(
    table: sparse.csr_array, prior: Array, cells: Array, targets: Array, moved: Array, slack: Array, allowed: float,
    names: Sequence[str] | None,
) -> tuple[Problem, ...]:  # fmt: skip
    problems = []
    turned = np.flatnonzero((np.sign(prior) * np.sign(cells) < 0.0) & (np.abs(cells) > allowed))
    if len(turned):
        values = {"count": len(turned), "amount": figure(float(np.abs(cells[turned]).sum()))}
        problems.append(Problem("accounts.signs_changed", severity="warning", values=values))
    met = np.where(slack > 0.0, targets + moved, targets)
    return (*problems, *conflict_report(table, targets, met, slack, allowed, names))
