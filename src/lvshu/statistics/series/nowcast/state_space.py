"""A linear Gaussian model with known parameters: what it expects of every figure, given all that is there.

Letters: Z design (series, states); T transition (states, states); Q innovation covariance (states, states); H
measurement covariance (series, series); a, P mean and covariance of the first state.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LinearModel:
    """Parameters of a model of standardised series, with mean and scale of each: y = mean + scale (Z s + e)."""

    design: Array
    transition: Array
    innovation: Array
    measurement: Array
    first_state: Array
    first_covariance: Array
    mean: Array
    scale: Array

    @classmethod
    def from_updated(
        cls, design: Array, transition: Array, innovation: Array, measurement: Array, state: Array,
        covariance: Array, mean: Array, scale: Array,
    ) -> LinearModel:  # fmt: skip
        """Return a model whose first state is told for the period before the first."""
        return cls(
            design, transition, innovation, measurement, transition @ state,
            transition @ covariance @ transition.T + innovation, mean, scale,
        )  # fmt: skip


@dataclass(frozen=True)
class Smoothed:
    """What is expected of every figure, and its variance, both in the unit of the series, shape (periods, series).

    variance: of the figure itself, measurement included; 0 where it is known. log_likelihood: of the data.
    """

    values: Array
    variance: Array
    log_likelihood: float


def smooth(model: LinearModel, data: Array, *, variances: bool = True) -> Smoothed:
    """Return the expectation of every figure given all those known, the smoothed information set.

    Args:
        model: parameters.
        data: shape (periods, series), missing values NaN.
        variances: whether to compute them; they take as long again.

    Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods, chapter 4, by the smoother of
        statsmodels.
    """
    tools = import_module("statsmodels.tsa.statespace.kalman_smoother")
    wanted = tools.SMOOTHER_STATE | (tools.SMOOTHER_STATE_COV if variances else 0)
    space = tools.KalmanSmoother(
        data.shape[1], model.transition.shape[0], k_posdef=model.transition.shape[0], smoother_output=wanted
    )
    space.bind(np.ascontiguousarray((data - model.mean) / model.scale))
    space["design"], space["transition"] = model.design, model.transition
    space["selection"] = np.eye(model.transition.shape[0])
    space["state_cov"], space["obs_cov"] = model.innovation, model.measurement
    space.initialize_known(model.first_state, model.first_covariance)
    found = space.smooth()
    signal = found.smoothed_state.T @ model.design.T
    known = np.isfinite(data)
    variance = np.zeros(data.shape)
    if variances:
        spread = np.einsum("ij,jkt,ik->ti", model.design, found.smoothed_state_cov, model.design)
        variance = np.clip(spread + np.diag(model.measurement), 0.0, None) * model.scale**2
    variance[known] = 0.0
    return Smoothed(model.mean + model.scale * signal, variance, float(found.llf))
