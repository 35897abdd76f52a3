"""Totals, means and ratios, of the whole sample, of a domain, and by groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design, codes, flags, numbers
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.variance import covariance, covariance_by_group

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MISSING = ("error", "omit")
GROUPED = ("total", "mean", "ratio")


def columns_of(values: Any, design: Design, domain: Any, missing: str) -> tuple[Array, Flags]:
    """Return values as columns, zero outside the domain, and which records are in it.

    Args:
        values: shape (n,) or (n, k), in the variables' units; NaN where not stated.
        design: of the sample.
        domain: shape (n,), whether a record belongs to it; None for all.
        missing: "error", or "omit" for estimates of the records that answered, as a domain.

    Returns:
        Values, shape (n, k), in their units, and flags, shape (n,).

    Raises:
        MethodError: another length, values missing or no numbers, a domain that is not told by truth values, or empty.

    Source: domains, Särndal, Swensson, Wretman (1992), section 10.3.
    """
    given = numbers(values)
    if given.shape[:1] != (design.size,):
        counts = {"given": given.shape[0] if given.ndim else 1, "wanted": design.size}
        raise MethodError(Problem("survey.length_differs", values=counts))
    columns = given.reshape(design.size, -1)
    inside = np.ones(design.size, dtype=bool) if domain is None else flags(domain).copy()
    absent = ~np.isfinite(columns).all(axis=1) & inside
    if absent.any():
        if missing != "omit":
            counts = {"count": int(absent.sum()), "first": int(np.flatnonzero(absent)[0]) + 1}
            raise MethodError(Problem("survey.values_missing", values=counts))
        inside &= ~absent
    if not inside.any() or not np.any(design.weights[inside] > 0):
        raise MethodError(Problem("survey.empty_domain"))
    return np.where(inside[:, None], columns, 0.0), inside


def total(
    design: Design, values: Any, *, labels: Sequence[str] = (), domain: Any = None, missing: str = "error"
) -> Estimates:
    """Return totals.

    Args:
        design: of the sample.
        values: shape (n,) or (n, k), in the variables' units; NaN where not stated.
        labels: names of the variables.
        domain: shape (n,), whether a record belongs to it.
        missing: "error" or "omit".

    Raises:
        MethodError: as `columns_of`.

    Source: Horvitz–Thompson; Särndal, Swensson, Wretman (1992), section 4.3.
    """
    columns, inside = columns_of(values, design, domain, missing)
    scores = design.weights[:, None] * columns
    return _made("total", labels, scores.sum(axis=0), covariance(design, scores), design, inside)


def mean(
    design: Design,
    values: Any,
    *,
    labels: Sequence[str] = (),
    domain: Any = None,
    missing: str = "error",
    effect: bool = False,
) -> Estimates:
    """Return weighted means; with `effect`, also their design effects against a simple random sample.

    Args:
        design: of the sample.
        values: shape (n,) or (n, k), in the variables' units; NaN where not stated.
        labels: names of the variables.
        domain: shape (n,), whether a record belongs to it.
        missing: "error" or "omit".
        effect: whether the design effect is wanted.

    Raises:
        MethodError: as `columns_of`.

    Source: Hájek's ratio of totals, Särndal, Swensson, Wretman (1992), section 5.7; design effect, Kish (1965),
    section 8.2, with the weighted variance and (1 - n/N) as in R package survey, svymean.
    """
    columns, inside = columns_of(values, design, domain, missing)
    weights = np.where(inside, design.weights, 0.0)
    size = float(weights.sum())
    average = weights @ columns / size
    scores = weights[:, None] * (columns - average) / size
    found = covariance(design, scores)
    effects = None
    if effect:
        n = float(inside.sum())
        spread = weights @ (columns - average) ** 2 / size * n / (n - 1.0)
        effects = np.diag(found) / (spread / n * (size - n) / size)
    return _made("mean", labels, average, found, design, inside, effects)


def ratio(
    design: Design,
    numerator: Any,
    denominator: Any,
    *,
    labels: Sequence[str] = (),
    domain: Any = None,
    missing: str = "error",
) -> Estimates:
    """Return ratios of totals.

    Args:
        design: of the sample.
        numerator: shape (n,) or (n, k), in its unit.
        denominator: shape (n,), in its unit.
        labels: names of the ratios.
        domain: shape (n,), whether a record belongs to it.
        missing: "error" or "omit".

    Raises:
        MethodError: as `columns_of`; a denominator whose total is zero.

    Source: Taylor linearisation, Särndal, Swensson, Wretman (1992), section 5.6.
    """
    upper = np.asarray(numerator, dtype=float).reshape(design.size, -1)
    lower = np.asarray(denominator, dtype=float).reshape(design.size, -1)
    columns, inside = columns_of(np.hstack([upper, lower]), design, domain, missing)
    weights = np.where(inside, design.weights, 0.0)
    base = float(weights @ columns[:, -1])
    if base == 0.0:
        raise MethodError(Problem("survey.zero_denominator"))
    value = weights @ columns[:, :-1] / base
    scores = weights[:, None] * (columns[:, :-1] - columns[:, -1:] * value) / base
    return _made("ratio", labels, value, covariance(design, scores), design, inside)


def by(
    statistic: str,
    design: Design,
    values: Any,
    groups: Any,
    *,
    denominator: Any = None,
    missing: str = "error",
) -> Estimates:
    """Return totals, means or ratios of every group, with the covariance between groups.

    Args:
        statistic: "total", "mean" or "ratio".
        design: of the sample.
        values: shape (n,), in the variable's unit.
        groups: shape (n,), labels.
        denominator: shape (n,), for "ratio".
        missing: "error" or "omit".

    Raises:
        MethodError: as `columns_of`; a statistic that is not known; a group whose denominator is zero.

    Source: domains, Särndal, Swensson, Wretman (1992), section 10.3.
    """
    if statistic not in GROUPED:
        raise MethodError(
            Problem("survey.unknown_choice", values={"given": statistic, "known": ", ".join(GROUPED)})
        )
    lower = np.ones(design.size) if denominator is None else np.asarray(denominator, dtype=float)
    columns, inside = columns_of(
        np.stack([np.asarray(values, dtype=float), lower], axis=1), design, None, missing
    )
    group, names = codes(groups)
    group = np.where(inside, group, -1)
    kept, count = group >= 0, len(names)
    weights = design.weights
    upper_sum = np.bincount(group[kept], weights=(weights * columns[:, 0])[kept], minlength=count)
    value, scores = upper_sum.astype(float), weights * columns[:, 0]
    if statistic != "total":
        base = np.bincount(group[kept], weights=(weights * columns[:, 1])[kept], minlength=count)
        if np.any(base == 0.0):
            raise MethodError(Problem("survey.zero_denominator"))
        value = upper_sum / base
        scores = weights * (columns[:, 0] - columns[:, 1] * value[group]) / base[group]
    found = covariance_by_group(design, scores, group, count)
    sampled = np.bincount(group[kept], minlength=count).astype(float)
    return Estimates(statistic, tuple(map(str, names)), value, found, design.degrees_of_freedom, sampled)


def _made(
    statistic: str,
    labels: Sequence[str],
    value: Array,
    found: Array,
    design: Design,
    inside: Flags,
    effects: Array | None = None,
) -> Estimates:
    names = tuple(labels) or tuple(str(place + 1) for place in range(value.size))
    sampled = np.full(value.size, float(inside.sum()))
    return Estimates(statistic, names, value, found, design.degrees_of_freedom, sampled, effects)
