"""Hypothetical extraction: closed forms against an economy from which the sector was really taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import LeontiefModel, leontief_inverse, leontief_model
from lvshu.accounts.methods.structure.extraction import Kind, extraction, group_extraction
from lvshu.accounts.methods.structure.inverse import inverse_diagonal, inverse_summary
from lvshu.core.errors import MethodError

Array = NDArray[np.float64]


def economy(seed: int, n: int) -> tuple[LeontiefModel, Array, Array]:
    generator = np.random.default_rng(seed)
    use = generator.random((n, n)) * (generator.random((n, n)) < 0.7)
    coefficients = use * generator.uniform(0.1, 0.8, n) / np.maximum(use.sum(axis=0), 1e-9)
    return leontief_model(coefficients), generator.random(n), generator.random((n, 2))


def really_taken(model: LeontiefModel, demand: Array, sectors: list[int], kind: str) -> Array:
    """Return the output lost, sector by sector, by building the smaller economy."""
    coefficients, left = model.coefficients.copy(), demand.copy()
    size = np.eye(len(demand))
    if kind == "forward":  # the rows of the output coefficients, in the supply-driven model
        output = np.linalg.solve(size - coefficients, demand)
        sold = coefficients * output / output[:, None]
        primary = output @ (size - sold)
        sold[sectors] = 0.0
        return output - np.linalg.solve((size - sold).T, primary)
    coefficients[:, sectors] = 0.0
    if kind == "complete":
        coefficients[sectors], left[sectors] = 0.0, 0.0
    return np.linalg.solve(size - model.coefficients, demand) - np.linalg.solve(size - coefficients, left)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 12), kind=st.sampled_from(["complete", "backward", "forward"])
)  # fmt: skip
def test_every_sector_at_once_is_every_sector_one_by_one(seed: int, n: int, kind: Kind) -> None:
    model, demand, intensity = economy(seed, n)
    output, stressor = extraction(model, demand, kind=kind), extraction(model, demand, intensity, kind)
    for j in range(n):
        lost = really_taken(model, demand, [j], kind)
        assert output.total[j] == pytest.approx(lost.sum(), rel=1e-9, abs=1e-12)
        assert output.own[j] == pytest.approx(lost[j], rel=1e-9, abs=1e-12)
        assert output.elsewhere[j] == pytest.approx(lost.sum() - lost[j], rel=1e-9, abs=1e-12)
        np.testing.assert_allclose(stressor.total[j], lost @ intensity, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(stressor.own[j], lost[j] * intensity[j], rtol=1e-9, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000), size=st.integers(0, 8), kind=st.sampled_from(["complete", "backward", "forward"])
)  # fmt: skip
def test_a_group(seed: int, size: int, kind: Kind) -> None:
    model, demand, _ = economy(seed, 8)
    sectors = np.random.default_rng(seed).permutation(8)[:size]
    lost = group_extraction(model, demand, sectors, kind)
    np.testing.assert_allclose(lost, really_taken(model, demand, list(sectors), kind), rtol=1e-8, atol=1e-11)


def test_forward_extraction_of_the_textbook() -> None:
    """Miller and Blair's two sectors: 728.9 and 453.0 of output go with the row of output coefficients."""
    model = leontief_model(np.array([[0.15, 0.25], [0.20, 0.05]]))
    found = extraction(model, np.array([350.0, 1700.0]), kind="forward")
    np.testing.assert_allclose(found.total, [728.947368, 452.941176], rtol=1e-6)


def test_the_diagonal_may_be_given_and_needs_no_inverse() -> None:
    model, demand, _ = economy(3, 300)
    inverse = leontief_inverse(model)
    np.testing.assert_allclose(inverse_diagonal(model), inverse.diagonal(), rtol=1e-12)
    some = np.array([7, 299, 0])
    np.testing.assert_allclose(inverse_diagonal(model, some), inverse.diagonal()[some], rtol=1e-12)
    summary = inverse_summary(model)
    for found, wanted in (
        (summary.diagonal, inverse.diagonal()), (summary.column_sum, inverse.sum(axis=0)),
        (summary.row_sum, inverse.sum(axis=1)), (summary.column_square, (inverse**2).sum(axis=0)),
        (summary.row_square, (inverse**2).sum(axis=1)),
    ):  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=1e-11)
    first, second = extraction(model, demand), extraction(model, demand, diagonal=inverse.diagonal())
    np.testing.assert_allclose(first.total, second.total, rtol=1e-11)


def test_a_sector_without_output_loses_nothing() -> None:
    coefficients = np.array([[0.1, 0.0, 0.2], [0.0, 0.0, 0.0], [0.3, 0.0, 0.1]])
    found = extraction(leontief_model(coefficients), np.array([1.0, 0.0, 2.0]))
    assert found.total[1] == 0.0
    assert (found.total[[0, 2]] > 0.0).all()


def test_an_economy_that_stands_only_by_the_sector_is_refused() -> None:
    model = leontief_model(np.zeros((3, 3)))
    with pytest.raises(MethodError) as caught:
        extraction(model, np.ones(3), diagonal=np.array([1.0, 0.0, 1.0]))
    assert caught.value.code == "accounts.extraction_singular"
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
