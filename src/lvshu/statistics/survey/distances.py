"""The distances of the Deville-Särndal family: how far a calibration moves a weight for a given pull."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
Curve = Callable[[Array], tuple[Array, Array]]

DISTANCES = ("linear", "raking", "logit", "exponential", "hellinger", "entropy")


@dataclass(frozen=True)
class Distance:
    """A distance as `distance` makes it.

    Attributes:
        curve: takes u = x'λ, shape (n,), and returns the factor g = w/d and dg/du, dimensionless.
        low: least factor, dimensionless.
        high: largest factor, dimensionless.
        ceiling: u stays below it (infinity where it may be anything).

    Source: Deville & Särndal (1992), table 1.
    """

    curve: Curve
    low: float
    high: float
    ceiling: float = np.inf


def distance(name: str, bounds: tuple[float, float] | None = None, centre: float = 1.0) -> Distance:
    """Return a distance by its name.

    "linear" 1 + u and "raking" e^u, each cut at bounds where they are given; "logit", always with bounds;
    "exponential", Folsom and Singh's model with bounds around a centre; "hellinger" (1 - u/2)^-2; "entropy"
    1/(1 - u).

    Args:
        name: one of `DISTANCES`.
        bounds: least and largest factor, dimensionless, around the centre.
        centre: factor at u = 0 of the exponential model, dimensionless.

    Raises:
        MethodError: an unknown name; bounds that are missing, or do not lie around the centre.

    Source: Deville & Särndal (1992), JASA 87, section 2; Folsom & Singh (2000), Proc. Survey Research Methods ASA.
    """
    if name not in DISTANCES:
        raise MethodError(
            Problem("survey.unknown_choice", values={"given": name, "known": ", ".join(DISTANCES)})
        )
    middle = centre if name == "exponential" else 1.0
    if bounds is None and name in ("logit", "exponential"):
        raise MethodError(Problem("survey.bounds_needed", values={"distance": name}))
    if bounds is not None and not bounds[0] < middle < bounds[1]:
        values = {"low": bounds[0], "high": bounds[1], "centre": middle}
        raise MethodError(Problem("survey.bad_bounds", values=values))
    if bounds is not None and name in ("hellinger", "entropy"):
        raise MethodError(Problem("survey.no_bounds_here", values={"distance": name}))
    if name in ("logit", "exponential") and bounds is not None:
        return Distance(_sigmoid(bounds[0], bounds[1], middle), *bounds)
    if name == "hellinger":
        return Distance(lambda u: ((1 - u / 2) ** -2, (1 - u / 2) ** -3), 0.0, np.inf, 2.0)
    if name == "entropy":
        return Distance(lambda u: (1 / (1 - u), (1 - u) ** -2), 0.0, np.inf, 1.0)
    if name == "raking":
        return _cut(_exponential, bounds, 0.0)
    return _cut(lambda u: (1.0 + u, np.ones_like(u)), bounds, -np.inf)


def _exponential(u: Array) -> tuple[Array, Array]:
    factor = np.exp(np.minimum(u, 300.0))
    return factor, factor


def _cut(curve: Curve, bounds: tuple[float, float] | None, least: float) -> Distance:
    if bounds is None:
        return Distance(curve, least, np.inf)
    low, high = bounds

    def cut(u: Array) -> tuple[Array, Array]:
        factor, slope = curve(u)
        return np.clip(factor, low, high), np.where((factor > low) & (factor < high), slope, 0.0)

    return Distance(cut, low, high)


def _sigmoid(low: float, high: float, centre: float) -> Curve:
    steep = (high - low) / ((centre - low) * (high - centre))

    def curve(u: Array) -> tuple[Array, Array]:
        pull = np.exp(np.clip(steep * u, -300.0, 300.0))
        below = (high - centre) + (centre - low) * pull
        factor = (low * (high - centre) + high * (centre - low) * pull) / below
        return factor, (factor - low) * (high - factor) / ((centre - low) * (high - centre))

    return curve
