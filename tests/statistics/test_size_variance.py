"""How far single platforms stray, by their size: found where it is, not found where it is not."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.statistics.methods.imputation import common_growth, impute_month
from lvshu.statistics.methods.size_variance import SizeVariance, size_variance, sizes


def _amounts(seed: int, slope: float, units: int = 40, months: int = 12) -> np.ndarray:
    draw = np.random.default_rng(seed)
    size = 1_000 / (np.arange(units) + 1.5) ** 1.1
    spread = 0.05 * (size / np.exp(np.log(size).mean())) ** (slope / 2)
    season = 1 + 0.1 * np.sin(np.arange(months))
    return np.asarray(size[:, None] * season * np.exp(draw.normal(0, 1, (units, months)) * spread[:, None]))


def test_a_dependence_is_found_with_its_size() -> None:
    found = np.array([common_growth(_amounts(seed, -0.8)).by_size.slope for seed in range(20)])
    assert (found < 0).all()
    assert found.mean() == pytest.approx(-0.8, abs=0.15)
    growth = common_growth(_amounts(1, -0.8))
    small, large = growth.wildness(np.array([20.0])), growth.wildness(np.array([600.0]))
    assert small > 5 * large


def test_equal_units_keep_factors_of_one() -> None:
    found = [common_growth(_amounts(seed, 0.0)).by_size for seed in range(60)]
    assert sum(one.slope != 0 for one in found) <= 6  # a test at 5 percent
    equal = next(one for one in found if one.slope == 0)
    assert equal.factor(np.array([1.0, 1e6])).tolist() == [1.0, 1.0]


def test_a_small_unit_is_imputed_with_its_own_error() -> None:
    amounts = _amounts(3, -0.8)
    growth = common_growth(amounts)
    errors = []
    for unit in (0, 39):
        seen = amounts[unit].copy()
        seen[6] = np.nan
        made = impute_month(seen, 6, growth)
        errors.append(made.standard_error / made.amount)
    assert errors[1] > 2 * errors[0]
    scaled = common_growth(amounts * 1e4)
    assert scaled.by_size.slope == pytest.approx(growth.by_size.slope, rel=1e-9)
    assert scaled.wildness(amounts[5] * 1e4) == pytest.approx(growth.wildness(amounts[5]), rel=1e-9)


def test_too_few_units_and_equal_sizes_tell_nothing() -> None:
    three = np.random.default_rng(1).normal(0, 1, (3, 11))
    assert size_variance(three, np.full((3, 11), 1 / 3), np.array([1.0, 10.0, 100.0])).slope == 0
    many = np.random.default_rng(1).normal(0, 1, (30, 11))
    assert size_variance(many, np.full((30, 11), 1 / 30), np.full(30, 7.0)).slope == 0
    one = SizeVariance(-1.0, 9.0, 0.0, 2.0)
    assert one.factor(np.array([np.e**5])) == one.factor(np.array([np.e**2]))  # nothing was measured beyond
    assert one.factor(np.array([np.nan])) == [1.0]
    assert sizes(np.array([[np.nan, 2.0, 4.0], [np.nan, np.nan, 0.0]]))[0] == 3.0
