"""The Kaya identity with sectors, fuels and households; intensity targets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.change.kaya import (
    FACTORS,
    KayaYear,
    cumulative_reduction,
    intensity_index,
    kaya,
    yearly_rate_needed,
)
from lvshu.core.errors import MethodError


def _year(seed: int, growth: float = 1.0, price_year: int | None = 2020) -> KayaYear:
    generator = np.random.default_rng(seed)
    energy = generator.random((3, 2)) * 100
    return KayaYear(
        population=2.4e7 * growth,
        value_added=generator.random(3) * 1e12 * growth,
        energy=energy,
        carbon=energy * generator.uniform(1.5, 2.8, (3, 2)),
        household_energy=(home := generator.random((2, 2)) * 20),
        household_carbon=home * 2.0,
        price_year=price_year,
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 2.0))
def test_terms_sum_to_the_change_of_emissions(seed: int, growth: float) -> None:
    first, last = _year(seed), _year(seed + 1, growth)
    made = kaya(first, last)
    change = sum(float(side.carbon.sum() + side.household_carbon.sum()) * sign
                 for side, sign in ((last, 1), (first, -1)))  # fmt: skip
    assert made.change.additive.sum() == pytest.approx(change, rel=1e-9, abs=1e-9)
    assert made.change.names == FACTORS
    assert made.problems == ()


def test_only_the_factor_that_changed_has_an_effect() -> None:
    first = _year(5)
    richer = KayaYear(first.population, first.value_added * 1.5, first.energy * 1.5, first.carbon * 1.5,
                      first.household_energy, first.household_carbon, 2020)  # fmt: skip
    effects = dict(zip(FACTORS, kaya(first, richer).change.additive, strict=True))
    assert effects.pop("gdp_per_head") == pytest.approx(float(first.carbon.sum()) * 0.5)
    assert np.abs(list(effects.values())).max() < 1e-9
    cleaner = KayaYear(first.population, first.value_added, first.energy, first.carbon * 0.9,
                       first.household_energy, first.household_carbon * 0.9, 2020)  # fmt: skip
    effects = dict(zip(FACTORS, kaya(first, cleaner).change.additive, strict=True))
    assert effects.pop("carbon_content") == pytest.approx(
        -0.1 * float(first.carbon.sum() + first.household_carbon.sum())
    )
    assert np.abs(list(effects.values())).max() < 1e-9


def test_fuel_that_disappears_is_an_effect_of_the_mix() -> None:
    energy = np.array([[60.0, 40.0]])
    first = KayaYear(1e6, np.array([1e11]), energy, energy * [2.66, 1.56], price_year=2020)
    after = np.array([[0.0, 100.0]])
    last = KayaYear(1e6, np.array([1e11]), after, after * [2.66, 1.56], price_year=2020)
    effects = dict(zip(FACTORS, kaya(first, last).change.additive, strict=True))
    assert effects.pop("energy_mix") == pytest.approx(100 * 1.56 - 60 * 2.66 - 40 * 1.56)
    assert np.abs(list(effects.values())).max() == pytest.approx(0.0, abs=1e-9)


def test_sector_that_appears_is_an_effect_of_structure() -> None:
    first = KayaYear(1e6, np.array([1e11, 0.0]), np.array([[100.0], [0.0]]), np.array([[200.0], [0.0]]))
    last = KayaYear(1e6, np.array([0.5e11, 0.5e11]), np.array([[50.0], [10.0]]), np.array([[100.0], [25.0]]))
    made = kaya(first, last)
    effects = dict(zip(FACTORS, made.change.additive, strict=True))
    assert effects.pop("sector_structure") == pytest.approx(-75.0)
    assert np.abs(list(effects.values())).max() == pytest.approx(0.0, abs=1e-9)
    assert made.problems[0].code == "accounts.decomposition_price_year_unknown"
    assert "?" not in made.problems[0].what("en")


def test_what_has_no_base_is_refused() -> None:
    year = _year(1)
    broken = KayaYear(year.population, np.array([1e12, 0.0, 1e12]), year.energy * [[0.0, 1.0]], year.carbon)
    with pytest.raises(MethodError) as caught:
        kaya(year, broken)
    assert [problem.values["name"] for problem in caught.value.problems] == ["carbon", "energy"]
    with pytest.raises(MethodError) as caught:
        kaya(year, KayaYear(0.0, year.value_added, year.energy, year.carbon))
    assert caught.value.code == "accounts.kaya_no_output"
    with pytest.raises(MethodError) as caught:
        kaya(year, KayaYear(1e6, year.value_added, year.energy, year.carbon))
    assert caught.value.code == "accounts.decomposition_shapes"
    with pytest.raises(MethodError) as caught:
        kaya(year, KayaYear(1e6, year.value_added, year.energy, year.carbon[:2]))
    assert caught.value.code == "accounts.decomposition_shapes"


def test_intensity_targets_multiply() -> None:
    rates = np.array([0.031, 0.027, 0.001, 0.025])
    assert cumulative_reduction(rates) == pytest.approx(1 - 0.969 * 0.973 * 0.999 * 0.975)
    assert cumulative_reduction(rates) < rates.sum()
    needed = yearly_rate_needed(0.14, rates, 1)
    assert cumulative_reduction(np.append(rates, needed)) == pytest.approx(0.14)
    assert yearly_rate_needed(0.5, np.array([1.0]), 3) == 0.0
    index = intensity_index(np.array([100.0, 101.0]), np.array([1000.0, 1050.0]))
    np.testing.assert_allclose(index, [1.0, 1.01 / 1.05])
    for call in (
        lambda: cumulative_reduction(np.array([3.1])),
        lambda: yearly_rate_needed(0.14, rates, 0),
        lambda: intensity_index(np.array([1.0, 1.0]), np.array([1.0, 0.0])),
    ):
        with pytest.raises(MethodError):
            call()
