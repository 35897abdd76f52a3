"""Aggregating and splitting: sums stay, aggregation undoes splitting, multipliers drift as the textbook says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lvshu.accounts.methods.compile.aggregation import aggregate_table, aggregation_bias, check_bridge
from lvshu.accounts.methods.compile.disaggregation import split_sector
from lvshu.core.errors import MethodError

# github.com/IndEcol/pySUT, pysut/pySUT_UnitTest.py: rows of a use table added by a bridge, then put in another order
PYSUT_USE = np.array([[12, 4, 5, 1, 0], [1, 1, 1, 0, 0], [0.5, 0, 1, 0, 1], [0, 0, 0.5, 0, 0], [1, 0, 0, 0, 0],
                      [0, 1, 1, 1, 0]])  # fmt: skip
PYSUT_BRIDGE = np.array([[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0],
                         [0, 0, 0, 0, 0, 1.0]]).T  # fmt: skip
PYSUT_ADDED = [[12, 4, 5, 1, 0], [1, 1, 1, 0, 0], [0.5, 0, 1.5, 0, 1], [1, 0, 0, 0, 0], [0, 1, 1, 1, 0]]


def test_pysut_aggregation() -> None:
    found = aggregate_table(
        np.zeros((6, 6)), PYSUT_USE, PYSUT_USE.sum(axis=1), np.zeros((0, 6)), PYSUT_BRIDGE
    )
    np.testing.assert_array_equal(found.final_demand, PYSUT_ADDED)


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.random.Generator]:
    generator = np.random.default_rng(draw(st.integers(0, 100_000)))
    n, c = draw(st.integers(2, 8)), draw(st.integers(1, 3))
    use, final = generator.uniform(0, 10, (n, n)), generator.uniform(-2, 60, (n, c))
    output = use.sum(axis=1) + final.sum(axis=1)
    rows = np.vstack([0.4 * (output - use.sum(axis=0)), 0.6 * (output - use.sum(axis=0))])
    return use, final, output, rows, generator


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(1, 4))
def test_totals_stay_and_rows_still_balance(table: tuple[np.ndarray, ...], m: int) -> None:
    use, final, output, rows, generator = table
    bridge = generator.random((len(use), m)) ** 4
    bridge /= bridge.sum(axis=1, keepdims=True)
    found = aggregate_table(use, final, output, rows, bridge)
    np.testing.assert_allclose(found.intermediate_use.sum(), use.sum())
    np.testing.assert_allclose(found.final_demand.sum(axis=0), final.sum(axis=0))
    np.testing.assert_allclose(found.rows.sum(axis=1), rows.sum(axis=1))
    np.testing.assert_allclose(
        found.intermediate_use.sum(axis=1) + found.final_demand.sum(axis=1), found.output
    )
    np.testing.assert_allclose(found.intermediate_use.sum(axis=0) + found.rows.sum(axis=0), found.output)
    thin = aggregate_table(sparse.csr_array(use), final, output, rows, sparse.csr_array(bridge))
    np.testing.assert_allclose(thin.intermediate_use.toarray(), found.intermediate_use)


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(1, 4), st.booleans(), st.booleans(), st.booleans())
def test_aggregating_the_parts_gives_the_table_back(
    table: tuple[np.ndarray, ...], k: int, sales: bool, inputs: bool, own: bool
) -> None:
    use, final, output, rows, generator = table
    n, c = final.shape
    sector = int(generator.integers(n))
    weights = generator.uniform(0.2, 1.0, k)
    weights /= weights.sum()
    found = split_sector(
        use, final, output, rows, sector, weights,
        sales_proxy=weights[:, None] * generator.uniform(0.8, 1.2, (k, n + c)) if sales else None,
        input_proxy=weights * generator.uniform(0.8, 1.2, (n + 2, k)) if inputs else None,
        own_proxy=generator.uniform(0.5, 1.0, (k, k)) if own else None,
    )  # fmt: skip
    bridge = np.zeros((n + k - 1, n))
    for place in range(n + k - 1):
        bridge[place, place if place < sector else max(sector, place - k + 1)] = 1.0
    back = aggregate_table(found.intermediate_use, found.final_demand, found.output, found.rows, bridge)
    np.testing.assert_allclose(back.intermediate_use, use, atol=1e-6)
    np.testing.assert_allclose(back.final_demand, final, atol=1e-6)
    np.testing.assert_allclose(back.rows, rows, atol=1e-6)
    np.testing.assert_allclose(found.output[sector : sector + k], weights * output[sector])
    np.testing.assert_allclose(
        found.intermediate_use.sum(axis=1) + found.final_demand.sum(axis=1), found.output, atol=1e-6
    )
    np.testing.assert_allclose(
        found.intermediate_use.sum(axis=0) + found.rows.sum(axis=0), found.output, atol=1e-6
    )


def test_a_proxy_that_says_who_buys_is_followed() -> None:
    use, final = np.array([[10.0, 30.0], [20.0, 5.0]]), np.array([[60.0], [75.0]])
    output = np.array([100.0, 100.0])
    rows = (output - use.sum(axis=0))[None]
    found = split_sector(
        use, final, output, rows, 0, np.array([0.35, 0.65]), sales_proxy=np.array([[1, 1, 0], [1, 0, 1.0]])
    )
    np.testing.assert_allclose(found.intermediate_use[:2, 2], [30.0, 0.0])
    np.testing.assert_allclose(found.final_demand[:2, 0], [0.0, 60.0])
    np.testing.assert_allclose(found.intermediate_use[:2, :2].sum(axis=1), [5.0, 5.0], atol=1e-8)


def test_splitting_is_refused_in_words() -> None:
    use, final, output = (
        np.array([[10.0, 30.0], [20.0, 5.0]]),
        np.array([[60.0], [75.0]]),
        np.array([100.0, 100.0]),
    )
    rows = (output - use.sum(axis=0))[None]
    with pytest.raises(MethodError) as caught:
        split_sector(use, final, output, rows + 1.0, 0, np.array([0.4, 0.5]))
    assert [problem.code for problem in caught.value.problems] == [
        "accounts.split_weights",
        "accounts.split_unbalanced",
    ]
    assert "0.9" in caught.value.text("en")
    assert "101" in caught.value.text("zh")


def test_bias_is_none_for_sectors_of_one_technology_and_told_otherwise() -> None:
    """Miller and Blair (2009), section 4.9: identical input structures aggregate without bias."""
    use = np.array([[10.0, 20.0, 5.0], [4.0, 8.0, 7.0], [6.0, 12.0, 9.0]])
    output = np.array([50.0, 100.0, 80.0])
    bridge = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    intensity = np.array([0.5, 0.5, 0.1])
    demand = output - use.sum(axis=1)
    found = aggregation_bias(use, output, intensity, demand, bridge)
    np.testing.assert_allclose(found.bias, 0.0, atol=1e-12)
    found = aggregation_bias(
        use, output, np.array([0.9, 0.1, 0.1]), demand, bridge, new_names=["goods", "services"]
    )
    coefficients = use / output
    fine = np.array([0.9, 0.1, 0.1]) @ np.linalg.inv(np.eye(3) - coefficients)
    np.testing.assert_allclose(found.fine[0], fine[:2] @ demand[:2] / demand[:2].sum())
    assert abs(found.bias[0]) > 1e-3
    assert "goods" in found.problem.text("en")


def test_bridges_are_checked() -> None:
    with pytest.raises(MethodError) as caught:
        check_bridge(np.array([[0.0, 0.0], [0.5, 0.4], [1.5, -0.5]]), old_names=["coal", "oil", "gas"])
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["accounts.bridge_unmatched", "accounts.bridge_weights", "accounts.bridge_negative"]
    assert "oil (0.9)" in caught.value.text("en")
    told = check_bridge(np.array([[1.0, 0.0]]), new_names=["all", "none"])
    assert told[0].severity == "notice"
    assert "none" in told[0].text("zh")
