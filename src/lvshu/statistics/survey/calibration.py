"""Calibration of weights to known or estimated totals, exact or ridged; says which control cannot be met."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey import distances
from lvshu.statistics.survey.controls import Adjustment, Controls
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.infeasible import unmet

Array = NDArray[np.float64]

SMALL = 1e-9
"""Share of Σ d x x' that keeps a step defined where every factor lies on a bound."""


@dataclass(frozen=True)
class Calibrated:
    """A calibrated sample.

    Attributes:
        design: the sample with its new weights; errors of what is estimated from it know of the calibration.
        factors: shape (n,), new over old weight, dimensionless.
        pulls: shape (p,), multipliers of the controls.
        reached: shape (p,), totals that the new weights give, in the controls' units.
        gaps: shape (p,), reached less wanted; zero but for rounding without a ridge.
        steps: Newton steps taken, count.

    Source: Deville & Särndal (1992), JASA 87.
    """

    design: Design
    factors: Array
    pulls: Array
    reached: Array
    gaps: Array
    steps: int


def calibrate(
    design: Design,
    known: Controls,
    *,
    distance: str = "linear",
    bounds: tuple[float, float] | None = None,
    centre: float = 1.0,
    importance: Any = None,
    tolerance: float = 1e-11,
    most_steps: int = 200,
) -> Calibrated:
    """Return the sample with weights nearest to the old ones that give the known totals.

    Args:
        design: of the sample.
        known: the controls.
        distance: "linear" (GREG), "raking", "logit", "exponential", "hellinger", "entropy".
        bounds: least and largest factor on a weight, dimensionless.
        centre: of the exponential model, dimensionless.
        importance: shape (p,) or a scalar, weight of each control's squared gap (ridge), in one over its unit
            squared; infinity for a control that must hold. None: all must hold. The errors of what is estimated leave
            out the bias that a ridge brings in; `gaps` shows it for the controls.
        tolerance: largest relative gap of an exact control, dimensionless.
        most_steps: Newton steps, count.

    Raises:
        MethodError: the totals cannot be met (which control, how near it can come); settings that are none.

    Source: Deville & Särndal (1992), JASA 87, sections 2 and 3; ridge: Bardsley & Chambers (1984), Applied
    Statistics 33; Beaumont & Bocci (2008), Survey Methodology 34.
    """
    if known.size != design.size:
        values = {"given": known.size, "wanted": design.size}
        raise MethodError(Problem("survey.length_differs", values=values))
    kind = distances.distance(distance, bounds, centre)
    give = _give(importance, len(known.names))
    base = known.gathered(design.weights)
    pulls, steps, met = _solve(known, base, kind, give, tolerance, most_steps)
    if not met and np.isinf(kind.ceiling):
        pulls, steps, met = _searched(known, base, kind, give, tolerance, most_steps)
    if not met:
        gaps = unmet(known, base, kind, give > 0)
        raise MethodError(*(gaps or [Problem("survey.calibration_slow", values={"steps": most_steps})]))
    factors = known.spread(kind.curve(known.rows @ pulls)[0])
    weights = design.weights * factors
    reached = known.sums(weights)
    ridge = np.diag(give)
    inverse = _inverse(known.gram(design.weights) + ridge)
    done = Adjustment(known, design.weights, inverse, known.covariance)
    made = replace(design, weights=weights, adjustments=(*design.adjustments, done))
    return Calibrated(made, factors, pulls, reached, reached - known.totals, steps)


def _give(importance: Any, size: int) -> Array:
    """Return how far each control may give, one over its importance, shape (p,)."""
    if importance is None:
        return np.zeros(size)
    given = np.broadcast_to(np.asarray(importance, dtype=float), (size,))
    if np.any(~(given > 0)):
        raise MethodError(Problem("survey.bad_importance"))
    return np.asarray(1.0 / given)


def _searched(
    known: Controls, base: Array, kind: distances.Distance, give: Array, tolerance: float, most_steps: int
) -> tuple[Array, int, bool]:
    """Return what `_solve` returns, where nearly all factors lie on a bound and Newton's steps go round in circles:
    along each step the dual, which is concave, is made largest. Totals that cannot be met leave it without a top."""
    rows = known.rows
    scale = np.maximum(np.abs(known.totals), np.abs(rows).T @ np.abs(base))
    scale = np.where(scale > 0, scale, 1.0)
    small = SMALL * rows.T @ (base[:, None] * rows)
    pulls = np.zeros(rows.shape[1])

    def gap(at: Array) -> tuple[Array, Array]:
        factor, slope = kind.curve(rows @ at)
        return known.totals - rows.T @ (base * factor) - give * at, slope

    for step in range(most_steps):
        missing, slope = gap(pulls)
        if np.abs(missing / scale).max() < tolerance:
            return pulls, step, True
        move = _direction(rows.T @ ((base * slope)[:, None] * rows) + np.diag(give) + small, missing, scale)

        def along(length: float, start: Array = pulls, move: Array = move) -> float:
            return float(gap(start + length * move)[0] @ move)

        far = 1.0
        while along(far) > 0 and far < 1e12:
            far *= 2.0
        if along(0.0) <= 0 or along(far) > 0:
            break
        pulls = pulls + float(brentq(along, 0.0, far, xtol=1e-300, rtol=1e-15)) * move
    return pulls, most_steps, False


def _solve(
    known: Controls, base: Array, kind: distances.Distance, give: Array, tolerance: float, most_steps: int
) -> tuple[Array, int, bool]:
    """Return multipliers λ of Σ d g(x'λ) x + give λ = totals, steps, and whether it holds."""
    rows = known.rows
    scale = np.maximum(np.abs(known.totals), np.abs(rows).T @ np.abs(base))
    scale = np.where(scale > 0, scale, 1.0)
    pulls = np.zeros(rows.shape[1])

    def gap(at: Array) -> tuple[Array, Array]:
        factor, slope = kind.curve(rows @ at)
        return known.totals - rows.T @ (base * factor) - give * at, slope

    missing, slope = gap(pulls)
    for step in range(most_steps):
        if np.abs(missing / scale).max() < tolerance:
            return pulls, step, True
        size = 1.0
        slope_matrix = rows.T @ ((base * slope)[:, None] * rows) + np.diag(give)
        move = _direction(slope_matrix, missing, scale)
        before = float(((missing / scale) ** 2).sum())
        while size > 1e-8:
            trial = pulls + size * move
            if not np.isfinite(kind.ceiling) or np.all((rows @ trial)[base > 0] < kind.ceiling):
                new, new_slope = gap(trial)
                if np.isfinite(new).all() and float(((new / scale) ** 2).sum()) < before:
                    break
            size /= 2.0
        else:
            return pulls, step, False
        pulls, missing, slope = trial, new, new_slope
    return pulls, most_steps, False


def _direction(matrix: Array, missing: Array, scale: Array) -> Array:
    weighed = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    weighed = np.where(np.diag(matrix) > 1e-12 * scale, weighed, np.sqrt(scale))
    inner = matrix / np.outer(weighed, weighed)
    return np.asarray(np.linalg.lstsq(inner, missing / weighed, rcond=1e-11)[0] / weighed)


def _inverse(matrix: Array) -> Array:
    """Return the generalised inverse of Σ d x x', scaled so that the controls' units do not matter."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    return np.asarray(
        np.linalg.pinv(matrix / np.outer(scale, scale), rcond=1e-11, hermitian=True) / np.outer(scale, scale)
    )
