"""Known totals that weights are calibrated to, and what a calibration leaves behind for the errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import codes

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Controls:
    """Auxiliary variables x of the records and their known totals.

    Attributes:
        names: of the p controls.
        rows: shape (cells, p), values of x for each kind of record, in the controls' units.
        cell: shape (n,), kind of each record, from 0; None where every record is its own kind.
        totals: shape (p,), known totals, in the controls' units.
        covariance: shape (p, p), of totals that are themselves estimated; None for exact ones.

    Source: Deville & Särndal (1992), JASA 87; estimated totals: Dever & Valliant (2010), Survey Methodology 36.
    """

    names: tuple[str, ...]
    rows: Array
    cell: Index | None
    totals: Array
    covariance: Array | None = None

    @property
    def size(self) -> int:
        """Return the number of records."""
        return int(self.rows.shape[0] if self.cell is None else self.cell.size)

    def gathered(self, weights: Array) -> Array:
        """Return weights added by kind of record, shape (cells,)."""
        if self.cell is None:
            return weights
        return np.bincount(self.cell, weights=weights, minlength=self.rows.shape[0]).astype(float)

    def spread(self, kinds: Array) -> Array:
        """Return a value of each kind for every record, shape (n,) or (n, k)."""
        return kinds if self.cell is None else np.asarray(kinds[self.cell])

    def cross(self, weighted: Array) -> Array:
        """Return Σ x times weighted values, shape (p, k), for weighted of shape (n, k)."""
        return self.rows.T @ np.stack([self.gathered(column) for column in weighted.T], axis=1)

    def gram(self, weights: Array) -> Array:
        """Return Σ w x x', shape (p, p)."""
        return np.asarray(self.rows.T @ (self.gathered(weights)[:, None] * self.rows))

    def sums(self, weights: Array) -> Array:
        """Return Σ w x, shape (p,), in the controls' units."""
        return np.asarray(self.rows.T @ self.gathered(weights))


@dataclass(frozen=True)
class Adjustment:
    """One calibration that weights went through, for the linearisation of what is estimated with them.

    Attributes:
        controls: the auxiliary variables.
        base: shape (n,), weights before, dimensionless.
        inverse: shape (p, p), generalised inverse of Σ d x x' (with the ridge's part).
        controls_covariance: shape (p, p), of estimated totals, or None.

    Source: Deville & Särndal (1992), result 5; Särndal, Swensson, Wretman (1992), section 6.6.
    """

    controls: Controls
    base: Array
    inverse: Array
    controls_covariance: Array | None

    def residuals(self, scores: Array, weights: Array) -> tuple[Array, Array]:
        """Return scores less what the controls explain, shape (n, k), and the slopes, shape (p, k)."""
        used = (
            weights != 0.0
        )  # a linear calibration may turn weights negative; those records count all the same
        values = np.where(used[:, None], scores / np.where(used, weights, 1.0)[:, None], 0.0)
        slopes = self.inverse @ self.controls.cross(self.base[:, None] * values)
        fitted = self.controls.spread(self.controls.rows @ slopes)
        return scores - weights[:, None] * fitted, slopes


def controls(variables: Mapping[str, tuple[Any, float]], covariance: Any = None) -> Controls:
    """Return controls from numeric variables, `{"name": (values, total)}`.

    Args:
        variables: values of shape (n,) and their known total, in one unit each.
        covariance: shape (p, p), of totals that are estimated; None for exact ones.

    Raises:
        MethodError: values are missing, totals are no numbers, the covariance is none.

    Source: as the class.
    """
    rows = np.column_stack([np.asarray(values, dtype=float) for values, _ in variables.values()])
    totals = np.array([float(total) for _, total in variables.values()])
    problems = [
        Problem(
            "survey.control_missing", values={"control": name, "count": int((~np.isfinite(column)).sum())}
        )
        for name, column in zip(variables, rows.T, strict=True)
        if not np.isfinite(column).all()
    ]
    problems += [
        Problem("survey.control_no_total", values={"control": name})
        for name, total in zip(variables, totals, strict=True)
        if not np.isfinite(total)
    ]
    if problems:
        raise MethodError(*problems)
    made = Controls(tuple(variables), rows, None, totals)
    return made if covariance is None else estimated_controls(made, covariance)


def margins(known: Mapping[str, tuple[Any, Mapping[Any, float]]], *, tolerance: float = 1e-6) -> Controls:
    """Return controls from margins, `{"variable": (labels, {label: count})}`.

    Args:
        known: labels of shape (n,) and the known total of every label, in unit of the weights (count).
        tolerance: relative difference allowed between the sums of two margins, dimensionless.

    Raises:
        MethodError: labels without a total, totals that are none or have no record, margins that sum differently; all
            at once.

    Source: Deville, Särndal & Sautory (1993), JASA 88 (generalised raking).
    """
    problems: list[Problem] = []
    sums, numbers, names, totals = [], [], [], []
    for variable, (labels, wanted) in known.items():
        asked = {str(label): float(total) for label, total in wanted.items()}
        number, kinds = codes(labels)
        found = [str(kind) for kind in kinds]
        problems += [
            Problem("survey.control_no_total", values={"control": f"{variable}={label}"})
            for label, total in asked.items()
            if not np.isfinite(total)
        ]
        absent = [label for label in found if label not in asked]
        empty = [label for label, total in asked.items() if label not in found and total != 0.0]
        for code, listed in (("survey.label_without_total", absent), ("survey.total_without_record", empty)):
            if listed:
                shown = ", ".join(listed[:8])
                problems.append(Problem(code, values={"variable": variable, "labels": shown}))
        numbers.append((number, len(found)))
        names += [f"{variable}={label}" for label in found]
        totals += [asked.get(label, 0.0) for label in found]
        sums.append((variable, sum(asked.values())))
    first = sums[0]
    for variable, total in sums[1:]:
        if abs(total - first[1]) > tolerance * max(abs(first[1]), 1.0):
            values = {"first": first[0], "first_sum": first[1], "second": variable, "second_sum": total}
            problems.append(Problem("survey.margins_differ", values=values))
    if problems:
        raise MethodError(*problems)
    combined = np.zeros(numbers[0][0].size, dtype=np.int64)
    for number, count in numbers:
        combined = combined * count + number
    cell, kinds = codes(combined)
    rows, places = [], np.array(kinds, dtype=np.int64)
    for _, count in reversed(numbers):
        rows.append(np.eye(count)[places % count])
        places = places // count
    return Controls(tuple(names), np.hstack(rows[::-1]), cell, np.array(totals))


def estimated_controls(known: Controls, covariance: Any, totals: Sequence[float] | None = None) -> Controls:
    """Return controls whose totals come from another sample, with the covariance of these totals.

    Args:
        known: the controls.
        covariance: shape (p, p) or (p,) of variances, in the product of the controls' units.
        totals: shape (p,), in place of those of `known`.

    Raises:
        MethodError: the covariance has another shape or is no covariance.

    Source: Dever & Valliant (2010), Survey Methodology 36.
    """
    given = np.asarray(covariance, dtype=float)
    matrix = np.diag(given) if given.ndim == 1 else given
    size = len(known.names)
    fits = matrix.shape == (size, size) and np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-12)
    if not fits or np.linalg.eigvalsh(matrix).min() < -1e-9 * max(float(np.abs(matrix).max()), 1e-300):
        raise MethodError(Problem("survey.bad_covariance", values={"size": size}))
    wanted = known.totals if totals is None else np.asarray(totals, dtype=float)
    return Controls(known.names, known.rows, known.cell, wanted, matrix)
