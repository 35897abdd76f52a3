"""Nowcasts as they would have been made, against what came out later, beside simpler methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.nowcast.model import Design, fit
from lvshu.statistics.series.nowcast.panel import QUARTER, Panel
from lvshu.statistics.series.nowcast.state_space import LinearModel, smooth

Array = NDArray[np.float64]

METHODS = ("factor", "bridge", "autoregression", "mean")
MOST_LAGS = 4


@dataclass(frozen=True)
class Backtest:
    """Errors of each method by months between the nowcast and the end of its quarter (negative: after it).

    ahead: those months, shape (horizons,). errors: by method, nowcast less outcome, shape (quarters, horizons), NaN
    where none was made. quarters: third months. outcomes: shape (quarters,).
    """

    ahead: tuple[int, ...]
    quarters: tuple[int, ...]
    outcomes: Array
    errors: Mapping[str, Array]

    def rmse(self) -> dict[str, Array]:
        """Return root mean squared errors by method, shape (horizons,), over the quarters that all methods have."""
        shared = np.all([np.isfinite(one) for one in self.errors.values()], axis=0)
        return {
            name: np.sqrt(np.nanmean(np.where(shared, one**2, np.nan), axis=0))
            for name, one in self.errors.items()
        }

    def bias(self) -> dict[str, Array]:
        """Return mean errors by method, shape (horizons,)."""
        return {name: np.nanmean(one, axis=0) for name, one in self.errors.items()}


def available(panel: Panel, month: int, lags: Sequence[int]) -> Panel:
    """Return the panel as it was known at the end of a month, by the months that each series comes late.

    Args:
        panel: final figures.
        month: place of the month.
        lags: months between the end of a period and its release, one for each series.
    """
    told = panel.over(panel.first, month)
    values = told.values.copy()
    for place, lag in enumerate(lags):
        values[max(0, len(values) - lag) :, place] = np.nan
    return Panel(panel.names, panel.first, values, panel.quarterly)


def autoregression(known: Array, ahead: int) -> float:
    """Return the forecast of an autoregression so many periods after the last known one; lags by AICC.

    Args:
        known: the series up to its last figure, shape (periods,), without gaps.
        ahead: periods, at least 1.

    Source: Hurvich and Tsai (1989), Biometrika 76, for AICC.
    """
    best: tuple[float, Array] = (np.inf, np.array([known.mean()]))
    n = len(known) - MOST_LAGS
    for lags in range(MOST_LAGS + 1):
        if n - lags - 3 <= 0:
            break
        x = np.column_stack(
            [np.ones(n)] + [known[MOST_LAGS - lag : len(known) - lag] for lag in range(1, lags + 1)]
        )
        y = known[MOST_LAGS:]
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        rss = float(np.sum((y - x @ beta) ** 2))
        k = lags + 2
        score = n * np.log(max(rss, 1e-300) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
        if score < best[0]:
            best = (float(score), np.asarray(beta))
    path = list(known)
    for _ in range(ahead):
        lagged = [path[-lag] for lag in range(1, len(best[1]))]
        path.append(float(best[1][0] + np.dot(best[1][1:], lagged)))
    return float(path[-1])


def bridge(panel: Panel, target: int, month: int) -> float:
    """Return the mean of one-indicator bridge equations for a quarter.

    Each monthly series is carried to the quarter's end by its own autoregression and averaged over quarters; the target
    is regressed on it and on its own last value.

    Args:
        panel: what is known.
        target: position of the quarterly series.
        month: third month of the quarter.

    Source: Baffigi, Golinelli and Parigi (2004), International Journal of Forecasting 20.
    """
    whole = panel.over(panel.first, max(panel.last, month))
    thirds = np.flatnonzero((whole.first + np.arange(len(whole.values))) % QUARTER == QUARTER - 1)
    thirds = thirds[thirds >= QUARTER - 1]
    y = whole.values[thirds, target]
    row = int(np.flatnonzero(thirds == month - whole.first)[0])
    told = []
    for place in np.flatnonzero(~whole.quarterly):
        own = _carried(whole.values[:, place], month - whole.first)
        if own is None:
            continue
        x = np.array([own[at - 2 : at + 1].mean() for at in thirds])
        fitting = np.flatnonzero(np.isfinite(y) & np.isfinite(x))
        fitting = fitting[fitting < row]
        if len(fitting) < 8:
            continue
        design = np.column_stack([np.ones(len(fitting)), x[fitting]])
        beta = np.linalg.lstsq(design, y[fitting], rcond=None)[0]
        told.append(float(beta[0] + beta[1] * x[row]))
    return float(np.mean(told)) if told else float("nan")


def _carried(series: Array, upto: int) -> Array | None:
    known = np.flatnonzero(np.isfinite(series))
    if len(known) < 2 * MOST_LAGS + 6:
        return None
    last, first = int(known[-1]), int(known[0])
    made = series.copy()
    inner = made[first : last + 1]
    gaps = ~np.isfinite(inner)
    if gaps.any():  # only to fit a simple benchmark; the factor model takes gaps as they are
        inner[gaps] = np.interp(np.flatnonzero(gaps), np.flatnonzero(~gaps), inner[~gaps])
    for ahead in range(1, upto - last + 1):
        made[last + ahead] = autoregression(inner, ahead)
    return made


def backtest(
    panel: Panel,
    target: str,
    lags: Sequence[int],
    quarters: Sequence[int],
    *,
    ahead: Sequence[int] = (2, 1, 0, -1),
    design: Design | None = None,
    every: int = 4,
    vintage: Callable[[int], Panel] | None = None,
    told: Callable[[int], None] | None = None,
) -> Backtest:
    """Return errors of nowcasts made in pseudo real time: only with what was known, parameters estimated on that.

    Args:
        panel: final figures, whose target is the outcome.
        target: a quarterly series.
        lags: months between the end of a period and its release, one for each series.
        quarters: third months of the quarters to nowcast, in order.
        ahead: months from the nowcast to the quarter's end.
        design: of the factor model.
        every: quarters between estimations.
        vintage: what was known at the end of a month; `available` with `lags` if not given.
        told: called after each quarter with its number.

    Raises:
        MethodError: statistics.nowcast_quarterly for a target that is not quarterly; as `fit`.

    Source: Bańbura, Giannone, Modugno and Reichlin (2013), Handbook of Economic Forecasting 2A, chapter 4.
    """
    column = panel.column(target)
    if not panel.quarterly[column]:
        raise MethodError(Problem("statistics.nowcast_quarterly", values={"series": target}))
    known = vintage or (lambda month: available(panel, month, lags))
    errors = {name: np.full((len(quarters), len(ahead)), np.nan) for name in METHODS}
    outcomes = np.array([panel.values[month - panel.first, column] for month in quarters])
    model: LinearModel | None = None
    for number, month in enumerate(quarters):
        if model is None or number % every == 0:
            model = fit(known(month - max(ahead)), design).model
        for place, months in enumerate(ahead):
            now = known(month - months)
            made = _all(model, now, column, month)
            for name, value in made.items():
                errors[name][number, place] = value - outcomes[number]
        if told is not None:
            told(number + 1)
    return Backtest(tuple(ahead), tuple(quarters), outcomes, errors)


def _all(model: LinearModel, now: Panel, column: int, month: int) -> dict[str, float]:
    """Return the nowcast of every method; the outcome is never among what it knows."""
    whole = now.over(now.first, max(now.last, month))
    values = whole.values.copy()
    values[month - whole.first :, column] = np.nan
    hidden = Panel(whole.names, whole.first, values, whole.quarterly)
    own = values[:, column]
    thirds = own[np.isfinite(own)]
    last = int(np.flatnonzero(np.isfinite(own))[-1]) + whole.first
    return {
        "factor": float(smooth(model, values, variances=False).values[month - whole.first, column]),
        "bridge": bridge(hidden, column, month),
        "autoregression": autoregression(thirds, max(1, (month - last) // QUARTER)),
        "mean": float(thirds.mean()),
    }
