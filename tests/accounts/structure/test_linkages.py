"""Linkages against the Eurostat manual, an explicit inverse and an economy really cut in two."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.leontief import (
    input_coefficients,
    leontief_inverse,
    leontief_model,
    total_intensity,
)
from lvshu.accounts.methods.structure.inverse import inverse_diagonal, inverse_summary
from lvshu.accounts.methods.structure.linkages import (
    KINDS,
    cella_linkages,
    eigenvector_linkages,
    key_sectors,
    linkages,
    normalised,
    variation,
)  # fmt: skip
from lvshu.core.errors import MethodError
from tests.accounts.structure import published
from tests.accounts.structure.test_extraction import economy

MODEL = leontief_model(input_coefficients(published.GERMANY_USE, published.GERMANY_OUTPUT))


def test_linkages_of_the_eurostat_manual() -> None:
    found = linkages(MODEL, published.GERMANY_OUTPUT)
    assert found.backward_total.round(4).tolist() == published.GERMANY_BACKWARD
    for sector, figure in published.GERMANY_FORWARD.items():
        assert found.forward_total[sector].round(4) == figure
    diagonal = inverse_diagonal(MODEL)
    for sector, figure in published.GERMANY_DIAGONAL.items():
        assert diagonal[sector].round(4) == figure


def test_value_added_and_employment_multipliers_of_the_eurostat_manual() -> None:
    value_added = total_intensity(MODEL, published.GERMANY_VALUE_ADDED / published.GERMANY_OUTPUT)
    employment = total_intensity(MODEL, published.GERMANY_EMPLOYMENT / published.GERMANY_OUTPUT)
    assert value_added.round(4).tolist() == published.GERMANY_VALUE_ADDED_MULTIPLIER
    assert employment.round(4).tolist() == published.GERMANY_EMPLOYMENT_MULTIPLIER


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12))
def test_without_an_inverse_as_with_one(seed: int, n: int) -> None:
    model, demand, _ = economy(seed, n)
    inverse = leontief_inverse(model)
    output = inverse @ demand
    allocation = model.coefficients * output / output[:, None]
    ghosh = np.linalg.inv(np.eye(n) - allocation)
    found = linkages(model, output)
    np.testing.assert_allclose(found.backward_total, inverse.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.sensitivity, inverse.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.forward_direct, allocation.sum(axis=1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.forward_total, ghosh.sum(axis=1), rtol=1e-8)
    assert normalised(found.backward_total).mean() == pytest.approx(1.0)
    columns, rows = variation(inverse_summary(model))
    np.testing.assert_allclose(columns, inverse.std(axis=0, ddof=1) / inverse.mean(axis=0), rtol=1e-7)
    np.testing.assert_allclose(rows, inverse.std(axis=1, ddof=1) / inverse.mean(axis=1), rtol=1e-7)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 9))
def test_a_sector_really_cut_off(seed: int, n: int) -> None:
    model, demand, _ = economy(seed, n)
    found = cella_linkages(model, demand, inverse_diagonal(model))
    whole = np.linalg.solve(np.eye(n) - model.coefficients, demand).sum()
    for j in range(n):
        cut = model.coefficients.copy()
        own = cut[j, j]
        cut[j], cut[:, j] = 0.0, 0.0
        cut[j, j] = own
        left = np.linalg.solve(np.eye(n) - cut, demand).sum()
        assert found.total[j] == pytest.approx(whole - left, rel=1e-8, abs=1e-11)
    np.testing.assert_allclose(found.total, found.backward + found.forward)


def test_four_classes() -> None:
    classes = key_sectors(np.array([0.9, 0.9, 1.1, 1.1]), np.array([0.9, 1.1, 0.9, 1.1]))
    assert [KINDS[number] for number in classes] == ["independent", "forward", "backward", "key"]


def test_a_sector_without_output_and_a_negative_one() -> None:
    coefficients = np.array([[0.1, 0.0, 0.2], [0.0, 0.0, 0.0], [0.3, 0.0, 0.1]])
    found = linkages(leontief_model(coefficients), np.array([10.0, 0.0, -5.0]))
    assert found.forward_direct[1] == 0.0
    assert found.forward_total[1] == 1.0
    assert np.isfinite(np.concatenate([found.forward_total, found.backward_total])).all()


def test_nothing_to_compare_is_said_in_words() -> None:
    with pytest.raises(MethodError) as caught:
        normalised(np.zeros(3))
    assert caught.value.code == "accounts.no_linkage"
    with pytest.raises(MethodError) as caught:
        variation(inverse_summary(leontief_model(np.array([[0.5]]))))
    assert "{" not in caught.value.text("zh") + caught.value.text("en")


@pytest.mark.parametrize("n", [6, 301])
def test_eigenvectors_reproduce_themselves(n: int) -> None:
    generator = np.random.default_rng(n)
    coefficients = generator.random((n, n))
    coefficients *= 0.7 / coefficients.sum(axis=0)
    output = generator.lognormal(0.0, 1.0, n)
    backward, forward = eigenvector_linkages(coefficients, output)
    allocation = coefficients * output / output[:, None]
    np.testing.assert_allclose(backward @ coefficients, 0.7 * backward, rtol=1e-8)
    np.testing.assert_allclose(allocation @ forward, 0.7 * forward, rtol=1e-8)
    assert backward.mean() == pytest.approx(1.0)


def test_eigenvectors_need_trade() -> None:
    for coefficients in (np.zeros((2, 2)), np.array([[0.1, -0.1], [0.1, 0.1]])):
        with pytest.raises(MethodError) as caught:
            eigenvector_linkages(coefficients, np.ones(2))
        assert caught.value.code == "accounts.linkage_needs_trade"
        assert "{" not in caught.value.text("zh") + caught.value.text("en")
