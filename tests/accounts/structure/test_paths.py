"""Structural paths: nothing above the cut is lost, and what is not listed is stated to the last digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.methods.structure.paths import (
    PathLimits,
    StructuralPaths,
    production_layers,
    structural_paths,
)
from lvshu.core.errors import MethodError

Array = NDArray[np.float64]


def every_path(
    coefficients: Array, intensity: Array, demand: Array, depth: int
) -> dict[tuple[int, ...], float]:
    """Return the contribution of each path, one by one, down to a depth."""
    found: dict[tuple[int, ...], float] = {}
    front = {(j,): float(demand[j]) for j in range(len(demand)) if demand[j]}
    for _ in range(depth + 1):
        found |= {path: amount * float(intensity[path[-1]]) for path, amount in front.items()}
        front = {
            (*path, i): amount * float(coefficients[i, path[-1]])
            for path, amount in front.items()
            for i in range(len(demand))
            if coefficients[i, path[-1]]
        }
    return found


def total(coefficients: Array, intensity: Array) -> Array:
    return np.linalg.solve((np.eye(len(intensity)) - coefficients).T, intensity)


def economy(seed: int, n: int, *, negative: bool = False) -> tuple[Array, Array, Array]:
    generator = np.random.default_rng(seed)
    coefficients = generator.random((n, n)) * (generator.random((n, n)) < 0.6)
    coefficients *= generator.uniform(0.1, 0.45, n) / np.maximum(coefficients.sum(axis=0), 1e-9)
    intensity = generator.lognormal(0.0, 2.0, n) * (generator.random(n) < 0.6)
    demand = generator.lognormal(0.0, 1.0, n)
    if negative:
        coefficients *= np.where(generator.random((n, n)) < 0.2, -1.0, 1.0)
        intensity *= np.where(generator.random(n) < 0.2, -1.0, 1.0)
        demand *= np.where(generator.random(n) < 0.2, -1.0, 1.0)
    return coefficients, intensity, demand


def check_statement(found: StructuralPaths, footprint: float) -> None:
    scale = float(np.abs(found.direct).sum()) + abs(footprint) + 1e-30
    assert abs(found.footprint - footprint) <= 1e-9 * scale
    assert abs(found.listed + found.not_listed - footprint) <= 1e-9 * scale


SERVICE, POWER, COAL = 0, 1, 2


def test_a_clean_node_does_not_hide_what_is_behind_it() -> None:
    """Service buys power, power buys coal; the service and its first link emit next to nothing themselves.

    Pruning on a node's own contribution (as MARIO 1.3.2 does with a cut of 1) ends at the service and reports 3 % of
    the footprint; the five paths here make up all of it.
    """
    coefficients = np.array([[0.0, 0.0, 0.0], [0.3, 0.0, 0.1], [0.0, 0.2, 0.0]])
    intensity = np.array([0.005, 5.0, 0.1])
    demand = np.array([100.0, 0.0, 0.0])
    found = structural_paths(
        coefficients, intensity, total(coefficients, intensity), demand, PathLimits(cut_off=0.05)
    )
    paths = dict(zip(found.paths(), found.direct[found.order], strict=True))
    assert found.paths()[0] == (SERVICE, POWER)
    assert paths[SERVICE, POWER] == pytest.approx(150.0)
    assert paths[SERVICE, POWER, COAL, POWER] == pytest.approx(3.0)
    assert paths[SERVICE, POWER, COAL] == pytest.approx(0.6)
    assert paths[SERVICE,] == pytest.approx(0.5)
    assert paths[SERVICE, POWER, COAL, POWER, COAL, POWER] == pytest.approx(0.06)
    assert len(paths) == 5
    assert found.coverage > 0.999


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 6), share=st.sampled_from([0.2, 0.05, 0.01, 0.002]))
def test_no_path_above_the_cut_is_lost(seed: int, n: int, share: float) -> None:
    coefficients, intensity, demand = economy(seed, n)
    multiplier = total(coefficients, intensity)
    footprint = float(multiplier @ demand)
    if footprint == 0.0:
        return
    found = structural_paths(coefficients, intensity, multiplier, demand, PathLimits(cut_share=share))
    depth = 5
    wanted = {
        path: amount for path, amount in every_path(coefficients, intensity, demand, depth).items()
        if amount >= share * footprint * (1 + 1e-9)
    }  # fmt: skip
    listed = dict(zip(found.paths(), found.direct[found.order], strict=True))
    assert set(wanted) <= set(listed)
    assert all(listed[path] == pytest.approx(amount, rel=1e-9) for path, amount in wanted.items())
    assert all(amount >= found.cut * (1 - 1e-9) for amount in listed.values())
    assert (found.subtree >= found.cut * (1 - 1e-9)).all()
    assert found.largest_unlisted <= found.cut * (1 + 1e-6)
    check_statement(found, footprint)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 5), cut=st.sampled_from([0.5, 0.05, 0.01]))
def test_negative_entries_do_not_break_the_bounds(seed: int, n: int, cut: float) -> None:
    coefficients, intensity, demand = economy(seed, n, negative=True)
    multiplier = total(coefficients, intensity)
    found = structural_paths(coefficients, intensity, multiplier, demand, PathLimits(cut_off=cut))
    wanted = {
        path: amount for path, amount in every_path(coefficients, intensity, demand, 5).items()
        if abs(amount) >= cut * (1 + 1e-9)
    }  # fmt: skip
    listed = dict(zip(found.paths(), found.direct[found.order], strict=True))
    assert set(wanted) <= set(listed)
    check_statement(found, float(multiplier @ demand))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 5), number=st.integers(1, 25), negative=st.booleans())
def test_the_number_wanted_are_the_largest(seed: int, n: int, number: int, negative: bool) -> None:
    coefficients, intensity, demand = economy(seed, n, negative=negative)
    multiplier = total(coefficients, intensity)
    limits = PathLimits(maximum_paths=number, maximum_depth=4)
    found = structural_paths(coefficients, intensity, multiplier, demand, limits)
    every = every_path(coefficients, intensity, demand, 4).values()
    sizes = sorted((abs(amount) for amount in every if amount), reverse=True)
    listed = np.abs(found.direct[found.order])
    np.testing.assert_allclose(listed, sizes[:number], rtol=1e-9)
    assert found.largest_unlisted <= listed.min(initial=np.inf) * (1 + 1e-6) or len(listed) < number
    check_statement(found, float(multiplier @ demand))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_lies_too_deep_is_stated(depth: int) -> None:
    coefficients, intensity, demand = economy(11, 6)
    multiplier = total(coefficients, intensity)
    limits = PathLimits(cut_off=1e-300, maximum_depth=depth)
    found = structural_paths(coefficients, intensity, multiplier, demand, limits)
    brute = {
        path: amount for path, amount in every_path(coefficients, intensity, demand, depth).items() if amount
    }
    assert set(found.paths()) == set(brute)
    assert found.listed == pytest.approx(sum(brute.values()), rel=1e-12)
    assert found.pruned == pytest.approx(0.0, abs=1e-12 * found.footprint)
    layers = production_layers(coefficients, intensity, multiplier, demand, depth)
    assert found.beyond_depth == pytest.approx(layers[-1], rel=1e-10)
    assert layers.sum() == pytest.approx(found.footprint, rel=1e-12)


def test_one_product_from_use_by_its_output_dense_sparse_and_memory_mapped(tmp_path: Path) -> None:
    coefficients, intensity, _ = economy(5, 30)
    output = np.random.default_rng(1).lognormal(3.0, 1.0, 30)
    output[7] = 0.0
    coefficients[:, 7] = 0.0
    use = coefficients * output
    np.save(tmp_path / "use.npy", use)
    demand = np.zeros(30)
    demand[3] = 2.0
    multiplier = total(coefficients, intensity)
    limits = PathLimits(cut_share=1e-3)
    plain = structural_paths(coefficients, intensity, multiplier, demand, limits)
    assert len(plain.order) > 20
    for matrix, given_output in (
        (sparse.csr_array(coefficients), None), (use, output), (sparse.csr_array(use), output),
        (np.load(tmp_path / "use.npy", mmap_mode="r"), output),
    ):  # fmt: skip
        other = structural_paths(matrix, intensity, multiplier, demand, limits, output=given_output)
        assert other.paths() == plain.paths()
        np.testing.assert_allclose(other.direct[other.order], plain.direct[plain.order], rtol=1e-12)
        assert other.coverage == pytest.approx(plain.coverage)


def test_nothing_bought_has_no_path() -> None:
    coefficients, intensity, demand = economy(5, 4)
    multiplier = total(coefficients, intensity)
    found = structural_paths(coefficients, intensity, multiplier, 0 * demand, PathLimits(cut_share=0.1))
    assert found.paths() == []
    assert found.coverage == 0.0


def refused(code: str, *arguments: object, limits: PathLimits) -> str:
    with pytest.raises(MethodError) as caught:
        structural_paths(*arguments, limits)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    return caught.value.text("en")


def test_bad_requests_are_answered_in_words() -> None:
    coefficients, intensity, demand = economy(5, 4)
    multiplier = total(coefficients, intensity)
    given_arrays = (coefficients, intensity, multiplier, demand)
    refused("accounts.paths_need_a_limit", *given_arrays, limits=PathLimits())
    refused("accounts.paths_need_a_limit", *given_arrays, limits=PathLimits(cut_off=-1.0))
    refused("accounts.paths_need_a_limit", *given_arrays, limits=PathLimits(maximum_paths=0))
    refused("accounts.paths_too_many", *given_arrays, limits=PathLimits(cut_off=1e-12, nodes_allowed=100))
    refused(
        "accounts.structure_shapes", coefficients, intensity[:2], multiplier, demand, limits=PathLimits(0.1)
    )
    wrong = (coefficients, intensity, 1.1 * multiplier, demand)
    assert "total intensity of sector" in refused(
        "accounts.intensity_not_total", *wrong, limits=PathLimits(1e-6)
    )


def test_signs_that_alone_keep_an_economy_going_are_refused() -> None:
    coefficients = np.array([[0.0, 1.5], [-1.5, 0.0]])
    intensity = np.array([1.0, 1.0])
    arrays = (coefficients, intensity, total(coefficients, intensity), np.array([1.0, 1.0]))
    refused("accounts.paths_without_bound", *arrays, limits=PathLimits(cut_off=0.1))


def test_figures_that_are_missing_are_refused() -> None:
    coefficients, intensity, demand = economy(5, 4)
    multiplier = total(coefficients, intensity)
    gap = np.array([1.0, np.nan, 1.0, 1.0])
    refused("accounts.structure_not_finite", coefficients, intensity, multiplier, gap, limits=PathLimits(0.1))
    holed = coefficients.copy()
    holed[1, 0] = np.nan
    refused("accounts.intensity_not_total", holed, intensity, multiplier, demand, limits=PathLimits(1e-9))
