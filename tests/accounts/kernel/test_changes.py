"""Changed technology and replicates: the correction against solving anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.kernel import Kernel, changed
from lvshu.accounts.methods.kernel.replicates import (
    footprint_replicates,
    replicate_multipliers,
    scaled_multipliers,
)
from lvshu.core.errors import MethodError

from .tables import economy


def _close(first: np.ndarray, second: np.ndarray, tolerance: float = 1e-11) -> None:
    assert np.abs(first - second).max() <= tolerance * np.abs(second).max()


@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(0, 1))
@settings(max_examples=30, deadline=None)
def test_changed_columns_agree_with_a_new_table(seed: int, many: int, negative: int) -> None:
    table = economy(seed, 3, 6, negative=negative)
    generator = np.random.default_rng(seed)
    columns = generator.choice(18, many, replace=False)
    new = table.coefficients.copy()
    new[:, columns] = generator.random((18, many)) * 0.05
    if np.abs(np.linalg.eigvals(new)).max() >= 0.98:
        return
    kernel = Kernel(table.use, table.output, table.regions)
    other = kernel.changed(columns, new[:, columns])
    inverse = np.linalg.inv(np.eye(18) - new)
    intensity = generator.random((4, 18))
    _close(other.inverse(), inverse)
    _close(other.multipliers(intensity), intensity @ inverse)
    _close(other.required_output(intensity.T), inverse @ intensity.T)
    assert other.last is not None
    assert other.last.route.way == "woodbury"
    assert other.last.residual <= 1e-12


def test_known_multipliers_are_corrected_without_a_solution() -> None:
    table = economy(4, 3, 6)
    kernel = Kernel(table.use, table.output)
    intensity = np.random.default_rng(1).random((40, 18))
    known = kernel.multipliers(intensity)
    other = changed(kernel, np.array([2, 3]), np.full((18, 2), 0.02))
    before = len(kernel.record)
    found = other.multipliers_from(intensity, known)
    assert len(kernel.record) == before
    _close(found, other.multipliers(intensity))


def test_a_second_change_replaces_the_first() -> None:
    table = economy(4, 3, 6)
    kernel = Kernel(table.use, table.output)
    first = changed(kernel, np.array([2, 3]), np.full((18, 2), 0.02))
    second = first.changed(np.array([3, 5]), np.full((18, 2), 0.01))
    new = table.coefficients.copy()
    new[:, 2], new[:, 3], new[:, 5] = 0.02, 0.01, 0.01
    _close(second.inverse(), np.linalg.inv(np.eye(18) - new))


def test_a_change_that_cannot_be_is_answered_in_words() -> None:
    table = economy(4, 3, 6)
    kernel = Kernel(table.use, table.output)
    cases = [
        ("accounts.kernel_shape", np.array([1]), np.zeros((18, 2))),
        ("accounts.kernel_columns", np.array([1, 1]), np.zeros((18, 2))),
        ("accounts.kernel_columns", np.array([18]), np.zeros((18, 1))),
        ("accounts.kernel_not_finite", np.array([1]), np.full((18, 1), np.nan)),
        ("accounts.not_productive", np.array([1]), np.full((18, 1), 3.0)),
    ]
    for code, columns, new in cases:
        with pytest.raises(MethodError) as caught:
            changed(kernel, columns, new)
        assert caught.value.code == code


@given(st.integers(0, 10**6), st.floats(0.001, 0.3))
@settings(max_examples=20, deadline=None)
def test_scaled_replicates_agree_with_one_by_one(seed: int, spread: float) -> None:
    table = economy(seed, 2, 8, idle=1, negative=1, radius=0.5)
    generator = np.random.default_rng(seed)
    rows = np.exp(spread * generator.standard_normal((6, 16)))
    columns = np.exp(spread * generator.standard_normal((6, 16)))
    singles = [rows[b][:, None] * table.coefficients * columns[b] for b in range(6)]
    if max(np.abs(np.linalg.eigvals(single)).max() for single in singles) >= 0.98:
        return
    intensity = generator.random((3, 16))
    expected = np.stack([intensity @ np.linalg.inv(np.eye(16) - single) for single in singles])
    kernel = Kernel(table.use, table.output)
    _close(scaled_multipliers(kernel, intensity, rows, columns), expected, 1e-10)
    _close(replicate_multipliers(kernel, intensity, singles), expected, 1e-10)
    each = np.stack([intensity * (1.0 + b) for b in range(6)])
    _close(
        scaled_multipliers(kernel, each, rows, columns), expected * np.arange(1.0, 7.0)[:, None, None], 1e-10
    )


def test_replicates_that_are_far_away_are_solved_on_their_own() -> None:
    table = economy(2, 2, 8, radius=0.3)
    rows = np.ones((2, 16))
    rows[1] = 3.1
    kernel = Kernel(table.use, table.output)
    found = scaled_multipliers(kernel, np.ones((1, 16)), rows, np.ones((2, 16)))
    for draw in range(2):
        single = rows[draw][:, None] * table.coefficients
        _close(found[draw], np.ones((1, 16)) @ np.linalg.inv(np.eye(16) - single), 1e-10)


def test_a_replicate_that_is_not_productive_is_refused() -> None:
    table = economy(2, 2, 8, radius=0.6)
    kernel = Kernel(table.use, table.output)
    for call in (
        lambda: scaled_multipliers(kernel, np.ones((1, 16)), np.full((1, 16), 2.0), np.ones((1, 16))),
        lambda: replicate_multipliers(kernel, np.ones((1, 16)), [2.0 * table.coefficients]),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == "accounts.not_productive"


def test_replicates_of_factors_need_one_solution() -> None:
    table = economy(7, 3, 6)
    kernel = Kernel(table.use, table.output)
    draws = np.random.default_rng(2).random((50, 18))
    found = footprint_replicates(kernel, draws, table.demand)
    assert len(kernel.record) == 1
    _close(found, draws @ np.linalg.inv(np.eye(18) - table.coefficients) @ table.demand)
