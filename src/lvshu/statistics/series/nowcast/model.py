"""A dynamic-factor model of mixed frequency, fitted, and the nowcasts it gives from the whole information set."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.nowcast.panel import QUARTER, Panel, month_label
from lvshu.statistics.series.nowcast.state_space import LinearModel, smooth

Array = NDArray[np.float64]

LEAST_MONTHS = 36
LEAST_KNOWN = 12
COVERAGES = (0.5, 0.68, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Design:
    """What the model is: factors, lags of their autoregression, blocks, and whether residuals are autoregressive.

    factors: by name, the series that load on them; one global factor on all if empty.
    """

    factors: Mapping[str, tuple[str, ...]] | None = None
    lags: int = 1
    autoregressive: bool = True
    iterations: int = 200
    tolerance: float = 1e-6


@dataclass(frozen=True)
class Fitted:
    """A model with its estimates. log_likelihood of the standardised data; converged: within the iterations allowed."""

    model: LinearModel
    names: tuple[str, ...]
    order: tuple[int, ...]
    log_likelihood: float
    iterations: int
    converged: bool
    design: Design


@dataclass(frozen=True)
class Nowcast:
    """A target's expectation and spread in one period, in its unit.

    standard_error: of filtering and of the shocks to come, parameters taken as known. intervals: by coverage. known:
    whether the figure had been released.
    """

    series: str
    period: str
    value: float
    standard_error: float
    intervals: Mapping[float, tuple[float, float]]
    known: bool

    def density(self, points: Array) -> Array:
        """Return the normal density at points, shape of the points, per unit of the target."""
        if self.standard_error == 0:
            return np.where(points == self.value, np.inf, 0.0)
        scaled = (points - self.value) / self.standard_error
        return np.asarray(np.exp(-0.5 * scaled**2) / (self.standard_error * math.sqrt(2 * math.pi)))


def fit(panel: Panel, design: Design | None = None) -> Fitted:
    """Return a model fitted to a panel by expectation maximisation.

    Args:
        panel: transformed series; quarterly ones are growth rates or levels that average those of three months.
        design: what the model is; one factor, one lag, autoregressive residuals if not given.

    Raises:
        MethodError: statistics.nowcast_short, statistics.nowcast_thin for series with few figures or none that vary,
            statistics.nowcast_no_series for a factor's series that is not there, statistics.nowcast_not_fitted.

    Source: Bańbura and Modugno (2014); Mariano and Murasawa (2003), Journal of Applied Econometrics 18, for the weights
        (1, 2, 3, 2, 1)/3; statsmodels DynamicFactorMQ.
    """
    wanted = design or Design()
    _check(panel, wanted)
    order = tuple(int(one) for one in np.argsort(panel.quarterly, kind="stable"))  # monthly series first
    built, mean, scale = _built(panel, wanted, order)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            result = built.fit(disp=False, maxiter=wanted.iterations, tolerance=wanted.tolerance)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError) as error:
            values = {"detail": f"{type(error).__name__}: {error}"[:200]}
            raise MethodError(Problem("statistics.nowcast_not_fitted", values=values)) from None
    space = result.model.ssm
    filtered = result.filter_results
    root = np.asarray(space["selection"])
    back = np.argsort(order)
    model = LinearModel(
        np.asarray(space["design"])[back], np.asarray(space["transition"]),
        root @ np.asarray(space["state_cov"]) @ root.T, np.asarray(space["obs_cov"])[np.ix_(back, back)],
        np.asarray(filtered.initial_state), np.asarray(filtered.initial_state_cov), mean[back], scale[back],
    )  # fmt: skip
    unfinished = any("convergence" in str(one.message).lower() for one in told)
    rounds = int(getattr(result, "mle_retvals", {}).get("iter", 0) or 0)
    return Fitted(model, panel.names, order, float(result.llf), rounds, not unfinished, wanted)


def _check(panel: Panel, design: Design) -> None:
    problems = []
    if len(panel.values) < LEAST_MONTHS:
        values = {"months": len(panel.values), "least": LEAST_MONTHS}
        problems.append(Problem("statistics.nowcast_short", values=values))
    for place, name in enumerate(panel.names):
        own = panel.values[np.isfinite(panel.values[:, place]), place]
        if len(own) < LEAST_KNOWN or np.ptp(own) == 0:
            thin = {"series": name, "known": len(own), "least": LEAST_KNOWN}
            problems.append(Problem("statistics.nowcast_thin", values=thin))
    for names in (design.factors or {}).values():
        for name in names:
            panel.column(name)
    if problems:
        raise MethodError(*problems)


def _built(panel: Panel, design: Design, order: Sequence[int]) -> tuple[Any, Array, Array]:
    """Return the model of statsmodels, and mean and scale of the series in its order."""
    import pandas as pd

    tools = import_module("statsmodels.tsa.statespace.dynamic_factor_mq")

    year, month = divmod(panel.first, 12)
    index = pd.period_range(f"{year}-{month + 1:02d}", periods=len(panel.values), freq="M")
    names = [f"v{place}" for place in range(len(panel.names))]  # names of the user's are no formulae
    frame = pd.DataFrame(panel.values, index=index, columns=names)
    monthly = [names[place] for place in order if not panel.quarterly[place]]
    quarterly = [names[place] for place in order if panel.quarterly[place]]
    factors: object = 1
    if design.factors:
        loads: dict[str, list[str]] = {name: [] for name in names}
        for factor, members in design.factors.items():
            for member in members:
                loads[names[panel.column(member)]].append(factor)
        factors = {name: tuple(own) for name, own in loads.items()}
    thirds = frame[quarterly].copy()
    slow = thirds[np.asarray(thirds.index.month) % QUARTER == 0]
    slow.index = slow.index.asfreq("Q")
    built = tools.DynamicFactorMQ(
        frame[monthly], endog_quarterly=slow if quarterly else None, factors=factors,
        factor_orders=design.lags, idiosyncratic_ar1=design.autoregressive, standardize=True,
    )  # fmt: skip
    mean, scale = (np.asarray(part, dtype=float) for part in (built._endog_mean, built._endog_std))
    return built, mean, scale


def nowcast(
    model: LinearModel, panel: Panel, target: str, months: Sequence[int], *, spread: Array | None = None
) -> list[Nowcast]:
    """Return nowcasts of a target from everything the panel knows.

    Args:
        model: parameters, series in the panel's order.
        panel: a vintage.
        target: name of the series.
        months: places of the months asked for; third months for a quarterly series.
        spread: standard errors to use instead of the model's, as a backtest measured them, shape (months,).

    Raises:
        MethodError: statistics.nowcast_no_series, statistics.nowcast_outside.

    Source: Bańbura and Modugno (2014); Durbin and Koopman (2012), chapter 4.
    """
    from scipy.stats import norm

    column = panel.column(target)
    if min(months) < panel.first:
        told = {"month": month_label(min(months)), "first": month_label(panel.first)}
        raise MethodError(Problem("statistics.nowcast_outside", values=told))
    whole = panel.over(panel.first, max(panel.last, *months))
    found = smooth(model, whole.values)
    made = []
    for number, month in enumerate(months):
        row = month - whole.first
        actual = whole.values[row, column]
        known = bool(np.isfinite(actual))
        value = float(actual if known else found.values[row, column])
        error = 0.0 if known else math.sqrt(float(found.variance[row, column]))
        if spread is not None and not known:
            error = float(spread[number])
        ends = {
            one: tuple(value + float(norm.ppf(0.5 + sign * one / 2)) * error for sign in (-1, 1))
            for one in COVERAGES
        }
        quarter = bool(panel.quarterly[column])
        period = f"{month // 12}Q{month % 12 // QUARTER + 1}" if quarter else month_label(month)
        made.append(Nowcast(target, period, value, error, ends, known))  # type: ignore[arg-type]
    return made
