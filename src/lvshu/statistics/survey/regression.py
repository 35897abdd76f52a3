"""Linear and logistic regression on a sample, with design-based errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import columns_of
from lvshu.statistics.survey.variance import covariance

Array = NDArray[np.float64]

MOST_STEPS = 60


def linear_regression(
    design: Design, response: Any, terms: Any, *, labels: Sequence[str] = (), missing: str = "error"
) -> Estimates:
    """Return the coefficients of a linear regression.

    Args:
        design: of the sample.
        response: shape (n,), in its unit.
        terms: shape (n, k), columns of the model, a column of ones for the intercept among them.
        labels: names of the coefficients.
        missing: "error" or "omit".

    Raises:
        MethodError: as `columns_of`; columns that depend on each other.

    Source: Binder (1983), International Statistical Review 51; R package survey, svyglm.
    """
    x, y, weights, inside = _prepared(design, response, terms, missing)
    bread = _inverse(x.T @ (weights[:, None] * x))
    slopes = bread @ (x.T @ (weights * y))
    scores = (weights * (y - x @ slopes))[:, None] * x @ bread
    return _fitted("linear_regression", design, slopes, scores, labels, int(inside))


def logistic_regression(
    design: Design, response: Any, terms: Any, *, labels: Sequence[str] = (), missing: str = "error"
) -> Estimates:
    """Return the coefficients of a logistic regression, by Newton's steps on the pseudo-likelihood.

    Args:
        design: of the sample.
        response: shape (n,), between 0 and 1, dimensionless.
        terms: shape (n, k), columns of the model, a column of ones for the intercept among them.
        labels: names of the coefficients.
        missing: "error" or "omit".

    Raises:
        MethodError: as `columns_of`; columns that depend on each other; no maximum (the classes are separated).

    Source: Binder (1983), International Statistical Review 51; R package survey, svyglm(family = quasibinomial).
    """
    x, y, weights, inside = _prepared(design, response, terms, missing)
    slopes = logistic_fit(x, y, weights)
    chance = expit(x @ slopes)
    bread = _inverse(x.T @ ((weights * chance * (1.0 - chance))[:, None] * x))
    scores = (weights * (y - chance))[:, None] * x @ bread
    return _fitted("logistic_regression", design, slopes, scores, labels, int(inside))


def logistic_fit(x: Array, y: Array, weights: Array) -> Array:
    """Return the coefficients that make the weighted Bernoulli likelihood largest, shape (k,).

    Args:
        x: shape (n, k), columns of the model.
        y: shape (n,), between 0 and 1, dimensionless.
        weights: shape (n,), dimensionless.

    Raises:
        MethodError: there is no maximum, or columns depend on each other.

    Source: McCullagh & Nelder, Generalized Linear Models (1989), section 4.4.
    """
    slopes = np.zeros(x.shape[1])
    for _ in range(MOST_STEPS):
        chance: Array = expit(x @ slopes)
        step = _inverse(x.T @ ((weights * chance * (1.0 - chance))[:, None] * x)) @ (
            x.T @ (weights * (y - chance))
        )
        slopes = np.asarray(slopes + step)
        if np.abs(step).max() < 1e-11 * (1.0 + np.abs(slopes).max()):
            return slopes
        if np.abs(x @ slopes).max() > 500:
            break
    raise MethodError(Problem("survey.no_maximum"))


def _prepared(design: Design, response: Any, terms: Any, missing: str) -> tuple[Array, Array, Array, int]:
    both = np.column_stack([np.asarray(response, dtype=float), np.asarray(terms, dtype=float)])
    columns, inside = columns_of(both, design, None, missing)
    return columns[:, 1:], columns[:, 0], np.where(inside, design.weights, 0.0), int(inside.sum())


def _inverse(matrix: Array) -> Array:
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    scaled = matrix / np.outer(scale, scale)
    if np.linalg.cond(scaled) > 1e13:
        raise MethodError(Problem("survey.dependent_terms"))
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def _fitted(
    statistic: str, design: Design, slopes: Array, scores: Array, labels: Sequence[str], inside: int
) -> Estimates:
    names = tuple(labels) or tuple(str(place + 1) for place in range(slopes.size))
    free = design.degrees_of_freedom + 1 - slopes.size
    sampled = np.full(slopes.size, float(inside))
    return Estimates(statistic, names, slopes, covariance(design, scores), free, sampled)
