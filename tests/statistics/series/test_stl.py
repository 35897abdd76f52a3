"""Weeks and days: seasons known beforehand are found, and the effects of the calendar with them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from statsmodels.tsa.seasonal import MSTL, STL

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, MethodError
from lvshu.statistics.series.calendar.daily import daily_regressors
from lvshu.statistics.series.calendar.regressors import schedule_of
from lvshu.statistics.series.stl import _smoothed, decompose
from lvshu.statistics.series.time_series import TimeSeries, days_of, place_of

FIRST = date(2021, 1, 1).toordinal()
DAYS = 800


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal() - FIRST


@pytest.fixture(scope="module")
def calendar() -> dict[str, np.ndarray]:
    schedule = schedule_of(PackLibrary.load(None)["public_holidays"].rows)
    return daily_regressors("day", FIRST, DAYS, schedule=schedule)


def test_days_fall_where_the_calendar_says(calendar: dict[str, np.ndarray]) -> None:
    assert calendar["during"][_day(2022, 2, 1)] == 1  # Spring Festival 2022
    assert calendar["before"][_day(2022, 1, 31)] == 1
    assert calendar["after"][_day(2022, 2, 8)] == 1
    assert calendar["day_off"][_day(2022, 10, 3)] == 1  # Monday of the National Day week
    assert calendar["day_off"][_day(2022, 10, 1)] == 0  # a Saturday
    assert calendar["made_up"][_day(2022, 10, 8)] == 1
    assert calendar["during"].sum() == 21
    kind, place = place_of("2022-W05") or ("", 0)
    weeks = daily_regressors(kind, place - 52, 105)
    assert weeks["during"][52] == pytest.approx(6 / 7)  # from Tuesday 1 February on
    assert days_of("week", place)[0] == date(2022, 1, 31)
    with pytest.raises(MethodError):
        daily_regressors("month", 0, 5)


def test_seasons_and_holidays_are_found_together(calendar: dict[str, np.ndarray]) -> None:
    random = np.random.default_rng(3)
    t = np.arange(DAYS)
    true = {"before": 0.10, "during": -0.60, "after": -0.08, "day_off": -0.30, "made_up": 0.20}
    week = np.array([0.05, 0.04, 0.02, 0.0, 0.03, -0.06, -0.08])[(FIRST + t - 1) % 7]
    effect = sum(true[name] * calendar[name] for name in true)
    level = 5 + 0.0003 * t
    values = np.exp(level + week + effect + random.normal(0, 0.02, DAYS))
    series = TimeSeries("orders", "day", FIRST, values)
    found = decompose(series, periods=(7,), calendar=calendar)
    for name, value in true.items():
        assert found.coefficients[name] == pytest.approx(value, abs=0.04), name
    assert found.multiplicative
    assert np.abs(np.log(found.adjusted) - level).mean() < 0.03
    assert found.adjusted * found.seasonal[7] * found.calendar == pytest.approx(values, rel=1e-12)
    bare = decompose(series, periods=(7,))
    assert np.log(found.adjusted / np.exp(level)).std() < 0.6 * np.log(bare.adjusted / np.exp(level)).std()


def test_two_seasons_at_once() -> None:
    t = np.arange(800)
    values = 50 + 3 * np.sin(2 * np.pi * t / 7) + 8 * np.sin(2 * np.pi * t / 365)
    found = decompose(TimeSeries("d", "day", FIRST, values), log=False, robust=False)
    assert set(found.seasonal) == {7, 365}
    assert found.strength["7"] > 0.95
    assert found.strength["365"] > 0.95
    assert found.adjusted + sum(found.seasonal.values()) == pytest.approx(values)


def test_faults_are_told() -> None:
    series = TimeSeries("d", "day", FIRST, np.arange(100.0))
    for given, code in (
        (TimeSeries("d", "day", FIRST, np.arange(10.0)), "statistics.series_too_short"),
        (TimeSeries("d", "day", FIRST, np.full(100, 3.0)), "statistics.series_constant"),
        (TimeSeries("d", "day", FIRST, np.where(np.arange(100) == 9, np.nan, 1.0)), "statistics.series_gap"),
        (TimeSeries("d", "year", 0, np.arange(100.0)), "statistics.series_kind"),
    ):
        with pytest.raises(InputError) as caught:
            decompose(given)
        assert caught.value.code == code
    with pytest.raises(InputError) as caught:
        decompose(series, log=True)
    assert caught.value.code == "statistics.series_not_positive"
    with pytest.raises(MethodError):
        decompose(series, periods=(1,))
    with pytest.raises(MethodError) as error:
        decompose(series, calendar={"a": np.arange(100.0), "b": np.arange(100.0)})
    assert error.value.code == "statistics.regressors_collinear"


def test_seasons_in_turn_are_those_of_statsmodels() -> None:
    random = np.random.default_rng(5)
    t = np.arange(800)
    x = (
        0.0003 * t
        + 0.1 * np.sin(2 * np.pi * t / 7)
        + 0.2 * np.cos(2 * np.pi * t / 365)
        + random.normal(0, 0.03, 800)
    )
    trend, seasons = _smoothed(x, (7, 365), False)
    whole = MSTL(x, periods=(7, 365), stl_kwargs={"robust": False}).fit()
    assert np.array_equal(trend, whole.trend)
    for place, period in enumerate((7, 365)):
        assert np.array_equal(seasons[period], whole.seasonal[:, place])
    quick, parts = _smoothed(x, (7, 365), False, quick=True)
    assert np.abs(quick - trend).max() < 1e-3
    assert max(np.abs(parts[one] - seasons[one]).max() for one in seasons) < 2e-3
    trend, seasons = _smoothed(x[:240], (12,), True)
    one = STL(x[:240], period=12, robust=True).fit()
    assert np.array_equal(trend, one.trend) and np.array_equal(seasons[12], one.seasonal)
