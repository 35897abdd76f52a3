"""The interval of platform transactions in a city with few platforms and months: as wide as it must be, no wider."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lvshu.statistics.desk_error.platform import joint
from lvshu.statistics.methods.imputation import (
    ENOUGH_FREEDOM,
    PRIOR_DEVIATION,
    PRIOR_FREEDOM,
    common_growth,
    shrunk,
)

Array = NDArray[np.float64]


def _city(random: np.random.Generator, platforms: int, months: int, deviation: float) -> Array:
    """Return amounts by platform and month, sizes of a factor of twenty, deviations that pass."""
    size = np.exp(random.uniform(0, 3, platforms))
    common = np.exp(np.cumsum(random.normal(0.02, 0.1, months)))
    return np.asarray(
        size[:, None] * common * np.exp(random.normal(0, deviation / 2**0.5, (platforms, months)))
    )


@pytest.mark.parametrize("deviation", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize(("platforms", "months"), [(3, 2), (3, 3), (4, 4)])
def test_the_interval_of_few_platforms_covers_and_stays_within_reason(
    platforms: int, months: int, deviation: float
) -> None:
    random = np.random.default_rng(platforms * 100 + months * 10 + int(deviation * 100))
    held, spans, cities = 0, [], 80
    for _ in range(cities):
        truth = _city(random, platforms, months, deviation)
        given = truth.copy()
        given[0, -1] = np.nan
        found = joint(given, [(0, months - 1)], 120, random)
        held += found.low <= truth.sum() <= found.high
        rest = float(np.nansum(given))
        spans.append((found.high - rest) / max(found.low - rest, 1e-9))
    assert held / cities >= (0.84 if deviation == 0.4 else 0.9)
    assert (
        np.median(spans) < 10
    )  # ends of the imputed month; a t interval of one degree of freedom has hundreds


def test_the_prior_enters_below_ten_degrees_of_freedom_without_a_jump() -> None:
    measured = np.array([0.01, 0.02, np.nan])
    none, weight = shrunk(measured, 0)
    assert weight == 0 and np.array_equal(none, measured, equal_nan=True)
    many, weight = shrunk(measured, ENOUGH_FREEDOM)
    assert weight == 0 and np.array_equal(many, measured, equal_nan=True)
    few, weight = shrunk(measured, 1)
    assert weight == pytest.approx(0.9 * PRIOR_FREEDOM)
    assert few[0] == pytest.approx((0.01 + weight * PRIOR_DEVIATION**2) / (1 + weight))
    assert few[1] == pytest.approx(2 * few[0]) and np.isnan(few[2])
    nearly, weight = shrunk(measured, ENOUGH_FREEDOM - 1)
    assert nearly[0] < 1.2 * measured[0]
    chance, weight = shrunk(np.array([0.0, 0.0]), 1)
    assert (chance > 0).all()  # two platforms that moved alike once do not show that they always will


def test_a_year_of_several_platforms_is_as_measured() -> None:
    growth = common_growth(_city(np.random.default_rng(1), 6, 12, 0.03))
    assert growth.prior == 0 and growth.degrees == growth.freedom
    assert growth.residual_variance == pytest.approx(0.03**2, rel=0.5)


@pytest.mark.parametrize("apart", [1e-1, 1e-2, 1e-3])
def test_donors_that_happen_to_move_alike_do_not_blow_up_longer_spans(apart: float) -> None:
    n = np.nan
    amounts = np.array([[100, 110, 120.0], [50, 55 * (1 + apart), 60], [30, n, 60], [80, n, 60], [40, n, n]])
    growth = common_growth(amounts)
    assert 0 < growth.freedom < ENOUGH_FREEDOM
    assert np.nanmax(growth.variances) < 1
    found = joint(amounts, [(2, 1), (3, 1), (4, 1), (4, 2)], 100, np.random.default_rng(2))
    assert found.high < 10 * found.value
