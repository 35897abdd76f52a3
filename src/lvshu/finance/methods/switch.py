"""The gap between two accounting methods on the same loans, taken apart exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MethodGap:
    """The effects between two methods, each in tCO2e. They add up to other_total - base_total."""

    base_total: float
    scope_added: float
    scope_removed: float
    exposure: float
    denominator: float
    calculation: float
    other_total: float


def exposure_effect(
    entity_emission: Array, base_exposure: Array, other_exposure: Array, base_denominator: Array
) -> Array:
    """Return what the other balance alone changes, the denominator still that of the base method.

    Args:
        entity_emission: shape (n,), tCO2e.
        base_exposure: shape (n,), CNY.
        other_exposure: shape (n,), CNY.
        base_denominator: shape (n,), CNY.

    Returns:
        Effect, shape (n,), unit tCO2e: E x (X1 - X0) / D0.

    Source: sequential decomposition, exposure before denominator; the order is a convention of this project.
    """
    return np.asarray(entity_emission * (other_exposure - base_exposure) / base_denominator)


def method_gap(base: Array, other: Array, same_calculation: NDArray[np.bool_], exposure: Array) -> MethodGap:
    """Return the gap between two methods by effect.

    Args:
        base: shape (n,), financed emission under the base method, tCO2e, NaN where out of its scope.
        other: shape (n,), the same under the other method.
        same_calculation: shape (n,), whether both estimate the loan in the same way.
        exposure: shape (n,), exposure effect of the loans both cover in the same way, tCO2e.

    Returns:
        Effects, scalars, unit tCO2e; their sum is other_total - base_total.

    Source: identity E1 - E0 = added - removed + calculation + exposure + denominator.
    """
    in_base, in_other = ~np.isnan(base), ~np.isnan(other)
    both = in_base & in_other
    alike, unlike = both & same_calculation, both & ~same_calculation
    by_exposure = float(exposure[alike].sum())
    return MethodGap(
        base_total=float(base[in_base].sum()),
        scope_added=float(other[in_other & ~in_base].sum()),
        scope_removed=-float(base[in_base & ~in_other].sum()),
        exposure=by_exposure,
        denominator=float((other[alike] - base[alike]).sum()) - by_exposure,
        calculation=float((other[unlike] - base[unlike]).sum()),
        other_total=float(other[in_other].sum()),
    )
