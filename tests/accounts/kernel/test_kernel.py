"""The kernel: every route against the explicit inverse, and against every other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from lvshu.accounts.methods.kernel import Kernel, krylov, routes, storage
from lvshu.accounts.methods.kernel.productive import radius_bounds, spectral_radius_of
from lvshu.accounts.methods.kernel.storage import spans
from lvshu.core.errors import MethodError

from .published import GHOSH, MB_INVERSE, MB_OUTPUT, MB_USE, MULTIPLIERS, OUTPUT, STRESSORS, USE
from .tables import economy


def _inverse(table) -> np.ndarray:
    return np.linalg.inv(np.eye(len(table.output)) - table.coefficients)


def _close(first: np.ndarray, second: np.ndarray, tolerance: float = 1e-12) -> None:
    assert np.abs(first - second).max() <= tolerance * np.abs(second).max()


@pytest.fixture
def iterating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables are treated like large ones."""
    monkeypatch.setattr(routes, "SMALL", 0)
    monkeypatch.setattr(routes, "SECTORS_PER_ROW", 1)
    monkeypatch.setattr(storage, "LEAST_RUN", 1)
    monkeypatch.setattr(storage, "CHUNK_BYTES", 50_000)


def test_textbook() -> None:
    kernel = Kernel(MB_USE, MB_OUTPUT)
    np.testing.assert_allclose(kernel.inverse(), MB_INVERSE, rtol=1e-6)
    np.testing.assert_allclose(kernel.required_output(np.array([600.0, 1500.0])), [1247.5, 1841.6], atol=0.05)
    np.testing.assert_allclose(
        np.array([0.3, 0.25]) * kernel.required_output(np.array([600.0, 1500.0])), [374.25, 460.4], atol=0.01
    )


def test_published_multipliers_of_two_regions() -> None:
    kernel = Kernel(USE, OUTPUT)
    np.testing.assert_allclose(kernel.multipliers(STRESSORS / OUTPUT), MULTIPLIERS, rtol=1e-14)
    np.testing.assert_allclose(kernel.downstream(np.eye(6)), GHOSH, atol=5e-9)
    np.testing.assert_allclose(kernel.supply_multipliers(np.eye(6)).T, GHOSH, atol=5e-9)


@pytest.mark.usefixtures("iterating")
@pytest.mark.parametrize("kind", ["dense", "fortran", "mapped", "sparse"])
@pytest.mark.parametrize("rows", [1, 2, 7, 200])
def test_every_route_and_storage_gives_the_same(tmp_path: Path, kind: str, rows: int) -> None:
    table = economy(5, 4, 45, idle=3, negative=2)
    stored = table.use
    if kind == "sparse":
        stored = csr_array(table.use)
    elif kind == "fortran":
        stored = np.asfortranarray(table.use)
    elif kind == "mapped":
        np.save(tmp_path / "use.npy", table.use)
        stored = np.load(tmp_path / "use.npy", mmap_mode="r")
    kernel = Kernel(stored, table.output, table.regions)
    intensity = np.random.default_rng(1).random((rows, kernel.count))
    kept = intensity.copy()
    inverse = _inverse(table)
    _close(kernel.multipliers(intensity), intensity @ inverse)
    assert kernel.last is not None
    assert kernel.last.route.way == ("gmres" if rows <= 180 else "lu")
    assert kernel.last.residual <= 1e-14
    assert kernel.last.is_estimated is (rows > 64)
    _close(kernel.required_output(intensity.T), inverse @ intensity.T)
    np.testing.assert_array_equal(intensity, kept)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 12), st.integers(0, 1), st.integers(0, 1),
       st.floats(0.05, 0.97))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_identities(seed: int, regions: int, sectors: int, idle: int, negative: int, radius: float) -> None:
    if idle + negative > regions * sectors - 1:
        idle = negative = 0
    table = economy(seed, regions, sectors, idle=idle, negative=negative, radius=radius)
    kernel = Kernel(table.use, table.output, table.regions)
    scale = np.abs(table.output).max()
    needed = kernel.required_output(table.demand.sum(axis=1))
    assert np.abs(needed - table.output).max() <= 1e-10 * scale
    inverse = kernel.inverse()
    _close(inverse, _inverse(table), 1e-9)
    divisor = np.where(table.output == 0.0, 1.0, table.output)
    ghosh = inverse * table.output[None, :] / divisor[:, None]
    primary = np.where(table.output == 0.0, 0.0, np.random.default_rng(seed).random(kernel.count))
    np.testing.assert_allclose(kernel.downstream(primary), primary @ ghosh, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("iterating")
@given(st.integers(0, 10**6), st.floats(0.1, 0.95))
@settings(max_examples=15, deadline=None)
def test_iteration_agrees_with_factorisation(seed: int, radius: float) -> None:
    table = economy(seed, 3, 50, negative=1, radius=radius)
    intensity = np.random.default_rng(seed).random((5, 150))
    first, second = Kernel(table.use, table.output, table.regions), Kernel(table.use, table.output)
    second.factorise()
    _close(first.multipliers(intensity), second.multipliers(intensity), 1e-10)
    _close(first.required_output(intensity.T), second.required_output(intensity.T), 1e-10)


@pytest.mark.usefixtures("iterating")
def test_iteration_that_does_not_settle_is_told_and_factorised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(krylov, "STEPS", 3)
    table = economy(3, 3, 60, radius=0.9)
    kernel = Kernel(table.use, table.output, table.regions)
    intensity = np.random.default_rng(1).random((4, 180))
    _close(kernel.multipliers(intensity), intensity @ _inverse(table), 1e-8)
    solved = kernel.last
    assert solved is not None
    assert solved.route.way == "lu"
    assert solved.left == ("gmres",)
    assert solved.route.reason.code == "accounts.kernel_route_unsettled"
    assert "gmres" in solved.route.reason.text("zh")


def test_routes_are_chosen_by_size_rows_and_memory() -> None:
    def way(**given: int) -> str:
        return routes.choose(**{"asked": 0, "allowed": 1 << 40, "has_factors": False, **given}).way

    assert way(count=1000, rows=1) == "lu"
    assert way(count=9800, rows=1) == "gmres"
    assert way(count=9800, rows=50) == "gmres"
    assert way(count=9800, rows=1100) == "lu"
    assert way(count=9800, rows=10, asked=500) == "lu"
    assert way(count=9800, rows=1100, allowed=1 << 28) == "gauss_seidel"
    assert way(count=9800, rows=1, allowed=1 << 28) == "gmres"
    assert routes.choose(count=9800, rows=1, asked=0, allowed=0, has_factors=True).reason.code.endswith(
        "ready"
    )
    assert routes.memory_available() > 1 << 28


def test_no_copy_of_the_table_is_made(tmp_path: Path) -> None:
    table = economy(1, 2, 20)
    assert Kernel(table.use, table.output).coefficients.table is table.use
    sparse = csr_array(table.use)
    assert np.shares_memory(Kernel(sparse, table.output).coefficients.table.data, sparse.data)
    np.save(tmp_path / "use.npy", table.use)
    mapped = np.load(tmp_path / "use.npy", mmap_mode="r")
    assert Kernel(mapped, table.output).coefficients.is_mapped
    private = np.load(tmp_path / "use.npy", mmap_mode="c")
    private[0, 0] = 7.0
    kernel = Kernel(private, table.output)
    kernel.coefficients.let_go()
    assert kernel.coefficients.table[0, 0] == 7.0


def test_column_sum_above_one_is_no_fault() -> None:
    coefficients = np.array([[0.1, 0.9], [0.05, 0.3]])
    assert coefficients.sum(axis=0).max() > 1.0
    kernel = Kernel(coefficients, np.ones(2))
    np.testing.assert_allclose(kernel.inverse(), np.linalg.inv(np.eye(2) - coefficients), rtol=1e-13)


@pytest.mark.parametrize("size", [2, 400])
@pytest.mark.parametrize("kind", ["large", "closed", "negative", "parts"])
def test_economy_that_is_not_productive(kind: str, size: int) -> None:
    coefficients = np.zeros((size, size))
    coefficients[:2, :2] = {
        "large": [[0.6, 0.5], [0.5, 0.6]], "closed": [[1.0, 0.0], [0.0, 0.2]],
        "negative": [[0.5, -1.0], [1.0, 1.5]], "parts": [[0.5, 0.0], [0.3, 1.2]],
    }[kind]  # fmt: skip
    with pytest.raises(MethodError) as caught:
        Kernel(coefficients, np.ones(size)).multipliers(np.ones(size))
    assert caught.value.code == "accounts.not_productive"


@pytest.mark.usefixtures("iterating")
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_without_memory_sweeps_over_regions_give_the_same(kind: str) -> None:
    table = economy(6, 4, 20, idle=2, negative=1)
    stored = table.use if kind == "dense" else csr_array(table.use)
    kernel = Kernel(stored, table.output, table.regions, memory_allowed=1000)
    intensity = np.random.default_rng(1).random((70, 80))
    intensity[3] = 0.0
    _close(kernel.multipliers(intensity), intensity @ _inverse(table))
    _close(kernel.required_output(intensity.T), _inverse(table) @ intensity.T)
    assert {solved.route.way for solved in kernel.record} == {"gauss_seidel"}
    _close(kernel.multipliers(intensity[:5]), intensity[:5] @ _inverse(table))
    assert kernel.last is not None
    assert kernel.last.route.way == "gmres"


@pytest.mark.usefixtures("iterating")
def test_without_memory_a_slow_iteration_goes_on() -> None:
    table = economy(3, 3, 60, radius=0.95)
    kernel = Kernel(table.use, table.output, table.regions, memory_allowed=1000)
    intensity = np.random.default_rng(1).random((200, 180))
    _close(kernel.multipliers(intensity), intensity @ _inverse(table), 1e-10)
    _close(kernel.required_output(intensity.T), _inverse(table) @ intensity.T, 1e-10)
    assert {solved.route.reason.code for solved in kernel.record} == {"accounts.kernel_route_memory"}


@pytest.mark.usefixtures("iterating")
def test_not_productive_is_found_without_factorising() -> None:
    table = economy(2, 3, 50, radius=1.02)
    with pytest.raises(MethodError) as caught:
        Kernel(table.use, table.output, table.regions).multipliers(np.ones(150))
    assert caught.value.code == "accounts.not_productive"


@given(st.integers(0, 10**6), st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_bounds_enclose_the_spectral_radius(seed: int, count: int) -> None:
    matrix = np.random.default_rng(seed).random((count, count)) * 1.5 / count
    low, high = radius_bounds(lambda rows: rows @ matrix, count)
    radius = spectral_radius_of(lambda rows: rows @ matrix, count)
    assert low - 1e-9 <= radius <= high + 1e-9


def test_bad_input_is_answered_in_words() -> None:
    table = economy(1, 2, 4)
    hole = table.use.copy()
    hole[1, 2] = np.nan
    idle = table.output.copy()
    idle[3] = 0.0
    cases = [
        ("accounts.kernel_shape", lambda: Kernel(table.use[:, 1:], table.output)),
        ("accounts.kernel_shape", lambda: Kernel(table.use, table.output, [0, 1])),
        ("accounts.kernel_shape", lambda: Kernel(table.use, table.output).multipliers(np.ones(3))),
        ("accounts.kernel_shape", lambda: Kernel(table.use, table.output).required_output(np.ones((3, 2)))),
        ("accounts.kernel_not_finite", lambda: Kernel(hole, table.output)),
        ("accounts.use_without_output", lambda: Kernel(table.use, idle)),
        ("accounts.use_without_output", lambda: Kernel(csr_array(table.use), idle)),
    ]
    for code, call in cases:
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == code
        assert caught.value.text("zh")


def test_a_solution_with_a_gap_is_refused() -> None:
    table = economy(1, 2, 4)
    with pytest.raises(MethodError) as caught:
        Kernel(table.use, table.output).multipliers(np.full(8, np.nan))
    assert caught.value.code == "accounts.kernel_residual"


@given(st.lists(st.integers(1, 900), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_runs_cover_every_sector_once(sizes: list[int]) -> None:
    count = sum(sizes)
    found = spans(count, np.repeat(np.arange(len(sizes)), sizes))
    assert [span.start for span in found] == [0, *(span.stop for span in found[:-1])]
    assert found[-1].stop == count
    assert all(span.stop - span.start <= 640 for span in found)
    assert len(spans(count, np.arange(count) % 2)) == max(1, -(-count // 640))
