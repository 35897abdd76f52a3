"""The doubly robust mean: right where either the model of the variable or that of the source is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.integration.mass_imputation import predicted
from lvshu.statistics.integration.propensity import propensity, propensity_variance, source_values
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates

Array = NDArray[np.float64]

MODELS = ("linear", "logistic")


def doubly_robust(
    sample: Design,
    sample_columns: Any,
    source_columns: Any,
    values: Any,
    *,
    model: str = "linear",
    method: str = "likelihood",
    sample_model_columns: Any = None,
    source_model_columns: Any = None,
    labels: Sequence[str] = ("mean",),
) -> Estimates:
    """Return the doubly robust mean Σ_B (y - m)/π / N_B + Σ_A d m / N_A.

    Args:
        sample: the probability sample A.
        sample_columns: shape (n_A, p), of the model of being in the source, a column of ones among them.
        source_columns: shape (n_B, p).
        values: shape (n_B,), in the variable's unit.
        model: of the variable, "linear" or "logistic".
        method: of the chances, "likelihood" or "calibrated".
        sample_model_columns: shape (n_A, q), of the variable's model where they differ.
        source_model_columns: shape (n_B, q).
        labels: name of the estimate.

    Raises:
        MethodError: as `propensity` and `predicted`; an unknown model.

    Source: Chen, Li & Wu (2020), JASA 115, equations 14 and 17 (μ_DR2 and its variance).
    """
    if model not in MODELS:
        known = ", ".join(MODELS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": model, "known": known}))
    chances = propensity(sample, sample_columns, source_columns, method=method)
    a, b = np.asarray(sample_columns, dtype=float), np.asarray(source_columns, dtype=float)
    y = source_values(values, b)
    model_a = a if sample_model_columns is None else np.asarray(sample_model_columns, dtype=float)
    model_b = b if source_model_columns is None else np.asarray(source_model_columns, dtype=float)
    fitted = predicted(model, model_a, model_b, y)
    size_a, size_b = float(sample.weights.sum()), float((1.0 / chances.source).sum())
    apart = float(((y - fitted.source) / chances.source).sum() / size_b)
    value = apart + float(sample.weights @ fitted.sample / size_a)
    left = y - fitted.source - apart
    centred = fitted.sample - float(sample.weights @ fitted.sample / size_a)
    variance = propensity_variance(sample, a, b, left, chances, size_b, centred)
    return Estimates(
        "doubly_robust", tuple(labels), np.array([value]), np.array([[variance]]), np.inf,
        np.array([float(y.size)]),
    )  # fmt: skip
