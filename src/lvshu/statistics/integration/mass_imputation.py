"""Mass imputation: a variable that only the big source has, predicted for every unit of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import expit

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.integration.propensity import columns_agree, source_values
from lvshu.statistics.survey.design import Design
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import mean
from lvshu.statistics.survey.regression import logistic_fit

Array = NDArray[np.float64]

METHODS = ("linear", "logistic", "nearest", "matched")


@dataclass(frozen=True)
class Prediction:
    """What a model of the source predicts.

    Attributes:
        sample: shape (n_A,), in the variable's unit.
        source: shape (n_B,), in that unit.
        slope_sample: shape (n_A,), derivative of the prediction to its linear predictor.
        slope_source: shape (n_B,), likewise.

    Source: Kim, Park, Chen & Wu (2021), Journal of the Royal Statistical Society A 184.
    """

    sample: Array
    source: Array
    slope_sample: Array
    slope_source: Array


def predicted(method: str, a: Array, b: Array, y: Array) -> Prediction:
    """Return the predictions of a linear or logistic model of the source.

    Args:
        method: "linear" or "logistic".
        a: shape (n_A, p), the sample's columns.
        b: shape (n_B, p), the source's columns.
        y: shape (n_B,), in the variable's unit.

    Raises:
        MethodError: no maximum of the likelihood.

    Source: as `Prediction`.
    """
    if method == "linear":
        slopes = np.linalg.lstsq(b, y, rcond=None)[0]
        return Prediction(a @ slopes, b @ slopes, np.ones(a.shape[0]), np.ones(b.shape[0]))
    slopes = logistic_fit(b, y, np.ones(y.size))
    at_a, at_b = expit(a @ slopes), expit(b @ slopes)
    return Prediction(at_a, at_b, at_a * (1.0 - at_a), at_b * (1.0 - at_b))


def mass_imputation(
    sample: Design,
    sample_columns: Any,
    source_columns: Any,
    values: Any,
    *,
    method: str = "linear",
    donors: int = 5,
    labels: Sequence[str] = ("mean",),
) -> Estimates:
    """Return the mean of a variable that only the source has, imputed to the sample.

    "linear" and "logistic" predict; "nearest" takes the mean of the nearest donors by x; "matched" (predictive mean
    matching) the nearest by prediction. Donors at one distance share the places that are left, as the mean over
    random choices among them. The error of "nearest" and "matched" here is that of the sample alone; for all of it
    use `bootstrap_both`.

    Args:
        sample: the probability sample A.
        sample_columns: shape (n_A, p), a column of ones among them for the models.
        source_columns: shape (n_B, p).
        values: shape (n_B,), in the variable's unit.
        method: "linear", "logistic", "nearest" or "matched".
        donors: nearest donors, count.
        labels: name of the estimate.

    Raises:
        MethodError: as `columns_agree`; an unknown method; fewer units than donors.

    Source: Kim, Park, Chen & Wu (2021): variance of the sample's predictions and of the fit; nearest neighbours,
    Rivers (2007), Yang, Kim & Hwang (2021), Survey Methodology 47.
    """
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise MethodError(Problem("survey.unknown_choice", values={"given": method, "known": known}))
    a, b = columns_agree(sample, sample_columns, source_columns)
    y = source_values(values, b)
    if method in ("nearest", "matched"):
        found = mean(sample, imputed(method, a, b, y, donors), labels=labels)
        note = ("误差只含概率样本的抽样误差", "the error is that of the probability sample alone")
        return Estimates(
            f"mass_imputation_{method}", found.labels, found.values, found.covariance, np.inf, found.sampled,
            None, (note,),
        )  # fmt: skip
    model = predicted(method, a, b, y)
    average = mean(sample, model.sample, labels=labels)
    weight = sample.weights / sample.weights.sum()
    pull = a.T @ (weight * model.slope_sample)
    inner = b.T @ (model.slope_source[:, None] * b)
    reach = b @ np.linalg.solve(inner, pull)
    fit = float((((y - model.source) * reach) ** 2).sum())
    return Estimates(
        f"mass_imputation_{method}", average.labels, average.values, average.covariance + fit, np.inf,
        np.array([float(y.size)]),
    )  # fmt: skip


def imputed(method: str, a: Array, b: Array, y: Array, donors: int) -> Array:
    """Return the mean of the nearest donors of each unit of the sample, shape (n_A,), in the variable's unit.

    Args:
        method: "nearest" by columns, "matched" by the prediction of a linear or (for 0 and 1) logistic model.
        a: shape (n_A, p), the sample's columns.
        b: shape (n_B, p), the source's columns.
        y: shape (n_B,), in the variable's unit.
        donors: how many, count.

    Raises:
        MethodError: fewer units than donors.

    Source: as `mass_imputation`.
    """
    if not 1 <= donors <= y.size:
        raise MethodError(Problem("integration.few_donors", values={"donors": donors, "units": int(y.size)}))
    if method == "matched":
        model = predicted("logistic" if np.isin(y, (0, 1)).all() else "linear", a, b, y)
        a, b = model.sample[:, None], model.source[:, None]
    asked, place = np.unique(np.round(a, 12), axis=0, return_inverse=True)
    kinds, kind = np.unique(np.round(b, 12), axis=0, return_inverse=True)
    count = np.bincount(kind.reshape(-1)).astype(float)
    sums = np.bincount(kind.reshape(-1), weights=y).astype(float)
    tree = cKDTree(kinds)
    found = np.empty(asked.shape[0])
    for number, row in enumerate(asked):
        found[number] = _mean_of_nearest(tree, row, count, sums, donors)
    return np.asarray(found[place.reshape(-1)])


def _mean_of_nearest(tree: cKDTree, row: Array, count: Array, sums: Array, donors: int) -> float:
    wanted = min(donors + 4, count.size)
    while True:
        distance, kind = (np.atleast_1d(one) for one in tree.query(row, k=wanted))
        place = int(np.searchsorted(np.cumsum(count[kind]), donors))
        last = distance[min(place, wanted - 1)]
        if wanted == count.size or distance[-1] > last * (1.0 + 1e-9) + 1e-12:
            break
        wanted = min(2 * wanted, count.size)
    nearer = distance < last * (1.0 - 1e-9) - 1e-12
    tied = ~nearer & (distance <= last * (1.0 + 1e-9) + 1e-12)
    taken, left = count[kind[nearer]].sum(), sums[kind[nearer]].sum()
    share = sums[kind[tied]].sum() / count[kind[tied]].sum()
    return float((left + (donors - taken) * share) / donors)
