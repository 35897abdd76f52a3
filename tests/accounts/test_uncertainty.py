"""Replicates: bounds met, shape, and the keys' mixture."""

from __future__ import annotations

import numpy as np

from lvshu.accounts.methods.allocation import mixed_emission, shares
from lvshu.accounts.methods.uncertainty import interval, key_mixture, two_sided_draws


def test_draws_have_the_stated_interval() -> None:
    drawn = two_sided_draws(np.array([0.9, 1.0]), np.array([1.3, 1.0]), 200_000, np.random.default_rng(1))
    low, high = np.quantile(drawn[0], [0.025, 0.975])
    assert abs(low - 0.9) < 0.002
    assert abs(high - 1.3) < 0.004
    assert abs(np.median(drawn[0]) - 1.0) < 0.002
    assert (drawn[1] == 1.0).all()
    assert drawn.min() >= 0.0


def test_mixture_is_triangular() -> None:
    weights = key_mixture(200_000, np.random.default_rng(2))
    assert abs(weights.mean() - 1 / 3) < 0.003
    assert abs(np.quantile(weights, 0.75) - 0.5) < 0.005


def test_mixture_keeps_totals() -> None:
    first, second = np.array([[10.0], [0.0]]), np.array([[4.0], [6.0]])
    mixed = mixed_emission(first, second, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(mixed.sum(axis=0), 10.0)
    np.testing.assert_allclose(mixed[1], [0.0, 3.0, 6.0])


def test_shares_fall_back_and_say_so() -> None:
    members = np.array([True, True, False])
    share, fell_back = shares(np.array([1.0, 3.0, 9.0]), members, np.ones(3))
    assert share.tolist() == [0.25, 0.75, 0.0]
    assert not fell_back
    share, fell_back = shares(np.zeros(3), members, np.array([2.0, 2.0, 2.0]))
    assert share.tolist() == [0.5, 0.5, 0.0]
    assert fell_back


def test_interval() -> None:
    error, low, high = interval(np.arange(1001.0))
    assert (low, high) == (25.0, 975.0)
    assert abs(error - np.arange(1001.0).std(ddof=1)) < 1e-12
