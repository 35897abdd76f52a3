"""Model imputation: ratio to an auxiliary value, or regression; with the error of the imputed total."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.statistics.editing.evaluate import Array, Flags

LEAST = 3


@dataclass(frozen=True)
class Modelled:
    """Values that a model gives, and how sure their total is.

    Attributes:
        values: shape (records,), the observed or else the imputed value, in the unit of the target; NaN where the
            class has fewer than LEAST respondents or the auxiliary value is not positive.
        standard_error: of the imputed total as a prediction of the true one, in the unit of the target.
        respondents: shape (records,), how many stand behind each imputed value, 0 for observed ones.
        spread: shape (records,), standard deviation of one imputed value, in the unit of the target.
    """

    values: Array
    standard_error: float
    respondents: NDArray[np.int64]
    spread: Array


def impute_by_ratio(
    target: Array, auxiliary: Array, *, classes: NDArray[np.int64] | None = None, weights: Array | None = None,
    random: np.random.Generator | None = None,
) -> Modelled:  # fmt: skip
    """Return the target filled by its ratio to an auxiliary value within classes.

    Model: y = βx + e, variance of e = σ²x. The error of the weighted imputed total is
    σ² ((Σ w x over the missing)² / Σ x over respondents + Σ w² x over the missing), summed over classes.

    Args:
        target: shape (records,), NaN missing.
        auxiliary: shape (records,), in a unit of its own; zero, negative or missing cannot be used.
        classes: shape (records,); None: one class.
        weights: shape (records,), of the total; None: 1.
        random: with it β and e are drawn, for multiple imputation; else the expected value is taken.

    Returns:
        Modelled: in the unit of the target.

    Source: ratio imputation: de Waal, Pannekoek, Scholtus (2011); its variance under the model:
        Särndal (1992), Survey Methodology 18, 241-252.
    """
    labels = np.zeros(len(target), dtype=np.int64) if classes is None else classes
    weight = np.ones(len(target)) if weights is None else weights
    values, spread = target.copy(), np.zeros(len(target))
    behind = np.zeros(len(target), dtype=np.int64)
    usable = np.isfinite(auxiliary) & (auxiliary > 0)
    variance = 0.0
    for label in np.unique(labels):
        here = (labels == label) & usable
        given, lacks = here & ~np.isnan(target), here & np.isnan(target)
        count = int(given.sum())
        if count < LEAST or not lacks.any():
            continue
        x, y = auxiliary[given], target[given]
        beta = float(y.sum() / x.sum())
        sigma = float(((y - beta * x) ** 2 / x).sum() / (count - 1))
        far = auxiliary[lacks]
        if random is not None:
            drawn_sigma = sigma * (count - 1) / random.chisquare(count - 1)
            beta += float(random.normal(0, np.sqrt(drawn_sigma / x.sum())))
            values[lacks] = beta * far + random.normal(0, np.sqrt(drawn_sigma * far))
        else:
            values[lacks] = beta * far
        spread[lacks] = np.sqrt(sigma * (far**2 / x.sum() + far))
        behind[lacks] = count
        variance += sigma * (
            float((weight[lacks] * far).sum()) ** 2 / x.sum() + float((weight[lacks] ** 2 * far).sum())
        )
    return Modelled(values, float(np.sqrt(variance)), behind, spread)


def impute_by_regression(
    target: Array,
    predictors: Array,
    *,
    weights: Array | None = None,
    random: np.random.Generator | None = None,
) -> Modelled:
    """Return the target filled by least squares on predictors and a constant.

    Args:
        target: shape (records,), NaN missing.
        predictors: shape (records, predictors), each in its own unit; a record that lacks one is not imputed.
        weights: shape (records,), of the total; None: 1.
        random: with it coefficients and residuals are drawn, for multiple imputation.

    Returns:
        Modelled: in the unit of the target.

    Source: regression imputation: de Waal, Pannekoek, Scholtus (2011); draws of the normal linear
        model: Rubin (1987), Multiple Imputation for Nonresponse in Surveys
    """
    weight = np.ones(len(target)) if weights is None else weights
    design = np.column_stack([np.ones(len(target)), predictors])
    usable = np.isfinite(design).all(axis=1)
    given, lacks = usable & ~np.isnan(target), usable & np.isnan(target)
    values, spread = target.copy(), np.zeros(len(target))
    behind = np.zeros(len(target), dtype=np.int64)
    freedom = int(given.sum()) - design.shape[1]
    if freedom < 1 or not lacks.any():
        return Modelled(values, 0.0 if not lacks.any() else float("nan"), behind, spread)
    inverse = np.linalg.pinv(design[given].T @ design[given])
    beta = inverse @ (design[given].T @ target[given])
    sigma = float(((target[given] - design[given] @ beta) ** 2).sum() / freedom)
    far = design[lacks]
    if random is not None:
        drawn = sigma * freedom / random.chisquare(freedom)
        root = np.linalg.cholesky(inverse + 1e-15 * np.trace(inverse) * np.eye(len(inverse)))
        beta = beta + np.sqrt(drawn) * root @ random.normal(size=len(beta))
        values[lacks] = far @ beta + random.normal(0, np.sqrt(drawn), int(lacks.sum()))
    else:
        values[lacks] = far @ beta
    spread[lacks] = np.sqrt(sigma * (1 + np.einsum("ij,jk,ik->i", far, inverse, far)))
    behind[lacks] = int(given.sum())
    total = weight[lacks] @ far
    variance = sigma * (float(total @ inverse @ total) + float((weight[lacks] ** 2).sum()))
    return Modelled(values, float(np.sqrt(variance)), behind, spread)


def proportional_change(values: Array, change: Flags) -> float:
    """Return the share of a total that is imputed, dimensionless; NaN for a total of zero.

    Args:
        values: shape (records,), in one unit.
        change: shape (records,), which are imputed.

    Source: imputation rate weighted by size: ESS Guidelines on the quality report, indicator A7.
    """
    total = float(np.nansum(values))
    return float(np.nansum(values[change])) / total if total else float("nan")
