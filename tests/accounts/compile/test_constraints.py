"""KRAS and least squares: arbitrary constraints, conflicts and their report."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import minimize

from lvshu.accounts.methods.compile.constraints import kras, margin_constraints
from lvshu.accounts.methods.compile.least_squares import least_squares
from lvshu.core.errors import MethodError


def test_coefficients_other_than_one_reach_the_entropy_minimum() -> None:
    prior = np.array([4.0, 3.0, -2.0, 5.0, 1.0])
    constraints = np.array([[1.0, 2.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, -0.5, 3.0]])
    targets = np.array([9.0, 2.5])
    found = kras(prior, sparse.csr_array(constraints), targets, tolerance=1e-12)
    np.testing.assert_allclose(constraints @ found.cells, targets, atol=1e-10)
    size = np.abs(prior)
    signed = constraints * np.sign(prior)
    other = minimize(
        lambda z: float((z * np.log(z / (np.e * size))).sum()), size, jac=lambda z: np.log(z / size), method="SLSQP",
        bounds=[(1e-9, None)] * 5, options={"ftol": 1e-15, "maxiter": 500},
        constraints={"type": "eq", "fun": lambda z: signed @ z - targets, "jac": lambda z: signed},
    )  # fmt: skip
    np.testing.assert_allclose(np.abs(found.cells), other.x, rtol=1e-6)


def test_conflict_is_shared_by_reliability_and_reported() -> None:
    """Two sources on one total, 100 with error 1 and 130 with error 9; a third constraint agrees."""
    prior = np.array([40.0, 50.0, 10.0])
    constraints = sparse.csr_array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    found = kras(
        prior, constraints, np.array([100.0, 130.0, 12.0]), np.array([1.0, 9.0, 0.0]), step=0.01,
        names=["survey", "tax records", "customs"],
    )  # fmt: skip
    total = found.cells[0] + found.cells[1]
    assert total == pytest.approx(
        103.0, abs=0.15
    )  # the conflict of 30 in the proportion of the errors, 1 : 9
    assert found.cells[2] == pytest.approx(12.0)
    assert found.cells[0] / found.cells[1] == pytest.approx(0.8)
    np.testing.assert_allclose(found.moved_in_errors[:2], [3.0, -3.0], atol=0.2)
    codes = [problem.code for problem in found.problems]
    assert codes == ["accounts.constraints_disagree", *["accounts.constraint_moved"] * 2]
    assert "raised survey (+3" in found.problems[0].text("en")
    assert "调低的有 tax records (-27" in found.problems[0].text("zh")
    assert all(problem.severity == "warning" for problem in found.problems)
    text = "\n".join(problem.text("en") for problem in found.problems)
    assert "tax records" in text
    assert "customs" not in text
    assert "130" in text


def test_hard_conflict_names_the_sources() -> None:
    constraints = sparse.csr_array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(MethodError) as caught:
        kras(np.array([1.0, 1.0]), constraints, np.array([5.0, 6.0]), names=["survey", "census"])
    assert caught.value.code == "accounts.constraints_conflict"
    assert "survey: 5 ≠ 6" in caught.value.text("en")
    with pytest.raises(MethodError) as caught:
        kras(np.array([1.0, 0.0]), sparse.csr_array([[0.0, 1.0]]), np.array([5.0]), names=["survey"])
    assert caught.value.code == "accounts.constraint_without_cells"
    with pytest.raises(MethodError) as caught:
        kras(np.array([1.0, 1.0]), constraints, np.array([-5.0, -5.0]))
    assert caught.value.code == "accounts.margin_of_other_sign"
    with pytest.raises(MethodError) as caught:
        kras(np.array([1.0, 1.0]), constraints, np.array([5.0]))
    assert caught.value.code == "accounts.constraints_shape"


def test_targets_of_zero_are_those_of_gras() -> None:
    prior = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [0.0, 1.0, 0.0]])
    targets = np.array([0.0, 10.0, 0.0, 4.0, 0.0, 6.0])
    found = kras(prior.ravel(), margin_constraints(3, 3), targets)
    np.testing.assert_allclose(found.cells.reshape(3, 3), [[0, 0, 0], [4, 0, 6], [0, 0, 0]], atol=1e-9)


def test_margins_of_a_table_that_disagree() -> None:
    """Rows sum to 110, columns to 100: both give way, the table meets what is left of them."""
    prior = np.array([[30.0, 20.0], [10.0, 40.0]])
    targets = np.array([55.0, 55.0, 40.0, 60.0])
    found = kras(prior.ravel(), margin_constraints(2, 2), targets, np.array([1.0, 1.0, 1.0, 1.0]), step=0.02)
    table = found.cells.reshape(2, 2)
    np.testing.assert_allclose(
        np.concatenate([table.sum(axis=1), table.sum(axis=0)]), found.targets, atol=1e-6
    )
    assert 100.0 < table.sum() < 110.0
    assert len(found.problems) == 5
    assert "4 targets disagree" in found.problems[0].text("en")


def test_least_squares_against_the_textbook_solution() -> None:
    prior, error = np.array([10.0, 20.0, 25.0]), np.array([1.0, 2.0, 2.0])
    constraints = np.array([[1.0, 1.0, -1.0]])
    found = least_squares(prior, error, sparse.csr_array(constraints), np.array([0.0]))
    weights = np.diag(error**2)
    gain = weights @ constraints.T @ np.linalg.inv(constraints @ weights @ constraints.T)
    np.testing.assert_allclose(found.cells, prior - (gain @ constraints @ prior))
    expected = weights - gain @ constraints @ weights
    np.testing.assert_allclose(found.standard_error, np.sqrt(np.diag(expected)))
    np.testing.assert_allclose(found.cells, [10 - 5 / 9, 20 - 20 / 9, 25 + 20 / 9])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_least_squares_meets_margins_of_any_table(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n, k = generator.integers(2, 6, 2)
    prior = generator.uniform(1, 50, (n, k))
    other = prior * generator.uniform(0.8, 1.25, (n, k))
    targets = np.concatenate([other.sum(axis=1), other.sum(axis=0)])
    found = least_squares(prior.ravel(), 0.1 * prior.ravel(), margin_constraints(n, k), targets)
    table = found.cells.reshape(n, k)
    np.testing.assert_allclose(np.concatenate([table.sum(axis=1), table.sum(axis=0)]), targets, rtol=1e-8)
    assert found.standard_error is not None
    assert (found.standard_error <= 0.1 * prior.ravel() + 1e-9).all()
    many = least_squares(
        prior.ravel(), 0.1 * prior.ravel(), margin_constraints(n, k), targets, 0.01 * targets
    )
    assert np.abs(many.cells - found.cells).max() < 0.5 * np.abs(prior).max()


def test_least_squares_reports() -> None:
    constraints = sparse.csr_array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(MethodError) as caught:
        least_squares(np.array([1.0, 1.0]), np.ones(2), constraints, np.array([2.0, 3.0]))
    assert caught.value.code == "accounts.constraints_conflict"
    found = least_squares(
        np.array([1.0, 1.0]), np.ones(2), constraints, np.array([2.0, 3.0]), np.array([0.5, 0.5])
    )
    np.testing.assert_allclose(found.cells.sum(), 2.0 + 0.5 / (1 + 0.125 / 2), rtol=1e-12)
    codes = [problem.code for problem in found.problems]
    assert codes == ["accounts.constraints_disagree", *["accounts.constraint_moved"] * 2]
    found = least_squares(np.array([1.0, 1.0]), np.array([5.0, 0.1]), constraints[:1], np.array([-4.0]))
    assert found.problems[0].code == "accounts.signs_changed"


def test_large_systems_use_the_iterative_solver() -> None:
    generator = np.random.default_rng(3)
    prior = generator.uniform(1, 50, (800, 750))
    other = prior * generator.uniform(0.8, 1.25, prior.shape)
    targets = np.concatenate([other.sum(axis=1), other.sum(axis=0)])
    found = least_squares(prior.ravel(), 0.1 * prior.ravel(), margin_constraints(800, 750), targets)
    assert found.standard_error is None
    np.testing.assert_allclose(found.moved, 0.0, atol=1e-5)
