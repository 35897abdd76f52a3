"""Standard errors in closed form against Monte Carlo, and against derivatives by brute force."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.accounts.methods.kernel import Kernel
from lvshu.accounts.methods.kernel.replicates import footprint_replicates, scaled_multipliers
from lvshu.accounts.methods.kernel.uncertainty import (
    footprint_covariance,
    footprint_error,
    margin_error,
    multiplier_error,
    replicate_error,
)
from lvshu.core.errors import MethodError

from .tables import economy

TABLE = economy(12, 2, 5, stressors=2)
DRAWS = 20_000


def _kernel() -> Kernel:
    return Kernel(TABLE.use, TABLE.output, TABLE.regions)


def _inverse(coefficients: np.ndarray) -> np.ndarray:
    return np.linalg.inv(np.eye(coefficients.shape[-1]) - coefficients)


def test_errors_of_factors_agree_with_monte_carlo() -> None:
    error = 0.2 * TABLE.stressors
    found = footprint_error(_kernel(), TABLE.stressors, TABLE.demand, stressor_error=error)
    generator = np.random.default_rng(1)
    draws = TABLE.stressors + error * generator.standard_normal((DRAWS, *TABLE.stressors.shape))
    each = replicate_error(footprint_replicates(_kernel(), draws / TABLE.output, TABLE.demand))
    np.testing.assert_allclose(found.factors, each, rtol=0.03)
    np.testing.assert_array_equal(found.total, found.factors)
    assert found.left_out == ("demand", "table")


def test_errors_with_covariance_agree_with_monte_carlo() -> None:
    generator = np.random.default_rng(2)
    root = generator.standard_normal((10, 10)) * 0.1 * TABLE.stressors[0]
    covariance = root.T @ root
    found = footprint_covariance(_kernel(), covariance, TABLE.demand)
    draws = TABLE.stressors[0] + generator.standard_normal((DRAWS, 10)) @ root
    each = np.cov(footprint_replicates(_kernel(), draws / TABLE.output, TABLE.demand).T)
    np.testing.assert_allclose(found, each, rtol=0.05, atol=0.03 * found.max())
    alone = footprint_error(
        _kernel(), TABLE.stressors[:1], TABLE.demand, stressor_error=np.full((1, 10), 0.3)
    ).total[0]
    independent = footprint_covariance(_kernel(), 0.09 * np.eye(10), TABLE.demand)
    np.testing.assert_allclose(np.sqrt(independent.diagonal()), alone, rtol=1e-12)


def test_errors_of_demand_agree_with_monte_carlo() -> None:
    error = 0.1 * np.abs(TABLE.demand)
    found = footprint_error(_kernel(), TABLE.stressors, TABLE.demand, demand_error=error)
    multipliers = _kernel().multipliers(TABLE.stressors / TABLE.output)
    draws = TABLE.demand + error * np.random.default_rng(3).standard_normal((DRAWS, *TABLE.demand.shape))
    np.testing.assert_allclose(found.demand, replicate_error(multipliers @ draws), rtol=0.03)


@pytest.mark.parametrize("form", ["one number", "cell by cell"])
def test_errors_of_the_table_agree_with_monte_carlo(form: str) -> None:
    error = 0.05 if form == "one number" else np.random.default_rng(5).uniform(0.0, 0.1, (10, 10))
    found = footprint_error(_kernel(), TABLE.stressors, TABLE.demand, table_error=error)
    noise = 1.0 + error * np.random.default_rng(4).standard_normal((DRAWS, 10, 10))
    intensity = TABLE.stressors / TABLE.output
    each = replicate_error(intensity @ _inverse(TABLE.coefficients * noise) @ TABLE.demand)
    np.testing.assert_allclose(found.table, each, rtol=0.05)


def test_errors_of_margins_agree_with_replicates() -> None:
    row, column = np.full(10, 0.03), np.linspace(0.0, 0.05, 10)
    intensity = TABLE.stressors / TABLE.output
    found = margin_error(_kernel(), intensity, TABLE.demand, row_error=row, column_error=column)
    generator = np.random.default_rng(6)
    rows, columns = (1.0 + error * generator.standard_normal((1500, 10)) for error in (row, column))
    draws = scaled_multipliers(_kernel(), intensity, rows, columns) @ TABLE.demand
    np.testing.assert_allclose(found, replicate_error(draws), rtol=0.1)


def test_first_order_is_the_derivative() -> None:
    step = 1e-7
    intensity = TABLE.stressors / TABLE.output
    base = intensity @ _inverse(TABLE.coefficients) @ TABLE.demand
    variance = np.zeros(base.shape)
    for i in range(10):
        for j in range(10):
            moved = TABLE.coefficients.copy()
            moved[i, j] *= 1.0 + step
            variance += ((intensity @ _inverse(moved) @ TABLE.demand - base) / step) ** 2
    found = footprint_error(_kernel(), TABLE.stressors, TABLE.demand, table_error=0.04)
    np.testing.assert_allclose(found.table, 0.04 * np.sqrt(variance), rtol=1e-5)
    np.testing.assert_allclose(found.footprint, base, rtol=1e-12)


def test_parts_add_in_squares() -> None:
    found = footprint_error(
        _kernel(), TABLE.stressors, TABLE.demand, stressor_error=0.1 * TABLE.stressors,
        demand_error=0.1 * np.abs(TABLE.demand), table_error=0.1,
    )  # fmt: skip
    np.testing.assert_allclose(found.total**2, found.factors**2 + found.demand**2 + found.table**2)
    assert found.left_out == ()


def test_errors_of_multipliers() -> None:
    error = np.random.default_rng(7).random((3, 10))
    expected = np.sqrt(error**2 @ _inverse(TABLE.coefficients) ** 2)
    np.testing.assert_allclose(multiplier_error(_kernel(), error), expected, rtol=1e-12)


def test_bad_errors_are_answered_in_words() -> None:
    kernel, stressors, demand = _kernel(), TABLE.stressors, TABLE.demand
    cases = [
        ("accounts.kernel_error", lambda: footprint_error(kernel, stressors, demand, stressor_error=-stressors)),
        ("accounts.kernel_error", lambda: footprint_error(kernel, stressors, demand, table_error=np.ones((2, 2)))),
        ("accounts.kernel_error", lambda: footprint_error(kernel, stressors, demand, table_error=-1.0)),
        ("accounts.kernel_error", lambda: footprint_covariance(kernel, np.ones((2, 2)), TABLE.demand)),
        ("accounts.kernel_error", lambda: multiplier_error(kernel, np.ones((1, 3)))),
        ("accounts.kernel_replicates", lambda: replicate_error(np.ones((1, 3)))),
    ]  # fmt: skip
    for code, call in cases:
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == code
