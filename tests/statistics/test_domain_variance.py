"""The variance of a small domain, smoothed by strata: shares, squares, and what the factor may tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.statistics.methods.domain_variance import (
    BORROWED,
    STEP,
    Strata,
    smoothed_shares,
    smoothed_variances,
    widening,
)
from lvshu.statistics.methods.survey import stratum_variances


def _array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


STRATA = Strata(_array(10, 20), _array(100, 20), _array(100, 40), _array(3000, 400), np.array([True, True]))


def test_shares_are_drawn_to_the_common_one_by_the_correlation_within_strata() -> None:
    """Analysis of variance by hand: y = 2, 4, 9 of 10 each: MSB 1.3, MSW 0.1815, r = 0.38128, precision 1.62274."""
    found = smoothed_shares(_array(2, 4, 9), _array(10, 10, 10))
    assert found == pytest.approx((_array(2, 4, 9) + 1.62274 * 0.5) / 11.62274, rel=1e-4)
    assert smoothed_shares(_array(5, 0), _array(5, 0)) == pytest.approx(_array(1, 0))
    # nothing tells strata apart: nearly the common share; wholly apart: nearly their own
    assert smoothed_shares(_array(1, 0, 1), _array(10, 9, 10)) == pytest.approx(np.full(3, 2 / 29), abs=1e-3)
    assert smoothed_shares(_array(10, 0), _array(10, 10)) == pytest.approx(_array(1, 0), abs=1e-3)


def test_a_whole_stratum_adds_nothing_and_a_part_what_its_units_tell() -> None:
    """Stratum one: mean 10, square 300 with its own relvariance, the only one: 100/9 · 0.9 · (300 p - 100 p²)."""
    share = smoothed_shares(_array(5, 0), STRATA.count)[0]
    found = smoothed_variances(_array(5, 0), STRATA.count, STRATA, (1.0, 1.0))
    assert found == pytest.approx([0.9 * 100 / 9 * (300 * share - 100 * share**2), 0.0])
    half = smoothed_variances(_array(5, 0), STRATA.count, STRATA, (0.5, 0.25))
    assert half == pytest.approx(found / 4)


def test_squares_of_a_stratum_are_drawn_to_the_relvariance_of_all_but_where_values_are_negative() -> None:
    strata = replace(STRATA, population=_array(100, 200))
    everything = STRATA.count
    own, common = _array(3, 5), (10 * 3 + 20 * 5) / 30
    square = _array(100, 4) * (everything * own + BORROWED * common) / (everything + BORROWED)
    wanted = 0.9 * everything**2 / (everything - 1) * (square - _array(100, 4))
    assert smoothed_variances(everything, everything, strata, (1.0, 1.0)) == pytest.approx(wanted)
    signed = replace(strata, is_positive=np.array([True, False]))
    found = smoothed_variances(everything, everything, signed, (1.0, 1.0))
    assert found == pytest.approx(0.9 * everything**2 / (everything - 1) * (_array(300, 20) - _array(100, 4)))


def test_a_domain_missed_in_a_stratum_where_others_have_it_is_given_a_wider_interval() -> None:
    """Three units of twenty in three of four strata, none in the fourth, whose units are ten times as large."""
    count, population = np.full(4, 20.0), np.full(4, 400.0)
    strata = Strata(
        count, population, _array(20, 20, 20, 200), _array(40, 40, 40, 4000), np.ones(4, dtype=bool)
    )
    members, first, second = _array(3, 3, 3, 0), _array(3, 3, 3, 0), _array(6, 6, 6, 0)
    factor, free = widening(members, (first, second), strata)
    own = stratum_variances(count, population, first, second).sum()
    smooth = smoothed_variances(members, count, strata, (1.0, 1.0)).sum()
    assert smooth > 5 * own and free == 57
    assert factor == pytest.approx(np.sqrt((1 + smooth / own) / 2), rel=STEP**0.5 - 1) and factor > STEP


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=8))
def test_the_factor_is_a_step_and_a_domain_known_without_error_keeps_its_interval(
    cells: list[tuple[int, int, int]],
) -> None:
    count = _array(*(one for one, _, _ in cells))
    members = np.minimum(_array(*(one for _, one, _ in cells)), count)
    population = count * _array(*(one for _, _, one in cells))
    strata = Strata(count, population, count * 2, count * 7, np.ones(count.size, dtype=bool))
    factor, free = widening(members, (members * 2, members * 7), strata)
    steps = np.log(factor) / np.log(STEP)
    assert steps == pytest.approx(round(steps), abs=1e-9) and factor > 0.69 and free >= 0
    whole = replace(strata, population=count)
    assert widening(members, (members * 2, members * 7), whole)[0] == 1.0
