"""Moments are told in the city's time, with its offset."""

from __future__ import annotations

from datetime import UTC, date, datetime

from lvshu.core.city_time import city_day, city_moment, city_today


def test_moments_are_told_in_the_citys_time_with_the_offset() -> None:
    assert city_moment("2026-11-27T20:05:59+00:00") == "2026-11-28 04:05 +08:00"
    assert city_moment("20261127T200559Z") == "2026-11-28 04:05 +08:00"
    assert city_moment(datetime(2026, 11, 27, 20, 5)) == "2026-11-28 04:05 +08:00"
    assert city_moment("2026-11-27T20:05:59+08:00") == "2026-11-27 20:05 +08:00"


def test_days_turn_with_the_citys_midnight_and_stay_days() -> None:
    assert city_day("2026-11-27T16:00:00+00:00") == "2026-11-28"
    assert city_day("2026-11-27T15:59:59+00:00") == "2026-11-27"
    assert city_day("2026-11-27") == "2026-11-27"
    assert city_today(datetime(2026, 11, 27, 23, tzinfo=UTC)) == date(2026, 11, 28)


def test_what_is_no_moment_stays_as_it_is() -> None:
    assert (city_moment("…"), city_day("…"), city_moment(None), city_day(None)) == ("…", "…", "", "")
