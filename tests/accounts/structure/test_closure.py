"""Household closure against Miller and Blair, a published type II calculation and the larger inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.leontief import input_coefficients, leontief_model
from lvshu.accounts.methods.structure.closure import (
    closure,
    household_output,
    income_multipliers,
    multipliers,
)
from lvshu.core.errors import MethodError
from tests.accounts.structure import published
from tests.accounts.structure.test_extraction import economy

# Miller and Blair (2009), section 2.5 and chapter 6: the inverse of the economy closed for households is
# [[1.365, .425, .251], [.527, 1.348, .595], [.570, .489, 1.289]]
COEFFICIENTS = np.array([[0.15, 0.25], [0.2, 0.05]])
INCOME, CONSUMPTION, DOMESTIC_SERVICE = np.array([0.3, 0.25]), np.array([0.05, 0.4]), 0.05


def test_miller_and_blair() -> None:
    closed = closure(leontief_model(COEFFICIENTS), INCOME, CONSUMPTION, DOMESTIC_SERVICE)
    output, income = multipliers(closed), income_multipliers(closed)
    assert output.simple.round(3).tolist() == [1.518, 1.452]
    assert output.total == pytest.approx([1.365 + 0.527, 0.425 + 1.348], abs=1e-3)
    assert income.total.round(3).tolist() == [0.570, 0.489]
    assert income.type_two / income.type_one == pytest.approx([1.289, 1.289], abs=5e-4)
    for product, column in enumerate(([1.365, 0.527, 0.570], [0.425, 1.348, 0.489])):
        made, earned = household_output(closed, np.eye(2)[product])
        assert [*made.round(3), round(earned, 3)] == column
    assert round(closed.rounds, 3) == 1.289


def test_type_one_and_two_of_the_spicosa_report() -> None:
    model = leontief_model(input_coefficients(published.NETHERLANDS_USE, published.NETHERLANDS_OUTPUT))
    income = published.NETHERLANDS_COMPENSATION / published.NETHERLANDS_OUTPUT
    closed = closure(model, income, published.NETHERLANDS_HOUSEHOLD_COEFFICIENTS)
    found = multipliers(closed, income)
    assert found.simple.round(3).tolist() == published.NETHERLANDS_INCOME_EFFECT
    assert found.type_one.round(3).tolist() == published.NETHERLANDS_TYPE_ONE
    assert found.type_two == pytest.approx(np.array(published.NETHERLANDS_TYPE_TWO), rel=5e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 10), between=st.sampled_from([0.0, 0.1]))
def test_as_by_the_larger_inverse(seed: int, n: int, between: float) -> None:
    model, demand, intensity = economy(seed, n)
    generator = np.random.default_rng(seed + 1)
    income = generator.random(n) * np.maximum(1.0 - model.coefficients.sum(axis=0), 0.0)
    consumption = generator.random(n)
    consumption *= 0.8 / consumption.sum()
    larger = np.block([[model.coefficients, consumption[:, None]], [income[None, :], np.array([[between]])]])
    inverse = np.linalg.inv(np.eye(n + 1) - larger)
    closed = closure(model, income, consumption, between)
    np.testing.assert_allclose(multipliers(closed).total, inverse[:n, :n].sum(axis=0), rtol=1e-8)
    np.testing.assert_allclose(multipliers(closed, intensity).total, inverse[:n, :n].T @ intensity, rtol=1e-8)
    made, earned = household_output(closed, demand)
    np.testing.assert_allclose([*made, earned], inverse[:, :n] @ demand, rtol=1e-8)
    assert closed.rounds == pytest.approx(inverse[n, n], rel=1e-9)
    found = income_multipliers(closed)
    np.testing.assert_allclose(found.total, inverse[n, :n], rtol=1e-8)
    if (income > 0.0).all():
        np.testing.assert_allclose(found.type_two, found.type_one * closed.rounds, rtol=1e-9)


def test_a_sector_without_the_stressor_has_no_type_one() -> None:
    closed = closure(leontief_model(COEFFICIENTS), INCOME, CONSUMPTION)
    found = multipliers(closed, np.array([0.0, 1.0]))
    assert np.isnan(found.type_one[0])
    assert found.total[0] > 0.0


def test_income_that_never_runs_out_is_refused() -> None:
    with pytest.raises(MethodError) as caught:
        closure(leontief_model(COEFFICIENTS), INCOME, 6 * CONSUMPTION)
    assert caught.value.code == "accounts.closed_not_productive"
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    with pytest.raises(MethodError) as caught:
        closure(leontief_model(COEFFICIENTS), INCOME[:1], CONSUMPTION[:1])
    assert [problem.code for problem in caught.value.problems] == ["accounts.structure_shapes"] * 2
