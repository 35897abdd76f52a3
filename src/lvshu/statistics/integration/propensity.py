"""The chance of being in a source without a design, and estimates weighted by its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design, numbers
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.variance import covariance

Array = NDArray[np.float64]

METHODS = ("likelihood", "calibrated")
MOST_STEPS = 100


@dataclass(frozen=True)
class Propensity:
    """A fitted model of being in the source, logistic in x.

    Attributes:
        coefficients: shape (p,).
        sample: shape (n_A,), chances of the probability sample's units, dimensionless.
        source: shape (n_B,), chances of the source's units, dimensionless.
        method: "likelihood" or "calibrated".

    Source: as `propensity`.
    """

    coefficients: Array
    sample: Array
    source: Array
    method: str


def columns_agree(sample: Design, sample_columns: Any, source_columns: Any) -> tuple[Array, Array]:
    """Return the model's columns of both sources as arrays, shape (n_A, p) and (n_B, p).

    Args:
        sample: the probability sample.
        sample_columns: shape (n_A, p).
        source_columns: shape (n_B, p).

    Raises:
        MethodError: another number of rows or columns, values missing, columns that depend on each other.

    Source: none; checks.
    """
    a, b = np.asarray(sample_columns, dtype=float), np.asarray(source_columns, dtype=float)
    if a.shape[0] != sample.size or a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise MethodError(
            Problem("survey.length_differs", values={"given": a.shape[0], "wanted": sample.size})
        )
    for one in (a, b):
        bad = ~np.isfinite(one).all(axis=1)
        if bad.any():
            values = {"count": int(bad.sum()), "first": int(np.flatnonzero(bad)[0]) + 1}
            raise MethodError(Problem("survey.values_missing", values=values))
    if np.linalg.matrix_rank(b) < b.shape[1]:
        raise MethodError(Problem("survey.dependent_terms"))
    return a, b


def source_values(values: Any, columns: Array) -> Array:
    """Return the values of the source, shape (n_B,), in their unit.

    Args:
        values: shape (n_B,).
        columns: shape (n_B, p), the source's columns.

    Raises:
        MethodError: another number of values, values missing.

    Source: none; checks.
    """
    y = numbers(values).reshape(-1)
    if y.size != columns.shape[0]:
        raise MethodError(
            Problem("survey.length_differs", values={"given": y.size, "wanted": columns.shape[0]})
        )
    bad = np.flatnonzero(~np.isfinite(y))
    if bad.size:
        told = {"count": int(bad.size), "first": int(bad[0]) + 1}
        raise MethodError(Problem("survey.values_missing", values=told))
    return y


def propensity(
    sample: Design, sample_columns: Any, source_columns: Any, *, method: str = "likelihood"
) -> Propensity:
    """Return the chances of being in the source, by pseudo-likelihood or calibrated.

    "likelihood" solves Σ_B x = Σ_A d π x; "calibrated" solves Σ_B x / π = Σ_A d x, so that the weighted source has
    the sample's totals of x.

    Args:
        sample: the probability sample A, with design weights d.
        sample_columns: shape (n_A, p), a column of ones among them.
        source_columns: shape (n_B, p).
        method: "likelihood" or "calibrated".

    Raises:
        MethodError: as `columns_agree`; an unknown method; no solution (the source holds kinds of units that the
            sample lacks, or more units than the sample stands for).

    Source: Chen, Li & Wu (2020), JASA 115, equations 3 to 5; calibrated, Wu (2022), Survey Methodology 48.
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    a, b = columns_agree(sample, sample_columns, source_columns)
    weights = sample.weights
    share = min(b.shape[0] / float(weights.sum()), 0.99)
    start = np.linalg.lstsq(b, np.full(b.shape[0], np.log(share / (1.0 - share))), rcond=None)[0]

    def gap(at: Array) -> tuple[Array, Array]:
        chance_a, chance_b = expit(a @ at), expit(b @ at)
        if method == "likelihood":
            slope = a.T @ ((weights * chance_a * (1.0 - chance_a))[:, None] * a)
            return b.sum(axis=0) - a.T @ (weights * chance_a), slope
        slope = b.T @ (((1.0 - chance_b) / chance_b)[:, None] * b)
        return b.T @ (1.0 / chance_b) - a.T @ weights, slope

    found = _solved(start, gap, np.abs(a).T @ weights)
    return Propensity(found, expit(a @ found), expit(b @ found), method)


def _solved(start: Array, gap: Any, scale: Array) -> Array:
    at = start
    missing, slope = gap(at)
    for _ in range(MOST_STEPS):
        if np.abs(missing / np.maximum(scale, 1e-300)).max() < 1e-11:
            return at
        move, size = np.linalg.lstsq(slope, missing, rcond=None)[0], 1.0
        before = float(((missing / scale) ** 2).sum())
        while size > 1e-8:
            trial = at + size * move
            new, new_slope = gap(trial)
            if np.isfinite(new).all() and float(((new / scale) ** 2).sum()) < before:
                break
            size /= 2.0
        else:
            break
        at, missing, slope = trial, new, new_slope
    if np.abs(missing / np.maximum(scale, 1e-300)).max() < 1e-8:
        return at
    raise MethodError(Problem("integration.no_propensity"))


def inverse_propensity(
    sample: Design,
    sample_columns: Any,
    source_columns: Any,
    values: Any,
    *,
    method: str = "likelihood",
    labels: Sequence[str] = ("mean",),
) -> Estimates:
    """Return the mean of a variable that only the source has, weighted by the inverse chance of being in it.

    Args:
        sample: the probability sample A.
        sample_columns: shape (n_A, p), a column of ones among them.
        source_columns: shape (n_B, p).
        values: shape (n_B,), in the variable's unit.
        method: "likelihood" or "calibrated".
        labels: name of the estimate.

    Raises:
        MethodError: as `propensity`.

    Source: Chen, Li & Wu (2020), section 3.1, μ_IPW2 and its plug-in variance (equation 11); calibrated likewise.
    """
    model = propensity(sample, sample_columns, source_columns, method=method)
    a, b = np.asarray(sample_columns, dtype=float), np.asarray(source_columns, dtype=float)
    y = source_values(values, b)
    size = float((1.0 / model.source).sum())
    value = float((y / model.source).sum() / size)
    variance = propensity_variance(sample, a, b, y - value, model, size, np.zeros(a.shape[0]))
    return Estimates(
        "inverse_propensity", tuple(labels), np.array([value]), np.array([[variance]]), np.inf,
        np.array([float(y.size)]),
    )  # fmt: skip


def propensity_variance(
    sample: Design, a: Array, b: Array, left: Array, model: Propensity, size: float, predicted: Array
) -> float:
    """Return the variance of Σ_B left/π + Σ_A d predicted over the size, with the fit of π taken into account.

    Args:
        sample: the probability sample A.
        a: shape (n_A, p), its columns.
        b: shape (n_B, p), the source's columns.
        left: shape (n_B,), residuals of the source, in the variable's unit.
        model: the fitted chances.
        size: population, count.
        predicted: shape (n_A,), what a model predicts for the sample, in the variable's unit.

    Source: Chen, Li & Wu (2020), equations 11 and 17.
    """
    chance = model.source
    if model.method == "likelihood":
        inner = a.T @ ((sample.weights * model.sample * (1.0 - model.sample))[:, None] * a)
        along = np.linalg.solve(inner, b.T @ ((1.0 - chance) / chance * left))
        own = ((1.0 - chance) * (left / chance - b @ along) ** 2).sum()
        pulled = model.sample * (a @ along) + predicted
    else:
        inner = b.T @ (((1.0 - chance) / chance)[:, None] * b)
        along = np.linalg.solve(inner, b.T @ ((1.0 - chance) / chance * left))
        own = ((1.0 - chance) * ((left - b @ along) / chance) ** 2).sum()
        pulled = a @ along + predicted
    design = float(covariance(sample, sample.weights * pulled)[0, 0])
    return float(own + design) / size**2
