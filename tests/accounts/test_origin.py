"""Splitting uses by origin: sums kept, shares proportional, transit told, the switch."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.origin import split_by_origin


def test_proportions() -> None:
    split = split_by_origin(np.array([[60.0, 40.0]]), np.array([[50.0]]), np.array([10.0]), np.array([30.0]))
    np.testing.assert_allclose(split.local, [[36.0, 24.0, 50.0]])
    np.testing.assert_allclose(split.abroad, [[6.0, 4.0, 0.0]])
    np.testing.assert_allclose(split.rest_of_country, [[18.0, 12.0, 0.0]])
    assert split.transit[0] == 0.0


def test_imports_in_exports_when_asked() -> None:
    split = split_by_origin(
        np.array([[100.0]]), np.array([[100.0]]), np.array([50.0]), np.array([0.0]), imports_in_exports=True
    )
    np.testing.assert_allclose(split.abroad, [[25.0, 25.0]])


def test_excess_imports_have_left_again() -> None:
    split = split_by_origin(np.array([[10.0]]), np.array([[30.0, 10.0]]), np.array([20.0]), np.array([0.0]))
    assert split.transit[0] == 10.0
    np.testing.assert_allclose(split.local, [[0.0, 22.5, 7.5]])
    np.testing.assert_allclose(split.abroad, [[10.0, 7.5, 2.5]])


amounts = st.lists(st.integers(0, 10**10).map(lambda fen: fen / 100), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(amounts, amounts, amounts, amounts, st.booleans())
def test_origins_add_up_to_the_use(
    own: list[float], out: list[float], imports: list[float], inflows: list[float], switch: bool
) -> None:
    own_use, sent = np.array(own)[:, None] * [[1.0, 2.0]], np.array(out)[:, None]
    brought = np.minimum(np.array(imports) + np.array(inflows), own_use.sum(axis=1) + sent.sum(axis=1))
    part = np.array(imports) / np.maximum(np.array(imports) + np.array(inflows), 1e-300)
    split = split_by_origin(own_use, sent, brought * part, brought * (1 - part), imports_in_exports=switch)
    total = split.local + split.rest_of_country + split.abroad
    np.testing.assert_allclose(total, np.hstack([own_use, sent]), rtol=1e-9, atol=1e-6)
    arrived = (split.rest_of_country + split.abroad).sum(axis=1)
    np.testing.assert_allclose(arrived, brought, rtol=1e-9, atol=1e-6)
    assert split.local.min() >= -1e-6
