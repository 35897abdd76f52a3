"""LMDI against the figures of LMDIR, its identities, and zeros by their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.change.index import lmdi, lmdi_chain, logarithmic_mean, total_ratio
from lvshu.core.errors import MethodError

NAMES = ("activity", "structure", "intensity")
# tests/testthat/test_lmdi.R of LMDIR (MIT), the years 1971 and 1972
FIRST = np.array([[1.0, 10.0, 2.0], [4.0, 5.0, 3.0]])
SECOND = np.array([[4.0, 5.0, 3.0], [5.0, 6.0, 4.0]])


def test_published_figures() -> None:
    change = lmdi(FIRST, SECOND, NAMES)
    np.testing.assert_allclose(change.additive, [69.79006598, -9.455125793, 39.66505981], rtol=5e-10)
    np.testing.assert_allclose(change.multiplicative, [1.761117821, 0.926191306, 1.379410116], rtol=5e-10)
    assert change.additive.sum() == pytest.approx(100.0, rel=1e-12)
    assert total_ratio(change) == pytest.approx(2.25, rel=1e-12)


VALUES = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.tuples(
        *[st.lists(VALUES, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
            lambda flat: np.array(flat).reshape(shape))] * 2))  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_perfect_reversible_and_consistent_in_aggregation(pair: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = pair
    names = [str(k) for k in range(first.shape[1])]
    forward, backward = lmdi(first, second, names), lmdi(second, first, names)
    size = max(1.0, float(np.abs(forward.by_category).max()))
    np.testing.assert_allclose(forward.by_category.sum(axis=1), forward.end - forward.start, atol=1e-9 * size)
    np.testing.assert_allclose(forward.by_category, -backward.by_category, atol=1e-12 * size)
    if forward.start.sum() > 0.0 < forward.end.sum():
        assert forward.log_ratio.sum() == pytest.approx(
            np.log(forward.end.sum() / forward.start.sum()), abs=1e-9
        )
        np.testing.assert_allclose(forward.log_ratio, -backward.log_ratio, atol=1e-9)
    parts = [lmdi(first[i : i + 1], second[i : i + 1], names).additive for i in range(len(first))]
    np.testing.assert_allclose(np.sum(parts, axis=0), forward.additive, atol=1e-12 * size)


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_zeros_are_the_limit_of_small_values(pair: tuple[np.ndarray, np.ndarray]) -> None:
    """All zeros replaced by one small number d: the error falls like 1 / ln(1 / d), to the limit."""
    first, second = pair
    names = [str(k) for k in range(first.shape[1])]
    exact = lmdi(first, second, names).by_category
    size = max(1.0, float(np.abs(exact).max()))

    def near(small: float) -> np.ndarray:
        x0, xt = (np.where(side == 0.0, small, side) for side in (first, second))
        v0, vt = x0.prod(axis=1), xt.prod(axis=1)
        return logarithmic_mean(vt, v0)[:, None] * np.log(xt / x0)

    one, two = near(1e-35), near(1e-70)
    # Richardson in 1 / ln(1 / d): the first-order error goes away
    assert np.abs(2.0 * two - one - exact).max() <= 0.1 * size
    assert np.abs(two - exact).max() <= np.abs(one - exact).max() + 1e-9 * size


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # factor (first column) and a second factor that stays 2, or is zero in one or both periods
        ([0.0, 2.0], [3.0, 2.0], [6.0, 0.0]),  # comes: all to the factor that comes
        ([3.0, 2.0], [0.0, 2.0], [-6.0, 0.0]),  # goes
        ([0.0, 2.0], [0.0, 2.0], [0.0, 0.0]),  # zero in both
        ([1.0, 0.0], [3.0, 2.0], [0.0, 6.0]),  # positive in both while the aggregate comes
        ([1.0, 2.0], [3.0, 0.0], [0.0, -2.0]),  # positive in both while the aggregate goes
        ([1.0, 0.0], [3.0, 0.0], [0.0, 0.0]),  # positive in both, aggregate zero in both
        ([3.0, 0.0], [0.0, 0.0], [0.0, 0.0]),  # goes, aggregate zero in both
        ([0.0, 0.0], [3.0, 0.0], [0.0, 0.0]),  # comes, aggregate zero in both
        ([0.0, 0.0], [3.0, 2.0], [3.0, 3.0]),  # two come at once: in equal parts
    ],
)
def test_the_eight_cases_of_a_zero(first: list[float], second: list[float], expected: list[float]) -> None:
    change = lmdi(np.array([first]), np.array([second]), ("x", "y"))
    np.testing.assert_array_equal(change.by_category, [expected])


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-0.9, 9.0))
def test_logarithmic_mean(base: float, growth: float) -> None:
    other = base * (1.0 + growth)
    mean = float(logarithmic_mean(np.asarray(other), np.asarray(base)))
    assert mean >= np.sqrt(base * other) * (1 - 1e-12)
    assert mean <= (base + other) / 2 * (1 + 1e-12)
    if abs(growth) > 1e-3:
        assert mean == pytest.approx((other - base) / np.log(other / base), rel=1e-10)
    else:
        assert mean == pytest.approx(base * (1 + growth / 2 - growth**2 / 12), rel=1e-9)


def test_chain_sums_the_steps() -> None:
    series = np.stack([FIRST, SECOND, SECOND * 1.1, np.where(SECOND == 6.0, 0.0, SECOND)])
    *steps, whole = lmdi_chain(series, NAMES)
    assert len(steps) == 3
    np.testing.assert_allclose(whole.additive, np.sum([step.additive for step in steps], axis=0))
    assert whole.additive.sum() == pytest.approx(float((whole.end - whole.start).sum()), rel=1e-12)
    np.testing.assert_allclose(whole.multiplicative, np.prod([step.multiplicative for step in steps], axis=0))
    assert total_ratio(whole) == pytest.approx(float(whole.end.sum() / whole.start.sum()), rel=1e-12)
    with pytest.raises(MethodError) as caught:
        lmdi_chain(series[:1], NAMES)
    assert caught.value.code == "accounts.lmdi_short"


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(MethodError) as caught:
        lmdi(-FIRST, np.where(SECOND == 6.0, np.nan, SECOND), NAMES)
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"accounts.lmdi_negative", "accounts.decomposition_not_finite"}
    assert caught.value.problems[0].values["rows"] == [1, 2]
    with pytest.raises(MethodError) as caught:
        lmdi(FIRST, SECOND[:1], NAMES)
    assert caught.value.code == "accounts.decomposition_shapes"
    gone = lmdi(FIRST, SECOND * [0.0, 1.0, 1.0], NAMES)
    assert np.isnan(gone.multiplicative).all()
    with pytest.raises(MethodError) as caught:
        total_ratio(gone)
    assert caught.value.code == "accounts.lmdi_no_ratio"
    with pytest.raises(MethodError) as caught:
        lmdi(FIRST * 1e-200, SECOND * 1e-200, NAMES)
    assert caught.value.code == "accounts.lmdi_out_of_range"
