"""Index decomposition: the logarithmic mean Divisia index (LMDI-I), additive and multiplicative, with exact zeros.

Letters of the textbook, used in this file only:
    V  aggregate of a sub-category, the product of its factors, unit e.g. tCO2
    x  factors, (r, k): r sub-categories (sector by fuel), k factors; the product of their units is that of V
    L  logarithmic mean (a - b) / ln(a / b), L(a, a) = a
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

RESIDUAL_ALLOWED = 1e-9


@dataclass(frozen=True)
class IndexChange:
    """A change of an aggregate and the effect of each factor. Returned by `lmdi` and `lmdi_chain`.

    Attributes:
        names: k factors.
        by_category: additive effects, shape (r, k), unit of the aggregate.
        start, end: aggregate of each sub-category, shape (r,), same unit.
        log_ratio: logarithm of the multiplicative effects, shape (k,), without unit; NaN where a total is zero.

    Source: Ang (2005), Energy Policy 33(7), table 1 (LMDI-I).
    """

    names: tuple[str, ...]
    by_category: Array
    start: Array
    end: Array
    log_ratio: Array

    @property
    def additive(self) -> Array:
        """Return the effects, shape (k,), unit of the aggregate; they sum to end - start.

        Source: Ang (2005), eq. 3.
        """
        return np.asarray(self.by_category.sum(axis=0))

    @property
    def multiplicative(self) -> Array:
        """Return the effects as ratios, shape (k,), without unit; their product is end / start.

        Source: Ang (2005), eq. 6.
        """
        return np.asarray(np.exp(self.log_ratio))


def logarithmic_mean(first: Array, second: Array) -> Array:
    """Return the logarithmic mean, exact also where both are nearly equal; 0 where one of them is 0.

    Args:
        first: not negative, any shape, any unit.
        second: same shape and unit.

    Returns:
        (a - b) / ln(a / b), same shape and unit; a where a = b.

    Source: Ang (2005), eq. 4; limits L(a, a) = a and L(a, 0) = 0 as there. Near a = b computed as
        (a - b) / (2 artanh z) with z = (a - b) / (a + b), which loses no digits.
    """
    high, low = np.maximum(first, second), np.minimum(first, second)
    total, gap = high + low, high - low
    mean = np.where(gap == 0.0, high, 0.0)
    z = np.divide(gap, total, out=np.zeros_like(total), where=total > 0.0)
    near, far = (z > 0.0) & (z < 0.5), (z >= 0.5) & (low > 0.0)
    np.divide(gap / 2.0, np.arctanh(np.where(near, z, 0.25)), out=mean, where=near)
    logs = np.log(np.where(far, high, 2.0)) - np.log(np.where(far, low, 1.0))
    np.divide(gap, logs, out=mean, where=far)
    return np.asarray(mean)


def lmdi(start: Array, end: Array, names: Sequence[str]) -> IndexChange:
    """Return the LMDI-I effects of factors whose product is the aggregate; zeros are taken by their limits.

    The eight cases of a zero: an aggregate that comes (0 to V) counts wholly for the factor that comes from zero, one
    that goes (V to 0) for the factor that goes to zero; factors that are positive in both periods, or zero in both,
    and sub-categories that are zero in both periods, have no effect. Where m factors come (or go) at once each has
    V / m: the limit when all of them approach zero alike.

    Args:
        start: factors of the first period, shape (r, k), not negative, each column in its own unit.
        end: factors of the second period, same shape and units.
        names: k names.

    Returns:
        The effects, shape (r, k), unit of the product of the factors.

    Raises:
        MethodError: accounts.decomposition_shapes, accounts.decomposition_not_finite, accounts.lmdi_negative,
            accounts.lmdi_out_of_range, accounts.decomposition_residual.

    Source: Ang (2005), Energy Policy 33(7), 867-871 (LMDI-I); Ang, Zhang and Choi (1998), Energy 23(6), table 2, and
        Ang and Liu (2007), Energy Policy 35(1), 238-246 (the eight limits of zero values); Wood and Lenzen (2006),
        Energy Policy 34(12) (limits, not small values).
    """
    x0, xt = np.atleast_2d(np.asarray(start, np.float64)), np.atleast_2d(np.asarray(end, np.float64))
    _check(x0, xt, names)
    v0, vt = x0.prod(axis=1), xt.prod(axis=1)
    _check_products(x0, v0, xt, vt)
    weight = logarithmic_mean(vt, v0)
    positive = (x0 > 0.0) & (xt > 0.0)
    ratio = np.divide(xt, x0, out=np.ones_like(x0), where=positive)
    effects = weight[:, None] * np.log(ratio)
    effects += _share(x0 == 0.0, vt * (v0 == 0.0)) - _share(xt == 0.0, v0 * (vt == 0.0))
    _check_sum(effects, v0, vt)
    total_weight = logarithmic_mean(np.asarray(vt.sum()), np.asarray(v0.sum()))
    if total_weight > 0.0:
        logs = effects.sum(axis=0) / total_weight
    else:
        logs = np.full(len(names), np.nan if v0.sum() + vt.sum() > 0.0 else 0.0)
    return IndexChange(tuple(names), effects, v0, vt, logs)


def lmdi_chain(series: Array, names: Sequence[str]) -> tuple[IndexChange, ...]:
    """Return the effects of every step of a series, and last those of the whole by chaining.

    The chained additive effects are the sums of the steps', the multiplicative ones their products. They differ from
    a comparison of the two ends because they follow the path; both sum to the same change.

    Args:
        series: factors, shape (t, r, k), t periods in order, not negative, each column in its own unit.
        names: k names.

    Returns:
        t - 1 steps and the chained change, unit of the product of the factors.

    Raises:
        MethodError: as `lmdi`; accounts.lmdi_short for fewer than two periods.

    Source: Ang, B.W. (2015), Energy Policy 86 (chaining and non-chaining).
    """
    if len(series) < 2:
        raise MethodError(Problem("accounts.lmdi_short", values={"periods": len(series)}))
    steps = [lmdi(series[t], series[t + 1], names) for t in range(len(series) - 1)]
    effects = np.sum([step.by_category for step in steps], axis=0)
    logs = np.sum([step.log_ratio for step in steps], axis=0)
    return (*steps, IndexChange(tuple(names), effects, steps[0].start, steps[-1].end, logs))


def total_ratio(change: IndexChange) -> float:
    """Return the aggregate of the second period relative to the first: the product of the multiplicative effects.

    Args:
        change: of r sub-categories and k factors, any unit.

    Returns:
        A ratio without unit.

    Raises:
        MethodError: accounts.lmdi_no_ratio, where the aggregate of a period is zero: there is no ratio then, and the
            additive effects have to be used.

    Source: Ang (2005), eq. 6.
    """
    start, end = float(change.start.sum()), float(change.end.sum())
    if start == 0.0 or end == 0.0:
        raise MethodError(Problem("accounts.lmdi_no_ratio", values={"start": start, "end": end}))
    return float(change.multiplicative.prod())


def _share(zero: NDArray[np.bool_], amount: Array) -> Array:
    count = zero.sum(axis=1)
    return np.asarray(zero * (amount / np.maximum(count, 1))[:, None])


def _check(start: Array, end: Array, names: Sequence[str]) -> None:
    if start.shape != end.shape or start.ndim != 2 or start.shape[1] != len(names):
        raise MethodError(Problem("accounts.decomposition_shapes", values={
            "name": "", "start": str(start.shape), "end": str(end.shape), "names": len(names)}))  # fmt: skip
    wrong = []
    for k, name in enumerate(names):
        both = np.concatenate([start[:, k], end[:, k]])
        bad, negative = int(np.sum(~np.isfinite(both))), np.flatnonzero(both < 0.0)
        if bad:
            wrong.append(Problem("accounts.decomposition_not_finite", values={"name": name, "count": bad}))
        if negative.size:
            rows = sorted({int(i) % len(start) + 1 for i in negative})
            values = {
                "name": name,
                "count": int(negative.size),
                "rows": rows[:10],
                "lowest": float(both.min()),
            }
            wrong.append(Problem("accounts.lmdi_negative", values=values))
    if wrong:
        raise MethodError(*wrong)


def _check_sum(effects: Array, start: Array, end: Array) -> None:
    gap = float(np.abs(effects.sum(axis=1) - (end - start)).max(initial=0.0))
    size = max(float(np.abs(part).max(initial=0.0)) for part in (start, end, effects))
    if not gap <= RESIDUAL_ALLOWED * size:
        raise MethodError(Problem("accounts.decomposition_residual", values={"gap": gap, "size": size}))


def _check_products(start: Array, first: Array, end: Array, second: Array) -> None:
    """Positive factors whose product is too small or too large for a number would be taken for a zero."""
    wrong = ((first == 0.0) & (start > 0.0).all(axis=1)) | ((second == 0.0) & (end > 0.0).all(axis=1))
    rows = np.flatnonzero(wrong | ~np.isfinite(first) | ~np.isfinite(second))
    if rows.size:
        raise MethodError(
            Problem("accounts.lmdi_out_of_range", values={"rows": [int(i) + 1 for i in rows[:10]]})
        )
