"""The Leontief kernel against the textbook, the explicit inverse and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.leontief import (
    input_coefficients,
    is_productive,
    leontief_inverse,
    leontief_model,
    required_output,
    spectral_radius,
    total_intensity,
)
from lvshu.core.errors import MethodError

# Miller and Blair (2009), chapter 2: two sectors
USE = np.array([[150.0, 500.0], [200.0, 100.0]])
OUTPUT = np.array([1000.0, 2000.0])


def test_textbook() -> None:
    coefficients = input_coefficients(USE, OUTPUT)
    np.testing.assert_allclose(coefficients, [[0.15, 0.25], [0.20, 0.05]])
    model = leontief_model(coefficients)
    np.testing.assert_allclose(
        leontief_inverse(model), [[1.25412541, 0.330033], [0.2640264, 1.12211221]], rtol=1e-6
    )
    np.testing.assert_allclose(required_output(model, np.array([600.0, 1500.0])), [1247.5, 1841.6], atol=0.05)
    labour = np.array([0.3, 0.25])
    np.testing.assert_allclose(
        labour * required_output(model, np.array([600.0, 1500.0])), [374.25, 460.4], atol=0.01
    )


def test_agrees_with_explicit_inverse() -> None:
    generator = np.random.default_rng(7)
    use = generator.random((60, 60))
    coefficients = 0.8 * use / use.sum(axis=0)
    inverse = np.linalg.inv(np.eye(60) - coefficients)
    model = leontief_model(coefficients)
    demand, intensity = generator.random((60, 5)), generator.random((60, 3))
    np.testing.assert_allclose(required_output(model, demand), inverse @ demand, rtol=1e-11)
    np.testing.assert_allclose(total_intensity(model, intensity), (intensity.T @ inverse).T, rtol=1e-11)


def test_round_by_round_series() -> None:
    coefficients = input_coefficients(USE, OUTPUT)
    demand = np.array([350.0, 1700.0])
    total, term = np.zeros(2), demand
    for _ in range(200):
        total, term = total + term, coefficients @ term
    np.testing.assert_allclose(required_output(leontief_model(coefficients), demand), total, rtol=1e-12)


def test_sector_without_output() -> None:
    use = np.array([[10.0, 0.0, 5.0], [0.0, 0.0, 0.0], [20.0, 0.0, 10.0]])
    coefficients = input_coefficients(use, np.array([100.0, 0.0, 50.0]))
    assert not coefficients[:, 1].any()
    assert required_output(leontief_model(coefficients), np.array([1.0, 2.0, 3.0]))[1] == 2.0


def test_use_without_output_is_refused() -> None:
    with pytest.raises(MethodError) as caught:
        input_coefficients(np.array([[0.0, 3.0], [0.0, 1.0]]), np.array([10.0, 0.0]))
    assert caught.value.code == "accounts.use_without_output"


@pytest.mark.parametrize(
    "coefficients", [[[0.6, 0.5], [0.5, 0.6]], [[1.0, 0.0], [0.0, 0.2]], [[0.5, -1.0], [1.0, 1.5]]]
)
def test_economy_that_is_not_productive(coefficients: list[list[float]]) -> None:
    with pytest.raises(MethodError) as caught:
        leontief_model(np.array(coefficients))
    assert caught.value.code == "accounts.not_productive"


def test_column_sum_above_one_can_be_productive() -> None:
    model = leontief_model(np.array([[0.1, 0.1], [1.1, 0.0]]))
    assert is_productive(model)


def test_spectral_radius_of_a_large_matrix() -> None:
    coefficients = np.random.default_rng(1).random((400, 400)) / 500
    assert spectral_radius(coefficients) == pytest.approx(
        np.abs(np.linalg.eigvals(coefficients)).max(), rel=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(0, 10_000), st.floats(0.05, 0.95))
def test_productivity_test_agrees_with_the_spectral_radius(count: int, seed: int, scale: float) -> None:
    use = np.random.default_rng(seed).random((count, count))
    coefficients = use * (scale * 2) / np.abs(np.linalg.eigvals(use)).max()
    if scale * 2 < 0.999:
        assert is_productive(leontief_model(coefficients))
    elif scale * 2 > 1.001:
        with pytest.raises(MethodError):
            leontief_model(coefficients)
