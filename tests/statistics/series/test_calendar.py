"""Spring Festival against published days; working days against official notices; the effect is taken out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from lvshu.statistics.series.calendar.lunar import spring_festival
from lvshu.statistics.series.calendar.regressors import (
    Schedule,
    schedule_of,
    spans_of,
    spring_festival_regressors,
    working_days,
)
from lvshu.statistics.series.x13.adjustment import adjust
from lvshu.statistics.series.x13.specification import Regressor, Specification
from tests.statistics.series.known import made_series

# Days of 25 years; every year of 1949 to 2099 was compared with the tables of the package lunardate 0.3.0.
PUBLISHED = (
    "1949-01-29 1950-02-17 1966-01-21 1978-02-07 1985-02-20 1999-02-16 2000-02-05 2001-01-24 2010-02-14 2015-02-19 "
    "2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2033-01-31 2034-02-19 "
    "2053-02-19 2061-01-21 2066-01-26 2099-01-21 2100-02-09"
)


@pytest.fixture(scope="module")
def schedule() -> Schedule:
    return schedule_of(PackLibrary.load(None)["public_holidays"].rows)


def test_the_festival_falls_on_its_published_days() -> None:
    for text in PUBLISHED.split():
        day = date.fromisoformat(text)
        assert spring_festival(day.year) == day


def test_years_of_the_lunar_calendar_have_twelve_or_thirteen_months() -> None:
    days = [spring_festival(year) for year in range(1949, 2101)]
    assert {(after - before).days for before, after in pairwise(days)} <= {
        353, 354, 355, 383, 384, 385,
    }  # fmt: skip
    assert all(date(day.year, 1, 21) <= day <= date(day.year, 2, 21) for day in days)
    # Nineteen years are 235 lunar months, but for a day or a leap month moved.
    long = [abs((days[at + 19] - days[at]).days - 6940) for at in range(len(days) - 19)]
    assert all(gap <= 1 or 29 <= gap <= 31 for gap in long)
    with pytest.raises(ValueError, match="1949"):
        spring_festival(1948)


def test_holidays_of_the_festival_hold_the_festival(schedule: Schedule) -> None:
    for year in range(2007, 2027):
        assert all(spring_festival(year) + timedelta(days=at) in schedule.off for at in range(3)), year


def test_windows_share_their_days_among_months() -> None:
    found = spring_festival_regressors("month", 2012 * 12, 24, centred=False)
    assert found["before"][:2].tolist() == pytest.approx([1, 0])  # 9 to 22 January 2012
    assert found["before"][12:14].tolist() == pytest.approx([5 / 14, 9 / 14])  # 27 January to 9 February 2013
    assert found["after"][12:15].tolist() == pytest.approx(
        [0, 12 / 14, 2 / 14]
    )  # 17 February to 2 March 2013
    for window in found.values():
        assert window.reshape(2, 12).sum(axis=1) == pytest.approx([1, 1])
    centred = spring_festival_regressors("month", 1949 * 12, 152 * 12)
    assert all(np.abs(window.reshape(152, 12).mean(axis=0)).max() < 1e-12 for window in centred.values())
    quarters = spring_festival_regressors("quarter", 2000 * 4, 8, windows={"during": 7}, centred=False)
    assert quarters["during"].tolist() == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0])
    short = spring_festival_regressors(
        "month", 2026 * 12, 12, windows={"during": 3, "after": 10}, centred=False
    )
    assert short["after"].tolist() == pytest.approx([0, 0.9, 0.1, *[0] * 9])  # 20 February to 1 March 2026
    with pytest.raises(MethodError):
        spring_festival_regressors("month", 2100 * 12, 24)
    with pytest.raises(MethodError):
        spring_festival_regressors("month", 2000 * 12, 24, windows={"afterwards": 3})


def test_working_days_are_the_official_ones(schedule: Schedule) -> None:
    found = working_days("year", 2007, 20, schedule)
    by_year = dict(zip(range(2007, 2027), found.days.astype(int).tolist(), strict=True))
    # Months as counted from the notices: February 2024 has 18 working days, October 2025 has 18.
    months = working_days("month", 2024 * 12, 24, schedule)
    assert months.days[1] == 18
    assert months.days[21] == 18
    assert by_year[2024] == 251
    assert by_year[2025] == 248
    assert months.established.all()
    before = working_days("month", 2005 * 12, 24, schedule)
    assert not before.established.any()
    assert before.days[9] == 21  # October 2005: weekdays alone
    whole = working_days("month", 2007 * 12, 240, schedule)
    assert np.abs(whole.regressor.reshape(20, 12).mean(axis=0)).max() < 0.5
    with pytest.raises(MethodError):
        working_days("week", 0, 5, schedule)
    assert spans_of([2006, 2004, 2005, 2027]) == "2004–2006, 2027"


def test_a_festival_effect_is_found_and_taken_out() -> None:
    series = made_series(noise=0.004)
    windows = spring_festival_regressors("month", series.first, 132)
    true = {"before": 0.08, "during": -0.25, "after": -0.05}
    effect = sum(true[name] * windows[name] for name in true)
    bent = replace(series, values=series.values * np.exp(effect[:120]))
    regressors = tuple(Regressor(windows[name]) for name in true)
    wanted = Specification(transform="log", model="(0 1 1)(0 1 1)", outliers=(), regressors=regressors)
    found = adjust(bent, wanted)
    assert [one.value for one in found.coefficients[:3]] == pytest.approx(list(true.values()), abs=0.02)
    bare = adjust(bent, replace(wanted, regressors=()))

    def rough(values: np.ndarray) -> float:
        return float(np.diff(np.log(values)).std())

    assert rough(found.adjusted) < 0.5 * rough(bare.adjusted)
