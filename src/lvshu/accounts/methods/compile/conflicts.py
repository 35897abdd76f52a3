"""The conflict report of a balancing: which targets disagree with which, and by how much each gave way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from lvshu.accounts.methods.compile.wording import SHOWN, figure, name_of
from lvshu.core.errors import Problem

Array = NDArray[np.float64]


def conflict_report(
    constraints: sparse.csr_array,
    asked: Array,
    met: Array,
    standard_error: Array,
    allowed: float,
    names: Sequence[str] | None,
) -> tuple[Problem, ...]:
    """Return the conflicts as warnings: first the groups that disagree, then every target that was moved.

    Targets stand in one group when they were moved and share cells, directly or through others that were moved.

    Args:
        constraints: G, shape (c, m), without unit.
        asked: targets as given, shape (c,), any unit.
        met: targets as met, shape (c,), same unit.
        standard_error: of the targets, shape (c,), same unit.
        allowed: differences up to this are none, same unit.
        names: names of the constraints.

    Returns:
        Problems of severity warning, the farthest moved first; dimensionless.

    Source: Lenzen, Gallego and Wood (2009), Economic Systems Research 21, 23-45, section on conflicting information.
    """
    moved = met - asked
    in_errors = np.divide(moved, standard_error, out=np.zeros_like(moved), where=standard_error > 0.0)
    chosen = np.flatnonzero(np.abs(moved) > allowed)
    order = sorted(chosen, key=lambda i: -abs(float(in_errors[i])))
    return (*_groups(constraints, chosen, moved, in_errors, names), *(
        Problem(
            "accounts.constraint_moved", severity="warning",
            values={"constraint": name_of(names, i), "asked": figure(float(asked[i])), "met": figure(float(met[i])),
                    "moved": figure(float(moved[i])), "errors": f"{abs(float(in_errors[i])):.2f}",
                    "standard_error": figure(float(standard_error[i]))},
        )
        for i in order
    ))  # fmt: skip


def _groups(
    constraints: sparse.csr_array,
    chosen: NDArray[np.int64],
    moved: Array,
    in_errors: Array,
    names: Sequence[str] | None,
) -> list[Problem]:
    """One warning for each group of at least two targets that were moved and share cells."""
    if len(chosen) < 2:
        return []
    touched = abs(sparse.csr_array(sparse.csr_array(constraints)[chosen]))
    rows, cells = touched.nonzero()
    size = len(chosen) + touched.shape[1]
    graph = sparse.coo_array((np.ones(len(rows)), (rows, len(chosen) + cells)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    group = labels[: len(chosen)]
    found = []
    for number in np.unique(group):
        members = chosen[group == number]
        if len(members) < 2:
            continue
        order = sorted(members, key=lambda i: -abs(float(in_errors[i])))
        sides = {
            side: _shown([f"{name_of(names, i)} ({float(moved[i]):+.6g}, {abs(float(in_errors[i])):.2f}σ)"
                          for i in order if sign * moved[i] > 0.0])
            for side, sign in (("raised", 1.0), ("lowered", -1.0))
        }  # fmt: skip
        worst = f"{abs(float(in_errors[order[0]])):.2f}"
        values = {"count": len(members), "largest": worst, **sides}
        found.append(Problem("accounts.constraints_disagree", values=values, severity="warning"))
    return found


def _shown(texts: list[str]) -> list[object]:
    """Return the first texts of a list and how many more there are; a dash where there is none."""
    left = len(texts) - SHOWN
    more = [{"zh": f"另有 {left} 个", "en": f"{left} more"}] if left > 0 else []
    return [*texts[:SHOWN], *more] or ["-"]
