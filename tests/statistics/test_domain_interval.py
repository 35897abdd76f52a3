"""Intervals of value added by class: above zero where no unit is negative, and covering what is true."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.methods.domain_interval import domain_interval, told_by
from lvshu.statistics.methods.domain_variance import Strata, widening
from lvshu.statistics.methods.survey import NORMAL_95, moment_variance
from tests.statistics.book import YEAR, rows_of, run

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def test_ends_are_those_of_the_tables_of_student() -> None:
    """t with four degrees of freedom is 2.776 in any printed table: c = exp(2.776 √ln 1.36) = 4.664."""
    assert domain_interval(100.0, 60.0, 4, is_positive=True) == pytest.approx((21.44, 466.4), rel=1e-3)
    assert domain_interval(100.0, 60.0, 4, is_positive=False) == pytest.approx((-66.58, 266.58), rel=1e-3)
    none, one, two = (domain_interval(100.0, 60.0, free, is_positive=True) for free in (0, 1, 2))
    assert none == one == two  # two degrees of freedom at least
    assert domain_interval(7.0, 0.0, 3, is_positive=True) == (7.0, 7.0)
    assert domain_interval(-5.0, 1.0, 10**6, is_positive=True) == pytest.approx((-6.96, -3.04), abs=1e-3)


@given(st.floats(1e2, 1e12), st.floats(1e-6, 3.0), st.integers(1, 500), st.booleans())
def test_ends_tell_the_total_to_one_who_knows_the_scale(
    value: float, relative: float, free: int, is_positive: bool
) -> None:
    low, high = domain_interval(value, relative * value, free, is_positive=is_positive)
    assert low < value < high and (low > 0.0 or not is_positive)
    told, within = told_by(round(low, 2), round(high, 2), value, 0.005)
    assert abs(told - value) <= within * 1.01 + 1e-9 * high or low < 1.0


SIZES, TAKEN = np.array([60, 600, 3000]), np.array([60, 60, 100])
Ends = dict[str, tuple[float, float]]


def _surveyed(value: Array, inside: Array, place: Index, draw: np.random.Generator) -> Ends | None:
    """Return intervals of a class by one stratified sample; None where fewer than three of its units are in it."""
    chosen = np.concatenate([
        draw.choice(np.flatnonzero(place == one), taken, replace=False) for one, taken in enumerate(TAKEN)
    ])  # fmt: skip
    units, count, population = int(inside[chosen].sum()), TAKEN.astype(float), SIZES.astype(float)
    if units < 3:
        return None
    every = (SIZES / TAKEN)[place[chosen]] * value[chosen]
    own, whole = (
        [np.bincount(place[chosen], weights=one**power, minlength=3).astype(float) for power in (1, 2)]
        for one in (every * inside[chosen], every)
    )
    found = float(own[0].sum())
    error = float(np.sqrt(moment_variance(count, population, *own)))
    strata = Strata(count, population, whole[0], whole[1], np.ones(3, dtype=bool))
    members = np.bincount(place[chosen], weights=inside[chosen], minlength=3).astype(float)
    factor, free = widening(members, (own[0], own[1]), strata)
    return {
        "normal": (found - NORMAL_95 * error, found + NORMAL_95 * error),
        "this": domain_interval(found, factor * error, free, is_positive=True),
        "t by its units": domain_interval(found, error, units - 1, is_positive=True),
    }


def test_intervals_cover_what_they_say_of_a_few_skewed_units_and_are_narrower_than_those_by_their_number() -> (
    None
):
    """Classes that are a fortieth of skewed units, by repeated samples of twenty populations."""
    draw = np.random.default_rng(7)
    held: dict[str, list[bool]] = {"normal": [], "this": [], "t by its units": []}
    width: dict[str, list[float]] = {name: [] for name in held}
    place = np.repeat(np.arange(3), SIZES)
    for population in range(20):
        value = np.exp(np.array([4.0, 2.0, 0.5])[place] + draw.standard_normal(place.size))
        inside = (draw.random(place.size) < np.array([0.0, 0.02, 0.03])[place]).astype(float)
        truth = float(value @ inside)
        for _ in range(60):
            ends = _surveyed(value, inside, place, draw)
            if ends is None:
                continue
            assert ends["this"][0] > 0.0, population
            for name, (low, high) in ends.items():
                held[name].append(low <= truth <= high)
                width[name].append((high - low) / truth)
    covered = {name: float(np.mean(one)) for name, one in held.items()}
    wide = {name: float(np.median(one)) for name, one in width.items()}
    assert len(held["this"]) > 800
    assert 0.93 < covered["this"] < 0.97 and covered["normal"] < 0.92, covered
    assert wide["this"] < wide["t by its units"], wide


def _survey(values: list[int]) -> list[dict[str, Any]]:
    return [
        {"uscc": f"U{number}", "year": YEAR, "stratum": "s", "take_all": False, "weight": 25.0,
         "value_added": Decimal(value), "revenue": Decimal(abs(value) * 3), "industry_code": "6511",
         "district_code": "310101"}
        for number, value in enumerate(values)
    ]  # fmt: skip


SKEWED = [9_000_000, 300_000, 200_000, 100_000]


def _rows(engine: DuckDB) -> list[dict[str, Any]]:
    """Return the rows with an interval and an error: of the account and of the derived classes."""
    account = [
        {"value": row["value_added_full"], "error": row["standard_error"], **row}
        for row in rows_of(engine, "digital_economy_account", "code = 'core' OR code = '04'")
        if row["standard_error"]
    ]
    derived = [
        {"value": row["least_value"], "error": row["least_standard_error"], **row}
        for row in rows_of(
            engine,
            "derived_account",
            "measure = 'value_added' AND classification LIKE 'digital%' AND least_value = most_value",
        )
        if row["least_standard_error"]
    ]
    assert account and derived
    return [*account, *derived]


def test_a_class_without_a_negative_unit_has_no_interval_that_reaches_below_zero(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey(SKEWED)})
    for row in _rows(engine):
        value, low, high = float(row["value"]), float(row["low"]), float(row["high"])
        assert value < NORMAL_95 * float(row["error"])  # the normal interval reaches below zero
        assert 0.0 < low < value < high and low * high == pytest.approx(value**2, rel=1e-6)


def test_a_class_with_a_negative_unit_has_one_around_its_figure(engine: DuckDB) -> None:
    run(engine, {"business_survey": _survey([*SKEWED[:-1], -100_000])})
    for row in _rows(engine):
        value, low, high = float(row["value"]), float(row["low"]), float(row["high"])
        assert low < 0.0 < high and (low + high) / 2 == pytest.approx(value, rel=1e-6)
        assert high - value == pytest.approx(
            3.182446 * float(row["error"]), rel=1e-5
        )  # t, three degrees of freedom
