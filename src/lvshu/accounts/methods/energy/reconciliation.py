"""Enterprises added up against the inventory: what is covered, and what remains unexplained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reconciliation:
    """What enterprises explain of an inventory. Returned by `reconcile`.

    Source: accounts.reconciliation.

    Attributes:
        residual: top-down less bottom-up, shape (n,), unit tCO2; negative where enterprises report more.
        coverage: bottom-up / top-down, shape (n,), without unit; NaN where top-down is not positive.
        exceeds: where enterprises report more than the inventory has, shape (n,).
        total_coverage: of all sectors together, without unit.
    """

    residual: Array
    coverage: Array
    exceeds: NDArray[np.bool_]
    total_coverage: float


def reconcile(top_down: Array, bottom_up: Array, *, tolerance: float = 1e-9) -> Reconciliation:
    """Return residual and coverage by sector.

    Args:
        top_down: inventory allocated to sectors, shape (n,), unit tCO2.
        bottom_up: emissions of the enterprises that reported, shape (n,), unit tCO2.
        tolerance: relative difference below which the two count as equal, and amount (tCO2) that counts as nothing.

    Returns:
        Reconciliation, shapes (n,), unit tCO2 and without unit.

    Source: accounting identity top-down = bottom-up + residual; no part of the residual is spread over enterprises.
    """
    above, below = np.asarray(top_down, dtype=float), np.asarray(bottom_up, dtype=float)
    known = above > tolerance
    coverage = np.where(known, below / np.where(known, above, 1.0), np.nan)
    exceeds = below > above + tolerance * np.maximum(np.abs(above), 1.0)
    total = float(above.sum())
    return Reconciliation(above - below, np.asarray(coverage), np.asarray(exceeds),
                          float(below.sum()) / total if total > tolerance else float("nan"))  # fmt: skip
