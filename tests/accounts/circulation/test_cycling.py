"""Cycling against published indices, the cycle written out by hand, and a walk round by round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.circulation.cycling import cycle_power, cycling, material_cycling
from lvshu.core.errors import MethodError

# Energy flows of the Cone Spring ecosystem, kcal m-2 y-1: Tilly (1968), Ecological Monographs 38, 169-197, as in
# Ulanowicz (1986), Growth and Development. Plants, bacteria, detritus feeders, carnivores, detritus.
CONE_SPRING = np.array([
    [0, 0, 0, 0, 8881],
    [0, 0, 75, 0, 1600],
    [0, 0, 0, 370, 200],
    [0, 0, 0, 0, 167],
    [0, 5205, 2309, 0, 0],
], dtype=float)  # fmt: skip
INPUT = np.array([11184.0, 0, 0, 0, 635])


def test_cone_spring() -> None:
    through = CONE_SPRING.sum(axis=0) + INPUT
    found = cycling(CONE_SPRING, through)
    # "Finn Cycling Index is 0.0919": https://www.ecologycenter.us/ecosystem-theory/info-tev.html, on this system
    assert round(found.index, 4) == 0.0919
    assert found.throughflow == 30626.0
    assert found.boundary == pytest.approx(11819.0)
    assert found.path_length == pytest.approx(30626 / 11819)
    assert found.efficiency[[0]] == pytest.approx(0.0)


def test_oyster_reef() -> None:
    """Dame and Patten (1981), Marine Ecology Progress Series 5, 115-124; as enaR prints it.

    https://seelab.github.io/enaR/articles/flow_simple.html: TST, FCI, APL and mode2.F, the cycled flow.
    """
    flows = np.zeros((6, 6))
    # filter feeders, microbiota, meiofauna, deposit feeders, predators, deposited detritus
    for giver, receiver, amount in [
        (0, 4, 0.5135), (0, 5, 15.7910), (1, 2, 1.2060), (1, 3, 1.2060), (2, 3, 0.6609), (2, 5, 4.2403),
        (3, 4, 0.1721), (3, 5, 1.9076), (4, 5, 0.3262), (5, 1, 8.1721), (5, 2, 7.2745), (5, 3, 0.6431),
    ]:  # fmt: skip
        flows[giver, receiver] = amount
    found = cycling(flows, flows.sum(axis=0) + np.array([41.47, 0, 0, 0, 0, 0]))
    assert round(found.throughflow, 4) == 83.5833
    assert round(found.index, 7) == 0.1101686
    assert round(found.path_length, 6) == 2.015512
    assert round(found.cycled.sum(), 6) == 9.208256


def test_one_loop_by_hand() -> None:
    """A tenth of what sector 2 makes goes back to 1: of 100 flowing through each, 10 have been there before."""
    flows = np.array([[0.0, 100.0], [10.0, 0.0]])
    found = cycling(flows, np.array([100.0, 100.0]))
    assert found.index == pytest.approx(0.1)
    np.testing.assert_allclose(found.cycled, [10.0, 10.0])
    assert (found.boundary, found.path_length) == (90.0, pytest.approx(200 / 90))
    both = material_cycling(np.stack([flows, np.zeros((2, 2))]), np.array([[100.0, 100.0], [5.0, 0.0]]))
    assert [one.index for one in both] == [pytest.approx(0.1), 0.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 7), st.integers(0, 10_000))
def test_first_return_by_walking(n: int, seed: int) -> None:
    """(n_jj - 1) / n_jj is the chance to come back at all: summed here over first returns, without an inverse."""
    generator = np.random.default_rng(seed)
    shares = generator.random((n, n)) * (generator.random((n, n)) < 0.6)
    shares *= (
        0.8 / np.maximum(shares.sum(axis=1), 1e-9)[:, None]
    )  # of what each compartment gives, 80 % stays inside
    entering = generator.random(n)
    through = np.linalg.solve(np.eye(n) - shares.T, entering)
    found = cycling(through[:, None] * shares, through)
    for start in range(n):
        walkers, back = shares[start].copy(), 0.0
        for _ in range(300):
            back += walkers[start]
            walkers[start] = 0.0
            walkers = walkers @ shares
        assert found.efficiency[start] == pytest.approx(back, abs=1e-12)
    assert 0.0 <= found.index < 1.0
    assert found.boundary == pytest.approx(entering.sum())


def test_parts_that_cycle() -> None:
    found = cycle_power(CONE_SPRING)
    assert found.members == ((1, 2, 3, 4),)  # plants take nothing up
    assert found.growth[0] == pytest.approx(np.abs(np.linalg.eigvals(CONE_SPRING > 0)).max())
    ring = np.roll(np.eye(4), 1, axis=1)
    assert cycle_power(ring).growth == pytest.approx([1.0])
    assert cycle_power(np.triu(np.ones((4, 4)), 1)).members == ()
    assert cycle_power(ring, least=1.0).members == ()


def test_sectors_without_flow_and_closed_networks() -> None:
    found = cycling(np.zeros((3, 3)), np.array([1.0, 0.0, 2.0]))
    assert found.index == 0.0
    assert np.isnan(cycling(np.zeros((1, 1)), np.zeros(1)).path_length)
    with pytest.raises(MethodError, match="circulate for ever"):
        cycling(np.array([[0.0, 5.0], [5.0, 0.0]]), np.array([5.0, 5.0]))
