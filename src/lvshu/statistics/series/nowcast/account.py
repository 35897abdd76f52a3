"""A yearly account that is not made yet, from its monthly indicator: level, and an error that is measured.

The months that were delivered and those to come, the latter by a forecast, are carried at the ratio that benchmarking
finds for the newest account. Both steps are made anew for years whose outcome is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from lvshu.core.errors import InputError, Problem
from lvshu.statistics.series.benchmark import benchmark
from lvshu.statistics.series.time_series import TimeSeries, label_of

Array = NDArray[np.float64]
Forecast = Callable[[TimeSeries, int], Array]
"""Months ahead of a series that ends before them, shape (months,), in its unit."""

LEAST_TESTS = 3
"""Years in which a step must have been tried before it has an error (lvshu's convention)."""
LEAST_ACCOUNTS = 2
"""Accounts before the first test: from one alone the ratio has no movement."""
LEAST_HISTORY = 36
"""Months that the forecasts of the tests need, as seasonal adjustment does."""
YEAR = 12


@dataclass(frozen=True)
class Steps:
    """What the steps gave for a year whose account is known; logarithms of outcome over figure, NaN where not tried.

    told: the account by the earlier ones and the year's twelve months, in the account's unit. ratio: the account over
    that. carried: the account over the one before grown as that had.
    """

    year: int
    told: float
    ratio: float
    carried: float


@dataclass(frozen=True)
class AccountNowcast:
    """The account of the year after the last one, and how its steps did.

    value: in the account's unit; indicator: sum of the year's months, those to come by the forecast, in the indicator's
    unit; known: months of it that were delivered, count. tests: by year with an account. months: errors of the year's
    sum of the indicator forecast with as many months known, logarithms, shape (years,).
    ratio_error, months_error, carried_error: root mean squares, NaN where not tried often enough.
    standard_error: of the logarithm of the value, NaN unless both steps were tried often enough; freedom: its degrees.
    """

    year: int
    value: float
    indicator: float
    known: int
    tests: tuple[Steps, ...]
    months: Array
    ratio_error: float
    months_error: float
    carried_error: float
    standard_error: float
    freedom: float

    @property
    def ratio_tests(self) -> int:
        """Return how many years the ratio was tried in, count."""
        return _count(one.ratio for one in self.tests)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the ends of the interval, in the account's unit; NaN where the error is not known."""
        if not np.isfinite(self.standard_error):
            return float("nan"), float("nan")
        wide = float(student.ppf(0.5 + level / 2, self.freedom)) * self.standard_error
        return self.value * float(np.exp(-wide)), self.value * float(np.exp(wide))


def nowcast_account(
    accounts: TimeSeries, indicator: TimeSeries, forecast: Forecast, *, sampling: float = 0.0
) -> AccountNowcast:
    """Return the account of the year after the last, from the indicator's months.

    The error has two steps: the ratio of account to indicator, with all twelve months known, and the months to come.
    Their mean squares, over years whose outcome is known, are added as if the steps erred apart; the interval is
    Student's, its degrees of freedom those of Satterthwaite. The first is no less than the last account's error of
    sampling.

    Args:
        accounts: consecutive years, above zero.
        indicator: months above zero, over all years with an account.
        forecast: of the months to come; it sees what was delivered before them.
        sampling: standard error of the last account over the account, dimensionless; 0 where not known.

    Raises:
        InputError: statistics.indicator_short where the months do not reach the last account's December; what
            `forecast` raises.

    Source: IMF, Quarterly National Accounts Manual (2017), chapter 6 (extrapolation by the benchmark-to-indicator
        ratio); Satterthwaite (1946), Biometrics Bulletin 2.
    """
    year = accounts.last + 1
    if indicator.last < YEAR * year - 1 or indicator.first > YEAR * accounts.first:
        values = {
            "series": indicator.name, "has_from": indicator.labels()[0], "has_to": indicator.labels()[-1],
            "from": label_of("month", YEAR * accounts.first), "to": label_of("month", YEAR * year - 1),
        }  # fmt: skip
        raise InputError(Problem("statistics.indicator_short", values=values))
    given = indicator.between(YEAR * accounts.first, YEAR * year + YEAR - 1)
    known = given.last - (YEAR * year - 1)
    months = _completed(indicator.upto(given.last), forecast, YEAR - known).between(
        given.first, YEAR * year + 11
    )
    carried = benchmark(accounts, months).values[-YEAR:]
    tests = tuple(_step(accounts, indicator, count) for count in range(1, len(accounts.values)))
    ahead = _months_errors(indicator, known, forecast)
    ratio = _root([one.ratio for one in tests])
    plain = _root([one.carried for one in tests])
    missing = 0.0 if known == YEAR else _root(ahead.tolist())
    error, freedom = _together(max(ratio, sampling), _count(one.ratio for one in tests), missing, len(ahead))
    return AccountNowcast(
        year, float(carried.sum()), float(months.values[-YEAR:].sum()), known, tests, ahead, ratio, missing, plain,
        error, freedom,
    )  # fmt: skip


def _completed(indicator: TimeSeries, forecast: Forecast, ahead: int) -> TimeSeries:
    if not ahead:
        return indicator
    return replace(indicator, values=np.concatenate([indicator.values, forecast(indicator, ahead)]))


def _step(accounts: TimeSeries, indicator: TimeSeries, count: int) -> Steps:
    """Return what the first `count` accounts and the months of the next year tell of its account."""
    year, outcome = accounts.first + count, float(accounts.values[count])
    if count < LEAST_ACCOUNTS:
        return Steps(year, float("nan"), float("nan"), float("nan"))
    before = replace(accounts, values=accounts.values[:count])
    months = indicator.between(YEAR * accounts.first, YEAR * year + YEAR - 1)
    told = float(benchmark(before, months).values[-YEAR:].sum())
    last = before.values[-1] ** 2 / before.values[-2]
    return Steps(year, told, float(np.log(outcome / told)), float(np.log(outcome / last)))


def _months_errors(indicator: TimeSeries, known: int, forecast: Forecast) -> Array:
    """Return how the year's sum missed in earlier years with as many months known, logarithms, shape (years,)."""
    if known == YEAR:
        return np.empty(0)
    found = []
    for year in range(-(-indicator.first // YEAR), (indicator.last + 1) // YEAR):
        end = YEAR * year + known - 1
        if end - indicator.first + 1 < LEAST_HISTORY:
            continue
        whole = indicator.between(YEAR * year, YEAR * year + YEAR - 1)
        ahead = forecast(indicator.upto(end), YEAR - known)
        told = float(whole.values[:known].sum() + ahead.sum())
        found.append(float(np.log(whole.values.sum() / told)))
    return np.array(found)


def _root(errors: list[float]) -> float:
    """Return the root mean square of the errors that are there; NaN where they are too few."""
    there = np.array([one for one in errors if np.isfinite(one)])
    return float(np.sqrt((there**2).mean())) if there.size >= LEAST_TESTS else float("nan")


def _count(errors: Iterable[float]) -> int:
    return int(np.isfinite(np.array(list(errors), dtype=float)).sum())


def _together(ratio: float, ratio_tests: int, months: float, month_tests: int) -> tuple[float, float]:
    """Return the standard error of both steps and its degrees of freedom; NaN where one is not known."""
    if (
        not (np.isfinite(ratio) and np.isfinite(months))
        or ratio_tests < LEAST_TESTS
        or not ratio + months > 0
    ):
        return float("nan"), float("nan")
    parts = [(ratio**2, ratio_tests), (months**2, month_tests)]
    variance = sum(part for part, _ in parts)
    shares = sum(part**2 / count for part, count in parts if count and part)
    return float(np.sqrt(variance)), float(variance**2 / shares)
