"""The next year's account from months: an independent benchmarking, trials by hand, and what its interval covers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student
from statsmodels.tsa.interp.denton import dentonm

from lvshu.core.errors import InputError
from lvshu.statistics.series.nowcast.account import nowcast_account
from lvshu.statistics.series.time_series import TimeSeries

Array = NDArray[np.float64]
FIRST = 2016


def _months(values: Array) -> TimeSeries:
    return TimeSeries("indicator", "month", 12 * FIRST, values)


def _city(generator: np.random.Generator, years: int) -> tuple[TimeSeries, TimeSeries]:
    """Return accounts with 1 % of sampling error, and months whose ratio to them walks at random."""
    t = np.arange(12 * years)
    values = np.exp(0.006 * t + 0.1 * np.cos(2 * np.pi * t / 12) + generator.normal(0, 0.01, t.size))
    ratio = np.exp(generator.normal(0, 0.004, t.size).cumsum())
    account = (values * ratio).reshape(-1, 12).sum(axis=1) * np.exp(generator.normal(0, 0.01, years))
    return TimeSeries("core", "year", FIRST, account), _months(values)


def _last_year_again(series: TimeSeries, months: int) -> Array:
    return series.values[-12:][:months] * 1.05


def _by_december(accounts: Array, months: Array) -> float:
    """Return the year after the accounts at the ratio that an independent program finds for the last December."""
    known = 12 * len(accounts)
    made = dentonm(months[:known], accounts, freq="other", k=12)
    return float(np.ravel(made)[-1] / months[known - 1] * months[known : known + 12].sum())


def test_the_nowcast_and_its_trials_are_those_of_an_independent_program() -> None:
    accounts, months = _city(np.random.default_rng(3), 7)
    known = replace(accounts, values=accounts.values[:6])
    found = nowcast_account(known, months, _last_year_again)
    assert found.year == FIRST + 6 and found.known == 12 and found.months_error == 0.0
    assert found.value == pytest.approx(_by_december(accounts.values[:6], months.values), rel=1e-9)
    told = [_by_december(accounts.values[:count], months.values) for count in range(2, 6)]
    assert [one.told for one in found.tests[1:]] == pytest.approx(told, rel=1e-9)
    missed = np.log(accounts.values[2:6] / told)
    assert found.ratio_error == pytest.approx(float(np.sqrt((missed**2).mean())))
    carried = np.log(accounts.values[2:6] / (accounts.values[1:5] ** 2 / accounts.values[:4]))
    assert found.carried_error == pytest.approx(float(np.sqrt((carried**2).mean())))
    low, high = found.interval()
    wide = student.ppf(0.975, 4) * found.standard_error
    assert (low, high) == pytest.approx((found.value * np.exp(-wide), found.value * np.exp(wide)))


def test_months_to_come_are_forecast_from_what_came_before_them_alone() -> None:
    accounts, months = _city(np.random.default_rng(4), 7)
    ends: list[int] = []

    def ahead(series: TimeSeries, count: int) -> Array:
        ends.append(series.last)
        return _last_year_again(series, count)

    given = _months(months.values[: 12 * 6 + 3])
    found = nowcast_account(replace(accounts, values=accounts.values[:6]), given, ahead)
    assert found.known == 3 and set(ends) == {12 * year + 2 for year in range(FIRST + 3, FIRST + 7)}
    missed = []
    for year in (3, 4, 5):
        own = months.values[12 * year : 12 * year + 12]
        # the nine months after March: those of the twelve months before April that came first, grown by 5 %
        before = months.values[12 * year - 9 : 12 * year]
        missed.append(float(np.log(own.sum() / (own[:3].sum() + 1.05 * before.sum()))))
    assert found.months.tolist() == pytest.approx(missed)
    parts = np.array([found.ratio_error, found.months_error])
    assert found.standard_error == pytest.approx(float(np.sqrt((parts**2).sum())))
    assert found.freedom == pytest.approx(float((parts**2).sum() ** 2 / (parts**4 / [4, 3]).sum()))


def test_an_error_that_was_not_tried_is_not_known() -> None:
    accounts, months = _city(np.random.default_rng(5), 6)
    few = replace(
        accounts, first=FIRST + 1, values=accounts.values[1:5]
    )  # four accounts: two trials of the ratio
    found = nowcast_account(few, months, _last_year_again)
    assert found.value > 0 and found.ratio_tests == 2
    assert np.isnan([found.ratio_error, found.standard_error, *found.interval()]).all()
    short = nowcast_account(
        replace(accounts, values=accounts.values[:5]), _months(months.values[:60]), _last_year_again
    )
    assert short.ratio_tests == 3 and len(short.months) == 2 and np.isnan(short.standard_error)


def test_the_error_is_no_less_than_the_last_account_s_own() -> None:
    accounts, months = _city(np.random.default_rng(6), 7)
    known = replace(accounts, values=accounts.values[:6])
    assert nowcast_account(known, months, _last_year_again, sampling=0.2).standard_error == pytest.approx(0.2)


def test_months_that_end_before_the_last_account_s_december_are_refused() -> None:
    accounts, months = _city(np.random.default_rng(7), 6)
    with pytest.raises(InputError) as caught:
        nowcast_account(accounts, _months(months.values[:-1]), _last_year_again)
    [problem] = caught.value.problems
    assert problem.code == "statistics.indicator_short"


def test_intervals_cover_the_account_that_is_made_later() -> None:
    generator, covered, runs = np.random.default_rng(8), 0, 300
    for _ in range(runs):
        accounts, months = _city(generator, 8)
        found = nowcast_account(
            replace(accounts, values=accounts.values[:7]), months, _last_year_again, sampling=0.01
        )
        low, high = found.interval()
        covered += low <= accounts.values[7] <= high
    assert 0.93 <= covered / runs <= 0.98
